#include "formats/graph_message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "graph.pb-c.h"

enum {
    /* Every TensorFlow since 1.0 accepts it, none of our operators is deprecated at it, and from
     * 22 on the shape of a scalar placeholder counts. */
    PRODUCER = 27,
    FIELD_NODE = 1, /* of GraphDef */
    FIELD_VERSIONS = 4,
};

typedef Tbproto__AttrValue attr_value;
typedef Tbproto__TensorShapeProto shape_message;
typedef Tbproto__TensorShapeProto__Dim dim_message;

/** Memory for one attribute in the form of protobuf-c. */
typedef struct attr_room {
    Tbproto__NodeDef__Attr entry;
    attr_value value;
    Tbproto__AttrValue__ListValue list;
    Tbproto__TensorProto tensor;
    shape_message shape;
    dim_message dims[WS_TENSOR_MAX_DIMS];
    dim_message *dim_pointers[WS_TENSOR_MAX_DIMS];
    int64_t wholes[WS_TENSOR_MAX_DIMS];
} attr_room;

static shape_message *fill_shape(attr_room *room, const ws_dims *dims)
{
    tbproto__tensor_shape_proto__init(&room->shape);
    for (size_t i = 0; i < dims->n; i++) {
        tbproto__tensor_shape_proto__dim__init(&room->dims[i]);
        room->dims[i].size = dims->sizes[i];
        room->dim_pointers[i] = &room->dims[i];
    }
    room->shape.n_dim = dims->n;
    room->shape.dim = room->dim_pointers;
    return &room->shape;
}

/** As TensorFlow does: a scalar in the list of its type, anything else as raw bytes. */
static Tbproto__TensorProto *fill_tensor(attr_room *room, const ws_tensor *tensor)
{
    Tbproto__TensorProto *message = &room->tensor;
    void *elements = ws_message_unconst(tensor->elements);

    assert(tensor->n_stored == tensor->n_elements);
    assert(tensor->dtype == WS_DTYPE_FLOAT || tensor->dtype == WS_DTYPE_INT32);
    tbproto__tensor_proto__init(message);
    message->dtype = (Tbproto__DataType)tensor->dtype;
    message->tensor_shape = fill_shape(room, &tensor->dims);
    if (tensor->dims.n > 0) {
        message->tensor_content.data = elements;
        message->tensor_content.len = tensor->n_elements * 4; /* float and int32 alike */
    } else if (tensor->dtype == WS_DTYPE_FLOAT) {
        message->n_float_val = 1;
        message->float_val = elements;
    } else {
        message->n_int_val = 1;
        message->int_val = elements;
    }
    return message;
}

static Tbproto__AttrValue__ListValue *fill_list(attr_room *room, const ws_dims *list)
{
    tbproto__attr_value__list_value__init(&room->list);
    memcpy(room->wholes, list->sizes, list->n * sizeof *room->wholes);
    room->list.n_i = list->n;
    room->list.i = room->wholes;
    return &room->list;
}

static void fill_attr(attr_room *room, const ws_attr *attr)
{
    attr_value *value = &room->value;

    tbproto__attr_value__init(value);
    tbproto__node_def__attr__init(&room->entry);
    room->entry.key = ws_message_unconst(attr->name);
    room->entry.value = value;
    switch (attr->kind) {
    case WS_ATTR_END:
        assert(0);
        break;
    case WS_ATTR_WHOLE:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_I;
        value->i = attr->whole;
        break;
    case WS_ATTR_REAL:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_F;
        value->f = attr->real;
        break;
    case WS_ATTR_FLAG:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_B;
        value->b = attr->whole != 0;
        break;
    case WS_ATTR_TYPE:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_TYPE;
        value->type = (Tbproto__DataType)attr->whole;
        break;
    case WS_ATTR_TEXT:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_S;
        value->s.data = ws_message_unconst(attr->text);
        value->s.len = strlen(attr->text);
        break;
    case WS_ATTR_LIST:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_LIST;
        value->list = fill_list(room, &attr->dims);
        break;
    case WS_ATTR_SHAPE:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_SHAPE;
        value->shape = fill_shape(room, &attr->dims);
        break;
    case WS_ATTR_TENSOR:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_TENSOR;
        value->tensor = fill_tensor(room, attr->tensor);
        break;
    }
}

static int compare_attrs(const void *a, const void *b)
{
    const Tbproto__NodeDef__Attr *const *left = a, *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

void ws_graph_message_push_node(ws_buf *graph, const ws_node_spec *node)
{
    attr_room rooms[WS_NODE_MAX_ATTRS];
    Tbproto__NodeDef__Attr *entries[WS_NODE_MAX_ATTRS];
    char *inputs[WS_NODE_SPEC_MAX_INPUTS];
    Tbproto__NodeDef message;

    tbproto__node_def__init(&message);
    message.name = ws_message_unconst(node->name);
    message.op = ws_message_unconst(node->op);
    message.input = inputs;
    while (message.n_input < WS_NODE_SPEC_MAX_INPUTS && node->inputs[message.n_input] != NULL) {
        inputs[message.n_input] = ws_message_unconst(node->inputs[message.n_input]);
        message.n_input++;
    }
    message.attr = entries;
    while (message.n_attr < WS_NODE_MAX_ATTRS && node->attrs[message.n_attr].kind != WS_ATTR_END) {
        fill_attr(&rooms[message.n_attr], &node->attrs[message.n_attr]);
        entries[message.n_attr] = &rooms[message.n_attr].entry;
        message.n_attr++;
    }
    qsort(entries, message.n_attr, sizeof *entries, compare_attrs); /* same graph, same bytes */
    ws_buf_push_message_field(graph, FIELD_NODE, &message.base);
}

void ws_graph_message_push_versions(ws_buf *graph)
{
    Tbproto__VersionDef versions;

    tbproto__version_def__init(&versions);
    versions.producer = PRODUCER;
    ws_buf_push_message_field(graph, FIELD_VERSIONS, &versions.base);
}

/* Attributes */

ws_attr ws_attr_whole(const char *name, int64_t value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_WHOLE, .whole = value};
}

ws_attr ws_attr_real(const char *name, float value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_REAL, .real = value};
}

ws_attr ws_attr_flag(const char *name, bool value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_FLAG, .whole = value};
}

ws_attr ws_attr_type(const char *name, ws_dtype value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_TYPE, .whole = value};
}

ws_attr ws_attr_text(const char *name, const char *value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_TEXT, .text = value};
}

ws_attr ws_attr_list(const char *name, ws_dims values)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_LIST, .dims = values};
}

ws_attr ws_attr_shape(const char *name, ws_dims shape)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_SHAPE, .dims = shape};
}

ws_attr ws_attr_tensor(const char *name, const ws_tensor *value)
{
    return (ws_attr){.name = name, .kind = WS_ATTR_TENSOR, .tensor = value};
}
