/**
 * Private, compiled once per instruction set: the product of a matrix, whose numbers are broadcast,
 * and a panel, whose rows are lanes:
 *
 *     out [n_rows, PANEL_LANES] = a [n_rows, n_k] panel [n_k, PANEL_LANES]
 *
 * A tile of it is as many rows by as many vectors as fit in registers. Sums go over k in order.
 */
#ifndef WS_NN_ENGINE_COMMON_PANEL_H
#define WS_NN_ENGINE_COMMON_PANEL_H

#include <stdbool.h>
#include <stddef.h>

#include "fft/conv_vec.h"

enum { PANEL_LANES = 32 };

/* Accumulators: 12 x 2, 6 x 2 and 3 x 4 vectors, of 32, 16 and 16 registers. */
#if VEC_SIZE == 16
enum { PANEL_ROWS = 12, PANEL_FEW_ROWS = 4, PANEL_VECS = 2 };
#elif VEC_SIZE == 8
enum { PANEL_ROWS = 6, PANEL_FEW_ROWS = 2, PANEL_VECS = 2 };
#else
enum { PANEL_ROWS = 3, PANEL_FEW_ROWS = 1, PANEL_VECS = 4 };
#endif

typedef struct panel_product {
    const float *a;
    size_t a_row, a_k; /* floats from one row of a, and from one k, to the next */
    const float *panel;
    size_t n_k;
    float *out;
    size_t out_row; /* floats */
} panel_product;

/** PANEL_VECS vectors of n_rows rows, from `lane` on.
 *  @param add  to what out holds */
INLINE void panel_tile(const panel_product *p, int n_rows, int lane, bool add)
{
    vec sums[PANEL_ROWS][PANEL_VECS];
    const float *a = p->a, *b = p->panel + lane;

    UNROLL
    for (int m = 0; m < n_rows; m++) {
        UNROLL
        for (int v = 0; v < PANEL_VECS; v++) {
            const float *at = p->out + (size_t)m * p->out_row + lane + v * VEC_SIZE;
            sums[m][v] = add ? vec_load(at) : vec_zero();
        }
    }
    for (size_t k = 0; k < p->n_k; k++, a += p->a_k, b += PANEL_LANES) {
        vec columns[PANEL_VECS];
        UNROLL
        for (int v = 0; v < PANEL_VECS; v++) {
            columns[v] = vec_load(b + v * VEC_SIZE);
            vec_pin(&columns[v]);
        }
        UNROLL
        for (int m = 0; m < n_rows; m++) {
            UNROLL
            for (int v = 0; v < PANEL_VECS; v++)
                sums[m][v] += a[(size_t)m * p->a_row] * columns[v];
        }
    }
    UNROLL
    for (int m = 0; m < n_rows; m++) {
        UNROLL
        for (int v = 0; v < PANEL_VECS; v++)
            vec_store(p->out + (size_t)m * p->out_row + lane + v * VEC_SIZE, sums[m][v]);
    }
}

/** Whole tiles of n_rows rows as long as they last. @return rows that are left */
INLINE size_t panel_rows(panel_product *p, size_t left, int n_rows, bool add)
{
    for (; left >= (size_t)n_rows; left -= (size_t)n_rows) {
        for (int lane = 0; lane < PANEL_LANES; lane += PANEL_VECS * VEC_SIZE)
            panel_tile(p, n_rows, lane, add);
        p->a += (size_t)n_rows * p->a_row;
        p->out += (size_t)n_rows * p->out_row;
    }
    return left;
}

INLINE void panel_multiply(panel_product p, size_t n_rows, bool add)
{
    size_t left = panel_rows(&p, n_rows, PANEL_ROWS, add);
    left = panel_rows(&p, left, PANEL_FEW_ROWS, add);
    (void)panel_rows(&p, left, 1, add);
}

#endif
