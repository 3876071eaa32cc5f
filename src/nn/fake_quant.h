/**
 * The arithmetic of fake quantisation: which levels a range has, and how a range is learned.
 *
 * Training sees what 8 bits will do to numbers later: each goes to the nearest of 256 levels (255
 * if narrow) that lie evenly in the range. The range is nudged so that zero is a level exactly. It
 * is TensorFlow's FakeQuantWithMinMaxVars; ranges are learned as tf.contrib.quantize did it, and
 * its variables have the names that they had there.
 */
#ifndef WS_NN_FAKE_QUANT_H
#define WS_NN_FAKE_QUANT_H

#include <stddef.h>

#include "nn/graph.h"

/** The numbers that training keeps of a range, and that a checkpoint holds. */
enum {
    WS_RANGE_MIN, /* `<name>/min` */
    WS_RANGE_MAX, /* `<name>/max` */
    /* An average that starts from nothing leans towards zero by a known factor, which these undo.
     * Only WS_RANGE_AVERAGE has them. */
    WS_RANGE_MIN_BIASED, /* `<name>/<name>/min/biased` */
    WS_RANGE_MIN_STEPS,  /* `<name>/<name>/min/local_step`: how many batches it has seen */
    WS_RANGE_MAX_BIASED,
    WS_RANGE_MAX_STEPS,
    WS_RANGE_N_NUMBERS,
};

typedef struct ws_quant_range {
    float numbers[WS_RANGE_N_NUMBERS];
} ws_quant_range;

/** How many of the numbers are variables of a checkpoint: 0, 2 or all. */
size_t ws_quant_range_n_variables(const ws_quantizer *quantizer);

/** Room for the name of such a variable, its NUL included. */
enum { WS_QUANT_RANGE_MAX_NAME = 2 * WS_VARIABLE_MAX_NAME + 32 };

/** Writes the name of the i-th one. */
void ws_quant_range_get_name(const ws_quantizer *quantizer, size_t i,
                             char name[WS_QUANT_RANGE_MAX_NAME]);

/** Before the first training step. */
void ws_quant_range_init(ws_quant_range *range, const ws_quantizer *quantizer);

/**
 * Learns from a training step.
 *
 * @param min, max  of the numbers of this step; zero is taken for one of them
 */
void ws_quant_range_push(ws_quant_range *range, const ws_quantizer *quantizer, float min,
                         float max);

/** The levels of a range. */
typedef struct ws_levels {
    float min, max; /* the first and the last: the range, nudged */
    float scale;    /* from one to the next; 0: the range is nothing but zero */
    float zero;     /* which one is zero, counted from min */
} ws_levels;

/** @param range  min <= 0 <= max, as ws_quant_range_push keeps it and a file must */
void ws_levels_init(ws_levels *levels, const ws_quantizer *quantizer, const ws_quant_range *range);

/**
 * Weights at the levels of WS_RANGE_CHANNELS: -127 to 127 times a scale of each channel.
 *
 * @param x  [n / n_channels, n_channels]
 * @param y  likewise; may be x
 */
void ws_quantize_channels(const float *x, size_t n, size_t n_channels, float *y);

/** The levels of a fixed range. */
void ws_levels_init_fixed(ws_levels *levels, const ws_quantizer *quantizer);

#endif
