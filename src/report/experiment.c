#include "report/experiment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "report/hparams_file.h"
#include "report/views.h"

/* Sorts before all others, and is the same for all who might write it at once. */
static const char file_name[] = "events.out.tfevents.0000000000.wordspot.experiment";

/* A window of usual width has room for some: what decides, and whether it can be trusted. */
static const ws_run_figure figures[WS_N_RUN_FIGURES] = {
    WS_RUN_ACCURACY_TEST, WS_RUN_ACCURACY_BEST,      WS_RUN_UNFINISHED,
    WS_RUN_ACCURACY_LAST, WS_RUN_CROSS_ENTROPY_BEST,
};

/** A hyperparameter over all runs. */
typedef struct ws_experiment_column {
    char *name;        /* owned; NULL: it is no column, but made of several settings */
    const char *title; /* the part of the name that is shown */
    tbe_hparam_kind kind;
    double first;       /* of a number or bool: that of the first run */
    ws_text_list texts; /* of a text: each value once */
    bool differs;       /* between the runs */
    bool repeats; /* in every run the number of the column before, of whose flag it is a part */
} column;

void ws_experiment_deinit(ws_experiment *experiment)
{
    for (size_t i = 0; i < experiment->n_columns; i++) {
        free(experiment->columns[i].name);
        ws_text_list_deinit(&experiment->columns[i].texts);
    }
    free(experiment->columns);
    *experiment = (ws_experiment){.columns = NULL};
}

/** Whether an item is a number of the same flag as the one before, as learning_rate_last is. */
static bool is_further_part(const ws_hparams_list *list, size_t i)
{
    return i > 0 && list->flags[i] == list->flags[i - 1];
}

/** The name of a setting without the group that TensorBoard sorts it by. */
static const char *title_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL ? slash + 1 : name;
}

static bool is_same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

static ws_status set_columns(ws_experiment *experiment, const ws_hparams_list *list)
{
    experiment->columns = calloc(list->n + 1, sizeof *experiment->columns);
    if (experiment->columns == NULL)
        return WS_ENOMEM;
    experiment->n_columns = list->n;
    for (size_t i = 0; i < list->n; i++) {
        column *one = &experiment->columns[i];
        if (list->flags[i] == NULL)
            continue;
        *one = (column){.name = ws_text_copy(list->items[i].name),
                        .kind = list->items[i].kind,
                        .first = list->items[i].number,
                        .repeats = is_further_part(list, i)};
        if (one->name == NULL)
            return WS_ENOMEM;
        one->title = title_of(one->name);
    }
    return WS_OK;
}

static ws_status push_item(column *one, const ws_hparams_list *list, size_t i)
{
    const tbe_hparam *item = &list->items[i];
    ws_status status = WS_OK;

    if (one->name == NULL)
        return WS_OK;
    if (one->kind != TBE_HPARAM_TEXT)
        one->differs |= !is_same_number(item->number, one->first);
    else if (!ws_text_list_has(&one->texts, item->text))
        status = ws_text_list_push(&one->texts, item->text);
    one->differs |= one->texts.n_items > 1;
    one->repeats = one->repeats && is_same_number(item->number, list->items[i - 1].number);
    return status;
}

ws_status ws_experiment_push(ws_experiment *experiment, const char *views,
                             const ws_setting *settings, size_t n_settings, ws_error *err)
{
    ws_hparams_list list;
    bool is_shown = false;
    ws_status status = ws_views_has_hparams(views, &is_shown, err);

    if (status != WS_OK || !is_shown)
        return status;
    status = ws_hparams_list_init(&list, settings, n_settings, &(ws_run_extent){.n_steps = 0}, err);
    if (status == WS_OK && experiment->columns == NULL)
        status = set_columns(experiment, &list);
    for (size_t i = 0; status == WS_OK && i < experiment->n_columns; i++)
        status = push_item(&experiment->columns[i], &list, i);
    ws_hparams_list_deinit(&list);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "what runs differ in");
}

