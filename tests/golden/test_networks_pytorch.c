/* Today's networks against PyTorch's figures in double precision, on hashed weights and features:
 * names and sizes of all variables, logits, loss, every gradient, running statistics after a step.
 * make_networks_pytorch.py made the figures and says what each array is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "models/model.h"
#include "nn/network.h"
#include "support/check.h"
#include "support/npz.h"

enum { N = 3, N_LABELS = 12, N_SKETCH = 8, PROJECTION = 500, MAX_PATH = 512, MAX_VARIABLES = 512 };

static const ws_mixednet_settings with_residuals = {
    .first_filters = 32,
    .first_kernel = 5,
    .stride = 3,
    .kernels = "[5], [7,11,3]",
    .filters = "48,64",
    .residuals = "1,1",
};

typedef struct golden_case {
    const char *file; /* data/pytorch_<file>.npz */
    const char *architecture;
    size_t n_frames, width;
    size_t n_weights; /* as published for 12 labels */
    /* Of the fast engine. Deep in the widest networks rounding in single precision moves some
     * numbers across the bend of a ReLU. */
    double tolerance;
    const ws_mixednet_settings *mixednet;
} golden_case;

static const golden_case cases[] = {
    {"bc_resnet_1", "bc_resnet_1", 101, 40, 9232, 1e-5, NULL},
    {"bc_resnet_1.5", "bc_resnet_1.5", 101, 40, 17154, 1e-5, NULL},
    {"bc_resnet_2", "bc_resnet_2", 101, 40, 27284, 1e-5, NULL},
    {"bc_resnet_3", "bc_resnet_3", 101, 40, 54168, 1e-5, NULL},
    {"bc_resnet_6", "bc_resnet_6", 33, 40, 187812, 1e-3, NULL},
    {"bc_resnet_8", "bc_resnet_8", 33, 40, 321068, 1e-3, NULL},
    {"ds_cnn_s", "ds_cnn_s", 49, 10, 23180, 1e-5, NULL},
    {"ds_cnn_m", "ds_cnn_m", 49, 10, 136580, 1e-5, NULL},
    {"ds_cnn_l", "ds_cnn_l", 49, 10, 413736, 1e-5, NULL},
    {"tc_resnet_8", "tc_resnet_8", 98, 40, 65180, 1e-5, NULL},
    {"tc_resnet_8_1.5", "tc_resnet_8_1.5", 98, 40, 144276, 1e-5, NULL},
    {"tc_resnet_14", "tc_resnet_14", 98, 40, 135868, 1e-5, NULL},
    {"tc_resnet_14_1.5", "tc_resnet_14_1.5", 98, 40, 303012, 1e-5, NULL},
    {"ds_tc_resnet", "ds_tc_resnet", 98, 40, 71684, 1e-5, NULL},
    {"mixednet_2024", "mixednet", 204, 40, 37292, 1e-5, &ws_mixednet_2024},
    {"mixednet_2026", "mixednet", 204, 40, 28300, 1e-5, &ws_mixednet_2026},
    {"mixednet_residual", "mixednet", 80, 40, 25788, 1e-5, &with_residuals},
};

/** A case under way. */
typedef struct trial {
    const golden_case *at;
    ws_npz npz;
    ws_graph graph;
    ws_network *network;
    uint32_t seed;                      /* the first stream of this file's numbers */
    char *names;                        /* of all variables, one a line */
    const char *name_at[MAX_VARIABLES]; /* into names, each ended by 0 */
    size_t n_variables;
    float *features;
} trial;

/** The i-th number of a stream in [-0.5, 0.5); exact in single precision. */
static double value(uint32_t stream, uint32_t i)
{
    uint32_t h = i + stream * 1000003U;

    h ^= h >> 16;
    h *= 0x7FEB352DU;
    h ^= h >> 15;
    h *= 0x846CA68BU;
    h ^= h >> 16;
    return (double)(h >> 8) / 16777216.0 - 0.5;
}

static ws_npy get(const trial *t, const char *name)
{
    ws_npy npy;
    ws_error err;

    if (ws_npz_get(&t->npz, name, &npy, &err) != WS_OK)
        fail_msg("%s", err.message);
    return npy;
}

static void read_names(trial *t)
{
    ws_npy npy = get(t, "names");

    t->names = calloc(npy.n_items + 1, 1);
    assert_non_null(t->names);
    memcpy(t->names, npy.data, npy.n_items);
    for (char *name = strtok(t->names, "\n"); name != NULL; name = strtok(NULL, "\n")) {
        assert_true(t->n_variables < MAX_VARIABLES);
        t->name_at[t->n_variables++] = name;
    }
    ws_npy_deinit(&npy);
}

/** The number of a variable in the script's order. */
static size_t number_of(const trial *t, const ws_variable *variable)
{
    for (size_t i = 0; i < t->n_variables; i++)
        if (strcmp(t->name_at[i], variable->name) == 0)
            return i;
    fail_msg("%s: the figures have no variable %s", t->at->file, variable->name);
    return 0;
}

