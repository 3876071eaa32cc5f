/** Private: how a transform divides its scratch memory. */
#ifndef WS_FFT_CONV_WORK_H
#define WS_FFT_CONV_WORK_H

#include "fft/conv_fft.h"

typedef struct conv_work {
    float *grid;   /* [n_h + 2, grid_stride] complex: the image between rows and columns, a row of
                      zeros, and one that takes what lies outside of the window */
    float *column; /* [n_h + n_extra] complex: one column between its stages */
    float *packed; /* [n_h] complex: column 0 with two real columns in it */
    float *row;    /* [w_factors[0] / 2 + 1, w_factors[1]] complex: one row between its stages */
    float *waste;  /* one complex: takes points of a row outside of the window */
    float *end;
} conv_work;

/** Floats from the grid's start to a row, of which n_h is the zeros and n_h + 1 the waste. */
static inline size_t conv_grid_offset(const ws_conv_fft *fft, int row)
{
    return (size_t)row * (size_t)fft->grid_stride * WS_CONV_COMPLEX;
}

static inline conv_work conv_work_divide(const ws_conv_fft *fft, float *memory)
{
    const size_t column_floats = (size_t)fft->n_h * WS_CONV_COMPLEX;
    const size_t row_floats =
        (size_t)(fft->w_factors[0] / 2 + 1) * (size_t)fft->w_factors[1] * WS_CONV_COMPLEX;
    conv_work work;

    work.grid = memory;
    work.column = work.grid + conv_grid_offset(fft, fft->n_h + 2);
    work.packed = work.column + column_floats + fft->n_extra * WS_CONV_COMPLEX;
    work.row = work.packed + column_floats;
    work.waste = work.row + row_floats;
    work.end = work.waste + WS_CONV_COMPLEX;
    return work;
}

#endif
