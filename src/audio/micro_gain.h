/**
 * The tables of what the fixed-point front end does to a channel's level: the gain that evens out
 * how loud a channel is on the whole (PCAN), and the logarithm. Private to audio/.
 */
#ifndef WS_AUDIO_MICRO_GAIN_H
#define WS_AUDIO_MICRO_GAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WS_MICRO_NOISE_BITS = 10, /* noise is estimated in units of 1/1024 of a level */
    WS_MICRO_LOG_SEGMENTS = 128,
};

typedef struct ws_micro_gain {
    /* The curve of the gain in stretches, from one power of two to the next, by the number of bits
     * of a noise estimate: start + slope f + bend f^2, f from 0 to 1 the place within it. */
    int32_t starts_and_slopes[33]; /* pairs: the start in the lower 16 bits */
    int32_t bends[33];
    int32_t log_corrections[WS_MICRO_LOG_SEGMENTS]; /* log2(1 + x) - x in units of 1/65536, by x in
                                                       units of 1/128, and above 16 bits the step
                                                       to the next */
    int snr_shift; /* after the product of a level and its gain; 0 or more */
    int log_shift; /* to the left, what levels lost in the FFT; may be negative */
} ws_micro_gain;

/** @param fft_length  a power of two, 4 to 32768
 *  @param is_device   single precision throughout, see micro.h */
void ws_micro_gain_init(ws_micro_gain *gain, size_t fft_length, bool is_device);

#endif
