/* The kernels of maps.h, compiled once per instruction set. */
#include "nn/engine/lanes/maps.h"

#include "nn/engine/common/activation_vec.h"
#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/levels_vec.h"
#include "nn/engine/lanes/moves_vec.h"

/** What a joined map has, known when its loop is compiled. */
typedef struct join_parts {
    bool has_factors, has_z, has_n, has_q;
    ws_lanes_gate gate;
} join_parts;

INLINE vec pass_gate(ws_lanes_gate gate, vec t, vec m)
{
    if (gate == WS_LANES_GATE_OPEN)
        return t;
    if (gate == WS_LANES_GATE_RELU)
        return vec_relu(t);
    return vec_select(vec_not_at_most(m, vec_zero()), t, vec_zero());
}

/** Where a row's pixels are. */
typedef struct join_row {
    const float *x, *z, *n, *m, *q;
    float *y;
} join_row;

/** One pixel, whose factors begin at `first`. */
INLINE void join_pixel(const ws_lanes_map *map, join_parts parts, join_row row, size_t first)
{
    const bool is_masked =
        parts.gate == WS_LANES_GATE_MASK || parts.gate == WS_LANES_GATE_MASK_NORM;
    const vec factor = vec_splat(map->factor);

    for (size_t c = 0; c < map->c; c++) {
        VEC_LANES (lane) {
            const size_t at = c * LANES + (size_t)lane, k = first + c;
            vec t = vec_load(row.x + at), m = vec_zero();
            if (parts.has_factors)
                t = vec_splat(map->a[k]) * t + vec_splat(map->b[k]);
            if (parts.has_n)
                t += factor * vec_load(row.n + at);
            if (parts.has_z)
                t += vec_load(row.z + at);
            if (is_masked)
                m = vec_load(row.m + at);
            if (parts.gate == WS_LANES_GATE_MASK_NORM)
                m = vec_splat(map->m_a[k]) * m + vec_splat(map->m_b[k]);
            t = pass_gate(parts.gate, t, m);
            if (parts.has_q) {
                t = vec_splat(map->q_a[k]) * t +
                    (vec_splat(map->q_b[k]) * vec_load(row.q + at) + vec_splat(map->q_c[k]));
                if (map->live != NULL)
                    t *= vec_load(map->live + lane);
            }
            vec_store(row.y + at, t);
        }
    }
}

INLINE const float *row_of(ws_lanes_in in, bool is_there, size_t r)
{
    return is_there ? in.at + r * in.pitch : NULL;
}

INLINE void join_parts_of(const ws_lanes_map *given, join_parts parts)
{
    const ws_lanes_map map = *given; /* its own: stores to y cannot change it */
    const bool is_masked =
        parts.gate == WS_LANES_GATE_MASK || parts.gate == WS_LANES_GATE_MASK_NORM;
    const size_t n_pixel = map.c * LANES, n_w = map.w / map.n_bands;
    const size_t z_step = map.z_is_narrow ? 0 : n_pixel, n_step = map.n_is_narrow ? 0 : n_pixel;

    for (size_t r = 0; r < map.n_rows; r++) {
        join_row row = {.x = map.x.at + r * map.x.pitch,
                        .z = row_of(map.z, parts.has_z, r),
                        .n = row_of(map.n, parts.has_n, r),
                        .m = row_of(map.m, is_masked, r),
                        .q = row_of(map.q, parts.has_q, r),
                        .y = map.y + r * map.y_pitch};
        for (size_t band = 0; band < map.n_bands; band++) {
            for (size_t j = 0; j < n_w; j++) {
                join_pixel(&map, parts, row, band * map.c);
                row.x += n_pixel;
                row.y += n_pixel;
                row.z += parts.has_z ? z_step : 0;
                row.n += parts.has_n ? n_step : 0;
                row.m += is_masked ? n_pixel : 0;
                row.q += parts.has_q ? n_pixel : 0;
            }
        }
    }
}

/** One loop for each gate. */
INLINE void join_gates(const ws_lanes_map *map, bool has_factors, bool has_z, bool has_n,
                       bool has_q)
{
    join_parts parts = {has_factors, has_z, has_n, has_q, WS_LANES_GATE_OPEN};

    switch (map->gate) {
    case WS_LANES_GATE_RELU:
        parts.gate = WS_LANES_GATE_RELU;
        join_parts_of(map, parts);
        break;
    case WS_LANES_GATE_MASK:
        parts.gate = WS_LANES_GATE_MASK;
        join_parts_of(map, parts);
        break;
    case WS_LANES_GATE_MASK_NORM:
        parts.gate = WS_LANES_GATE_MASK_NORM;
        join_parts_of(map, parts);
        break;
    default:
        join_parts_of(map, parts);
    }
}

