/* The graph of a training step, and how long each of its nodes takes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/graph_nodes.h"
#include "report/step_times.h"
#include "report/view.h"

/* TensorFlow writes it there; the page opens with the first run that has a graph. */
static const ws_report_place place = WS_REPORT_TRAIN;

enum { N_FIRST_TIMES = 3 }; /* validations of this process that are worth a look; and the last */

typedef struct graph_view {
    ws_graph_nodes *nodes;
    ws_step_times times;
    int n_written;
    double clock;              /* seconds of the step that its nodes so far have taken */
    tbe_node_time *node_times; /* [nodes->list.n_nodes] */
} graph_view;

static void destroy(void *state)
{
    graph_view *view = state;

    if (view == NULL)
        return;
    ws_graph_nodes_destroy(view->nodes);
    free(view->node_times);
    free(view);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    graph_view *view = calloc(1, sizeof *view);
    if (view == NULL)
        return ws_fail_memory(err, "the graph for TensorBoard");
    ws_status status = ws_graph_nodes_create(options, &view->nodes, err);
    if (status == WS_OK) {
        view->node_times = calloc(view->nodes->list.n_nodes, sizeof *view->node_times);
        if (view->node_times == NULL)
            status = ws_fail_memory(err, "the graph for TensorBoard");
    }
    if (status != WS_OK) {
        destroy(view);
        return status;
    }
    *state = view;
    return WS_OK;
}

static void start(ws_report *report, void *state)
{
    const graph_view *view = state;
    tbe_graph graph;

    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node));
    graph.nodes = view->nodes->list.nodes;
    graph.n_nodes = view->nodes->list.n_nodes;
    ws_report_check(report, place, tbe_add_graph(ws_report_writer(report, place), &graph));
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    graph_view *view = state;
    ws_step_times_push(&view->times, ws_report_get_options(report)->network, step);
}

/** Memory of what a node gives for a batch; 0 if no shape is shown. */
static int64_t count_output_bytes(const tbe_node *node, size_t batch_size)
{
    int64_t n = node->shape != NULL ? (int64_t)sizeof(float) : 0;
    for (size_t i = 0; i < node->n_dims; i++)
        n *= node->shape[i] < 0 ? (int64_t)batch_size : node->shape[i];
    return n;
}

/** The node took so long, behind those before: cut at whole microseconds of the step's clock, so
 *  that durations sum to the whole. */
static void add_time(graph_view *view, size_t node, double seconds)
{
    tbe_node_time *time = &view->node_times[node];

    time->start_us = llround(1e6 * view->clock);
    view->clock += seconds;
    time->duration_us = llround(1e6 * view->clock) - time->start_us;
}

/** Seconds that are no part's own: the loss, and what lies between phases. */
static double count_rest(const ws_step_time *step, size_t n_stages)
{
    double rest = step->total - step->input - step->update;
    for (size_t s = 0; s < n_stages; s++)
        rest -= step->forward[s] + step->backward[s];
    return rest > 0.0 ? rest : 0.0;
}

/** All nodes, in the order of the list: those that a stage does along with another take no time of
 *  their own, but their output is there. */
static void fill_times(graph_view *view, const ws_step_time *step, size_t batch_size)
{
    const ws_graph_nodes *nodes = view->nodes;
    double rest = count_rest(step, nodes->n_stages);

    for (size_t i = 0; i < nodes->list.n_nodes; i++)
        view->node_times[i] = (tbe_node_time){
            .name = nodes->list.nodes[i].name,
            .output_bytes = count_output_bytes(&nodes->list.nodes[i], batch_size),
        };
    view->clock = 0.0;
    add_time(view, nodes->input, step->input);
    for (size_t s = 0; s < nodes->n_stages; s++)
        add_time(view, nodes->forward[s], step->forward[s]);
    for (size_t s = 0; s < nodes->n_stages; s++)
        rest += nodes->backward[s] == 0 ? step->backward[s] : 0.0;
    add_time(view, nodes->loss, rest);
    for (size_t s = nodes->n_stages; s > 0; s--)
        if (nodes->backward[s - 1] != 0)
            add_time(view, nodes->backward[s - 1], step->backward[s - 1]);
    add_time(view, nodes->update, step->update);
}

static void write_times(ws_report *report, graph_view *view, const ws_step_time *step, int64_t at)
{
    char name[64];
    tbe_run_times times;

    fill_times(view, step, ws_report_get_options(report)->batch_size);
    tbe_run_times_init(&times, sizeof times);
    times.nodes = view->node_times;
    times.n_nodes = view->nodes->list.n_nodes;
    (void)snprintf(name, sizeof name, "step %lld", (long long)at);
    ws_report_check(report, place,
                    tbe_add_run_times(ws_report_writer(report, place), at, name, &times));
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    graph_view *view = state;
    const ws_step_time *step = ws_step_times_get_median(&view->times);

    if (evaluation->set != WS_SET_VALIDATION || step == NULL ||
        (view->n_written >= N_FIRST_TIMES && !evaluation->is_last))
        return;
    view->n_written++;
    write_times(report, view, step, evaluation->step);
}

const ws_view ws_view_graph = {
    .name = "graph",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
