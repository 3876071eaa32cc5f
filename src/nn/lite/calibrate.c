#include "nn/lite/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "nn/lite/samples.h"

enum {
    N_BINS = 2048,
    N_CUTS = 24, /* ends of a range that are tried, at either side */
    N_LEVELS = 255,
    N_HEARD = 24, /* samples that choose the input's range: each is heard up to 16 times */
};

static const double left_out = 0.00005; /* of the numbers, at either end */

/** The numbers of a tensor: their ends, then how many lie in each of equal parts between. */
typedef struct seen {
    float least, most;
    bool has_nonfinite; /* one of them was infinite or NaN */
    double *bins;       /* [N_BINS] */
} seen;

static bool is_wanted(const ws_lite_tensor *tensor)
{
    return tensor->type == WS_LITE_FLOAT32 && tensor->data == NULL && !tensor->range.is_known;
}

static void widen(seen *s, const float *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s->least = fminf(s->least, numbers[i]);
        s->most = fmaxf(s->most, numbers[i]);
        s->has_nonfinite = s->has_nonfinite || !isfinite(numbers[i]); /* ends leave out NaN */
    }
}

static void count(seen *s, const float *numbers, size_t n)
{
    const float width = s->most - s->least;

    for (size_t i = 0; i < n; i++) {
        const float at = width > 0.0f ? (numbers[i] - s->least) / width * (float)N_BINS : 0.0f;
        const int bin = at < 0.0f ? 0 : at >= (float)N_BINS ? N_BINS - 1 : (int)at;
        s->bins[bin] += 1.0;
    }
}

static double middle_of(const seen *s, size_t bin)
{
    return (double)s->least + ((double)s->most - (double)s->least) * ((double)bin + 0.5) / N_BINS;
}

/** What levels from least to most change, in squares. Rounding is as if numbers lay evenly. */
static double error_of(const seen *s, double least, double most)
{
    const double step = (most - least) / N_LEVELS;
    double sum = 0.0;

    for (size_t i = 0; i < N_BINS; i++) {
        const double x = middle_of(s, i);
        const double cut = x < least ? least - x : x > most ? x - most : 0.0;
        sum += s->bins[i] * (cut > 0.0 ? cut * cut : step * step / 12.0);
    }
    return sum;
}

static ws_lite_range least_error(const seen *s)
{
    double best = HUGE_VAL;
    ws_lite_range range = {true, s->least, s->most};

    for (int i = 0; i < (s->least < 0.0f ? N_CUTS : 1); i++) {
        for (int k = 0; k < (s->most > 0.0f ? N_CUTS : 1); k++) {
            const double least = (double)s->least * (1.0 - (double)i / (N_CUTS + 4));
            const double most = (double)s->most * (1.0 - (double)k / (N_CUTS + 4));
            const double error = error_of(s, least, most);
            if (error >= best)
                continue;
            best = error;
            range = (ws_lite_range){true, (float)least, (float)most};
        }
    }
    return range;
}

static ws_lite_range percentile(const seen *s)
{
    size_t first = 0, last = N_BINS;
    double n = 0.0, low = 0.0, high = 0.0;

    for (size_t i = 0; i < N_BINS; i++)
        n += s->bins[i];
    while (first < N_BINS && low + s->bins[first] <= left_out * n)
        low += s->bins[first++];
    while (last > first && high + s->bins[last - 1] <= left_out * n)
        high += s->bins[--last];
    const double width = ((double)s->most - (double)s->least) / N_BINS;
    return (ws_lite_range){true, fminf((float)((double)s->least + width * (double)first), 0.0f),
                           fmaxf((float)((double)s->least + width * (double)last), 0.0f)};
}

static ws_lite_range range_of(const seen *s, ws_lite_calibration method)
{
    switch (method) {
    case WS_LITE_CALIBRATION_LEAST_ERROR:
        return least_error(s);
    case WS_LITE_CALIBRATION_PERCENTILE:
        return percentile(s);
    default:
        return (ws_lite_range){true, s->least, s->most};
    }
}

