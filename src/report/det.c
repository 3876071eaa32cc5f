/* How a wake word does: misses at two rates of false accepts as curves, and the picture of all
 * cutoffs. */
#include <math.h>

#include "plot/det_plot.h"
#include "report/picture.h"

static const char picture_tag[] = "wake_word/misses_by_false_accepts";

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
}

const ws_view ws_view_det = {
    .name = "det",
    .push_evaluation = push_evaluation,
};
