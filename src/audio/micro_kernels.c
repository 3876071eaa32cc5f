/* The kernels of micro_kernels.h after the FFT, compiled once per instruction set. */
#include "audio/micro_kernels.h"

#include <math.h>

#include "audio/micro_vec.h"
#include "fft/lanes.h"

enum { LANES = WS_MICRO_LANES, N_PARTS = LANES / WS_F64_PART };

__extension__ typedef uint64_t wide_vec __attribute__((vector_size(4 * VEC_SIZE), may_alias));

/** A comparison of the doubles in a register. */
__extension__ typedef int64_t mask_part
    __attribute__((vector_size(WS_F64_PART * sizeof(int64_t)), may_alias));

/** Numbers of a part of a row in double precision. */
INLINE ws_f64_part load_part(const int32_t *row, size_t part)
{
    row += part * WS_F64_PART;
#if defined(__AVX512F__)
    return (ws_f64_part)_mm512_cvtepi32_pd(_mm256_load_si256((const void *)row));
#elif defined(__AVX__)
    return (ws_f64_part)_mm256_cvtepi32_pd(_mm_load_si128((const void *)row));
#elif defined(__SSE2__)
    return (ws_f64_part)_mm_cvtepi32_pd(_mm_loadl_epi64((const void *)row));
#else
    return (ws_f64_part){(double)row[0], (double)row[1]};
#endif
}

/** Cuts numbers to whole ones and stores them. */
INLINE void store_cut(int32_t *row, size_t part, ws_f64_part x)
{
    row += part * WS_F64_PART;
#if defined(__AVX512F__)
    _mm256_store_si256((void *)row, _mm512_cvttpd_epi32((__m512d)x));
#elif defined(__AVX__)
    _mm_store_si128((void *)row, _mm256_cvttpd_epi32((__m256d)x));
#elif defined(__SSE2__)
    _mm_storel_epi64((void *)row, _mm_cvttpd_epi32((__m128d)x));
#else
    row[0] = (int32_t)x[0];
    row[1] = (int32_t)x[1];
#endif
}

INLINE ws_f64_part square_root(ws_f64_part x)
{
#if defined(__AVX512F__)
    return (ws_f64_part)_mm512_sqrt_pd((__m512d)x);
#elif defined(__AVX__)
    return (ws_f64_part)_mm256_sqrt_pd((__m256d)x);
#elif defined(__SSE2__)
    return (ws_f64_part)_mm_sqrt_pd((__m128d)x);
#else
    return (ws_f64_part){sqrt(x[0]), sqrt(x[1])};
#endif
}

/** 1 where a mask is set, else 0. */
INLINE ws_f64_part one_where(mask_part mask)
{
    return (ws_f64_part)(mask & 0x3ff0000000000000);
}

/**
 * The nearest whole number to the root of a whole number below 2^52; squares are exact. A root
 * between 65535 and 65536 is always rounded down: the original's routine for numbers of 32 bits has
 * no room for more.
 */
INLINE ws_f64_part root_of(ws_f64_part x)
{
    const ws_f64_part near = (square_root(x) + 0x1p52) - 0x1p52;
    const ws_f64_part below = near - one_where((mask_part)(near * near > x));
    const ws_f64_part rest = x - below * below;
    return below + one_where((mask_part)(rest > below) & (mask_part)(below != 65535.0));
}

/**
 * Sums of energies times weights are whole numbers, and so small that double precision has them all
 * without an error: by Parseval's theorem the energies of a frame, whose transform was divided by
 * its length, sum up to 2^30 (rounding adds little), and weights are up to 2^12.
 */
static void channels(const ws_micro_bank *bank, const int32_t *spectrum, const int32_t *shifts,
                     int32_t *energies, int32_t *roots)
{
    _Alignas(64) double units[LANES];
    for (int lane = 0; lane < LANES; lane++)
        units[lane] = 1.0 / (double)(1 << shifts[lane]);
    for (size_t i = bank->first_bin * LANES; i < bank->end_bin * LANES; i += VEC_SIZE) {
        const pvec bin = pair_load(spectrum + i);
        pair_store(energies + i, pair_dot(bin, bin));
    }
    for (size_t part = 0; part < N_PARTS; part++) {
        const ws_f64_part unit = ((const ws_f64_part *)(const void *)units)[part];
        ws_f64_part rising_before = {0};
        for (size_t band = 0; band <= bank->n_channels; band++) {
            ws_f64_part falling = {0}, rising = {0};
            for (size_t i = bank->edges[band]; i < bank->edges[band + 1]; i++) {
                const ws_f64_part energy = load_part(energies + i * LANES, part);
                falling += energy * bank->falling[i];
                rising += energy * bank->rising[i];
            }
            if (band > 0)
                store_cut(roots + (band - 1) * LANES, part,
                          root_of(rising_before + falling) * unit);
            rising_before = rising;
        }
    }
}