/** The numbers of each wanted tensor, as they are shown. */
typedef struct showing {
    const ws_lite_graph *graph;
    seen *all;   /* [tensors] */
    float *room; /* [numbers of the largest tensor] */
    void (*show)(seen *s, const float *numbers, size_t n);
} showing;

static void look(void *context, const ws_lite_run *run)
{
    const showing *s = context;

    for (size_t t = 0; t < s->graph->n_tensors; t++) {
        if (!is_wanted(&s->graph->tensors[t]))
            continue;
        ws_lite_run_read(run, (int)t, s->room);
        s->show(&s->all[t], s->room, ws_lite_tensor_size(&s->graph->tensors[t]));
    }
}

/* The range of the input. Its numbers are unlike each other: of MFCC the first of each frame is
 * some ten times as large as the others, which say more. So what counts is what levels change of
 * the scores. */

/** Samples heard with levels of several ranges. */
typedef struct hearing {
    ws_lite_run *run;
    ws_lite_samples samples;
    int logits; /* the tensor of the scores before they sum to 1 */
    size_t step, n_logits;
    float *input;  /* [step] */
    float *heard;  /* [n_logits] */
    float *wanted; /* [all steps of all samples, n_logits] without levels */
} hearing;

static int find_logits(const ws_lite_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_lite_node *node = &graph->nodes[i];
        if ((node->kind == WS_LITE_SOFTMAX || node->kind == WS_LITE_LOGISTIC) &&
            node->outputs[0] == graph->outputs[0])
            return node->inputs[0];
    }
    return graph->outputs[0];
}

static void round_to(const ws_lite_range *range, const float *from, size_t n, float *to)
{
    const float step = (range->max - range->min) / (float)N_LEVELS;

    for (size_t i = 0; i < n; i++)
        to[i] = rintf(fminf(fmaxf(from[i], range->min), range->max) / step) * step;
}

/** @param range  NULL: the scores without levels are kept
 *  @return what its levels change of all scores, in squares */
static double hear(hearing *h, const ws_lite_range *range)
{
    double sum = 0.0;
    float *wanted = h->wanted;

    for (size_t i = 0; i < h->samples.n; i++) {
        const float *sample = h->samples.numbers + i * h->samples.size;
        ws_lite_run_reset(h->run);
        for (size_t at = 0; at + h->step <= h->samples.size; at += h->step, wanted += h->n_logits) {
            if (range != NULL)
                round_to(range, sample + at, h->step, h->input);
            ws_lite_run_write(h->run, 0, range != NULL ? h->input : sample + at);
            ws_lite_run_invoke(h->run);
            ws_lite_run_read(h->run, h->logits, range != NULL ? h->heard : wanted);
            for (size_t k = 0; k < h->n_logits && range != NULL; k++)
                sum += pow((double)(h->heard[k] - wanted[k]), 2.0);
        }
    }
    return sum;
}

/** Tries parts of what was seen: first at the lower end, then at the upper one. */
static ws_lite_range hear_ranges(hearing *h, const seen *s)
{
    static const float parts[] = {1.0f, 0.7f, 0.5f, 0.35f, 0.25f, 0.18f, 0.125f, 0.09f};
    ws_lite_range best = {true, s->least, s->most};

    (void)hear(h, NULL);
    double least = hear(h, &best);
    for (int end = 0; end < 2; end++) {
        const ws_lite_range before = best;
        for (size_t i = 1; i < sizeof parts / sizeof *parts; i++) {
            ws_lite_range tried = before;
            if (end == 0)
                tried.min *= parts[i];
            else
                tried.max *= parts[i];
            if ((end == 0 ? before.min : before.max) == 0.0f || tried.max <= tried.min)
                break;
            const double error = hear(h, &tried);
            if (error > 2.0 * least) /* too much is cut, and the next would cut more */
                break;
            if (error < least) {
                least = error;
                best = tried;
            }
        }
    }
    return best;
}

