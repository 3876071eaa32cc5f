/* wordspot bench */
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/command.h"
#include "measure/peak.h"
#include "measure/speed.h"
#include "settings/rows.h"
#include "settings/train_flags.h"
#include "train/model_graph.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct bench_flags {
    ws_train_options train;
    int64_t labels, steps;
    bool phases;
} bench_flags;

#define AT(field) offsetof(bench_flags, field)

static const ws_flag flags[] = {
    WS_ROW_PICK(preprocess, WS_FLAGS_FEATURES),
    WS_ROW_PICK(sample_rate, WS_FLAGS_FEATURES),
    WS_ROW_PICK(clip_duration_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(window_size_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(window_stride_ms, WS_FLAGS_FEATURES),
    WS_ROW_PICK(feature_bin_count, WS_FLAGS_FEATURES),
    WS_ROW_PICK_AS(model_architecture, WS_FLAGS_MODEL, .initial = "", .value_name = "NAMES",
                   .help = "The networks, a comma list; all by default."),
    WS_ROW_WHOLE(labels, "12", 2, 10000, "N", WS_FLAGS_MODEL,
                 "Number of labels that the networks tell apart."),
    WS_ROW_PICK(batch_size, WS_FLAGS_MODEL),
    WS_ROW_WHOLE(steps, "30", 1, WS_SPEED_MAX_STEPS, "N", WS_FLAGS_RUN,
                 "Training steps to time for each network; the median is shown."),
    WS_ROW_PICK(threads, WS_FLAGS_RUN),
    WS_ROW_PICK(isa, WS_FLAGS_RUN),
    WS_ROW_BOOL(phases, "false", WS_FLAGS_OUTPUT,
                "Also print a line for each phase of a step: its time, the bytes that it reads "
                "from the phase before and writes for the next one, and the share of this "
                "machine's measured peak that it reaches, in arithmetic and in reading memory. A "
                "phase whose data stay in a cache can exceed 100 %."),
};

static const ws_flag_table table = {
    .command = "bench",
    .summary = "Times training steps of each network on this machine, with made-up clips: no data "
               "set is needed.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
};

/** What a bench is about, worked out from the flags. */
typedef struct bench_plan {
    const bench_flags *flags;
    ws_feature_settings features;
    const ws_optimizer *optimizer;
    ws_text_list names;
    unsigned n_threads;
    ws_peak peak;
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
           plan->n_threads, plan->n_threads == 1 ? "" : "s",
           ws_cpu_level_get_name(plan->features.level), 1e-9 * plan->peak.operations_per_second,
           1e-9 * plan->peak.bytes_per_second);
    printf("%-20s %12s %9s %9s %8s %10s %12s\n", "network", "step", "clips/s", "GFLOP/s", "input",
           "memory", "prediction");
}

static void print_speed(const bench_plan *plan, const char *name, const ws_speed *speed)
{
    const double n_clips = (double)plan->flags->train.batch_size;

    printf("%-20s %9.2f ms %9.0f %9.0f %6.0f %% %6.1f MiB %9.2f ms\n", name,
           1e3 * speed->step_seconds, n_clips / speed->step_seconds,
           1e-9 * speed->n_operations / speed->step_seconds,
           100 * speed->input_seconds / speed->step_seconds, (double)speed->n_bytes / (1 << 20),
           1e3 * speed->prediction_seconds);
    if (plan->flags->phases)
        print_phases(plan, speed);
    (void)fflush(stdout);
}

static ws_status bench_model(const bench_plan *plan, const char *name, ws_error *err)
{
    static ws_speed speed;
    ws_speed_options options = {
        .features = &plan->features,
        .optimizer = plan->optimizer,
        .n_labels = (size_t)plan->flags->labels,
        .batch_size = (size_t)plan->flags->train.batch_size,
        .n_threads = plan->n_threads,
        .n_steps = (size_t)plan->flags->steps,
    };
    ws_status status = ws_model_find(&options.model, name, err);

    if (status == WS_OK)
        status = ws_speed_measure(&options, &speed, err);
    if (status == WS_OK)
        print_speed(plan, name, &speed);
    return status;
}

/** Names of all networks, or those that are asked for. */
static ws_status list_models(bench_plan *plan, ws_error *err)
{
    const char *asked_for = plan->flags->train.model_architecture;
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

/** Everything that can be wrong with the flags, before anything is measured. */
static ws_status init_plan(bench_plan *plan, ws_error *err)
{
    const bench_flags *values = plan->flags;
    const ws_feature_options features = ws_model_graph_features(&values->train);
    const ws_model *ignored;
    ws_status status = list_models(plan, err);

    plan->n_threads =
        values->train.threads > 0 ? (unsigned)values->train.threads : (unsigned)omp_get_num_procs();
    if (status == WS_OK)
        status = ws_feature_settings_init(&features, &plan->features, err);
    if (status == WS_OK && values->train.isa[0] != '\0')
        status = as_usage(ws_cpu_level_find(values->train.isa, &plan->features.level, err), err);
    if (status == WS_OK)
        status = ws_optimizer_find("gradient_descent", &plan->optimizer, err);
    for (size_t i = 0; status == WS_OK && i < plan->names.n_items; i++)
        status = as_usage(ws_model_find(&ignored, plan->names.items[i], err), err);
    return status;
}

static ws_status run_plan(bench_plan *plan, ws_error *err)
{
    ws_status status = init_plan(plan, err);

    if (status == WS_OK)
        status = ws_peak_measure(plan->n_threads, plan->features.level, &plan->peak, err);
    if (status == WS_OK)
        print_machine(plan);
    for (size_t i = 0; status == WS_OK && i < plan->names.n_items && !ferror(stdout); i++)
        status = bench_model(plan, plan->names.items[i], err);
    return status;
}

static int bench(ws_flags *all)
{
    bench_plan plan = {.flags = all->values};
    ws_error err = {.status = WS_OK};
    const ws_status status = run_plan(&plan, &err);

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
    .summary = "time training steps of each network on this machine",
    .table = &table,
    .run = run,
};
