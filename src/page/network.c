#include "page/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "graph.pb-c.h"
#include "inspect/message.h"
#include "page/html.h"
#include "run_metadata.pb-c.h"

/* Units of the drawing. */
enum {
    ROW = 34,
    BOX_HEIGHT = 24,
    BOX_WIDTH = 250,
    ARCS = 60, /* room at the left of the boxes for arrows that skip some */
    SHAPE_X = ARCS + BOX_WIDTH + 90,
    PARAMETERS_X = SHAPE_X + 110,
    PRODUCTS_X = PARAMETERS_X + 110,
    TIME_X = PRODUCTS_X + 20,
    TIME_WIDTH = 110,
    WIDTH = TIME_X + TIME_WIDTH + 70,
    TOP = 28,
    MAX_ARC = 52,
};
#define MICROS_PER_SECOND 1e6

void ws_page_network_deinit(ws_page_network *network)
{
    for (size_t i = 0; i < network->n_nodes; i++) {
        free(network->nodes[i].name);
        free(network->nodes[i].op);
        free(network->nodes[i].shape);
        free(network->nodes[i].inputs);
    }
    free(network->nodes);
    *network = (ws_page_network){.n_nodes = 0};
}

/* ---- reading ---- */

static const Tbproto__AttrValue *find_attr(const Tbproto__NodeDef *node, const char *key)
{
    for (size_t i = 0; i < node->n_attr; i++)
        if (strcmp(node->attr[i]->key, key) == 0)
            return node->attr[i]->value;
    return NULL;
}

static int64_t find_integer(const Tbproto__NodeDef *node, const char *key)
{
    const Tbproto__AttrValue *value = find_attr(node, key);
    return value != NULL && value->value_case == TBPROTO__ATTR_VALUE__VALUE_I ? value->i : -1;
}

/** The first output's shape without the batch. */
static char *find_shape(const Tbproto__NodeDef *node)
{
    const Tbproto__AttrValue *value = find_attr(node, "_output_shapes");
    ws_buf text;

    ws_buf_init(&text, 1 << 10);
    ws_buf_push_string(&text, "");
    if (value != NULL && value->value_case == TBPROTO__ATTR_VALUE__VALUE_LIST &&
        value->list->n_shape > 0) {
        const Tbproto__TensorShapeProto *shape = value->list->shape[0];
        for (size_t i = 1; i < shape->n_dim; i++)
            ws_buf_push_format(&text, "%s%lld", i > 1 ? " x " : "", (long long)shape->dim[i]->size);
    }
    char *taken = text.size > 0 ? ws_buf_take_string(&text) : ws_text_copy("");
    ws_buf_deinit(&text);
    return taken;
}

/** Whether a node is of the network itself: not of its gradients, its update or its summaries, and
 *  no constant or variable of a foreign graph. */
static bool is_shown(const Tbproto__NodeDef *node)
{
    static const char *const groups[] = {"gradients/", "update/", "loss/", "labels"};
    static const char *const ops[] = {"Const", "VariableV2", "VarHandleOp", "ReadVariableOp",
                                      "NoOp",  "Identity",   "Assign"};

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strncmp(node->name, groups[i], strlen(groups[i])) == 0)
            return false;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(node->op, ops[i]) == 0)
            return false;
    return true;
}

/** The places of a node's inputs among the names so far. */
static ws_status set_inputs(ws_page_node *to, const Tbproto__NodeDef *node, const ws_names *names)
{
    to->inputs = calloc(node->n_input + 1, sizeof *to->inputs);
    if (to->inputs == NULL)
        return WS_ENOMEM;
    for (size_t i = 0; i < node->n_input; i++) {
        char *name = ws_text_copy(node->input[i]);
        if (name == NULL)
            return WS_ENOMEM;
        name[strcspn(name, ":")] = '\0';
        const size_t at = ws_names_find(names, name);
        if (at < names->n_items)
            to->inputs[to->n_inputs++] = at;
        free(name);
    }
    return WS_OK;
}

static ws_status add_node(ws_page_network *network, const Tbproto__NodeDef *node, ws_names *names)
{
    ws_page_node *to = &network->nodes[network->n_nodes];
    size_t number = 0;

    if (ws_names_find(names, node->name) < names->n_items)
        return WS_OK; /* no graph has a name twice */
    *to = (ws_page_node){
        .name = ws_text_copy(node->name),
        .op = ws_text_copy(node->op),
        .shape = find_shape(node),
        .parameters = find_integer(node, "parameters"),
        .multiplications = find_integer(node, "multiplications_per_clip"),
        .seconds = (double)NAN,
    };
    network->n_nodes++;
    if (to->name == NULL || to->op == NULL || to->shape == NULL ||
        set_inputs(to, node, names) != WS_OK)
        return WS_ENOMEM;
    return ws_names_push(names, node->name, &number, NULL);
}

