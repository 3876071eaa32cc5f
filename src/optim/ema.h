/** An exponential moving average of the weights: steadier than the weights of any single step. */
#ifndef WS_OPTIM_EMA_H
#define WS_OPTIM_EMA_H

#include <stddef.h>
#include <stdint.h>

/**
 * The share of the average that a step keeps: TensorFlow's min(decay, (1 + step) / (10 + step)), so
 * that the first, random weights are soon forgotten.
 *
 * @param decay  0 <= decay < 1
 * @param step   of the run, from 1
 */
double ws_ema_get_decay(double decay, int64_t step);

/**
 * Moves averages towards the weights: a <- a - (1 - decay) (a - w).
 *
 * @param averages   [n] changed in place
 * @param weights    [n]
 * @param n_threads  0: all that the process may use; they change no bit
 */
void ws_ema_run(float *averages, const float *weights, size_t n, double decay, unsigned n_threads);

#endif
