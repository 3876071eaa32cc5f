#include <stdio.h>
#include <string.h>

#include "formats/quantizer.h"

enum { N_BITS = 8 };

/** Only narrow ranges have this attribute, because older programs do not know it. */
static ws_attr narrow(const ws_quantizer *quantizer)
{
    return quantizer->is_narrow ? ws_attr_flag("narrow_range", true)
                                : (ws_attr){.kind = WS_ATTR_END};
}

static void push_args(ws_graph_writer *writer, const char *x, const ws_quantizer *quantizer,
                      ws_node_name name)
{
    static const char op[] = "FakeQuantWithMinMaxArgs";
    ws_node_name made;

    ws_graph_writer_name(writer, op, made);
    ws_graph_writer_push(
        writer,
        &(ws_node_spec){
            .name = made,
            .op = op,
            .inputs = {x},
            .attrs = {ws_attr_real("min", quantizer->min), ws_attr_real("max", quantizer->max),
                      ws_attr_whole("num_bits", N_BITS), narrow(quantizer)},
        });
    memcpy(name, made, sizeof made);
}

static void push_vars(ws_graph_writer *writer, const char *x, const ws_quantizer *quantizer,
                      ws_node_name name)
{
    static const char op[] = "FakeQuantWithMinMaxVars";
    ws_node_name base, made, min, max;

    (void)snprintf(base, sizeof base, "%s/%s", quantizer->name, op);
    ws_graph_writer_push_scalar(writer, quantizer->name, "min", quantizer->min, min);
    ws_graph_writer_push_scalar(writer, quantizer->name, "max", quantizer->max, max);
    ws_graph_writer_name(writer, base, made);
    ws_graph_writer_push(writer,
                         &(ws_node_spec){
                             .name = made,
                             .op = op,
                             .inputs = {x, min, max},
                             .attrs = {ws_attr_whole("num_bits", N_BITS), narrow(quantizer)},
                         });
    memcpy(name, made, sizeof made);
}

void ws_quantizer_write(ws_graph_writer *writer, const char *x, const ws_quantizer *quantizer,
                        ws_node_name name)
{
    if (quantizer->kind != WS_RANGE_FIXED && writer->status == WS_OK)
        writer->status = ws_fail(writer->err, WS_EINVAL,
                                 "the range of \"%s\" is not fixed, as it is in a frozen graph",
                                 quantizer->name);
    if (quantizer->name[0] == '\0')
        push_args(writer, x, quantizer, name);
    else
        push_vars(writer, x, quantizer, name);
}

void ws_quantizer_write_row(ws_graph_writer *writer, const ws_node *node, ws_written_value *value)
{
    ws_quantizer_write(writer, writer->values[node->inputs[0]].name,
                       &writer->model.graph.quantizers[node->quantizer - 1], value->name);
}
