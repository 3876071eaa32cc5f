/**
 * The mel channels of the fixed-point front end: triangles that overlap by half, over energies,
 * with weights of 12 bits. A bin between the tops of two triangles counts for both, by two weights
 * that were rounded apart. Private to audio/.
 */
#ifndef WS_AUDIO_MICRO_BANK_H
#define WS_AUDIO_MICRO_BANK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct ws_micro_bank_options {
    size_t n_bins; /* of the spectrum, the last one at half the sample rate; 2 or more */
    int sample_rate_hz;
    size_t n_channels;
    float lower_hz, upper_hz; /* the outer feet of the first and last triangle */
    bool is_device;           /* single precision throughout, see micro.h */
} ws_micro_bank_options;

typedef struct ws_micro_bank {
    size_t n_channels;
    size_t first_bin, end_bin; /* bins that count: first_bin <= i < end_bin */
    size_t *edges;             /* [n_channels + 2] owned; bins edges[i] .. edges[i+1]-1 are between
                                  the tops of triangles i-1 and i */
    double *falling;           /* [end_bin] owned; whole, 0 .. 4096: share of triangle i-1 */
    double *rising;            /* [end_bin] owned; likewise, of triangle i */
} ws_micro_bank;

/** @return WS_OK; WS_EINVAL unless all bins up to upper_hz lie below the last one; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_micro_bank_init(ws_micro_bank *bank,
                                           const ws_micro_bank_options *options, ws_error *err);

/** All zeros is fine. */
void ws_micro_bank_deinit(ws_micro_bank *bank);

#endif