/* The rest works on channels side by side: a slab of LANES of them at a time. */

/* Units of the noise reduction: 2^-14. The smoothing differs for even and odd channels. */
enum { SHARE_BITS = 14, EVEN_SMOOTHING = 409, ODD_SMOOTHING = 983, LEAST_SHARE = 819 };

/** What the channels of a register know of their past and have in common. */
typedef struct channel_state {
    const ws_micro_gain *gain;
    bits_vec noise; /* estimates */
} channel_state;

INLINE bits_vec pick(bits_vec mask, bits_vec set, bits_vec clear)
{
    return (mask & set) | (~mask & clear);
}

/** Of unsigned numbers; 0 if b is larger. */
INLINE bits_vec take_off(bits_vec a, bits_vec b)
{
    return (bits_vec)(a > b) & (a - b);
}

/** Products of the lower halves of 64 bits. */
INLINE wide_vec multiply(wide_vec a, wide_vec b)
{
#if defined(__AVX512F__)
    return (wide_vec)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (wide_vec)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (wide_vec)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

/** The lower halves of what the even and the odd lanes have in 64 bits. */
INLINE bits_vec join_lanes(wide_vec even, wide_vec odd)
{
    return (bits_vec)((even & 0xffffffff) | odd << 32);
}

/** Lower 32 bits of the products of 64 bits, shifted. */
INLINE bits_vec multiply_shift(bits_vec a, bits_vec b, int shift)
{
    const wide_vec even = multiply((wide_vec)a, (wide_vec)b);
    const wide_vec odd = multiply((wide_vec)a >> 32, (wide_vec)b >> 32);
    return join_lanes(even >> shift, odd >> shift);
}

/** The estimates of noise move on with the levels. */
INLINE void follow_noise(channel_state *state, bits_vec scaled)
{
    const wide_vec zero = {0};
    const wide_vec even = zero + EVEN_SMOOTHING, odd = zero + ODD_SMOOTHING;
    const wide_vec one = zero + (1 << SHARE_BITS);
    const wide_vec level = (wide_vec)scaled, noise = (wide_vec)state->noise;
    state->noise =
        join_lanes((multiply(level, even) + multiply(noise, one - even)) >> SHARE_BITS,
                   (multiply(level >> 32, odd) + multiply(noise >> 32, one - odd)) >> SHARE_BITS);
}

/** Levels without the noise, but never less than a share of them. */
INLINE bits_vec reduce_noise(bits_vec levels, bits_vec scaled, bits_vec noise)
{
    const bits_vec left = take_off(scaled, noise) >> WS_MICRO_NOISE_BITS;
    /* the product may have more than 32 bits: the upper ones are multiplied apart */
    const bits_vec low = levels & ((1 << SHARE_BITS) - 1);
    const bits_vec least = (levels >> SHARE_BITS) * LEAST_SHARE + (low * LEAST_SHARE >> SHARE_BITS);
    return pick((bits_vec)(left > least), left, least);
}

/**
 * Whole numbers in floating point: from above, so that the first 24 bits are exact. The number of
 * bits is the exponent less 126 (0 for 0), what follows the first bit is the fraction.
 */
typedef struct float_bits {
    bits_vec exponent, fraction; /* the latter of 23 bits */
} float_bits;

INLINE float_bits as_float(bits_vec x)
{
    const bits_vec is_large = (bits_vec)(x > 0xffffff);
    const pvec first_bits = (pvec)pick(is_large, x >> 8, x);
    const bits_vec bits = (bits_vec) __builtin_convertvector(first_bits, vec);
    return (float_bits){(bits >> 23) + (is_large & 8), bits & 0x7fffff};
}

/** Entries of a table. */
INLINE pvec look_up(const int32_t *table, bits_vec indices)
{
#if defined(__AVX512F__)
    return (pvec)_mm512_i32gather_epi32((__m512i)indices, table, sizeof *table);
#elif defined(__AVX2__)
    return (pvec)_mm256_i32gather_epi32(table, (__m256i)indices, sizeof *table);
#else
    pvec entries;
    for (int i = 0; i < VEC_SIZE; i++)
        entries[i] = table[indices[i]];
    return entries;
#endif
}

/** What levels over that noise are to be multiplied with. */
INLINE bits_vec gains_for(const ws_micro_gain *gain, bits_vec noise)
{
    const float_bits bits = as_float(noise);
    const bits_vec stretch = take_off(bits.exponent, (bits_vec){0} + 126);
    const pvec place = (pvec)(bits.fraction >> 13);
    const pvec ends = look_up(gain->starts_and_slopes, stretch);
    const pvec bend = look_up(gain->bends, stretch);
    const pvec start = (pvec)((bits_vec)ends << 16) >> 16;
    const pvec slope = (bend * place >> 5) + (ends >> 16) * 32;
    return (bits_vec)(((slope * place + (1 << 14)) >> 15) + start);
}

/** Squares small numbers, of 12 bits of fraction, and continues as a straight line: 6 bits of
 * fraction. */
INLINE bits_vec shrink(bits_vec snr)
{
    return pick((bits_vec)(snr < 8192), snr * snr >> 20, (snr >> 6) - 64);
}

/** 64 times the natural logarithm; 0 for 0 and 1. */
INLINE bits_vec log_of(const ws_micro_gain *gain, bits_vec x)
{
    const float_bits bits = as_float(x);
    const bits_vec fraction = bits.fraction >> 7;
    const pvec entry = look_up(gain->log_corrections, fraction >> 9);
    const pvec step = (entry >> 16) * (pvec)(fraction & 0x1ff) >> 16;
    const bits_vec log2 =
        ((bits.exponent - 127) << 16) + fraction + (bits_vec)((entry & 0xffff) + step);
    /* times ln 2 in units of 1/65536: the upper bits apart, as the product has over 32 bits */
    const bits_vec natural = (log2 >> 16) * 45426 + (((log2 & 0xffff) * 45426 + 32768) >> 16);
    return (bits_vec)(x > 1) & (((natural << 6) + 32768) >> 16);
}

INLINE vec next_features(channel_state *state, bits_vec levels)
{
    const ws_micro_gain *gain = state->gain;
    const bits_vec scaled = levels << WS_MICRO_NOISE_BITS;
    follow_noise(state, scaled);
    const bits_vec cleaned = reduce_noise(levels, scaled, state->noise);
    const bits_vec snr = multiply_shift(cleaned, gains_for(gain, state->noise), gain->snr_shift);
    const bits_vec even = shrink(snr);
    const bits_vec shifted =
        gain->log_shift < 0 ? even >> -gain->log_shift : even << gain->log_shift;
    return WS_MICRO_UNIT * __builtin_convertvector((pvec)log_of(gain, shifted), vec);
}

/** Channels of a register through n_frames frames, n_stored of them to rows n_channels apart. */
INLINE void run_channels(channel_state *state, const int32_t *levels, size_t n_frames,
                         size_t n_stored, size_t n_channels, float *out)
{
    for (size_t frame = 0; frame < n_frames; frame++) {
        const bits_vec level = (bits_vec)pair_load(levels + frame * LANES);
        const vec features = next_features(state, level);
        if (n_stored == VEC_SIZE)
            vec_store(out + frame * n_channels, features);
        else
            memcpy(out + frame * n_channels, &features, n_stored * sizeof *out);
    }
}

/** [LANES, LANES] */
INLINE void transpose(const int32_t *in, int32_t *out)
{
    VEC_LANES (row) {
        VEC_LANES (column) {
            vec block[VEC_SIZE];
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++)
                block[i] = (vec)pair_load(in + (row + i) * LANES + column);
            vec_transpose(block);
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++)
                pair_store(out + (column + i) * LANES + row, (pvec)block[i]);
        }
    }
}

static void finish(const ws_micro *micro, size_t n_frames, const int32_t *roots, int32_t *noise,
                   float *out)
{
    const size_t n_channels = micro->n_channels;
    _Alignas(64) int32_t levels[LANES * LANES]; /* of a slab: [frame, channel] */

    for (size_t first = 0; first < n_channels; first += LANES) {
        transpose(roots + first * LANES, levels);
        for (size_t lane = 0; lane < LANES && first + lane < n_channels; lane += VEC_SIZE) {
            const size_t at = first + lane, left = n_channels - at;
            channel_state state = {&micro->gain, (bits_vec)pair_load(noise + at)};
            run_channels(&state, levels + lane, n_frames, left < VEC_SIZE ? left : VEC_SIZE,
                         n_channels, out + at);
            pair_store(noise + at, (pvec)state.noise);
        }
    }
}

const ws_micro_kernels LEVEL_NAME(ws_micro_kernels) = {
    .channels = channels,
    .finish = finish,
};
