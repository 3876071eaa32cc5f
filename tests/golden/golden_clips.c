#include "golden/golden_clips.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/sound.h"

const golden_clip golden_clips[N_GOLDEN_CLIPS] = {
    {"yes_422d3197_nohash_0", 16000, 16000, NULL, 0},
    {"no_26b28ea7_nohash_0", 16000, 16000, NULL, 0},
    {"down_4a0e2c16_nohash_0", 16000, 16000, NULL, 0},
    {"go_26b28ea7_nohash_1", 16000, 16000, NULL, 0},
    {"left_012c8314_nohash_0", 16000, 16000, NULL, 0},
    {"right_012c8314_nohash_0", 16000, 16000, NULL, 0},
    {"sine16k", 16000, 16000, "sine16k.wav", 0},
    {"sine8k", 8000, 8000, "sine8k.wav", 0},
    {"sine44k", 44100, 44100, "sine44k.wav", 0},
    {"sine44k_read_as_16k", 16000, 44100, "sine44k.wav", 5},
    {"short16k", 16000, 16000, "short16k.wav", 0},
    {"long16k", 16000, 16000, "long16k.wav", 0},
    {"zero16k", 16000, 16000, "zero16k.wav", 0},
};

void read_golden(const char *folder, const char *name, ws_npy *npy)
{
    char path[2048];
    ws_error err;
    (void)snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    if (ws_npy_read(path, npy, &err) != WS_OK)
        fail_msg("%s", err.message);
}

float *read_golden_samples(const char *folder, const golden_clip *clip, size_t n)
{
    char path[1024];
    float *samples = calloc(n, sizeof *samples);
    assert_non_null(samples);
    if (clip->wav == NULL) {
        ws_npy npy;
        (void)snprintf(path, sizeof path, "%s.samples", clip->name);
        read_golden(folder, path, &npy);
        assert_int_equal(npy.n_items, n);
        memcpy(samples, ws_npy_f4(&npy), n * sizeof *samples);
        ws_npy_deinit(&npy);
    } else {
        ws_sound sound;
        (void)snprintf(path, sizeof path, "%s/%s", folder, clip->wav);
        assert_int_equal(ws_sound_read(path, n, &sound, NULL), WS_OK);
        assert_int_equal(sound.sample_rate_hz, clip->header_rate_hz);
        memcpy(samples, sound.samples, sound.n_samples * sizeof *samples);
        ws_sound_deinit(&sound);
    }
    return samples;
}

void make_golden_tone(float samples[16000])
{
    for (int i = 0; i < 16000; i++)
        samples[i] =
            (float)(round(16384.0 * sin(2.0 * 3.14159265358979323846 * 440.0 * i / 16000.0)) /
                    32768.0);
}
