/* The arrays of checkpoints: listing them, reading them back, and the messages for a checkpoint
 * that was trained in another way; and the slots of TensorFlow's momentum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "models/model.h"
#include "nn/passes/quantize.h"
#include "recognize/saved_arrays.h"
#include "support/check.h"

static ws_graph graph, quantized;
static char dir[256];

/** Memory of a run. */
typedef struct memory {
    ws_saved_arrays arrays;
    float *slots; /* one of them */
    ws_quant_range ranges[16];
} memory;

static void open_memory(memory *m, const ws_graph *of, bool has_momentum)
{
    static const char *const names[] = {"Momentum", NULL};

    *m = (memory){.arrays = {.graph = of, .slot_names = has_momentum ? names : NULL}};
    m->arrays.parameters = calloc(of->n_weights, sizeof(float));
    m->slots = calloc(of->n_weights, sizeof(float));
    m->arrays.slots = &m->slots;
    m->arrays.ranges = m->ranges;
    assert_non_null(m->arrays.parameters);
    assert_non_null(m->slots);
    assert_true(of->n_quantizers <= sizeof m->ranges / sizeof *m->ranges);
    for (size_t q = 0; q < of->n_quantizers; q++)
        ws_quant_range_init(&m->ranges[q], &of->quantizers[q]);
}

static void close_memory(memory *m)
{
    free(m->arrays.parameters);
    free(m->slots);
}

static void fill(memory *m)
{
    const ws_graph *of = m->arrays.graph;

    for (size_t i = 0; i < of->n_weights; i++) {
        m->arrays.parameters[i] = 0.5f + (float)i;
        m->slots[i] = -0.25f * (float)i;
    }
    for (size_t q = 0; q < of->n_quantizers; q++)
        ws_quant_range_push(&m->ranges[q], &of->quantizers[q], -1.0f - (float)q, 2.0f + (float)q);
}

static int make_graphs(void **state)
{
    const ws_model *model;
    ws_error err;
    (void)state;

    ws_test_make_dir(dir, sizeof dir);
    if (ws_model_find(&model, "tiny_conv", &err) != WS_OK ||
        model->build(&graph, &(ws_model_settings){98, 40, 10, NULL}, &err) != WS_OK)
        return 1;
    if (ws_graph_init_copy(&quantized, &graph, &err) != WS_OK)
        return 1;
    return ws_graph_quantize(&quantized, -247.0f, 30.0f, &err) != WS_OK;
}

static int remove_dir(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

/** Writes all arrays but the one of that name. */
static void write_bundle(const memory *m, const char *prefix, const char *without)
{
    static ws_saved_array list[64];
    static ws_bundle_tensor tensors[64];
    const size_t n = ws_saved_arrays_count(&m->arrays);
    size_t n_written = 0;
    ws_error err;

    assert_true(n <= sizeof list / sizeof *list);
    ws_saved_arrays_list(&m->arrays, list);
    for (size_t i = 0; i < n; i++) {
        ws_bundle_tensor *tensor = &tensors[n_written];
        *tensor = (ws_bundle_tensor){
            .name = list[i].name,
            .dtype = WS_BUNDLE_FLOAT32,
            .n_dims = list[i].n_dims,
            .data = list[i].data,
            .size = list[i].size * sizeof(float),
        };
        memcpy(tensor->dims, list[i].dims, sizeof list[i].dims);
        n_written += without == NULL || strcmp(list[i].name, without) != 0;
    }
    assert_int_equal(ws_bundle_write(prefix, tensors, n_written, &err), WS_OK);
}

static char lines[1024]; /* what was logged */

static void keep_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    assert_int_equal(level, WS_LOG_INFO);
    (void)snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%s\n", line);
}

static ws_status read_bundle(const memory *m, const char *prefix, ws_error *err)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = keep_line};
    ws_bundle *bundle = NULL;

    lines[0] = '\0';
    assert_int_equal(ws_bundle_open(&bundle, prefix, err), WS_OK);
    const ws_status status = ws_saved_arrays_read(&m->arrays, bundle, "x.ckpt-1", &log, err);
    ws_bundle_close(bundle);
    return status;
}

