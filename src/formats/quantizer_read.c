#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "formats/quantizer.h"

static const char args_op[] = "FakeQuantWithMinMaxArgs", vars_op[] = "FakeQuantWithMinMaxVars";

bool ws_quantizer_is_op(const char *op)
{
    return strcmp(op, args_op) == 0 || strcmp(op, vars_op) == 0;
}

static ws_status read_args(const ws_node_message *node, ws_quantizer *quantizer, ws_error *err)
{
    double min = 0.0, max = 0.0;

    ws_status status = ws_node_get_real(node, "min", -6.0, &min, err);
    if (status == WS_OK)
        status = ws_node_get_real(node, "max", 6.0, &max, err);
    quantizer->min = (float)min;
    quantizer->max = (float)max;
    return status;
}

/** The name is the prefix of its constants: "act_quant" of "act_quant/min". */
static ws_status read_vars(const ws_graph_reader *reader, const ws_node_message *node,
                           ws_quantizer *quantizer, ws_error *err)
{
    static const char suffix[] = "/min";
    const ws_node_message *min = NULL;
    int output = 0;

    ws_status status = ws_graph_reader_find_scalar(reader, node, 1, &quantizer->min, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_scalar(reader, node, 2, &quantizer->max, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow(reader, node, 1, &min, &output, err);
    if (status != WS_OK)
        return status;
    const size_t n =
        strlen(min->name) - (ws_text_has_suffix(min->name, suffix) ? sizeof suffix - 1 : 0);
    if (n == 0 || n > WS_VARIABLE_MAX_NAME)
        return ws_node_fail(node, err, "has a name for its range of more than %d characters",
                            WS_VARIABLE_MAX_NAME);
    (void)snprintf(quantizer->name, sizeof quantizer->name, "%.*s", (int)n, min->name);
    return WS_OK;
}

ws_status ws_quantizer_read(const ws_graph_reader *reader, const ws_node_message *node,
                            ws_quantizer *quantizer, ws_error *err)
{
    int64_t n_bits = 0;

    *quantizer = (ws_quantizer){.kind = WS_RANGE_FIXED};
    ws_status status = ws_node_get_whole(node, "num_bits", 8, &n_bits, err);
    if (status == WS_OK && n_bits != 8)
        return ws_node_fail(node, err, "rounds to %lld bits, only 8 are supported",
                            (long long)n_bits);
    if (status == WS_OK)
        status = ws_node_get_flag(node, "narrow_range", false, &quantizer->is_narrow, err);
    if (status == WS_OK)
        status = strcmp(node->op, args_op) == 0 ? read_args(node, quantizer, err)
                                                : read_vars(reader, node, quantizer, err);
    if (status == WS_OK && !(quantizer->min <= 0.0f && quantizer->max >= 0.0f &&
                             isfinite(quantizer->min) && isfinite(quantizer->max)))
        return ws_node_fail(node, err, "has the range %g to %g, expected one with zero in it",
                            (double)quantizer->min, (double)quantizer->max);
    return status;
}

ws_status ws_quantizer_read_row(ws_graph_reader *reader, const ws_node_message *node, ws_error *err)
{
    ws_quantizer quantizer;

    const ws_status status = ws_quantizer_read(reader, node, &quantizer, err);
    if (status != WS_OK)
        return status;
    return ws_graph_reader_finish(
        reader, node, ws_graph_push_fake_quant(&reader->frozen->graph, reader->value, &quantizer),
        err);
}
