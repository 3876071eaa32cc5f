/* formats/: batch normalisations of graphs that other programs write. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/graph_read.h"
#include "nn/network.h"
#include "unit/graph_fixture.h"

enum { N = 3 }; /* channels and labels */

static const float gamma_data[N] = {0.5f, -2.0f, 3.0f}, beta_data[N] = {0.25f, 0.0f, -1.0f};
static const float mean_data[N] = {-3.0f, 0.5f, 7.0f}, variance_data[N] = {0.0f, 4.0f, 1e-3f};
static const float below_data[N] = {1.0f, 0.5f, -0.5f}, nan_data[N] = {1.0f, NAN, 1.0f};
static const ws_tensor scale = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, gamma_data)};
static const ws_tensor offset = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, beta_data)};
static const ws_tensor mean = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, mean_data)};
static const ws_tensor variance = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, variance_data)};
static const ws_tensor below = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, below_data)};
static const ws_tensor not_finite = {.dims = {1, {N}}, VALUES(WS_DTYPE_FLOAT, nan_data)};

/** A normalisation of what x gives. @param epsilon  below 0: no attribute */
static ws_node_spec fused(const char *op, const char *x, float epsilon, ws_attr more)
{
    ws_node_spec node = {.name = "bn/Fused",
                         .op = op,
                         .inputs = {x, "bn/gamma", "bn/beta", "bn/mean", "bn/variance"},
                         .attrs = {FLOAT, ws_attr_flag("is_training", false)}};
    size_t n = 2;

    if (epsilon >= 0.0f)
        node.attrs[n++] = ws_attr_real("epsilon", epsilon);
    node.attrs[n++] = more;
    return node;
}

static const ws_attr no_more = {.kind = WS_ATTR_END};

/** graph_usual() with other operators between features and scores: a convolution over the whole
 *  image, and its normalisation. */
static graph normalised(const char *op, float epsilon, ws_attr more)
{
    const ws_dims ones = {4, {1, 1, 1, 1}}, axes = {2, {1, 2}};
    graph g = graph_usual();

    graph_put(&g, graph_constant("image", &graph_to_image));
    graph_put(&g, graph_reshape("Reshape", "Mfcc", "image"));
    graph_put(&g, graph_constant("kernel", &graph_kernel));
    graph_put(&g, (ws_node_spec){.name = "Conv2D",
                                 .op = "Conv2D",
                                 .inputs = {"Reshape", "kernel"},
                                 .attrs = {FLOAT, ws_attr_text("padding", "VALID"),
                                           ws_attr_list("strides", ones)}});
    graph_put(&g, graph_constant("bn/gamma", &scale));
    graph_put(&g, graph_constant("bn/beta", &offset));
    graph_put(&g, graph_constant("bn/mean", &mean));
    graph_put(&g, graph_constant("bn/variance", &variance));
    graph_put(&g, fused(op, "Conv2D", epsilon, more));
    graph_put(&g, (ws_node_spec){.name = "Squeeze",
                                 .op = "Squeeze",
                                 .inputs = {"bn/Fused"},
                                 .attrs = {FLOAT, ws_attr_list("squeeze_dims", axes)}});
    graph_put(&g, graph_node("labels_softmax", "Softmax", "Squeeze", NULL));
    return g;
}

static ws_frozen *read_well(const graph *g)
{
    ws_frozen *frozen = graph_frozen_new();
    ws_error err = {.message = ""};

    if (graph_read(g, frozen, &err) != WS_OK)
        fail_msg("%s", err.message);
    return frozen;
}

static void destroy(ws_frozen *frozen)
{
    ws_frozen_deinit(frozen);
    free(frozen);
}

/** Asserts that the engine gives these logits. */
static void assert_predicts(const ws_frozen *frozen, ws_engine engine, const float features[2],
                            const double want[N])
{
    const ws_network_options options = {.max_batch = 1, .engine = engine, .predicts_only = true};
    ws_network *network;
    float logits[N];

    assert_int_equal(ws_network_create(&network, &frozen->graph, &options, NULL), WS_OK);
    memcpy(ws_network_parameters(network), frozen->parameters,
           frozen->graph.n_weights * sizeof(float));
    if (frozen->graph.n_states > 0)
        memcpy(ws_network_states(network), frozen->states,
               frozen->graph.n_state_numbers * sizeof(float));
    ws_network_predict(network, features, 1, logits);
    ws_network_destroy(network);
    for (size_t c = 0; c < N; c++)
        if (!(fabs((double)logits[c] - want[c]) <= 1e-6 * (1.0 + fabs(want[c]))))
            fail_msg("logit %zu is %.9g, expected %.9g", c, (double)logits[c], want[c]);
}

