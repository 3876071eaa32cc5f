#include "train/saver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/dir_lock.h"
#include "base/file.h"
#include "checkpoint/bundle.h"
#include "checkpoint/keeper.h"
#include "settings/settings.h"
#include "train/earlier_run.h"

/* An entry of a checkpoint whose validation is missing. */
static const char lacks_validation_name[] = "wordspot/lacks_validation";
/* Two that are there together: see plateau.h. */
static const char plateau_best_name[] = "wordspot/plateau_best";
static const char plateau_count_name[] = "wordspot/validations_since_best";

struct ws_saver {
    const char *settings;
    char *prefix; /* owned */
    ws_keeper *keeper;
    const ws_graph *graph; /* borrowed */
    int lock;              /* open directory, locked while the run lasts */
    void **constants;      /* [graph->n_constants] elements of each; owned */
    ws_saved_array *arrays;
    size_t n_arrays;
    ws_bundle_tensor *tensors;
    size_t n_tensors;   /* without the last one, lacks_validation_name */
    int64_t step;       /* what the tensor global_step points at */
    ws_plateau plateau; /* what two further ones point at */
};

/* The best accuracy where there was no validation so far. */
#define NO_PLATEAU_BEST (-1.0f)

enum { N_OTHERS = 5 }; /* tensors besides arrays and constants: list_tensors has them */

static ws_status lock_dir(const char *dir, int *lock, ws_error *err)
{
    const ws_status status = ws_dir_lock_open(dir, "run", lock, err);

    if (status == WS_EEXISTS)
        return ws_fail(err, WS_EEXISTS,
                       "%s: another run is training into it; give this one its own --train_dir",
                       dir);
    return status;
}

static ws_status write_labels(const ws_saver_options *options, ws_error *err)
{
    ws_buf text;
    ws_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < options->n_labels; i++)
        ws_buf_push_format(&text, "%s%s", i > 0 ? "\n" : "", options->labels[i]);
    char *path = ws_text_format("%s/%s_labels.txt", options->train_dir, options->architecture);
    ws_status status = text.status;
    if (status != WS_OK || path == NULL)
        status = ws_fail_memory(err, "the list of labels");
    else
        status = ws_file_write(path, text.data, text.size, err);
    free(path);
    ws_buf_deinit(&text);
    return status;
}

static ws_bundle_tensor array_tensor(const ws_saved_array *array)
{
    ws_bundle_tensor tensor = {
        .name = array->name,
        .dtype = WS_BUNDLE_FLOAT32,
        .n_dims = array->n_dims,
        .data = array->data,
        .size = array->size * sizeof *array->data,
    };
    memcpy(tensor.dims, array->dims, sizeof array->dims);
    return tensor;
}

/** @param data  its elements, as constant_elements gave them */
static ws_bundle_tensor constant_tensor(const ws_variable *constant, const void *data)
{
    ws_bundle_tensor tensor = {
        .name = constant->name,
        .dtype = constant->is_integer ? WS_BUNDLE_INT32 : WS_BUNDLE_FLOAT32,
        .n_dims = constant->n_dims,
        .data = data,
        .size = sizeof(float),
    };
    for (size_t d = 0; d < constant->n_dims; d++) {
        tensor.dims[d] = (int64_t)constant->dims[d];
        tensor.size *= constant->dims[d];
    }
    return tensor;
}

/** NULL if out of memory. */
static void *constant_elements(const ws_variable *constant)
{
    const size_t n = constant_tensor(constant, NULL).size / sizeof(float);
    union element {
        float number;
        int32_t integer;
    } *elements = calloc(n, sizeof *elements);

    for (size_t i = 0; elements != NULL && i < n; i++) {
        if (constant->is_integer)
            elements[i].integer = (int32_t)constant->init.value;
        else
            elements[i].number = (float)constant->init.value;
    }
    return elements;
}