INLINE void join_factors(const ws_lanes_map *map, bool has_z, bool has_n)
{
    if (map->a != NULL)
        join_gates(map, true, has_z, has_n, false);
    else
        join_gates(map, false, has_z, has_n, false);
}

static void join(const ws_lanes_map *map)
{
    const bool has_z = map->z.at != NULL, has_n = map->n.at != NULL;

    if (map->q.at != NULL)
        has_n ? join_gates(map, false, false, true, true)
              : join_gates(map, false, false, false, true);
    else if (has_n)
        has_z ? join_factors(map, true, true) : join_factors(map, false, true);
    else
        has_z ? join_factors(map, true, false) : join_factors(map, false, false);
}

typedef enum map_kind {
    EXPAND,
    MULTIPLY,
    SIGMOID,
    SIGMOID_BACK,
    SILU,
    SILU_BACK,
    QUANTIZE,
    QUANTIZE_BACK
} map_kind;

INLINE vec apply(const ws_lanes_map *map, map_kind kind, vec x, vec z)
{
    switch (kind) {
    case EXPAND:
        return map->factor * z;
    case MULTIPLY:
        return x * z;
    case SIGMOID:
        return vec_sigmoid(x);
    case SIGMOID_BACK:
        return x * z * (1.0f - z);
    case SILU:
        return x * vec_sigmoid(x);
    case QUANTIZE:
        return vec_quantize(&map->levels, x);
    case QUANTIZE_BACK:
        return vec_within(&map->levels, x, z);
    default: { /* SILU_BACK */
        const vec s = vec_sigmoid(z);
        return x * s * (1.0f + z * (1.0f - s));
    }
    }
}

