/* recognize/labeller: clips of all kinds through a model of random weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/random.h"
#include "fft/real_plan.h"
#include "models/model.h"
#include "recognize/labeller.h"
#include "support/check.h"
#include "support/models.h"
#include "support/sound_file.h"

enum { RATE_HZ = 16000, N_LABELS = 5, N_FILES = 23, MAX_SAMPLES = 2 * RATE_HZ };

/* What is odd about a file; the others are whole seconds of sound at 16 kHz. */
enum { SHORT = 3, LONG = 5, EMPTY = 7, HALF_RATE = 11, MISSING = 13, HIGH_RATE = 17 };

typedef struct fixture {
    char dir[256];
    char *paths[N_FILES];
    char log[1024];
} fixture;

/** A tone that is another for each file, over noise. */
static void make_sound(size_t file, int rate_hz, float *samples, size_t n)
{
    ws_random random;
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, (uint32_t)file);
    const double hz = 200.0 + 150.0 * (double)file;
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)(0.3 * sin(6.283185307 * hz * (double)i / rate_hz) +
                             0.1 * (ws_random_uniform(&random) - 0.5));
}

static void write_file(const char *path, size_t file)
{
    static float samples[3 * MAX_SAMPLES];
    const int rate_hz = file == HALF_RATE ? 8000 : file == HIGH_RATE ? 44100 : RATE_HZ;
    const size_t n = file == SHORT ? 7001 : file == LONG ? 30000 : (size_t)rate_hz;

    if (file == EMPTY) {
        ws_test_file_write(path, "", 0);
        return;
    }
    make_sound(file, rate_hz, samples, n);
    if (file != MISSING)
        assert_int_equal(ws_sound_write(path, samples, n, rate_hz, NULL), WS_OK);
}

static int make_files(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    for (size_t i = 0; i < N_FILES; i++) {
        char path[300];
        (void)snprintf(path, sizeof path, "%s/%02zu.wav", f->dir, i);
        write_file(path, i);
        f->paths[i] = strdup(path);
        assert_non_null(f->paths[i]);
    }
    *state = f;
    return 0;
}

static int remove_files(void **state)
{
    fixture *f = *state;
    ws_test_remove_dir(f->dir);
    for (size_t i = 0; i < N_FILES; i++)
        free(f->paths[i]);
    free(f);
    return 0;
}

/** A model of weights large enough that every layer matters. */
static void make_model(const char *architecture, ws_frozen *frozen)
{
    const ws_model *model;
    ws_random random;

    *frozen = (ws_frozen){.features = {"mfcc", RATE_HZ, 1000, 30.0, 10.0, 40}};
    assert_int_equal(ws_model_find(&model, architecture, NULL), WS_OK);
    assert_int_equal(
        model->build(&frozen->graph, &(ws_model_settings){98, 40, N_LABELS, NULL}, NULL), WS_OK);
    frozen->parameters = malloc(frozen->graph.n_weights * sizeof *frozen->parameters);
    assert_non_null(frozen->parameters);
    ws_random_init(&random, 9, WS_RANDOM_TEST, 1, 0);
    for (size_t i = 0; i < frozen->graph.n_weights; i++)
        frozen->parameters[i] = (float)(0.02 * ws_random_truncated_normal(&random));
}

static void keep_line(void *user, ws_log_level level, const char *line)
{
    fixture *f = user;
    const size_t used = strlen(f->log);
    if (level >= WS_LOG_WARN)
        (void)snprintf(f->log + used, sizeof f->log - used, "%s\n", line);
}

/** Labels files first .. first+n-1, max_clips at a time; scores [n, N_LABELS], faults [n]. */
static void label(fixture *f, const ws_labeller_options *options, size_t first, size_t n,
                  float *scores, ws_error *faults)
{
    const ws_log log = {WS_LOG_WARN, keep_line, f};
    ws_labeller_options own = *options;
    ws_labeller *labeller;

    own.log = &log;
    f->log[0] = '\0';
    assert_int_equal(ws_labeller_create(&own, &labeller, NULL), WS_OK);
    assert_int_equal(ws_labeller_n_labels(labeller), N_LABELS);
    for (size_t i = 0; i < n; i += own.max_clips) {
        const size_t left = n - i, now = left < own.max_clips ? left : own.max_clips;
        ws_labeller_run(labeller, (const char *const *)f->paths + first + i, now,
                        scores + i * N_LABELS, faults + i);
    }
    ws_labeller_destroy(labeller);
}

