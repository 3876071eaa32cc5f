/* dataset/wake_source: what windows hold, where phrases end, which speakers are heard, and that
 * neither the order nor the number of threads changes a bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "base/file.h"
#include "dataset/wake_source.h"
#include "support/allocations.h"
#include "support/check.h"
#include "support/sound_file.h"

enum {
    RATE_HZ = 16000,
    WINDOW = 2 * RATE_HZ,
    MOST_LAG = 4000,
    LONG = 5 * RATE_HZ,
    N_ROWS = 400,
    N_PHRASES = 20,
};

/* Each kind of recording is a tone, so that one can tell what is in a window. */
static const double pi = 3.14159265358979323846, phrase_hz = 1000.0, near_hz = 1500.0,
                    speech_hz = 2500.0, noise_hz = 5000.0;

static float sound[LONG], window_samples[WINDOW];
static char dirs[4][512];

static void add_tone(float *out, size_t start, size_t end, double hz, double amplitude)
{
    for (size_t i = start; i < end; i++)
        out[i] += (float)(amplitude * sin(2.0 * pi * hz * (double)i / RATE_HZ));
}

static void write_sound(const char *dir, const char *name, int rate_hz, size_t n)
{
    char path[1024];
    const ws_test_sound file = {.kind = WS_TEST_WAV_16,
                                .sample_rate_hz = rate_hz,
                                .n_channels = 1,
                                .samples = sound,
                                .n_frames = n};

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ws_test_sound_write(path, &file);
}

/** A clip of 1.5 s with a phrase from 0.6 to 1.1 s. */
static void write_phrase(const char *dir, const char *name, double hz)
{
    memset(sound, 0, sizeof sound);
    add_tone(sound, 9600, 17600, hz, 0.3);
    write_sound(dir, name, RATE_HZ, 24000);
}

static int make_folders(void **state)
{
    static const char *const names[] = {"yes", "near", "speech", "noise"};
    char name[64];

    (void)ws_test_dir_set_up(state);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(dirs[i], sizeof dirs[i], "%s/%s", ws_test_dir, names[i]);
        assert_int_equal(ws_dir_create_all(dirs[i], NULL), WS_OK);
    }
    for (int i = 0; i < N_PHRASES; i++) {
        (void)snprintf(name, sizeof name, "s%02d_nohash_0.wav", i);
        write_phrase(dirs[0], name, phrase_hz);
        write_phrase(dirs[1], name, near_hz);
    }
    memset(sound, 0, sizeof sound);
    add_tone(sound, 0, LONG, speech_hz, 0.2);
    write_sound(dirs[2], "reader.wav", RATE_HZ, LONG);
    memset(sound, 0, sizeof sound);
    add_tone(sound, 0, LONG, noise_hz, 0.1);
    write_sound(dirs[3], "saw.wav", RATE_HZ, 9600);
    return 0;
}

static ws_wake_folder folders[4];

/** Clean phrases and the rest, without any change of speed. */
static ws_wake_options make_options(void)
{
    folders[0] = (ws_wake_folder){dirs[0], WS_WAKE_POSITIVE, 1, 2.0, 1.0f};
    folders[1] = (ws_wake_folder){dirs[1], WS_WAKE_NEAR, 0, 1.0, 2.0f};
    folders[2] = (ws_wake_folder){dirs[2], WS_WAKE_SPEECH, 0, 1.0, 3.0f};
    folders[3] = (ws_wake_folder){dirs[3], WS_WAKE_NOISE, 0, 0.5, 4.0f};
    return (ws_wake_options){
        .folders = folders,
        .n_folders = 4,
        .silence_share = 0.5,
        .silence_weight = 5.0f,
        .sample_rate_hz = RATE_HZ,
        .n_samples = WINDOW,
        .end_samples = MOST_LAG,
        .part_share = 0.3,
        .snr = {.is_wanted = true, .low = 0.0, .high = 20.0},
        .low_dbfs = -30.0,
        .high_dbfs = -20.0,
        .seed = 7,
        .n_threads = 1,
        .level = ws_cpu_level_get_best(),
    };
}

