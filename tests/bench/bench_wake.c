/* Times the windows of a wake word: bench_wake positives speech noise. A line each: with which
 * augmentation, and how many seconds of sound come out in a second of one thread (processor time);
 * then of two threads (time on the clock). */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "dataset/wake_source.h"

enum { RATE_HZ = 16000, SECONDS = 2, N_WINDOWS = 400 };

/** What is timed: shares of windows with each augmentation. */
static const struct {
    const char *name;
    double noise, room, microphone, speed, tempo;
} rows[] = {
    {"nothing", 0.0, 0.0, 0.0, 0.0, 0.0},
    {"noise", 1.0, 0.0, 0.0, 0.0, 0.0},
    {"speeds", 0.0, 0.0, 0.0, 0.15, 0.0},
    {"tempos, half of voices", 0.0, 0.0, 0.0, 0.0, 0.15},
    {"microphones", 0.0, 0.0, 1.0, 0.0, 0.0},
    {"rooms", 0.0, 1.0, 0.0, 0.0, 0.0},
    {"as in a training", 0.7, 0.5, 0.5, 0.1, 0.1},
    {"all in all", 1.0, 1.0, 1.0, 0.15, 0.15},
};

static ws_wake_source *create(const ws_wake_folder *folders, size_t row)
{
    const ws_wake_options options = {
        .folders = folders,
        .n_folders = 3,
        .silence_share = 0.05,
        .sample_rate_hz = RATE_HZ,
        .n_samples = SECONDS * RATE_HZ,
        .end_samples = RATE_HZ / 3,
        .noise_share = rows[row].noise,
        .snr = {true, 0.0, 20.0},
        .room_share = rows[row].room,
        .microphone_share = rows[row].microphone,
        .speed_change = rows[row].speed,
        .tempo_change = rows[row].tempo,
        .low_dbfs = -40.0,
        .high_dbfs = -15.0,
        .seed = 1,
        .n_threads = 2,
        .level = ws_cpu_level_get_best(),
    };
    ws_wake_source *source;
    ws_error err;

    bench_check(ws_wake_source_create(&options, &source, &err), &err);
    return source;
}

/** Makes the windows of a step. */
static void run(ws_wake_source *source, int n_threads, float *samples)
{
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int i = 0; i < N_WINDOWS; i++) {
        const size_t thread = (size_t)omp_get_thread_num();
        ws_wake_window window = {.samples = samples + thread * SECONDS * RATE_HZ};
        ws_wake_source_make(source, thread, 1, (uint32_t)i, &window);
    }
}

int main(int argc, char **argv)
{
    float *samples = bench_memory(sizeof(float) * 2 * SECONDS * RATE_HZ);

    if (argc != 4) {
        fprintf(stderr, "expected: bench_wake positives speech noise\n");
        return 2;
    }
    const ws_wake_folder folders[] = {{argv[1], WS_WAKE_POSITIVE, 1, 1.0, 1.0f},
                                      {argv[2], WS_WAKE_SPEECH, 0, 1.0, 1.0f},
                                      {argv[3], WS_WAKE_NOISE, 0, 0.2, 1.0f}};
    printf("%-24s %12s %12s\n", "seconds a second", "one thread", "two threads");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ws_wake_source *source = create(folders, i);
        run(source, 2, samples);
        const clock_t start = clock();
        run(source, 1, samples);
        const double one = (double)(clock() - start) / CLOCKS_PER_SEC;
        const double before = ws_clock_monotonic();
        run(source, 2, samples);
        const double two = ws_clock_monotonic() - before;
        printf("%-24s %12.0f %12.0f\n", rows[i].name, N_WINDOWS * SECONDS / one,
               N_WINDOWS * SECONDS / two);
        ws_wake_source_destroy(source);
    }
    free(samples);
    return 0;
}
