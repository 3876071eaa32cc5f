/**
 * Two-dimensional FFTs of small real images for fast convolution, 16 images side by side.
 *
 * An element of an image is 16 floats, one per lane (a channel, or a sample); a complex number is
 * 32 floats, 16 real parts and 16 imaginary ones. No operation mixes lanes.
 *
 * The grid is n_h x n_w with n_w even, each a product of pairwise coprime factors out of
 * 2, 3, 4, 5, 7, 8, 11, 16. Good and Thomas: for N = r1 r2 r3 write the place n and the frequency
 * k as
 *
 *     n = (N/r1 n1 + N/r2 n2 + N/r3 n3) mod N,        k = ki mod ri for each i;
 *
 * then exp(-2 pi i n k / N) is the product of exp(-2 pi i ni ki / ri): an N-point transform is an
 * r1 x r2 x r3 - point one without any factors between its stages. The frequency ends at position
 * p = (k2 r1 + k1) r3 + k3, an unusual order, which does not matter for products
 * of spectra.
 *
 *     image [h, w]  -- rows: real transforms of n_w -->  grid [h, n_w/2] complex
 *                   -- columns: complex transforms of n_h -->  spectrum [n_w/2][n_h] complex
 *
 * A real row has two real frequencies, 0 and n_w/2 ("DC" and "Nyquist"). They travel as the real
 * and the imaginary part of column 0; after the column transform they are separated by
 *
 *     A[k] = (Z[k] + conj Z[-k]) / 2,    B[k] = (Z[k] - conj Z[-k]) / 2i,
 *
 * and as both are conjugate-symmetric, A is kept at the position of k and B at that of -k. Where
 * k = -k (0, and n_h/2 if n_h is even) both are real: B goes to an extra frequency after all
 * columns. So there are n_freqs = n_h n_w / 2 + n_extra frequencies.
 */
#ifndef WS_FFT_CONV_FFT_H
#define WS_FFT_CONV_FFT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

#define WS_CONV_LANES   ((ptrdiff_t)16)
#define WS_CONV_COMPLEX (2 * WS_CONV_LANES) /* floats of a complex element */
#define WS_CONV_MAX_H   1232                /* 7 x 11 x 16 */
#define WS_CONV_MAX_W   176                 /* 11 x 16 */

/** The sizes of a grid and its tables. Plain data: copied and dropped freely. */
typedef struct ws_conv_fft {
    int n_h, n_w;
    int h_factors[3]; /* product n_h, each 1 or one of the factors, ascending but for ones */
    int w_factors[2]; /* product n_w */
    int n_columns;    /* n_w / 2 */
    int n_extra;      /* 1 or 2 */
    int n_freqs;      /* n_columns * n_h + n_extra */
    int grid_stride;  /* complex elements of a row of the grid: odd, at least n_columns */
    int16_t h_negative[WS_CONV_MAX_H]; /* position of k -> position of -k */
} ws_conv_fft;

/**
 * Which part of the grid an image covers, and how: everything else is zero in a forward
 * transform, and not computed to the end in an inverse one.
 */
typedef struct ws_conv_window {
    int n_rows, n_cols;
    int16_t col_of[WS_CONV_MAX_W];   /* points of a row in the order of its butterflies -> column
                                        of the image, or -1 */
    int32_t row_from[WS_CONV_MAX_H]; /* points of a column in the order of the first stage ->
                                        floats from the grid's start: the row, or one of zeros */
    int32_t row_to[WS_CONV_MAX_H];   /* the same for the last stage of an inverse: the row, or one
                                        that nobody reads */
} ws_conv_window;

/** A spectrum, or one column of it, to be filled. The complex number of frequency (position) f
 *  is at freqs + f * stride; whole spectra have the extra frequencies after all columns. */
typedef struct ws_conv_target {
    float *freqs;
    float *extra;         /* the extra frequencies, same stride; read for column 0 only */
    size_t stride;        /* floats from one frequency to the next */
    const float *factors; /* NULL, or one complex number (re, im) for each frequency: its conjugate
                             times the spectrum is added to what is there. Only for near memory,
                             stride = WS_CONV_COMPLEX. */
} ws_conv_target;