/** TensorFlow's formula, on the convolution of the two features with the numbers 1 to 6. */
static void normalise(const float features[2], double epsilon, double out[N])
{
    for (size_t c = 0; c < N; c++) {
        const double x =
            (double)features[0] * (double)(1 + c) + (double)features[1] * (double)(4 + c);
        out[c] = (x - (double)mean_data[c]) / sqrt((double)variance_data[c] + epsilon) *
                     (double)gamma_data[c] +
                 (double)beta_data[c];
    }
}

static void each_version_gives_its_scores(void **state)
{
    static const char *const ops[] = {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"};
    static const float features[2] = {0.75f, -0.5f};
    static const struct {
        float said;
        double meant;
    } epsilons[] = {{0.001f, (double)0.001f}, {-1.0f, 1e-4}, {0.5f, 0.5}};
    double want[N];
    (void)state;

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        for (size_t k = 0; k < sizeof epsilons / sizeof *epsilons; k++) {
            const graph g = normalised(ops[i], epsilons[k].said, no_more);
            ws_frozen *frozen = read_well(&g);
            normalise(features, epsilons[k].meant, want);
            assert_predicts(frozen, WS_ENGINE_REFERENCE, features, want);
            assert_predicts(frozen, WS_ENGINE_FAST, features, want);
            destroy(frozen);
        }
}

/** The operator's variables are the file's numbers, under the names that their scale suggests. */
static void arrays_come_to_their_places(void **state)
{
    const graph g = normalised("FusedBatchNormV3", 0.0f, no_more);
    ws_frozen *frozen = read_well(&g);
    const ws_graph *model = &frozen->graph;
    const ws_node *norm = NULL;
    (void)state;

    for (size_t i = 0; i < model->n_nodes; i++)
        if (model->nodes[i].kind == WS_OP_BATCH_NORM)
            norm = &model->nodes[i];
    assert_non_null(norm);
    assert_true(norm->norm.epsilon > 0.0 && norm->norm.epsilon < 1e-20);
    const ws_variable *gamma = ws_graph_parameter(model, norm, WS_NORM_SCALE);
    const ws_variable *beta = ws_graph_parameter(model, norm, WS_NORM_OFFSET);
    assert_string_equal(gamma->name, "bn/gamma");
    assert_string_equal(beta->name, "bn/beta");
    assert_memory_equal(frozen->parameters + gamma->offset, gamma_data, sizeof gamma_data);
    assert_memory_equal(frozen->parameters + beta->offset, beta_data, sizeof beta_data);
    assert_memory_equal(frozen->states + model->states[norm->states[WS_NORM_MEAN]].offset,
                        mean_data, sizeof mean_data);
    assert_memory_equal(frozen->states + model->states[norm->states[WS_NORM_VARIANCE]].offset,
                        variance_data, sizeof variance_data);
    destroy(frozen);
}

/** Two of them, of which the second has a scale of a long name and shares mean and variance; and a
 *  product with a sum before both, whose own mean and variance are not in the file. */
static void several_are_told_apart(void **state)
{
    static const char long_name[] = "StatefulPartitionedCall/functional_1/stage_2/block_3/"
                                    "batch_normalization_1/ReadVariableOp/resource";
    static const float features[2] = {0.25f, 1.5f};
    graph g = normalised("FusedBatchNormV3", 0.001f, no_more);
    double want[N];
    (void)state;

    graph_put(&g, graph_constant("other/scale", &mean));
    graph_put(&g, graph_constant("other/shift", &variance));
    graph_put(&g, graph_node("product", "Mul", "Conv2D", "other/scale"));
    graph_put(&g, graph_node("sum", "AddV2", "product", "other/shift"));
    graph_put(&g, fused("FusedBatchNormV3", "sum", 0.001f, no_more));
    graph_put(&g, graph_constant(long_name, &offset));
    graph_put(&g, graph_constant("last/beta", &mean));
    ws_node_spec last = fused("FusedBatchNorm", "bn/Fused", 0.5f, no_more);
    last.name = "last";
    last.inputs[1] = long_name;
    last.inputs[2] = "last/beta";
    graph_put(&g, last);
    graph_put(
        &g, (ws_node_spec){.name = "Squeeze",
                           .op = "Squeeze",
                           .inputs = {"last"},
                           .attrs = {FLOAT, ws_attr_list("squeeze_dims", (ws_dims){2, {-2, -3}})}});
    ws_frozen *frozen = read_well(&g);
    for (size_t c = 0; c < N; c++) {
        const double m = (double)mean_data[c], v = (double)variance_data[c];
        double x = (double)features[0] * (double)(1 + c) + (double)features[1] * (double)(4 + c);
        x = x * m + v;
        x = (x - m) / sqrt(v + (double)0.001f) * (double)gamma_data[c] + (double)beta_data[c];
        want[c] = (x - m) / sqrt(v + 0.5) * (double)beta_data[c] + m;
    }
    assert_predicts(frozen, WS_ENGINE_REFERENCE, features, want);
    destroy(frozen);
}

static void other_normalisations_are_refused(void **state)
{
    static const struct {
        ws_attr more;
        const char *reason;
    } cases[] = {
        {{.name = "is_training", .kind = WS_ATTR_FLAG, .whole = 1},
         "node \"bn/Fused\" (FusedBatchNormV3) normalises by the mean and variance of each batch "
         "(is_training), expected a graph for prediction"},
        {{.name = "is_training", .kind = WS_ATTR_WHOLE}, "is_training"},
        {{.name = "data_format", .kind = WS_ATTR_TEXT, .text = "NCHW"},
         "node \"bn/Fused\" (FusedBatchNormV3) does not have its channels last (NHWC)"},
        {{.name = "epsilon", .kind = WS_ATTR_REAL, .real = -0.5f}, "has epsilon = -0.5, expected"},
        {{.name = "epsilon", .kind = WS_ATTR_REAL, .real = NAN}, "has epsilon = nan, expected"},
        {{.name = "epsilon", .kind = WS_ATTR_REAL, .real = INFINITY}, "has epsilon = inf"},
        {{.name = "epsilon", .kind = WS_ATTR_WHOLE, .whole = 1}, "epsilon"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        graph g = normalised("FusedBatchNormV3", -1.0f, no_more);
        ws_node_spec node = fused("FusedBatchNormV3", "Conv2D", -1.0f, cases[i].more);
        if (strcmp(cases[i].more.name, "is_training") == 0) {
            node.attrs[1] = cases[i].more;
            node.attrs[2] = no_more;
        }
        graph_put(&g, node);
        graph_expect_refused(&g, cases[i].reason);
    }
    /* an absent is_training is TensorFlow's true */
    graph g = normalised("FusedBatchNorm", -1.0f, no_more);
    ws_node_spec node = fused("FusedBatchNorm", "Conv2D", -1.0f, no_more);
    node.attrs[1] = no_more;
    graph_put(&g, node);
    graph_expect_refused(&g, "(is_training)");
}

static void arrays_that_do_not_fit_are_refused(void **state)
{
    static const float two_data[2] = {1.0f, 2.0f};
    static const ws_tensor two = {.dims = {1, {2}}, VALUES(WS_DTYPE_FLOAT, two_data)};
    static const ws_tensor none = {.dims = {1, {0}}, .dtype = WS_DTYPE_FLOAT};
    static const char *const names[] = {"bn/gamma", "bn/beta", "bn/mean", "bn/variance"};
    char reason[64];
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        graph g = normalised("FusedBatchNormV3", -1.0f, no_more);
        graph_put(&g, graph_constant(names[i], &two));
        (void)snprintf(reason, sizeof reason, "reads \"%s\", which does not fit [1, 1, 3]",
                       names[i]);
        graph_expect_refused(&g, reason);
        graph_put(&g, graph_constant(names[i], &none));
        (void)snprintf(reason, sizeof reason, "reads \"%s\", expected numbers (float32) of 1 dim",
                       names[i]);
        graph_expect_refused(&g, reason);
        graph_put(&g, graph_constant(names[i], &graph_weights));
        graph_expect_refused(&g, reason);
        graph_put(&g, graph_constant(names[i], &graph_rate));
        graph_expect_refused(&g, reason);
        graph_put(&g, graph_node(names[i], "Abs", "kernel", NULL));
        graph_expect_refused(&g, "expected a constant there");
    }
    graph g = normalised("FusedBatchNormV3", -1.0f, no_more);
    graph_put(&g, graph_constant("bn/variance", &below));
    graph_expect_refused(&g, "reads \"bn/variance\", whose number 2 is -0.5, expected a variance");
    graph_put(&g, graph_constant("bn/variance", &not_finite));
    graph_expect_refused(&g, "reads \"bn/variance\", whose number 1 is nan, expected a variance");
    g = normalised("FusedBatchNormV3", -1.0f, no_more);
    ws_node_spec node = fused("FusedBatchNormV3", "Conv2D", -1.0f, no_more);
    node.inputs[2] = "bn/gamma";
    graph_put(&g, node);
    graph_expect_refused(&g, "reads \"bn/gamma\" as scale and as offset");
    node.inputs[2] = "kernel";
    graph_put(&g, node);
    graph_expect_refused(&g, "reads \"kernel\", expected numbers (float32) of 1 dim");
    node.inputs[2] = "bn/beta";
    node.inputs[4] = NULL;
    graph_put(&g, node);
    graph_expect_refused(&g, "has 4 inputs, expected at least 5");
    /* the batch's mean, an output of training graphs */
    g = normalised("FusedBatchNormV3", -1.0f, no_more);
    graph_put(&g, graph_node("labels_softmax", "Softmax", "bn/Fused:1", NULL));
    graph_expect_refused(&g, "has no input from a supported operator");
}

/* ---- tf.nn.batch_normalization ---- */

/** Ways to write it. */
typedef struct form {
    bool has_no_gamma;
    bool is_turned; /* the inputs of each product and of the last sum change places */
} form;

static void put_pair(graph *g, const form *as, const char *name, const char *op, const char *x,
                     const char *y)
{
    graph_put(g, graph_node(name, op, as->is_turned ? y : x, as->is_turned ? x : y));
}

/** normalised() with that in place of the operator. */
static graph computed(const form *as)
{
    static const float epsilon_data[] = {0.001f};
    static const ws_tensor epsilon = {VALUES(WS_DTYPE_FLOAT, epsilon_data)};
    graph g = normalised("FusedBatchNormV3", -1.0f, no_more);
    const char *inverse = as->has_no_gamma ? "rsqrt" : "inverse";

    graph_put(&g, graph_constant("epsilon", &epsilon));
    graph_put(&g, graph_node("around", "AddV2", "bn/variance", "epsilon"));
    graph_put(&g, graph_node("rsqrt", "Rsqrt", "around", NULL));
    if (!as->has_no_gamma)
        put_pair(&g, as, "inverse", "Mul", "rsqrt", "bn/gamma");
    put_pair(&g, as, "scaled", "Mul", "Conv2D", inverse);
    put_pair(&g, as, "moved", "Mul", "bn/mean", inverse);
    graph_put(&g, graph_node("rest", "Sub", "bn/beta", "moved"));
    put_pair(&g, as, "bn/Fused", "AddV2", "scaled", "rest");
    return g;
}

static void computed_normalisations_give_their_scores(void **state)
{
    static const form forms[] = {{false, false}, {false, true}, {true, false}, {true, true}};
    static const float features[2] = {-0.25f, 1.0f};
    double want[N];
    (void)state;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const graph g = computed(&forms[i]);
        ws_frozen *frozen = read_well(&g);
        normalise(features, (double)0.001f, want);
        for (size_t c = 0; c < N && forms[i].has_no_gamma; c++)
            want[c] =
                (want[c] - (double)beta_data[c]) / (double)gamma_data[c] + (double)beta_data[c];
        assert_int_equal(frozen->graph.n_weights, 6 + (forms[i].has_no_gamma ? N : 2 * N));
        assert_predicts(frozen, WS_ENGINE_REFERENCE, features, want);
        assert_predicts(frozen, WS_ENGINE_FAST, features, want);
        destroy(frozen);
    }
}

