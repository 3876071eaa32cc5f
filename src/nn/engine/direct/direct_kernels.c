/* The kernels of direct_kernels.h, compiled once per instruction set. */
#include "nn/engine/direct/direct_kernels.h"

#include "fft/conv_vec.h"

enum { LANES = WS_DIRECT_LANES };

/* Sums in registers: 2 places or taps by 8 or 4 channels. */
#if VEC_SIZE == 16
enum { PAIR = 2, CHANNELS = 8 };
#else
enum { PAIR = 2, CHANNELS = 4 };
#endif

/** A number in all lanes and in a register, for use with several others. */
INLINE vec broadcast(const float *at)
{
    vec v = *at - vec_zero();
    vec_pin(&v);
    return v;
}

/** Where the lanes of some places and channels of a row of outputs come from and go to. */
typedef struct place_job {
    const float *image;   /* first element under the first place's window */
    const float *weights; /* of the first channel */
    const float *bias;    /* the same, or NULL */
    float *z;
} place_job;

INLINE void forward_tile(const ws_direct_shape *s, const place_job *job, int n_places,
                         int n_channels, int lane)
{
    const float *weights = job->weights;
    vec sums[PAIR][CHANNELS];

    UNROLL
    for (int p = 0; p < n_places; p++) {
        UNROLL
        for (int c = 0; c < n_channels; c++)
            sums[p][c] = job->bias != NULL ? job->bias[c] - vec_zero() : vec_zero();
    }
    for (size_t u = 0; u < s->kernel_h; u++) {
        const float *from = job->image + u * s->image_w * LANES + lane;
        for (size_t v = 0; v < s->kernel_w; v++, from += LANES, weights += s->n_channels) {
            vec x[PAIR];
            UNROLL
            for (int p = 0; p < n_places; p++) {
                x[p] = vec_load(from + (size_t)p * s->stride_w * LANES);
                vec_pin(&x[p]);
            }
            UNROLL
            for (int c = 0; c < n_channels; c++) {
                const vec weight = broadcast(weights + c);
                UNROLL
                for (int p = 0; p < n_places; p++)
                    sums[p][c] += weight * x[p];
            }
        }
    }
    UNROLL
    for (int p = 0; p < n_places; p++) {
        UNROLL
        for (int c = 0; c < n_channels; c++)
            vec_store(job->z + ((size_t)p * s->n_channels + (size_t)c) * LANES + lane, sums[p][c]);
    }
}

/** All channels of one or two places. */
INLINE void forward_places(const ws_direct_shape *s, place_job job, int n_places)
{
    size_t left = s->n_channels;

    for (; left >= CHANNELS; left -= CHANNELS) {
        VEC_LANES (lane)
            forward_tile(s, &job, n_places, CHANNELS, lane);
        job.weights += CHANNELS;
        job.bias = job.bias != NULL ? job.bias + CHANNELS : NULL;
        job.z += CHANNELS * LANES;
    }
    for (; left > 0; left--) {
        VEC_LANES (lane)
            forward_tile(s, &job, n_places, 1, lane);
        job.weights++;
        job.bias = job.bias != NULL ? job.bias + 1 : NULL;
        job.z += LANES;
    }
}

static void forward(const ws_direct_shape *s, const float *image, const float *weights,
                    const float *bias, float *z)
{
    place_job job = {.image = image, .weights = weights, .bias = bias};
    const size_t step = s->stride_w * LANES, z_step = s->n_channels * LANES;
    size_t j = 0;

    job.z = z;
    for (; j + PAIR <= s->out_w; j += PAIR, job.image += PAIR * step, job.z += PAIR * z_step)
        forward_places(s, job, PAIR);
    for (; j < s->out_w; j++, job.image += step, job.z += z_step)
        forward_places(s, job, 1);
}

/** The gradients of some neighbouring taps and channels, from a row of outputs. */
INLINE void weights_tile(const ws_direct_shape *s, const float *image, const float *dz, int n_taps,
                         int n_channels, float *sums)
{
    VEC_LANES (lane) {
        const float *x = image + lane, *gradient = dz + lane;
        vec total[PAIR][CHANNELS];

        UNROLL
        for (int t = 0; t < n_taps; t++) {
            UNROLL
            for (int c = 0; c < n_channels; c++)
                total[t][c] = vec_zero();
        }
        for (size_t j = 0; j < s->out_w; j++) {
            vec seen[PAIR];
            UNROLL
            for (int t = 0; t < n_taps; t++) {
                seen[t] = vec_load(x + t * LANES);
                vec_pin(&seen[t]);
            }
            UNROLL
            for (int c = 0; c < n_channels; c++) {
                vec given = vec_load(gradient + c * LANES);
                vec_pin(&given);
                UNROLL
                for (int t = 0; t < n_taps; t++)
                    total[t][c] += given * seen[t];
            }
            x += s->stride_w * LANES;
            gradient += s->n_channels * LANES;
        }
        UNROLL
        for (int t = 0; t < n_taps; t++) {
            UNROLL
            for (int c = 0; c < n_channels; c++) {
                float *to = sums + ((size_t)t * s->n_channels + (size_t)c) * LANES + lane;
                vec_store(to, vec_load(to) + total[t][c]);
            }
        }
    }
}

/** All channels of one or two taps. */
INLINE void weights_taps(const ws_direct_shape *s, const float *image, const float *dz, int n_taps,
                         float *sums)
{
    size_t c = 0;

    for (; c + CHANNELS <= s->n_channels; c += CHANNELS)
        weights_tile(s, image, dz + c * LANES, n_taps, CHANNELS, sums + c * LANES);
    for (; c < s->n_channels; c++)
        weights_tile(s, image, dz + c * LANES, n_taps, 1, sums + c * LANES);
}

/** sums [n_channels, 16] += dz over its places. */
static void add_bias(const ws_direct_shape *s, const float *dz, float *sums)
{
    const size_t n = s->n_channels * LANES;

    for (size_t j = 0; j < s->out_w; j++, dz += n)
        for (size_t i = 0; i < n; i += VEC_SIZE)
            vec_store(sums + i, vec_load(sums + i) + vec_load(dz + i));
}

static void weights_add(const ws_direct_shape *s, const float *image, const float *dz, float *sums)
{
    const size_t tap = s->n_channels * LANES;

    for (size_t u = 0; u < s->kernel_h; u++) {
        const float *row = image + u * s->image_w * LANES;
        size_t v = 0;
        for (; v + PAIR <= s->kernel_w; v += PAIR, sums += PAIR * tap)
            weights_taps(s, row + v * LANES, dz, PAIR, sums);
        for (; v < s->kernel_w; v++, sums += tap)
            weights_taps(s, row + v * LANES, dz, 1, sums);
    }
    add_bias(s, dz, sums);
}

static void add_lanes(const float *sums, size_t n, float *totals)
{
    for (size_t i = 0; i < n; i++, sums += LANES) {
        float total = 0.0f;
        for (size_t lane = 0; lane < LANES; lane++)
            total += sums[lane];
        totals[i] = total;
    }
}

const ws_direct_kernels LEVEL_NAME(ws_direct_kernels) = {
    .forward = forward,
    .weights_add = weights_add,
    .add_lanes = add_lanes,
};
