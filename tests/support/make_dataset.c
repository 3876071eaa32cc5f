/*
 * make_dataset DIR WORD...: a data set that any machine can make in no time, for tests: each word
 * is a tone of its own, said by 30 speakers of different pitch and level, over a little noise. Two
 * files of background noise beside them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/random.h"

enum { RATE_HZ = 16000, N_SPEAKERS = 30, N_NOISES = 2, MAX_SAMPLES = 3 * RATE_HZ };

static const double pi = 3.14159265358979323846;

static void fail(const ws_error *err)
{
    fprintf(stderr, "make_dataset: %s\n", err->message);
    exit(1);
}

static void write_sound(const char *dir, const char *folder, const char *name, const float *samples,
                        size_t n_samples)
{
    char path[512];
    ws_error err;
    (void)snprintf(path, sizeof path, "%s/%s", dir, folder);
    if (ws_dir_create_all(path, &err) != WS_OK)
        fail(&err);
    (void)snprintf(path, sizeof path, "%s/%s/%s.wav", dir, folder, name);
    if (ws_sound_write(path, samples, n_samples, RATE_HZ, &err) != WS_OK)
        fail(&err);
}

/** One clip: a gliding tone at 300 Hz and 200 Hz more for each word before, with an overtone. */
static void write_clip(const char *dir, const char *word, unsigned word_index, unsigned speaker)
{
    static float samples[RATE_HZ];
    char name[64];
    ws_random random;
    ws_random_init(&random, 1, WS_RANDOM_TEST, word_index, speaker);
    const double base_hz = (300.0 + 200.0 * word_index) * (0.95 + 0.1 * ws_random_uniform(&random));
    const double level = 0.2 + 0.3 * ws_random_uniform(&random);
    const size_t start = 2000 + ws_random_below(&random, 3000);
    const size_t length = 7000 + ws_random_below(&random, 3000);

    for (size_t i = 0; i < RATE_HZ; i++) {
        const double t = (double)i / RATE_HZ;
        const double phase = 2.0 * pi * base_hz * (t + 0.1 * t * t);
        const double envelope =
            i < start || i >= start + length ? 0.0 : sin(pi * (double)(i - start) / (double)length);
        const double noise = ws_random_uniform(&random) - 0.5;
        samples[i] =
            (float)(level * envelope * (sin(phase) + 0.4 * sin(2.0 * phase)) + 0.01 * noise);
    }
    (void)snprintf(name, sizeof name, "%08x_nohash_0", 0x10000000u + speaker * 0x1234567u);
    write_sound(dir, word, name, samples, RATE_HZ);
}

static void write_noise(const char *dir, unsigned index)
{
    static float samples[MAX_SAMPLES];
    char name[32];
    ws_random random;
    double low = 0;
    ws_random_init(&random, 2, WS_RANDOM_TEST, 0, index);
    for (size_t i = 0; i < MAX_SAMPLES; i++) {
        low += (index == 0 ? 1.0 : 0.1) * (ws_random_uniform(&random) - 0.5 - low);
        samples[i] = (float)(0.5 * low);
    }
    (void)snprintf(name, sizeof name, "noise_%u", index);
    write_sound(dir, "_background_noise_", name, samples, MAX_SAMPLES);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "Usage: make_dataset DIR WORD...\n");
        return 2;
    }
    for (unsigned word = 2; word < (unsigned)argc; word++)
        for (unsigned speaker = 0; speaker < N_SPEAKERS; speaker++)
            write_clip(argv[1], argv[word], word - 2, speaker);
    for (unsigned i = 0; i < N_NOISES; i++)
        write_noise(argv[1], i);
    return 0;
}
