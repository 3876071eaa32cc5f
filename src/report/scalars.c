/* Figures of steps and evaluations as curves. */
#include <math.h>
#include <stdlib.h>

#include "metrics/norm.h"
#include "report/label_tags.h"
#include "report/markdown.h"
#include "report/scalar_tags.h"

/* Of more labels nobody looks at single curves. */
enum { MAX_SHOWN_LABELS = 256 };

typedef struct scalars {
    size_t n_shown;                 /* labels with curves of their own: all, or none */
    ws_text_list recall, precision; /* tags, [n_labels] each */
    const char **tags;              /* of an evaluation: room for all of them */
    float *values;
} scalars;

enum { N_EVALUATED = 4 }; /* figures of an evaluation besides those of the labels */

static void destroy(void *state)
{
    scalars *s = state;
    if (s == NULL)
        return;
    ws_text_list_deinit(&s->recall);
    ws_text_list_deinit(&s->precision);
    free(s->tags);
    free(s->values);
    free(s);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    const size_t n_labels = options->observation->n_labels;
    scalars *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ws_fail_memory(err, "curves");
    *state = s;
    s->n_shown = n_labels <= MAX_SHOWN_LABELS ? n_labels : 0;
    s->tags = calloc(N_EVALUATED + 2 * s->n_shown, sizeof *s->tags);
    s->values = calloc(N_EVALUATED + 2 * s->n_shown, sizeof *s->values);
    if (s->tags == NULL || s->values == NULL)
        return ws_fail_memory(err, "curves");
    const ws_status status =
        ws_label_tags_push(&s->recall, options->observation, WS_TAGS_RECALL, err);
    return status == WS_OK
               ? ws_label_tags_push(&s->precision, options->observation, WS_TAGS_PRECISION, err)
               : status;
}

/** A failure of these shows at the first value. */
static void describe(tbe_writer *writer, const char *tag, const char *text)
{
    (void)tbe_describe(writer, tag, NULL, text);
}

static void describe_steps(tbe_writer *writer)
{
    describe(writer, WS_TAG_ACCURACY,
             "Share of the batch's clips that were recognised, 0 to 1: before the update, with "
             "dropout, on clips with noise");
    describe(writer, WS_TAG_CROSS_ENTROPY,
             "The loss: mean of `-log(probability of the true word)` over the batch, natural "
             "logarithm; with --label_smoothing, --mixup or --distill over all that the clips "
             "should come to");
    describe(writer, WS_TAG_LEARNING_RATE,
             "How far weights move along the gradient: the rate of the schedule in this step");
    describe(writer, WS_TAG_GRADIENT_NORM,
             "Length of the gradient: the root of the sum of squares over all weights, before "
             "--clip_norm");
    describe(writer, WS_TAG_CLIPS_PER_SECOND,
             "Speed of training: clips of a step by its time, without evaluations");
    describe(
        writer, WS_TAG_WAIT,
        "Share of a step's time that the process which waited longest spent waiting for others, "
        "where several train together");
    describe(writer, WS_TAG_EPOCH, "Clips seen so far by the number of clips for training");
    describe(writer, WS_TAG_NOT_FINITE,
             "Number of weights and gradients that are not finite; the histograms leave them out");
}

static void describe_evaluations(const ws_report *report, const scalars *s, tbe_writer *writer)
{
    describe(writer, WS_TAG_ACCURACY, "Share of clips that were recognised, 0 to 1");
    describe(writer, WS_TAG_CROSS_ENTROPY,
             "Mean of `-log(probability of the true word)` over clips, natural logarithm");
    describe(writer, WS_TAG_RAW_ACCURACY,
             "The same share with the weights of the step itself; all else is of their moving "
             "average (--ema)");
    describe(writer, WS_TAG_MACRO_RECALL,
             "Mean of the recalls of all labels: how it does where each counts the same, however "
             "many clips it has");
    for (size_t i = 0; i < s->n_shown; i++) {
        const char *label = ws_report_label(report, i);
        ws_markdown_describe(writer, s->recall.items[i], "Share of the clips of", label,
                             "that were recognised, 0 to 1");
        ws_markdown_describe(writer, s->precision.items[i], "Share of the clips taken for", label,
                             "that are it, 0 to 1");
    }
}

