/* train/wake_batches: what is in a batch, that hard negatives are hard, and that neither threads
 * nor an interruption change a bit. */
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
#include "train/wake_batches.h"

enum {
    RATE_HZ = 16000,
    LONG = 4 * RATE_HZ,
    N_FRAMES = 60,
    WIDTH = 40,
    SIZE = N_FRAMES * WIDTH,
    BATCH = 24,
    N_STEPS = 4,
};

static const double pi = 3.14159265358979323846, phrase_hz = 1000.0, speech_hz = 3000.0;
static float sound[LONG];
static char dirs[2][512];
static ws_feature_settings settings;
static ws_graph graph;
static ws_network *network;

static void write_tone(const char *dir, int number, size_t start, size_t end, size_t n, double hz)
{
    char path[1024];
    const ws_test_sound file = {.kind = WS_TEST_WAV_16,
                                .sample_rate_hz = RATE_HZ,
                                .n_channels = 1,
                                .samples = sound,
                                .n_frames = n};

    memset(sound, 0, sizeof sound);
    for (size_t i = start; i < end; i++)
        sound[i] = (float)(0.3 * sin(2.0 * pi * hz * (double)i / RATE_HZ));
    (void)snprintf(path, sizeof path, "%s/s%02d_nohash_0.wav", dir, number);
    ws_test_sound_write(path, &file);
}

/** Phrases are a tone of half a second, other speech is a higher one that comes and goes. */
static void make_recordings(void)
{
    static const char *const names[] = {"yes", "speech"};

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(dirs[i], sizeof dirs[i], "%s/%s", ws_test_dir, names[i]);
        assert_int_equal(ws_dir_create_all(dirs[i], NULL), WS_OK);
    }
    for (int i = 0; i < 6; i++) {
        write_tone(dirs[0], i, 9600, 17600, 24000, phrase_hz);
        write_tone(dirs[1], i, RATE_HZ, 3 * RATE_HZ, LONG, speech_hz + 200.0 * i);
    }
}

/** A network whose logit is the sum of all features: loud windows are near the phrase. */
static void make_network(void)
{
    const ws_feature_options options = {"micro", RATE_HZ, 30 + 10 * (N_FRAMES - 1),
                                        30.0,    10.0,    WIDTH};

    assert_int_equal(ws_feature_settings_init(&options, &settings, NULL), WS_OK);
    assert_int_equal(settings.size, SIZE);
    ws_graph_init(&graph);
    const size_t x = ws_graph_push_input(&graph, (ws_shape){N_FRAMES, 1, WIDTH});
    (void)ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "w", .n_units = 1});
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    assert_int_equal(
        ws_network_create(&network, &graph, &(ws_network_options){.max_batch = BATCH}, NULL),
        WS_OK);
    for (size_t i = 0; i < graph.n_weights; i++)
        ws_network_parameters(network)[i] = 0.01f;
}

static int set_up(void **state)
{
    (void)ws_test_dir_set_up(state);
    make_recordings();
    make_network();
    return 0;
}

static int tear_down(void **state)
{
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
    return ws_test_dir_tear_down(state);
}

/** A run of its own. */
typedef struct run {
    ws_wake_folder folders[2];
    ws_wake_source *source;
    ws_wake_batches *batches;
    float features[BATCH * SIZE];
    int32_t labels[BATCH];
    ws_batch batch;
} run;

