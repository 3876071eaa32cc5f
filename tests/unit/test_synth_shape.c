/* dataset/synth_shape, synth_noise and synth_speaker: the numbers that shape a synthetic clip. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "dataset/split.h"
#include "synth/noise.h"
#include "synth/shape.h"
#include "synth/speaker.h"

#define RATE_HZ 16000

static void speech_is_found_with_its_margins(void **state)
{
    static float samples[RATE_HZ];
    (void)state;
    ws_synth_span span = ws_synth_find_speech(samples, RATE_HZ, RATE_HZ);
    assert_int_equal(span.n, 0); /* silence */
    assert_int_equal(ws_synth_find_speech(samples, 0, RATE_HZ).n, 0);

    samples[4000] = 0.5f;
    samples[9000] = -0.01f;   /* quiet, but within 46 dB */
    samples[12000] = 0.0024f; /* below */
    span = ws_synth_find_speech(samples, RATE_HZ, RATE_HZ);
    assert_int_equal(span.start, 4000 - 480);
    assert_int_equal(span.start + span.n, 9001 + 480);

    samples[100] = 0.5f; /* no room for a whole margin */
    samples[RATE_HZ - 1] = 0.5f;
    span = ws_synth_find_speech(samples, RATE_HZ, RATE_HZ);
    assert_int_equal(span.start, 0);
    assert_int_equal(span.n, RATE_HZ);
}

/* A click as speech: it is where the clip is loudest. */
static void clips_keep_all_speech_and_lie_near_the_middle(void **state)
{
    enum { N_SPEECH = 6000, N_CLIPS = 300 };
    static float speech[N_SPEECH], clip[RATE_HZ];
    size_t earliest = RATE_HZ, latest = 0;
    double quietest = 1.0, loudest = 0.0;
    (void)state;
    speech[N_SPEECH / 2] = 0.3f;
    for (uint32_t k = 0; k < N_CLIPS; k++) {
        ws_random random;
        size_t at = 0;
        ws_random_init(&random, 3, WS_RANDOM_TEST, 0, k);
        ws_synth_shape_clip(speech, N_SPEECH, clip, RATE_HZ, &random);
        for (size_t i = 0; i < RATE_HZ; i++) {
            assert_true(fabsf(clip[i]) <= 1.0f);
            at = fabsf(clip[i]) > fabsf(clip[at]) ? i : at;
        }
        const double peak = fabs((double)clip[at]);
        earliest = at < earliest ? at : earliest;
        latest = at > latest ? at : latest;
        quietest = fmin(quietest, peak);
        loudest = fmax(loudest, peak);
    }
    /* from a quarter to three quarters of the 10,000 free samples; it is drawn, so nearly */
    assert_in_range(earliest, 5500, 5600);
    assert_in_range(latest, 10400, 10500);
    assert_true(quietest > 0.12 && quietest < 0.15);
    assert_true(loudest > 0.8 && loudest <= 1.0);
}

static void speech_as_long_as_a_clip_fits(void **state)
{
    static float speech[RATE_HZ], clip[RATE_HZ];
    ws_random random;
    (void)state;
    for (size_t i = 0; i < RATE_HZ; i++)
        speech[i] = (float)sin(0.05 * (double)i);
    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, 0);
    ws_synth_shape_clip(speech, RATE_HZ, clip, RATE_HZ, &random);
    ws_synth_set_peak(clip, RATE_HZ, 0.25);
    float largest = 0.0f;
    for (size_t i = 0; i < RATE_HZ; i++)
        largest = fmaxf(largest, fabsf(clip[i]));
    assert_true(fabsf(largest - 0.25f) < 1e-6f);
}

/** Mean square of the difference of neighbours over twice that of the samples: 1 for white noise,
 *  less the redder it is. */
static double colour(const float *samples, size_t n)
{
    double steps = 0.0, squares = 0.0;
    for (size_t i = 1; i < n; i++) {
        const double step = (double)samples[i] - (double)samples[i - 1];
        steps += step * step;
        squares += (double)samples[i] * (double)samples[i];
    }
    return steps / (2.0 * squares);
}

static void noises_have_their_colours(void **state)
{
    enum { N = 10 * RATE_HZ };
    static const struct {
        const char *name;
        double low, high;
    } kinds[] = {
        {"white_noise", 0.98, 1.02},    {"pink_noise", 0.1, 0.5},   {"mains_hum", 0.0001, 0.05},
        {"doing_the_dishes", 0.1, 1.9}, {"running_tap", 0.05, 0.9},
    };
    static float samples[N];
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const ws_synth_noise_kind *kind = ws_synth_noise_kind_at(i);
        ws_random random;
        assert_non_null(kind);
        assert_string_equal(kind->name, kinds[i].name);
        memset(samples, 0, sizeof samples);
        ws_random_init(&random, 1, WS_RANDOM_TEST, 1, (uint32_t)i);
        kind->fill(samples, N, &random);
        for (size_t k = 0; k < N; k++)
            assert_true(isfinite(samples[k]));
        const double c = colour(samples, N);
        if (!(c > kinds[i].low && c < kinds[i].high))
            fail_msg("%s: colour %g, expected %g to %g", kind->name, c, kinds[i].low,
                     kinds[i].high);
    }
    assert_null(ws_synth_noise_kind_at(sizeof kinds / sizeof *kinds));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void speakers_are_split_eight_to_one_to_one_and_all_differ(void **state)
{
    enum { N_SPEAKERS = 1000 };
    static char names[N_SPEAKERS][9];
    (void)state;
    for (size_t i = 0; i < N_SPEAKERS; i++) {
        ws_synth_speaker speaker, again;
        ws_synth_speaker_init(&speaker, 5, i);
        ws_synth_speaker_init(&again, 5, i);
        assert_string_equal(speaker.name, again.name);
        assert_string_equal(speaker.voice, again.voice);
        assert_int_equal(speaker.pitch, again.pitch);
        const ws_set set = ws_split_find(speaker.name, 10, 10);
        assert_int_equal(set, i % 10 == 0   ? WS_SET_VALIDATION
                              : i % 10 == 1 ? WS_SET_TESTING
                                            : WS_SET_TRAINING);
        assert_int_equal(ws_synth_speaker_is_training(i), set == WS_SET_TRAINING);
        assert_in_range(speaker.pitch, 0, 99);
        assert_in_range(speaker.speed_wpm, 80, 300);
        assert_true(speaker.size > 0.9 && speaker.size < 1.1);
        memcpy(names[i], speaker.name, sizeof names[i]);
    }
    qsort(names, N_SPEAKERS, sizeof names[0], compare_names);
    for (size_t i = 1; i < N_SPEAKERS; i++)
        assert_string_not_equal(names[i - 1], names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_is_found_with_its_margins),
        cmocka_unit_test(clips_keep_all_speech_and_lie_near_the_middle),
        cmocka_unit_test(speech_as_long_as_a_clip_fits),
        cmocka_unit_test(noises_have_their_colours),
        cmocka_unit_test(speakers_are_split_eight_to_one_to_one_and_all_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
