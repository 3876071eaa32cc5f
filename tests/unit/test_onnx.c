/* formats/onnx: files have the rules of ONNX, and what cannot be said is refused by name. Whether
 * the numbers are right is for ONNX Runtime to say: tests/interop/test_onnx.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/onnx.h"
#include "nn/lite/lower.h"
#include "onnx.pb-c.h"
#include "support/models.h"
#include "unit/frozen_fixture.h"
#include "unit/lite_fixture.h"

#define MAX_BYTES ((size_t)1 << 28)

static const ws_lite_lower_options as_trained = {.rounds = true};

static void write_model(const ws_lite *lite, ws_buf *file)
{
    ws_buf_init(file, MAX_BYTES);
    assert_int_equal(ws_onnx_write(lite, file, NULL), WS_OK);
}

/** Adds a name that must be new. */
static void add_name(ws_text_list *names, const char *name)
{
    assert_string_not_equal(name, "");
    if (ws_text_list_has(names, name))
        fail_msg("two values are called %s", name);
    assert_int_equal(ws_text_list_push(names, name), WS_OK);
}

static size_t bytes_of(const Onnx__TensorProto *tensor)
{
    size_t n = tensor->data_type == 2 ? 1 : tensor->data_type == 7 ? 8 : 4;

    for (size_t i = 0; i < tensor->n_dims; i++)
        n *= (size_t)tensor->dims[i];
    return n;
}

/** Each value has one name and is there before it is read; constants have the bytes of their dims.
 */
static void check_graph(const Onnx__GraphProto *graph)
{
    ws_text_list names = {.n_items = 0};

    assert_int_equal(graph->n_input, 1);
    assert_int_equal(graph->n_output, 1);
    add_name(&names, graph->input[0]->name);
    for (size_t i = 0; i < graph->n_initializer; i++) {
        add_name(&names, graph->initializer[i]->name);
        assert_int_equal(graph->initializer[i]->raw_data.len, bytes_of(graph->initializer[i]));
    }
    for (size_t i = 0; i < graph->n_node; i++) {
        const Onnx__NodeProto *node = graph->node[i];
        for (size_t k = 0; k < node->n_input; k++)
            if (!ws_text_list_has(&names, node->input[k]))
                fail_msg("%s reads %s before it is there", node->name, node->input[k]);
        assert_int_equal(node->n_output, 1);
        add_name(&names, node->output[0]);
        for (size_t k = 0; k < node->n_attribute; k++)
            assert_true(node->attribute[k]->has_type);
    }
    assert_true(ws_text_list_has(&names, graph->output[0]->name));
    assert_string_equal(graph->input[0]->type->tensor_type->shape->dim[0]->dim_param, "N");
    assert_string_equal(graph->output[0]->type->tensor_type->shape->dim[0]->dim_param, "N");
    ws_text_list_deinit(&names);
}

static void check_file(const ws_buf *file, const char *note)
{
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, file->size, file->data);

    assert_non_null(model);
    assert_int_equal(model->ir_version, 7);
    assert_int_equal(model->n_opset_import, 1);
    assert_int_equal(model->opset_import[0]->version, 13);
    if (note != NULL)
        assert_string_equal(model->metadata_props[0]->value, note);
    Onnx__GraphProto *graph = onnx__graph_proto__unpack(NULL, model->graph.len, model->graph.data);
    assert_non_null(graph);
    check_graph(graph);
    onnx__graph_proto__free_unpacked(graph, NULL);
    onnx__model_proto__free_unpacked(model, NULL);
}

static void every_network_follows_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_lite lite;
        ws_buf first, second;
        lite_lower_model(ws_test_models[i], &as_trained, &lite);
        write_model(&lite, &first);
        write_model(&lite, &second);
        check_file(&first, "a note");
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.data, second.data, first.size);
        ws_buf_deinit(&first);
        ws_buf_deinit(&second);
        ws_lite_deinit(&lite);
    }
}

