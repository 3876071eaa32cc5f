/** For the tests of report/: a network on the made-up data set of source_fixture.h, and a report
 * with the chosen views, whose files are in a directory of their own. */
#ifndef WS_TESTS_UNIT_NETWORK_REPORT_H
#define WS_TESTS_UNIT_NETWORK_REPORT_H

#include "models/model.h"
#include "nn/network.h"
#include "report/report.h"
#include "train/observed.h"
#include "unit/event_file.h"
#include "unit/source_fixture.h"

typedef struct network_report_case {
    const char *model;
    bool is_quantized;
    ws_engine engine;
    const char *views;
    int64_t first_step;
} network_report_case;

typedef struct network_report {
    char dir[256]; /* of summaries */
    fixture *data;
    ws_graph graph;
    ws_network *network;
    ws_confusion *confusion;
    ws_observed *observed; /* what the report sees */
    ws_report *report;
    size_t n_clips; /* of the validation set */
    float *logits;  /* [n_clips, n_labels] */
    int32_t *labels;
    size_t *entries;
} network_report;

/** Opens it all; fails the test if that fails. Of the lines that are logged those are kept in
 *  data->lines that come after. */
network_report *network_report_open(const network_report_case *tried);

/** Closes the report, so that its files are whole; the rest stays. */
void network_report_finish(network_report *f);
/** Frees all and removes the files. */
void network_report_close(network_report *f);

/** Makes a training step, and pushes it with these figures. */
void network_report_push_step(network_report *f, const ws_report_step *step);

/** Evaluates the validation set. */
void network_report_push_evaluation(network_report *f, int64_t step, bool is_last);

/** The name of a file of the run: "train/x"; a static text, one at a time. */
const char *network_report_path(const network_report *f, const char *name);

/** The only event file of a place, such as "train". */
event_file *network_report_read_events(const network_report *f, const char *place);

#endif
