/**
 * Private: discrete Fourier transforms of 1 to 16 points in registers,
 *
 *     X[k] = sum over n of x[n] exp(-2 pi i n k / r),    in place, in natural order.
 *
 * They are written for complex numbers only. A real transform is the same code on imaginary parts
 * of zero, and whose upper half nobody reads; the inverse of a conjugate-symmetric spectrum is the
 * same code again, where nobody reads the imaginary parts. What is added to zero, multiplied with
 * zero or never read is dropped by the compiler (which is why these files are compiled with
 * -ffinite-math-only and -fno-signed-zeros), so each is as short as if written out by hand.
 */
#ifndef WS_FFT_CONV_CODELETS_H
#define WS_FFT_CONV_CODELETS_H

#include "fft/conv_vec.h"

/** All radices: X(r). 1 stands for "no such factor". */
#define CONV_RADICES(X) X(1) X(2) X(3) X(4) X(5) X(7) X(8) X(11) X(16)
enum { CONV_MAX_RADIX = 16 };

INLINE void dft2(cvec *x)
{
    const cvec a = x[0], b = x[1];
    x[0] = cvec_add(a, b);
    x[1] = cvec_sub(a, b);
}

/**
 * An odd number of points, r = 2 h + 1, from sums and differences of mirrored points
 * s[j] = x[j] + x[r-j], d[j] = x[j] - x[r-j]:
 *
 *     X[k], X[r-k] = x[0] + sum over j of cos(2 pi j k / r) s[j]  -+  i sin(2 pi j k / r) d[j]
 *
 * cosines, sines: of 2 pi j / r for j = 0 .. r-1. Few points: h^2 multiply-adds in each part beat
 * cleverer schemes, which have fewer multiplications and more additions.
 */
INLINE void dft_odd(cvec *x, int r, const float *cosines, const float *sines)
{
    const int h = r / 2;
    const cvec first = x[0];
    cvec sums[6], differences[6];

    UNROLL
    for (int j = 1; j <= h; j++) {
        sums[j] = cvec_add(x[j], x[r - j]);
        differences[j] = cvec_sub(x[j], x[r - j]);
        x[0] = cvec_add(x[0], sums[j]);
    }
    UNROLL
    for (int k = 1; k <= h; k++) {
        cvec even = first, odd = {vec_zero(), vec_zero()};
        UNROLL
        for (int j = 1; j <= h; j++) {
            const float c = cosines[j * k % r], s = sines[j * k % r];
            even.re += c * sums[j].re;
            even.im += c * sums[j].im;
            odd.re += s * differences[j].re;
            odd.im += s * differences[j].im;
        }
        x[k] = cvec_add(even, cvec_turn(odd));
        x[r - k] = cvec_sub(even, cvec_turn(odd));
    }
}

INLINE void dft3(cvec *x)
{
    static const float cosines[3] = {1.0f, -0.5f, -0.5f};
    static const float sines[3] = {0.0f, 0.86602540378443865f, -0.86602540378443865f};
    dft_odd(x, 3, cosines, sines);
}

INLINE void dft5(cvec *x)
{
    static const float cosines[5] = {1.0f, 0.30901699437494742f, -0.80901699437494742f,
                                     -0.80901699437494742f, 0.30901699437494742f};
    static const float sines[5] = {0.0f, 0.95105651629515357f, 0.58778525229247313f,
                                   -0.58778525229247313f, -0.95105651629515357f};
    dft_odd(x, 5, cosines, sines);
}

INLINE void dft7(cvec *x)
{
    static const float cosines[7] = {1.0f,
                                     0.62348980185873353f,
                                     -0.22252093395631440f,
                                     -0.90096886790241913f,
                                     -0.90096886790241913f,
                                     -0.22252093395631440f,
                                     0.62348980185873353f};
    static const float sines[7] = {0.0f,
                                   0.78183148246802981f,
                                   0.97492791218182361f,
                                   0.43388373911755812f,
                                   -0.43388373911755812f,
                                   -0.97492791218182361f,
                                   -0.78183148246802981f};
    dft_odd(x, 7, cosines, sines);
}

