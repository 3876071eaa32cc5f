/** What the tests of dataset/source work on: a made-up data set with every kind of clip, and a
 *  source on it. */
#ifndef WS_TESTS_UNIT_SOURCE_FIXTURE_H
#define WS_TESTS_UNIT_SOURCE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataset/source.h"

enum {
    RATE_HZ = 8000,
    CLIP = RATE_HZ / 2, /* samples */
    SHIFT = 400,
    N_ROWS = 37,
    SEED = 11,
    N_BROKEN = 6,
};

/** Group and test fixtures of cmocka: the data set in a directory of its own, whole or with the
 *  clips of source_broken damaged, each in another way; and its removal. */
int source_make_whole(void **state);
int source_make_with_broken(void **state);
int source_remove(void **state);

/* A test in such a directory. */
#define ON_WHOLE(test) cmocka_unit_test_setup_teardown(test, source_make_whole, source_remove)
#define ON_BROKEN(test) \
    cmocka_unit_test_setup_teardown(test, source_make_with_broken, source_remove)

/** The directory. */
const char *source_dir(void);

/** Damages one clip: cuts it to size bytes. */
void source_cut_clip(const char *name, size_t size);

/** Paths in the directory; a few are in each set. */
extern const char *const source_broken[N_BROKEN];

/** Whether a clip, by its whole path, was damaged. */
bool source_is_broken(const char *path);

/** All lines that were logged, one after the other. */
typedef struct lines {
    char text[8192];
    size_t n;
} lines;

typedef struct fixture {
    ws_index *index;
    ws_noise *noise;
    ws_features *features;
    ws_source *source;
    lines lines;
    ws_log log;
    size_t size;
    float *rows; /* [N_ROWS, size] */
    int32_t labels[N_ROWS];
    size_t entries[N_ROWS];
} fixture;

/** Opens all on the data set; threads, cache and strictness are taken from options. */
fixture *source_open(const ws_source_options *options);
void source_close(fixture *f);

/** Reads the training batch of a step into rows and labels. */
void source_read_step(fixture *f, uint64_t step);

#endif
