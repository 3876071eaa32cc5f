#include "kernels/guarded.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"

enum { GUARD = 64, GUARD_BYTE = 0xff }; /* bytes around every array; as floats they are NaN */

guarded guarded_create(size_t n)
{
    guarded array = {.n = n};
    const size_t n_bytes = ws_arena_round(n * sizeof(float)) + 2 * (size_t)GUARD;
    array.memory = aligned_alloc(64, n_bytes);
    assert_non_null(array.memory);
    memset(array.memory, GUARD_BYTE, n_bytes); /* also what nobody writes must show */
    array.at = (float *)(void *)(array.memory + GUARD);
    return array;
}

void guarded_destroy(guarded *array)
{
    for (size_t i = 0; i < GUARD; i++) {
        assert_int_equal(array->memory[i], GUARD_BYTE);
        assert_int_equal(array->memory[GUARD + array->n * sizeof(float) + i], GUARD_BYTE);
    }
    free(array->memory);
}

void fill_random(float *x, size_t n, uint32_t stream)
{
    ws_random random;
    ws_random_init(&random, 7, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(2.0 * ws_random_uniform(&random) - 1.0);
}

double relative_error(const float *x, const double *exact, size_t n)
{
    double error = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        const double difference = fabs((double)x[i] - exact[i]);
        error = difference > error || isnan(difference) ? difference : error;
        largest = fabs(exact[i]) > largest ? fabs(exact[i]) : largest;
    }
    return largest > 0 ? error / largest : error;
}

void assert_error_below(const char *what, double error, double bound)
{
    if (!(error <= bound))
        fail_msg("%s: error %.2e of the largest, bound %.1e", what, error, bound);
}

void *zeros_create(size_t n, size_t size)
{
    void *memory = calloc(n, size);
    assert_non_null(memory);
    return memory;
}