INLINE void dft11(cvec *x)
{
    static const float cosines[11] = {
        1.0f,
        0.84125353283118117f,
        0.41541501300188643f,
        -0.14231483827328514f,
        -0.65486073394528506f,
        -0.95949297361449739f,
        -0.95949297361449739f,
        -0.65486073394528506f,
        -0.14231483827328514f,
        0.41541501300188643f,
        0.84125353283118117f,
    };
    static const float sines[11] = {
        0.0f,
        0.54064081745559758f,
        0.90963199535451837f,
        0.98982144188093273f,
        0.75574957435425829f,
        0.28173255684142970f,
        -0.28173255684142970f,
        -0.75574957435425829f,
        -0.98982144188093273f,
        -0.90963199535451837f,
        -0.54064081745559758f,
    };
    dft_odd(x, 11, cosines, sines);
}

INLINE void dft4(cvec *x)
{
    const cvec a = cvec_add(x[0], x[2]), b = cvec_sub(x[0], x[2]);
    const cvec c = cvec_add(x[1], x[3]), d = cvec_turn(cvec_sub(x[1], x[3]));
    x[0] = cvec_add(a, c);
    x[1] = cvec_add(b, d);
    x[2] = cvec_sub(a, c);
    x[3] = cvec_sub(b, d);
}

static const float SQRT_HALF = 0.70710678118654752f; /* cos(pi/4) */
static const float COS_PI_8 = 0.92387953251128676f;
static const float SIN_PI_8 = 0.38268343236508977f;

/** exp(-i pi/4) a and exp(-i 3 pi/4) a */
INLINE cvec cvec_turn_eighth(cvec a)
{
    return (cvec){SQRT_HALF * (a.re + a.im), SQRT_HALF * (a.im - a.re)};
}

INLINE cvec cvec_turn_3_eighths(cvec a)
{
    return (cvec){SQRT_HALF * (a.im - a.re), -SQRT_HALF * (a.re + a.im)};
}

/** Even and odd points apart: X[k], X[k+4] = E[k] +- exp(-2 pi i k / 8) O[k]. */
INLINE void dft8(cvec *x)
{
    cvec even[4] = {x[0], x[2], x[4], x[6]};
    cvec odd[4] = {x[1], x[3], x[5], x[7]};

    dft4(even);
    dft4(odd);
    odd[1] = cvec_turn_eighth(odd[1]);
    odd[2] = cvec_turn(odd[2]);
    odd[3] = cvec_turn_3_eighths(odd[3]);
    UNROLL
    for (int k = 0; k < 4; k++) {
        x[k] = cvec_add(even[k], odd[k]);
        x[k + 4] = cvec_sub(even[k], odd[k]);
    }
}

/** 4 x 4: n = 4 n1 + n2, k = k1 + 4 k2; four transforms over n1, factors
 *  exp(-2 pi i n2 k1 / 16), four transforms over n2. */
INLINE void dft16(cvec *x)
{
    cvec y[4][4]; /* [k1][n2] */

    UNROLL
    for (int n2 = 0; n2 < 4; n2++) {
        cvec column[4] = {x[n2], x[n2 + 4], x[n2 + 8], x[n2 + 12]};
        dft4(column);
        UNROLL
        for (int k1 = 0; k1 < 4; k1++)
            y[k1][n2] = column[k1];
    }
    y[1][1] = cvec_rotate(y[1][1], COS_PI_8, SIN_PI_8);
    y[1][2] = cvec_turn_eighth(y[1][2]);
    y[1][3] = cvec_rotate(y[1][3], SIN_PI_8, COS_PI_8);
    y[2][1] = cvec_turn_eighth(y[2][1]);
    y[2][2] = cvec_turn(y[2][2]);
    y[2][3] = cvec_turn_3_eighths(y[2][3]);
    y[3][1] = cvec_rotate(y[3][1], SIN_PI_8, COS_PI_8);
    y[3][2] = cvec_turn_3_eighths(y[3][2]);
    y[3][3] = cvec_rotate(y[3][3], -COS_PI_8, -SIN_PI_8);
    UNROLL
    for (int k1 = 0; k1 < 4; k1++) {
        dft4(y[k1]);
        UNROLL
        for (int k2 = 0; k2 < 4; k2++)
            x[k1 + 4 * k2] = y[k1][k2];
    }
}

/** The codelet of r points; r is a constant wherever this is used, so only one case remains. */
INLINE void dft(int r, cvec *x)
{
    switch (r) {
    case 2:
        dft2(x);
        break;
    case 3:
        dft3(x);
        break;
    case 4:
        dft4(x);
        break;
    case 5:
        dft5(x);
        break;
    case 7:
        dft7(x);
        break;
    case 8:
        dft8(x);
        break;
    case 11:
        dft11(x);
        break;
    case 16:
        dft16(x);
        break;
    default: /* 1: nothing to do */
        break;
    }
}

#endif
