/** For the tests of report: the values of the event files of a place, in memory of their own. */
#ifndef WS_TESTS_UNIT_REPORT_VALUES_H
#define WS_TESTS_UNIT_REPORT_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "tbevents/tbevents.h"

typedef struct report_value {
    char *tag, *description;
    tbe_value_kind kind;
    int64_t step;
    double scalar;
    uint32_t width, height; /* of a picture */
    char *blob;             /* [n_bytes] the first, followed by a NUL; NULL: no value */
    size_t n_bytes;
    double *numbers; /* [n_numbers] */
    size_t n_numbers;
} report_value;

typedef struct report_values {
    report_value items[512];
    size_t n;
    size_t n_files;
    size_t n_bytes; /* of the records */
} report_values;

/** All values of a directory's event files, file by file; no values if the directory is missing. */
void report_values_read(report_values *values, const char *dir);
void report_values_deinit(report_values *values);

/** The value of that tag and step; fails the test unless there is exactly one. */
const report_value *report_values_find(const report_values *values, const char *tag, int64_t step);
/** How many there are of a kind. */
size_t report_values_n_of_kind(const report_values *values, tbe_value_kind kind);
/** How many there are of a tag. */
size_t report_values_n_of_tag(const report_values *values, const char *tag);

#endif
