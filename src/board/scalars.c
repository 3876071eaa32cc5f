/* Figures of steps and evaluations as curves. */
#include "board/view.h"

/* TensorFlow's own tags, so that its runs and ours share a chart; the rate it does not show. */
static const char accuracy_tag[] = "eval/accuracy";
static const char cross_entropy_tag[] = "eval/cross_entropy";
static const char learning_rate_tag[] = "eval/learning_rate";

static void describe(tbe_writer *writer)
{
    /* a failure of these shows at the first value */
    (void)tbe_describe(writer, accuracy_tag, NULL, "Share of clips that were recognised, 0 to 1");
    (void)tbe_describe(
        writer, cross_entropy_tag, NULL,
        "Mean of `-log(probability of the true word)` over clips, natural logarithm");
    (void)tbe_describe(writer, learning_rate_tag, NULL, "How far weights move along the gradient");
}

static void start(ws_board *board, void *state)
{
    (void)state;
    describe(ws_board_writer(board, WS_BOARD_TRAIN));
    describe(ws_board_writer(board, WS_BOARD_VALIDATION));
}

static void push_step(ws_board *board, void *state, const ws_board_step *step)
{
    const char *const tags[] = {accuracy_tag, cross_entropy_tag, learning_rate_tag};
    const float values[] = {(float)step->accuracy, (float)step->cross_entropy, (float)step->rate};

    (void)state;
    ws_board_check(
        board, WS_BOARD_TRAIN,
        tbe_add_scalars(ws_board_writer(board, WS_BOARD_TRAIN), step->step, 3, tags, values));
}

static void push_evaluation(ws_board *board, void *state, const ws_evaluation *evaluation)
{
    const ws_board_place place = ws_board_set_place(evaluation->set);
    const char *const tags[] = {accuracy_tag, cross_entropy_tag};
    const float values[] = {(float)ws_confusion_accuracy(evaluation->confusion),
                            (float)evaluation->cross_entropy};
    tbe_writer *writer = ws_board_writer(board, place);

    (void)state;
    if (evaluation->set == WS_SET_TESTING)
        describe(writer);
    ws_board_check(board, place, tbe_add_scalars(writer, evaluation->step, 2, tags, values));
}

const ws_view ws_view_scalars = {
    .name = "scalars",
    .start = start,
    .push_step = push_step,
    .push_evaluation = push_evaluation,
};