/** The same of one file, step by step as training's evaluation does it. */
static void label_plainly(const ws_frozen *frozen, const char *path, int rate_hz, float *scores)
{
    static float clip[RATE_HZ], row[98 * 40];
    ws_feature_settings settings;
    ws_features *features;
    ws_network *network;
    ws_sound sound;
    float logits[N_LABELS];
    double sum = 0;

    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(ws_sound_resample(&sound, rate_hz, NULL), WS_OK);
    for (size_t i = 0; i < RATE_HZ; i++)
        clip[i] = i < sound.n_samples ? sound.samples[i] : 0.0f;
    ws_sound_deinit(&sound);
    assert_int_equal(ws_feature_settings_init(&frozen->features, &settings, NULL), WS_OK);
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    assert_non_null(scratch);
    ws_features_run(features, clip, scratch, row);
    free(scratch);
    ws_features_destroy(features);
    assert_int_equal(
        ws_network_create(&network, &frozen->graph,
                          &(ws_network_options){.max_batch = 1, .engine = WS_ENGINE_REFERENCE},
                          NULL),
        WS_OK);
    memcpy(ws_network_parameters(network), frozen->parameters,
           frozen->graph.n_weights * sizeof(float));
    ws_network_predict(network, row, 1, logits);
    ws_network_destroy(network);
    for (size_t k = 0; k < N_LABELS; k++)
        sum += exp((double)logits[k]);
    for (size_t k = 0; k < N_LABELS; k++)
        scores[k] = (float)(exp((double)logits[k]) / sum);
}

static bool is_faulty(size_t file)
{
    return file == EMPTY || file == MISSING;
}

static void scores_are_those_of_the_steps_one_by_one(void **state)
{
    fixture *f = *state;
    static ws_frozen frozen;
    static ws_error faults[N_FILES];
    float scores[N_FILES * N_LABELS], want[N_LABELS];

    for (size_t m = 0; m < WS_TEST_N_ORIGINAL_MODELS; m++) {
        make_model(ws_test_models[m], &frozen);
        label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 8}, 0, N_FILES, scores,
              faults);
        for (size_t i = 0; i < N_FILES; i++) {
            if (is_faulty(i))
                continue;
            label_plainly(&frozen, f->paths[i], RATE_HZ, want);
            assert_int_equal(faults[i].status, WS_OK);
            assert_close(f->paths[i], scores + i * N_LABELS, want, N_LABELS, 2e-6);
        }
        ws_frozen_deinit(&frozen);
    }
}

static void batch_neighbours_and_threads_change_no_bit(void **state)
{
    static const struct {
        unsigned n_threads;
        size_t max_clips;
    } variants[] = {{1, N_FILES}, {2, 1}, {3, 7}, {4, 100}};
    fixture *f = *state;
    static ws_frozen frozen;
    static ws_error faults[N_FILES];
    float first[N_FILES * N_LABELS], scores[N_FILES * N_LABELS];

    for (size_t m = 0; m < WS_TEST_N_ORIGINAL_MODELS; m++) {
        const char *name = ws_test_models[m];
        make_model(name, &frozen);
        for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
            label(f,
                  &(ws_labeller_options){.model = &frozen,
                                         .max_clips = variants[v].max_clips,
                                         .n_threads = variants[v].n_threads},
                  0, N_FILES, v == 0 ? first : scores, faults);
            if (v > 0)
                assert_memory_equal(scores, first, sizeof scores);
        }
        label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 3}, 14, 3, scores, faults);
        assert_memory_equal(scores, &first[(size_t)14 * N_LABELS], 3 * N_LABELS * sizeof *scores);
        ws_frozen_deinit(&frozen);
    }
}

static void bad_files_are_named_and_the_others_labelled(void **state)
{
    fixture *f = *state;
    static ws_frozen frozen;
    static ws_error faults[N_FILES];
    float scores[N_FILES * N_LABELS];

    make_model("single_fc", &frozen);
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = N_FILES}, 0, N_FILES, scores,
          faults);
    for (size_t i = 0; i < N_FILES; i++) {
        double sum = 0;
        for (size_t k = 0; k < N_LABELS; k++)
            sum += (double)scores[i * N_LABELS + k];
        assert_true(fabs(sum - (is_faulty(i) ? 0.0 : 1.0)) < 1e-6);
        assert_int_equal(faults[i].status == WS_OK, !is_faulty(i));
    }
    assert_int_equal(faults[EMPTY].status, WS_EFORMAT);
    assert_non_null(strstr(faults[EMPTY].message, "07.wav: the file is empty"));
    assert_int_equal(faults[MISSING].status, WS_ENOTFOUND);
    assert_non_null(strstr(faults[MISSING].message, "13.wav: cannot be opened"));
    ws_frozen_deinit(&frozen);
}

