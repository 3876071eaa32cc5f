/* Times the input pipeline: bench_input data_dir [kind [level [rounds]]], kind as --preprocess has
 * it. A line a stage: the median of milliseconds for 100 training rows, of one thread (processor
 * time), and of two for the whole; then the features alone on each instruction set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/mel_kernels.h"
#include "audio/mfcc.h"
#include "audio/micro_kernels.h"
#include "audio/spectrogram.h"
#include "base/clock.h"
#include "bench/bench.h"
#include "dataset/augment.h"
#include "dataset/source.h"

enum { N_ROWS = 100, RATE_HZ = 16000, MAX_ROUNDS = 999, N_BANDS = 40, N_BANDS_ROOM = 48 };

static const ws_noise_options about_noise = {.sample_rate_hz = RATE_HZ, .desired_samples = RATE_HZ};

/** What is timed as a whole; all but the second with one thread. */
static const struct {
    const char *name;
    ws_source_options options;
} sources[] = {
    {"whole, one thread", {.n_threads = 1}},
    {"whole, two threads", {.n_threads = 2}},
    {"with speeds", {.n_threads = 1, .augment.speed_perturbation = 0.1}},
    {"with volumes", {.n_threads = 1, .augment.volume_perturbation = 6.0}},
    {"with masks",
     {.n_threads = 1,
      .augment = {.spec_augment = true,
                  .time_masks = 2,
                  .time_mask_frames = 20,
                  .frequency_masks = 2,
                  .frequency_mask_bins = 5}}},
    {"with noise by SNR", {.n_threads = 1, .snr = {true, 5.0, 20.0}}},
    {"with other unknowns", {.n_threads = 1, .unknown_redraw = WS_REDRAW_WORDS}},
    {"with microphones", {.n_threads = 1, .silence = WS_SILENCE_MICROPHONE}},
};
enum { N_SOURCES = sizeof sources / sizeof *sources };

typedef struct bench {
    ws_index *index;
    ws_noise *noise;
    ws_features *features;
    ws_feature_settings settings;
    ws_source *sources[N_SOURCES];
    int source;  /* which of them the stage reads from */
    float *rows; /* [N_ROWS, size] */
    int32_t labels[N_ROWS];
    float *mixed;
    void *scratch;
    uint64_t step;
    /* the parts of mfcc, the first also of average and log_mel */
    ws_mel bands_of_powers;
    ws_spectrogram spectrogram;
    ws_mfcc mfcc;
    double *spectrum_scratch, *bands, *cepstra; /* the latter [N_BANDS, lanes] */
    const double *power;
    /* the parts of micro */
    ws_micro micro;
    float *columns;
    int32_t *pairs, *work, *roots, *shifts; /* rows of WS_MICRO_LANES */
    int32_t *estimates;
} bench;

static void open_spectrogram(bench *b)
{
    const ws_spectrogram_options options = {b->settings.desired_samples, b->settings.window_samples,
                                            b->settings.stride_samples};
    const size_t n_bytes = N_BANDS * WS_FFT_LANES * sizeof(double);
    ws_error err;

    bench_check(ws_spectrogram_init(&b->spectrogram, &options, &err), &err);
    bench_check(ws_mfcc_init(&b->mfcc, b->spectrogram.n_bins, RATE_HZ, N_BANDS, &err), &err);
    b->spectrogram.level = b->settings.level;
    if (strcmp(ws_feature_settings_name(&b->settings), "mfcc") == 0)
        b->spectrogram.n_wanted = b->mfcc.mel.end_bin;
    const ws_mel_options bands = {b->spectrogram.n_bins, RATE_HZ,        N_BANDS, 0.0,
                                  RATE_HZ / 2.0,         WS_MEL_SIDES_HZ};
    bench_check(ws_mel_init(&b->bands_of_powers, &bands, &err), &err);
    b->spectrum_scratch =
        bench_memory(ws_spectrogram_scratch_doubles(&b->spectrogram) * sizeof(double));
    b->bands = bench_memory(n_bytes);
    b->cepstra = bench_memory(n_bytes);
}

