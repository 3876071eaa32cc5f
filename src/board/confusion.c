/* The confusion matrix of each evaluation as a picture. */
#include <stdio.h>

#include "board/picture.h"
#include "plot/confusion_plot.h"

static const char tag[] = "eval/confusion_matrix";

static ws_status draw(const ws_board *board, const ws_evaluation *evaluation, ws_canvas *canvas,
                      ws_error *err)
{
    const ws_confusion *confusion = evaluation->confusion;
    const char *labels[WS_CONFUSION_PLOT_MAX_LABELS];
    char title[64], summary[64];

    for (size_t i = 0; i < confusion->n_labels; i++)
        labels[i] = ws_board_label(board, i);
    (void)snprintf(title, sizeof title, "%s STEP %lld",
                   evaluation->set == WS_SET_TESTING ? "test" : "validation",
                   (long long)evaluation->step);
    (void)snprintf(summary, sizeof summary, "ACC %.1f%% N %llu",
                   100.0 * ws_confusion_accuracy(confusion),
                   (unsigned long long)ws_confusion_total(confusion));
    return ws_confusion_plot_run(
        &(ws_confusion_plot_args){
            .n_labels = confusion->n_labels,
            .counts = confusion->counts,
            .labels = labels,
            .title = title,
            .summary = summary,
        },
        canvas, err);
}

static void push_evaluation(ws_board *board, void *state, const ws_evaluation *evaluation)
{
    const ws_board_place place = ws_board_set_place(evaluation->set);
    ws_canvas canvas = {.pixels = NULL};
    ws_error err;

    (void)state;
    /* so many labels that no picture can hold them: the figures stay */
    if (evaluation->confusion->n_labels > WS_CONFUSION_PLOT_MAX_LABELS)
        return;
    (void)tbe_describe(ws_board_writer(board, place), tag, NULL,
                       "Rows: what was said. Columns: what was recognised. Diagonal: percent of "
                       "the row; elsewhere: number of clips");
    if (draw(board, evaluation, &canvas, &err) == WS_OK)
        ws_board_add_picture(board, place, evaluation->step, tag, &canvas);
    else
        ws_board_warn(board, err.message);
    ws_canvas_deinit(&canvas);
}

const ws_view ws_view_confusion = {
    .name = "confusion",
    .push_evaluation = push_evaluation,
};
