/*
 * dataset/source_silence: in a window that is longer than the clips, half of the silence ends where
 * a clip would end, and the other half fills the window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "dataset/labels.h"
#include "dataset/source_internal.h"
#include "unit/source_fixture.h"

/* At the lowest levels, silence itself has zeros now and then. */
enum { N_DRAWS = 1000, N_ZEROS = 64, MAX_CLIPS = 200 };

/** The lengths of the spoken clips of a set, which are shorter than a window. @return how many */
static size_t read_lengths(const fixture *f, ws_set set, size_t lengths[MAX_CLIPS])
{
    size_t n = 0;

    for (size_t i = 0; i < ws_index_n_clips(f->index, set); i++) {
        const ws_clip clip = ws_index_clip(f->index, set, i);
        ws_sound sound = {0};
        if (clip.label == WS_SILENCE_INDEX)
            continue;
        assert_int_equal(ws_sound_read_at(clip.path, RATE_HZ, CLIP, &sound, NULL), WS_OK);
        if (sound.n_samples < CLIP - N_ZEROS)
            lengths[n++] = sound.n_samples;
        ws_sound_deinit(&sound);
    }
    assert_true(n > 0 && n < MAX_CLIPS);
    return n;
}

static size_t n_until_zeros(const float *samples)
{
    size_t n = CLIP;

    while (n > 0 && samples[n - 1] == 0.0f)
        n--;
    return n;
}

static bool is_a_length(const size_t *lengths, size_t n, size_t end)
{
    for (size_t i = 0; i < n; i++)
        if (end <= lengths[i] && end + N_ZEROS > lengths[i])
            return true;
    return false;
}

static void half_ends_as_clips_do(void **state)
{
    fixture *f = source_open(&(ws_source_options){.n_threads = 1});
    size_t lengths[MAX_CLIPS], n_short = 0, n_whole = 0, n_muted = 0, n_other = 0;
    float samples[CLIP];
    (void)state;
    const size_t n_lengths = read_lengths(f, WS_SET_TRAINING, lengths);
    const double n_clips = (double)ws_index_n_clips(f->index, WS_SET_TRAINING);
    for (uint32_t i = 0; i < N_DRAWS; i++) {
        ws_random random;
        ws_random_init(&random, SEED, WS_RANDOM_MICROPHONE, 1, i);
        assert_int_equal(ws_source_make_silence(f->source, &f->source->workers[0], WS_SET_TRAINING,
                                                &random, samples),
                         WS_ROW_GOOD);
        const size_t end = n_until_zeros(samples);
        n_muted += end == 0;
        n_whole += end > CLIP - N_ZEROS;
        n_short += end > 0 && end <= CLIP - N_ZEROS && is_a_length(lengths, n_lengths, end);
        n_other += end > 0 && end <= CLIP - N_ZEROS && !is_a_length(lengths, n_lengths, end);
    }
    const double n_heard = (double)(n_short + n_whole);
    const double expected = n_heard / 2.0 * (double)n_lengths / n_clips;
    assert_in_range(n_muted, 60, 150);
    assert_in_range(n_short, (size_t)(0.8 * expected), (size_t)(1.2 * expected));
    assert_true(n_other < N_DRAWS / 50); /* brown noise at a step of 16 bits rests at zero */
    source_close(f);
}

/** The silence of a validation is cut as that of training is. */
static void evaluations_have_it_as_well(void **state)
{
    fixture *f =
        source_open(&(ws_source_options){.n_threads = 1, .silence = WS_SILENCE_MICROPHONE});
    size_t n_cut = 0, n_whole = 0;
    float samples[CLIP];
    (void)state;
    for (size_t set = 0; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(f->index, (ws_set)set); i++) {
            if (ws_index_clip(f->index, (ws_set)set, i).label != WS_SILENCE_INDEX)
                continue;
            assert_int_equal(ws_source_read_samples(f->source, (ws_set)set, i, samples, NULL),
                             WS_OK);
            const size_t end = n_until_zeros(samples);
            n_cut += end >= CLIP / 2 - N_ZEROS && end <= CLIP - N_ZEROS;
            n_whole += end > CLIP - N_ZEROS;
        }
    }
    assert_true(n_cut > 0 && n_whole > 0);
    source_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WHOLE(half_ends_as_clips_do),
        ON_WHOLE(evaluations_have_it_as_well),
    };
    return cmocka_run_group_tests_name("source_silence", tests, NULL, NULL);
}