static void expect_refusal(const ws_lite *lite, const char *message)
{
    ws_error err = {WS_OK, ""};
    ws_buf file;

    ws_buf_init(&file, MAX_BYTES);
    assert_int_equal(ws_onnx_write(lite, &file, &err), WS_EINVAL);
    assert_string_equal(err.message, message);
    assert_int_equal(file.size, 0);
    ws_buf_deinit(&file);
}

static void what_cannot_be_said_is_named(void **state)
{
    ws_lite lite;

    (void)state;
    lite_lower_model("single_fc", &as_trained, &lite);
    ws_lite_node *node = &lite.graphs[0].nodes[0];
    assert_int_equal(node->kind, WS_LITE_FULLY_CONNECTED);
    node->options.activation = WS_LITE_ACTIVATION_RELU6;
    expect_refusal(&lite, "an ONNX model cannot hold FULLY_CONNECTED with an activation other than "
                          "RELU");
    node->kind = WS_LITE_SPLIT;
    expect_refusal(&lite, "an ONNX model cannot hold SPLIT as an operator");
    ws_lite_deinit(&lite);
}

/** Networks that together have every operator, every kind of padding, and rounded values. */
static void every_operator_follows_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i <= WS_TEST_N_FROZEN; i++) {
        ws_frozen *frozen =
            i < WS_TEST_N_FROZEN ? ws_test_frozen_create(i) : ws_test_frozen_create_normalised();
        ws_lite lite;
        ws_buf file;
        assert_int_equal(ws_lite_lower(&lite, &frozen->graph, frozen->parameters, frozen->states,
                                       &as_trained, NULL),
                         WS_OK);
        write_model(&lite, &file);
        check_file(&file, NULL);
        ws_buf_deinit(&file);
        ws_lite_deinit(&lite);
        ws_test_frozen_destroy(frozen);
    }
}

/** Appends a tensor of 8 or 32 bits. */
static int push_whole(ws_lite *lite, const char *name, ws_lite_type type, const size_t *dims,
                      size_t n_dims, ws_lite_scale scale, const void *data)
{
    ws_lite_tensor like = {.type = type, .n_dims = n_dims, .scale = scale};

    memcpy(like.dims, dims, n_dims * sizeof *dims);
    return ws_lite_push_tensor(lite, &lite->graphs[0], name, &like, data);
}

static void push_node(ws_lite *lite, ws_lite_kind kind, const int *inputs, size_t n_inputs,
                      int output, const ws_lite_options *options)
{
    ws_lite_node node = {.kind = kind,
                         .n_inputs = n_inputs,
                         .outputs = {output},
                         .n_outputs = 1,
                         .options = *options};

    memcpy(node.inputs, inputs, n_inputs * sizeof *inputs);
    (void)ws_lite_push_node(lite, &lite->graphs[0], &node);
}

static const signed char filters[] = {-127, 64};