static ws_wake_source *create(const ws_wake_options *options)
{
    ws_wake_source *source = NULL;
    ws_error err = {.status = WS_OK};

    if (ws_wake_source_create(options, &source, &err) != WS_OK)
        fail_msg("%s", err.message);
    return source;
}

static ws_wake_window make(ws_wake_source *source, uint64_t step, uint32_t row)
{
    ws_wake_window window = {.samples = window_samples};

    ws_wake_source_make(source, 0, step, row, &window);
    return window;
}

/** The power of a tone in samples [n]: against a pointer that turns with it. */
static double tone_power(const float *samples, size_t n, double hz)
{
    const double c = cos(2.0 * pi * hz / RATE_HZ), s = sin(2.0 * pi * hz / RATE_HZ);
    double x = 1.0, y = 0.0, sum_x = 0.0, sum_y = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double turned = c * x - s * y;
        sum_x += (double)samples[i] * x;
        sum_y += (double)samples[i] * y;
        y = s * x + c * y;
        x = turned;
    }
    return 2.0 * (sum_x * sum_x + sum_y * sum_y) / ((double)n * (double)n);
}

static void windows_hold_what_they_say(void **state)
{
    const ws_wake_options options = make_options();
    ws_wake_source *source = create(&options);
    size_t n_of[WS_WAKE_N_KINDS] = {0};

    (void)state;
    for (uint32_t row = 0; row < N_ROWS; row++) {
        const ws_wake_window window = make(source, 3, row);
        const float weights[] = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f};
        n_of[window.kind]++;
        assert_int_equal(window.label, window.kind == WS_WAKE_POSITIVE);
        assert_true(window.weight == weights[window.kind]);
        const double phrase = tone_power(window_samples, WINDOW, phrase_hz);
        const double speech = tone_power(window_samples, WINDOW, speech_hz);
        const double noise = tone_power(window_samples, WINDOW, noise_hz);
        if (window.kind == WS_WAKE_SILENCE) {
            assert_true(window.recording == SIZE_MAX);
            continue;
        }
        assert_int_equal(ws_wake_source_recording(source, window.recording).kind,
                         window.kind == WS_WAKE_NEAR && phrase > 1e-6 ? WS_WAKE_POSITIVE
                                                                      : window.kind);
        assert_true(window.kind != WS_WAKE_POSITIVE || phrase > 1e-5);
        assert_true(window.kind != WS_WAKE_SPEECH || (speech > 1e-4 && phrase < 1e-7));
        assert_true((window.kind == WS_WAKE_NOISE) == (noise > 1e-9));
    }
    /* shares of 2, 1, 1, 0.5 and 0.5 of 5: within five deviations */
    assert_in_range(n_of[WS_WAKE_POSITIVE], 111, 209);
    assert_in_range(n_of[WS_WAKE_NEAR], 40, 120);
    assert_in_range(n_of[WS_WAKE_SPEECH], 40, 120);
    assert_in_range(n_of[WS_WAKE_NOISE], 10, 70);
    assert_in_range(n_of[WS_WAKE_SILENCE], 10, 70);
    ws_wake_source_destroy(source);
}

/* Before the place that the window names there is the tone, after it there is not: at all speeds.
 * A part of a phrase is shorter. */
