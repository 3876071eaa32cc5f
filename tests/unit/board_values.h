/** For the tests of board: the values of the event files of a place, in memory of their own. */
#ifndef WS_TESTS_UNIT_BOARD_VALUES_H
#define WS_TESTS_UNIT_BOARD_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "tbevents/tbevents.h"

typedef struct board_value {
    char *tag, *description;
    tbe_value_kind kind;
    int64_t step;
    double scalar;
    uint32_t width, height; /* of a picture */
    char *blob;             /* [n_bytes] the first, with a NUL behind it; NULL: none */
    size_t n_bytes;
    double *numbers; /* [n_numbers] */
    size_t n_numbers;
} board_value;

typedef struct board_values {
    board_value items[512];
    size_t n;
    size_t n_files;
    size_t n_bytes; /* of the records */
} board_values;

/** All values of a directory's event files, file by file; of one that is not there none. */
void board_values_read(board_values *values, const char *dir);
void board_values_deinit(board_values *values);

/** The one of that tag and step; fails the test if there are none or several. */
const board_value *board_values_find(const board_values *values, const char *tag, int64_t step);
/** How many there are of a kind. */
size_t board_values_n_of_kind(const board_values *values, tbe_value_kind kind);
/** How many there are of a tag. */
size_t board_values_n_of_tag(const board_values *values, const char *tag);

#endif
