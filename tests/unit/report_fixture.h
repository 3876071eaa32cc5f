/** For the tests of report: a made-up run with odd words and arrays for a network of one small
 * layer, and the values in its event files afterwards. It has no data set and no network: tests
 * that need those use network_report.h. */
#ifndef WS_TESTS_UNIT_REPORT_FIXTURE_H
#define WS_TESTS_UNIT_REPORT_FIXTURE_H

#include "report/report.h"
#include "unit/report_values.h"

enum {
    REPORT_N_CLIPS = 40,
    REPORT_BATCH = 8,
    REPORT_N_LABELS = 9,
    REPORT_N_INPUTS = 6,
    REPORT_N_WEIGHTS = (REPORT_N_INPUTS + 1) * REPORT_N_LABELS, /* of "w", then those of "b" */
};

typedef struct report_fixture {
    char dir[256]; /* with event files in logs/ */
    ws_observation observation;
    float weights[REPORT_N_WEIGHTS], gradients[REPORT_N_WEIGHTS];
    ws_confusion *confusion;
    ws_report_options options; /* of the run "run"; a test may change it before it opens a report */
    ws_log log;
    char lines[4096]; /* what was logged */
    size_t n_labels;
    size_t entries[REPORT_N_CLIPS];
    int32_t labels[REPORT_N_CLIPS];
    float *logits; /* [REPORT_N_CLIPS, n_labels] */
} report_fixture;

/** Fixtures of cmocka: each test has its own run. */
int report_fixture_make(void **state);
int report_fixture_remove(void **state);

/** Opens a report with some views. */
ws_report *report_open(report_fixture *f, const char *views);
/** A training step; the gradients depend on its number. */
void report_step(report_fixture *f, ws_report *report, int64_t step);
/** An evaluation of labels and logits. */
void report_evaluate(report_fixture *f, ws_report *report, ws_report_place place, int64_t step);

/** All values of a place ("", "/train", ...); no values if the place is missing. */
void report_read(const report_fixture *f, const char *place, report_values *values);

#endif
