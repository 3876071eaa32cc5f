/* How a wake word does: misses at two rates of false accepts as curves, and all cutoffs as a
 * picture and as a table, which says it exactly. */
#include <inttypes.h>
#include <math.h>

#include "plot/det_plot.h"
#include "report/markdown.h"
#include "report/picture.h"

static const char picture_tag[] = "wake_word/misses_by_false_accepts";
static const char table_tag[] = "wake_word/cutoffs";

static const struct {
    const char *tag, *text;
    double rate;
} figures[] = {
    {"eval/misses_at_0.5_an_hour",
     "Share of the phrases that are missed at the lowest cutoff with at most 0.5 false accepts an "
     "hour in the sound of the validation; that may be less than two hours, and then none",
     0.5},
    {"eval/misses_at_5_an_hour",
     "Share of the phrases that are missed at the lowest cutoff with at most 5 false accepts an "
     "hour",
     5.0},
};
enum { N_FIGURES = sizeof figures / sizeof *figures };

static void add_picture(ws_report *report, const ws_evaluation *evaluation)
{
    ws_det_plot_point points[WS_DET_N_CUTOFFS];
    ws_canvas canvas;
    ws_error err;

    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++)
        points[i] = (ws_det_plot_point){ws_det_rate(evaluation->det, i),
                                        ws_det_miss_share(evaluation->det, i)};
    if (ws_det_plot_draw(points, WS_DET_N_CUTOFFS, &canvas, &err) != WS_OK) {
        ws_report_warn(report, err.message);
        return;
    }
    ws_report_add_picture(report, evaluation->place, evaluation->step, picture_tag, &canvas);
    ws_canvas_deinit(&canvas);
}

/** Whether a cutoff has the figures of the one before. */
static bool is_repeated(const ws_det *det, size_t i)
{
    return i > 0 && det->n_false[i] == det->n_false[i - 1] &&
           det->n_missed[i] == det->n_missed[i - 1];
}

static void add_table(ws_report *report, const ws_evaluation *evaluation)
{
    const ws_det *det = evaluation->det;
    ws_buf text;

    ws_buf_init(&text, TBE_MAX_BODY_BYTES);
    ws_buf_push_format(
        &text,
        "%s after step %" PRId64 ": %" PRIu64 " phrases and %.3g hours of other "
        "sound. A row is the lowest cutoff that has its figures.\n\n| cutoff | false "
        "accepts | an hour | phrases missed | share |\n|---|---|---|---|---|\n",
        evaluation->place == WS_REPORT_TEST ? "Test" : "Validation", evaluation->step,
        det->n_phrases, det->seconds / 3600.0);
    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++)
        if (!is_repeated(det, i))
            ws_buf_push_format(&text, "| %.4f | %" PRIu64 " | %.4g | %" PRIu64 " | %.2f %% |\n",
                               ws_det_cutoff(i), det->n_false[i], ws_det_rate(det, i),
                               det->n_missed[i], 100.0 * ws_det_miss_share(det, i));
    ws_report_add_markdown(report, evaluation->place, evaluation->step, table_tag, &text);
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    tbe_writer *writer = ws_report_writer(report, evaluation->place);
    const char *tags[N_FIGURES];
    float values[N_FIGURES];

    (void)state;
    if (evaluation->det == NULL || evaluation->det->n_phrases == 0 ||
        !(evaluation->det->seconds > 0.0))
        return;
    if (evaluation->number == 1)
        for (size_t i = 0; i < N_FIGURES; i++)
            (void)tbe_describe(writer, figures[i].tag, NULL, figures[i].text);
    for (size_t i = 0; i < N_FIGURES; i++) {
        const size_t cutoff = ws_det_find_cutoff(evaluation->det, figures[i].rate);
        tags[i] = figures[i].tag;
        values[i] = (float)ws_det_miss_share(evaluation->det, cutoff);
    }
    ws_report_check(report, evaluation->place,
                    tbe_add_scalars(writer, evaluation->step, N_FIGURES, tags, values));
    add_picture(report, evaluation);
    add_table(report, evaluation);
}

const ws_view ws_view_det = {
    .name = "det",
    .push_evaluation = push_evaluation,
};