static void open_micro(bench *b)
{
    const ws_micro_options options = {
        .n_samples = b->settings.desired_samples,
        .window_samples = b->settings.window_samples,
        .stride_samples = b->settings.stride_samples,
        .sample_rate_hz = RATE_HZ,
        .n_channels = N_BANDS,
        .lower_hz = WS_MICRO_LOWER_HZ,
        .upper_hz = WS_MICRO_UPPER_HZ,
        .sample_scale = WS_SAMPLE_SCALE_TRAINING,
    };
    const size_t row_bytes = WS_MICRO_LANES * sizeof(int32_t);
    ws_error err;

    bench_check(ws_micro_init(&b->micro, &options, &err), &err);
    b->micro.level = b->settings.level;
    b->columns = bench_memory(ws_columns_bytes(&b->micro.columns));
    b->pairs = bench_memory((b->micro.fft.half + 1) * row_bytes);
    b->work = bench_memory(b->micro.fft.half * row_bytes);
    b->roots = bench_memory(N_BANDS_ROOM * row_bytes);
    b->shifts = bench_memory(row_bytes);
    b->estimates = bench_memory(N_BANDS_ROOM * sizeof(int32_t));
}

static void open_bench(bench *b, const char *data_dir, const char *kind, const char *level)
{
    const ws_index_options index = {.data_dir = data_dir,
                                    .wanted_words = "yes,no,up,down,left,right,go,stop",
                                    .silence_percentage = 10.0,
                                    .unknown_percentage = 10.0,
                                    .testing_percentage = 10,
                                    .validation_percentage = 10};
    const ws_feature_options features = {kind, RATE_HZ, 1000, 30.0, 10.0, N_BANDS};
    ws_error err;

    bench_check(ws_index_create(&index, &b->index, &err), &err);
    bench_check(ws_noise_create(data_dir, &about_noise, &b->noise, &err), &err);
    bench_check(ws_feature_settings_init(&features, &b->settings, &err), &err);
    if (level != NULL)
        bench_check(ws_cpu_level_find(level, &b->settings.level, &err), &err);
    bench_check(ws_features_create(&b->settings, NULL, &b->features, &err), &err);
    for (size_t i = 0; i < N_SOURCES; i++) {
        ws_source_options source = sources[i].options;
        source.index = b->index;
        source.features = b->features;
        source.noise = b->noise;
        source.background_volume = 0.1;
        source.background_frequency = 0.8;
        source.time_shift_samples = 1600;
        source.clip_cache_mb = 2000;
        bench_check(ws_source_create(&source, &b->sources[i], &err), &err);
    }
    b->rows = bench_memory(N_ROWS * b->settings.size * sizeof(float));
    b->mixed = bench_memory(b->settings.desired_samples * sizeof(float));
    b->scratch = bench_memory(ws_features_scratch_bytes(b->features));
    open_spectrogram(b);
    open_micro(b);
}

static void close_sources(bench *b)
{
    for (size_t i = 0; i < N_SOURCES; i++) {
        ws_source_destroy(b->sources[i]);
        b->sources[i] = NULL;
    }
}

static void close_bench(bench *b)
{
    close_sources(b);
    ws_features_destroy(b->features);
    ws_noise_destroy(b->noise);
    ws_index_destroy(b->index);
    free(b->rows);
    free(b->mixed);
    free(b->scratch);
    ws_spectrogram_deinit(&b->spectrogram);
    ws_mfcc_deinit(&b->mfcc);
    ws_mel_deinit(&b->bands_of_powers);
    free(b->spectrum_scratch);
    free(b->bands);
    free(b->cepstra);
    ws_micro_deinit(&b->micro);
    free(b->columns);
    free(b->pairs);
    free(b->work);
    free(b->roots);
    free(b->shifts);
    free(b->estimates);
}

static void read_rows(bench *b)
{
    ws_error err;
    bench_check(ws_source_read_training(b->sources[b->source], b->step, 0, N_ROWS, b->rows,
                                        b->labels, &err),
                &err);
}