static void phrases_end_where_they_should(void **state)
{
    ws_wake_options options = make_options();
    enum { PIECE = 800, LENGTH = 8000 };
    size_t n_parts = 0, least = WINDOW, most = 0;

    (void)state;
    options.speed_change = 0.2;
    options.tempo_change = 0.15;
    ws_wake_source *source = create(&options);
    for (uint32_t row = 0; row < N_ROWS; row++) {
        const ws_wake_window window = make(source, 9, row);
        if (window.kind != WS_WAKE_POSITIVE && window.kind != WS_WAKE_NEAR)
            continue;
        const double expected =
            ws_wake_source_recording(source, window.recording).kind == WS_WAKE_POSITIVE ? phrase_hz
                                                                                        : near_hz;
        const size_t end = WINDOW - window.lag;
        double power[2] = {0.0, 0.0}, whole = 0.0; /* before and after, at any speed */
        for (int k = -20; k <= 20; k++) {
            const double hz = expected * (1.0 + k / 100.0);
            power[0] = fmax(power[0], tone_power(window_samples + end - 1600, PIECE, hz));
            if (window.lag > 1600)
                power[1] =
                    fmax(power[1], tone_power(window_samples + end + 800, window.lag - 800, hz));
            whole = fmax(whole, tone_power(window_samples + end - 8000, PIECE, hz));
        }
        assert_true(window.lag <= MOST_LAG);
        least = window.lag < least ? window.lag : least;
        most = window.lag > most ? window.lag : most;
        assert_true(power[0] > 5e-4);
        assert_true(power[1] < power[0] / 8.0);
        n_parts += window.kind == WS_WAKE_NEAR && expected == phrase_hz;
        if (window.kind == WS_WAKE_NEAR && expected == phrase_hz)
            assert_true(whole < power[0] / 8.0); /* at most 70 % of 500 ms at a speed of 0.7 */
    }
    assert_true(least < MOST_LAG / 10 && most > MOST_LAG * 9 / 10);
    assert_in_range(n_parts, 5, 60);
    ws_wake_source_destroy(source);
}

static void levels_and_noise_are_as_asked(void **state)
{
    ws_wake_options options = make_options();

    (void)state;
    options.noise_share = 1.0;
    options.snr = (ws_noise_snr){.is_wanted = true, .low = 10.0, .high = 10.0};
    options.low_dbfs = options.high_dbfs = -25.0;
    options.n_folders = 4;
    folders[0].share = folders[1].share = folders[3].share = 0.0;
    options.silence_share = 0.0;
    ws_wake_source *source = create(&options);
    size_t n_noise = 0;
    for (uint32_t row = 0; row < 100; row++) {
        assert_int_equal(make(source, 1, row).kind, WS_WAKE_SPEECH);
        const double noise = 10.0 * log10(tone_power(window_samples, WINDOW, noise_hz) + 1e-12);
        const double speech = 10.0 * log10(tone_power(window_samples, WINDOW, speech_hz));
        if (noise < -60.0)
            continue; /* other people's speech, which is the same tone here */
        n_noise++;
        assert_true(fabs(speech + 25.0) < 0.5);
        assert_true(fabs(noise + 35.0) < 1.0);
    }
    assert_in_range(n_noise, 60, 97);
    ws_wake_source_destroy(source);
}

/* Both tones, in a window that is as loud as asked. */
static void shuffled_speech_has_pieces_of_phrases(void **state)
{
    ws_wake_options options = make_options();
    size_t n_speech = 0, n_with_phrase = 0;

    (void)state;
    options.shuffle_share = 0.5;
    ws_wake_source *source = create(&options);
    for (uint32_t row = 0; row < 3 * N_ROWS; row++) {
        const ws_wake_window window = make(source, 5, row);
        if (window.kind != WS_WAKE_SPEECH)
            continue;
        const double phrase = tone_power(window_samples, WINDOW, phrase_hz);
        double power = 0.0;
        for (size_t i = 0; i < WINDOW; i++)
            power += (double)window_samples[i] * (double)window_samples[i] / WINDOW;
        assert_int_equal(window.label, 0);
        n_speech++;
        n_with_phrase += phrase > 1e-7;
        assert_true(power > pow(10.0, (options.low_dbfs - 6.0) / 10.0)); /* there are pauses */
        assert_true(power < pow(10.0, (options.high_dbfs + 6.0) / 10.0));
    }
    /* half of about 240: within five deviations */
    assert_in_range(n_speech, 160, 320);
    assert_in_range(n_with_phrase, n_speech / 2 - 40, n_speech / 2 + 40);
    ws_wake_source_destroy(source);
}

/** All windows of a step, by that number of threads. */
static void make_step(ws_wake_source *source, int n_threads, float *out)
{
#pragma omp parallel for num_threads(n_threads) schedule(dynamic)
    for (int row = 0; row < 40; row++) {
        ws_wake_window window = {.samples = out + (size_t)row * WINDOW};
        ws_wake_source_make(source, (size_t)omp_get_thread_num(), 5, (uint32_t)row, &window);
    }
}

