/** What the tests of board/ work on: a network on the made-up data set of source_fixture.h, and a
 *  board with the views that are wanted, whose files lie in a directory of their own. */
#ifndef WS_TESTS_UNIT_NETWORK_BOARD_H
#define WS_TESTS_UNIT_NETWORK_BOARD_H

#include "board/board.h"
#include "models/model.h"
#include "nn/network.h"
#include "unit/event_file.h"
#include "unit/source_fixture.h"

typedef struct board_case {
    const char *model;
    bool is_quantized;
    ws_engine engine;
    const char *views;
    int64_t first_step;
} board_case;

typedef struct board_fixture {
    char dir[256]; /* of summaries */
    fixture *data;
    ws_graph graph;
    ws_network *network;
    ws_confusion *confusion;
    ws_board *board;
    size_t n_clips; /* of the validation set */
    float *logits;  /* [n_clips, n_labels] */
    int32_t *labels;
    size_t *entries;
} board_fixture;

/** Opens it all; fails the test if that fails. */
board_fixture *board_open(const board_case *tried);

/** Closes the board, so that its files are whole; the rest stays. */
void board_finish(board_fixture *f);
/** Frees all and removes the files. */
void board_close(board_fixture *f);

/** Makes a training step, and pushes it with these figures. */
void board_push_step(board_fixture *f, const ws_board_step *step);

/** Evaluates the validation set. */
void board_push_evaluation(board_fixture *f, int64_t step, bool is_last);

/** The name of a file of the run: "train/x"; a static text, one at a time. */
const char *board_path(const board_fixture *f, const char *name);

/** The only event file of a place, such as "train". */
event_file *board_read_events(const board_fixture *f, const char *place);

#endif
