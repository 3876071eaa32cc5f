/* wordspot bench */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/bench_graph.h"
#include "cmd/bench_machine.h"
#include "cmd/command.h"
#include "measure/peak.h"
#include "measure/speed.h"
#include "recognize/model_graph.h"
#include "settings/rows.h"
#include "settings/train_flags.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct bench_flags {
    ws_train_options train;
    int64_t labels, steps;
    bool phases, json;
    const char *graph;
} bench_flags;

#define AT(field) offsetof(bench_flags, field)

static const ws_flag flags[] = {
    WS_ROW_PICK(preprocess, WS_FLAGS_FEATURES),
    WS_ROW_PICK(sample_rate, WS_FLAGS_FEATURES),
    WS_ROW_PICK(clip_duration_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(window_size_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(window_stride_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(feature_bin_count, WS_FLAGS_FEATURES),
    WS_ROW_PATH(graph, "", "PATH", WS_FLAGS_MODEL,
                "Time this trained model instead: a frozen graph, a SavedModel directory or a "
                "TFLite file, from samples to scores, on noise. A wake word of ESPHome is timed "
                "step by step, with one thread. Of the other flags only --steps, --threads, --isa "
                "and --json go with it."),
    WS_ROW_PICK_AS(model_architecture, WS_FLAGS_MODEL, .initial = "", .value_name = "NAMES",
                   .help = "The networks, a comma list; all by default."),
    WS_ROW_WHOLE(labels, "12", 2, 10000, "N", WS_FLAGS_MODEL,
                 "Number of labels that the networks tell apart."),
    WS_ROW_PICK(batch_size, WS_FLAGS_MODEL),
    WS_ROW_WHOLE(steps, "30", 1, WS_SPEED_MAX_STEPS, "N", WS_FLAGS_RUN,
                 "Training steps to time for each network; the median is shown. With --graph: "
                 "how often 100 clips, or 20 seconds of a stream."),
    WS_ROW_PICK(threads, WS_FLAGS_RUN),
    WS_ROW_PICK(isa, WS_FLAGS_RUN),
    WS_ROW_BOOL(phases, "false", WS_FLAGS_OUTPUT,
                "Also print a line for each phase of a step: its time, the bytes that it reads "
                "from the phase before and writes for the next one, and the share of this "
                "machine's measured peak that it reaches, in arithmetic and in reading memory. A "
                "phase whose data stay in a cache can exceed 100 %."),
    WS_ROW_BOOL(json, "false", WS_FLAGS_OUTPUT,
                "Print one line of JSON for each network instead: model, step_ms, network_ms, "
                "input_ms, parameters, multiplications (of one clip, forward) and peak_bytes (of "
                "the process until then: ask for one network at a time). With --graph: model, "
                "call (clip or step), sound_ms (new sound that a call takes), call_ms, "
                "features_ms (of it) and real_time_factor. All lines have threads, machine, date "
                "and version, and wordspot report makes a page from a file of them (.jsonl)."),
};

static const ws_flag_table table = {
    .command = "bench",
    .summary = "Times training steps of each network on this machine, with made-up clips: no data "
               "set is needed. Each network gets the features that it was made for, unless flags "
               "say otherwise. With --graph: times a trained model.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
};

/** What a bench is about, worked out from the flags. */
typedef struct bench_plan {
    const ws_flags *flags;
    const bench_flags *values; /* of flags */
    ws_cpu_level level;
    const ws_optimizer *optimizer;
    ws_text_list names;
    unsigned n_threads;
    ws_peak peak;
    ws_bench_machine machine; /* with --json */
} bench_plan;

/** The line of a phase: seconds and work, as shares of the peak. */
static void print_phase(const bench_plan *plan, const char *stage, const char *name, double seconds,
                        const ws_phase_work *work)
{
    const double operations = work->n_operations / seconds / plan->peak.operations_per_second;
    const double bytes = work->n_bytes / seconds / plan->peak.bytes_per_second;

    printf("  %-8s %-18s %8.3f ms %8.1f MB %5.0f %% of arithmetic %5.0f %% of memory\n", stage,
           name, 1e3 * seconds, 1e-6 * work->n_bytes, 100 * operations, 100 * bytes);
}

static void print_phases(const bench_plan *plan, const ws_speed *speed)
{
    printf("  %-8s %-18s %8.3f ms\n", "input", "features", 1e3 * speed->input_seconds);
    for (size_t p = 0; p < speed->n_phases; p++) {
        const ws_phase_time *phase = &speed->phases[p];
        char stage[32];
        (void)snprintf(stage, sizeof stage, "stage %zu", phase->stage);
        print_phase(plan, stage, phase->name, phase->seconds, &phase->work);
    }
    printf("  %-8s %-18s %8.3f ms\n", "update", plan->optimizer->name, 1e3 * speed->update_seconds);
}

static void print_machine(const bench_plan *plan)
{
    printf("%u thread%s, instruction set %s: at most %.0f GFLOP/s, memory read at %.0f GB/s\n\n",
           plan->n_threads, plan->n_threads == 1 ? "" : "s", ws_cpu_level_get_name(plan->level),
           1e-9 * plan->peak.operations_per_second, 1e-9 * plan->peak.bytes_per_second);
    printf("%-20s %12s %9s %9s %8s %10s %12s\n", "network", "step", "clips/s", "GFLOP/s", "input",
           "memory", "prediction");
}

static void print_speed(const bench_plan *plan, const char *name, const ws_speed *speed)
{
    const double n_clips = (double)plan->values->train.batch_size;

    printf("%-20s %9.2f ms %9.0f %9.0f %6.0f %% %6.1f MiB %9.2f ms\n", name,
           1e3 * speed->step_seconds, n_clips / speed->step_seconds,
           1e-9 * speed->n_operations / speed->step_seconds,
           100 * speed->input_seconds / speed->step_seconds, (double)speed->n_bytes / (1 << 20),
           1e3 * speed->prediction_seconds);
    if (plan->values->phases)
        print_phases(plan, speed);
    (void)fflush(stdout);
}

/** The figures that programs read, as one line. */
static ws_status print_json(const bench_plan *plan, const char *name, const ws_speed *speed,
                            ws_error *err)
{
    ws_json *line = ws_json_create();
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    ws_json_set_text(line, "model", name);
    ws_json_set_real(line, "step_ms", 1e3 * speed->step_seconds);
    ws_json_set_real(line, "network_ms", 1e3 * (speed->step_seconds - speed->input_seconds));
    ws_json_set_real(line, "input_ms", 1e3 * speed->input_seconds);
    ws_json_set_whole(line, "parameters", (int64_t)speed->n_weights);
    ws_json_set_whole(line, "multiplications", (int64_t)speed->n_products);
    ws_json_set_whole(line, "peak_bytes", (int64_t)usage.ru_maxrss * 1024);
    ws_bench_machine_write(&plan->machine, plan->n_threads, line);
    char *text = ws_json_write(line, (ws_json_style){.n_digits = 6});
    ws_json_destroy(line);
    if (text == NULL)
        return ws_fail_memory(err, "a line of JSON");
    printf("%s\n", text);
    (void)fflush(stdout);
    free(text);
    return WS_OK;
}

/** Features as the flags say; where they do not, as the network was made for. */
static ws_status find_features(const bench_plan *plan, const ws_model *model,
                               ws_feature_settings *settings, ws_error *err)
{
    ws_feature_options options = ws_model_graph_features(&plan->values->train);
    const ws_model_features *own = model->features;

    if (own != NULL && !ws_flags_is_given(plan->flags, "preprocess"))
        options.preprocess = own->preprocess;
    if (own != NULL && !ws_flags_is_given(plan->flags, "clip_duration_ms"))
        options.clip_duration_ms = own->clip_duration_ms;
    if (own != NULL && !ws_flags_is_given(plan->flags, "window_size_ms"))
        options.window_size_ms = own->window_size_ms;
    if (own != NULL && !ws_flags_is_given(plan->flags, "window_stride_ms"))
        options.window_stride_ms = own->window_stride_ms;
    if (own != NULL && !ws_flags_is_given(plan->flags, "feature_bin_count"))
        options.feature_bin_count = own->feature_bin_count;
    const ws_status status = ws_feature_settings_init(&options, settings, err);
    settings->level = plan->level;
    return status;
}

static ws_status bench_model(const bench_plan *plan, const char *name, ws_error *err)
{
    static ws_speed speed;
    ws_feature_settings features;
    ws_speed_options options = {
        .features = &features,
        .optimizer = plan->optimizer,
        .n_labels = (size_t)plan->values->labels,
        .batch_size = (size_t)plan->values->train.batch_size,
        .n_threads = plan->n_threads,
        .n_steps = (size_t)plan->values->steps,
    };
    ws_status status = ws_model_find(&options.model, name, err);

    if (status == WS_OK)
        status = find_features(plan, options.model, &features, err);
    if (status == WS_OK)
        status = ws_speed_measure(&options, &speed, err);
    if (status == WS_OK && plan->values->json)
        return print_json(plan, name, &speed, err);
    if (status == WS_OK)
        print_speed(plan, name, &speed);
    return status;
}

/** Names of all networks, or those that are asked for. */
static ws_status list_models(bench_plan *plan, ws_error *err)
{
    const char *asked_for = plan->values->train.model_architecture;
    ws_status status = WS_OK;

    if (asked_for[0] != '\0')
        status = ws_text_list_push_split(&plan->names, asked_for, ',');
    for (size_t i = 0; status == WS_OK && asked_for[0] == '\0' && i < ws_model_n(); i++)
        status = ws_text_list_push(&plan->names, ws_model_get(i)->name);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "a list of names");
}

/** A name that is in no table, or not for this processor, was a wrong flag. */
static ws_status as_usage(ws_status status, ws_error *err)
{
    if (status != WS_OK)
        err->status = WS_EUSAGE;
    return status == WS_OK ? WS_OK : WS_EUSAGE;
}

/** Whether there is such a network, and features for it. */
static ws_status check_model(const bench_plan *plan, const char *name, ws_error *err)
{
    const ws_model *model;
    ws_feature_settings features;
    const ws_status status = as_usage(ws_model_find(&model, name, err), err);

    return status == WS_OK ? find_features(plan, model, &features, err) : status;
}

/** Everything that can be wrong with the flags, before anything is measured. */
static ws_status init_plan(bench_plan *plan, ws_error *err)
{
    const bench_flags *values = plan->values;
    ws_status status = list_models(plan, err);

    plan->n_threads =
        values->train.threads > 0 ? (unsigned)values->train.threads : (unsigned)omp_get_num_procs();
    plan->level = ws_cpu_level_get_best();
    if (status == WS_OK && values->train.isa[0] != '\0')
        status = as_usage(ws_cpu_level_find(values->train.isa, &plan->level, err), err);
    if (status == WS_OK)
        status = ws_optimizer_find("gradient_descent", &plan->optimizer, err);
    for (size_t i = 0; status == WS_OK && i < plan->names.n_items; i++)
        status = check_model(plan, plan->names.items[i], err);
    return status;
}

static ws_status run_plan(bench_plan *plan, ws_error *err)
{
    ws_status status = init_plan(plan, err);

    ws_bench_machine_init(&plan->machine);
    if (status == WS_OK && !plan->values->json) {
        status = ws_peak_measure(plan->n_threads, plan->level, &plan->peak, err);
        if (status == WS_OK)
            print_machine(plan);
    }
    for (size_t i = 0; status == WS_OK && i < plan->names.n_items && !ferror(stdout); i++)
        status = bench_model(plan, plan->names.items[i], err);
    return status;
}

/** Whether a flag goes with a trained model. */
static bool is_of_graph(const char *flag)
{
    static const char *const names[] = {"graph", "steps", "threads", "isa", "json"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], flag) == 0)
            return true;
    return false;
}