static void set_times(ws_page_network *network, const ws_names *names, const ws_page_part *part)
{
    const ProtobufCBinaryData bytes = {part->n_times_bytes, part->times};
    bool too_large = false;

    if (part->times == NULL)
        return;
    ProtobufCMessage *message =
        ws_message_decode(&tbproto__run_metadata__descriptor, bytes, &too_large);
    if (message == NULL)
        return;
    const Tbproto__StepStats *stats =
        ((const Tbproto__RunMetadata *)(const void *)message)->step_stats;
    for (size_t d = 0; stats != NULL && d < stats->n_dev_stats; d++)
        for (size_t i = 0; i < stats->dev_stats[d]->n_node_stats; i++) {
            const Tbproto__NodeExecStats *one = stats->dev_stats[d]->node_stats[i];
            const size_t at = ws_names_find(names, one->node_name);
            if (at < network->n_nodes)
                network->nodes[at].seconds = (double)one->all_end_rel_micros / MICROS_PER_SECOND;
        }
    protobuf_c_message_free_unpacked(message, NULL);
}

static ws_status read_graph(ws_page_network *network, const ws_page_part *part)
{
    const ProtobufCBinaryData bytes = {part->n_graph_bytes, part->graph};
    bool too_large = false;
    ws_names names = {.items = NULL};
    ProtobufCMessage *message =
        ws_message_decode(&tbproto__graph_def__descriptor, bytes, &too_large);
    const Tbproto__GraphDef *graph = (const void *)message;
    ws_status status = WS_OK;

    if (graph == NULL)
        return WS_OK;
    network->nodes = calloc(WS_PAGE_MAX_NODES, sizeof *network->nodes);
    if (network->nodes == NULL)
        status = WS_ENOMEM;
    for (size_t i = 0; status == WS_OK && i < graph->n_node; i++) {
        if (!is_shown(graph->node[i]))
            continue;
        if (network->n_nodes < WS_PAGE_MAX_NODES)
            status = add_node(network, graph->node[i], &names);
        else
            network->n_left_out++;
    }
    if (status == WS_OK)
        set_times(network, &names, part);
    protobuf_c_message_free_unpacked(message, NULL);
    ws_names_deinit(&names);
    return status;
}

ws_status ws_page_network_read(ws_page_network *network, const ws_page_run *run)
{
    ws_status status = WS_OK;

    *network = (ws_page_network){.n_nodes = 0};
    for (size_t i = 0; status == WS_OK && network->n_nodes == 0 && i < run->n_parts; i++)
        if (run->parts[i].graph != NULL) {
            ws_page_network_deinit(network);
            status = read_graph(network, &run->parts[i]);
        }
    return status;
}

/* ---- drawing ---- */

static int y_of(size_t node)
{
    return TOP + (int)node * ROW;
}

/** An arrow from one box to a later one: straight to the next, else around those between. */
static void push_arrow(ws_buf *buf, size_t run, size_t from, size_t to)
{
    const int x = ARCS + BOX_WIDTH / 2;

    if (to == from + 1) {
        ws_buf_push_format(buf,
                           "<path class=\"arrow\" d=\"M%d %dV%d\" "
                           "marker-end=\"url(#head%zu)\"/>\n",
                           x, y_of(from) + BOX_HEIGHT, y_of(to) - 2, run);
        return;
    }
    const int room = 8 + (int)(to - from) * 3;
    const int left = ARCS - (room < MAX_ARC ? room : MAX_ARC);
    ws_buf_push_format(buf,
                       "<path class=\"arrow\" d=\"M%d %dH%dV%dH%d\" "
                       "marker-end=\"url(#head%zu)\"/>\n",
                       ARCS, y_of(from) + BOX_HEIGHT / 2, left, y_of(to) + BOX_HEIGHT / 2, ARCS - 2,
                       run);
}

static void push_cell(ws_buf *buf, int x, int y, double number)
{
    ws_buf_push_format(buf, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">", x, y);
    ws_html_push_number(buf, number);
    ws_buf_push_string(buf, "</text>");
}

