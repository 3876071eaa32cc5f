/**
 * What is done to rows of pixels element by element, and sums over them; lanes are samples, as in
 * products.h. Compiled once per instruction set; infinities and NaNs pass through as they should.
 */
#ifndef WS_NN_ENGINE_LANES_MAPS_H
#define WS_NN_ENGINE_LANES_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu.h"

/** Rows [w, c, lanes] of a buffer, `pitch` floats apart; a pitch of 0 repeats one row. */
typedef struct ws_lanes_in {
    const float *at;
    size_t pitch;
    size_t ahead; /* floats from what is read to what is asked for from memory meanwhile; 0: the
                     rows lie in a near cache */
} ws_lanes_in;

/** What a joined map does to a sum. */
typedef enum ws_lanes_gate {
    WS_LANES_GATE_OPEN,
    WS_LANES_GATE_RELU,
    WS_LANES_GATE_MASK,      /* 0 where m is at most 0 */
    WS_LANES_GATE_MASK_NORM, /* 0 where m_a m + m_b is at most 0 */
} ws_lanes_gate;

/** Where fake quantisation rounds to: from min to max in steps of `scale`, of which number `zero`
 * is zero; a scale of 0: everything becomes zero. */
typedef struct ws_lanes_levels {
    float min, max, scale, zero;
} ws_lanes_levels;

/**
 * One call: y = f(x, ...) over n_rows rows of w pixels of c channels.
 *
 * Factors by channel may differ between n_bands contiguous bands of pixels of a row.
 */
typedef struct ws_lanes_map {
    size_t n_rows, w, c;
    size_t n_bands; /* divides w */
    float *y;
    size_t y_pitch;
    ws_lanes_in x, z, n, m, q;     /* join: those with at == NULL are left out */
    bool z_is_narrow, n_is_narrow; /* rows are one pixel, which meets all pixels of x */
    float factor;                  /* see below */
    const float *a, *b;            /* all factors: [n_bands, c], or NULL */
    const float *m_a, *m_b;
    const float *q_a, *q_b, *q_c;
    const float *mean;             /* likewise */
    const float *live;             /* [lanes] 1 for those with a sample, else 0; NULL: all have
                                      one */
    ws_lanes_gate gate;            /* join, norm_sums */
    ws_lanes_levels levels;        /* quantize, quantize_back */
    size_t x_channels, y_channels; /* copy: channels of a pixel in memory */
    /* join: rows of y from first_kept to end_kept are also written around the caches, from `kept`
       on, whole lines of the cache; NULL: none */
    float *kept;
    size_t kept_pitch, first_kept, end_kept;
} ws_lanes_map;

typedef struct ws_lanes_maps {
    /**
     * In one go over the rows
     *
     *     t = gate(a x + b + z + factor n)
     *     y = t, or with q  q_a t + q_b q + q_c, and 0 in dead lanes
     *
     * q does not go with a or z.
     */
    void (*join)(const ws_lanes_map *map);
    void (*copy)(const ws_lanes_map *map);     /* y = x: c channels of pixels of x_channels to
                                                  pixels of y_channels */
    void (*expand)(const ws_lanes_map *map);   /* y = factor x, whose rows are one pixel */
    void (*multiply)(const ws_lanes_map *map); /* y = x z */
    void (*sigmoid)(const ws_lanes_map *map);
    void (*sigmoid_back)(const ws_lanes_map *map);  /* y = x z (1 - z) */
    void (*silu)(const ws_lanes_map *map);          /* y = x sigmoid(x) */
    void (*silu_back)(const ws_lanes_map *map);     /* y = x silu'(z) */
    void (*quantize)(const ws_lanes_map *map);      /* y = the level nearest to x */
    void (*quantize_back)(const ws_lanes_map *map); /* y = x where z lies within the levels */
    /** y of one pixel = factor times the sum over w of a x + b, or of x without a. */
    void (*sum_w)(const ws_lanes_map *map);

    /** y = the largest of n pixels, for each of c channels; NaN wins over any number. */
    void (*max)(const float *const *x, size_t n, size_t c, float *y);
    /** The gradient of max: adds dy to dx of the winning pixel, the first that is largest or the
     *  last NaN. Pixels whose dx is NULL are skipped. */
    void (*max_back)(const float *const *x, size_t n, size_t c, const float *dy, float *const *dx);

    /** sums [c, lanes] += x over rows and w. */
    void (*sum_rows)(const ws_lanes_map *map, float *sums);
    /** Of each lane: the least and the largest of what has been and x; NaNs are skipped. */
    void (*extremes)(const ws_lanes_map *map, float *least, float *largest);
    /** Of each channel of each band: sums [n_bands, c, lanes] += x - mean, and squares +=
     *  (x - mean)^2, in live lanes. */
    void (*moments)(const ws_lanes_map *map, float *sums, float *squares);
    /** With t = gate(x + factor n): sums += t, and products += t (q - mean). */
    void (*norm_sums)(const ws_lanes_map *map, float *sums, float *products);
    /** totals [n] = sums [n, lanes] over lanes. */
    void (*add_lanes)(const float *sums, size_t n, float *totals);

    /** Copies n floats, whole lines of the cache, around the caches. */
    void (*stream)(const float *from, size_t n, float *to);
    /** Orders what has been streamed before everything that follows. */
    void (*finish_stream)(void);

    /** Samples [n, size] to lanes [size, lanes]; lanes from n on are zero. */
    void (*pack)(const float *samples, size_t n, size_t size, float *lanes);
    /** And back. */
    void (*unpack)(const float *lanes, size_t n, size_t size, float *samples);
} ws_lanes_maps;

const ws_lanes_maps *ws_lanes_maps_get(ws_cpu_level level);

/** For blocks of 4 lanes (products.h). */
typedef ws_lanes_maps ws_lanes_maps_few;
const ws_lanes_maps_few *ws_lanes_maps_few_get(ws_cpu_level level);

#endif