/** Room for what a checkpoint is made of, and the elements of the constants. */
static ws_status make_arrays(ws_saver *saver, const ws_saved_arrays *arrays, ws_error *err)
{
    const size_t n_arrays = ws_saved_arrays_count(arrays);
    const size_t n_constants = saver->graph->n_constants;

    saver->constants = calloc(n_constants + 1, sizeof *saver->constants);
    saver->arrays = calloc(n_arrays + 1, sizeof *saver->arrays);
    saver->tensors = calloc(n_arrays + n_constants + N_OTHERS, sizeof *saver->tensors);
    if (saver->constants == NULL || saver->arrays == NULL || saver->tensors == NULL)
        return ws_fail_memory(err, "checkpoints");
    for (size_t i = 0; i < saver->graph->n_constants; i++) {
        saver->constants[i] = constant_elements(&saver->graph->constants[i]);
        if (saver->constants[i] == NULL)
            return ws_fail_memory(err, "checkpoints");
    }
    return WS_OK;
}

/** Lists once what every checkpoint of the run is made of. */
static void list_tensors(ws_saver *saver, const ws_saved_arrays *arrays, bool saves_plateau)
{
    size_t n = ws_saved_arrays_count(arrays);

    saver->n_arrays = n;
    ws_saved_arrays_list(arrays, saver->arrays);
    for (size_t i = 0; i < n; i++)
        saver->tensors[i] = array_tensor(&saver->arrays[i]);
    for (size_t i = 0; i < saver->graph->n_constants; i++)
        saver->tensors[n++] = constant_tensor(&saver->graph->constants[i], saver->constants[i]);
    saver->tensors[n++] = (ws_bundle_tensor){
        .name = "global_step",
        .dtype = WS_BUNDLE_INT64,
        .data = &saver->step,
        .size = sizeof saver->step,
    };
    saver->tensors[n++] = (ws_bundle_tensor){
        .name = WS_SETTINGS_ENTRY,
        .dtype = WS_BUNDLE_STRING,
        .data = saver->settings,
        .size = strlen(saver->settings),
    };
    if (saves_plateau) {
        saver->tensors[n++] = (ws_bundle_tensor){
            .name = plateau_best_name,
            .dtype = WS_BUNDLE_FLOAT32,
            .data = &saver->plateau.best,
            .size = sizeof saver->plateau.best,
        };
        saver->tensors[n++] = (ws_bundle_tensor){
            .name = plateau_count_name,
            .dtype = WS_BUNDLE_INT64,
            .data = &saver->plateau.n_since_best,
            .size = sizeof saver->plateau.n_since_best,
        };
    }
    saver->n_tensors = n;
    saver->tensors[n] = (ws_bundle_tensor){
        .name = lacks_validation_name,
        .dtype = WS_BUNDLE_INT64,
        .data = &saver->step,
        .size = sizeof saver->step,
    };
}

ws_status ws_saver_create(ws_saver **saver, const ws_saver_options *options, ws_error *err)
{
    ws_status status = ws_dir_create_all(options->train_dir, err);
    if (status != WS_OK)
        return status;
    ws_saver *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "checkpoints");
    made->settings = options->settings;
    made->graph = options->arrays.graph;
    made->lock = -1;
    status = make_arrays(made, &options->arrays, err);
    if (status == WS_OK)
        list_tensors(made, &options->arrays, options->saves_plateau);
    made->prefix = ws_text_format("%s/%s.ckpt", options->train_dir, options->architecture);
    if (status == WS_OK && made->prefix == NULL)
        status = ws_fail_memory(err, "checkpoints");
    if (status == WS_OK)
        status = lock_dir(options->train_dir, &made->lock, err);
    if (status == WS_OK)
        status =
            ws_earlier_run_move_aside(options->train_dir, options->resumed_run, options->log, err);
    if (status == WS_OK)
        status = ws_keeper_create(&made->keeper,
                                  &(ws_keeper_options){
                                      .dir = options->train_dir,
                                      .name = options->architecture,
                                      .is_resumed = options->resumed_run != NULL,
                                      .last_step = options->resumed_step,
                                      .log = options->log,
                                  },
                                  err);
    if (status == WS_OK)
        status = write_labels(options, err);
    if (status != WS_OK) {
        ws_saver_destroy(made);
        return status;
    }
    *saver = made;
    return WS_OK;
}

