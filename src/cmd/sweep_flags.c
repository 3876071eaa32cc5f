#include "cmd/sweep_flags.h"

#include <string.h>

#include "settings/rows.h"
#include "sweep/run.h"

#define AT(field) offsetof(ws_sweep_flags, field)

/* Sections of --help, in the order of the groups. */
#define TRIED  WS_FLAGS_DATA
#define RUN    WS_FLAGS_RUN
#define OUTPUT WS_FLAGS_OUTPUT

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [TRIED] = "What is tried",
    [RUN] = "How it runs",
    [OUTPUT] = "Results, and other machines",
};

static const ws_flag flags[] = {
    WS_ROW_TEXTS(
        param, "NAME=VALUES", TRIED,
        "A flag of `wordspot train` and the values to try. May be given more than once. A "
        "comma list: batch_size=50,100. If values contain commas, separate them with "
        "bars: 'learning_rate=0.01,0.001|0.1,0.01'. A value may be empty if the flag's "
        "default is: 'noise_snr=|0..20' tries it without and with. A range to draw from: "
        "background_volume=0..0.5, or on a logarithmic scale: "
        "learning_rate=log:0.001..0.1. A search that does not draw needs a number of values: "
        "learning_rate=log:0.001..0.1:5."),
    WS_ROW_PATH(params, "", "FILE", TRIED,
                "A file with more of these, one NAME=VALUES a line. Empty lines and lines that "
                "start with # are ignored."),
    WS_ROW_TEXT(search, "grid", "NAME", TRIED,
                "grid: every combination of the values. one_at_a_time: the first values of all "
                "parameters, then each other value alone, with the first values of the others. "
                "random: --trials combinations, drawn. "
                "halving: as random, but every trial first trains only a part of its steps; the "
                "best ones then train more, and so on. They resume from their checkpoints, with "
                "the learning rate of an uninterrupted run, and end with the same weights."),
    WS_ROW_WHOLE(trials, "16", 1, WS_SWEEP_MAX_TRIALS, "N", TRIED,
                 "Number of settings to draw, for random and halving. If there are fewer, all are "
                 "tried."),
    WS_ROW_NUMBERS(seeds, "1", "SEEDS", TRIED,
                   "Number of seeds to try each setting with (59185, 59186, ...), or the seeds "
                   "themselves, a comma list. A list of one seed ends with a comma."),
    WS_ROW_WHOLE(search_seed, "59185", 0, UINT32_MAX, "N", TRIED,
                 "Seed of the draws: the same seed gives the same settings."),
    WS_ROW_WHOLE(reduction, "3", 2, 100, "N", TRIED,
                 "For halving: one of N settings survives each round and then trains N times the "
                 "steps."),
    WS_ROW_TEXT(rank_by, "best", "NAME", TRIED,
                "The validation accuracy that settings are ranked by, as the mean over their "
                "seeds: best or last of each run."),

    WS_ROW_PATH(dir, "tmp/sweep", "DIR", RUN,
                "Directory for everything: logs/ for TensorBoard, trials/NNNN/ with the "
                "checkpoints, log and result of each trial, results.csv and results.json. A "
                "directory belongs to one sweep. Started again with only --dir, the sweep "
                "continues: finished trials are not repeated, and unfinished ones resume from "
                "their newest checkpoint. Relative names start at the current directory."),
    WS_ROW_WHOLE(jobs, "1", 1, WS_SWEEP_MAX_JOBS, "N", RUN,
                 "Number of trials at a time. They share the cores that are available to the "
                 "process. Small networks are fastest with one core each. Each trial keeps the "
                 "clips in its own memory, see --clip_cache_mb. Give this flag again to continue a "
                 "sweep with it."),
    WS_ROW_WHOLE(ranks, "1", 1, 1024, "N", RUN,
                 "Processes of each trial, which train it together by MPI: started by mpirun, or "
                 "by srun in a job of Slurm. Results do not depend on it. A trial's cores are "
                 "shared among them. Give this flag again to continue a sweep with it."),
    WS_ROW_BOOL(retry_failed, "false", RUN,
                "Repeat the trials that failed, from their newest checkpoint if they have one."),

    WS_ROW_BOOL(report, "false", OUTPUT,
                "Only rank the results so far, print the ranking, and write results.csv and "
                "results.json again. The exit code is 1 as long as a trial is unfinished."),
    WS_ROW_BOOL(aggregate, "true", OUTPUT,
                "At the end, write <dir>/aggregate: for each setting with several seeds the runs "
                "mean, least and largest, so that ten seeds are three curves in TensorBoard."),
    WS_ROW_TEXT(print, "", "NAME", OUTPUT,
                "Print a script that runs the trials on other machines, and run nothing: slurm "
                "(job arrays; pipe it into sh where sbatch is installed) or parallel (GNU "
                "parallel, --jobs at a time). The machines only share --dir and the data."),
    WS_ROW_WHOLE(run_trial, "-1", -1, 1000000, "N", OUTPUT,
                 "Run only the trial of this number and end with its exit code. A trial that is "
                 "done, or that another process is running, is skipped with exit code 0. With "
                 "--jobs=N it uses one N-th of the cores. In halving, the numbers of the second "
                 "round follow those of the first, and so on. -1: run all trials."),
};

const ws_flag_table ws_sweep_flags_table = {
    .command = "sweep",
    .summary =
        "Runs `wordspot train` with many settings and ranks them. Flags of all trials follow --, "
        "as in: wordspot sweep --param batch_size=50,100 --seeds=3 -- --data_dir=data. Wrong flags "
        "are reported before the first trial starts. The exit code is 1 if any trial failed.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "-- --train_flag=value",
    .operands_offset = AT(train_flags),
    .titles = titles,
};

/** Whether a flag that defines the sweep is given. Otherwise the directory defines it. */
static bool is_new(const ws_flags *all)
{
    const ws_sweep_flags *values = all->values;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (all->given[i] && flags[i].group == TRIED && strcmp(flags[i].name, "rank_by") != 0)
            return true;
    return values->train_flags.n_items > 0;
}

ws_sweep_request ws_sweep_flags_get_request(const ws_flags *all)
{
    const ws_sweep_flags *values = all->values;

    return (ws_sweep_request){
        .dir = values->dir,
        .is_new = is_new(all),
        .params = values->param.items,
        .n_params = values->param.n_items,
        .params_file = values->params,
        .search = values->search,
        .seeds = values->seeds,
        .rank_by = values->rank_by,
        .n_settings = values->trials,
        .search_seed = values->search_seed,
        .reduction = values->reduction,
        .has_n_settings = ws_flags_is_given(all, "trials"),
        .has_reduction = ws_flags_is_given(all, "reduction"),
        .has_rank_by = ws_flags_is_given(all, "rank_by"),
    };
}
