#include "formats/onnx_message.h"

#include <assert.h>
#include <stdbool.h>

#include "base/message.h"
#include "onnx.pb-c.h"

enum { FORMAT_VERSION = 7, OPERATOR_SET = 13 };

/* Fields of GraphProto. */
enum { FIELD_NODE = 1, FIELD_CONSTANT = 5, FIELD_INPUT = 11, FIELD_OUTPUT = 12 };

/* Protobuf holds at most 2 GiB; ours are far smaller. */
#define MAX_BYTES ((size_t)1 << 30)

static const char producer[] = "wordspot";
static const char graph_name[] = "wordspot";
static const char any_batch[] = "N";

typedef Onnx__AttributeProto attr_message;
typedef Onnx__TensorShapeProto__Dimension dim_message;
typedef Onnx__StringStringEntryProto note_message;

static size_t n_bytes_of(ws_onnx_type type)
{
    return type == WS_ONNX_UINT8 ? 1 : type == WS_ONNX_INT64 ? 8 : 4;
}

void ws_onnx_graph_init(ws_onnx_graph *graph)
{
    ws_buf_init(&graph->nodes, MAX_BYTES);
    ws_buf_init(&graph->constants, MAX_BYTES);
    ws_buf_init(&graph->ends, MAX_BYTES);
}

void ws_onnx_graph_deinit(ws_onnx_graph *graph)
{
    ws_buf_deinit(&graph->nodes);
    ws_buf_deinit(&graph->constants);
    ws_buf_deinit(&graph->ends);
}

static void fill_attr(attr_message *message, const ws_onnx_attr *attr)
{
    onnx__attribute_proto__init(message);
    message->name = ws_message_unconst(attr->name);
    message->has_type = true;
    if (attr->n_wholes > 0) {
        message->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
        message->n_ints = attr->n_wholes;
        message->ints = ws_message_unconst(attr->wholes);
    } else {
        message->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
        message->has_i = true;
        message->i = attr->wholes[0];
    }
}

void ws_onnx_graph_push_node(ws_onnx_graph *graph, const ws_onnx_node *node)
{
    attr_message attrs[WS_ONNX_MAX_ATTRS], *attr_pointers[WS_ONNX_MAX_ATTRS];
    char *inputs[WS_ONNX_MAX_INPUTS], *output = ws_message_unconst(node->output);
    Onnx__NodeProto message;

    onnx__node_proto__init(&message);
    message.op_type = ws_message_unconst(node->op);
    message.name = output;
    message.input = inputs;
    message.n_input = node->n_inputs;
    for (size_t i = 0; i < node->n_inputs; i++)
        inputs[i] = ws_message_unconst(node->inputs[i]);
    message.output = &output;
    message.n_output = 1;
    message.attribute = attr_pointers;
    message.n_attribute = node->n_attrs;
    for (size_t i = 0; i < node->n_attrs; i++) {
        fill_attr(&attrs[i], &node->attrs[i]);
        attr_pointers[i] = &attrs[i];
    }
    ws_buf_push_message_field(&graph->nodes, FIELD_NODE, &message.base);
}

void ws_onnx_graph_push_constant(ws_onnx_graph *graph, const ws_onnx_tensor *tensor)
{
    Onnx__TensorProto message;
    size_t n_bytes = n_bytes_of(tensor->type);

    for (size_t i = 0; i < tensor->n_dims; i++)
        n_bytes *= (size_t)tensor->dims[i];
    onnx__tensor_proto__init(&message);
    message.name = ws_message_unconst(tensor->name);
    message.has_data_type = true;
    message.data_type = (int32_t)tensor->type;
    message.n_dims = tensor->n_dims;
    message.dims = ws_message_unconst(tensor->dims);
    message.has_raw_data = true;
    message.raw_data = (ProtobufCBinaryData){n_bytes, ws_message_unconst(tensor->data)};
    ws_buf_push_message_field(&graph->constants, FIELD_CONSTANT, &message.base);
}

