/** Private: weights of one input channel and one block of outputs, to and from their spectrum. */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_WEIGHTS_H
#define WS_NN_ENGINE_FFT_FFTCONV_WEIGHTS_H

#include "nn/engine/fft/fftconv.h"

/** Scratch memory behind that of the transforms. */
float *ws_fftconv_tile_in_work(const ws_fftconv *conv, float *work);

/** One pair of input channel and output block. */
typedef struct fftconv_pair {
    int channel, block;
} fftconv_pair;

void ws_fftconv_pair_forward(const ws_fftconv *conv, const float *weights, fftconv_pair pair,
                             const ws_conv_target *out, float *work);
void ws_fftconv_pair_inverse(const ws_fftconv *conv, const ws_conv_source *in, fftconv_pair pair,
                             float *gradient, float *work);

#endif