static void check_dims(const trial *t, const ws_variable *variable)
{
    ws_npy dims = get(t, "dims");
    const size_t number = number_of(t, variable);

    for (size_t i = 0; i < WS_VARIABLE_MAX_DIMS; i++)
        assert_int_equal((size_t)ws_npy_item(&dims, number * WS_VARIABLE_MAX_DIMS + i),
                         i < variable->n_dims ? variable->dims[i] : 0);
    ws_npy_deinit(&dims);
}

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

/** What the script makes of a variable's hash. */
static void fill(const trial *t, const ws_variable *v, float *numbers)
{
    const size_t number = number_of(t, v);
    const bool is_depthwise = ends_in(v->name, "depthwise_weights");
    const double fan_in =
        (double)(is_depthwise ? v->dims[0] * v->dims[1] : v->size / v->dims[v->n_dims - 1]);

    for (size_t i = 0; i < v->size; i++) {
        const double u = value(t->seed + (uint32_t)number + 1, (uint32_t)i);

        if (ends_in(v->name, "weights"))
            numbers[v->offset + i] = (float)(u * sqrt(24.0 / fan_in));
        else if (ends_in(v->name, "/gamma") || ends_in(v->name, "/moving_variance"))
            numbers[v->offset + i] = (float)(1.0 + 0.5 * u);
        else
            numbers[v->offset + i] = (float)(ends_in(v->name, "/moving_mean") ? 0.2 * u : 0.5 * u);
    }
}

static void fill_all(trial *t)
{
    for (size_t i = 0; i < t->graph.n_parameters; i++)
        fill(t, &t->graph.parameters[i], ws_network_parameters(t->network));
    for (size_t i = 0; i < t->graph.n_states; i++)
        fill(t, &t->graph.states[i], ws_network_states(t->network));
}

static void open_trial(trial *t, const golden_case *at)
{
    char path[MAX_PATH];
    const ws_model *model;
    ws_error err;

    *t = (trial){.at = at};
    (void)snprintf(path, sizeof path, "%s/golden/data/pytorch_%s.npz", WS_TESTS_DIR, at->file);
    assert_int_equal(ws_npz_read(path, &t->npz, &err), WS_OK);
    assert_int_equal(ws_model_find(&model, at->architecture, &err), WS_OK);
    assert_int_equal(
        model->build(&t->graph,
                     &(ws_model_settings){at->n_frames, at->width, N_LABELS, at->mixednet}, &err),
        WS_OK);
    read_names(t);
    ws_npy seed = get(t, "seed");
    t->seed = (uint32_t)ws_npy_item(&seed, 0);
    ws_npy_deinit(&seed);
    const size_t n = N * at->n_frames * at->width;
    t->features = malloc(n * sizeof *t->features);
    assert_non_null(t->features);
    for (size_t i = 0; i < n; i++)
        t->features[i] = (float)(4.0 * value(t->seed, (uint32_t)i));
}

static void open_network(trial *t, const ws_network_options *options)
{
    ws_error err;

    ws_network_destroy(t->network);
    t->network = NULL;
    if (ws_network_create(&t->network, &t->graph, options, &err) != WS_OK)
        fail_msg("%s: %s", t->at->file, err.message);
    fill_all(t);
}

static void close_trial(trial *t)
{
    ws_network_destroy(t->network);
    ws_graph_deinit(&t->graph);
    ws_npz_deinit(&t->npz);
    free(t->names);
    free(t->features);
}

/** Numbers against golden ones, relative to the largest of these. */
static void check_array(const trial *t, const char *what, const float *numbers,
                        const ws_npy *golden, double tolerance)
{
    double largest = 0.0;

    for (size_t i = 0; i < golden->n_items; i++)
        largest = fmax(largest, fabs(ws_npy_item(golden, i)));
    for (size_t i = 0; i < golden->n_items; i++)
        if (!(fabs((double)numbers[i] - ws_npy_item(golden, i)) <= tolerance * largest))
            fail_msg("%s: %s %zu is %.9g, PyTorch says %.9g", t->at->file, what, i,
                     (double)numbers[i], ws_npy_item(golden, i));
}

/** The largest norm of all gradients of the kind that a variable is of, by its rank: rounding is
 *  judged by it, as a gradient may be a small difference of large sums, and that of a bias before a
 *  normalisation is exactly zero. */
static double largest_norm(const trial *t, const ws_npy *norms, size_t n_dims)
{
    double largest = 0.0;

    for (size_t i = 0; i < t->graph.n_parameters; i++)
        if (t->graph.parameters[i].n_dims == n_dims)
            largest = fmax(largest, ws_npy_item(norms, i));
    return largest;
}