static void push_node(ws_buf *buf, const ws_page_node *node, size_t i, double most_seconds)
{
    const int y = y_of(i), text_y = y + 16;
    const char *slash = strrchr(node->name, '/');

    ws_buf_push_format(buf,
                       "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                       "rx=\"4\"/><text class=\"op\" x=\"%d\" y=\"%d\">",
                       ARCS, y, BOX_WIDTH, BOX_HEIGHT, ARCS + 8, text_y);
    ws_buf_push_string(buf, "<title>");
    ws_html_push_text(buf, node->name);
    ws_buf_push_string(buf, "</title>");
    ws_html_push_short(buf, node->op, 22);
    ws_buf_push_format(buf, "</text><text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">",
                       ARCS + BOX_WIDTH - 8, text_y);
    if (slash != NULL && slash > node->name) {
        char *group = ws_text_format("%.*s", (int)(slash - node->name), node->name);
        ws_html_push_short(buf, group != NULL ? group : "", 14);
        free(group);
    }
    ws_buf_push_format(buf, "</text><text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">",
                       SHAPE_X, text_y);
    ws_html_push_text(buf, node->shape);
    ws_buf_push_string(buf, "</text>");
    if (node->parameters > 0)
        push_cell(buf, PARAMETERS_X, text_y, (double)node->parameters);
    if (node->multiplications > 0)
        push_cell(buf, PRODUCTS_X, text_y, (double)node->multiplications);
    if (node->seconds > 0)
        ws_buf_push_format(buf,
                           "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"12\"/>"
                           "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%.3g ms</text>",
                           TIME_X, y + 6, node->seconds / most_seconds * TIME_WIDTH,
                           TIME_X + node->seconds / most_seconds * TIME_WIDTH + 6, text_y,
                           1000 * node->seconds);
    ws_buf_push_string(buf, "\n");
}

static void push_title(ws_buf *buf, int x, const char *anchor, const char *text)
{
    ws_buf_push_format(buf,
                       "<text class=\"tick head\" x=\"%d\" y=\"16\" text-anchor=\"%s\">%s</text>",
                       x, anchor, text);
}

void ws_page_network_push(ws_buf *buf, const ws_page_network *network, size_t run)
{
    double parameters = 0, products = 0, seconds = 0, most_seconds = 0;

    for (size_t i = 0; i < network->n_nodes; i++) {
        const ws_page_node *node = &network->nodes[i];
        parameters += node->parameters > 0 ? (double)node->parameters : 0;
        products += node->multiplications > 0 ? (double)node->multiplications : 0;
        seconds += node->seconds > 0 ? node->seconds : 0;
        most_seconds = fmax(most_seconds, node->seconds > 0 ? node->seconds : 0);
    }
    ws_buf_push_string(buf, "<p>");
    if (parameters > 0) {
        ws_html_push_number(buf, parameters);
        ws_buf_push_string(buf, " parameters, ");
        ws_html_push_number(buf, products);
        ws_buf_push_string(buf, " multiplications a clip. ");
    }
    if (seconds > 0)
        ws_buf_push_format(buf, "Times are those of a training step, forward: operators that are "
                                "computed together have theirs on the first one.");
    if (network->n_left_out > 0)
        ws_buf_push_format(buf, " %zu further operators are not shown.", network->n_left_out);
    ws_buf_push_format(buf,
                       "</p><div class=\"wide\"><svg class=\"network\" viewBox=\"0 0 %d %d\" "
                       "width=\"%d\" role=\"img\" aria-label=\"the network\">\n<defs><marker "
                       "id=\"head%zu\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" "
                       "markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L8 4L0 "
                       "8z\"/></marker></defs>\n",
                       WIDTH, y_of(network->n_nodes), WIDTH, run);
    push_title(buf, ARCS, "start", "operator");
    push_title(buf, SHAPE_X, "end", "gives");
    push_title(buf, PARAMETERS_X, "end", "parameters");
    push_title(buf, PRODUCTS_X, "end", "multiplications");
    if (most_seconds > 0)
        push_title(buf, TIME_X, "start", "time");
    for (size_t i = 0; i < network->n_nodes; i++)
        for (size_t k = 0; k < network->nodes[i].n_inputs; k++)
            push_arrow(buf, run, network->nodes[i].inputs[k], i);
    for (size_t i = 0; i < network->n_nodes; i++)
        push_node(buf, &network->nodes[i], i, most_seconds);
    ws_buf_push_string(buf, "</svg></div>\n");
}