/** A convolution with a scale for each filter, a matrix over its image, a softmax: in 8 bits. */
static void make_whole(ws_lite *lite)
{
    static const signed char matrix[] = {1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5, -6, -7, -8};
    static const int32_t bias[] = {10, -20};
    float half = 0.5f, one = 1.0f, step = 1.0f / 256.0f, each[] = {0.25f, 0.125f};
    const size_t image[] = {1, 2, 2, 1}, twice[] = {1, 2, 2, 2}, two = 2, row[] = {1, 2};
    const ws_lite_options conv = {.padding = WS_LITE_VALID,
                                  .stride_h = 1,
                                  .stride_w = 1,
                                  .activation = WS_LITE_ACTIVATION_RELU};
    const ws_lite_options none = {.beta = 1.0f};

    *lite = (ws_lite){.n_graphs = 0};
    assert_non_null(ws_lite_push_graph(lite));
    const int x = push_whole(lite, "features", WS_LITE_INT8, image, 4,
                             (ws_lite_scale){&half, 1, 0, -128}, NULL);
    const int w = push_whole(lite, "filters", WS_LITE_INT8, (size_t[]){2, 1, 1, 1}, 4,
                             (ws_lite_scale){each, 2, 0, 0}, filters);
    const int b =
        push_whole(lite, "bias", WS_LITE_INT32, &two, 1, (ws_lite_scale){each, 2, 0, 0}, bias);
    const int y =
        push_whole(lite, "sums", WS_LITE_INT8, twice, 4, (ws_lite_scale){&one, 1, 0, 3}, NULL);
    const int m = push_whole(lite, "matrix", WS_LITE_INT8, (size_t[]){2, 8}, 2,
                             (ws_lite_scale){&half, 1, 0, 0}, matrix);
    const int c =
        push_whole(lite, "bias", WS_LITE_INT32, &two, 1, (ws_lite_scale){&half, 1, 0, 0}, bias);
    const int logits =
        push_whole(lite, "logits", WS_LITE_INT8, row, 2, (ws_lite_scale){&one, 1, 0, 0}, NULL);
    const int scores =
        push_whole(lite, "scores", WS_LITE_INT8, row, 2, (ws_lite_scale){&step, 1, 0, -128}, NULL);
    push_node(lite, WS_LITE_CONV_2D, (int[]){x, w, b}, 3, y, &conv);
    push_node(lite, WS_LITE_FULLY_CONNECTED, (int[]){y, m, c}, 3, logits, &none);
    push_node(lite, WS_LITE_SOFTMAX, &logits, 1, scores, &none);
    lite->graphs[0].inputs[0] = x;
    lite->graphs[0].outputs[0] = scores;
    lite->graphs[0].n_inputs = lite->graphs[0].n_outputs = 1;
    assert_int_equal(ws_lite_status(lite, NULL), WS_OK);
}

static const Onnx__TensorProto *constant_of(const Onnx__GraphProto *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (strcmp(graph->initializer[i]->name, name) == 0)
            return graph->initializer[i];
    fail_msg("there is no %s", name);
    return NULL;
}

/** Runtimes join an operator with what stands right before and after it, and nothing else. */
static void eight_bits_are_unsigned_between_roundings(void **state)
{
    static const char *const ops[] = {"Reshape",
                                      "DequantizeLinear",
                                      "DequantizeLinear",
                                      "DequantizeLinear",
                                      "Conv",
                                      "Relu",
                                      "QuantizeLinear",
                                      "Flatten",
                                      "DequantizeLinear",
                                      "DequantizeLinear",
                                      "DequantizeLinear",
                                      "Gemm",
                                      "QuantizeLinear",
                                      "DequantizeLinear",
                                      "Softmax",
                                      "QuantizeLinear"};
    ws_lite lite;
    ws_buf file;

    (void)state;
    make_whole(&lite);
    write_model(&lite, &file);
    check_file(&file, NULL);
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, file.size, file.data);
    assert_non_null(model);
    Onnx__GraphProto *graph = onnx__graph_proto__unpack(NULL, model->graph.len, model->graph.data);
    assert_non_null(graph);
    assert_int_equal(graph->n_node, sizeof ops / sizeof *ops);
    for (size_t i = 0; i < graph->n_node; i++)
        assert_string_equal(graph->node[i]->op_type, ops[i]);
    assert_int_equal(graph->input[0]->type->tensor_type->elem_type, 2);
    assert_int_equal(constant_of(graph, "features_zero")->raw_data.data[0], 0);
    assert_int_equal(constant_of(graph, "sums_zero")->raw_data.data[0], 131);
    assert_int_equal(constant_of(graph, "filters_zero")->raw_data.data[1], 128);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(constant_of(graph, "filters")->raw_data.data[i], filters[i] + 128);
    /* rows of the matrix are in the order of [c, h, w] */
    assert_int_equal(constant_of(graph, "matrix")->raw_data.data[1], 3 + 128);
    onnx__graph_proto__free_unpacked(graph, NULL);
    onnx__model_proto__free_unpacked(model, NULL);
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_follows_the_rules),
        cmocka_unit_test(every_operator_follows_the_rules),
        cmocka_unit_test(eight_bits_are_unsigned_between_roundings),
        cmocka_unit_test(what_cannot_be_said_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