static void augmentation(bench *b)
{
    size_t n;
    const float *noise = ws_noise_sound(b->noise, 0, &n);
    for (int row = 0; row < N_ROWS; row++) {
        const ws_augmentation augmentation = {.shift = 16 * row - 800,
                                              .gain = 1.0f,
                                              .noise = noise + 1000 * row,
                                              .noise_gain = 0.05f,
                                              .level = b->settings.level};
        const ws_samples clip = {.floats = noise + n / 2, .n = RATE_HZ};
        ws_augmentation_run(&augmentation, &clip, b->mixed, RATE_HZ);
    }
}

static void features(bench *b)
{
    for (size_t row = 0; row < N_ROWS; row++)
        ws_features_run(b->features, b->mixed, b->scratch, b->rows + row * b->settings.size);
}

static void layout(bench *b)
{
    for (size_t row = 0; row < N_ROWS; row++)
        ws_spectrogram_load(&b->spectrogram, b->mixed, b->spectrum_scratch);
}

static void spectra(bench *b)
{
    for (size_t row = 0; row < N_ROWS; row++) {
        for (size_t frame = 0; frame < b->spectrogram.n_frames; frame += WS_FFT_LANES)
            b->power = ws_spectrogram_run(&b->spectrogram, frame, b->spectrum_scratch);
    }
}

/** Calls of a part of the cepstra for 100 rows. */
static size_t count_groups(const bench *b)
{
    return N_ROWS * ((b->spectrogram.n_frames + WS_FFT_LANES - 1) / WS_FFT_LANES);
}

static void mel_bands(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++)
        ws_mel_kernels_get(b->settings.level)->mel(&b->mfcc.mel, b->power, b->bands);
}

static void mel_powers(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++)
        ws_mel_kernels_get(b->settings.level)->mel_power(&b->bands_of_powers, b->power, b->bands);
}

static void log_sums(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++)
        ws_mel_kernels_get(b->settings.level)->log_sum(N_BANDS, 1e-6, b->bands);
}

static void logarithms(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++)
        ws_mel_kernels_get(b->settings.level)->log(N_BANDS, 1e-12, b->bands);
}

static void cosine_transforms(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++) {
        memset(b->bands, 0, N_BANDS * WS_FFT_LANES * sizeof(double)); /* keep them small */
        ws_mel_kernels_get(b->settings.level)->dct(&b->mfcc.dct, b->bands, b->cepstra);
    }
}

static void storing(bench *b)
{
    for (size_t i = 0; i < count_groups(b); i++)
        ws_mel_kernels_get(b->settings.level)->store(N_BANDS, WS_FFT_LANES, b->cepstra, b->rows);
}

/** Blocks of frames of micro in 100 rows. */
static size_t count_blocks(const bench *b)
{
    return N_ROWS * ((b->micro.n_frames + WS_MICRO_LANES - 1) / WS_MICRO_LANES);
}

static void micro_layout(bench *b)
{
    for (size_t row = 0; row < N_ROWS; row++)
        ws_columns_load(&b->micro.columns, b->micro.level, b->mixed, b->columns);
}

static void micro_window(bench *b)
{
    for (size_t i = 0; i < count_blocks(b); i++)
        ws_micro_fft_kernels_get(b->micro.level)
            ->window(&b->micro, b->columns, b->pairs, b->shifts);
}

static void micro_transform(bench *b)
{
    for (size_t i = 0; i < count_blocks(b); i++)
        ws_micro_fft_kernels_get(b->micro.level)
            ->transform(&b->micro.fft, b->pairs, b->shifts, b->work);
}

static void micro_split(bench *b)
{
    for (size_t i = 0; i < count_blocks(b); i++)
        ws_micro_fft_kernels_get(b->micro.level)->split(&b->micro.fft, b->work, b->pairs);
}

static void micro_channels(bench *b)
{
    for (size_t i = 0; i < count_blocks(b); i++)
        ws_micro_kernels_get(b->micro.level)
            ->channels(&b->micro.bank, b->pairs, b->shifts, b->work, b->roots);
}

