#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "graph.pb-c.h"
#include "tbevents/elements.h"

/** A graph on its way from the caller's structures to a message. */
typedef struct builder {
    tbe_writer *writer;
    size_t n_nodes;
    tbe_node *nodes;    /* [n_nodes] copies, as far as we know their fields */
    const char **names; /* [n_nodes] */
    tbe_tag_set set;    /* of the names */
    tbe_pool pool;
} builder;

void tbe_graph_init(tbe_graph *graph, size_t struct_size, size_t node_size, size_t attribute_size)
{
    memset(graph, 0, struct_size);
    graph->struct_size = struct_size;
    graph->node_size = node_size;
    if (struct_size > offsetof(tbe_graph, attribute_size))
        graph->attribute_size = attribute_size;
}

static tbe_status no_memory(builder *b)
{
    return tbe_refuse(b->writer, TBE_ENOMEM, "no memory for the graph");
}

/** A name is needed; it must be one line. */
static tbe_status check_name(builder *b, size_t i, const char *what, const char *name)
{
    if (name == NULL)
        return tbe_refuse(b->writer, TBE_EINVAL, "node %zu of the graph has no %s", i, what);
    return tbe_check_text(b->writer, name, what, name, TBE_TEXT_LINE);
}

static tbe_status check_attribute(builder *b, const tbe_node *node, const tbe_attribute *attribute)
{
    const char *name = attribute->name;
    if (name == NULL || name[0] == '_')
        return tbe_refuse(
            b->writer, TBE_EINVAL,
            "an attribute of the node " TBE_QUOTE " has no name or one with '_' first", node->name);
    const tbe_status status =
        tbe_check_text(b->writer, node->name, "attribute's name", name, TBE_TEXT_LINE);
    if (status != TBE_OK)
        return status;
    switch (attribute->kind) {
    case TBE_ATTRIBUTE_INTEGER:
    case TBE_ATTRIBUTE_BOOL:
        return TBE_OK;
    case TBE_ATTRIBUTE_NUMBER:
        if (isfinite((float)attribute->number))
            return TBE_OK;
        break;
    case TBE_ATTRIBUTE_TEXT:
        if (attribute->text != NULL && attribute->text[0] != '\0')
            return tbe_check_text(b->writer, node->name, "attribute", attribute->text,
                                  TBE_TEXT_LINES);
        break;
    }
    return tbe_refuse(b->writer, TBE_EINVAL,
                      "the attribute " TBE_QUOTE " of the node " TBE_QUOTE " has no value", name,
                      node->name);
}

static tbe_status check_node(builder *b, size_t i)
{
    const tbe_node *node = &b->nodes[i];
    tbe_status status = check_name(b, i, "name", node->name);

    if (status == TBE_OK)
        status = check_name(b, i, "operation", node->op);
    if (status == TBE_OK)
        status = tbe_check_text(b->writer, node->name, "device", node->device, TBE_TEXT_LINE);
    if (status != TBE_OK)
        return status;
    if (node->name[0] == '^' || strchr(node->name, ':') != NULL)
        return tbe_refuse(b->writer, TBE_EINVAL, "the node " TBE_QUOTE " has ':' or '^'",
                          node->name);
    if (node->n_inputs > TBE_MAX_PER_NODE || node->n_dims > TBE_MAX_DIMENSIONS)
        return tbe_refuse(b->writer, TBE_ELIMIT,
                          "the node " TBE_QUOTE " has above %d inputs, or above %d dimensions",
                          node->name, TBE_MAX_PER_NODE, TBE_MAX_DIMENSIONS);
    if (node->n_inputs > 0 && node->inputs == NULL)
        return tbe_refuse(b->writer, TBE_EINVAL, "the node " TBE_QUOTE " lacks its inputs",
                          node->name);
    for (size_t j = 0; node->shape != NULL && j < node->n_dims; j++)
        if (node->shape[j] < -1)
            return tbe_refuse(b->writer, TBE_EINVAL,
                              "the node " TBE_QUOTE " has the dimension %lld", node->name,
                              (long long)node->shape[j]);
    for (size_t j = 0; status == TBE_OK && j < node->n_attributes; j++)
        status = check_attribute(b, node, &node->attributes[j]);
    return status;
}

