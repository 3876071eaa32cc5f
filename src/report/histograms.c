/* Weights, and the gradients of the last step, as a histogram a variable at each evaluation. */
#include <stdlib.h>

#include "base/text.h"
#include "report/scalar_tags.h"

/* Groups of tags. On the page that shows both they come after the groups of the curves. */
static const char weights_group[] = "weights";
static const char gradients_group[] = "weights_gradients";

typedef struct histograms {
    ws_text_list weights, gradients; /* tags, one a variable */
    int64_t made_step;  /* the last one of this process, whose gradients are observed; 0: none */
    int64_t shown_step; /* the last one that was shown */
} histograms;

static void destroy(void *state)
{
    histograms *h = state;

    if (h == NULL)
        return;
    ws_text_list_deinit(&h->weights);
    ws_text_list_deinit(&h->gradients);
    free(h);
}

static ws_status push_tag(ws_text_list *tags, const char *group, const char *variable)
{
    char *tag = ws_text_format("%s/%s", group, variable);
    const ws_status status = tag != NULL ? ws_text_list_push(tags, tag) : WS_ENOMEM;

    free(tag);
    return status;
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    const ws_observation *observation = options->observation;
    histograms *h = calloc(1, sizeof *h);
    ws_status status = h != NULL ? WS_OK : WS_ENOMEM;

    for (size_t i = 0; status == WS_OK && i < observation->n_variables; i++) {
        status = push_tag(&h->weights, weights_group, observation->variables[i].name);
        if (status == WS_OK)
            status = push_tag(&h->gradients, gradients_group, observation->variables[i].name);
    }
    if (status == WS_OK) {
        *state = h;
        return WS_OK;
    }
    destroy(h);
    return ws_fail_memory(err, "histograms");
}

/** A failure of this shows at the first value of the tag. */
static void describe(tbe_writer *writer, const char *tag, const char *before, const char *variable,
                     const char *after)
{
    char *text = ws_text_format("%s `%s`, %s", before, variable, after);

    if (text != NULL)
        (void)tbe_describe(writer, tag, NULL, text);
    free(text);
}

static void start(ws_report *report, void *state)
{
    const ws_observation *observation = ws_report_get_observation(report);
    tbe_writer *writer = ws_report_writer(report, WS_REPORT_TRAIN);
    const histograms *h = state;

    for (size_t i = 0; i < observation->n_variables; i++) {
        const char *name = observation->variables[i].name;
        describe(writer, h->weights.items[i], "The numbers in the variable", name,
                 "after the step");
        describe(writer, h->gradients.items[i], "The gradient of the loss by", name, "in the step");
    }
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    (void)report;
    ((histograms *)state)->made_step = step->step;
}

/** Histograms of all variables.
 *  @param values  [n_weights]
 *  @return the number of values that are not finite */
static size_t add_group(ws_report *report, int64_t step, const ws_text_list *tags,
                        const float *values)
{
    const ws_observation *observation = ws_report_get_observation(report);
    size_t n_bad = 0;

    for (size_t i = 0; i < observation->n_variables; i++) {
        const ws_report_variable *variable = &observation->variables[i];
        size_t n_skipped = 0;
        ws_report_check(report, WS_REPORT_TRAIN,
                        tbe_add_histogram(ws_report_writer(report, WS_REPORT_TRAIN), step,
                                          tags->items[i], variable->size, values + variable->offset,
                                          &n_skipped));
        n_bad += n_skipped;
    }
    return n_bad;
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    const ws_observation *observation = ws_report_get_observation(report);
    const int64_t step = evaluation->step;
    histograms *h = state;

    /* The test comes after a validation, unless there is no such set. A run that only has its test
     * left to do has made no step, and showed its weights before. */
    if (step != h->made_step || step == h->shown_step)
        return;
    h->shown_step = step;
    const size_t n_bad = add_group(report, step, &h->weights, observation->weights) +
                         add_group(report, step, &h->gradients, observation->gradients);
    if (n_bad > 0)
        ws_report_check(report, WS_REPORT_TRAIN,
                        tbe_add_scalar(ws_report_writer(report, WS_REPORT_TRAIN), step,
                                       WS_TAG_NOT_FINITE, (float)n_bad));
}

const ws_view ws_view_histograms = {
    .name = "histograms",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
