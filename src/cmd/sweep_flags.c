#include "cmd/sweep_flags.h"

#include <string.h>

#include "sweep/run.h"

#define AT(field)       offsetof(ws_sweep_flags, field)
#define DIGITS(number)  #number
#define AS_TEXT(number) DIGITS(number)
/* clang-format off */
#define TEXT(name, field, initial, value_name, group, help)                                        \
    {name, WS_FLAG_TEXT, AT(field), initial, value_name, help, 0, 0, group, 0}
#define WHOLE(name, field, initial, min, max, group, help)                                         \
    {name, WS_FLAG_WHOLE, AT(field), initial, "N", help, min, max, group, 0}
#define BOOL(name, field, group, help)                                                             \
    {name, WS_FLAG_BOOL, AT(field), "false", "BOOL", help, 0, 0, group, 0}
/* clang-format on */

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
    {"param", WS_FLAG_TEXTS, AT(params), "", "NAME=VALUES",
     "A flag of `wordspot train` and the values to try; may be given more than once. A comma list: "
     "batch_size=50,100. Where values hold commas, with bars between them: "
     "'learning_rate=0.01,0.001|0.1,0.01'. A range to draw from: background_volume=0..0.5, or over "
     "the logarithm: learning_rate=log:0.001..0.1. So many values of a range, for a grid: "
     "learning_rate=log:0.001..0.1:5.",
     0, 0, TRIED, 0},
    TEXT("params", params_file, "", "FILE", TRIED,
         "The same from a file, one NAME=VALUES a line; blank lines and those with a # in front do "
         "not count."),
    TEXT("search", search, "grid", "NAME", TRIED,
         "grid: every combination of the values. random: --trials of them, drawn. halving: the "
         "same, but all train a part of their steps only, the best of them more, and so on; who "
         "goes on does so from its checkpoint, at the learning rate that a run without a halt "
         "would have there, and ends with the same weights as that."),
    WHOLE("trials", trials, "16", 1, WS_SWEEP_MAX_TRIALS, TRIED,
          "Settings to draw, for random and halving; all, where there are no more."),
    TEXT("seeds", seeds, "1", "SEEDS", TRIED,
         "How many seeds each setting is tried with (59185, 59186, ...), or the seeds themselves, "
         "a comma list; a list of one ends with a comma."),
    WHOLE("search_seed", search_seed, "59185", 0, UINT32_MAX, TRIED,
          "Of the draws: the same seed gives the same settings."),
    WHOLE("reduction", reduction, "3", 2, 100, TRIED,
          "Of so many settings one goes on, for halving, with so many times the steps."),
    TEXT("rank_by", rank_by, "best", "NAME", TRIED,
         "The accuracy on validation that settings are ranked by, as the mean over their seeds: "
         "best or last of each run."),

    TEXT("dir", dir, "tmp/sweep", "DIR", RUN,
         "Where everything goes: logs/ for TensorBoard, trials/NNNN/ with the checkpoints, log and "
         "result of each, results.csv and results.json. A directory belongs to one sweep; started "
         "again with --dir alone, that goes on: finished trials are not run again, and those on "
         "the way go on from their newest checkpoint. Relative names are taken from where it is "
         "started."),
    WHOLE("jobs", jobs, "1", 1, WS_SWEEP_MAX_JOBS, RUN,
          "Trials at a time; the cores that the process may use are shared among them. Small "
          "networks get more done with one core each. Mind --clip_cache_mb: each trial holds the "
          "clips for itself. To be given again when the sweep goes on."),
    BOOL("retry_failed", retry_failed, RUN,
         "Try the trials again that failed, from their newest checkpoint if they have one."),

    BOOL("report", report, OUTPUT,
         "Only rank what is there, print it, and write results.csv and results.json anew. The exit "
         "code is 1 as long as a trial is open, too."),
    TEXT("print", print, "", "NAME", OUTPUT,
         "Print a script that has the same trials done by others, and run nothing: slurm (job "
         "arrays; pipe it into sh where sbatch is) or parallel (GNU parallel, --jobs at a time). "
         "The machines share only --dir and the data."),
    WHOLE("run_trial", run_trial, "-1", -1, 1000000, OUTPUT,
          "Run only the trial of this number and end with its exit code; what is done, or taken by "
          "another process, is left alone with exit code 0. With --jobs=N it takes the Nth part of "
          "the cores. In halving the numbers go on over the trials of each further rung. -1: all "
          "trials."),
};

const ws_flag_table ws_sweep_flags_table = {
    .command = "sweep",
    .summary =
        "Runs `wordspot train` with many settings and ranks them. Flags that all trials have stand "
        "behind --, as in: wordspot sweep --param batch_size=50,100 --seeds=3 -- --data_dir=data. "
        "The exit code is 1 if any trial failed, too; wrong flags are found before the first one "
        "starts.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "-- --train_flag=value",
    .operands_offset = AT(train_flags),
    .titles = titles,
};

bool ws_sweep_flags_define(const ws_sweep_flags *values, const bool *given)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (given[i] && flags[i].group == TRIED && strcmp(flags[i].name, "rank_by") != 0)
            return true;
    return values->train_flags.n_items > 0;
}

ws_status ws_sweep_name_find(const char *flag, const char *name, ws_name_at name_at, size_t n,
                             size_t *index, ws_error *err)
{
    if (ws_lookup(flag, name, name_at, n, index, err) == WS_OK)
        return WS_OK;
    if (err != NULL)
        err->status = WS_EUSAGE;
    return WS_EUSAGE;
}