INLINE void run_map(const ws_lanes_map *map, map_kind kind)
{
    const bool has_x = kind != EXPAND;
    const bool has_z = kind != SIGMOID && kind != SILU && kind != QUANTIZE;
    const size_t n_pixel = map->c * LANES, z_step = map->z_is_narrow ? 0 : n_pixel;

    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = has_x ? map->x.at + r * map->x.pitch : NULL;
        const float *z = has_z ? map->z.at + r * map->z.pitch : NULL;
        float *y = map->y + r * map->y_pitch;
        for (size_t j = 0; j < map->w; j++, y += n_pixel) {
            for (size_t i = 0; i < n_pixel; i += VEC_SIZE)
                vec_store(y + i, apply(map, kind, has_x ? vec_load(x + i) : vec_zero(),
                                       has_z ? vec_load(z + i) : vec_zero()));
            if (has_x)
                x += n_pixel;
            if (has_z)
                z += z_step;
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
DEFINE_MAP(multiply, MULTIPLY)
DEFINE_MAP(sigmoid, SIGMOID)
DEFINE_MAP(sigmoid_back, SIGMOID_BACK)
DEFINE_MAP(silu, SILU)
DEFINE_MAP(silu_back, SILU_BACK)
DEFINE_MAP(quantize, QUANTIZE)
DEFINE_MAP(quantize_back, QUANTIZE_BACK)

static void extremes(const ws_lanes_map *map, float *least, float *largest)
{
    VEC_LANES (lane) {
        vec min = vec_load(least + lane), max = vec_load(largest + lane);
        for (size_t r = 0; r < map->n_rows; r++) {
            const float *x = map->x.at + r * map->x.pitch + lane;
            for (size_t i = 0; i < map->w * map->c; i++) {
                const vec number = vec_load(x + i * LANES);
                min = vec_select(vec_less(number, min), number, min);
                max = vec_select(vec_less(max, number), number, max);
            }
        }
        vec_store(least + lane, min);
        vec_store(largest + lane, max);
    }
}

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

/* Channels that are summed together: their sums stay in registers. As many as there is room for,
 * since neighbouring channels are read one after the other. */
#if VEC_SIZE == 16
enum { CHANNELS = 8, FEW_CHANNELS = 4 };
#else
enum { CHANNELS = 4, FEW_CHANNELS = 4 };
#endif

/** Some channels of a row, summed over w. */
INLINE void sum_row(const ws_lanes_map *map, const float *x, size_t c, int n_c, float *y)
{
    const size_t n_pixel = map->c * LANES, n_w = map->w / map->n_bands;

    VEC_LANES (lane) {
        vec totals[CHANNELS];
        const float *from = x + c * LANES + lane;

        UNROLL
        for (int i = 0; i < n_c; i++)
            totals[i] = vec_zero();
        for (size_t band = 0; band < map->n_bands; band++) {
            vec sums[CHANNELS];
            UNROLL
            for (int i = 0; i < n_c; i++)
                sums[i] = vec_zero();
            for (size_t j = 0; j < n_w; j++, from += n_pixel) {
                UNROLL
                for (int i = 0; i < n_c; i++)
                    sums[i] += vec_load(from + i * LANES);
            }
            UNROLL
            for (int i = 0; i < n_c; i++) {
                const size_t k = band * map->c + c + (size_t)i;
                totals[i] +=
                    map->a == NULL ? sums[i] : map->a[k] * sums[i] + (float)n_w * map->b[k];
            }
        }
        UNROLL
        for (int i = 0; i < n_c; i++)
            vec_store(y + (c + (size_t)i) * LANES + lane, totals[i] * map->factor);
    }
}

static void sum_w(const ws_lanes_map *map)
{
    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        float *y = map->y + r * map->y_pitch;
        size_t c = 0;
        for (; c + CHANNELS <= map->c; c += CHANNELS)
            sum_row(map, x, c, CHANNELS, y);
        for (; c + FEW_CHANNELS <= map->c; c += FEW_CHANNELS)
            sum_row(map, x, c, FEW_CHANNELS, y);
        for (; c < map->c; c++)
            sum_row(map, x, c, 1, y);
    }
}

typedef enum sums_kind { SUM_ROWS, MOMENTS, NORM_SUMS } sums_kind;

typedef struct sums_parts {
    sums_kind kind;
    bool has_n; /* and gate: with NORM_SUMS */
    ws_lanes_gate gate;
} sums_parts;

/** Vectors that stay in registers for some channels. */
typedef struct channel_vecs {
    vec sums[CHANNELS], second[CHANNELS], mean[CHANNELS], m_a[CHANNELS], m_b[CHANNELS];
} channel_vecs;

/** Adds one pixel's channels. */
INLINE void sum_pixel(sums_parts parts, int n_c, vec live, vec factor, join_row at, channel_vecs *v)
{
    const bool is_masked = parts.gate != WS_LANES_GATE_OPEN;

    UNROLL
    for (int i = 0; i < n_c; i++) {
        vec value = vec_load(at.x + i * LANES), m = vec_zero();
        if (parts.kind == MOMENTS) {
            value = (value - v->mean[i]) * live;
            v->second[i] += value * value;
        }
        if (parts.has_n)
            value += factor * vec_load(at.n + i * LANES);
        if (is_masked)
            m = vec_load(at.m + i * LANES);
        if (parts.gate == WS_LANES_GATE_MASK_NORM)
            m = v->m_a[i] * m + v->m_b[i];
        value = pass_gate(parts.gate, value, m);
        if (parts.kind == NORM_SUMS)
            v->second[i] += value * (vec_load(at.q + i * LANES) - v->mean[i]);
        v->sums[i] += value;
    }
}

/** Adds what some channels of one band of all rows give. */
INLINE void sum_channels(const ws_lanes_map *map, sums_parts parts, size_t band, size_t c, int n_c,
                         float *sums, float *second)
{
    const size_t n_w = map->w / map->n_bands, n_pixel = map->c * LANES;
    const size_t first = band * map->c + c, from = band * n_w * n_pixel + c * LANES;
    const size_t n_step = map->n_is_narrow ? 0 : n_pixel;
    const size_t n_from = map->n_is_narrow ? c * LANES : from;
    const bool is_masked = parts.gate != WS_LANES_GATE_OPEN, is_norm = parts.kind == NORM_SUMS;
    const vec factor = vec_splat(map->factor);

    VEC_LANES (lane) {
        const vec live = map->live != NULL ? vec_load(map->live + lane) : vec_splat(1.0f);
        channel_vecs v;

        UNROLL
        for (int i = 0; i < n_c; i++) {
            const size_t k = first + (size_t)i, place = k * LANES + (size_t)lane;
            v.sums[i] = vec_load(sums + place);
            v.second[i] = parts.kind != SUM_ROWS ? vec_load(second + place) : vec_zero();
            v.mean[i] = parts.kind != SUM_ROWS ? vec_splat(map->mean[k]) : vec_zero();
            v.m_a[i] = v.m_b[i] = vec_zero();
            if (parts.gate == WS_LANES_GATE_MASK_NORM) {
                v.m_a[i] = vec_splat(map->m_a[k]);
                v.m_b[i] = vec_splat(map->m_b[k]);
            }
        }
        for (size_t r = 0; r < map->n_rows; r++) {
            join_row at = {.x = map->x.at + r * map->x.pitch + from + lane};
            if (parts.has_n)
                at.n = map->n.at + r * map->n.pitch + n_from + lane;
            if (is_masked)
                at.m = map->m.at + r * map->m.pitch + from + lane;
            if (is_norm)
                at.q = map->q.at + r * map->q.pitch + from + lane;
            for (size_t j = 0; j < n_w; j++) {
                sum_pixel(parts, n_c, live, factor, at, &v);
                at.x += n_pixel;
                at.n += parts.has_n ? n_step : 0;
                at.m += is_masked ? n_pixel : 0;
                at.q += is_norm ? n_pixel : 0;
            }
        }
        UNROLL
        for (int i = 0; i < n_c; i++) {
            const size_t place = (first + (size_t)i) * LANES + (size_t)lane;
            vec_store(sums + place, v.sums[i]);
            if (parts.kind != SUM_ROWS)
                vec_store(second + place, v.second[i]);
        }
    }
}

INLINE void sum_bands(const ws_lanes_map *map, sums_parts parts, float *sums, float *second)
{
    for (size_t band = 0; band < map->n_bands; band++) {
        size_t c = 0;
        for (; c + CHANNELS <= map->c && parts.gate != WS_LANES_GATE_MASK_NORM; c += CHANNELS)
            sum_channels(map, parts, band, c, CHANNELS, sums, second);
        for (; c + FEW_CHANNELS <= map->c; c += FEW_CHANNELS)
            sum_channels(map, parts, band, c, FEW_CHANNELS, sums, second);
        for (; c < map->c; c++)
            sum_channels(map, parts, band, c, 1, sums, second);
    }
}

static void sum_rows(const ws_lanes_map *map, float *sums)
{
    sum_bands(map, (sums_parts){.kind = SUM_ROWS}, sums, NULL);
}

static void moments(const ws_lanes_map *map, float *sums, float *squares)
{
    sum_bands(map, (sums_parts){.kind = MOMENTS}, sums, squares);
}

INLINE void norm_sums_with(const ws_lanes_map *map, bool has_n, float *sums, float *products)
{
    if (map->gate == WS_LANES_GATE_MASK)
        sum_bands(map, (sums_parts){NORM_SUMS, has_n, WS_LANES_GATE_MASK}, sums, products);
    else if (map->gate == WS_LANES_GATE_MASK_NORM)
        sum_bands(map, (sums_parts){NORM_SUMS, has_n, WS_LANES_GATE_MASK_NORM}, sums, products);
    else
        sum_bands(map, (sums_parts){NORM_SUMS, has_n, WS_LANES_GATE_OPEN}, sums, products);
}

static void norm_sums(const ws_lanes_map *map, float *sums, float *products)
{
    if (map->n.at != NULL)
        norm_sums_with(map, true, sums, products);
    else
        norm_sums_with(map, false, sums, products);
}

static void add_lanes(const float *sums, size_t n, float *totals)
{
    lanes_add(sums, n, totals);
}

const ws_lanes_maps LEVEL_NAME(ws_lanes_maps) = {
    .join = join,
    .copy = copy,
    .expand = expand,
    .multiply = multiply,
    .sigmoid = sigmoid,
    .sigmoid_back = sigmoid_back,
    .silu = silu,
    .silu_back = silu_back,
    .quantize = quantize,
    .quantize_back = quantize_back,
    .extremes = extremes,
    .sum_w = sum_w,
    .sum_rows = sum_rows,
    .moments = moments,
    .norm_sums = norm_sums,
    .add_lanes = add_lanes,
    .stream = stream,
    .finish_stream = finish_stream,
    .pack = pack,
    .unpack = unpack,
};
