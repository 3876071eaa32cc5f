/* Weights, and the gradients of the last step, as a histogram a variable at each evaluation. */
#include <stdio.h>
#include <stdlib.h>

#include "report/scalar_tags.h"

/* Groups of tags, behind those of the curves on the page that shows both. */
static const char weights_group[] = "weights";
static const char gradients_group[] = "weights_gradients";

enum { MAX_TAG = WS_PARAMETER_MAX_NAME + sizeof gradients_group + 1 };

typedef struct histograms {
    int64_t made_step;  /* the last one of this process, whose gradients the network has; 0: none */
    int64_t shown_step; /* the last one that was shown */
} histograms;

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    (void)options;
    *state = calloc(1, sizeof(histograms));
    return *state != NULL ? WS_OK : ws_fail_memory(err, "histograms");
}

static void write_tag(char tag[MAX_TAG], const char *group, const ws_parameter *parameter)
{
    (void)snprintf(tag, MAX_TAG, "%s/%s", group, parameter->name);
}

static void start(ws_report *report, void *state)
{
    const ws_graph *graph = ws_report_get_options(report)->graph;
    tbe_writer *writer = ws_report_writer(report, WS_REPORT_TRAIN);

    (void)state;
    for (size_t i = 0; i < graph->n_parameters; i++) {
        char tag[MAX_TAG], text[MAX_TAG + 64];
        write_tag(tag, weights_group, &graph->parameters[i]);
        (void)snprintf(text, sizeof text, "The numbers in the variable `%s`, after the step",
                       graph->parameters[i].name);
        (void)tbe_describe(writer, tag, NULL, text);
        write_tag(tag, gradients_group, &graph->parameters[i]);
        (void)snprintf(text, sizeof text, "The gradient of the loss by `%s`, in the step",
                       graph->parameters[i].name);
        (void)tbe_describe(writer, tag, NULL, text);
    }
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    (void)report;
    ((histograms *)state)->made_step = step->step;
}

/** Histograms of all variables. @param values  [n_weights] @return how many are not finite */
static size_t add_group(ws_report *report, int64_t step, const char *group, const float *values)
{
    const ws_graph *graph = ws_report_get_options(report)->graph;
    size_t n_bad = 0;

    for (size_t i = 0; i < graph->n_parameters; i++) {
        const ws_parameter *parameter = &graph->parameters[i];
        size_t n_skipped = 0;
        char tag[MAX_TAG];
        write_tag(tag, group, parameter);
        ws_report_check(report, WS_REPORT_TRAIN,
                        tbe_add_histogram(ws_report_writer(report, WS_REPORT_TRAIN), step, tag,
                                          parameter->size, values + parameter->offset, &n_skipped));
        n_bad += n_skipped;
    }
    return n_bad;
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    ws_network *network = ws_report_get_options(report)->network;
    const int64_t step = evaluation->step;
    histograms *h = state;

    /* The test comes behind a validation, unless there is no such set. A run that only has its
     * test left to do has made no step, and showed its weights before. */
    if (step != h->made_step || step == h->shown_step)
        return;
    h->shown_step = step;
    const size_t n_bad = add_group(report, step, weights_group, ws_network_parameters(network)) +
                         add_group(report, step, gradients_group, ws_network_gradients(network));
    if (n_bad > 0)
        ws_report_check(report, WS_REPORT_TRAIN,
                        tbe_add_scalar(ws_report_writer(report, WS_REPORT_TRAIN), step,
                                       WS_TAG_NOT_FINITE, (float)n_bad));
}

const ws_view ws_view_histograms = {
    .name = "histograms",
    .create = create,
    .destroy = free,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