/** The columns that are shown. A number has no list or range of values, which would only become
 *  boxes to tick, or be wrong for what is added later; a text has no filter without its list. */
static size_t set_hparams(const ws_experiment *experiment, tbe_hparam_info *infos)
{
    size_t n = 0;

    for (size_t i = 0; i < experiment->n_columns; i++) {
        const column *one = &experiment->columns[i];
        if (!one->differs || one->repeats)
            continue;
        infos[n++] = (tbe_hparam_info){
            .name = one->name,
            .kind = one->kind,
            .display_name = one->title,
            .texts = (const char *const *)one->texts.items,
            .n_values = one->texts.n_items <= TBE_MAX_HPARAMS ? one->texts.n_items : 0,
        };
    }
    return n;
}

static void add_experiment(tbe_writer *writer, const tbe_hparam_info *infos, size_t n_infos)
{
    tbe_metric_info metrics[WS_N_RUN_FIGURES];
    tbe_experiment made;

    for (size_t i = 0; i < WS_N_RUN_FIGURES; i++)
        metrics[i] = (tbe_metric_info){
            .tag = ws_run_figures[figures[i]].tag,
            .display_name = ws_run_figures[figures[i]].title,
            .description = ws_run_figures[figures[i]].description,
        };
    tbe_experiment_init(&made, sizeof made, sizeof(tbe_hparam_info), sizeof(tbe_metric_info));
    made.hparams = infos;
    made.n_hparams = n_infos;
    made.metrics = metrics;
    made.n_metrics = WS_N_RUN_FIGURES;
    (void)tbe_add_experiment(writer, &made); /* a failure shows when the writer is closed */
}

/** Writes the file somewhere else, where TensorBoard does not look, and gives it its place. */
static ws_status write_file(const char *scratch, const char *path, const tbe_hparam_info *infos,
                            size_t n_infos, ws_error *err)
{
    tbe_options options;
    char message[512];

    tbe_options_init(&options, sizeof options);
    options.writer_name = "wordspot";
    tbe_writer *writer = tbe_open(scratch, &options);
    char *made = writer != NULL ? ws_text_copy(tbe_get_path(writer)) : NULL;
    add_experiment(writer, infos, n_infos);
    ws_status status = WS_OK;
    if (tbe_close(writer, message, sizeof message) != TBE_OK)
        status = ws_fail(err, WS_EIO, "%s", message);
    else if (made == NULL)
        status = ws_fail_memory(err, "the name of an event file");
    else if (rename(made, path) != 0)
        status = ws_fail_errno(err, errno, "%s: cannot be made", path);
    free(made);
    return status;
}

ws_status ws_experiment_write(const ws_experiment *experiment, const char *summaries_dir,
                              ws_error *err)
{
    tbe_hparam_info *infos = calloc(experiment->n_columns + 1, sizeof *infos);
    char *path = ws_path_join(summaries_dir, file_name);
    char *scratch = ws_text_format("%s.tmp-%ld", summaries_dir, (long)getpid());
    const size_t n_infos = infos != NULL ? set_hparams(experiment, infos) : 0;
    ws_status status = WS_OK;

    if (infos == NULL || path == NULL || scratch == NULL) {
        status = ws_fail_memory(err, "what runs differ in");
    } else if (n_infos > 0 && !ws_file_exists(path)) {
        status = ws_dir_create_all(summaries_dir, err);
        if (status == WS_OK)
            status = write_file(scratch, path, infos, n_infos, err);
        const ws_status removed = ws_dir_remove_all(scratch, status == WS_OK ? err : NULL);
        status = status == WS_OK ? removed : status;
    }
    free(scratch);
    free(path);
    free(infos);
    return status;
}

bool ws_experiment_exists(const char *summaries_dir)
{
    char *path = ws_path_join(summaries_dir, file_name);
    const bool exists = path != NULL && ws_file_exists(path);
    free(path);
    return exists;
}