void ws_saver_destroy(ws_saver *saver)
{
    if (saver == NULL)
        return;
    ws_keeper_destroy(saver->keeper);
    if (saver->lock >= 0)
        (void)close(saver->lock);
    free(saver->prefix);
    for (size_t i = 0; saver->constants != NULL && i < saver->graph->n_constants; i++)
        free(saver->constants[i]);
    free(saver->constants);
    free(saver->arrays);
    free(saver->tensors);
    free(saver);
}

ws_status ws_saver_begin(ws_saver *saver, ws_error *err)
{
    return ws_keeper_begin(saver->keeper, err);
}

const char *ws_saver_find_nonfinite(const ws_saver *saver)
{
    const ws_saved_array *bad = ws_saved_arrays_find_nonfinite(saver->arrays, saver->n_arrays);
    return bad != NULL ? bad->name : NULL;
}

static void set_point(ws_saver *saver, ws_saved_point point)
{
    saver->step = point.step;
    saver->plateau = point.plateau;
    if (!point.plateau.has_best)
        saver->plateau.best = NO_PLATEAU_BEST;
}

ws_status ws_saver_write(ws_saver *saver, ws_saved_point point, ws_error *err)
{
    set_point(saver, point);
    return ws_keeper_write(saver->keeper, point.step, saver->tensors,
                           saver->n_tensors + (point.lacks_validation ? 1 : 0), err);
}

ws_status ws_saver_write_if_best(ws_saver *saver, ws_saved_point point, double accuracy,
                                 ws_error *err)
{
    const float score = (float)accuracy;
    if (!ws_keeper_is_better(saver->keeper, score))
        return WS_OK;
    set_point(saver, point);
    return ws_keeper_write_best(saver->keeper, point.step, score, saver->tensors, saver->n_tensors,
                                err);
}

bool ws_saver_get_best(const ws_saver *saver, int64_t *step, double *accuracy)
{
    float score = 0;
    const char *best = ws_keeper_best(saver->keeper, &score);
    const char *mark = best != NULL ? strrchr(best, '-') : NULL;

    if (mark == NULL || !ws_text_to_int64(mark + 1, step))
        return false;
    *accuracy = (double)score;
    return true;
}

const char *ws_saver_last(const ws_saver *saver)
{
    return ws_keeper_last(saver->keeper);
}

const char *ws_saver_prefix(const ws_saver *saver)
{
    return saver->prefix;
}

/** @param plateau  stays as it is if the checkpoint has none */
static ws_status read_plateau(const ws_bundle *bundle, ws_plateau *plateau, ws_error *err)
{
    ws_plateau read = {.has_best = true};

    if (ws_bundle_find(bundle, plateau_best_name) == NULL)
        return WS_OK;
    ws_status status = ws_bundle_read_wanted(
        bundle, &(ws_bundle_wanted){.name = plateau_best_name, .dtype = WS_BUNDLE_FLOAT32},
        &read.best, err);
    if (status == WS_OK)
        status = ws_bundle_read_wanted(
            bundle, &(ws_bundle_wanted){.name = plateau_count_name, .dtype = WS_BUNDLE_INT64},
            &read.n_since_best, err);
    if (status != WS_OK)
        return status;
    if (read.best >= 0 && read.n_since_best >= 0) /* else it was saved before any validation */
        *plateau = read;
    return WS_OK;
}

/** What a run needs besides arrays and step in order to continue. */
static ws_status read_marks(const char *checkpoint, ws_saved_point *point, ws_error *err)
{
    ws_bundle *bundle = NULL;
    ws_status status = ws_bundle_open(&bundle, checkpoint, err);

    if (status == WS_OK) {
        point->lacks_validation = ws_bundle_find(bundle, lacks_validation_name) != NULL;
        status = read_plateau(bundle, &point->plateau, err);
    }
    ws_bundle_close(bundle);
    return status;
}

ws_status ws_saver_read(const char *checkpoint, const ws_saved_arrays *arrays,
                        ws_saved_point *point, const ws_log *log, ws_error *err)
{
    ws_saved_point read = {.step = 0};
    ws_status status = ws_saved_arrays_load(checkpoint, arrays, &read.step, log, err);

    if (status == WS_OK)
        status = read_marks(checkpoint, &read, err);
    if (status == WS_OK)
        *point = read;
    return status;
}