static void other_computations_are_refused(void **state)
{
    static const float minus_data[] = {-1.0f}, two_data[2] = {1.0f, 2.0f};
    static const ws_tensor minus = {VALUES(WS_DTYPE_FLOAT, minus_data)};
    static const ws_tensor two = {.dims = {1, {2}}, VALUES(WS_DTYPE_FLOAT, two_data)};
    const form usual = {.is_turned = false};
    graph g = computed(&usual);
    (void)state;

    /* the mean is multiplied by another factor than the value */
    graph_put(&g, graph_node("moved", "Mul", "bn/mean", "rsqrt"));
    graph_expect_refused(&g, "not supported");
    g = computed(&usual);
    graph_put(&g, graph_node("rest", "Sub", "moved", "bn/beta"));
    graph_expect_refused(&g, "not supported");
    g = computed(&usual);
    graph_put(&g, graph_node("rsqrt", "Sqrt", "around", NULL));
    graph_expect_refused(&g, "not supported");
    g = computed(&usual);
    graph_put(&g, graph_constant("epsilon", &minus));
    graph_expect_refused(&g, "node \"around\" (AddV2) has epsilon = -1, expected");
    graph_put(&g, graph_constant("epsilon", &offset));
    graph_expect_refused(&g, "reads \"epsilon\", expected one constant number");
    g = computed(&usual);
    graph_put(&g, graph_constant("bn/variance", &below));
    graph_expect_refused(&g, "reads \"bn/variance\", whose number 2 is -0.5");
    g = computed(&usual);
    graph_put(&g, graph_constant("bn/mean", &two));
    graph_expect_refused(&g, "node \"moved\" (Mul) reads \"bn/mean\", which does not fit");
}