static void everything_comes_back(void **state)
{
    memory written, read;
    char prefix[300];
    ws_error err;
    (void)state;

    (void)snprintf(prefix, sizeof prefix, "%s/all", dir);
    open_memory(&written, &quantized, true);
    open_memory(&read, &quantized, true);
    fill(&written);
    write_bundle(&written, prefix, NULL);
    assert_int_equal(read_bundle(&read, prefix, &err), WS_OK);
    assert_string_equal(lines, "");
    assert_memory_equal(read.arrays.parameters, written.arrays.parameters,
                        graph.n_weights * sizeof(float));
    assert_memory_equal(read.slots, written.slots, graph.n_weights * sizeof(float));
    /* the fixed range of the features is in no checkpoint: it is the graph's */
    assert_memory_equal(read.ranges, written.ranges,
                        quantized.n_quantizers * sizeof(ws_quant_range));
    close_memory(&written);
    close_memory(&read);
}

/** With averages and without, written and read. */
static void averages_decide(void **state)
{
    memory with, without;
    char prefix[300], plain[300];
    ws_error err;
    (void)state;

    (void)snprintf(prefix, sizeof prefix, "%s/averages", dir);
    (void)snprintf(plain, sizeof plain, "%s/no_averages", dir);
    open_memory(&with, &graph, true);
    open_memory(&without, &graph, true);
    with.arrays.averages = calloc(graph.n_weights, sizeof(float));
    assert_non_null(with.arrays.averages);
    fill(&with);
    for (size_t i = 0; i < graph.n_weights; i++)
        with.arrays.averages[i] = 1.5f - (float)i;
    write_bundle(&with, prefix, NULL);
    /* a run that goes on takes both */
    memset(with.arrays.averages, 0, graph.n_weights * sizeof(float));
    assert_int_equal(read_bundle(&with, prefix, &err), WS_OK);
    assert_string_equal(lines, "");
    assert_true(with.arrays.averages[7] == -5.5f && with.arrays.parameters[7] == 7.5f);
    /* one without averages has the weights, and says so */
    assert_int_equal(read_bundle(&without, prefix, &err), WS_OK);
    assert_true(without.arrays.parameters[7] == 7.5f && without.slots[7] == -1.75f);
    assert_string_equal(lines, "x.ckpt-1 was trained with --ema: "
                               "\"final_fc_bias/ExponentialMovingAverage\" and the like are not "
                               "used\n");
    /* a model that is used has the averages */
    without.arrays.takes_averages = true;
    assert_int_equal(read_bundle(&without, prefix, &err), WS_OK);
    assert_string_equal(lines, "");
    assert_true(without.arrays.parameters[7] == -5.5f && without.slots[7] == -1.75f);
    /* averages begin with the weights of a checkpoint that has none */
    without.arrays.parameters[7] = 3.25f;
    write_bundle(&without, plain, NULL);
    assert_int_equal(read_bundle(&with, plain, &err), WS_OK);
    assert_true(with.arrays.averages[7] == 3.25f && with.arrays.averages[8] == -6.5f);
    assert_string_equal(
        lines, "x.ckpt-1 was trained without --ema: the average starts from its weights\n");
    free(with.arrays.averages);
    close_memory(&with);
    close_memory(&without);
}

static void other_ways_of_training_are_said(void **state)
{
    memory plain, full;
    char few[300], many[300];
    ws_error err;
    (void)state;

    (void)snprintf(few, sizeof few, "%s/few", dir);
    (void)snprintf(many, sizeof many, "%s/many", dir);
    open_memory(&plain, &graph, false);
    open_memory(&full, &quantized, true);
    fill(&plain);
    write_bundle(&plain, few, NULL);
    assert_int_equal(read_bundle(&full, few, &err), WS_OK);
    assert_string_equal(
        lines, "x.ckpt-1 was trained with another --optimizer: \"Momentum\" starts from zero\n"
               "x.ckpt-1 was trained without --quantize: ranges are learned from here on\n");
    assert_true(full.slots[3] == 0.0f && full.arrays.parameters[3] == 3.5f);
    fill(&full);
    write_bundle(&full, many, NULL);
    assert_int_equal(read_bundle(&plain, many, &err), WS_OK);
    assert_string_equal(
        lines,
        "x.ckpt-1 was trained with another --optimizer: \"final_fc_bias/Momentum\" and the like "
        "are not used\n"
        "x.ckpt-1 was trained with --quantize: \"act_quant/act_quant/max/biased\" and the like are "
        "not used\n");
    close_memory(&plain);
    close_memory(&full);
}