static void check_gradient(const trial *t, size_t p, const float *gradient, double tolerance)
{
    const ws_variable *v = &t->graph.parameters[p];
    ws_npy norms = get(t, "grad_norms"), sketches = get(t, "grad_sketches");
    ws_npy projections = get(t, "grad_projections");
    const uint32_t stream = t->seed + PROJECTION + (uint32_t)number_of(t, v) + 1;
    double square = 0.0, projection = 0.0;

    for (size_t i = 0; i < v->size; i++) {
        square += (double)gradient[i] * (double)gradient[i];
        projection += (double)gradient[i] * value(stream, (uint32_t)i);
    }
    const double norm = ws_npy_item(&norms, p);
    const double allowed = tolerance * largest_norm(t, &norms, v->n_dims);
    if (!(fabs(sqrt(square) - norm) <= allowed))
        fail_msg("%s: the gradient of %s has norm %.9g, PyTorch says %.9g", t->at->file, v->name,
                 sqrt(square), norm);
    if (!(fabs(projection - ws_npy_item(&projections, p)) <= allowed))
        fail_msg("%s: the gradient of %s is projected to %.9g, PyTorch says %.9g", t->at->file,
                 v->name, projection, ws_npy_item(&projections, p));
    for (size_t i = 0; i < N_SKETCH; i++) {
        const double golden = ws_npy_item(&sketches, p * N_SKETCH + i);
        const size_t n_tail = v->size < N_SKETCH ? (v->size > 4 ? v->size - 4 : 0) : 4;
        const size_t at = i < 4 ? i : v->size - n_tail + (i - 4);

        if (!isnan(golden) && !(fabs((double)gradient[at] - golden) <= allowed))
            fail_msg("%s: number %zu of the gradient of %s is %.9g, PyTorch says %.9g", t->at->file,
                     at, v->name, (double)gradient[at], golden);
    }
    ws_npy_deinit(&norms);
    ws_npy_deinit(&sketches);
    ws_npy_deinit(&projections);
}

/** The running statistics stand in the file in the order of the graph's. */
static void check_states(const trial *t, double tolerance)
{
    ws_npy golden = get(t, "states");
    const float *states = ws_network_states(t->network);
    size_t k = 0;

    for (size_t i = 0; i < t->graph.n_states; i++) {
        const ws_variable *v = &t->graph.states[i];
        double largest = 0.0;

        for (size_t j = 0; j < v->size; j++)
            largest = fmax(largest, fabs(ws_npy_item(&golden, k + j)));
        for (size_t j = 0; j < v->size; j++, k++)
            if (!(fabs((double)states[v->offset + j] - ws_npy_item(&golden, k)) <=
                  tolerance * largest))
                fail_msg("%s: number %zu of %s is %.9g, PyTorch says %.9g", t->at->file, j, v->name,
                         (double)states[v->offset + j], ws_npy_item(&golden, k));
    }
    assert_int_equal(k, golden.n_items);
    ws_npy_deinit(&golden);
}

static void check_network(trial *t, double tolerance)
{
    float logits[N * N_LABELS];
    int32_t labels[N];
    ws_npy golden = get(t, "logits"), train_golden = get(t, "train_logits"), loss = get(t, "loss");

    for (size_t i = 0; i < N; i++)
        labels[i] = (int32_t)i;
    ws_network_predict(t->network, t->features, N, logits);
    check_array(t, "logit", logits, &golden, tolerance);
    const double got = ws_network_train(
        t->network,
        &(ws_batch){.features = t->features, .labels = labels, .n = N, .dropout = {.rate = 0.0}},
        logits);
    check_array(t, "training logit", logits, &train_golden, tolerance);
    assert_true(fabs(got - ws_npy_item(&loss, 0)) <= tolerance * ws_npy_item(&loss, 0));
    for (size_t p = 0; p < t->graph.n_parameters; p++)
        check_gradient(t, p, ws_network_gradients(t->network) + t->graph.parameters[p].offset,
                       tolerance);
    check_states(t, tolerance);
    ws_npy_deinit(&golden);
    ws_npy_deinit(&train_golden);
    ws_npy_deinit(&loss);
}

static void test_variables_are_the_published_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trial t;

        open_trial(&t, &cases[i]);
        assert_int_equal(t.graph.n_weights, cases[i].n_weights);
        assert_int_equal(t.graph.n_parameters + t.graph.n_states, t.n_variables);
        for (size_t p = 0; p < t.graph.n_parameters; p++)
            check_dims(&t, &t.graph.parameters[p]);
        for (size_t s = 0; s < t.graph.n_states; s++)
            check_dims(&t, &t.graph.states[s]);
        close_trial(&t);
    }
}

static void test_reference_engine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trial t;

        open_trial(&t, &cases[i]);
        open_network(&t, &(ws_network_options){
                             .max_batch = N, .n_threads = 1, .engine = WS_ENGINE_REFERENCE});
        check_network(&t, 1e-6);
        close_trial(&t);
    }
}

/** Every instruction set that this processor has. */
static void test_fast_engine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trial t;

        open_trial(&t, &cases[i]);
        for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
            open_network(&t, &(ws_network_options){.max_batch = N,
                                                   .n_threads = 2,
                                                   .isa = ws_cpu_level_get_name(level)});
            check_network(&t, cases[i].tolerance);
        }
        close_trial(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_are_the_published_ones),
        cmocka_unit_test(test_reference_engine),
        cmocka_unit_test(test_fast_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