static void order_and_threads_change_no_bit(void **state)
{
    ws_wake_options options = make_options();
    const size_t n = (size_t)40 * WINDOW;
    float *first = calloc(n, sizeof *first), *again = calloc(n, sizeof *again);

    (void)state;
    assert_true(first != NULL && again != NULL);
    options.n_threads = 4;
    options.speed_change = 0.15;
    options.tempo_change = 0.15;
    options.noise_share = 0.7;
    options.microphone_share = 0.5;
    options.room_share = 0.5;
    options.shuffle_share = 0.3;
    ws_wake_source *source = create(&options);
    make_step(source, 1, first);
    (void)make(source, 4, 17);
    for (int n_threads = 2; n_threads <= 4; n_threads++) {
        memset(again, 0, n * sizeof *again);
        make_step(source, n_threads, again);
        assert_memory_equal(first, again, n * sizeof *again);
    }
    const size_t before = ws_test_n_allocations();
    make_step(source, 1, again);
    assert_true(ws_test_n_allocations() == before || !ws_test_counts_allocations());
    ws_wake_source_destroy(source);
    options.room_share = 0.0; /* the FFT's last bits may differ between levels */
    source = create(&options);
    make_step(source, 1, first);
    ws_wake_source_destroy(source);
    for (size_t level = 0; level <= (size_t)ws_cpu_level_get_best(); level++) {
        options.level = (ws_cpu_level)level;
        source = create(&options);
        make_step(source, 2, again);
        assert_memory_equal(first, again, n * sizeof *again);
        ws_wake_source_destroy(source);
    }
    options.seed++;
    source = create(&options);
    make_step(source, 2, again);
    assert_memory_not_equal(first, again, n * sizeof *again);
    ws_wake_source_destroy(source);
    free(first);
    free(again);
}

static void no_speaker_is_in_two_sets(void **state)
{
    ws_wake_options options = make_options();
    size_t n[2];

    (void)state;
    options.validation_percentage = 30;
    options.n_folders = 2;
    for (size_t set = 0; set < 2; set++) {
        options.set = set == 0 ? WS_SET_TRAINING : WS_SET_VALIDATION;
        ws_wake_source *source = create(&options);
        n[set] = ws_wake_source_n_recordings(source);
        for (size_t i = 0; i < n[set]; i++)
            assert_int_equal(ws_split_find(ws_wake_source_recording(source, i).path, 30, 0),
                             options.set);
        ws_wake_source_destroy(source);
    }
    assert_true(n[0] > 0 && n[1] > 0);
    assert_int_equal(n[0] + n[1], 2 * N_PHRASES);
}

static void hard_places_are_heard(void **state)
{
    ws_wake_options options = make_options();
    size_t n_hard = 0;

    (void)state;
    memset(sound, 0, sizeof sound); /* one moment that is not like the rest */
    add_tone(sound, 0, LONG, speech_hz, 0.2);
    memset(sound + 40000, 0, 4000 * sizeof *sound);
    add_tone(sound, 40000, 44000, phrase_hz, 0.2);
    write_sound(dirs[2], "reader.wav", RATE_HZ, LONG);
    options.n_folders = 3;
    folders[0].share = folders[1].share = 0.0;
    options.silence_share = 0.0;
    ws_wake_source *source = create(&options);
    const size_t last = ws_wake_source_n_recordings(source) - 1;
    assert_int_equal(ws_wake_source_recording(source, last).kind, WS_WAKE_SPEECH);
    const ws_wake_place place = {.recording = last, .end = 48000};
    assert_int_equal(ws_wake_source_set_hard(source, &place, 1, 1.0, NULL), WS_OK);
    for (uint32_t row = 0; row < 100; row++) {
        assert_int_equal(make(source, 2, row).recording, last);
        n_hard += tone_power(window_samples, WINDOW, phrase_hz) > 1e-6;
    }
    assert_in_range(n_hard, 90, 100); /* up to an eighth of a window away, it is there */
    assert_int_equal(ws_wake_source_set_hard(source, NULL, 0, 1.0, NULL), WS_OK);
    n_hard = 0;
    for (uint32_t row = 0; row < 100; row++) {
        (void)make(source, 2, row);
        n_hard += tone_power(window_samples, WINDOW, phrase_hz) > 1e-6;
    }
    assert_in_range(n_hard, 20, 89);
    ws_wake_source_destroy(source);
}

