#include "unit/wake_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/check.h"
#include "support/sound_file.h"

static const double pi = 3.14159265358979323846;

const double wake_phrase_hz = 1000.0, wake_near_hz = 1500.0, wake_speech_hz = 2500.0,
             wake_noise_hz = 5000.0;

float wake_sound[WAKE_LONG], wake_samples[WAKE_WINDOW];
char wake_dirs[4][512];
ws_wake_folder wake_folders[4];

void wake_add_tone(float *out, size_t start, size_t end, double hz, double amplitude)
{
    for (size_t i = start; i < end; i++)
        out[i] += (float)(amplitude * sin(2.0 * pi * hz * (double)i / WAKE_RATE_HZ));
}

void wake_write_sound(const char *dir, const char *name, int rate_hz, size_t n)
{
    char path[1024];
    const ws_test_sound file = {.kind = WS_TEST_WAV_16,
                                .sample_rate_hz = rate_hz,
                                .n_channels = 1,
                                .samples = wake_sound,
                                .n_frames = n};

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ws_test_sound_write(path, &file);
}

/** A clip of 1.5 s with a phrase from 0.6 to 1.1 s. */
static void write_phrase(const char *dir, const char *name, double hz)
{
    memset(wake_sound, 0, sizeof wake_sound);
    wake_add_tone(wake_sound, 9600, 17600, hz, 0.3);
    wake_write_sound(dir, name, WAKE_RATE_HZ, 24000);
}

int wake_make_folders(void **state)
{
    static const char *const names[] = {"yes", "near", "speech", "noise"};
    char name[64];

    (void)ws_test_dir_set_up(state);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(wake_dirs[i], sizeof wake_dirs[i], "%s/%s", ws_test_dir, names[i]);
        assert_int_equal(ws_dir_create_all(wake_dirs[i], NULL), WS_OK);
    }
    for (int i = 0; i < WAKE_N_PHRASES; i++) {
        (void)snprintf(name, sizeof name, "s%02d_nohash_0.wav", i);
        write_phrase(wake_dirs[0], name, wake_phrase_hz);
        write_phrase(wake_dirs[1], name, wake_near_hz);
    }
    memset(wake_sound, 0, sizeof wake_sound);
    wake_add_tone(wake_sound, 0, WAKE_LONG, wake_speech_hz, 0.2);
    wake_write_sound(wake_dirs[2], "reader.wav", WAKE_RATE_HZ, WAKE_LONG);
    memset(wake_sound, 0, sizeof wake_sound);
    wake_add_tone(wake_sound, 0, WAKE_LONG, wake_noise_hz, 0.1);
    wake_write_sound(wake_dirs[3], "saw.wav", WAKE_RATE_HZ, 9600);
    return 0;
}

ws_wake_options wake_make_options(void)
{
    wake_folders[0] = (ws_wake_folder){wake_dirs[0], WS_WAKE_POSITIVE, 1, 2.0, 1.0f};
    wake_folders[1] = (ws_wake_folder){wake_dirs[1], WS_WAKE_NEAR, 0, 1.0, 2.0f};
    wake_folders[2] = (ws_wake_folder){wake_dirs[2], WS_WAKE_SPEECH, 0, 1.0, 3.0f};
    wake_folders[3] = (ws_wake_folder){wake_dirs[3], WS_WAKE_NOISE, 0, 0.5, 4.0f};
    return (ws_wake_options){
        .folders = wake_folders,
        .n_folders = 4,
        .silence_share = 0.5,
        .silence_weight = 5.0f,
        .sample_rate_hz = WAKE_RATE_HZ,
        .n_samples = WAKE_WINDOW,
        .end_samples = WAKE_MOST_LAG,
        .part_share = 0.3,
        .snr = {.is_wanted = true, .low = 0.0, .high = 20.0},
        .low_dbfs = -30.0,
        .high_dbfs = -20.0,
        .seed = 7,
        .n_threads = 1,
        .level = ws_cpu_level_get_best(),
    };
}

ws_wake_source *wake_open(const ws_wake_options *options)
{
    ws_wake_source *source = NULL;
    ws_error err = {.status = WS_OK};

    if (ws_wake_source_create(options, &source, &err) != WS_OK)
        fail_msg("%s", err.message);
    return source;
}

ws_wake_window wake_make(ws_wake_source *source, uint64_t step, uint32_t row)
{
    ws_wake_window window = {.samples = wake_samples};

    ws_wake_source_make(source, 0, step, row, &window);
    return window;
}

/** Against a pointer that turns with the tone. */
double wake_tone_power(const float *samples, size_t n, double hz)
{
    const double c = cos(2.0 * pi * hz / WAKE_RATE_HZ), s = sin(2.0 * pi * hz / WAKE_RATE_HZ);
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