/** The same, to be read. */
typedef struct ws_conv_source {
    const float *freqs;
    const float *extra;
    size_t stride;
    const float *factors; /* NULL, or each frequency is multiplied with one; as above */
    const float *fetch;   /* freqs of what comes next, to be fetched into cache; or NULL */
} ws_conv_source;

/** The kernels of one instruction set; see the functions below for whole images. */
typedef struct ws_conv_kernels {
    /** Rows first .. first + n - 1 of the image to the grid. rows: [n, n_cols, 16]. */
    void (*rows_forward)(const ws_conv_fft *fft, const ws_conv_window *window, const float *rows,
                         int first, int n, float *work);
    /** All rows have gone forward: one column of the grid to its frequencies. */
    void (*column_forward)(const ws_conv_fft *fft, const ws_conv_window *window, int index,
                           const ws_conv_target *out, float *work);
    /** One column of the spectrum to the grid. */
    void (*column_inverse)(const ws_conv_fft *fft, const ws_conv_window *window, int index,
                           const ws_conv_source *in, float *work);
    /** All columns have gone back: rows first .. first + n - 1 of the image, times n_h n_w. */
    void (*rows_inverse)(const ws_conv_fft *fft, const ws_conv_window *window, float *rows,
                         int first, int n, float *work);
    /** To be called when forward columns are done, before another thread reads them. */
    void (*finish)(void);
} ws_conv_kernels;

/** The kernels for a level that this processor has. */
const ws_conv_kernels *ws_conv_kernels_get(ws_cpu_level level);

/** Fills in a grid of exactly that size; both must have been found by ws_conv_size_find. */
void ws_conv_fft_init(ws_conv_fft *fft, int n_h, int n_w);

/** What one transform of an image with n_rows costs, in vector operations; negative if there is no
 *  grid of n_h x n_w. */
double ws_conv_cost_get(int n_h, int n_w, int n_rows);

/** Single products and sums that one transform of an image with n_rows does, for each lane. */
double ws_conv_count_operations(const ws_conv_fft *fft, int n_rows);

/**
 * Finds the cheapest grid of at least min_h x min_w.
 *
 * @param n_rows         rows of the images that are transformed
 * @param cost_per_freq  vector operations of the product at one frequency, for each transform
 * @return WS_OK, or WS_ELIMIT if no grid is large enough
 */
WS_MUST_CHECK ws_status ws_conv_size_find(int min_h, int min_w, int n_rows, double cost_per_freq,
                                          int size[2], ws_error *err);

/** The window of an image of n_rows x n_cols that starts at place (0, 0). */
void ws_conv_window_init(ws_conv_window *window, const ws_conv_fft *fft, int n_rows, int n_cols);

/** The window of a kernel of n_rows x n_cols whose tap (a, b) lies at the place
 *  ((pad_top - a) mod n_h, (pad_left - b) mod n_w): reversed, so that a product of spectra is the
 *  correlation that a layer computes. */
void ws_conv_window_init_kernel(ws_conv_window *window, const ws_conv_fft *fft, int n_rows,
                                int n_cols, int pad_top, int pad_left);

/** Floats of scratch memory that a transform needs, aligned to 64 bytes; one per thread. */
size_t ws_conv_work_get_floats(const ws_conv_fft *fft);

/**
 * Whole images, [n_rows, n_cols, 16] of the window, to and from whole spectra: frequency
 * f = c n_h + p of column c and position p. Forward fills every frequency; inverse gives the image
 * times n_h n_w.
 */
void ws_conv_forward(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                     const ws_conv_window *window, const float *image, const ws_conv_target *out,
                     float *work);
void ws_conv_inverse(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                     const ws_conv_window *window, const ws_conv_source *in, float *image,
                     float *work);

/** The first half of ws_conv_inverse, for callers that take the rows one by one. */
void ws_conv_columns_inverse(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                             const ws_conv_window *window, const ws_conv_source *in, float *work);
/** The second half of ws_conv_forward. */
void ws_conv_columns_forward(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                             const ws_conv_window *window, const ws_conv_target *out, float *work);

#endif