/** Keras 3 has two operators between the array of a bias and its use. */
static void a_bias_may_be_reshaped(void **state)
{
    static const int32_t wide_data[] = {1, 1, 1, N}, rows_data[] = {N, 1};
    static const ws_tensor wide = {.dims = {1, {4}}, VALUES(WS_DTYPE_INT32, wide_data)};
    static const ws_tensor rows = {.dims = {1, {2}}, VALUES(WS_DTYPE_INT32, rows_data)};
    static const float features[2] = {0.5f, 0.5f};
    graph g = normalised("FusedBatchNormV3", -1.0f, no_more);
    double want[N];
    (void)state;

    graph_put(&g, graph_constant("shape", &wide));
    graph_put(&g, graph_reshape("wide", "bias", "shape"));
    graph_put(&g, graph_node("narrow", "Squeeze", "wide", NULL));
    graph_put(&g, graph_node("bn/Fused", "BiasAdd", "Conv2D", "narrow"));
    ws_frozen *frozen = read_well(&g);
    for (size_t c = 0; c < N; c++)
        want[c] = 0.5 * (double)(1 + c) + 0.5 * (double)(4 + c) + (double)(7 + c);
    assert_predicts(frozen, WS_ENGINE_FAST, features, want);
    destroy(frozen);
    graph_put(&g, graph_constant("shape", &rows));
    graph_expect_refused(&g, "reads \"narrow\" (Squeeze), expected a constant there");
    graph_put(&g, graph_node("shape", "Shape", "bias", NULL));
    graph_expect_refused(&g, "reads \"narrow\" (Squeeze), expected a constant there");
}

