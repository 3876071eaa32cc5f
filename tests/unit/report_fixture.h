/** For the tests of report: a run on a made-up data set whose words are odd, a network of one small
 *  layer, and what stands in the event files afterwards. No clip is ever read: where that matters
 *  there is network_report.h. */
#ifndef WS_TESTS_UNIT_REPORT_FIXTURE_H
#define WS_TESTS_UNIT_REPORT_FIXTURE_H

#include "report/report.h"
#include "unit/report_values.h"

enum { REPORT_N_CLIPS = 40, REPORT_BATCH = 8 };

/** The wanted words: also no UTF-8, a control character, what means something to Markdown. */
extern const char report_words[];

typedef struct report_fixture {
    char dir[256]; /* with the data set in data/ and event files in logs/ */
    ws_index *index;
    ws_graph graph;
    ws_network *network;
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
/** A training step with figures that depend on its number; gradients are set by it. */
void report_step(report_fixture *f, ws_report *report, int64_t step);
/** An evaluation of labels and logits. */
void report_evaluate(report_fixture *f, ws_report *report, ws_set set, int64_t step);

/** All values of a place ("", "/train", ...); of one that is not there none. */
void report_read(const report_fixture *f, const char *place, report_values *values);

#endif
