#include "board/board.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "board/view.h"
#include "board/views.h"

static const char *const place_names[WS_N_BOARD_PLACES] = {
    [WS_BOARD_RUN] = "",
    [WS_BOARD_TRAIN] = "/train",
    [WS_BOARD_VALIDATION] = "/validation",
    [WS_BOARD_TEST] = "/test",
};

struct ws_board {
    ws_board_options options;
    bool is_shown[WS_N_VIEWS];
    void *states[WS_N_VIEWS];
    double seconds[WS_N_VIEWS];             /* that they took so far */
    tbe_writer *writers[WS_N_BOARD_PLACES]; /* opened when something comes for them */
    bool has_warned;                        /* that figures are lost */
};

ws_status ws_board_check_views(const char *views, ws_error *err)
{
    bool is_shown[WS_N_VIEWS];
    return ws_views_read(views, is_shown, err);
}

/** @param start_step  what earlier files of the place have from there on is dropped */
static ws_status open_writer(ws_board *board, ws_board_place place, int64_t start_step,
                             ws_error *err)
{
    tbe_options options;
    char *dir = ws_board_place_dir(board, place);

    if (dir == NULL)
        return ws_fail_memory(err, "event files");
    tbe_options_init(&options, sizeof options);
    options.start_step = start_step;
    options.writer_name = "wordspot";
    board->writers[place] = tbe_open(dir, &options);
    free(dir);
    if (board->writers[place] == NULL)
        return ws_fail_memory(err, "event files");
    if (tbe_get_status(board->writers[place]) != TBE_OK)
        return ws_fail(err, WS_EIO, "%s", tbe_get_message(board->writers[place]));
    return WS_OK;
}

static ws_status create_views(ws_board *board, ws_error *err)
{
    ws_status status = ws_views_read(board->options.views, board->is_shown, err);
    for (size_t i = 0; status == WS_OK && i < WS_N_VIEWS; i++) {
        if (board->is_shown[i] && ws_views[i]->create != NULL)
            status = ws_views[i]->create(&board->options, &board->states[i], err);
    }
    return status;
}

ws_status ws_board_create(ws_board **board, const ws_board_options *options, ws_error *err)
{
    ws_board *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "event files");
    made->options = *options;
    ws_status status = create_views(made, err);
    /* also where no view writes there: the start of a session takes back what an earlier process
     * wrote of steps that are made again */
    if (status == WS_OK)
        status = open_writer(made, WS_BOARD_TRAIN, options->first_step, err);
    if (status == WS_OK)
        status = open_writer(made, WS_BOARD_VALIDATION, options->first_step, err);
    if (status != WS_OK) {
        made->has_warned = true; /* the error says it */
        ws_board_destroy(made);
        return status;
    }
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (made->is_shown[i] && ws_views[i]->start != NULL)
            ws_views[i]->start(made, made->states[i]);
    }
    *board = made;
    return WS_OK;
}

bool ws_board_close_writer(ws_board *board, tbe_writer *writer)
{
    char message[512];
    if (tbe_close(writer, message, sizeof message) == TBE_OK)
        return true;
    if (!board->has_warned)
        ws_log_write(board->options.log, WS_LOG_WARN, "%s; TensorBoard will lack the last figures",
                     message);
    board->has_warned = true;
    return false;
}

void ws_board_destroy(ws_board *board)
{
    if (board == NULL)
        return;
    for (size_t i = 0; i < WS_N_BOARD_PLACES; i++)
        if (board->writers[i] != NULL)
            (void)ws_board_close_writer(board, board->writers[i]);
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (board->is_shown[i] && ws_views[i]->destroy != NULL)
            ws_views[i]->destroy(board->states[i]);
    }
    free(board);
}

/** A disk that is slow is waited for a moment; what it has not taken then is still on its way. */
void ws_board_flush(ws_board *board)
{
    for (ws_board_place place = 0; place < WS_N_BOARD_PLACES; place++) {
        if (board->writers[place] == NULL)
            continue;
        const tbe_status status = tbe_flush(board->writers[place]);
        ws_board_check(board, place, status == TBE_EBUSY ? TBE_OK : status);
    }
}

