/* The graph of a run and the times of its nodes, in the event files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph.pb-c.h"
#include "nn/cost.h"
#include "run_metadata.pb-c.h"
#include "support/models.h"
#include "unit/network_report.h"

typedef Tbproto__NodeDef node_message;

/** The graph and the times in a file of events. */
typedef struct written {
    event_file *file;
    Tbproto__GraphDef *graph;
    size_t n_graphs;
    size_t n_times;
    const char *names[8]; /* [n_times] */
    Tbproto__RunMetadata *times[8];
} written;

static written *read_written(const network_report *f)
{
    written *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->file = network_report_read_events(f, "train");
    for (size_t i = 0; i < w->file->n_records; i++) {
        const Tbproto__Event *event = w->file->events[i];
        if (event->what_case == TBPROTO__EVENT__WHAT_GRAPH_DEF) {
            w->n_graphs++;
            w->graph =
                tbproto__graph_def__unpack(NULL, event->graph_def.len, event->graph_def.data);
            assert_non_null(w->graph);
        } else if (event->what_case == TBPROTO__EVENT__WHAT_TAGGED_RUN_METADATA) {
            const ProtobufCBinaryData bytes = event->tagged_run_metadata->run_metadata;
            assert_true(w->n_times < 8);
            w->names[w->n_times] = event->tagged_run_metadata->tag;
            w->times[w->n_times] = tbproto__run_metadata__unpack(NULL, bytes.len, bytes.data);
            assert_non_null(w->times[w->n_times++]);
        }
    }
    assert_int_equal(w->n_graphs, 1);
    return w;
}

static void destroy_written(written *w)
{
    tbproto__graph_def__free_unpacked(w->graph, NULL);
    for (size_t i = 0; i < w->n_times; i++)
        tbproto__run_metadata__free_unpacked(w->times[i], NULL);
    event_file_destroy(w->file);
    free(w);
}

static const node_message *find_node(const Tbproto__GraphDef *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_node; i++)
        if (strcmp(graph->node[i]->name, name) == 0)
            return graph->node[i];
    return NULL;
}

static const Tbproto__AttrValue *find_attribute(const node_message *node, const char *name)
{
    for (size_t i = 0; i < node->n_attr; i++)
        if (strcmp(node->attr[i]->key, name) == 0)
            return node->attr[i]->value;
    return NULL;
}

/** The integer of that name, summed over all nodes. */
static int64_t sum_attributes(const Tbproto__GraphDef *graph, const char *name)
{
    int64_t sum = 0;
    for (size_t i = 0; i < graph->n_node; i++) {
        const Tbproto__AttrValue *value = find_attribute(graph->node[i], name);
        if (value == NULL)
            continue;
        assert_int_equal(value->value_case, TBPROTO__ATTR_VALUE__VALUE_I);
        sum += value->i;
    }
    return sum;
}

/** "-1x48x40x1"; "" without a shape. */
static const char *shape_of(const node_message *node)
{
    static char text[128];
    const Tbproto__AttrValue *value = find_attribute(node, "_output_shapes");
    size_t used = 0;

    text[0] = '\0';
    if (value == NULL)
        return text;
    assert_int_equal(value->list->n_shape, 1);
    for (size_t i = 0; i < value->list->shape[0]->n_dim; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i > 0 ? "x" : "",
                                 (long long)value->list->shape[0]->dim[i]->size);
    return text;
}

static size_t count_ops(const Tbproto__GraphDef *graph, const char *prefix)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_node; i++)
        n += strncmp(graph->node[i]->op, prefix, strlen(prefix)) == 0 &&
             strncmp(graph->node[i]->name, "gradients/", 10) != 0;
    return n;
}

static void check_nodes(const Tbproto__GraphDef *graph)
{
    for (size_t i = 0; i < graph->n_node; i++) {
        const node_message *node = graph->node[i];
        assert_ptr_equal(find_node(graph, node->name), node); /* no name twice */
        assert_string_not_equal(node->op, "Const");
        for (size_t k = 0; k < node->n_input; k++)
            assert_non_null(find_node(graph, node->input[k]));
    }
}