static void one_warning_tells_of_conversion(void **state)
{
    fixture *f = *state;
    static ws_frozen frozen;
    static ws_error faults[N_FILES];
    float scores[N_FILES * N_LABELS];
    char want[400];

    make_model("single_fc", &frozen);
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 4}, 0, N_FILES, scores, faults);
    (void)snprintf(want, sizeof want,
                   "%s has another sample rate than the model's 16000 Hz and is converted, as are "
                   "all further such files\n",
                   f->paths[HALF_RATE]);
    assert_string_equal(f->log, want);
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 4}, 0, HALF_RATE, scores,
          faults);
    assert_string_equal(f->log, "");
    ws_frozen_deinit(&frozen);
}

/* A scale other than that of the features themselves: here half of it. */
static void samples_are_scaled_as_the_graph_says(void **state)
{
    fixture *f = *state;
    static ws_frozen frozen;
    static float samples[RATE_HZ];
    ws_error fault;
    float scaled[N_LABELS], halved[N_LABELS];
    ws_sound sound;

    make_model("single_fc", &frozen);
    frozen.micro_sample_scale = 16384.0f;
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 1}, 0, 1, scaled, &fault);
    assert_int_equal(ws_sound_read(f->paths[0], 0, &sound, NULL), WS_OK);
    for (size_t i = 0; i < RATE_HZ; i++)
        samples[i] = 0.5f * sound.samples[i];
    ws_sound_deinit(&sound);
    ws_test_sound_write(f->paths[MISSING],
                        &(ws_test_sound){WS_TEST_WAV_FLOAT, RATE_HZ, 1, samples, RATE_HZ});
    frozen.micro_sample_scale = 0.0f;
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 1}, MISSING, 1, halved, &fault);
    assert_int_equal(remove(f->paths[MISSING]), 0);
    assert_memory_equal(scaled, halved, sizeof scaled);
    ws_frozen_deinit(&frozen);
}

static void models_that_cannot_be_are_refused(void **state)
{
    static ws_frozen frozen;
    ws_labeller *labeller = NULL;
    const ws_labeller_options options = {.model = &frozen, .max_clips = 1};
    ws_error err;
    (void)state;

    make_model("single_fc", &frozen);
    frozen.features.window_stride_ms = 20;
    assert_int_equal(ws_labeller_create(&options, &labeller, &err), WS_EFORMAT);
    assert_string_equal(err.message, "the model's network takes 3920 numbers, but its features are "
                                     "1960 (49 frames of 40)");
    frozen.features.window_stride_ms = 10;
    frozen.features.feature_bin_count = 41;
    assert_int_equal(ws_labeller_create(&options, &labeller, &err), WS_EUSAGE);
    frozen.features.feature_bin_count = 40;
    frozen.parameters[frozen.graph.n_weights - 1] = NAN;
    assert_int_equal(ws_labeller_create(&options, &labeller, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "weights are not all finite"));
    assert_null(labeller);
    ws_frozen_deinit(&frozen);
}

/* Weights that are finite but too large: no score may look like one. */
static void scores_beyond_all_bounds_are_a_fault(void **state)
{
    fixture *f = *state;
    static ws_frozen frozen;
    ws_error fault;
    float scores[N_LABELS];

    make_model("single_fc", &frozen);
    for (size_t i = 0; i < frozen.graph.n_weights; i++)
        frozen.parameters[i] = 3e38f;
    label(f, &(ws_labeller_options){.model = &frozen, .max_clips = 1}, 0, 1, scores, &fault);
    assert_int_equal(fault.status, WS_ENUMERIC);
    assert_non_null(strstr(fault.message, "00.wav: the model's scores are not finite numbers"));
    ws_frozen_deinit(&frozen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_steps_one_by_one),
        cmocka_unit_test(batch_neighbours_and_threads_change_no_bit),
        cmocka_unit_test(bad_files_are_named_and_the_others_labelled),
        cmocka_unit_test(one_warning_tells_of_conversion),
        cmocka_unit_test(samples_are_scaled_as_the_graph_says),
        cmocka_unit_test(models_that_cannot_be_are_refused),
        cmocka_unit_test(scores_beyond_all_bounds_are_a_fault),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
