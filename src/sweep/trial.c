#include "sweep/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"

/* A tail of a log has more than a thousand steps, among them the last evaluation. */
enum { MAX_RESULT_BYTES = 1 << 20, LOG_TAIL_BYTES = 1 << 17 };

const char *ws_sweep_state_name(ws_sweep_state state)
{
    static const char *const names[] = {
        [WS_SWEEP_OPEN] = "open",
        [WS_SWEEP_DONE] = "done",
        [WS_SWEEP_FAILED] = "failed",
    };
    return names[state];
}

char *ws_sweep_logs_dir(const char *dir)
{
    return ws_path_join(dir, "logs");
}

char *ws_sweep_trial_dir(const char *dir, size_t trial)
{
    return ws_text_format("%s/trials/%04zu", dir, trial);
}

char *ws_sweep_trial_file(const char *dir, size_t trial, const char *name)
{
    return ws_text_format("%s/trials/%04zu/%s", dir, trial, name);
}

char *ws_sweep_trial_result_file(const char *dir, const ws_sweep_plan *plan, size_t trial,
                                 size_t rung)
{
    if (plan->n_rungs == 1)
        return ws_sweep_trial_file(dir, trial, "result.json");
    return ws_text_format("%s/trials/%04zu/result-%zu.json", dir, trial, rung + 1);
}

char *ws_sweep_trial_run_name(size_t trial)
{
    return ws_text_format("trial-%04zu", trial);
}

static double get_number(const ws_json *json, const char *key)
{
    double value = (double)NAN;
    (void)ws_json_get_number(json, key, &value);
    return value;
}

static void fail_result(ws_sweep_result *result, const char *why)
{
    result->state = WS_SWEEP_FAILED;
    (void)snprintf(result->error, sizeof result->error, "%s", why);
}

/** @param stop_step  the step that a trial should reach; 0: its last one */
static void take_result(const ws_json *json, int64_t stop_step, ws_sweep_result *result)
{
    const char *status = ws_json_get_text(json, "status");
    const char *error = ws_json_get_text(json, "error");
    const double step = get_number(json, "step");

    result->step = step > 0 ? (int64_t)step : 0;
    result->best = get_number(json, "best_validation_accuracy");
    result->best_step = get_number(json, "best_validation_step");
    result->last = get_number(json, "last_validation_accuracy");
    result->test = get_number(json, "test_accuracy");
    result->seconds = get_number(json, "seconds");
    if (status == NULL)
        fail_result(result, "the result does not say how the trial ended");
    else if (strcmp(status, "failed") == 0)
        fail_result(result, error != NULL ? error : "the result does not say why");
    else if (strcmp(status, "success") == 0 || (stop_step > 0 && result->step >= stop_step))
        result->state = WS_SWEEP_DONE;
}

ws_status ws_sweep_trial_read(const char *dir, const ws_sweep_plan *plan, size_t trial, size_t rung,
                              ws_sweep_result *result, ws_error *err)
{
    const int64_t stop_step = ws_sweep_plan_get_stop_step(plan, trial / plan->n_seeds, rung);
    char *path = ws_sweep_trial_result_file(dir, plan, trial, rung);
    unsigned char *text = NULL;
    size_t size = 0;
    ws_json *json = NULL;
    ws_error fault;

    *result = (ws_sweep_result){.trial = trial,
                                .best = (double)NAN,
                                .last = (double)NAN,
                                .best_step = (double)NAN,
                                .test = (double)NAN,
                                .seconds = (double)NAN};
    if (path == NULL)
        return ws_fail_memory(err, "the result of a trial");
    ws_status status = ws_file_read(path, MAX_RESULT_BYTES, &text, &size, err);
    if (status == WS_OK && ws_json_read((const char *)text, size, path, &json, &fault) == WS_OK)
        take_result(json, stop_step, result);
    else if (status == WS_OK)
        fail_result(result, fault.message);
    ws_json_destroy(json);
    free(text);
    free(path);
    return status == WS_ENOTFOUND ? WS_OK : status;
}