static void push_end(ws_onnx_graph *graph, unsigned field, const ws_onnx_tensor *tensor)
{
    dim_message dims[WS_ONNX_MAX_DIMS], *dim_pointers[WS_ONNX_MAX_DIMS];
    Onnx__TensorShapeProto shape;
    Onnx__TypeProto__Tensor inside;
    Onnx__TypeProto type;
    Onnx__ValueInfoProto message;

    onnx__tensor_shape_proto__init(&shape);
    for (size_t i = 0; i < tensor->n_dims; i++) {
        onnx__tensor_shape_proto__dimension__init(&dims[i]);
        dims[i].has_dim_value = i > 0;
        dims[i].dim_value = tensor->dims[i];
        dims[i].dim_param = i == 0 ? ws_message_unconst(any_batch) : NULL;
        dim_pointers[i] = &dims[i];
    }
    shape.n_dim = tensor->n_dims;
    shape.dim = dim_pointers;
    onnx__type_proto__tensor__init(&inside);
    inside.has_elem_type = true;
    inside.elem_type = (int32_t)tensor->type;
    inside.shape = &shape;
    onnx__type_proto__init(&type);
    type.tensor_type = &inside;
    onnx__value_info_proto__init(&message);
    message.name = ws_message_unconst(tensor->name);
    message.type = &type;
    message.doc_string = ws_message_unconst(tensor->doc);
    ws_buf_push_message_field(&graph->ends, field, &message.base);
}

void ws_onnx_graph_push_input(ws_onnx_graph *graph, const ws_onnx_tensor *tensor)
{
    push_end(graph, FIELD_INPUT, tensor);
}

void ws_onnx_graph_push_output(ws_onnx_graph *graph, const ws_onnx_tensor *tensor)
{
    push_end(graph, FIELD_OUTPUT, tensor);
}

/** Appends the GraphProto, its fields in order. */
static void write_graph(const ws_onnx_graph *graph, ws_buf *buf)
{
    Onnx__GraphProto name;

    onnx__graph_proto__init(&name);
    name.name = ws_message_unconst(graph_name);
    ws_buf_push(buf, graph->nodes.data, graph->nodes.size);
    ws_buf_push_message(buf, &name.base);
    ws_buf_push(buf, graph->constants.data, graph->constants.size);
    ws_buf_push(buf, graph->ends.data, graph->ends.size);
}

static ws_status first_failure(const ws_onnx_graph *graph, const ws_buf *inside, const ws_buf *file)
{
    const ws_buf *const bufs[] = {&graph->nodes, &graph->constants, &graph->ends, inside, file};

    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        if (bufs[i]->status != WS_OK)
            return bufs[i]->status;
    return WS_OK;
}

ws_status ws_onnx_graph_write(const ws_onnx_graph *graph, const ws_onnx_about *about, ws_buf *file,
                              ws_error *err)
{
    note_message notes[WS_ONNX_MAX_NOTES], *note_pointers[WS_ONNX_MAX_NOTES];
    Onnx__OperatorSetIdProto set, *set_pointer = &set;
    Onnx__ModelProto model;
    ws_buf inside;

    assert(about->n_notes <= WS_ONNX_MAX_NOTES);
    ws_buf_init(&inside, MAX_BYTES);
    write_graph(graph, &inside);
    onnx__operator_set_id_proto__init(&set);
    set.domain = ws_message_unconst("");
    set.has_version = true;
    set.version = OPERATOR_SET;
    onnx__model_proto__init(&model);
    model.has_ir_version = true;
    model.ir_version = FORMAT_VERSION;
    model.producer_name = ws_message_unconst(producer);
    model.doc_string = ws_message_unconst(about->doc);
    model.has_graph = true;
    model.graph = (ProtobufCBinaryData){inside.size, inside.data};
    model.n_opset_import = 1;
    model.opset_import = &set_pointer;
    for (size_t i = 0; i < about->n_notes; i++) {
        onnx__string_string_entry_proto__init(&notes[i]);
        notes[i].key = ws_message_unconst(about->notes[i].name);
        notes[i].value = ws_message_unconst(about->notes[i].text);
        note_pointers[i] = &notes[i];
    }
    model.n_metadata_props = about->n_notes;
    model.metadata_props = note_pointers;
    ws_buf_push_message(file, &model.base);
    const ws_status status = first_failure(graph, &inside, file);
    ws_buf_deinit(&inside);
    if (status == WS_ELIMIT)
        return ws_fail(err, status, "an ONNX model is larger than 1 GiB");
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "an ONNX model");
}