static void rooms_and_microphones_change_what_is_heard(void **state)
{
    ws_wake_options options = make_options();
    static float dry[WINDOW];
    size_t n_rooms = 0, n_microphones = 0;

    (void)state;
    folders[1].share = folders[2].share = folders[3].share = options.silence_share = 0.0;
    ws_wake_source *plain = create(&options);
    options.room_share = 1.0;
    ws_wake_source *room = create(&options);
    options.room_share = 0.0;
    options.microphone_share = 1.0;
    ws_wake_source *microphone = create(&options);
    for (uint32_t row = 0; row < 40; row++) {
        ws_wake_window window = make(plain, 1, row);
        const size_t end = WINDOW - window.lag;
        const double loud = tone_power(window_samples + end - 4000, 2000, phrase_hz);
        memcpy(dry, window_samples, sizeof dry);
        window = make(room, 1, row);
        assert_int_equal(WINDOW - window.lag, end);
        n_rooms += memcmp(dry, window_samples, sizeof dry) != 0;
        const double in_room = tone_power(window_samples + end - 4000, 2000, phrase_hz);
        assert_true(in_room > loud / 30.0 && in_room < loud * 30.0);
        /* the direct sound begins where it began: nothing is heard long before it */
        const double early = tone_power(window_samples + end - 10000, 1200, phrase_hz);
        assert_true(early < in_room / 100.0);
        (void)make(microphone, 1, row);
        n_microphones += memcmp(dry, window_samples, sizeof dry) != 0;
    }
    assert_int_equal(n_rooms, 40);
    assert_int_equal(n_microphones, 40);
    ws_wake_source_destroy(plain);
    ws_wake_source_destroy(room);
    ws_wake_source_destroy(microphone);
}

/* Text that was logged, and an error's sentence. */
static char warnings[4096];

static void keep_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    assert_int_equal(level, WS_LOG_WARN);
    (void)snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", line);
}

static void what_cannot_be_used_is_named(void **state)
{
    static const ws_log log = {WS_LOG_INFO, keep_line, NULL};
    ws_wake_options options = make_options();
    ws_error err = {.status = WS_OK};
    char path[1024];
    ws_wake_source *source;

    (void)state;
    options.log = &log;
    warnings[0] = '\0';
    (void)snprintf(path, sizeof path, "%s/bad.wav", dirs[0]);
    ws_test_file_write(path, "RIFF", 4);
    memset(sound, 0, sizeof sound);
    write_sound(dirs[0], "empty.wav", RATE_HZ, RATE_HZ);
    source = create(&options);
    assert_non_null(strstr(warnings, "bad.wav"));
    assert_non_null(strstr(warnings, "empty.wav: nothing but silence"));
    char *text = ws_wake_source_text(source);
    assert_non_null(text);
    assert_non_null(strstr(text, "20 in "));
    free(text);
    ws_wake_source_destroy(source);
    options.strict = true;
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "bad.wav"));
    options.strict = false;
    folders[2].dir = "no/such/place";
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "no/such/place"));
    folders[2].dir = ws_test_dir;
    warnings[0] = '\0';
    options.max_samples = 30000;
    folders[1].share = folders[2].share = folders[3].share = 0.0;
    source = create(&options);
    assert_non_null(strstr(warnings, "reach their limit of 30000 samples"));
    ws_wake_source_destroy(source);
    options.end_samples = WINDOW;
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(windows_hold_what_they_say, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(phrases_end_where_they_should, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(levels_and_noise_are_as_asked, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(shuffled_speech_has_pieces_of_phrases, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(order_and_threads_change_no_bit, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(no_speaker_is_in_two_sets, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(hard_places_are_heard, make_folders, ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(rooms_and_microphones_change_what_is_heard, make_folders,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_used_is_named, make_folders,
                                        ws_test_dir_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
