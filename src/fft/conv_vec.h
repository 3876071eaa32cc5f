/**
 * Private to kernels that are compiled once per instruction set (WS_LEVEL names the build): the
 * vector type as wide as that set's registers, and complex pairs of it.
 *
 * 16 lanes are 1 vector of 16, 2 of 8 or 4 of 4 floats. Kernels walk over them with VEC_LANES, so
 * that a codelet works on registers and never on halves that the compiler had to spill. Vectors
 * never cross the border of a function that is not inlined: no two builds can disagree about how
 * they are passed.
 */
#ifndef WS_FFT_CONV_VEC_H
#define WS_FFT_CONV_VEC_H

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define VEC_SIZE 16
#elif defined(__AVX__)
#define VEC_SIZE 8
#else
#define VEC_SIZE 4
#endif

#define INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/** The name of this build's own version of a table: LEVEL_NAME(ws_x) is ws_x_v3. */
#define LEVEL_NAME_PASTE(name, level)  name##_##level
#define LEVEL_NAME_EXPAND(name, level) LEVEL_NAME_PASTE(name, level)
#define LEVEL_NAME(name)               LEVEL_NAME_EXPAND(name, WS_LEVEL)

#define VEC_LANES(lane) for (int lane = 0; lane < 16; lane += VEC_SIZE)

typedef float vec __attribute__((vector_size(4 * VEC_SIZE)));

typedef struct cvec {
    vec re, im;
} cvec;

INLINE vec vec_load(const float *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void vec_store(float *p, vec v)
{
    memcpy(p, &v, sizeof v);
}

/**
 * A store that goes around the caches, for what is not read again soon. Whole cache lines only:
 * where a vector is a part of a line, the stores to the other parts must be next to it, as half
 * lines are far slower than ordinary stores.
 */
INLINE void vec_stream(float *p, vec v)
{
#if defined(__AVX512F__)
    _mm512_stream_ps(p, (__m512)v);
#elif defined(__AVX__)
    _mm256_stream_ps(p, (__m256)v);
#elif defined(__SSE2__)
    _mm_stream_ps(p, (__m128)v);
#else
    vec_store(p, v);
#endif
}

/** Orders streaming stores before everything that follows. */
INLINE void vec_stream_finish(void)
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

INLINE vec vec_zero(void)
{
    return (vec){0};
}

/** Keeps a value in its register: without it gcc reads it from memory again for every use, and the
 *  loads become the bottleneck (measured: 78 instead of 110 GFLOP/s). Generates no code. */
INLINE void vec_pin(vec *v)
{
#if defined(__AVX512F__)
    __asm__("" : "+v"(*v));
#elif defined(__SSE2__)
    __asm__("" : "+x"(*v));
#else
    (void)v;
#endif
}

INLINE cvec cvec_load(const float *re, const float *im)
{
    return (cvec){vec_load(re), vec_load(im)};
}

INLINE cvec cvec_add(cvec a, cvec b)
{
    return (cvec){a.re + b.re, a.im + b.im};
}

INLINE cvec cvec_sub(cvec a, cvec b)
{
    return (cvec){a.re - b.re, a.im - b.im};
}

/** -i a */
INLINE cvec cvec_turn(cvec a)
{
    return (cvec){a.im, -a.re};
}

/** (c - i s) a */
INLINE cvec cvec_rotate(cvec a, float c, float s)
{
    return (cvec){c * a.re + s * a.im, c * a.im - s * a.re};
}

/* zip_low(a, b) = a0 b0 a1 b1 ..., zip_high the same of the upper halves. */
#if VEC_SIZE == 16
INLINE vec vec_zip_low(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
INLINE vec vec_zip_high(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
}
#elif VEC_SIZE == 8
INLINE vec vec_zip_low(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
INLINE vec vec_zip_high(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#else
INLINE vec vec_zip_low(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
INLINE vec vec_zip_high(vec a, vec b)
{
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
#endif

/**
 * Transposes VEC_SIZE rows of VEC_SIZE numbers. Zipping row i with row i + VEC_SIZE/2 moves the
 * top bit of the row number to the bottom of the place (row, column): after log2(VEC_SIZE) rounds
 * the two numbers have changed places.
 */
INLINE void vec_transpose(vec rows[VEC_SIZE])
{
    UNROLL
    for (int round = 1; round < VEC_SIZE; round *= 2) {
        vec zipped[VEC_SIZE];
        UNROLL
        for (int i = 0; i < VEC_SIZE / 2; i++) {
            zipped[2 * i] = vec_zip_low(rows[i], rows[i + VEC_SIZE / 2]);
            zipped[2 * i + 1] = vec_zip_high(rows[i], rows[i + VEC_SIZE / 2]);
        }
        UNROLL
        for (int i = 0; i < VEC_SIZE; i++)
            rows[i] = zipped[i];
    }
}

#endif
