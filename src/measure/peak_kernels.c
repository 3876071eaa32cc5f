#include "measure/peak_kernels.h"

#include "fft/conv_vec.h"

/* Enough independent chains: a sum takes four cycles, and two can begin per cycle. They fit into
 * the registers even on levels that have few. */
enum { N_CHAINS = 12, N_READS = 16 };

static float multiply_add(size_t n_rounds)
{
    vec sums[N_CHAINS];
    vec total = {0};

    UNROLL
    for (int i = 0; i < N_CHAINS; i++)
        sums[i] = total + (float)i;
    const vec factor = total + 0.999f, summand = total + 0.001f;
    for (size_t round = 0; round < n_rounds; round++) {
        UNROLL
        for (int i = 0; i < N_CHAINS; i++)
            sums[i] = sums[i] * factor + summand;
    }
    UNROLL
    for (int i = 0; i < N_CHAINS; i++)
        total += sums[i];
    return total[0];
}

static float read(const float *numbers, size_t n)
{
    vec sums[N_READS];
    vec total = {0};

    UNROLL
    for (int i = 0; i < N_READS; i++)
        sums[i] = total;
    for (size_t at = 0; at < n; at += (size_t)N_READS * VEC_SIZE) {
        UNROLL
        for (int i = 0; i < N_READS; i++)
            sums[i] += vec_load(numbers + at + i * VEC_SIZE);
    }
    UNROLL
    for (int i = 0; i < N_READS; i++)
        total += sums[i];
    return total[0];
}

extern const ws_peak_kernels LEVEL_NAME(ws_peak_kernels);
const ws_peak_kernels LEVEL_NAME(ws_peak_kernels) = {
    .n_operations = (size_t)2 * N_CHAINS * VEC_SIZE,
    .multiply_add = multiply_add,
    .read = read,
};
