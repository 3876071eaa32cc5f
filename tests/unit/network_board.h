/** What the tests of board/ work on: a network on the made-up data set of source_fixture.h, and a
 *  board with the views that are wanted, whose files lie in a directory of their own. */
#ifndef WS_TESTS_UNIT_NETWORK_BOARD_H
#define WS_TESTS_UNIT_NETWORK_BOARD_H

#include "board/board.h"
#include "models/model.h"
#include "nn/network.h"
#include "unit/event_file.h"
#include "unit/source_fixture.h"

typedef struct network_board_case {
    const char *model;
    bool is_quantized;
    ws_engine engine;
    const char *views;
    int64_t first_step;
} network_board_case;

typedef struct network_board {
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
} network_board;

/** Opens it all; fails the test if that fails. Of the lines that are logged those are kept in
 *  data->lines that come after. */
network_board *network_board_open(const network_board_case *tried);

/** Closes the board, so that its files are whole; the rest stays. */
void network_board_finish(network_board *f);
/** Frees all and removes the files. */
void network_board_close(network_board *f);

/** Makes a training step, and pushes it with these figures. */
void network_board_push_step(network_board *f, const ws_board_step *step);

/** Evaluates the validation set. */
void network_board_push_evaluation(network_board *f, int64_t step, bool is_last);

/** The name of a file of the run: "train/x"; a static text, one at a time. */
const char *network_board_path(const network_board *f, const char *name);

/** The only event file of a place, such as "train". */
event_file *network_board_read_events(const network_board *f, const char *place);

#endif
