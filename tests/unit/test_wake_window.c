/* dataset/wake_window: what windows hold, where phrases end, how loud all is, and what rooms and
 * microphones do to it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/check.h"
#include "unit/wake_fixture.h"

static void windows_hold_what_they_say(void **state)
{
    const ws_wake_options options = wake_make_options();
    ws_wake_source *source = wake_open(&options);
    size_t n_of[WS_WAKE_N_KINDS] = {0};

    (void)state;
    for (uint32_t row = 0; row < WAKE_N_ROWS; row++) {
        const ws_wake_window window = wake_make(source, 3, row);
        const float weights[] = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f};
        n_of[window.kind]++;
        assert_int_equal(window.label, window.kind == WS_WAKE_POSITIVE);
        assert_true(window.weight == weights[window.kind]);
        const double phrase = wake_tone_power(wake_samples, WAKE_WINDOW, wake_phrase_hz);
        const double speech = wake_tone_power(wake_samples, WAKE_WINDOW, wake_speech_hz);
        const double noise = wake_tone_power(wake_samples, WAKE_WINDOW, wake_noise_hz);
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
    ws_wake_options options = wake_make_options();
    enum { PIECE = 800, LENGTH = 8000 };
    size_t n_parts = 0, least = WAKE_WINDOW, most = 0;

    (void)state;
    options.speed_change = 0.2;
    options.tempo_change = 0.15;
    ws_wake_source *source = wake_open(&options);
    for (uint32_t row = 0; row < WAKE_N_ROWS; row++) {
        const ws_wake_window window = wake_make(source, 9, row);
        if (window.kind != WS_WAKE_POSITIVE && window.kind != WS_WAKE_NEAR)
            continue;
        const double expected =
            ws_wake_source_recording(source, window.recording).kind == WS_WAKE_POSITIVE
                ? wake_phrase_hz
                : wake_near_hz;
        const size_t end = WAKE_WINDOW - window.lag;
        double power[2] = {0.0, 0.0}, whole = 0.0; /* before and after, at any speed */
        for (int k = -20; k <= 20; k++) {
            const double hz = expected * (1.0 + k / 100.0);
            power[0] = fmax(power[0], wake_tone_power(wake_samples + end - 1600, PIECE, hz));
            if (window.lag > 1600)
                power[1] =
                    fmax(power[1], wake_tone_power(wake_samples + end + 800, window.lag - 800, hz));
            whole = fmax(whole, wake_tone_power(wake_samples + end - 8000, PIECE, hz));
        }
        assert_true(window.lag <= WAKE_MOST_LAG);
        least = window.lag < least ? window.lag : least;
        most = window.lag > most ? window.lag : most;
        assert_true(power[0] > 5e-4);
        assert_true(power[1] < power[0] / 8.0);
        n_parts += window.kind == WS_WAKE_NEAR && expected == wake_phrase_hz;
        if (window.kind == WS_WAKE_NEAR && expected == wake_phrase_hz)
            assert_true(whole < power[0] / 8.0); /* at most 70 % of 500 ms at a speed of 0.7 */
    }
    assert_true(least < WAKE_MOST_LAG / 10 && most > WAKE_MOST_LAG * 9 / 10);
    assert_in_range(n_parts, 5, 60);
    ws_wake_source_destroy(source);
}

static void levels_and_noise_are_as_asked(void **state)
{
    ws_wake_options options = wake_make_options();

    (void)state;
    options.noise_share = 1.0;
    options.snr = (ws_noise_snr){.is_wanted = true, .low = 10.0, .high = 10.0};
    options.low_dbfs = options.high_dbfs = -25.0;
    options.n_folders = 4;
    wake_folders[0].share = wake_folders[1].share = wake_folders[3].share = 0.0;
    options.silence_share = 0.0;
    ws_wake_source *source = wake_open(&options);
    size_t n_noise = 0;
    for (uint32_t row = 0; row < 100; row++) {
        assert_int_equal(wake_make(source, 1, row).kind, WS_WAKE_SPEECH);
        const double noise =
            10.0 * log10(wake_tone_power(wake_samples, WAKE_WINDOW, wake_noise_hz) + 1e-12);
        const double speech =
            10.0 * log10(wake_tone_power(wake_samples, WAKE_WINDOW, wake_speech_hz));
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
    ws_wake_options options = wake_make_options();
    size_t n_speech = 0, n_with_phrase = 0;

    (void)state;
    options.shuffle_share = 0.5;
    ws_wake_source *source = wake_open(&options);
    for (uint32_t row = 0; row < 3 * WAKE_N_ROWS; row++) {
        const ws_wake_window window = wake_make(source, 5, row);
        if (window.kind != WS_WAKE_SPEECH)
            continue;
        const double phrase = wake_tone_power(wake_samples, WAKE_WINDOW, wake_phrase_hz);
        double power = 0.0;
        for (size_t i = 0; i < WAKE_WINDOW; i++)
            power += (double)wake_samples[i] * (double)wake_samples[i] / WAKE_WINDOW;
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

static void rooms_and_microphones_change_what_is_heard(void **state)
{
    ws_wake_options options = wake_make_options();
    static float dry[WAKE_WINDOW];
    size_t n_rooms = 0, n_microphones = 0;

    (void)state;
    wake_folders[1].share = wake_folders[2].share = wake_folders[3].share = options.silence_share =
        0.0;
    ws_wake_source *plain = wake_open(&options);
    options.room_share = 1.0;
    ws_wake_source *room = wake_open(&options);
    options.room_share = 0.0;
    options.microphone_share = 1.0;
    ws_wake_source *microphone = wake_open(&options);
    for (uint32_t row = 0; row < 40; row++) {
        ws_wake_window window = wake_make(plain, 1, row);
        const size_t end = WAKE_WINDOW - window.lag;
        const double loud = wake_tone_power(wake_samples + end - 4000, 2000, wake_phrase_hz);
        memcpy(dry, wake_samples, sizeof dry);
        window = wake_make(room, 1, row);
        assert_int_equal(WAKE_WINDOW - window.lag, end);
        n_rooms += memcmp(dry, wake_samples, sizeof dry) != 0;
        const double in_room = wake_tone_power(wake_samples + end - 4000, 2000, wake_phrase_hz);
        assert_true(in_room > loud / 30.0 && in_room < loud * 30.0);
        /* the direct wake_sound begins where it began: nothing is heard long before it */
        const double early = wake_tone_power(wake_samples + end - 10000, 1200, wake_phrase_hz);
        assert_true(early < in_room / 100.0);
        (void)wake_make(microphone, 1, row);
        n_microphones += memcmp(dry, wake_samples, sizeof dry) != 0;
    }
    assert_int_equal(n_rooms, 40);
    assert_int_equal(n_microphones, 40);
    ws_wake_source_destroy(plain);
    ws_wake_source_destroy(room);
    ws_wake_source_destroy(microphone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FOLDERS(windows_hold_what_they_say),
        ON_FOLDERS(phrases_end_where_they_should),
        ON_FOLDERS(levels_and_noise_are_as_asked),
        ON_FOLDERS(shuffled_speech_has_pieces_of_phrases),
        ON_FOLDERS(rooms_and_microphones_change_what_is_heard),
    };
    return cmocka_run_group_tests_name("wake_window", tests, NULL, NULL);
}
