#include "sweep/page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/experiment.h"
#include "report/failed_run.h"
#include "settings/settings.h"
#include "train/data_set.h"
#include "train/observed.h"

/** The settings of a trial, as its run has them. */
typedef struct trial_settings {
    ws_train_options options;
    ws_setting *items; /* [n] */
    size_t n;
} trial_settings;

static void deinit_settings(trial_settings *settings)
{
    free(settings->items);
}

static ws_status init_settings(const ws_sweep_job *job, size_t setting, trial_settings *settings,
                               ws_error *err)
{
    settings->items = NULL;
    const ws_status status = ws_sweep_job_get_options(job, setting, &settings->options, err);
    if (status != WS_OK)
        return status;
    settings->items = ws_settings_list(&settings->options, &settings->n);
    return settings->items != NULL ? WS_OK : ws_fail_memory(err, "the settings of a trial");
}

/* -- all trials */

static bool is_param(const ws_sweep_job *job, const char *name)
{
    for (size_t p = 0; p < job->n_params; p++)
        if (strcmp(job->params[p].name, name) == 0)
            return true;
    return false;
}

static ws_status push_setting(const ws_sweep_job *job, size_t setting, ws_experiment *experiment,
                              ws_error *err)
{
    trial_settings settings;
    size_t n = 0;
    ws_status status = init_settings(job, setting, &settings, err);

    for (size_t i = 0; status == WS_OK && i < settings.n; i++)
        if (is_param(job, settings.items[i].name))
            settings.items[n++] = settings.items[i];
    if (status == WS_OK)
        status = ws_experiment_push(experiment, settings.options.log, settings.items, n, err);
    deinit_settings(&settings);
    return status;
}

ws_status ws_sweep_page_begin(const ws_sweep_job *job, ws_error *err)
{
    ws_experiment experiment = {.columns = NULL};
    char *logs = ws_sweep_logs_dir(job->setup.dir);
    ws_status status = logs != NULL ? WS_OK : ws_fail_memory(err, "the folder of a sweep");

    if (status == WS_OK && !ws_experiment_exists(logs)) {
        for (size_t s = 0; status == WS_OK && s < job->plan.n_settings; s++)
            status = push_setting(job, s, &experiment, err);
        if (status == WS_OK)
            status = ws_experiment_write(&experiment, logs, err);
    }
    ws_experiment_deinit(&experiment);
    free(logs);
    return status;
}

/* -- one trial */

static ws_status mark(const ws_sweep_job *job, size_t trial, const trial_settings *settings,
                      ws_error *err)
{
    char *logs = ws_sweep_logs_dir(job->setup.dir);
    char *run_name = ws_sweep_trial_run_name(trial);
    const ws_index_options clips = ws_data_set_index_options(&settings->options);
    size_t n_clips[WS_N_REPORT_PLACES];
    ws_index *index = NULL;
    ws_error ignored;
    ws_status status = WS_OK;

    if (ws_index_create(&clips, &index, &ignored) == WS_OK)
        ws_observed_count_clips(index, n_clips); /* else that may be why the run failed */
    if (logs == NULL || run_name == NULL)
        status = ws_fail_memory(err, "the folder of a trial");
    else
        status = ws_failed_run_mark(
            &(ws_failed_run){
                .summaries_dir = logs,
                .run_name = run_name,
                .views = settings->options.log,
                .settings = settings->items,
                .n_settings = settings->n,
                .n_clips = index != NULL ? n_clips : NULL,
            },
            err);
    ws_index_destroy(index);
    free(run_name);
    free(logs);
    return status;
}

ws_status ws_sweep_page_mark_failure(const ws_sweep_job *job, size_t trial, ws_error *err)
{
    trial_settings settings;
    int claim = -1;
    ws_status status = ws_sweep_trial_claim(job->setup.dir, trial, &claim, err);

    if (status != WS_OK || claim < 0)
        return status;
    status = init_settings(job, trial / job->plan.n_seeds, &settings, err);
    if (status == WS_OK)
        status = mark(job, trial, &settings, err);
    deinit_settings(&settings);
    (void)close(claim);
    return status;
}

ws_status ws_sweep_page_mark_failures(const ws_sweep_job *job, const ws_sweep_board *board,
                                      ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t t = 0; status == WS_OK && t < ws_sweep_plan_get_n_trials(board->plan); t++)
        if (board->results[t].state == WS_SWEEP_FAILED)
            status = ws_sweep_page_mark_failure(job, t, err);
    return status;
}
