#include "cmd/bench_graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/path.h"
#include "cmd/bench_machine.h"
#include "measure/prediction.h"

/** A stream is followed by one thread. */
static unsigned count_threads(const ws_bench_graph_options *options, const ws_prediction *p)
{
    return p->is_step ? 1 : options->n_threads;
}

static void print_table(const ws_bench_graph_options *options, const ws_prediction *p)
{
    const unsigned n_threads = count_threads(options, p);

    printf("%u thread%s\n\n", n_threads, n_threads == 1 ? "" : "s");
    printf("%-28s %15s %12s %10s %10s %12s\n", "model", "a call takes", "time", "features",
           "calls/s", "real time");
    printf("%-28s %4s of %4.0f ms %9.4f ms %8.0f %% %10.0f %10.0f x\n", ws_path_base(options->path),
           p->is_step ? "step" : "clip", 1e3 * p->sound_seconds, 1e3 * p->seconds,
           100 * p->feature_seconds / p->seconds, 1.0 / p->seconds, p->sound_seconds / p->seconds);
}

static ws_status print_json(const ws_bench_graph_options *options, const ws_prediction *p,
                            ws_error *err)
{
    ws_json *line = ws_json_create();
    ws_bench_machine machine;

    ws_json_set_text(line, "model", ws_path_base(options->path));
    ws_json_set_text(line, "call", p->is_step ? "step" : "clip");
    ws_json_set_real(line, "sound_ms", 1e3 * p->sound_seconds);
    ws_json_set_real(line, "call_ms", 1e3 * p->seconds);
    ws_json_set_real(line, "features_ms", 1e3 * p->feature_seconds);
    ws_json_set_real(line, "real_time_factor", p->sound_seconds / p->seconds);
    ws_bench_machine_init(&machine);
    ws_bench_machine_write(&machine, count_threads(options, p), line);
    char *text = ws_json_write(line, (ws_json_style){.n_digits = 6});
    ws_json_destroy(line);
    if (text == NULL)
        return ws_fail_memory(err, "a line of JSON");
    printf("%s\n", text);
    free(text);
    return WS_OK;
}

ws_status ws_bench_graph_run(const ws_bench_graph_options *options, ws_error *err)
{
    ws_frozen *model = calloc(1, sizeof *model); /* large */
    ws_prediction prediction;

    if (model == NULL)
        return ws_fail_memory(err, "a model");
    ws_status status = ws_frozen_read(options->path, 0, model, err);
    if (status == WS_OK) {
        status = ws_prediction_measure(
            &(ws_prediction_options){
                .model = model,
                .n_threads = options->n_threads,
                .isa = options->isa,
                .n_runs = options->n_runs,
            },
            &prediction, err);
        if (status == WS_OK && options->is_json)
            status = print_json(options, &prediction, err);
        else if (status == WS_OK)
            print_table(options, &prediction);
        ws_frozen_deinit(model);
    }
    free(model);
    return status;
}
