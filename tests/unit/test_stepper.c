/* recognize/stepper: files through a model of steps, against its steps one by one over the frames
 * of the whole file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/path.h"
#include "fft/real_plan.h"
#include "nn/lite/lower.h"
#include "nn/passes/stream.h"
#include "recognize/stepper.h"
#include "unit/wordspot_fixture.h"

enum { RATE_HZ = WS_TEST_SPOT_RATE_HZ, N_FILES = 4 };

/** A stepwise model, and files. */
typedef struct trial {
    ws_test_spot *spot;
    ws_frozen frozen;
    ws_lite lite;
    char *paths[N_FILES];
} trial;

static const size_t lengths[N_FILES] = {RATE_HZ, 3 * RATE_HZ + 77, 481 + 320, 40000};

static void open_trial(trial *t, const char *preprocess)
{
    static const ws_lite_lower_options how = {
        .input = WS_LITE_INPUT_ROWS, .scores = WS_LITE_SCORES_LAST, .rounds = true};
    ws_stream_form form;

    t->spot = ws_test_spot_create("mixednet", preprocess);
    const ws_frozen *of_clips = &t->spot->frozen;
    assert_int_equal(
        ws_stream_form_init(&form, &of_clips->graph, of_clips->parameters, of_clips->states, NULL),
        WS_OK);
    assert_int_equal(ws_lite_lower(&t->lite, &form.model.graph, form.model.parameters,
                                   form.model.states, &how, NULL),
                     WS_OK);
    ws_stream_form_deinit(&form);
    t->frozen = (ws_frozen){.features = of_clips->features, .lite = &t->lite};
    assert_true(ws_frozen_is_stream(&t->frozen));
    assert_int_equal(ws_frozen_n_labels(&t->frozen), 1);
    for (size_t i = 0; i < N_FILES; i++) {
        char name[16];
        float *samples = malloc(lengths[i] * sizeof *samples);
        assert_non_null(samples);
        ws_test_spot_fill(samples, lengths[i], RATE_HZ);
        (void)snprintf(name, sizeof name, "%zu.wav", i);
        t->paths[i] = ws_path_join(t->spot->dir, name);
        assert_int_equal(ws_sound_write(t->paths[i], samples, lengths[i], RATE_HZ, NULL), WS_OK);
        free(samples);
    }
}

static void close_trial(trial *t)
{
    for (size_t i = 0; i < N_FILES; i++)
        free(t->paths[i]);
    ws_lite_deinit(&t->lite);
    ws_test_spot_destroy(t->spot);
}

/** The frames of a whole file [*n_frames, 40], to free(). */
static float *make_frames(const trial *t, size_t file, size_t *n_frames)
{
    ws_feature_settings settings;
    ws_features *features;
    ws_sound sound;

    assert_int_equal(ws_sound_read_at(t->paths[file], RATE_HZ, 0, &sound, NULL), WS_OK);
    assert_int_equal(ws_feature_settings_init(&t->frozen.features, &settings, NULL), WS_OK);
    settings.n_frames = (sound.n_samples - settings.window_samples) / settings.stride_samples + 1;
    settings.desired_samples =
        (settings.n_frames - 1) * settings.stride_samples + settings.window_samples;
    settings.size = settings.n_frames * settings.width;
    assert_int_equal(ws_features_create(&settings, NULL, &features, NULL), WS_OK);
    void *scratch = aligned_alloc(WS_FFT_ALIGNMENT, ws_features_scratch_bytes(features));
    float *frames = malloc(settings.size * sizeof *frames);
    assert_true(scratch != NULL && frames != NULL);
    ws_features_run(features, sound.samples, scratch, frames);
    *n_frames = settings.n_frames;
    free(scratch);
    ws_features_destroy(features);
    ws_sound_deinit(&sound);
    return frames;
}

