/**
 * The made-up data set of the tests of dataset/index: 120 empty files in folders of words, and
 * files that are not clips. unit/data/make_small_index.py knows the same names.
 */
#ifndef WS_TESTS_INDEX_FIXTURE_H
#define WS_TESTS_INDEX_FIXTURE_H

#include "base/log.h"
#include "dataset/index.h"

#define ON_DATA_SET(test) \
    cmocka_unit_test_setup_teardown(test, index_make_data_set, index_remove_data_set)

/* Where the data set is, during a test. */
extern char index_dir[256];

/* Set up and tear down a test. */
int index_make_data_set(void **state);
int index_remove_data_set(void **state);

/** Adds a folder to the data set. */
void index_make_folder(const char *name);
/** Adds an empty file to the data set. */
void index_make_file(const char *name);

/** Three words of the data set, and shares with something in each set. */
ws_index_options index_small_options(void);

/** Fails the test unless no index can be made, with a sentence that has this part. */
void index_expect_fault(const ws_index_options *options, ws_status status, const char *part);

/* index_log_to_text appends its lines to this text; a test empties it. */
extern char index_logged[4096];
extern const ws_log index_log_to_text;

#endif