/** What every graph has to have, held to that which the network runs. */
static void check_graph(const network_report *f, const Tbproto__GraphDef *graph)
{
    double n_products = 0.0;
    char logits[32];

    check_nodes(graph);
    for (size_t i = 0; i < f->graph.n_nodes; i++)
        n_products += ws_graph_count_products(&f->graph, i);
    assert_int_equal(sum_attributes(graph, "parameters"), f->graph.n_weights);
    assert_int_equal(sum_attributes(graph, "multiplications_per_clip"), (int64_t)n_products);
    assert_int_equal(count_ops(graph, "FakeQuant"), f->graph.n_quantizers);
    (void)snprintf(logits, sizeof logits, "-1x%zu", ws_graph_n_labels(&f->graph));
    assert_string_equal(shape_of(find_node(graph, "Softmax")), logits);
    assert_string_equal(shape_of(find_node(graph, "features/Mfcc")), "-1x48x40");
    assert_string_equal(shape_of(find_node(graph, "input/Reshape")), "-1x48x40x1");
    assert_non_null(find_node(graph, "update/ApplyMomentum"));
}

/** Durations are made up, and far above what phases can really take on a machine however busy. */
static ws_report_step step_of(int64_t step, double seconds)
{
    return (ws_report_step){
        .step = step, .seconds = seconds, .input_seconds = 0.25, .update_seconds = 0.125};
}

static void every_model_is_drawn(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * WS_TEST_N_ORIGINAL_MODELS; i++) {
        const network_report_case tried = {.model = ws_test_models[i / 2],
                                           .is_quantized = i % 2 == 1,
                                           .views = "graph",
                                           .first_step = 1};
        network_report *f = network_report_open(&tried);
        const ws_report_step step = step_of(1, 1000.0);
        network_report_push_step(f, &step);
        network_report_push_evaluation(f, 1, true);
        network_report_finish(f);
        written *w = read_written(f);
        check_graph(f, w->graph);
        assert_int_equal(w->n_times, 1);
        const Tbproto__DeviceStepStats *device = w->times[0]->step_stats->dev_stats[0];
        assert_int_equal(device->n_node_stats, w->graph->n_node);
        int64_t sum = 0;
        for (size_t k = 0; k < device->n_node_stats; k++) {
            assert_non_null(find_node(w->graph, device->node_stats[k]->node_name));
            sum += device->node_stats[k]->all_end_rel_micros;
        }
        assert_int_equal(sum, 1000000000);
        destroy_written(w);
        network_report_close(f);
    }
}

typedef struct expected_node {
    const char *name, *op, *shape, *input;
} expected_node;

static void conv_is_drawn_by_layers(void **state)
{
    static const expected_node expected[] = {
        {"features/wav_data", "Placeholder", "", NULL},
        {"features/DecodeWav", "DecodeWav", "-1x4000x1", "features/wav_data"},
        {"features/AudioSpectrogram", "AudioSpectrogram", "-1x48x129", "features/DecodeWav"},
        {"features/Mfcc", "Mfcc", "-1x48x40", "features/AudioSpectrogram"},
        {"input/Reshape", "Reshape", "-1x48x40x1", "features/Mfcc"},
        {"conv_1/Conv2D", "Conv2D", "-1x48x40x64", "input/Reshape"},
        {"conv_1/BiasAdd", "BiasAdd", "-1x48x40x64", "conv_1/Conv2D"},
        {"conv_1/Relu", "Relu", "-1x48x40x64", "conv_1/BiasAdd"},
        {"conv_1/Dropout", "Dropout", "-1x48x40x64", "conv_1/Relu"},
        {"conv_1/MaxPool", "MaxPool", "-1x24x20x64", "conv_1/Dropout"},
        {"conv_2/Conv2D", "Conv2D", "-1x24x20x64", "conv_1/MaxPool"},
        {"conv_2/BiasAdd", "BiasAdd", "-1x24x20x64", "conv_2/Conv2D"},
        {"conv_2/Relu", "Relu", "-1x24x20x64", "conv_2/BiasAdd"},
        {"conv_2/Dropout", "Dropout", "-1x24x20x64", "conv_2/Relu"},
        {"dense_3/MatMul", "MatMul", "-1x4", "conv_2/Dropout"},
        {"dense_3/BiasAdd", "BiasAdd", "-1x4", "dense_3/MatMul"},
        {"labels", "Placeholder", "-1", NULL},
        {"Softmax", "Softmax", "-1x4", "dense_3/BiasAdd"},
        {"loss/SparseSoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits", "-1",
         "dense_3/BiasAdd"},
        {"loss/Mean", "Mean", "", "loss/SparseSoftmaxCrossEntropyWithLogits"},
        {"gradients/dense_3", "MatMulGrad", "", "loss/Mean"},
        {"gradients/conv_2", "Conv2DGrad", "", "gradients/dense_3"},
        {"gradients/conv_1", "Conv2DGrad", "", "gradients/conv_2"},
        {"update/ApplyMomentum", "ApplyMomentum", "", "gradients/dense_3"},
    };
    network_report *f = network_report_open(
        &(network_report_case){.model = "conv", .views = "graph", .first_step = 1});
    (void)state;
    network_report_finish(f);
    written *w = read_written(f);
    assert_int_equal(w->graph->n_node, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < w->graph->n_node; i++) {
        const node_message *node = w->graph->node[i];
        assert_string_equal(node->name, expected[i].name);
        assert_string_equal(node->op, expected[i].op);
        assert_string_equal(shape_of(node), expected[i].shape);
        if (expected[i].input != NULL)
            assert_string_equal(node->input[0], expected[i].input);
    }
    const Tbproto__AttrValue *kernel = find_attribute(w->graph->node[5], "kernel");
    assert_memory_equal(kernel->s.data, "20 x 8", kernel->s.len);
    destroy_written(w);
    network_report_close(f);
}

