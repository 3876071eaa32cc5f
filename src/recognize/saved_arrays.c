#include "recognize/saved_arrays.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/** A variable or, with slot, its slot. */
static ws_saved_array describe_variable(ws_saved_kind kind, const ws_variable *variable,
                                        float *values, const char *slot)
{
    ws_saved_array array = {
        .kind = kind,
        .n_dims = variable->n_dims,
        .data = values + variable->offset,
        .size = variable->size,
    };
    for (size_t d = 0; d < variable->n_dims; d++)
        array.dims[d] = (int64_t)variable->dims[d];
    (void)snprintf(array.name, sizeof array.name, "%s%s%s", variable->name, slot != NULL ? "/" : "",
                   slot != NULL ? slot : "");
    return array;
}

static const char *const power_names[] = {"beta1_power", "beta2_power"};
enum { N_POWERS = sizeof power_names / sizeof *power_names };

static const char average_name[] = "ExponentialMovingAverage";

static size_t count_slots(const ws_saved_arrays *arrays)
{
    size_t n = 0;

    while (arrays->slot_names != NULL && arrays->slot_names[n] != NULL)
        n++;
    return n;
}

size_t ws_saved_arrays_count(const ws_saved_arrays *arrays)
{
    const ws_graph *graph = arrays->graph;
    size_t n = graph->n_parameters * (1 + count_slots(arrays) + (arrays->averages != NULL)) +
               graph->n_states + (arrays->powers != NULL ? N_POWERS : 0);

    for (size_t q = 0; q < graph->n_quantizers; q++)
        n += ws_quant_range_n_variables(&graph->quantizers[q]);
    return n;
}

void ws_saved_arrays_list(const ws_saved_arrays *arrays, ws_saved_array *list)
{
    const ws_graph *graph = arrays->graph;
    size_t n = 0;

    for (size_t p = 0; p < graph->n_parameters; p++)
        list[n++] =
            describe_variable(WS_SAVED_PARAMETER, &graph->parameters[p], arrays->parameters, NULL);
    for (size_t s = 0; s < count_slots(arrays); s++)
        for (size_t p = 0; p < graph->n_parameters; p++)
            list[n++] = describe_variable(WS_SAVED_SLOT, &graph->parameters[p], arrays->slots[s],
                                          arrays->slot_names[s]);
    for (size_t p = 0; arrays->averages != NULL && p < graph->n_parameters; p++)
        list[n++] = describe_variable(WS_SAVED_AVERAGE, &graph->parameters[p], arrays->averages,
                                      average_name);
    for (size_t i = 0; arrays->powers != NULL && i < N_POWERS; i++) {
        list[n] = (ws_saved_array){.kind = WS_SAVED_SLOT, .data = &arrays->powers[i], .size = 1};
        (void)snprintf(list[n].name, sizeof list[n].name, "%s", power_names[i]);
        n++;
    }
    for (size_t i = 0; i < graph->n_states; i++)
        list[n++] = describe_variable(WS_SAVED_STATE, &graph->states[i], arrays->states, NULL);
    for (size_t q = 0; q < graph->n_quantizers; q++) {
        const size_t n_variables = ws_quant_range_n_variables(&graph->quantizers[q]);
        for (size_t i = 0; i < n_variables; i++) {
            list[n] = (ws_saved_array){
                .kind = WS_SAVED_RANGE, .data = &arrays->ranges[q].numbers[i], .size = 1};
            ws_quant_range_get_name(&graph->quantizers[q], i, list[n++].name);
        }
    }
}

const ws_saved_array *ws_saved_arrays_find_nonfinite(const ws_saved_array *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i].size; k++)
            if (!isfinite(list[i].data[k]))
                return &list[i];
    return NULL;
}

static ws_status read_array(const ws_bundle *bundle, const char *checkpoint,
                            const ws_saved_array *array, ws_error *err)
{
    ws_error reason = {.status = WS_OK};
    ws_bundle_wanted wanted = {
        .name = array->name, .dtype = WS_BUNDLE_FLOAT32, .n_dims = array->n_dims};

    memcpy(wanted.dims, array->dims, sizeof array->dims);
    const ws_status status = ws_bundle_read_wanted(bundle, &wanted, array->data, &reason);
    if (status == WS_ENOTFOUND || status == WS_EINVAL)
        return ws_fail(err, WS_EFORMAT,
                       "%s does not fit these flags: %s; are --model_architecture, --wanted_words "
                       "and the feature flags those that it was trained with?",
                       checkpoint, reason.message);
    if (status != WS_OK && err != NULL)
        *err = reason;
    return status;
}

/** A checkpoint being read. */
typedef struct reading {
    const ws_saved_arrays *arrays;
    ws_saved_array *list; /* [n] */
    size_t n;
    const ws_bundle *bundle;
    const char *checkpoint;
    const ws_log *log;
} reading;