static void squeezes_are_checked(void **state)
{
    static const struct {
        ws_dims axes;
        const char *reason;
    } cases[] = {
        {{0, {0}}, "does not drop exactly height and width"},
        {{1, {1}}, "does not drop exactly height and width"},
        {{3, {0, 1, 2}}, "does not drop exactly height and width"},
        {{3, {1, 2, 3}}, "does not drop exactly height and width"},
        {{2, {1, 4}}, "drops axis 4, expected axes 1 and 2"},
        {{2, {1, -5}}, "drops axis -5, expected axes 1 and 2"},
    };
    graph g;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        g = normalised("FusedBatchNormV3", -1.0f, no_more);
        graph_put(&g,
                  (ws_node_spec){.name = "Squeeze",
                                 .op = "Squeeze",
                                 .inputs = {"bn/Fused"},
                                 .attrs = {FLOAT, ws_attr_list("squeeze_dims", cases[i].axes)}});
        graph_expect_refused(&g, cases[i].reason);
    }
    /* a width of 2 cannot be dropped */
    ws_node_spec squeeze = {.name = "Squeeze",
                            .op = "Squeeze",
                            .inputs = {"Reshape"},
                            .attrs = {FLOAT, ws_attr_list("squeeze_dims", (ws_dims){2, {1, 2}})}};
    graph_put(&g, squeeze);
    graph_expect_refused(&g, "drops height 1 and width 2, expected 1 and 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_gives_its_scores),
        cmocka_unit_test(arrays_come_to_their_places),
        cmocka_unit_test(several_are_told_apart),
        cmocka_unit_test(other_normalisations_are_refused),
        cmocka_unit_test(arrays_that_do_not_fit_are_refused),
        cmocka_unit_test(computed_normalisations_give_their_scores),
        cmocka_unit_test(other_computations_are_refused),
        cmocka_unit_test(a_bias_may_be_reshaped),
        cmocka_unit_test(squeezes_are_checked),
    };
    return cmocka_run_group_tests_name("normalisations of graphs", tests, NULL, NULL);
}