static int64_t duration_of(const Tbproto__RunMetadata *times, const char *name)
{
    const Tbproto__DeviceStepStats *device = times->step_stats->dev_stats[0];
    for (size_t i = 0; i < device->n_node_stats; i++)
        if (strcmp(device->node_stats[i]->node_name, name) == 0)
            return device->node_stats[i]->all_end_rel_micros;
    fail_msg("%s has no time", name);
    return 0;
}

static void the_median_step_is_told(void **state)
{
    /* of four the third in order: 300 s, of which 0.25 are input and 0.125 the update */
    static const double seconds[] = {500.0, 100.0, 300.0, 200.0};
    network_report *f = network_report_open(
        &(network_report_case){.model = "conv", .views = "graph", .first_step = 1});
    (void)state;
    for (int64_t step = 1; step <= 4; step++) {
        const ws_report_step one = step_of(step, seconds[step - 1]);
        network_report_push_step(f, &one);
    }
    network_report_push_evaluation(f, 4, false);
    network_report_finish(f);
    written *w = read_written(f);
    const Tbproto__RunMetadata *times = w->times[0];
    assert_int_equal(w->n_times, 1);
    assert_string_equal(w->names[0], "step 4");
    assert_int_equal(duration_of(times, "features/Mfcc"), 250000);
    assert_int_equal(duration_of(times, "update/ApplyMomentum"), 125000);
    /* the phases took their share; the rest of the made-up duration is the loss's */
    int64_t sum = 375000 + duration_of(times, "loss/SparseSoftmaxCrossEntropyWithLogits");
    static const char *const stages[] = {"conv_1/Conv2D",    "conv_2/Conv2D",
                                         "dense_3/MatMul",   "gradients/dense_3",
                                         "gradients/conv_2", "gradients/conv_1"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        assert_true(duration_of(times, stages[i]) > 0);
        sum += duration_of(times, stages[i]);
    }
    assert_int_equal(sum, 300000000);
    assert_int_equal(duration_of(times, "conv_1/Relu"), 0);
    const Tbproto__NodeExecStats *conv = times->step_stats->dev_stats[0]->node_stats[5];
    assert_string_equal(conv->node_name, "conv_1/Conv2D");
    assert_int_equal(conv->memory[0]->total_bytes, (int64_t)N_ROWS * 48 * 40 * 64 * 4);
    destroy_written(w);
    network_report_close(f);
}

static void times_are_few(void **state)
{
    static const char *const names[] = {"step 1", "step 2", "step 3", "step 6"};
    network_report *f = network_report_open(
        &(network_report_case){.model = "single_fc", .views = "graph", .first_step = 1});
    (void)state;
    for (int64_t step = 1; step <= 6; step++) {
        const ws_report_step one = step_of(step, 1.0);
        network_report_push_step(f, &one);
        network_report_push_evaluation(f, step, step == 6);
    }
    network_report_finish(f);
    written *w = read_written(f);
    assert_int_equal(w->n_times, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(w->names[i], names[i]);
    destroy_written(w);
    network_report_close(f);
}

static void the_reference_engine_has_no_times(void **state)
{
    network_report *f = network_report_open(&(network_report_case){
        .model = "single_fc", .engine = WS_ENGINE_REFERENCE, .views = "graph", .first_step = 1});
    const ws_report_step step = step_of(1, 1.0);
    (void)state;
    network_report_push_step(f, &step);
    network_report_push_evaluation(f, 1, true);
    network_report_finish(f);
    written *w = read_written(f);
    assert_int_equal(w->n_times, 0);
    destroy_written(w);
    network_report_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_is_drawn),
        cmocka_unit_test(conv_is_drawn_by_layers),
        cmocka_unit_test(the_median_step_is_told),
        cmocka_unit_test(times_are_few),
        cmocka_unit_test(the_reference_engine_has_no_times),
    };
    return cmocka_run_group_tests(tests, source_make_whole, source_remove);
}
