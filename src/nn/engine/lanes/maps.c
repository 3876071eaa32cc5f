/* The kernels of maps.h, compiled once per instruction set. */
#include "nn/engine/lanes/maps.h"

#include "nn/engine/lanes/lane_vec.h"

enum { LANES = 16 };

INLINE vec vec_relu(vec x)
{
    return vec_select(vec_not_at_most(x, vec_zero()), x, vec_zero());
}

/**
 * exp(x), within 2 units in the last place of what a float can tell; x is cut to +-87, where exp is
 * still a normal number.
 *
 * x = n log 2 + r with |r| <= log 2 / 2: adding 1.5 * 2^23 rounds x / log 2 to the integer n in
 * the low bits; log 2 is taken off in two parts, the first of which has few digits.
 */
INLINE vec vec_exp(vec x)
{
    const vec shift = vec_splat(12582912.0f), limit = vec_splat(87.0f);
    vec r = vec_select(vec_less(limit, x), limit, x);
    r = vec_select(vec_less(r, -limit), -limit, r);
    vec n = r * 1.44269504f + shift;
    vec_pin(&n);
    const ivec power = (ivec)n << 23;
    n -= shift;
    r = r - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    vec p = vec_splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return (vec)((ivec)p + power);
}

INLINE vec vec_sigmoid(vec x)
{
    return 1.0f / (1.0f + vec_exp(-x));
}

typedef struct elements {
    vec x, z, a, b, d, live, factor;
} elements;

typedef enum map_kind {
    EXPAND,
    AFFINE,
    AFFINE_RELU,
    NORM_BACK,
    ADD,
    ADD_RELU,
    MULTIPLY,
    RELU,
    RELU_BACK,
    SIGMOID,
    SIGMOID_BACK,
    SILU,
    SILU_BACK
} map_kind;

INLINE vec apply(map_kind kind, elements e)
{
    switch (kind) {
    case EXPAND:
        return e.factor * e.z;
    case AFFINE:
        return e.a * e.x + e.b;
    case AFFINE_RELU:
        return vec_relu(e.a * e.x + e.b);
    case NORM_BACK:
        return (e.a * e.x + e.b * e.z + e.d) * e.live;
    case ADD:
        return e.x + e.factor * e.z;
    case ADD_RELU:
        return vec_relu(e.x + e.factor * e.z);
    case MULTIPLY:
        return e.x * e.z;
    case RELU:
        return vec_relu(e.x);
    case RELU_BACK:
        return vec_select(vec_not_at_most(e.z, vec_zero()), e.x, vec_zero());
    case SIGMOID:
        return vec_sigmoid(e.x);
    case SIGMOID_BACK:
        return e.x * e.z * (1.0f - e.z);
    case SILU:
        return e.x * vec_sigmoid(e.x);
    default: { /* SILU_BACK */
        const vec s = vec_sigmoid(e.z);
        return e.x * s * (1.0f + e.z * (1.0f - s));
    }
    }
}

INLINE bool has_factors(map_kind kind)
{
    return kind == AFFINE || kind == AFFINE_RELU || kind == NORM_BACK;
}

INLINE bool has_second(map_kind kind)
{
    return kind == NORM_BACK || kind == ADD || kind == ADD_RELU || kind == MULTIPLY ||
           kind == RELU_BACK || kind == SIGMOID_BACK || kind == SILU_BACK || kind == EXPAND;
}

/** n vectors; factors, if the kind has them, are one for each channel. */
INLINE void run_pixel(const ws_lanes_map *map, map_kind kind, const float *x, const float *z,
                      size_t band, float *y)
{
    const size_t first = band * map->c;
    elements e = {.factor = vec_splat(map->factor)};

    for (size_t c = 0; c < map->c; c++) {
        if (has_factors(kind)) {
            e.a = vec_splat(map->a[first + c]);
            e.b = vec_splat(map->b[first + c]);
        }
        if (kind == NORM_BACK)
            e.d = vec_splat(map->d[first + c]);
        VEC_LANES (lane) {
            const size_t at = c * LANES + (size_t)lane;
            if (kind == NORM_BACK)
                e.live = map->live != NULL ? vec_load(map->live + lane) : vec_splat(1.0f);
            if (kind != EXPAND)
                e.x = vec_load(x + at);
            if (has_second(kind))
                e.z = vec_load(z + at);
            vec_store(y + at, apply(kind, e));
        }
    }
}

