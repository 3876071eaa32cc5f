/** `wordspot bench --graph`: how fast a trained model predicts. */
#ifndef WS_CMD_BENCH_GRAPH_H
#define WS_CMD_BENCH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct ws_bench_graph_options {
    const char *path; /* of the model */
    unsigned n_threads;
    const char *isa; /* "": the best */
    size_t n_runs;
    bool is_json; /* a line of JSON, else a table with one row */
} ws_bench_graph_options;

/** Reads the model, times it and prints the figures. @return as ws_frozen_read and
 *  ws_prediction_measure */
WS_MUST_CHECK ws_status ws_bench_graph_run(const ws_bench_graph_options *options, ws_error *err);

#endif
