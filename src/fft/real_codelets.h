/**
 * Small FFTs in registers, of lanes in double precision; private to kernels that are compiled once
 * per instruction set. Forward, not normalised.
 *
 * A spectrum of n real numbers is kept as its bins 0 .. n/2. It comes from the spectra E and O of
 * the numbers at even and odd places, with w = exp(-2 pi i / n):
 *
 *     X[k] = E[k] + w^k O[k]    and    X[n/2 - k] = conj(E[k] - w^k O[k]),    0 <= k <= n/4
 */
#ifndef WS_FFT_REAL_CODELETS_H
#define WS_FFT_REAL_CODELETS_H

#include "fft/conv_vec.h"
#include "fft/lanes.h"

/** A complex number in every lane. */
typedef struct zvec {
    ws_f64_part re, im;
} zvec;

/** cos(2 pi k / 32), k = 0 .. 8. The loops that read it are unrolled: it becomes constants. */
static const double cos_32[9] = {1.0,
                                 0.98078528040323044913,
                                 0.92387953251128675613,
                                 0.83146961230254523708,
                                 0.70710678118654752440,
                                 0.55557023301960222474,
                                 0.38268343236508977173,
                                 0.19509032201612826785,
                                 0.0};

INLINE zvec zvec_add(zvec a, zvec b)
{
    return (zvec){a.re + b.re, a.im + b.im};
}

INLINE zvec zvec_sub(zvec a, zvec b)
{
    return (zvec){a.re - b.re, a.im - b.im};
}

/** -i a */
INLINE zvec zvec_turn(zvec a)
{
    return (zvec){a.im, -a.re};
}

/** (c - i s) a */
INLINE zvec zvec_rotate(zvec a, double c, double s)
{
    return (zvec){c * a.re + s * a.im, c * a.im - s * a.re};
}

/** exp(-pi i / 4) a */
INLINE zvec zvec_turn_half(zvec a)
{
    return (zvec){cos_32[4] * (a.re + a.im), cos_32[4] * (a.im - a.re)};
}

/** exp(-2 pi i k / 32) a for 0 <= k < 24, k known when compiled. */
INLINE zvec zvec_rotate_32(zvec a, int k)
{
    const zvec b = k % 8 == 0   ? a
                   : k % 8 == 4 ? zvec_turn_half(a)
                                : zvec_rotate(a, cos_32[k % 8], cos_32[8 - k % 8]);
    return k < 8 ? b : k < 16 ? zvec_turn(b) : (zvec){-b.re, -b.im};
}

/** X of n = 8, 16 or 32 numbers from E and O [n/4 + 1]. */
INLINE void real_join(int n, const zvec *even, const zvec *odd, zvec *out)
{
    out[0].re = even[0].re + odd[0].re;
    out[n / 2].re = even[0].re - odd[0].re;
    out[0].im = out[n / 2].im = (ws_f64_part){0};
    out[n / 4] = (zvec){even[n / 4].re, -odd[n / 4].re};
    UNROLL
    for (int k = 1; k < n / 4; k++) {
        const zvec turned = zvec_rotate_32(odd[k], k * (32 / n));
        out[k] = zvec_add(even[k], turned);
        out[n / 2 - k] = (zvec){even[k].re - turned.re, turned.im - even[k].im};
    }
}

/** Bins 0 .. 2 of four real numbers. */
INLINE void real_dft_4(ws_f64_part a, ws_f64_part b, ws_f64_part c, ws_f64_part d, zvec out[3])
{
    out[0] = (zvec){(a + c) + (b + d), (ws_f64_part){0}};
    out[1] = (zvec){a - c, d - b};
    out[2] = (zvec){(a + c) - (b + d), (ws_f64_part){0}};
}

/** Four complex numbers in place. */
INLINE void complex_dft_4(zvec x[4])
{
    const zvec sum = zvec_add(x[0], x[2]), difference = zvec_sub(x[0], x[2]);
    const zvec other = zvec_add(x[1], x[3]), turned = zvec_turn(zvec_sub(x[1], x[3]));
    x[0] = zvec_add(sum, other);
    x[1] = zvec_add(difference, turned);
    x[2] = zvec_sub(sum, other);
    x[3] = zvec_sub(difference, turned);
}

#endif