/** The number of arrays of a kind, and how many of those the checkpoint has. */
static size_t count_kind(const reading *at, ws_saved_kind kind, size_t *n_found)
{
    size_t n_all = 0;

    *n_found = 0;
    for (size_t i = 0; i < at->n; i++) {
        if (at->list[i].kind != kind)
            continue;
        n_all++;
        *n_found += ws_bundle_find(at->bundle, at->list[i].name) != NULL;
    }
    return n_all;
}

static bool is_average_name(const char *name)
{
    return ws_text_has_suffix(name, average_name);
}

static bool is_slot_name(const ws_graph *graph, const char *name)
{
    if (is_average_name(name))
        return false;
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const size_t length = strlen(graph->parameters[p].name);
        if (strncmp(name, graph->parameters[p].name, length) == 0 && name[length] == '/')
            return true;
    }
    return false;
}

static bool is_range_name(const char *name)
{
    return strncmp(name, "act_quant", strlen("act_quant")) == 0 ||
           strncmp(name, "weights_quant", strlen("weights_quant")) == 0;
}

/** The first entry with the name of a slot, an average or a range; or NULL. */
static const char *find_unused(const reading *at, ws_saved_kind kind)
{
    size_t n = 0;
    const ws_bundle_entry *entries = ws_bundle_entries(at->bundle, &n);

    for (size_t i = 0; i < n; i++) {
        const char *name = entries[i].name;
        if (kind == WS_SAVED_RANGE     ? is_range_name(name)
            : kind == WS_SAVED_AVERAGE ? is_average_name(name)
                                       : is_slot_name(at->arrays->graph, name))
            return name;
    }
    return NULL;
}

/** The flag that a run has arrays of an optional kind with. */
static const char *flag_of(ws_saved_kind kind)
{
    return kind == WS_SAVED_SLOT      ? "another --optimizer"
           : kind == WS_SAVED_AVERAGE ? "--ema"
                                      : "--quantize";
}

/** The checkpoint has no arrays of a kind that this run uses: says so, and what becomes of them. */
static void note_missing(const reading *at, ws_saved_kind kind)
{
    const ws_saved_arrays *arrays = at->arrays;

    if (kind == WS_SAVED_AVERAGE)
        memcpy(arrays->averages, arrays->parameters,
               arrays->graph->n_weights * sizeof *arrays->averages);
    if (kind == WS_SAVED_AVERAGE)
        ws_log_write(at->log, WS_LOG_INFO,
                     "%s was trained without --ema: the average starts from its weights",
                     at->checkpoint);
    else if (kind == WS_SAVED_SLOT)
        ws_log_write(at->log, WS_LOG_INFO,
                     "%s was trained with another --optimizer: \"%s\" starts from zero",
                     at->checkpoint, at->arrays->slot_names[0]);
    else
        ws_log_write(at->log, WS_LOG_INFO,
                     "%s was trained without --quantize: ranges are learned from here on",
                     at->checkpoint);
}

/** This run uses no arrays of a kind: warns if the checkpoint has some. */
static void note_unused(const reading *at, ws_saved_kind kind)
{
    const char *unused = find_unused(at, kind);

    if (unused != NULL)
        ws_log_write(at->log, WS_LOG_INFO,
                     "%s was trained with %s: \"%s\" and the like are not used", at->checkpoint,
                     flag_of(kind), unused);
}

/** Fails unless the checkpoint has ranges exactly if the graph has some: without training they
 * cannot be learned, and scores would be wrong without a warning. */
static ws_status check_final(const reading *at, bool is_wanted, bool is_there, ws_error *err)
{
    if (is_wanted && !is_there)
        return ws_fail(err, WS_EUSAGE,
                       "--quantize: %s has no ranges, such as \"act_quant/max\": it was trained "
                       "without; leave the flag out",
                       at->checkpoint);
    if (!is_wanted && find_unused(at, WS_SAVED_RANGE) != NULL)
        return ws_fail(err, WS_EUSAGE,
                       "%s was trained with --quantize (it has \"%s\"): the flag must be given",
                       at->checkpoint, find_unused(at, WS_SAVED_RANGE));
    return WS_OK;
}