static run *open_run(int n_threads, size_t n_tries)
{
    run *r = calloc(1, sizeof *r);
    const size_t n_samples = settings.desired_samples + RATE_HZ;
    ws_error err = {.message = ""};

    assert_non_null(r);
    r->folders[0] = (ws_wake_folder){dirs[0], WS_WAKE_POSITIVE, 1, 0.3, 0.5f};
    r->folders[1] = (ws_wake_folder){dirs[1], WS_WAKE_SPEECH, 0, 0.6, 1.0f};
    const ws_wake_options options = {
        .folders = r->folders,
        .n_folders = 2,
        .silence_share = 0.1,
        .silence_weight = 1.0f,
        .sample_rate_hz = RATE_HZ,
        .n_samples = n_samples,
        .end_samples = RATE_HZ / 2,
        .snr = {.is_wanted = true, .low = 5.0, .high = 20.0},
        .low_dbfs = -30.0,
        .high_dbfs = -12.0,
        .set = WS_SET_TRAINING,
        .seed = 11,
        .n_threads = n_threads,
        .level = ws_cpu_level_get_best(),
    };
    if (ws_wake_source_create(&options, &r->source, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(ws_wake_batches_create(&r->batches,
                                            &(ws_wake_batches_options){
                                                .source = r->source,
                                                .n_samples = n_samples,
                                                .settings = &settings,
                                                .n_stretches = 60,
                                                .n_new = 7,
                                                .batch_size = BATCH,
                                                .phrase_share = 0.25,
                                                .n_tries = n_tries,
                                                .label_smoothing = 0.1,
                                                .logit_factor = 2.5,
                                                .start_share = 0.2,
                                                .late_ms = 300.0,
                                                .seed = 11,
                                                .n_threads = n_threads,
                                            },
                                            NULL),
                     WS_OK);
    return r;
}

static void close_run(run *r)
{
    ws_wake_batches_destroy(r->batches);
    ws_wake_source_destroy(r->source);
    free(r);
}

static void begin(run *r, uint64_t step)
{
    ws_error err = {.message = ""};

    if (ws_wake_batches_begin(r->batches, step, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static void read(run *r, uint64_t step)
{
    ws_wake_batches_read(r->batches, step, network, r->features, r->labels, &r->batch);
}

static double mean_logit(const run *r, int32_t label)
{
    float logits[BATCH];
    double sum = 0.0;
    size_t n = 0;

    ws_network_predict(network, r->features, BATCH, logits);
    for (size_t i = 0; i < BATCH; i++)
        if (r->labels[i] == label) {
            sum += (double)logits[i];
            n++;
        }
    return sum / (double)n;
}

static void neither_threads_nor_interruptions_matter(void **state)
{
    run *one = open_run(1, 4), *other = open_run(3, 4);
    (void)state;

    begin(one, 0);
    for (uint64_t step = 1; step <= 30; step++) {
        read(one, step);
        /* 60 stretches, 7 new ones a step: from step 9 on, all are of later steps */
        if (step != 3 && step != 9 && step != 30)
            continue;
        begin(other, step - 1);
        read(other, step);
        assert_memory_equal(one->features, other->features, sizeof one->features);
        assert_memory_equal(one->labels, other->labels, sizeof one->labels);
        assert_memory_equal(one->batch.targets.weights, other->batch.targets.weights,
                            BATCH * sizeof(float));
    }
    close_run(other);
    close_run(one);
}

/** The bins around the tone of the phrase against all of the frame, in frames at the end. */
static double phrase_share(const float *window)
{
    double at = 0.0, all = 1e-9;

    for (size_t frame = N_FRAMES - 40; frame < N_FRAMES; frame++)
        for (size_t bin = 0; bin < WIDTH; bin++) {
            const double x = (double)window[frame * WIDTH + bin];
            all += x;
            at += bin >= 10 && bin < 20 ? x : 0.0;
        }
    return at / all;
}

static void batches_hold_what_they_say(void **state)
{
    run *r = open_run(2, 1);
    double with = 0.0, without = 0.0;
    (void)state;

    begin(r, 0);
    for (uint64_t step = 1; step <= N_STEPS; step++) {
        size_t n_phrases = 0;
        read(r, step);
        assert_int_equal(r->batch.n, BATCH);
        assert_true(r->batch.targets.logit_factor == 2.5);
        for (size_t i = 0; i < BATCH; i++) {
            const bool has_phrase = r->labels[i] == 1;
            n_phrases += has_phrase;
            assert_true(r->batch.targets.weights[i] == (has_phrase ? 0.5f : 1.0f));
            assert_true(r->batch.targets.shares[i] == (has_phrase ? 0.95f : 0.05f));
            *(has_phrase ? &with : &without) += phrase_share(r->features + i * SIZE);
        }
        assert_int_equal(n_phrases, BATCH / 4);
    }
    assert_true(with / (N_STEPS * BATCH / 4) > 1.5 * without / (N_STEPS * BATCH * 3 / 4));
    close_run(r);
}

static void hard_negatives_are_nearer_to_the_phrase(void **state)
{
    run *easy = open_run(2, 1), *hard = open_run(2, 8);
    (void)state;

    begin(easy, 0);
    begin(hard, 0);
    for (uint64_t step = 1; step <= N_STEPS; step++) {
        read(easy, step);
        read(hard, step);
        assert_true(mean_logit(hard, 0) > mean_logit(easy, 0) + 0.5);
        /* those with the phrase are the same */
        assert_memory_equal(easy->features, hard->features, BATCH / 4 * SIZE * sizeof(float));
    }
    close_run(hard);
    close_run(easy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neither_threads_nor_interruptions_matter),
        cmocka_unit_test(batches_hold_what_they_say),
        cmocka_unit_test(hard_negatives_are_nearer_to_the_phrase),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
