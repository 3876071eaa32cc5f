/** For the tests of board: a run on a made-up data set whose words are odd, a network of one small
 *  layer, and what stands in the event files afterwards. No clip is ever read: where that matters
 *  there is network_board.h. */
#ifndef WS_TESTS_UNIT_BOARD_FIXTURE_H
#define WS_TESTS_UNIT_BOARD_FIXTURE_H

#include "board/board.h"
#include "unit/board_values.h"

enum { BOARD_N_CLIPS = 40, BOARD_BATCH = 8 };

/** The wanted words: also no UTF-8, a control character, what means something to Markdown. */
extern const char board_words[];

typedef struct board_fixture {
    char dir[256]; /* with the data set in data/ and event files in logs/ */
    ws_index *index;
    ws_graph graph;
    ws_network *network;
    ws_confusion *confusion;
    ws_board_options options; /* of the run "run"; a test may change it before it opens a board */
    ws_log log;
    char lines[4096]; /* what was logged */
    size_t n_labels;
    size_t entries[BOARD_N_CLIPS];
    int32_t labels[BOARD_N_CLIPS];
    float *logits; /* [BOARD_N_CLIPS, n_labels] */
} board_fixture;

/** Fixtures of cmocka: each test has its own run. */
int board_fixture_make(void **state);
int board_fixture_remove(void **state);

/** Opens a board with some views. */
ws_board *board_open(board_fixture *f, const char *views);
/** A training step with figures that depend on its number; gradients are set by it. */
void board_step(board_fixture *f, ws_board *board, int64_t step);
/** An evaluation of labels and logits. */
void board_evaluate(board_fixture *f, ws_board *board, ws_set set, int64_t step);

/** All values of a place ("", "/train", ...); of one that is not there none. */
void board_read(const board_fixture *f, const char *place, board_values *values);

#endif
