#include "audio/micro_fft.h"

#include <math.h>
#include <stdlib.h>

static const double pi = 3.141592653589793238462643383279502884;

static int32_t pair_of(int32_t low, int32_t high)
{
    return (int32_t)(((uint32_t)low & 0xffff) | (uint32_t)high << 16);
}

static ws_micro_factor factor_at(double phase)
{
    const int32_t re = (int32_t)floor(0.5 + 32767.0 * cos(phase));
    const int32_t im = (int32_t)floor(0.5 + 32767.0 * sin(phase));
    return (ws_micro_factor){.for_re = pair_of(re, -im), .for_im = pair_of(im, re)};
}

/** The digits of i to the bases of the layers, in reverse. The outer layers are of 4. */
static size_t find_place(size_t i, size_t half)
{
    size_t place = 0, unit = 1;
    for (size_t left = half; left > 1;) {
        const size_t base = left % 4 == 0 ? 4 : 2;
        left /= base;
        place += i / left % base * unit;
        unit *= base;
    }
    return place;
}

ws_status ws_micro_fft_init(ws_micro_fft *fft, size_t length, ws_error *err)
{
    const size_t half = length / 2;

    *fft = (ws_micro_fft){
        .half = half,
        .order = malloc(half * sizeof *fft->order),
        .turns = malloc(half * sizeof *fft->turns),
        .splits = malloc((half / 2 + 1) * sizeof *fft->splits),
    };
    if (fft->order == NULL || fft->turns == NULL || fft->splits == NULL) {
        ws_micro_fft_deinit(fft);
        return ws_fail_memory(err, "an FFT in integers");
    }
    for (size_t i = 0; i < half; i++) {
        fft->order[i] = find_place(i, half);
        fft->turns[i] = factor_at(-2.0 * pi * (double)i / (double)half);
    }
    for (size_t k = 0; k <= half / 2; k++)
        fft->splits[k] = factor_at(-pi * ((double)k / (double)half + 0.5));
    return WS_OK;
}

void ws_micro_fft_deinit(ws_micro_fft *fft)
{
    free(fft->order);
    free(fft->turns);
    free(fft->splits);
    *fft = (ws_micro_fft){0};
}
