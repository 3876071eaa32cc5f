/* The kernels of maps.h, compiled once per instruction set and width of a block. */
#include "nn/engine/lanes/maps.h"

#include "nn/engine/common/activation_vec.h"
#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/levels_vec.h"
#include "nn/engine/lanes/max_vec.h"
#include "nn/engine/lanes/moves_vec.h"
#include "nn/engine/lanes/sums_vec.h"

/** What a joined map has, known when its loop is compiled. */
typedef struct join_parts {
    bool has_factors, has_z, has_n, has_q;
    ws_lanes_gate gate;
} join_parts;

INLINE void ask_ahead(const ws_lanes_map *map, join_parts parts, pixel_rows row, size_t at)
{
    vec_ask(row.x + at, map->x.ahead);
    if (parts.has_z)
        vec_ask(row.z + at, map->z.ahead);
    if (parts.gate == WS_LANES_GATE_MASK || parts.gate == WS_LANES_GATE_MASK_NORM)
        vec_ask(row.m + at, map->m.ahead);
    if (parts.has_q)
        vec_ask(row.q + at, map->q.ahead);
}

/** Some channels of a pixel, n from c on, that vectors hold together; the pixel's factors begin at
 *  `first`. */
INLINE void join_channels(const ws_lanes_map *map, join_parts parts, pixel_rows row, size_t first,
                          size_t c, size_t n)
{
    const bool is_masked =
        parts.gate == WS_LANES_GATE_MASK || parts.gate == WS_LANES_GATE_MASK_NORM;
    const vec factor = vec_splat(map->factor);

    BLOCK_LANES(lane)
    {
        const size_t at = c * LANES + (size_t)lane, k = first + c;
        if (lane == 0)
            ask_ahead(map, parts, row, at);
        vec t = vec_load_channels(row.x + at, n), m = vec_zero();
        if (parts.has_factors)
            t = vec_of_channels(map->a + k, n) * t + vec_of_channels(map->b + k, n);
        if (parts.has_n)
            t += factor * vec_load_channels(row.n + at, n);
        if (parts.has_z)
            t += vec_load_channels(row.z + at, n);
        if (is_masked)
            m = vec_load_channels(row.m + at, n);
        if (parts.gate == WS_LANES_GATE_MASK_NORM)
            m = vec_of_channels(map->m_a + k, n) * m + vec_of_channels(map->m_b + k, n);
        t = pass_gate(parts.gate, t, m);
        if (parts.has_q) {
            const vec q = vec_load_channels(row.q + at, n);
            t = vec_of_channels(map->q_a + k, n) * t +
                (vec_of_channels(map->q_b + k, n) * q + vec_of_channels(map->q_c + k, n));
            if (map->live != NULL)
                t *= vec_repeat(map->live + lane);
        }
        vec_store_channels(row.y + at, t, n);
        if (row.kept != NULL)
            vec_stream(row.kept + at, t);
    }
}

/** One pixel, whose factors begin at `first`. */
INLINE void join_pixel(const ws_lanes_map *map, join_parts parts, pixel_rows row, size_t first)
{
    size_t c = 0;

    for (; c + VEC_CHANNELS <= map->c; c += VEC_CHANNELS)
        join_channels(map, parts, row, first, c, VEC_CHANNELS);
    if (VEC_CHANNELS > 1 && c < map->c)
        join_channels(map, parts, row, first, c, map->c - c);
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
        pixel_rows row = {.x = map.x.at + r * map.x.pitch,
                          .z = row_of(map.z, parts.has_z, r),
                          .n = row_of(map.n, parts.has_n, r),
                          .m = row_of(map.m, is_masked, r),
                          .q = row_of(map.q, parts.has_q, r),
                          .y = map.y + r * map.y_pitch};
        if (map.kept != NULL && r >= map.first_kept && r < map.end_kept)
            row.kept = map.kept + r * map.kept_pitch;
        for (size_t band = 0; band < map.n_bands; band++) {
            for (size_t j = 0; j < n_w; j++) {
                join_pixel(&map, parts, row, band * map.c);
                row.x += n_pixel;
                row.y += n_pixel;
                row.kept += row.kept != NULL ? n_pixel : 0;
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

INLINE bool reads_x(map_kind kind)
{
    return kind != EXPAND;
}

INLINE bool reads_z(map_kind kind)
{
    return kind != SIGMOID && kind != SILU && kind != QUANTIZE;
}

/** n channels of a pixel from c on, that vectors hold together. */
INLINE void map_channels(const ws_lanes_map *map, map_kind kind, const float *x, const float *z,
                         float *y, size_t c, size_t n)
{
    BLOCK_LANES(lane)
    {
        const size_t at = c * LANES + (size_t)lane;
        const vec first = reads_x(kind) ? vec_load_channels(x + at, n) : vec_zero();
        const vec second = reads_z(kind) ? vec_load_channels(z + at, n) : vec_zero();
        vec_store_channels(y + at, apply(map, kind, first, second), n);
    }
}

INLINE void run_map(const ws_lanes_map *map, map_kind kind)
{
    const size_t n_pixel = map->c * LANES, z_step = map->z_is_narrow ? 0 : n_pixel;

    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = reads_x(kind) ? map->x.at + r * map->x.pitch : NULL;
        const float *z = reads_z(kind) ? map->z.at + r * map->z.pitch : NULL;
        float *y = map->y + r * map->y_pitch;
        for (size_t j = 0; j < map->w; j++, y += n_pixel) {
            size_t c = 0;
            for (; c + VEC_CHANNELS <= map->c; c += VEC_CHANNELS)
                map_channels(map, kind, x, z, y, c, VEC_CHANNELS);
            if (VEC_CHANNELS > 1 && c < map->c)
                map_channels(map, kind, x, z, y, c, map->c - c);
            if (reads_x(kind))
                x += n_pixel;
            if (reads_z(kind))
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

/** Of the lanes' numbers so far and those of a vector, the lesser or (sign -1) the larger ones. */
INLINE void keep_extremes(vec found, float sign, float *numbers)
{
    float lanes[VEC_SIZE];

    vec_store(lanes, found);
    for (int i = 0; i < VEC_SIZE; i++)
        if (sign * lanes[i] < sign * numbers[i % LANES])
            numbers[i % LANES] = lanes[i];
}

static void extremes(const ws_lanes_map *map, float *least, float *largest)
{
    BLOCK_LANES(lane)
    {
        vec min = vec_repeat(least + lane), max = vec_repeat(largest + lane);
        for (size_t r = 0; r < map->n_rows; r++) {
            const float *x = map->x.at + r * map->x.pitch + lane;
            const size_t n = map->w * map->c;
            for (size_t i = 0; i < n; i += VEC_CHANNELS) {
                const size_t left =
                    VEC_CHANNELS == 1 || n - i > VEC_CHANNELS ? VEC_CHANNELS : n - i;
                const vec number = vec_load_channels(x + i * LANES, left);
                min = vec_select(vec_less(number, min), number, min);
                max = vec_select(vec_less(max, number), number, max);
            }
        }
        keep_extremes(min, 1.0f, least + lane);
        keep_extremes(max, -1.0f, largest + lane);
    }
}

static void add_lanes(const float *sums, size_t n, float *totals)
{
    lanes_add(sums, n, totals);
}

const ws_lanes_maps LANES_TABLE(ws_lanes_maps) = {
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
    .max = max,
    .max_back = max_back,
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
