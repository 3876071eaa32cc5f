/*
 * cos(pi k (j + 1/2) / n) is for j and n-1-j the same but for the sign (-1)^k. So even k need only
 * the sums of such pairs, odd ones their differences: half the products. If n is odd, the number
 * in the middle counts for even k as it is, and not at all for odd ones.
 */
#include "audio/dct.h"

#include <math.h>
#include <stdlib.h>

#include "audio/mel_kernels.h"

static size_t count_blocks(size_t n)
{
    return (n + WS_DCT_BLOCK - 1) / WS_DCT_BLOCK;
}

/** The cosines for k = first, first + 2, ...: [n_half, WS_DCT_BLOCK], zero beyond the last k. */
static void fill_block(const ws_dct *dct, size_t first, double *cosines)
{
    const double factor = sqrt(2.0 / (double)dct->n_in);
    const double angle = 3.14159265358979323846 / (double)dct->n_in;

    for (size_t j = 0; j < (dct->n_in + 1) / 2; j++) {
        const int is_middle = 2 * j + 1 == dct->n_in;
        for (size_t i = 0; i < WS_DCT_BLOCK; i++) {
            const size_t k = first + 2 * i;
            const int is_zero = k >= dct->n_out || (is_middle && k % 2 == 1);
            *cosines++ = is_zero ? 0.0 : factor * cos((double)k * angle * ((double)j + 0.5));
        }
    }
}

ws_status ws_dct_init(ws_dct *dct, size_t n_in, size_t n_out, ws_error *err)
{
    *dct = (ws_dct){.n_in = n_in, .n_out = n_out, .level = ws_cpu_level_get_best()};
    if (n_out < 1 || n_out > n_in)
        return ws_fail(err, WS_EINVAL,
                       "cosine transform from %zu to %zu numbers: expected at "
                       "least one and no more than there are",
                       n_in, n_out);
    const size_t block_size = (n_in + 1) / 2 * WS_DCT_BLOCK;
    const size_t n_blocks = count_blocks((n_out + 1) / 2) + count_blocks(n_out / 2);
    dct->cosines = malloc(n_blocks * block_size * sizeof *dct->cosines);
    if (dct->cosines == NULL)
        return ws_fail_memory(err, "a cosine transform");
    double *block = dct->cosines;
    for (size_t odd = 0; odd < 2; odd++) {
        for (size_t first = odd; first < n_out; first += 2 * (size_t)WS_DCT_BLOCK) {
            fill_block(dct, first, block);
            block += block_size;
        }
    }
    return WS_OK;
}

void ws_dct_deinit(ws_dct *dct)
{
    free(dct->cosines);
    *dct = (ws_dct){0};
}

void ws_dct_run(const ws_dct *dct, double *in, double *out)
{
    ws_mel_kernels_get(dct->level)->dct(dct, in, out);
}
