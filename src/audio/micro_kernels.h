/**
 * The inner loops of the fixed-point front end, tables of them per instruction set. Rows are of
 * WS_MICRO_LANES numbers, a lane a frame, aligned to WS_FFT_ALIGNMENT. Every set gives the same
 * bits. Private to audio/.
 */
#ifndef WS_AUDIO_MICRO_KERNELS_H
#define WS_AUDIO_MICRO_KERNELS_H

#include "audio/micro.h"

/** Of the FFT; numbers are pairs, see micro_fft.h. */
typedef struct ws_micro_fft_kernels {
    /**
     * Windowed samples from the column of the first frame on, in pairs.
     *
     * @param column  samples, see ws_micro_run()
     * @param pairs   [half, lanes]
     * @param shifts  [lanes]: the number of bits by which all samples of a frame can be shifted
     * left
     */
    void (*window)(const ws_micro *micro, const float *column, int32_t *pairs, int32_t *shifts);

    /** The complex transform of the pairs [half, lanes], shifted, to out [half, lanes]. */
    void (*transform)(const ws_micro_fft *fft, const int32_t *pairs, const int32_t *shifts,
                      int32_t *out);

    /** From that to the spectrum of the samples, out [half + 1, lanes]; not in place. */
    void (*split)(const ws_micro_fft *fft, const int32_t *in, int32_t *out);
} ws_micro_fft_kernels;

typedef struct ws_micro_kernels {
    /**
     * Roots of the energy in each channel.
     *
     * @param spectrum  [end_bin or more, lanes] pairs
     * @param shifts    [lanes] what is taken back
     * @param energies  [end_bin, lanes] scratch
     * @param roots     [n_channels, lanes], below 2^26
     */
    void (*channels)(const ws_micro_bank *bank, const int32_t *spectrum, const int32_t *shifts,
                     int32_t *energies, int32_t *roots);

    /**
     * Noise reduction, gain and logarithm of frames, the first n_frames lanes.
     *
     * @param roots  [n_channels, lanes], with room for a multiple of WS_MICRO_LANES channels
     * @param noise  [n_channels], likewise; estimates from the frames before; updated
     * @param out    [n_frames, n_channels]
     */
    void (*finish)(const ws_micro *micro, size_t n_frames, const int32_t *roots, int32_t *noise,
                   float *out);
} ws_micro_kernels;

const ws_micro_fft_kernels *ws_micro_fft_kernels_get(ws_cpu_level level);
const ws_micro_kernels *ws_micro_kernels_get(ws_cpu_level level);

#endif