static ws_status bench_graph(const ws_flags *all, ws_error *err)
{
    const bench_flags *values = all->values;
    ws_cpu_level level;

    for (size_t i = 0; i < table.n_flags; i++)
        if (all->given[i] && !is_of_graph(table.flags[i].name))
            return ws_fail(err, WS_EUSAGE,
                           "--%s is for networks that are trained: leave it out beside --graph",
                           table.flags[i].name);
    if (values->train.isa[0] != '\0') {
        const ws_status status = ws_cpu_level_find(values->train.isa, &level, err);
        if (status != WS_OK)
            return as_usage(status, err);
    }
    return ws_bench_graph_run(
        &(ws_bench_graph_options){
            .path = values->graph,
            .n_threads = values->train.threads > 0 ? (unsigned)values->train.threads
                                                   : (unsigned)omp_get_num_procs(),
            .isa = values->train.isa,
            .n_runs = (size_t)values->steps,
            .is_json = values->json,
        },
        err);
}

static int bench(ws_flags *all)
{
    bench_plan plan = {.flags = all, .values = all->values};
    ws_error err = {.status = WS_OK};
    const ws_status status =
        plan.values->graph[0] != '\0' ? bench_graph(all, &err) : run_plan(&plan, &err);

    ws_text_list_deinit(&plan.names);
    return status == WS_OK ? WS_EXIT_OK : ws_command_fail("bench", &err);
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    bench_flags values;

    (void)program;
    return ws_command_run_flags(&table, n_arguments, arguments, &values, bench);
}

const ws_command ws_command_bench = {
    .name = "bench",
    .summary = "time the training of networks, or a trained model",
    .table = &table,
    .run = run,
};