static tbe_status check_names(builder *b)
{
    for (size_t i = 0; i < b->n_nodes; i++) {
        b->names[i] = b->nodes[i].name;
        if (!tbe_tag_set_add(&b->set, b->names, i, strlen(b->names[i])))
            return tbe_refuse(b->writer, TBE_EINVAL,
                              "the node " TBE_QUOTE " appears twice in the graph", b->names[i]);
    }
    for (size_t i = 0; i < b->n_nodes; i++) {
        for (size_t j = 0; j < b->nodes[i].n_inputs; j++) {
            const char *input = b->nodes[i].inputs[j];
            if (input == NULL || !tbe_tag_set_has(&b->set, b->names, input))
                return tbe_refuse(b->writer, TBE_EINVAL,
                                  "the input " TBE_QUOTE " of the node " TBE_QUOTE
                                  " is not a node of the graph",
                                  input != NULL ? input : "", b->names[i]);
        }
    }
    return TBE_OK;
}

/** Copies the caller's nodes and their attributes. */
static tbe_status take_nodes(builder *b, const tbe_graph *graph)
{
    const tbe_elements nodes = {"nodes of a graph", graph->n_nodes,   TBE_MAX_NODES,
                                graph->nodes,       graph->node_size, sizeof(tbe_node)};
    void *own = NULL;
    tbe_status status = tbe_take_elements(b->writer, &b->pool, &nodes, &own);

    if (status != TBE_OK)
        return status;
    b->n_nodes = graph->n_nodes;
    b->nodes = own;
    for (size_t i = 0; status == TBE_OK && i < b->n_nodes; i++) {
        const tbe_elements attributes = {"attributes of a node", b->nodes[i].n_attributes,
                                         TBE_MAX_PER_NODE,       b->nodes[i].attributes,
                                         graph->attribute_size,  sizeof(tbe_attribute)};
        status = tbe_take_elements(b->writer, &b->pool, &attributes, &own);
        b->nodes[i].attributes = own;
    }
    if (status != TBE_OK)
        return status;
    b->names = tbe_pool_new(&b->pool, b->n_nodes, sizeof *b->names);
    return b->names != NULL && tbe_tag_set_reset(&b->set, b->n_nodes) == 0 ? TBE_OK : no_memory(b);
}

/** The shape of a node's only output: a list of one, as TensorBoard wants it. */
static bool set_shape(builder *b, const tbe_node *node, Tbproto__AttrValue *value)
{
    Tbproto__AttrValue__ListValue *list = tbe_pool_new(&b->pool, 1, sizeof *list);
    Tbproto__TensorShapeProto *shape = tbe_pool_new(&b->pool, 1, sizeof *shape);
    Tbproto__TensorShapeProto **shapes = tbe_pool_new(&b->pool, 1, sizeof shape);
    Tbproto__TensorShapeProto__Dim *dims = tbe_pool_new(&b->pool, node->n_dims, sizeof *dims);
    Tbproto__TensorShapeProto__Dim **pointers = tbe_pool_new(&b->pool, node->n_dims, sizeof dims);

    if (list == NULL || shape == NULL || shapes == NULL || dims == NULL || pointers == NULL)
        return false;
    for (size_t i = 0; i < node->n_dims; i++) {
        tbproto__tensor_shape_proto__dim__init(&dims[i]);
        dims[i].size = node->shape[i];
        pointers[i] = &dims[i];
    }
    tbproto__tensor_shape_proto__init(shape);
    shape->n_dim = node->n_dims;
    shape->dim = pointers;
    shapes[0] = shape;
    tbproto__attr_value__list_value__init(list);
    list->n_shape = 1;
    list->shape = shapes;
    value->value_case = TBPROTO__ATTR_VALUE__VALUE_LIST;
    value->list = list;
    return true;
}

