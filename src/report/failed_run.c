#include "report/failed_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "report/hparams_file.h"
#include "report/run_files.h"
#include "report/views.h"

/** What a run's own folder says of it. */
typedef struct run_content {
    bool has_start, has_end;
    int64_t last_step;
} run_content;

static ws_status take_record(void *user, const tbe_record *record)
{
    run_content *found = user;

    if (record->step > found->last_step)
        found->last_step = record->step;
    for (size_t i = 0; i < record->n_values; i++) {
        found->has_start |= strcmp(record->values[i].tag, TBE_SESSION_START_TAG) == 0;
        found->has_end |= strcmp(record->values[i].tag, TBE_SESSION_END_TAG) == 0;
    }
    return WS_OK;
}

/** @param list  the settings; NULL where they are there */
static ws_status write_end(const char *dir, int64_t step, const ws_hparams_list *list,
                           ws_error *err)
{
    char message[512];
    tbe_writer *writer = ws_hparams_file_open(dir, step);

    if (list != NULL)
        ws_hparams_file_add_start(writer, list);
    ws_run_figures_describe(writer);
    ws_hparams_file_add_end(writer, step, TBE_SESSION_FAILURE);
    if (tbe_close(writer, message, sizeof message) == TBE_OK)
        return WS_OK;
    return ws_fail(err, WS_EIO, "%s", message);
}

static ws_status mark(const ws_failed_run *run, const char *dir, ws_error *err)
{
    run_content found = {.has_start = false};
    ws_hparams_list list = {.n = 0};
    ws_status status = ws_run_files_read(dir, take_record, &found);

    if (status != WS_OK)
        return ws_fail_memory(err, "what a run has left");
    if (found.has_end)
        return WS_OK;
    if (!found.has_start)
        status = ws_hparams_list_init(&list, run->settings, run->n_settings,
                                      &(ws_run_extent){.n_clips = run->n_clips}, err);
    if (status == WS_OK)
        status = write_end(dir, ws_hparams_file_step_after(found.last_step),
                           found.has_start ? NULL : &list, err);
    ws_hparams_list_deinit(&list);
    return status;
}

ws_status ws_failed_run_mark(const ws_failed_run *run, ws_error *err)
{
    bool is_wanted = false;
    ws_status status = ws_views_has_hparams(run->views, &is_wanted, err);

    if (status != WS_OK || !is_wanted)
        return status;
    char *dir = ws_path_join(run->summaries_dir, run->run_name);
    status = dir != NULL ? mark(run, dir, err) : ws_fail_memory(err, "the folder of a run");
    free(dir);
    return status;
}
