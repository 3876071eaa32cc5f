/** For tests of checkpoint/keeper: a directory of its own for each, and small checkpoints in it. */
#ifndef WS_TESTS_UNIT_KEEPER_FOLDER_H
#define WS_TESTS_UNIT_KEEPER_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "checkpoint/keeper.h"

/** The names of a checkpoint's files. @param step  a string */
#define KEEPER_FILES(step) "conv.ckpt-" step ".data-00000-of-00001 conv.ckpt-" step ".index"

/** A directory, that of its best checkpoint, and the last warning that a keeper logged. */
typedef struct keeper_folder {
    char dir[256];
    char *best;
    char warning[2048];
} keeper_folder;

/* Set-up and tear-down of a test, whose state is the folder. */
int keeper_folder_open(void **state);
int keeper_folder_close(void **state);
#define KEEPER_TEST(name) \
    cmocka_unit_test_setup_teardown(name, keeper_folder_open, keeper_folder_close)

/** A keeper in some directory. @param last_step  that a resumed run starts from; 0: the newest */
ws_keeper *keeper_folder_create_at(keeper_folder *f, const char *dir, bool is_resumed,
                                   int64_t last_step);
ws_keeper *keeper_folder_create_in(keeper_folder *f, const char *dir, bool is_resumed);
/** The same in the folder itself. */
ws_keeper *keeper_folder_create(keeper_folder *f, bool is_resumed);

ws_status keeper_write_step(ws_keeper *keeper, int64_t step, ws_error *err);
ws_status keeper_write_best(ws_keeper *keeper, int64_t step, float score, ws_error *err);
/** Writes every hundredth step; fails the test if it cannot. */
void keeper_write_steps(ws_keeper *keeper, int64_t first, int64_t last);

/** Fails the test with the error's message unless the status is good. */
void keeper_must(ws_status status, const ws_error *err);
/** The names in a directory, sorted, with blanks between. */
void keeper_assert_names(const char *dir, const char *want);
/** The text of a file. */
void keeper_assert_file(const char *dir, const char *name, const char *want);

#endif