INLINE void run_map(const ws_lanes_map *map, map_kind kind)
{
    const size_t n_pixel = map->c * LANES, z_step = map->z_is_narrow ? 0 : n_pixel;
    const size_t n_bands = has_factors(kind) ? map->n_bands : 1, n_w = map->w / n_bands;

    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        const float *z = has_second(kind) ? map->z.at + r * map->z.pitch : NULL;
        float *y = map->y + r * map->y_pitch;
        for (size_t band = 0; band < n_bands; band++) {
            for (size_t j = 0; j < n_w; j++) {
                run_pixel(map, kind, x, z, band, y);
                x += n_pixel;
                z += has_second(kind) ? z_step : 0;
                y += n_pixel;
            }
        }
    }
}

static void expand(const ws_lanes_map *map)
{
    ws_lanes_map narrow = *map;

    narrow.z = map->x;
    narrow.z_is_narrow = true;
    run_map(&narrow, EXPAND);
}

#define DEFINE_MAP(name, kind)                \
    static void name(const ws_lanes_map *map) \
    {                                         \
        run_map(map, kind);                   \
    }
DEFINE_MAP(affine, AFFINE)
DEFINE_MAP(affine_relu, AFFINE_RELU)
DEFINE_MAP(norm_back, NORM_BACK)
DEFINE_MAP(add, ADD)
DEFINE_MAP(add_relu, ADD_RELU)
DEFINE_MAP(multiply, MULTIPLY)
DEFINE_MAP(relu, RELU)
DEFINE_MAP(relu_back, RELU_BACK)
DEFINE_MAP(sigmoid, SIGMOID)
DEFINE_MAP(sigmoid_back, SIGMOID_BACK)
DEFINE_MAP(silu, SILU)
DEFINE_MAP(silu_back, SILU_BACK)

static void copy(const ws_lanes_map *map)
{
    const size_t n = map->c * LANES;

    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        float *y = map->y + r * map->y_pitch;
        for (size_t j = 0; j < map->w; j++) {
            for (size_t i = 0; i < n; i += VEC_SIZE)
                vec_store(y + i, vec_load(x + i));
            x += map->x_channels * LANES;
            y += map->y_channels * LANES;
        }
    }
}

static void sum_w(const ws_lanes_map *map)
{
    const size_t n = map->c * LANES;

    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        float *y = map->y + r * map->y_pitch;
        for (size_t i = 0; i < n; i += VEC_SIZE) {
            vec total = vec_load(x + i);
            for (size_t j = 1; j < map->w; j++)
                total += vec_load(x + j * n + i);
            vec_store(y + i, total * map->factor);
        }
    }
}

/* Channels that are summed together: their sums stay in registers. */
enum { CHANNELS = 4 };

typedef enum sums_kind { SUM_ROWS, MOMENTS, NORM_SUMS } sums_kind;

