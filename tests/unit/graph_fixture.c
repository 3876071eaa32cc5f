#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/graph_read.h"
#include "unit/graph_fixture.h"

void graph_put(graph *g, ws_node_spec node)
{
    size_t i = 0;
    while (i < g->n && strcmp(g->nodes[i].name, node.name) != 0)
        i++;
    assert_true(i < MAX_NODES);
    g->nodes[i] = node;
    if (i == g->n)
        g->n++;
}

ws_node_spec graph_constant(const char *name, const ws_tensor *value)
{
    return (ws_node_spec){
        .name = name,
        .op = "Const",
        .attrs = {ws_attr_type("dtype", (ws_dtype)value->dtype), ws_attr_tensor("value", value)}};
}

static const int32_t rate_hz[] = {16000}, flat_shape[] = {-1, 2}, image_shape[] = {-1, 1, 2, 1};
static const float weights_data[] = {1, 2, 3, 4, 5, 6}, bias_data[] = {7, 8, 9};

const ws_tensor graph_rate = {VALUES(WS_DTYPE_INT32, rate_hz)};
const ws_tensor graph_to_flat = {.dims = {1, {2}}, VALUES(WS_DTYPE_INT32, flat_shape)};
const ws_tensor graph_to_image = {.dims = {1, {4}}, VALUES(WS_DTYPE_INT32, image_shape)};
const ws_tensor graph_weights = {.dims = {2, {2, 3}}, VALUES(WS_DTYPE_FLOAT, weights_data)};
const ws_tensor graph_turned = {.dims = {2, {3, 2}}, VALUES(WS_DTYPE_FLOAT, weights_data)};
const ws_tensor graph_kernel = {.dims = {4, {1, 2, 1, 3}}, VALUES(WS_DTYPE_FLOAT, weights_data)};
const ws_tensor graph_bias = {.dims = {1, {3}}, VALUES(WS_DTYPE_FLOAT, bias_data)};

ws_node_spec graph_mfcc(int64_t n_bands, int64_t n_features, const char *rate_input)
{
    return (ws_node_spec){.name = "Mfcc",
                          .op = "Mfcc",
                          .inputs = {SPECTROGRAM, rate_input},
                          .attrs = {ws_attr_real("upper_frequency_limit", 4000.0f),
                                    ws_attr_real("lower_frequency_limit", 20.0f),
                                    ws_attr_whole("filterbank_channel_count", n_bands),
                                    ws_attr_whole("dct_coefficient_count", n_features)}};
}

ws_node_spec graph_decode_wav(int64_t n_samples, int64_t n_channels)
{
    return (ws_node_spec){.name = "decoded",
                          .op = "DecodeWav",
                          .inputs = {"wav_data"},
                          .attrs = {ws_attr_whole("desired_channels", n_channels),
                                    ws_attr_whole("desired_samples", n_samples)}};
}

ws_node_spec graph_spectrogram(int64_t window, int64_t stride, bool squared)
{
    return (ws_node_spec){.name = SPECTROGRAM,
                          .op = "AudioSpectrogram",
                          .inputs = {"decoded"},
                          .attrs = {ws_attr_whole("window_size", window),
                                    ws_attr_whole("stride", stride),
                                    ws_attr_flag("magnitude_squared", squared)}};
}

ws_node_spec graph_reshape(const char *name, const char *x, const char *shape)
{
    return (ws_node_spec){.name = name, .op = "Reshape", .inputs = {x, shape}, .attrs = {FLOAT}};
}

ws_node_spec graph_node(const char *name, const char *op, const char *x, const char *y)
{
    return (ws_node_spec){.name = name, .op = op, .inputs = {x, y}, .attrs = {FLOAT}};
}

graph graph_usual(void)
{
    graph g = {.n = 0};
    graph_put(&g, (ws_node_spec){.name = "wav_data", .op = "Placeholder"});
    graph_put(&g, graph_decode_wav(480, 1));
    graph_put(&g, graph_spectrogram(480, 160, true));
    graph_put(&g, graph_constant("rate", &graph_rate));
    graph_put(&g, graph_mfcc(40, 2, "rate"));
    graph_put(&g, graph_constant("flat", &graph_to_flat));
    graph_put(&g, graph_reshape("Reshape", "Mfcc", "flat"));
    graph_put(&g, graph_constant("weights", &graph_weights));
    graph_put(&g, graph_node("MatMul", "MatMul", "Reshape", "weights"));
    graph_put(&g, graph_constant("bias", &graph_bias));
    graph_put(&g, graph_node("add", "AddV2", "MatMul", "bias"));
    graph_put(&g, graph_node("labels_softmax", "Softmax", "add", NULL));
    return g;
}

ws_status graph_read_at(const graph *g, int64_t assumed_rate_hz, ws_frozen *frozen, ws_error *err)
{
    ws_buf bytes;
    ws_buf_init(&bytes, 1 << 20);
    for (size_t i = 0; i < g->n; i++)
        ws_graph_message_push_node(&bytes, &g->nodes[i]);
    assert_int_equal(bytes.status, WS_OK);
    const ws_status status = ws_graph_read(&(ws_graph_source){.path = "model.pb",
                                                              .bytes = bytes.data,
                                                              .size = bytes.size,
                                                              .assumed_rate_hz = assumed_rate_hz},
                                           frozen, err);
    ws_buf_deinit(&bytes);
    return status;
}

ws_status graph_read(const graph *g, ws_frozen *frozen, ws_error *err)
{
    return graph_read_at(g, 0, frozen, err);
}

ws_frozen *graph_frozen_new(void)
{
    ws_frozen *frozen = malloc(sizeof *frozen);
    assert_non_null(frozen);
    return frozen;
}

void graph_expect_understood(const graph *g)
{
    ws_frozen *frozen = graph_frozen_new();
    ws_error err = {.message = ""};
    if (graph_read(g, frozen, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(frozen->graph.n_weights, 9);
    assert_memory_equal(frozen->parameters, weights_data, sizeof weights_data);
    assert_memory_equal(frozen->parameters + 6, bias_data, sizeof bias_data);
    assert_int_equal(ws_graph_n_labels(&frozen->graph), 3);
    assert_string_equal(frozen->features.preprocess, "mfcc");
    assert_int_equal(frozen->features.clip_duration_ms, 30);
    assert_int_equal(frozen->features.feature_bin_count, 2);
    ws_frozen_deinit(frozen);
    free(frozen);
}

void graph_expect_refused(const graph *g, const char *reason)
{
    ws_frozen *frozen = graph_frozen_new();
    ws_error err = {.message = ""};
    assert_int_equal(graph_read(g, frozen, &err), WS_EFORMAT);
    if (strstr(err.message, reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, reason);
    assert_true(strncmp(err.message, "model.pb: ", 10) == 0);
    assert_null(frozen->parameters);
    free(frozen);
}

void graph_expect_refused_with(ws_node_spec changed, const char *reason)
{
    graph g = graph_usual();
    graph_put(&g, changed);
    graph_expect_refused(&g, reason);
}
