#include "cmd/sweep_aggregate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "inspect/merge.h"

enum { MAX_NAME = 160 };

/** "0003-learning_rate=0.01-batch_size=50": what no file system and no page of TensorBoard takes
 *  becomes "_". @return free() */
static char *make_name(const ws_sweep_plan *plan, size_t setting)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._=,+-";
    ws_buf buf;

    ws_buf_init(&buf, 1 << 16);
    ws_buf_push_format(&buf, "%04zu", setting);
    for (size_t p = 0; p < plan->n_params; p++)
        ws_buf_push_format(&buf, "-%s=%s", plan->params[p].name,
                           ws_sweep_plan_get_value(plan, setting, p));
    char *name = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    if (name == NULL)
        return NULL;
    for (size_t i = strspn(name, plain); name[i] != '\0'; i += strspn(name + i, plain))
        name[i] = '_';
    if (strlen(name) > MAX_NAME)
        name[MAX_NAME] = '\0';
    return name;
}

/** Reads the finished seeds of a setting. @param n  set to how many there are */
static ws_status open_sides(const ws_sweep_board *board, size_t setting, const ws_log *log,
                            ws_event_side *sides, size_t *n, ws_error *err)
{
    const size_t n_seeds = board->plan->n_seeds;
    char *logs = ws_sweep_logs_dir(board->dir);
    ws_status status = logs != NULL ? WS_OK : ws_fail_memory(err, "the logs of a sweep");

    *n = 0;
    for (size_t i = 0; status == WS_OK && i < n_seeds; i++) {
        const size_t trial = setting * n_seeds + i;
        if (board->results[trial].state != WS_SWEEP_DONE)
            continue;
        char *run_name = ws_sweep_trial_run_name(trial);
        char *path = run_name != NULL ? ws_path_join(logs, run_name) : NULL;
        status = path != NULL ? ws_event_side_open(&sides[*n], path, WS_LOADER_RUST, log, err)
                              : ws_fail_memory(err, "the logs of a sweep");
        ++*n; /* after a failure, too: it is to be closed */
        free(path);
        free(run_name);
    }
    free(logs);
    return status;
}

static ws_status write_setting(const ws_sweep_board *board, size_t setting, const char *dir,
                               const ws_log *log, size_t *n_written, ws_error *err)
{
    ws_event_side *sides = calloc(board->plan->n_seeds + 1, sizeof *sides);
    char *name = make_name(board->plan, setting);
    char *path = name != NULL ? ws_path_join(dir, name) : NULL;
    ws_event_merged merged;
    size_t n = 0;

    ws_status status =
        sides != NULL && path != NULL ? WS_OK : ws_fail_memory(err, "the logs of a sweep");
    if (status == WS_OK)
        status = open_sides(board, setting, log, sides, &n, err);
    if (status == WS_OK && n > 1) {
        status = ws_event_merge(sides, n, "", false, path, &merged, err);
        *n_written += status == WS_OK;
    }
    if (status == WS_ENOTFOUND) /* trials with --log=none */
        status = WS_OK;
    for (size_t i = 0; i < n; i++)
        ws_event_side_close(&sides[i]);
    free(path);
    free(name);
    free(sides);
    return status;
}

/** A complete folder takes the place of the old one. */
static ws_status replace(const char *made, const char *dir, size_t n_written, ws_error *err)
{
    ws_status status = ws_dir_exists(dir) ? ws_dir_remove_all(dir, err) : WS_OK;

    if (status == WS_OK && n_written > 0 && ws_file_rename_new(made, dir) != 0)
        status = ws_fail(err, WS_EIO, "%s: cannot be made", dir);
    return status;
}

ws_status ws_sweep_aggregate_write(const ws_sweep_job *job, const ws_sweep_board *board,
                                   const ws_log *log, size_t *n_written, ws_error *err)
{
    *n_written = 0;
    if (job->plan.n_seeds < 2)
        return WS_OK;
    char *dir = ws_path_join(board->dir, "aggregate");
    char *made = ws_text_format("%s/aggregate.tmp-%ld", board->dir, (long)getpid());
    ws_status status =
        dir != NULL && made != NULL ? WS_OK : ws_fail_memory(err, "the logs of a sweep");

    for (size_t s = 0; status == WS_OK && s < job->plan.n_settings; s++)
        status = write_setting(board, s, made, log, n_written, err);
    if (status == WS_OK)
        status = replace(made, dir, *n_written, err);
    if (made != NULL && ws_dir_exists(made)) {
        const ws_status removed = ws_dir_remove_all(made, status == WS_OK ? err : NULL);
        status = status == WS_OK ? removed : status;
    }
    free(made);
    free(dir);
    return status;
}