static void start(ws_report *report, void *state)
{
    describe_steps(ws_report_writer(report, WS_REPORT_TRAIN));
    describe_evaluations(report, state, ws_report_writer(report, WS_REPORT_VALIDATION));
    ws_scalar_layout_add(report);
}

static void push_step(ws_report *report, void *state, const ws_report_step *step)
{
    static const char *const tags[] = {
        WS_TAG_ACCURACY, WS_TAG_CROSS_ENTROPY, WS_TAG_LEARNING_RATE, WS_TAG_CLIPS_PER_SECOND,
        WS_TAG_EPOCH,    WS_TAG_GRADIENT_NORM, WS_TAG_WAIT, /* last, for it may be missing */
    };
    const size_t n_tags = sizeof tags / sizeof *tags - (step->n_ranks > 1 ? 0 : 1);
    const ws_observation *observation = ws_report_get_observation(report);
    const double n_clips = (double)observation->batch_size;
    const double n_training = (double)observation->n_clips[WS_REPORT_TRAIN];
    const float values[] = {
        (float)step->accuracy,
        (float)step->cross_entropy,
        (float)step->rate,
        (float)(n_clips / fmax(step->seconds, 1e-9)),
        (float)((double)step->step * n_clips / n_training),
        (float)ws_norm_get(observation->gradients, observation->n_weights),
        (float)(step->wait_seconds / fmax(step->seconds, 1e-9)),
    };

    (void)state;
    ws_report_check(report, WS_REPORT_TRAIN,
                    tbe_add_scalars(ws_report_writer(report, WS_REPORT_TRAIN), step->step, n_tags,
                                    tags, values));
}

/** Adds a figure to those of an evaluation. NaN, such as the recall of a word without clips, has no
 *  point in its curve. */
static size_t push_value(scalars *s, size_t n, const char *tag, double value)
{
    if (isnan(value))
        return n;
    s->tags[n] = tag;
    s->values[n] = (float)value;
    return n + 1;
}

static double macro_recall(const ws_confusion *confusion)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < confusion->n_labels; i++) {
        const double recall = ws_confusion_recall(confusion, i);
        if (isnan(recall))
            continue;
        sum += recall;
        n++;
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    const ws_confusion *confusion = evaluation->confusion;
    const ws_report_place place = evaluation->place;
    tbe_writer *writer = ws_report_writer(report, place);
    scalars *s = state;
    size_t n = 0;

    if (evaluation->place == WS_REPORT_TEST)
        describe_evaluations(report, s, writer);
    n = push_value(s, n, WS_TAG_ACCURACY, ws_confusion_accuracy(confusion));
    if (evaluation->is_of_average)
        n = push_value(s, n, WS_TAG_RAW_ACCURACY, evaluation->raw_accuracy);
    /* a loss of NaN is written: TensorBoard marks it */
    s->tags[n] = WS_TAG_CROSS_ENTROPY;
    s->values[n++] = (float)evaluation->cross_entropy;
    n = push_value(s, n, WS_TAG_MACRO_RECALL, macro_recall(confusion));
    for (size_t i = 0; i < s->n_shown; i++) {
        n = push_value(s, n, s->recall.items[i], ws_confusion_recall(confusion, i));
        n = push_value(s, n, s->precision.items[i], ws_confusion_precision(confusion, i));
    }
    ws_report_check(report, place,
                    tbe_add_scalars(writer, evaluation->step, n, s->tags, s->values));
}

const ws_view ws_view_scalars = {
    .name = "scalars",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