static ws_status read_kind(const reading *at, ws_saved_kind kind, ws_error *err)
{
    size_t n_found = 0;
    const size_t n_all = count_kind(at, kind, &n_found);
    ws_status status = WS_OK;

    if (kind == WS_SAVED_RANGE && at->arrays->is_final)
        status = check_final(at, n_all > 0, n_found > 0, err);
    if (status != WS_OK)
        return status;
    const bool is_optional = kind != WS_SAVED_PARAMETER && kind != WS_SAVED_STATE;
    if (is_optional && n_all == 0) {
        if (kind != WS_SAVED_AVERAGE || !at->arrays->takes_averages)
            note_unused(at, kind);
        return WS_OK;
    }
    if (is_optional && n_found == 0) {
        note_missing(at, kind);
        return WS_OK;
    }
    for (size_t i = 0; status == WS_OK && i < at->n; i++)
        if (at->list[i].kind == kind)
            status = read_array(at->bundle, at->checkpoint, &at->list[i], err);
    return status;
}

/** Averages in place of the parameters that were read, if the checkpoint has them. */
static ws_status take_averages(const reading *at, ws_error *err)
{
    const ws_graph *graph = at->arrays->graph;
    ws_status status = WS_OK;

    if (find_unused(at, WS_SAVED_AVERAGE) == NULL)
        return WS_OK;
    for (size_t p = 0; status == WS_OK && p < graph->n_parameters; p++) {
        const ws_saved_array average = describe_variable(WS_SAVED_AVERAGE, &graph->parameters[p],
                                                         at->arrays->parameters, average_name);
        status = read_array(at->bundle, at->checkpoint, &average, err);
    }
    return status;
}

/** With NaN or infinity nothing can be computed, and training would end at its first step. */
static ws_status check_finite(const reading *at, ws_error *err)
{
    const ws_saved_array *bad = ws_saved_arrays_find_nonfinite(at->list, at->n);

    if (bad == NULL)
        return WS_OK;
    return ws_fail(err, WS_EFORMAT,
                   "%s: \"%s\" has a number that is not finite; expected the checkpoint of a run "
                   "that did not diverge",
                   at->checkpoint, bad->name);
}

/** A file can contain any range; training makes only ranges that include zero. */
static ws_status check_ranges(const ws_saved_arrays *arrays, const char *checkpoint, ws_error *err)
{
    for (size_t q = 0; q < arrays->graph->n_quantizers; q++) {
        const float *numbers = arrays->ranges[q].numbers;
        const float min = numbers[WS_RANGE_MIN], max = numbers[WS_RANGE_MAX];
        if (!isfinite(min) || !isfinite(max) || min > 0.0f || max < 0.0f)
            return ws_fail(err, WS_EFORMAT,
                           "%s: the range \"%s\" is %g to %g, expected finite numbers with zero "
                           "between them",
                           checkpoint, arrays->graph->quantizers[q].name, (double)min, (double)max);
    }
    return WS_OK;
}

ws_status ws_saved_arrays_read(const ws_saved_arrays *arrays, const ws_bundle *bundle,
                               const char *checkpoint, const ws_log *log, ws_error *err)
{
    static const ws_saved_kind kinds[] = {WS_SAVED_PARAMETER, WS_SAVED_STATE, WS_SAVED_SLOT,
                                          WS_SAVED_AVERAGE, WS_SAVED_RANGE};
    reading at = {.arrays = arrays, .bundle = bundle, .checkpoint = checkpoint, .log = log};
    ws_status status = WS_OK;

    at.n = ws_saved_arrays_count(arrays);
    at.list = calloc(at.n + 1, sizeof *at.list);
    if (at.list == NULL)
        return ws_fail_memory(err, "the arrays of a checkpoint");
    ws_saved_arrays_list(arrays, at.list);
    for (size_t k = 0; status == WS_OK && k < sizeof kinds / sizeof *kinds; k++)
        status = read_kind(&at, kinds[k], err);
    if (status == WS_OK && arrays->takes_averages)
        status = take_averages(&at, err);
    if (status == WS_OK)
        status = check_finite(&at, err);
    if (status == WS_OK)
        status = check_ranges(arrays, checkpoint, err);
    free(at.list);
    return status;
}

ws_status ws_saved_arrays_load(const char *checkpoint, const ws_saved_arrays *arrays, int64_t *step,
                               const ws_log *log, ws_error *err)
{
    ws_bundle *bundle = NULL;
    int64_t global_step = 0;
    ws_status status = ws_bundle_open(&bundle, checkpoint, err);

    if (status == WS_OK)
        status = ws_saved_arrays_read(arrays, bundle, checkpoint, log, err);
    if (status == WS_OK)
        status = ws_bundle_read_wanted(
            bundle, &(ws_bundle_wanted){.name = "global_step", .dtype = WS_BUNDLE_INT64},
            &global_step, err);
    if (status == WS_OK && (global_step < 0 || global_step >= INT32_MAX))
        status = ws_fail(err, WS_EFORMAT, "%s: its global_step is %lld, expected 0 to %d",
                         checkpoint, (long long)global_step, INT32_MAX - 1);
    if (status == WS_OK)
        *step = global_step;
    ws_bundle_close(bundle);
    return status;
}
