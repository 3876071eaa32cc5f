#include "sweep/emit.h"

#include "base/shell.h"

/* Slurm numbers the jobs of an array up to MaxArraySize, 1001 by default.
 */
enum { MAX_ARRAY = 1000 };

/** wordspot sweep --dir=DIR, and the jobs that share a machine's cores. */
static void push_sweep(const ws_sweep_emit_options *options, ws_buf *text)
{
    ws_shell_push_word(text, options->setup->program);
    ws_buf_push_string(text, " sweep");
    ws_shell_push_flag(text, "dir", options->setup->dir);
}

/** One array: jobs first to first + n - 1, as 0 to n - 1. */
static void push_array(const ws_sweep_emit_options *options, size_t first, size_t n, bool waits,
                       ws_buf *text)
{
    const int64_t n_threads = ws_train_flags_get_options(options->setup->train)->threads;
    ws_buf job;

    ws_buf_init(&job, 1 << 20);
    ws_buf_push_string(&job, "exec ");
    push_sweep(options, &job);
    if (options->setup->n_ranks > 1)
        ws_buf_push_format(&job, " --ranks=%zu", options->setup->n_ranks);
    ws_buf_push_format(&job, " --run_trial=$((SLURM_ARRAY_TASK_ID + %zu))", first);
    ws_buf_push_byte(&job, '\0'); /* now it is a string */
    ws_buf_push_format(text, "ids=\"$ids:$(sbatch --parsable --job-name=wordspot --array=0-%zu",
                       n - 1);
    if (options->n_jobs > 0)
        ws_buf_push_format(text, "%%%zu", options->n_jobs);
    if (options->setup->n_ranks > 1)
        ws_buf_push_format(text, " --ntasks=%zu", options->setup->n_ranks);
    if (n_threads > 0)
        ws_buf_push_format(text, " --cpus-per-task=%lld", (long long)n_threads);
    if (waits)
        ws_buf_push_string(text, " --dependency=\"afterany$before\"");
    ws_shell_push_flag(text, "output", options->setup->dir);
    ws_buf_push_string(text, "/slurm-%A_%a.txt");
    if (job.status == WS_OK)
        ws_shell_push_flag(text, "wrap", (const char *)job.data);
    else
        text->status = job.status;
    ws_buf_push_string(text, ")\"\n");
    ws_buf_deinit(&job);
}

static void push_report(const ws_sweep_emit_options *options, ws_buf *text)
{
    push_sweep(options, text);
    ws_buf_push_string(text, " --report\n");
}

/** One rung after another: the jobs of a rung wait until those of the previous rung have ended,
 * successfully or not. */
static void push_slurm(const ws_sweep_emit_options *options, ws_buf *text)
{
    const ws_sweep_plan *plan = options->setup->plan;
    size_t first = 0;

    ws_buf_push_string(text, "#!/bin/sh\nset -e\nids=\n");
    for (size_t r = 0; r < plan->n_rungs; r++) {
        const size_t n = plan->n_in_rung[r] * plan->n_seeds;
        if (r > 0)
            ws_buf_push_string(text, "before=$ids ids=\n");
        for (size_t done = 0; done < n; done += MAX_ARRAY)
            push_array(options, first + done, n - done < MAX_ARRAY ? n - done : MAX_ARRAY, r > 0,
                       text);
        first += n;
    }
    ws_buf_push_string(text, "echo \"submitted as ${ids#:}\"\n# when all have ended: ");
    push_report(options, text);
}

static void push_parallel(const ws_sweep_emit_options *options, ws_buf *text)
{
    const ws_sweep_plan *plan = options->setup->plan;
    size_t first = 0;

    ws_buf_push_string(text, "#!/bin/sh\n");
    for (size_t r = 0; r < plan->n_rungs; r++) {
        const size_t n = plan->n_in_rung[r] * plan->n_seeds;
        const size_t n_jobs = options->n_jobs > 0 ? options->n_jobs : 1;
        ws_buf_push_format(text, "seq %zu %zu | parallel --quote --jobs=%zu ", first, first + n - 1,
                           n_jobs);
        push_sweep(options, text);
        if (n_jobs > 1)
            ws_buf_push_format(text, " --jobs=%zu", n_jobs);
        ws_buf_push_string(text, " --run_trial={}\n");
        first += n;
    }
    push_report(options, text);
}

const char *ws_sweep_script_name(size_t script)
{
    static const char *const names[WS_SWEEP_N_SCRIPTS] = {
        [WS_SWEEP_SLURM] = "slurm",
        [WS_SWEEP_PARALLEL] = "parallel",
    };
    return names[script];
}

ws_status ws_sweep_emit(const ws_sweep_emit_options *options, ws_buf *text, ws_error *err)
{
    if (options->script == WS_SWEEP_SLURM)
        push_slurm(options, text);
    else
        push_parallel(options, text);
    return text->status == WS_OK ? WS_OK : ws_fail_memory(err, "a script");
}
