/**
 * The number arrays in a checkpoint other than global_step: the name and shape of each, and
 * where its numbers are during a run.
 *
 *     <parameter>, <state>        of the graph
 *     <parameter>/<slot>          what the optimiser stores, such as first_weights/Momentum
 *     beta1_power, beta2_power    the same, of an optimiser that counts its steps in them
 *     <parameter>/ExponentialMovingAverage    the average that a run with --ema is judged by
 *     <quantizer>/min, .../max    and the rest of a range (nn/fake_quant.h)
 *
 * The names are TensorFlow's.
 */
#ifndef WS_RECOGNIZE_SAVED_ARRAYS_H
#define WS_RECOGNIZE_SAVED_ARRAYS_H

#include "base/log.h"
#include "checkpoint/bundle.h"
#include "nn/fake_quant.h"
#include "nn/graph.h"

/** Where the numbers are; all is borrowed. */
typedef struct ws_saved_arrays {
    const ws_graph *graph;
    float *parameters;             /* [graph->n_weights] */
    float *states;                 /* [graph->n_state_numbers] */
    const char *const *slot_names; /* of the optimiser's slots, then NULL; NULL: it has none */
    float *const *slots;           /* [graph->n_weights] for each name */
    float *powers;                 /* [2] numbers that are slots of no parameter; NULL: none */
    float *averages;        /* [graph->n_weights] of a run with --ema; NULL: there are none */
    ws_quant_range *ranges; /* [graph->n_quantizers] */
    bool takes_averages;    /* parameters become the averages where a checkpoint has them */
    bool is_final; /* nothing will be trained: --quantize must be given exactly if the checkpoint
                      was trained with it */
} ws_saved_arrays;

enum { WS_SAVED_MAX_NAME = WS_QUANT_RANGE_MAX_NAME }; /* the longest, its NUL included */

/** The kind of an array. */
typedef enum ws_saved_kind {
    WS_SAVED_PARAMETER,
    WS_SAVED_STATE,
    WS_SAVED_SLOT,
    WS_SAVED_AVERAGE,
    WS_SAVED_RANGE
} ws_saved_kind;

typedef struct ws_saved_array {
    ws_saved_kind kind;
    char name[WS_SAVED_MAX_NAME];
    size_t n_dims; /* 0: one number */
    int64_t dims[WS_VARIABLE_MAX_DIMS];
    float *data; /* [size] */
    size_t size; /* numbers */
} ws_saved_array;

/** The number of arrays. */
size_t ws_saved_arrays_count(const ws_saved_arrays *arrays);

/** Lists them. @param list  [ws_saved_arrays_count] filled */
void ws_saved_arrays_list(const ws_saved_arrays *arrays, ws_saved_array *list);

/** The first array of a list with a number that is not finite; NULL if all numbers are finite. */
const ws_saved_array *ws_saved_arrays_find_nonfinite(const ws_saved_array *list, size_t n);

/**
 * Reads them from a checkpoint, ours or TensorFlow's. If the checkpoint lacks all slots or all
 * ranges (it was trained in another way), those stay unchanged and the log says so; if it lacks all
 * averages, they become the parameters. The log also names arrays that this run does not use.
 *
 * @param checkpoint  the name of the bundle, for messages
 * @param log         may be NULL
 * @return WS_OK; WS_EUSAGE if arrays are final and --quantize is wrong for it; WS_EFORMAT if it
 * does not fit the graph (naming the array), lacks some of what it has, has a number that is not
 * finite, or is damaged; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_saved_arrays_read(const ws_saved_arrays *arrays, const ws_bundle *bundle,
                                             const char *checkpoint, const ws_log *log,
                                             ws_error *err);

/**
 * Opens a checkpoint and reads it as ws_saved_arrays_read does.
 *
 * @param checkpoint  prefix as ws_checkpoint_locate gives it
 * @param step        set to its global_step
 */
WS_MUST_CHECK ws_status ws_saved_arrays_load(const char *checkpoint, const ws_saved_arrays *arrays,
                                             int64_t *step, const ws_log *log, ws_error *err);

#endif
