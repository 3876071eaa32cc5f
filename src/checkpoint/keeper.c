#include "checkpoint/keeper.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/state.h"

/** The checkpoints of one directory that are kept. */
typedef struct kept_list {
    char *dir;
    size_t limit;
    ws_text_list names; /* without the directory, oldest first */
    char *latest;       /* prefix of the last name, NULL for an empty list */
} kept_list;

struct ws_keeper {
    int64_t last_step; /* see ws_keeper_options */
    char *name;        /* of the architecture */
    const ws_log *log;
    kept_list last;
    kept_list best; /* at most one */
    float best_score;
    bool has_best;
};

/** Whether name is `<architecture>.ckpt-<digits>`. */
static bool is_own_name(const ws_keeper *keeper, const char *name)
{
    const size_t length = strlen(keeper->name);
    static const char infix[] = ".ckpt-";

    if (strncmp(name, keeper->name, length) != 0 ||
        strncmp(name + length, infix, sizeof infix - 1) != 0)
        return false;
    const char *step = name + length + sizeof infix - 1;
    return *step != '\0' && strspn(step, "0123456789") == strlen(step);
}

static bool contains(const ws_text_list *names, const char *name)
{
    for (size_t i = 0; i < names->n_items; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

/** Sets list->latest after a change of its names. */
static ws_status update_latest(kept_list *list, ws_error *err)
{
    free(list->latest);
    list->latest = NULL;
    if (list->names.n_items == 0)
        return WS_OK;
    list->latest = ws_path_join(list->dir, list->names.items[list->names.n_items - 1]);
    return list->latest != NULL ? WS_OK : ws_fail_memory(err, list->dir);
}

/** Whether the checkpoint of that name (one of ours) comes after the step that the run resumes
 *  from. */
static bool is_given_up(const ws_keeper *keeper, const char *name)
{
    int64_t step = 0;
    return keeper->last_step > 0 && ws_text_to_int64(strrchr(name, '-') + 1, &step) &&
           step > keeper->last_step;
}

/** Takes over one name of a `checkpoint` file if it is ours and its files are in the directory. */
static ws_status take_name(const ws_keeper *keeper, kept_list *list, const char *name)
{
    ws_status status = WS_OK;
    char *prefix = ws_checkpoint_state_prefix(list->dir, name);
    if (prefix == NULL)
        return WS_ENOMEM;
    const char *base = ws_path_base(prefix);
    char *here = ws_path_join(list->dir, base);
    if (here == NULL)
        status = WS_ENOMEM;
    else if (is_own_name(keeper, base) && ws_bundle_exists(here) && !contains(&list->names, base) &&
             (list == &keeper->best || !is_given_up(keeper, base)))
        status = ws_text_list_push(&list->names, base);
    free(here);
    free(prefix);
    return status;
}

/** Takes over the list in the directory's `checkpoint` file, if the file exists. */
static ws_status load_list(const ws_keeper *keeper, kept_list *list, ws_error *err)
{
    ws_checkpoint_state state;
    ws_error why;

    ws_status status = ws_checkpoint_state_read(list->dir, &state, &why);
    if (status == WS_ENOTFOUND)
        return WS_OK;
    if (status != WS_OK) {
        ws_log_write(keeper->log, WS_LOG_WARN, "%s; the list of checkpoints starts empty",
                     why.message);
        return WS_OK;
    }
    for (size_t i = 0; status == WS_OK && i < state.all.n_items; i++)
        status = take_name(keeper, list, state.all.items[i]);
    if (status == WS_OK && state.latest != NULL)
        status = take_name(keeper, list, state.latest);
    ws_checkpoint_state_deinit(&state);
    if (status != WS_OK)
        return ws_fail_memory(err, list->dir);
    return update_latest(list, err);
}

/** Reads the score that a resumed run has to beat. */
static void load_best_score(ws_keeper *keeper)
{
    static const ws_bundle_wanted wanted = {.name = WS_KEEPER_SCORE_NAME,
                                            .dtype = WS_BUNDLE_FLOAT32};
    ws_bundle *bundle = NULL;
    ws_error why;

    if (keeper->best.latest == NULL || is_given_up(keeper, keeper->best.latest))
        return;
    ws_status status = ws_bundle_open(&bundle, keeper->best.latest, &why);
    if (status == WS_OK)
        status = ws_bundle_read_wanted(bundle, &wanted, &keeper->best_score, &why);
    ws_bundle_close(bundle);
    keeper->has_best = status == WS_OK;
    if (status != WS_OK)
        ws_log_write(keeper->log, WS_LOG_WARN, "%s; the next best checkpoint replaces it",
                     why.message);
}

/** Deletes half-written files of a process that was killed while it wrote a checkpoint. */
static void remove_leftovers(const ws_keeper *keeper, const char *dir)
{
    ws_text_list names = {.items = NULL};
    const size_t length = strlen(keeper->name);

    if (!ws_dir_exists(dir) || ws_dir_list(dir, &names, NULL) != WS_OK)
        names.n_items = 0;
    for (size_t i = 0; i < names.n_items; i++) {
        const char *name = names.items[i];
        const bool is_ours = (strncmp(name, keeper->name, length) == 0 &&
                              strncmp(name + length, ".ckpt-", 6) == 0) ||
                             strncmp(name, "checkpoint.tmp-", 15) == 0;
        const long pid = is_ours ? ws_file_staged_by(name) : 0;
        if (pid == 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        char *path = ws_path_join(dir, name);
        if (path != NULL && unlink(path) == 0)
            ws_log_write(keeper->log, WS_LOG_INFO, "%s: half-written, deleted", path);
        free(path);
    }
    ws_text_list_deinit(&names);
}

static ws_status init_keeper(ws_keeper *keeper, const ws_keeper_options *options, ws_error *err)
{
    keeper->log = options->log;
    keeper->last_step = options->last_step;
    keeper->name = ws_text_copy(options->name);
    keeper->last.dir = ws_text_copy(options->dir);
    keeper->best.dir = ws_path_join(options->dir, WS_KEEPER_BEST_DIR);
    keeper->last.limit = options->n_last > 0 ? options->n_last : WS_KEEPER_LAST;
    keeper->best.limit = 1;
    if (keeper->name == NULL || keeper->last.dir == NULL || keeper->best.dir == NULL)
        return ws_fail_memory(err, options->dir);
    ws_status status = ws_dir_create_all(options->dir, err);
    if (status != WS_OK)
        return status;
    remove_leftovers(keeper, keeper->last.dir);
    remove_leftovers(keeper, keeper->best.dir);
    if (!options->is_resumed)
        return WS_OK;
    status = load_list(keeper, &keeper->last, err);
    if (status == WS_OK)
        status = load_list(keeper, &keeper->best, err);
    if (status == WS_OK)
        load_best_score(keeper);
    return status;
}

ws_status ws_keeper_create(ws_keeper **keeper, const ws_keeper_options *options, ws_error *err)
{
    ws_keeper *created = calloc(1, sizeof *created);
    if (created == NULL)
        return ws_fail_memory(err, options->dir);
    const ws_status status = init_keeper(created, options, err);
    if (status != WS_OK) {
        ws_keeper_destroy(created);
        return status;
    }
    *keeper = created;
    return WS_OK;
}

ws_status ws_keeper_begin(ws_keeper *keeper, ws_error *err)
{
    const kept_list *list = &keeper->last;
    ws_checkpoint_state state;

    if (list->names.n_items == 0 || ws_checkpoint_state_read(list->dir, &state, NULL) != WS_OK)
        return WS_OK;
    const char *last = list->names.items[list->names.n_items - 1];
    const bool is_named = state.latest != NULL && strcmp(ws_path_base(state.latest), last) == 0;
    ws_checkpoint_state_deinit(&state);
    return is_named ? WS_OK : ws_checkpoint_state_write(list->dir, &list->names, err);
}

static void deinit_list(kept_list *list)
{
    free(list->dir);
    free(list->latest);
    ws_text_list_deinit(&list->names);
}

void ws_keeper_destroy(ws_keeper *keeper)
{
    if (keeper == NULL)
        return;
    free(keeper->name);
    deinit_list(&keeper->last);
    deinit_list(&keeper->best);
    free(keeper);
}

/** Divides the old names and the new one into those to keep, in order, and those to delete. */
static ws_status split_names(const kept_list *list, const char *name, ws_text_list *stay,
                             ws_text_list *go)
{
    const size_t n_others = list->names.n_items - (contains(&list->names, name) ? 1 : 0);
    size_t n_too_many = n_others + 1 > list->limit ? n_others + 1 - list->limit : 0;
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < list->names.n_items; i++) {
        const char *other = list->names.items[i];
        if (strcmp(other, name) == 0)
            continue;
        status = ws_text_list_push(n_too_many > 0 ? go : stay, other);
        if (n_too_many > 0)
            n_too_many--;
    }
    return status == WS_OK ? ws_text_list_push(stay, name) : status;
}

/** Deletes old checkpoints. A failure to delete one does not stop the run. */
static void remove_old(const ws_keeper *keeper, const kept_list *list, const ws_text_list *names)
{
    for (size_t i = 0; i < names->n_items; i++) {
        ws_error why;
        char *prefix = ws_path_join(list->dir, names->items[i]);
        const ws_status status =
            prefix == NULL ? ws_fail_memory(&why, list->dir) : ws_checkpoint_remove(prefix, &why);
        if (status != WS_OK)
            ws_log_write(keeper->log, WS_LOG_WARN, "%s", why.message);
        free(prefix);
    }
}

/** Writes the bundle, then the `checkpoint` file; undoes the first if the second fails. */
static ws_status write_both(const kept_list *list, const char *prefix, const ws_text_list *names,
                            const ws_bundle_tensor *tensors, size_t n_tensors, ws_error *err)
{
    const bool was_there = ws_bundle_exists(prefix);
    ws_status status = ws_bundle_write(prefix, tensors, n_tensors, err);
    if (status != WS_OK)
        return status;
    status = ws_checkpoint_state_write(list->dir, names, err);
    if (status != WS_OK && !was_there)
        (void)ws_checkpoint_remove(prefix, NULL);
    return status;
}

static ws_status write_checkpoint(const ws_keeper *keeper, kept_list *list, int64_t step,
                                  const ws_bundle_tensor *tensors, size_t n_tensors, ws_error *err)
{
    ws_text_list stay = {.items = NULL}, go = {.items = NULL};

    ws_status status = ws_dir_create_all(list->dir, err);
    if (status != WS_OK)
        return status;
    char *name = ws_text_format("%s.ckpt-%jd", keeper->name, (intmax_t)step);
    char *prefix = name != NULL ? ws_path_join(list->dir, name) : NULL;
    if (prefix == NULL || split_names(list, name, &stay, &go) != WS_OK)
        status = ws_fail_memory(err, list->dir);
    else
        status = write_both(list, prefix, &stay, tensors, n_tensors, err);
    if (status == WS_OK) {
        const ws_text_list old = list->names;
        list->names = stay;
        stay = old;
        free(list->latest);
        list->latest = prefix;
        prefix = NULL;
        remove_old(keeper, list, &go);
    }
    free(prefix);
    free(name);
    ws_text_list_deinit(&stay);
    ws_text_list_deinit(&go);
    return status;
}

ws_status ws_keeper_write(ws_keeper *keeper, int64_t step, const ws_bundle_tensor *tensors,
                          size_t n_tensors, ws_error *err)
{
    return write_checkpoint(keeper, &keeper->last, step, tensors, n_tensors, err);
}

bool ws_keeper_is_better(const ws_keeper *keeper, float score)
{
    return !isnan(score) && (!keeper->has_best || score > keeper->best_score);
}

ws_status ws_keeper_write_best(ws_keeper *keeper, int64_t step, float score,
                               const ws_bundle_tensor *tensors, size_t n_tensors, ws_error *err)
{
    ws_bundle_tensor *with_score = malloc((n_tensors + 1) * sizeof *with_score);
    if (with_score == NULL)
        return ws_fail_memory(err, keeper->best.dir);
    if (n_tensors > 0)
        memcpy(with_score, tensors, n_tensors * sizeof *tensors);
    with_score[n_tensors] = (ws_bundle_tensor){
        .name = WS_KEEPER_SCORE_NAME,
        .dtype = WS_BUNDLE_FLOAT32,
        .data = &score,
        .size = sizeof score,
    };
    const ws_status status =
        write_checkpoint(keeper, &keeper->best, step, with_score, n_tensors + 1, err);
    free(with_score);
    if (status == WS_OK) {
        keeper->best_score = score;
        keeper->has_best = true;
    }
    return status;
}

const char *ws_keeper_last(const ws_keeper *keeper)
{
    return keeper->last.latest;
}

const char *ws_keeper_best(const ws_keeper *keeper, float *score)
{
    if (!keeper->has_best)
        return NULL;
    if (score != NULL)
        *score = keeper->best_score;
    return keeper->best.latest;
}
