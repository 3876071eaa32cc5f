/**
 * Clips at another speed, so that their pitch and their vowels change, too: a windowed sinc of 16
 * taps. Speeds are a few even steps, each with its own table, which cuts what a faster clip has no
 * room for.
 */
#ifndef WS_DATASET_SPEED_H
#define WS_DATASET_SPEED_H

#include <stddef.h>

#include "base/cpu.h"
#include "base/status.h"
#include "dataset/augment.h"

/** Speeds of a table: from 1 - most to 1 + most. */
enum { WS_N_SPEEDS = 21 };

typedef struct ws_speed ws_speed;

/**
 * Makes the tables.
 *
 * @param most  largest change, above 0 and at most 0.5
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_speed_create(double most, ws_speed **speed, ws_error *err);

/** NULL is fine. */
void ws_speed_destroy(ws_speed *speed);

/** The factor of speed i, below WS_N_SPEEDS. */
double ws_speed_get_factor(const ws_speed *speed, size_t i);

/** Numbers that ws_speed_run needs besides, for clips of n samples. */
size_t ws_speed_scratch(size_t n);

/**
 * out[i] = the clip at the place n/2 + (i - n/2) * factor, so that its middle stays where it is;
 * zeros where there is no clip. Places are in steps of 1/256 sample.
 *
 * @param samples  at most n are read; they may be int16 or floats
 * @param scratch  [ws_speed_scratch(n)]
 * @param out      [n], overlapping neither samples nor scratch
 * @param level    of the kernels; all give the same bits
 */
void ws_speed_run(const ws_speed *speed, size_t i, const ws_samples *samples, float *scratch,
                  float *out, size_t n, ws_cpu_level level);

#endif