static void find_peak(const trial *t, size_t file, float *score, float *time)
{
    const ws_lite_run_options how = {.rounding = WS_LITE_ROUNDING_EXACT};
    const size_t step_frames = ws_frozen_n_features(&t->frozen) / 40;
    size_t n_frames = 0;
    ws_lite_run *run;

    float *frames = make_frames(t, file, &n_frames);
    assert_int_equal(ws_lite_run_create(&run, &t->lite, &how, NULL), WS_OK);
    *score = -1.0f;
    for (size_t step = 0; (step + 1) * step_frames <= n_frames; step++) {
        float now = 0.0f;
        ws_lite_run_write(run, 0, frames + step * step_frames * 40);
        ws_lite_run_invoke(run);
        ws_lite_run_read(run, t->lite.graphs[0].outputs[0], &now);
        if (now > *score) {
            *score = now;
            *time = (float)((double)((step + 1) * step_frames - 1) * 0.01 + 0.03);
        }
    }
    ws_lite_run_destroy(run);
    free(frames);
}

static void check_kind(const char *preprocess)
{
    float scores[N_FILES], times[N_FILES];
    ws_error faults[N_FILES];
    trial t;

    open_trial(&t, preprocess);
    for (unsigned n_threads = 1; n_threads <= 3; n_threads += 2) {
        ws_stepper *stepper;
        assert_int_equal(ws_stepper_create(&t.frozen, n_threads, &stepper, NULL), WS_OK);
        ws_stepper_run(stepper, (const char *const *)t.paths, N_FILES, scores, times, faults);
        for (size_t i = 0; i < N_FILES; i++) {
            float score = 0.0f, time = 0.0f;
            assert_int_equal(faults[i].status, WS_OK);
            find_peak(&t, i, &score, &time);
            assert_true(scores[i] == score);
            assert_float_equal(times[i], time, 1e-5f);
        }
        ws_stepper_destroy(stepper);
    }
    close_trial(&t);
}

static void scores_are_the_highest_steps(void **state)
{
    (void)state;
    check_kind("micro_device");
    check_kind("mfcc");
}

static void faulty_files_leave_the_others(void **state)
{
    float scores[3], times[3], alone[1];
    ws_error faults[3];
    ws_stepper *stepper;
    trial t;
    (void)state;

    open_trial(&t, "micro_device");
    char *tiny = ws_path_join(t.spot->dir, "tiny.wav"),
         *none = ws_path_join(t.spot->dir, "none.wav");
    const float silence[700] = {0};
    assert_int_equal(ws_sound_write(tiny, silence, 700, RATE_HZ, NULL), WS_OK);
    const char *const paths[] = {tiny, t.paths[1], none};
    assert_int_equal(ws_stepper_create(&t.frozen, 1, &stepper, NULL), WS_OK);
    ws_stepper_run(stepper, &paths[1], 1, alone, times, faults);
    ws_stepper_run(stepper, paths, 3, scores, times, faults);
    assert_int_equal(faults[0].status, WS_EFORMAT);
    assert_non_null(strstr(faults[0].message, "tiny.wav: has 700 samples"));
    assert_int_equal(faults[1].status, WS_OK);
    assert_int_equal(faults[2].status, WS_ENOTFOUND);
    assert_true(scores[0] == 0.0f && scores[1] == alone[0] && scores[2] == 0.0f);
    ws_stepper_destroy(stepper);
    free(tiny);
    free(none);
    close_trial(&t);
}

static void several_scores_a_step_are_refused(void **state)
{
    ws_stepper *stepper;
    ws_error err;
    trial t;
    (void)state;

    open_trial(&t, "micro_device");
    ws_lite_tensor *output = &t.lite.graphs[0].tensors[t.lite.graphs[0].outputs[0]];
    output->dims[output->n_dims - 1] = 2;
    assert_int_equal(ws_stepper_create(&t.frozen, 1, &stepper, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "gives 2 scores a step"));
    close_trial(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_highest_steps),
        cmocka_unit_test(faulty_files_leave_the_others),
        cmocka_unit_test(several_scores_a_step_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