static void half_of_it_is_refused(void **state)
{
    static const char *const missing[] = {"first_weights/Momentum", "act_quant/max",
                                          "weights_quant_1/min", "first_bias"};
    memory m;
    char prefix[300];
    ws_error err;
    (void)state;

    (void)snprintf(prefix, sizeof prefix, "%s/half", dir);
    open_memory(&m, &quantized, true);
    fill(&m);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        write_bundle(&m, prefix, missing[i]);
        assert_int_equal(read_bundle(&m, prefix, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, missing[i]));
    }
    close_memory(&m);
}

static void impossible_ranges_are_refused(void **state)
{
    memory m;
    char prefix[300];
    ws_error err;
    (void)state;

    (void)snprintf(prefix, sizeof prefix, "%s/ranges", dir);
    open_memory(&m, &quantized, false);
    fill(&m);
    m.ranges[1].numbers[WS_RANGE_MIN] = 0.5f;
    write_bundle(&m, prefix, NULL);
    assert_int_equal(read_bundle(&m, prefix, &err), WS_EFORMAT);
    assert_string_equal(err.message,
                        "x.ckpt-1: the range \"weights_quant\" is 0.5 to 3, expected finite "
                        "numbers with zero between them");
    close_memory(&m);
}

/** Of every kind of array: it is found before it is saved, and refused when it is read. */
static void numbers_that_are_not_finite_are_found(void **state)
{
    static ws_saved_array list[64];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    memory m;
    char prefix[300];
    ws_error err;
    (void)state;

    (void)snprintf(prefix, sizeof prefix, "%s/finite", dir);
    open_memory(&m, &quantized, true);
    fill(&m);
    const size_t n = ws_saved_arrays_count(&m.arrays);
    assert_true(n <= sizeof list / sizeof *list);
    ws_saved_arrays_list(&m.arrays, list);
    assert_null(ws_saved_arrays_find_nonfinite(list, n));
    for (size_t i = 0; i < n; i++) {
        float *last = &list[i].data[list[i].size - 1];
        const float good = *last;
        *last = bad[i % (sizeof bad / sizeof *bad)];
        assert_ptr_equal(ws_saved_arrays_find_nonfinite(list, n), &list[i]);
        write_bundle(&m, prefix, NULL);
        assert_int_equal(read_bundle(&m, prefix, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, list[i].name));
        assert_non_null(strstr(err.message, "not finite"));
        *last = good;
    }
    close_memory(&m);
}

/** What TensorFlow's train.py saved with --optimizer=momentum. */
static void tensorflows_slots_are_taken_up(void **state)
{
    memory m;
    char path[512];
    ws_error err;
    (void)state;

    if (!ws_test_shared(path, sizeof path,
                        "golden/tensorflow/models/tiny_conv_trained/tiny_conv.ckpt-2000.index"))
        skip();
    path[strlen(path) - strlen(".index")] = '\0';
    open_memory(&m, &graph, true);
    assert_int_equal(read_bundle(&m, path, &err), WS_OK);
    assert_string_equal(lines, "");
    for (size_t p = 0; p < graph.n_parameters; p++) {
        const ws_variable *parameter = &graph.parameters[p];
        char name[128];
        float *want = malloc(parameter->size * sizeof *want);
        ws_bundle *bundle = NULL;
        (void)snprintf(name, sizeof name, "%s/Momentum", parameter->name);
        assert_non_null(want);
        assert_int_equal(ws_bundle_open(&bundle, path, &err), WS_OK);
        assert_int_equal(ws_bundle_read(bundle, ws_bundle_find(bundle, name), want,
                                        parameter->size * sizeof *want, &err),
                         WS_OK);
        assert_memory_equal(m.slots + parameter->offset, want, parameter->size * sizeof *want);
        assert_true(ws_test_largest(want, parameter->size) > 0.0);
        ws_bundle_close(bundle);
        free(want);
    }
    close_memory(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(averages_decide),
        cmocka_unit_test(other_ways_of_training_are_said),
        cmocka_unit_test(half_of_it_is_refused),
        cmocka_unit_test(impossible_ranges_are_refused),
        cmocka_unit_test(numbers_that_are_not_finite_are_found),
        cmocka_unit_test(tensorflows_slots_are_taken_up),
    };
    return cmocka_run_group_tests(tests, make_graphs, remove_dir);
}