static ws_status find_input_range(ws_lite_graph *graph, ws_lite_run *run,
                                  const ws_lite_samples *samples, const seen *s, ws_error *err)
{
    hearing h = {.run = run, .samples = *samples, .logits = find_logits(graph)};
    ws_lite_tensor *input = &graph->tensors[graph->inputs[0]];

    h.samples.n = samples->n < N_HEARD ? samples->n : N_HEARD;
    h.step = ws_lite_tensor_size(input);
    h.n_logits = ws_lite_tensor_size(&graph->tensors[h.logits]);
    h.input = calloc(h.step, sizeof *h.input);
    h.heard = calloc(h.n_logits, sizeof *h.heard);
    h.wanted = calloc(h.samples.n * (samples->size / h.step + 1) * h.n_logits, sizeof *h.wanted);
    const bool is_fine = h.input != NULL && h.heard != NULL && h.wanted != NULL;
    if (is_fine)
        input->range = hear_ranges(&h, s);
    free(h.input);
    free(h.heard);
    free(h.wanted);
    return is_fine ? WS_OK : ws_fail_memory(err, "the range of an input");
}

static ws_status find_ranges(ws_lite *lite, ws_lite_run *run, const ws_lite_samples *samples,
                             ws_lite_calibration method, seen *all, float *room, ws_error *err)
{
    showing shown = {&lite->graphs[0], all, room, widen};
    ws_lite_graph *graph = &lite->graphs[0];
    const int input = graph->inputs[0];
    const bool is_heard =
        method == WS_LITE_CALIBRATION_LEAST_ERROR && is_wanted(&graph->tensors[input]);

    ws_lite_run_samples(run, samples, look, &shown);
    for (size_t t = 0; t < graph->n_tensors; t++) {
        if (!is_wanted(&graph->tensors[t]))
            continue;
        if (all[t].has_nonfinite)
            return ws_fail(err, WS_ENUMERIC,
                           "tensor \"%s\" is not finite for a clip of calibration",
                           graph->tensors[t].name);
        all[t].bins = calloc(N_BINS, sizeof *all[t].bins);
        if (all[t].bins == NULL)
            return ws_fail_memory(err, "ranges of tensors");
    }
    shown.show = count;
    ws_lite_run_samples(run, samples, look, &shown);
    for (size_t t = 0; t < graph->n_tensors; t++)
        if (is_wanted(&graph->tensors[t]))
            graph->tensors[t].range = range_of(&all[t], method);
    return is_heard && all[input].most > all[input].least
               ? find_input_range(graph, run, samples, &all[input], err)
               : WS_OK;
}

ws_status ws_lite_calibrate(ws_lite *lite, const float *samples, size_t n, size_t size,
                            ws_lite_calibration method, ws_error *err)
{
    const ws_lite_samples read = {samples, n, size};
    const ws_lite_graph *graph = &lite->graphs[0];
    ws_lite_run *run = NULL;

    if (n == 0)
        return ws_fail(err, WS_EUSAGE, "there are no clips to find the ranges of tensors with");
    seen *all = calloc(graph->n_tensors, sizeof *all);
    float *room = calloc(ws_lite_largest_tensor(lite), sizeof *room);
    ws_status status =
        all != NULL && room != NULL ? WS_OK : ws_fail_memory(err, "ranges of tensors");
    if (status == WS_OK)
        status = ws_lite_run_create(&run, lite, &(ws_lite_run_options){.is_reference = false}, err);
    if (status == WS_OK)
        status = find_ranges(lite, run, &read, method, all, room, err);
    for (size_t t = 0; all != NULL && t < graph->n_tensors; t++)
        free(all[t].bins);
    free(all);
    free(room);
    ws_lite_run_destroy(run);
    return status;
}
