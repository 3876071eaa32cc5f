/* The reference engine on a network that branches, normalises and drops: its gradients against
 * central differences of its loss, its running means against their definition, and the same bits
 * for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "nn/network.h"

enum { H = 6, W = 4, N_LABELS = 3, BATCH = 7, N_FEATURES = H * W };

static float features[BATCH * N_FEATURES];
static int32_t labels[BATCH];

/** A block as in BC-ResNet: a part over frequencies, one over times of its mean, and the input. */
static size_t push_block(ws_graph *graph, size_t x)
{
    ws_graph_open_scope(graph, "block");
    const size_t a = ws_graph_push_batch_norm(
        graph,
        ws_graph_push_depthwise(
            graph, x,
            &(ws_conv2d_args){
                .name = "w", .kernel_h = 1, .kernel_w = 3, .init = {WS_INIT_UNIFORM_FAN_IN, 0.0}}),
        &(ws_norm_args){.name = "bands", .n_bands = 2});
    size_t f = ws_graph_push_mean(graph, a, WS_AXIS_W);
    f = ws_graph_push_depthwise(graph, f,
                                &(ws_conv2d_args){.name = "v",
                                                  .kernel_h = 3,
                                                  .kernel_w = 1,
                                                  .dilation_h = 2,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {2, 2, 0, 0},
                                                  .init = {WS_INIT_UNIFORM_GLOROT, 0.0}});
    f = ws_graph_push_batch_norm(graph, f, &(ws_norm_args){.name = "norm", .momentum = 0.25});
    f = ws_graph_push_silu(graph, f);
    f = ws_graph_push_dropout_of(graph, f, &(ws_dropout_args){.rate = 0.2, .is_spatial = true});
    ws_graph_close_scope(graph);
    return ws_graph_push_add(graph, ws_graph_push_add(graph, a, f), x);
}

