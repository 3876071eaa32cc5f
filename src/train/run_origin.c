#include "train/run_origin.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/text.h"
#include "checkpoint/keeper.h"
#include "report/last_step.h"
#include "settings/settings.h"
#include "train/earlier_run.h"

/** What the checkpoint says of its run; owned. A text that it lacks is NULL. */
typedef struct record {
    char *dir;       /* where the checkpoint is now */
    char *train_dir; /* where its run wrote it */
    char *summaries_dir;
    char *run_name;
    char *save_step_interval;
} record;

char *ws_run_origin_get_dir(const char *checkpoint)
{
    static const char best[] = "/" WS_KEEPER_BEST_DIR;
    char *dir = ws_path_dir(checkpoint);

    if (dir != NULL && ws_text_has_suffix(dir, best))
        dir[strlen(dir) - strlen(best)] = '\0';
    return dir;
}

/** Whether two paths lead to one directory. Both must exist. */
static bool are_same(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/** Whether the text is that setting of a run. */
static bool has_setting(const char *settings, const char *name, const char *value)
{
    char *theirs = ws_settings_get(settings, name);
    const bool is_equal = theirs != NULL && strcmp(theirs, value) == 0;
    free(theirs);
    return is_equal;
}

/** Whether another directory has the run's own line of checkpoints. */
static bool is_copy(const ws_run_origin *origin, const record *run)
{
    ws_newest_run newest;

    if (are_same(run->dir, run->train_dir))
        return false;
    /* event files somewhere else are not those of the original: nothing of it is touched */
    if (strcmp(origin->summaries_dir, run->summaries_dir) != 0 &&
        !are_same(origin->summaries_dir, run->summaries_dir))
        return false;
    ws_newest_run_find(run->train_dir, &newest);
    const bool is_there = newest.settings != NULL && strcmp(newest.name, run->run_name) == 0 &&
                          has_setting(newest.settings, "summaries_dir", run->summaries_dir);
    ws_newest_run_deinit(&newest);
    return is_there;
}

/** A part of a sentence if the event files go further than the checkpoints can tell; NULL if they
 * do not, or when out of memory, which *status says. */
static char *describe_later_logs(const ws_run_origin *origin, const record *run, ws_status *status)
{
    ws_newest_run newest;
    int64_t interval = 1;

    ws_newest_run_find(run->dir, &newest);
    const int64_t newest_step = newest.step;
    ws_newest_run_deinit(&newest);
    (void)ws_text_to_int64(run->save_step_interval, &interval);
    const int64_t last = ws_report_find_last_step(origin->summaries_dir, run->run_name);
    /* killed while it saved the next checkpoint, it has logged that step */
    if (newest_step < 0 || last <= newest_step + interval)
        return NULL;
    char *why =
        ws_text_format("its event files reach step %jd, but the newest checkpoint in %s is of "
                       "step %jd",
                       (intmax_t)last, run->dir, (intmax_t)newest_step);
    if (why == NULL)
        *status = WS_ENOMEM;
    return why;
}

static ws_status find_reason(const ws_run_origin *origin, const record *run, char **why)
{
    ws_status status = WS_OK;

    if (is_copy(origin, run)) {
        *why = ws_text_format("its own checkpoints are in %s, and %s is a copy", run->train_dir,
                              run->dir);
        return *why != NULL ? WS_OK : WS_ENOMEM;
    }
    *why = describe_later_logs(origin, run, &status);
    return status;
}

ws_status ws_run_origin_check(const ws_run_origin *origin, char **why, ws_error *err)
{
    record run = {
        .dir = ws_run_origin_get_dir(origin->checkpoint),
        .train_dir = ws_settings_get(origin->settings, "train_dir"),
        .summaries_dir = ws_settings_get(origin->settings, "summaries_dir"),
        .run_name = ws_settings_get(origin->settings, "run_name"),
        .save_step_interval = ws_settings_get(origin->settings, "save_step_interval"),
    };
    ws_status status = WS_OK;

    *why = NULL;
    if (run.dir == NULL)
        status = WS_ENOMEM;
    else if (run.train_dir != NULL && run.summaries_dir != NULL && run.run_name != NULL &&
             run.save_step_interval != NULL)
        status = find_reason(origin, &run, why);
    free(run.dir);
    free(run.train_dir);
    free(run.summaries_dir);
    free(run.run_name);
    free(run.save_step_interval);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "the history of a run");
}