static void set_attribute(const tbe_attribute *attribute, Tbproto__AttrValue *value)
{
    switch (attribute->kind) {
    case TBE_ATTRIBUTE_INTEGER:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_I;
        value->i = attribute->integer;
        break;
    case TBE_ATTRIBUTE_NUMBER:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_F;
        value->f = (float)attribute->number;
        break;
    case TBE_ATTRIBUTE_BOOL:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_B;
        value->b = attribute->integer != 0;
        break;
    case TBE_ATTRIBUTE_TEXT:
        value->value_case = TBPROTO__ATTR_VALUE__VALUE_S;
        value->s.data = (uint8_t *)tbe_text_unconst(attribute->text);
        value->s.len = strlen(attribute->text);
        break;
    }
}

static bool set_attributes(builder *b, const tbe_node *node, Tbproto__NodeDef *message)
{
    const size_t n = node->n_attributes + (node->shape != NULL ? 1 : 0);
    Tbproto__NodeDef__Attr *attrs = tbe_pool_new(&b->pool, n, sizeof *attrs);
    Tbproto__NodeDef__Attr **pointers = tbe_pool_new(&b->pool, n, sizeof attrs);
    Tbproto__AttrValue *values = tbe_pool_new(&b->pool, n, sizeof *values);

    if (attrs == NULL || pointers == NULL || values == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        tbproto__node_def__attr__init(&attrs[i]);
        tbproto__attr_value__init(&values[i]);
        attrs[i].value = &values[i];
        pointers[i] = &attrs[i];
        if (i < node->n_attributes) {
            attrs[i].key = tbe_text_unconst(node->attributes[i].name);
            set_attribute(&node->attributes[i], &values[i]);
        } else {
            attrs[i].key = tbe_text_unconst("_output_shapes");
            if (!set_shape(b, node, &values[i]))
                return false;
        }
    }
    message->n_attr = n;
    message->attr = pointers;
    return true;
}

static bool set_node(builder *b, const tbe_node *node, Tbproto__NodeDef *message)
{
    tbproto__node_def__init(message);
    message->name = tbe_text_unconst(node->name);
    message->op = tbe_text_unconst(node->op);
    message->device = tbe_text_unconst(node->device);
    message->n_input = node->n_inputs;
    message->input = tbe_pool_new(&b->pool, node->n_inputs, sizeof *message->input);
    if (message->input == NULL)
        return false;
    for (size_t i = 0; i < node->n_inputs; i++)
        message->input[i] = tbe_text_unconst(node->inputs[i]);
    return set_attributes(b, node, message);
}

/** @return the graph as bytes of the pool; without data: no memory */
static tbe_bytes pack_graph(builder *b)
{
    const tbe_bytes nothing = {NULL, 0};
    Tbproto__GraphDef graph;
    Tbproto__NodeDef *nodes = tbe_pool_new(&b->pool, b->n_nodes, sizeof *nodes);
    Tbproto__NodeDef **pointers = tbe_pool_new(&b->pool, b->n_nodes, sizeof nodes);

    tbproto__graph_def__init(&graph);
    if (nodes == NULL || pointers == NULL)
        return nothing;
    for (size_t i = 0; i < b->n_nodes; i++) {
        if (!set_node(b, &b->nodes[i], &nodes[i]))
            return nothing;
        pointers[i] = &nodes[i];
    }
    graph.n_node = b->n_nodes;
    graph.node = pointers;
    return tbe_pool_pack(&b->pool, &graph.base);
}

static tbe_status append_graph(builder *b)
{
    const tbe_bytes bytes = pack_graph(b);
    if (bytes.data == NULL)
        return no_memory(b);
    const tbe_status status = tbe_event_append(
        b->writer, tbe_event_graph(b->writer->event, tbe_wall_time_get(b->writer), bytes));
    return status == TBE_OK ? tbe_flush_if_due(b->writer) : status;
}

tbe_status tbe_add_graph(tbe_writer *writer, const tbe_graph *graph)
{
    builder b = {.writer = writer};
    tbe_graph own;
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_take(writer, "graph", &own, sizeof own, graph, "tbe_graph_init");
    if (status == TBE_OK)
        status = take_nodes(&b, &own);
    for (size_t i = 0; status == TBE_OK && i < b.n_nodes; i++)
        status = check_node(&b, i);
    if (status == TBE_OK)
        status = check_names(&b);
    if (status == TBE_OK)
        status = append_graph(&b);
    tbe_tag_set_deinit(&b.set);
    tbe_pool_deinit(&b.pool);
    return status;
}