/** Adds what some channels of one band of all rows give. */
INLINE void sum_channels(const ws_lanes_map *map, sums_kind kind, size_t band, size_t c, int n_c,
                         float *sums, float *second)
{
    const size_t n_w = map->w / map->n_bands, n_pixel = map->c * LANES;
    const size_t at = (band * map->c + c) * LANES, from = band * n_w * n_pixel + c * LANES;

    VEC_LANES (lane) {
        vec first_totals[CHANNELS], second_totals[CHANNELS], a[CHANNELS];
        const vec live = map->live != NULL ? vec_load(map->live + lane) : vec_splat(1.0f);

        UNROLL
        for (int i = 0; i < n_c; i++) {
            const size_t place = at + (size_t)i * LANES + (size_t)lane;
            first_totals[i] = vec_load(sums + place);
            second_totals[i] = kind != SUM_ROWS ? vec_load(second + place) : vec_zero();
            a[i] = kind != SUM_ROWS ? vec_splat(map->a[band * map->c + c + (size_t)i]) : vec_zero();
        }
        for (size_t r = 0; r < map->n_rows; r++) {
            const float *x = map->x.at + r * map->x.pitch + from + lane;
            const float *z = kind == NORM_SUMS ? map->z.at + r * map->z.pitch + from + lane : NULL;
            for (size_t j = 0; j < n_w; j++) {
                UNROLL
                for (int i = 0; i < n_c; i++) {
                    const size_t place = j * n_pixel + (size_t)i * LANES;
                    vec value = vec_load(x + place);
                    if (kind == MOMENTS) {
                        value = (value - a[i]) * live;
                        second_totals[i] += value * value;
                    }
                    if (kind == NORM_SUMS)
                        second_totals[i] += value * (vec_load(z + place) - a[i]);
                    first_totals[i] += value;
                }
            }
        }
        UNROLL
        for (int i = 0; i < n_c; i++) {
            const size_t place = at + (size_t)i * LANES + (size_t)lane;
            vec_store(sums + place, first_totals[i]);
            if (kind != SUM_ROWS)
                vec_store(second + place, second_totals[i]);
        }
    }
}

INLINE void sum_bands(const ws_lanes_map *map, sums_kind kind, float *sums, float *second)
{
    for (size_t band = 0; band < map->n_bands; band++) {
        size_t c = 0;
        for (; c + CHANNELS <= map->c; c += CHANNELS)
            sum_channels(map, kind, band, c, CHANNELS, sums, second);
        for (; c < map->c; c++)
            sum_channels(map, kind, band, c, 1, sums, second);
    }
}

static void sum_rows(const ws_lanes_map *map, float *sums)
{
    sum_bands(map, SUM_ROWS, sums, NULL);
}

static void moments(const ws_lanes_map *map, float *sums, float *squares)
{
    sum_bands(map, MOMENTS, sums, squares);
}

static void norm_sums(const ws_lanes_map *map, float *sums, float *products)
{
    sum_bands(map, NORM_SUMS, sums, products);
}

static void add_lanes(const float *sums, size_t n, float *totals)
{
    lanes_add(sums, n, totals);
}

static void pack(const float *samples, size_t n, size_t size, float *lanes)
{
    size_t e = 0;

    for (; e + VEC_SIZE <= size; e += VEC_SIZE) {
        VEC_LANES (lane) {
            vec rows[VEC_SIZE];
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++) {
                const size_t sample = (size_t)(lane + i);
                rows[i] = sample < n ? vec_load(samples + sample * size + e) : vec_zero();
            }
            vec_transpose(rows);
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++)
                vec_store(lanes + (e + (size_t)i) * LANES + lane, rows[i]);
        }
    }
    for (; e < size; e++)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[e * LANES + lane] = lane < n ? samples[lane * size + e] : 0.0f;
}

static void unpack(const float *lanes, size_t n, size_t size, float *samples)
{
    for (size_t e = 0; e < size; e++)
        for (size_t lane = 0; lane < n; lane++)
            samples[lane * size + e] = lanes[e * LANES + lane];
}

const ws_lanes_maps LEVEL_NAME(ws_lanes_maps) = {
    .copy = copy,
    .expand = expand,
    .affine = affine,
    .affine_relu = affine_relu,
    .norm_back = norm_back,
    .add = add,
    .add_relu = add_relu,
    .multiply = multiply,
    .relu = relu,
    .relu_back = relu_back,
    .sigmoid = sigmoid,
    .sigmoid_back = sigmoid_back,
    .silu = silu,
    .silu_back = silu_back,
    .sum_w = sum_w,
    .sum_rows = sum_rows,
    .moments = moments,
    .norm_sums = norm_sums,
    .add_lanes = add_lanes,
    .pack = pack,
    .unpack = unpack,
};