void ws_board_push_step(ws_board *board, const ws_board_step *step)
{
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (!board->is_shown[i] || ws_views[i]->push_step == NULL)
            continue;
        const double start = ws_clock_monotonic();
        ws_views[i]->push_step(board, board->states[i], step);
        board->seconds[i] += ws_clock_monotonic() - start;
    }
}

void ws_board_push_evaluation(ws_board *board, const ws_evaluation *evaluation)
{
    const ws_board_place place = ws_board_set_place(evaluation->set);
    ws_error err;

    if (evaluation->n_clips == 0)
        return; /* nothing was measured: no point in a chart */
    if (board->writers[place] == NULL &&
        open_writer(board, place, evaluation->step, &err) != WS_OK) {
        if (!board->has_warned)
            ws_log_write(board->options.log, WS_LOG_WARN, "%s; TensorBoard will lack this",
                         err.message);
        board->has_warned = true;
    }
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (!board->is_shown[i] || ws_views[i]->push_evaluation == NULL)
            continue;
        const double start = ws_clock_monotonic();
        ws_views[i]->push_evaluation(board, board->states[i], evaluation);
        board->seconds[i] += ws_clock_monotonic() - start;
    }
    ws_board_flush(board);
}

void ws_board_push_end(ws_board *board, const ws_board_end *end)
{
    for (size_t i = WS_N_VIEWS; i-- > 0;) {
        if (board->is_shown[i] && ws_views[i]->push_end != NULL)
            ws_views[i]->push_end(board, board->states[i], end);
        if (board->is_shown[i])
            ws_log_write(board->options.log, WS_LOG_DEBUG,
                         "TensorBoard: %s took %.3f s of steps and evaluations", ws_views[i]->name,
                         board->seconds[i]);
    }
}

const ws_board_options *ws_board_get_options(const ws_board *board)
{
    return &board->options;
}

const char *ws_board_setting_find(const ws_board_setting *settings, size_t n_settings,
                                  const char *name)
{
    for (size_t i = 0; i < n_settings; i++)
        if (strcmp(settings[i].name, name) == 0)
            return settings[i].value;
    return "";
}

size_t ws_board_n_labels(const ws_board *board)
{
    return ws_index_n_labels(board->options.index);
}

const char *ws_board_label(const ws_board *board, size_t label)
{
    return ws_index_label(board->options.index, label);
}

ws_board_place ws_board_set_place(ws_set set)
{
    return set == WS_SET_TRAINING     ? WS_BOARD_TRAIN
           : set == WS_SET_VALIDATION ? WS_BOARD_VALIDATION
                                      : WS_BOARD_TEST;
}

char *ws_board_place_dir(const ws_board *board, ws_board_place place)
{
    return ws_text_format("%s/%s%s", board->options.summaries_dir, board->options.run_name,
                          place_names[place]);
}

tbe_writer *ws_board_writer(ws_board *board, ws_board_place place)
{
    ws_error err;
    if (board->writers[place] == NULL &&
        open_writer(board, place, board->options.first_step, &err) != WS_OK)
        ws_board_check(board, place, TBE_EIO);
    return board->writers[place];
}

void ws_board_check(ws_board *board, ws_board_place place, tbe_status result)
{
    if (result == TBE_OK || board->has_warned)
        return;
    board->has_warned = true;
    ws_log_write(board->options.log, WS_LOG_WARN,
                 "%s; TensorBoard will lack what follows, training goes on",
                 tbe_get_message(board->writers[place]));
}

void ws_board_warn(ws_board *board, const char *message)
{
    ws_log_write(board->options.log, WS_LOG_WARN, "%s", message);
}

void ws_board_warn_lost(ws_board *board, const char *message)
{
    if (!board->has_warned)
        ws_board_warn(board, message);
    board->has_warned = true;
}