static void micro_finish(bench *b)
{
    for (size_t i = 0; i < count_blocks(b); i++)
        ws_micro_kernels_get(b->micro.level)
            ->finish(&b->micro, WS_MICRO_LANES, b->roots, b->estimates, b->rows);
}

typedef struct stage {
    const char *name;
    void (*run)(bench *b);
    int is_parallel;
    const char *kind; /* NULL: of all */
} stage;

static double now(int is_parallel)
{
    struct timespec time;
    if (is_parallel)
        return ws_clock_monotonic();
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void time_stage(bench *b, const stage *timed, int n_rounds)
{
    double ms[MAX_ROUNDS];
    for (int round = -1; round < n_rounds; round++) { /* the first one warms up */
        const double start = now(timed->is_parallel);
        b->step = (uint64_t)(round + 1) % 2; /* two batches: their clips are in memory soon */
        timed->run(b);
        if (round >= 0)
            ms[round] = 1e3 * (now(timed->is_parallel) - start);
    }
    qsort(ms, (size_t)n_rounds, sizeof *ms, compare);
    printf("%-24s %8.3f ms (least %.3f)\n", timed->name, ms[n_rounds / 2], ms[0]);
}

static const stage stages[] = {
    {"augmentation", augmentation, 0, NULL},
    {"features", features, 0, NULL},
    {"  layout", layout, 0, "mfcc"},
    {"  spectra", spectra, 0, "mfcc"},
    {"  mel bands", mel_bands, 0, "mfcc"},
    {"  logarithms", logarithms, 0, "mfcc"},
    {"  cosine transforms", cosine_transforms, 0, "mfcc"},
    {"  storing", storing, 0, "mfcc"},
    {"  layout", layout, 0, "average"},
    {"  spectra", spectra, 0, "average"},
    {"  layout", layout, 0, "log_mel"},
    {"  spectra", spectra, 0, "log_mel"},
    {"  mel bands", mel_powers, 0, "log_mel"},
    {"  logarithms", log_sums, 0, "log_mel"},
    {"  storing", storing, 0, "log_mel"},
    {"  layout", micro_layout, 0, "micro"},
    {"  window", micro_window, 0, "micro"},
    {"  transform", micro_transform, 0, "micro"},
    {"  split", micro_split, 0, "micro"},
    {"  channels", micro_channels, 0, "micro"},
    {"  noise, gain, log", micro_finish, 0, "micro"},
};

/** The features on each instruction set, of the clip that was mixed last. */
static void time_levels(bench *b, int n_rounds)
{
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        char name[32];
        ws_error err;
        ws_features_destroy(b->features);
        b->settings.level = (ws_cpu_level)level;
        bench_check(ws_features_create(&b->settings, NULL, &b->features, &err), &err);
        (void)snprintf(name, sizeof name, "features, %s", ws_cpu_level_get_name(b->settings.level));
        time_stage(b, &(stage){name, features, 0, NULL}, n_rounds);
    }
}

int main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[2] : "mfcc";
    const int n_rounds = argc > 4 ? atoi(argv[4]) : 41;
    bench b = {0};

    if (argc < 2 || n_rounds < 1 || n_rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench_input data_dir [kind [level [rounds, at most %d]]]\n",
                MAX_ROUNDS);
        return 2;
    }
    open_bench(&b, argv[1], kind, argc > 3 ? argv[3] : NULL);
    for (b.source = 0; b.source < N_SOURCES; b.source++)
        time_stage(&b,
                   &(stage){sources[b.source].name, read_rows,
                            sources[b.source].options.n_threads > 1, NULL},
                   n_rounds);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        if (stages[i].kind == NULL || strcmp(stages[i].kind, kind) == 0)
            time_stage(&b, &stages[i], n_rounds);
    }
    close_sources(&b); /* they use the features */
    time_levels(&b, n_rounds);
    close_bench(&b);
    return 0;
}
