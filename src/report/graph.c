/* The graph of a training step, and how long each of its nodes takes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/node_list.h"
#include "report/step_times.h"
#include "report/view.h"

/* TensorFlow writes it there; the page opens with the first run that has a graph. */
static const ws_report_place place = WS_REPORT_TRAIN;

enum { N_FIRST_TIMES = 3 }; /* validations of this process that are worth a look; and the last */

typedef struct graph_view {
    ws_report_graph graph; /* borrowed */
    ws_step_times times;
    int n_written;
    tbe_node_time *node_times; /* [graph.list->n_nodes] */
} graph_view;

static void destroy(void *state)
{
    graph_view *view = state;

    if (view == NULL)
        return;
    ws_step_times_deinit(&view->times);
    free(view->node_times);
    free(view);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    graph_view *view = calloc(1, sizeof *view);
    if (view == NULL)
        return ws_fail_memory(err, "the graph for TensorBoard");
    view->graph = options->observation->graph;
    view->node_times = calloc(view->graph.list->n_nodes, sizeof *view->node_times);
    const ws_status status = view->node_times != NULL
                                 ? ws_step_times_init(&view->times, view->graph.n_timed, err)
                                 : ws_fail_memory(err, "the graph for TensorBoard");
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

    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute));
    graph.nodes = view->graph.list->nodes;
    graph.n_nodes = view->graph.list->n_nodes;
    ws_report_check(report, place, tbe_add_graph(ws_report_writer(report, place), &graph));
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    graph_view *view = state;

    (void)report;
    if (step->node_seconds != NULL)
        ws_step_times_push(&view->times, step->seconds, step->node_seconds);
}

/** Memory of what a node gives for a batch; 0 if no shape is shown. */
static int64_t count_output_bytes(const tbe_node *node, size_t batch_size)
{
    int64_t n = node->shape != NULL ? (int64_t)sizeof(float) : 0;
    for (size_t i = 0; i < node->n_dims; i++)
        n *= node->shape[i] < 0 ? (int64_t)batch_size : node->shape[i];
    return n;
}

/** All nodes, in the order of the list. Those that are done along with another one take no time of
 *  their own, but their output is there. Times are cut at whole microseconds of the step's clock,
 *  so that durations sum to the whole. */
static void fill_times(graph_view *view, const double *seconds, size_t batch_size)
{
    const ws_report_graph *graph = &view->graph;
    double clock = 0.0;

    for (size_t i = 0; i < graph->list->n_nodes; i++)
        view->node_times[i] = (tbe_node_time){
            .name = graph->list->nodes[i].name,
            .output_bytes = count_output_bytes(&graph->list->nodes[i], batch_size),
        };
    for (size_t i = 0; i < graph->n_timed; i++) {
        tbe_node_time *time = &view->node_times[graph->timed[i]];
        time->start_us = llround(1e6 * clock);
        clock += seconds[i];
        time->duration_us = llround(1e6 * clock) - time->start_us;
    }
}

static void write_times(ws_report *report, graph_view *view, const double *seconds, int64_t at)
{
    char name[64];
    tbe_run_times times;

    fill_times(view, seconds, ws_report_get_observation(report)->batch_size);
    tbe_run_times_init(&times, sizeof times, sizeof(tbe_node_time));
    times.nodes = view->node_times;
    times.n_nodes = view->graph.list->n_nodes;
    (void)snprintf(name, sizeof name, "step %lld", (long long)at);
    ws_report_check(report, place,
                    tbe_add_run_times(ws_report_writer(report, place), at, name, &times));
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    graph_view *view = state;
    const double *seconds = ws_step_times_get_median(&view->times);

    if (evaluation->place != WS_REPORT_VALIDATION || seconds == NULL ||
        (view->n_written >= N_FIRST_TIMES && !evaluation->is_last))
        return;
    view->n_written++;
    write_times(report, view, seconds, evaluation->step);
}

const ws_view ws_view_graph = {
    .name = "graph",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