static void build(ws_graph *graph)
{
    ws_error err;

    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){H, W, 1});
    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "stem",
                                               .kernel_h = 3,
                                               .kernel_w = 3,
                                               .n_channels = 4,
                                               .padding = WS_PADDING_EXPLICIT,
                                               .zeros = {1, 1, 1, 1},
                                               .init = {WS_INIT_UNIFORM, 0.5}});
    x = push_block(graph, x);
    const size_t left = ws_graph_push_slice(graph, x, (ws_shape){0}, (ws_shape){.c = 1});
    const size_t right = ws_graph_push_slice(graph, x, (ws_shape){.c = 1}, (ws_shape){0});
    x = ws_graph_push_concat(graph, (const size_t[]){right, ws_graph_push_sigmoid(graph, left)}, 2);
    x = ws_graph_push_mul(graph, x, ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W));
    x = ws_graph_push_average_pool(
        graph, x, &(ws_pool_args){.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2});
    x = ws_graph_push_reshape(graph, x, (ws_shape){1, 1, 3 * 2 * 4});
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "fc",
                                             .n_units = N_LABELS,
                                             .init = {WS_INIT_TRUNCATED_NORMAL, 0.3}});
    (void)ws_graph_push_bias_add_init(graph, x, "bias", (ws_init){WS_INIT_VALUE, 0.125});
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static ws_network *create(const ws_graph *graph, unsigned n_threads)
{
    ws_network *network = NULL;
    const ws_network_options options = {
        .max_batch = BATCH, .n_threads = n_threads, .engine = WS_ENGINE_REFERENCE};

    assert_int_equal(ws_network_create(&network, graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 3);
    return network;
}

static double train(ws_network *network)
{
    float logits[BATCH * N_LABELS];
    const ws_batch batch = {.features = features,
                            .labels = labels,
                            .n = BATCH,
                            .dropout = {.rate = 0.5, .seed = 5, .step = 9}};
    return ws_network_train(network, &batch, logits);
}

static int make_batch(void **state)
{
    ws_random random;
    (void)state;

    ws_random_init(&random, 4, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < BATCH * N_FEATURES; i++)
        features[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (int32_t)(i % N_LABELS);
    return 0;
}

static void gradients_are_those_of_the_loss(void **state)
{
    ws_graph graph;
    (void)state;

    build(&graph);
    ws_network *network = create(&graph, 2);
    float *w = ws_network_parameters(network);
    float *gradients = malloc(graph.n_weights * sizeof *gradients);
    (void)train(network);
    memcpy(gradients, ws_network_gradients(network), graph.n_weights * sizeof *gradients);
    for (size_t i = 0; i < graph.n_weights; i++) {
        const float at = w[i];
        w[i] = at + 1e-3f;
        const double above = train(network), high = (double)w[i];
        w[i] = at - 1e-3f;
        const double below = train(network), low = (double)w[i];
        w[i] = at;
        const double want = (above - below) / (high - low);
        if (!(fabs((double)gradients[i] - want) < 2e-5 * (1.0 + fabs(want))))
            fail_msg("gradient %zu is %.9g, expected %.9g", i, (double)gradients[i], want);
    }
    free(gradients);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}

/** Loss, gradients and states after two steps, and the logits then. */
static void run_twice(const ws_graph *graph, unsigned n_threads, float *results, size_t n)
{
    ws_network *network = create(graph, n_threads);
    float *at = results;

    *at++ = (float)train(network);
    *at++ = (float)train(network);
    memcpy(at, ws_network_gradients(network), graph->n_weights * sizeof *at);
    at += graph->n_weights;
    memcpy(at, ws_network_states(network), graph->n_state_numbers * sizeof *at);
    at += graph->n_state_numbers;
    ws_network_predict(network, features, BATCH, at);
    assert_int_equal(at + BATCH * N_LABELS - results, n);
    ws_network_destroy(network);
}

static void threads_change_no_bit(void **state)
{
    ws_graph graph;
    (void)state;

    build(&graph);
    const size_t n = 2 + graph.n_weights + graph.n_state_numbers + BATCH * N_LABELS;
    float *one = calloc(n, sizeof *one), *many = calloc(n, sizeof *many);
    run_twice(&graph, 1, one, n);
    run_twice(&graph, 3, many, n);
    assert_memory_equal(one, many, n * sizeof *one);
    free(one);
    free(many);
    ws_graph_deinit(&graph);
}

/** input -> normalisation of two channels: what runs along is known. */
static void running_means_follow_the_batches(void **state)
{
    enum { N = 4, C = 2 };
    static const float x[N * C] = {1.0f, 10.0f, 2.0f, 10.0f, 3.0f, 10.0f, 6.0f, 10.0f};
    static const int32_t some_labels[N] = {0, 1, 0, 1};
    float logits[N * C];
    ws_graph graph;
    ws_network *network;
    (void)state;

    ws_graph_init(&graph);
    (void)ws_graph_push_batch_norm(
        &graph, ws_graph_push_input(&graph, (ws_shape){1, 1, C}),
        &(ws_norm_args){.name = "norm", .momentum = 0.25, .epsilon = 0.5});
    const ws_network_options options = {.max_batch = N, .engine = WS_ENGINE_REFERENCE};
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 1);
    const float *mean = ws_network_states(network), *variance = mean + C;
    assert_true(mean[0] == 0.0f && variance[0] == 1.0f && variance[1] == 1.0f);

    const ws_batch batch = {.features = x, .labels = some_labels, .n = N};
    (void)ws_network_train(network, &batch, logits);
    /* 1, 2, 3, 6: mean 3, variance 3.5; with n - 1 as divisor 14 / 3 */
    assert_true(fabs((double)logits[0] + 2.0 / sqrt(3.5 + 0.5)) < 1e-6);
    assert_true(fabs((double)mean[0] - 0.25 * 3.0) < 1e-6);
    assert_true(fabs((double)variance[0] - (0.75 + 0.25 * 14.0 / 3.0)) < 1e-6);
    assert_true(fabs((double)mean[1] - 0.25 * 10.0) < 1e-6 && variance[1] == 0.75f);
    assert_true(logits[1] == 0.0f);

    const double before = (double)mean[0];
    ws_network_predict(network, x, 1, logits);
    assert_true(fabs((double)logits[0] - (1.0 - before) / sqrt((double)variance[0] + 0.5)) < 1e-6);
    assert_true((double)mean[0] == before);

    /* a batch of one number has no other divisor */
    (void)ws_network_train(network, &(ws_batch){.features = x, .labels = some_labels, .n = 1},
                           logits);
    assert_true(fabs((double)mean[0] - (0.75 * before + 0.25)) < 1e-6);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}

/** A whole channel of a sample is dropped or kept, and others in other samples and nodes. */
static void spatial_dropout_drops_channels(void **state)
{
    enum { C = 40, PLACES = 6, N = 3 };
    static float x[N * PLACES * C], logits[N * PLACES * C];
    static const int32_t zero[N];
    size_t n_dropped = 0;
    ws_graph graph;
    ws_network *network;
    (void)state;

    for (size_t i = 0; i < N * PLACES * C; i++)
        x[i] = 1.0f;
    ws_graph_init(&graph);
    (void)ws_graph_push_dropout_of(&graph, ws_graph_push_input(&graph, (ws_shape){PLACES, 1, C}),
                                   &(ws_dropout_args){.rate = 0.25, .is_spatial = true});
    const ws_network_options options = {.max_batch = N, .engine = WS_ENGINE_REFERENCE};
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    const ws_batch batch = {
        .features = x, .labels = zero, .n = N, .dropout = {.rate = 0.5, .seed = 2, .step = 1}};
    (void)ws_network_train(network, &batch, logits);
    for (size_t s = 0; s < N; s++) {
        for (size_t c = 0; c < C; c++) {
            const float *first = logits + s * PLACES * C + c;
            n_dropped += *first == 0.0f;
            assert_true(*first == 0.0f || fabsf(*first - 4.0f / 3.0f) < 1e-6f);
            for (size_t p = 1; p < PLACES; p++)
                assert_true(first[p * C] == *first);
        }
    }
    assert_in_range(n_dropped, 15, 45); /* of 120, a quarter */
    assert_memory_not_equal(logits, logits + PLACES * C, C * sizeof *logits);

    ws_batch plain = batch; /* a step at rate 0 drops nothing, whatever the operator's rate */
    plain.dropout.rate = 0.0;
    (void)ws_network_train(network, &plain, logits);
    assert_memory_equal(logits, x, sizeof x);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}

/** Dropout long after node 255 still has masks of its own. */
static void late_nodes_have_masks_of_their_own(void **state)
{
    enum { N = 4 * WS_DROPOUT_GRAIN / 32 };
    const ws_dropout dropout = {.rate = 0.5, .seed = 1, .step = 2};
    uint32_t masks[4][N];
    static const size_t nodes[] = {3, 3 + 256, 3 + 2 * 256, 4};
    (void)state;

    for (size_t i = 0; i < 4; i++)
        ws_dropout_draw(&dropout, (ws_dropout_address){7, nodes[i]}, 0, 4 * WS_DROPOUT_GRAIN,
                        masks[i]);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(masks[i], masks[k], sizeof masks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_the_loss),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(running_means_follow_the_batches),
        cmocka_unit_test(spatial_dropout_drops_channels),
        cmocka_unit_test(late_nodes_have_masks_of_their_own),
    };
    return cmocka_run_group_tests(tests, make_batch, NULL);
}