ws_status ws_sweep_trial_write_failure(const char *dir, const ws_sweep_plan *plan, size_t trial,
                                       size_t rung, const char *why, ws_error *err)
{
    char *path = ws_sweep_trial_result_file(dir, plan, trial, rung);
    char *run_name = ws_sweep_trial_run_name(trial);
    ws_json *json = ws_json_create();
    ws_status status = WS_OK;

    ws_json_set_text(json, "run_name", run_name);
    ws_json_set_text(json, "status", "failed");
    ws_json_set_text(json, "error", why);
    char *text = ws_json_write(json, (ws_json_style){.n_digits = 15});
    if (path == NULL || run_name == NULL || text == NULL)
        status = ws_fail_memory(err, "the result of a trial");
    else
        status = ws_file_write(path, text, strlen(text), err);
    free(text);
    ws_json_destroy(json);
    free(run_name);
    free(path);
    return status;
}

/** Writes the owner into the file. This is for people: only the lock counts. */
static void sign(int fd)
{
    char text[320], host[256] = "?";

    (void)gethostname(host, sizeof host - 1);
    const int n = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) < 0)
        return;
}

static ws_status lock(const char *path, int *claim, ws_error *err)
{
    *claim = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*claim < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", path);
    if (flock(*claim, LOCK_EX | LOCK_NB) == 0) {
        sign(*claim);
        return WS_OK;
    }
    const int reason = errno;
    (void)close(*claim);
    *claim = -1;
    if (reason == EWOULDBLOCK)
        return WS_OK;
    return ws_fail_errno(err, reason,
                         "%s: cannot be locked, so two processes could run the same trial; "
                         "choose a --dir on a file system that supports locks",
                         path);
}

ws_status ws_sweep_trial_claim(const char *dir, size_t trial, int *claim, ws_error *err)
{
    char *trial_dir = ws_sweep_trial_dir(dir, trial);
    char *path = ws_sweep_trial_file(dir, trial, "claim");
    ws_status status = WS_OK;

    *claim = -1;
    if (trial_dir == NULL || path == NULL)
        status = ws_fail_memory(err, "a trial");
    if (status == WS_OK)
        status = ws_dir_create_all(trial_dir, err);
    if (status == WS_OK)
        status = lock(path, claim, err);
    free(path);
    free(trial_dir);
    return status;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/** Takes from a line the values that later lines did not have. */
static void take_line(ws_sweep_progress *progress, const char *line)
{
    long long step = 0;
    double accuracy = 0;

    if (begins_with(line, "Step #")) {
        if (progress->step == 0 &&
            sscanf(line, "Step #%lld: rate %*f, accuracy %lf%%", &step, &accuracy) == 2) {
            progress->step = step;
            progress->batch_accuracy = accuracy;
        }
    } else if (isnan(progress->validation) && begins_with(line, "Step ") &&
               sscanf(line, "Step %lld: Validation accuracy = %lf%%", &step, &accuracy) == 2) {
        progress->validation = accuracy;
    }
}

ws_sweep_progress ws_sweep_progress_find(const char *text)
{
    ws_sweep_progress progress = {.validation = (double)NAN};
    const char *line = text + strlen(text);

    while (line > text && (progress.step == 0 || isnan(progress.validation))) {
        for (line--; line > text && line[-1] != '\n';)
            line--;
        take_line(&progress, line);
    }
    return progress;
}

ws_sweep_progress ws_sweep_progress_read(const char *dir, size_t trial)
{
    char tail[LOG_TAIL_BYTES + 1];
    char *path = ws_sweep_trial_file(dir, trial, "log.txt");
    const int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = 0;

    free(path);
    if (fd >= 0) {
        const off_t size = lseek(fd, 0, SEEK_END);
        n = pread(fd, tail, LOG_TAIL_BYTES, size > LOG_TAIL_BYTES ? size - LOG_TAIL_BYTES : 0);
        (void)close(fd);
    }
    tail[n > 0 ? n : 0] = '\0';
    return ws_sweep_progress_find(tail);
}
