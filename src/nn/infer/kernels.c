/* The kernels of kernels.h but for the product, compiled once per instruction set. */
#include "nn/infer/kernels.h"

#include <math.h>

#include "nn/engine/common/activation_vec.h"
#include "nn/infer/products.h"

INLINE vec finish(vec sum, bool has_relu)
{
    return has_relu ? vec_relu(sum) : sum;
}

enum { MAX_KNOWN_TAPS = 9 };

/** The taps of one place in n_rows rows, which share the weights; their number is known when this
 *  is compiled. @param first  number of the row */
INLINE void known_taps_place(const ws_infer_taps *t, const float *x, size_t first, float *y,
                             int n_rows, size_t n_taps)
{
    const vec floor = vec_splat(t->has_relu ? 0.0f : -INFINITY);
    ptrdiff_t offsets[MAX_KNOWN_TAPS];

    memcpy(offsets, t->offsets, n_taps * sizeof *offsets);
    EACH_VEC(at, t->length)
    {
        const float *from = x + at;
        float *to = y + first + at;
        const vec bias = vec_load(t->bias + first + at);
        vec w[MAX_KNOWN_TAPS];
        UNROLL
        for (size_t k = 0; k < n_taps; k++)
            w[k] = vec_load(t->w + k * t->w_step + first + at);
        UNROLL
        for (int m = 0; m < n_rows; m++) {
            vec sum = bias;
            UNROLL
            for (size_t k = 0; k < n_taps; k++)
                sum += w[k] * vec_load(from + offsets[k]);
            vec_store(to, vec_select(vec_not_at_most(sum, floor), sum, floor));
            from += t->x_step;
            to += t->y_step;
        }
    }
}

/** The same for any number of taps. */
INLINE void taps_place(const ws_infer_taps *t, const float *x, size_t first, float *y, int n_rows)
{
    const vec floor = vec_splat(t->has_relu ? 0.0f : -INFINITY);

    EACH_VEC(at, t->length)
    {
        vec sums[4];
        UNROLL
        for (int m = 0; m < n_rows; m++)
            sums[m] = vec_load(t->bias + first + at);
        for (size_t k = 0; k < t->n_taps; k++) {
            const float *from = x + at + t->offsets[k];
            const vec w = vec_load(t->w + k * t->w_step + first + at);
            UNROLL
            for (int m = 0; m < n_rows; m++)
                sums[m] += w * vec_load(from + (size_t)m * t->x_step);
        }
        UNROLL
        for (int m = 0; m < n_rows; m++)
            vec_store(y + (size_t)m * t->y_step + first + at,
                      vec_select(vec_not_at_most(sums[m], floor), sums[m], floor));
    }
}

INLINE void taps_rows(const ws_infer_taps *t, size_t row, int n_rows, size_t n_taps)
{
    const float *x = t->x + row * t->x_step;
    float *y = t->y + row * t->y_step;

    for (size_t i = 0; i < t->n_places; i++)
        if (n_taps > 0)
            known_taps_place(t, x + i * t->place_step, i * t->length, y, n_rows, n_taps);
        else
            taps_place(t, x + i * t->place_step, i * t->length, y, n_rows);
}

/** @param n_taps  known when this is compiled, for the usual numbers; 0: another one */
INLINE void taps_all(const ws_infer_taps *all, size_t n_taps)
{
    enum { ROWS = 4 };
    const ws_infer_taps own = *all, *t = &own; /* a copy: no store to y can change it */

    for (size_t row = 0; row < t->n_rows;) {
        const size_t left = t->n_rows - row;
        /* places of less than a vector are stored one after the other */
        if (t->length < VEC_SIZE || t->n_rows < ROWS || left + 1 < ROWS) {
            taps_rows(t, row++, 1, n_taps);
            continue;
        }
        const size_t first = left < ROWS ? t->n_rows - ROWS : row; /* one row once more */
        taps_rows(t, first, ROWS, n_taps);
        row = first + ROWS;
    }
}

static void taps(const ws_infer_taps *t)
{
    if (t->n_taps == 3)
        taps_all(t, 3);
    else if (t->n_taps == 9)
        taps_all(t, 9);
    else
        taps_all(t, 0);
}

INLINE float sum_lanes(vec v)
{
    float lanes[VEC_SIZE];

    vec_store(lanes, v);
    UNROLL
    for (int n = VEC_SIZE / 2; n > 0; n /= 2)
        for (int i = 0; i < n; i++)
            lanes[i] += lanes[i + n];
    return lanes[0];
}

/** Outputs first .. first + n_outputs - 1. */
INLINE void dots_of(const ws_infer_dots *d, size_t first, int n_outputs)
{
    enum { STEP = 2 * VEC_SIZE };
    const float *w = d->w + first * d->n_in;
    vec sums[4][2];
    size_t k = 0;

    UNROLL
    for (int i = 0; i < n_outputs; i++)
        sums[i][0] = sums[i][1] = vec_zero();
    for (; k + STEP <= d->n_in; k += STEP) {
        const vec low = vec_load(d->x + k), high = vec_load(d->x + k + VEC_SIZE);
        UNROLL
        for (int i = 0; i < n_outputs; i++) {
            sums[i][0] += low * vec_load(w + (size_t)i * d->n_in + k);
            sums[i][1] += high * vec_load(w + (size_t)i * d->n_in + k + VEC_SIZE);
        }
    }
    UNROLL
    for (int i = 0; i < n_outputs; i++) {
        float sum = sum_lanes(sums[i][0] + sums[i][1]);
        for (size_t rest = k; rest < d->n_in; rest++)
            sum += d->x[rest] * w[(size_t)i * d->n_in + rest];
        sum += d->bias[first + (size_t)i];
        d->y[first + (size_t)i] = d->has_relu && sum <= 0.0f ? 0.0f : sum;
    }
}

static void dots(const ws_infer_dots *d)
{
    size_t first = 0;

    for (; first + 4 <= d->n_out; first += 4)
        dots_of(d, first, 4);
    for (; first < d->n_out; first++)
        dots_of(d, first, 1);
}

static void sums(const ws_infer_sums *all)
{
    const ws_infer_sums own = *all, *s = &own; /* a copy, as above */

    for (size_t group = 0; group < s->n_groups; group++) {
        const float *x = s->x + group * s->group_step;
        float *y = s->y + group * s->length;
        EACH_VEC(at, s->length)
        {
            vec sum[4] = {vec_zero(), vec_zero(), vec_zero(), vec_zero()};
            const float *from = x + at;
            size_t i = 0;
            for (; i + 4 <= s->n; i += 4, from += 4 * s->step) {
                UNROLL
                for (size_t k = 0; k < 4; k++)
                    sum[k] += vec_load(from + k * s->step);
            }
            for (; i < s->n; i++, from += s->step)
                sum[0] += vec_load(from);
            vec_store(y + at, ((sum[0] + sum[1]) + (sum[2] + sum[3])) * s->factor);
        }
    }
}

INLINE vec pool_one(const ws_infer_pool *p, const float *x, size_t n_columns, bool is_average)
{
    vec pooled = is_average ? vec_zero() : vec_load(x);

    for (size_t row = 0; row < p->n_rows; row++, x += p->row_step) {
        for (size_t column = 0; column < n_columns; column++) {
            const vec value = vec_load(x + column * p->n_channels);
            if (is_average)
                pooled += value;
            else /* NaN wins */
                pooled = vec_select(vec_not_at_most(value, pooled), value, pooled);
        }
    }
    return is_average ? pooled * (1.0f / (float)(p->n_rows * n_columns)) : pooled;
}

static void pool(const ws_infer_pool *p)
{
    for (size_t i = 0; i < p->n_out; i++) {
        const size_t begin = i * p->stride_w; /* with the zeros before the row */
        const size_t first = begin > p->before_w ? begin - p->before_w : 0;
        const size_t end = begin + p->window_w - p->before_w;
        const size_t n_columns = (end < p->width ? end : p->width) - first;
        const float *x = p->x + first * p->n_channels;
        float *y = p->y + i * p->n_channels;

        if (p->is_average)
            EACH_VEC(at, p->n_channels)
        vec_store(y + at, pool_one(p, x + at, n_columns, true));
        else EACH_VEC(at, p->n_channels) vec_store(y + at, pool_one(p, x + at, n_columns, false));
    }
}

/** The terms of a place; those that repeat are the same in each. */
INLINE void add_place(const float *const *x, int n_terms, size_t length, vec floor, float *y)
{
    EACH_VEC(at, length)
    {
        vec sum = vec_load(x[0] + at);
        UNROLL
        for (int i = 1; i < n_terms; i++)
            sum += vec_load(x[i] + at);
        vec_store(y + at, vec_select(vec_not_at_most(sum, floor), sum, floor));
    }
}

INLINE void add_terms(const ws_infer_terms *terms, int n_terms)
{
    const ws_infer_terms t = *terms; /* a copy: no store to y can change it */
    const vec floor = vec_splat(t.has_relu ? 0.0f : -INFINITY);

    for (size_t row = 0; row < t.n_rows; row++) {
        const float *x[WS_INFER_MAX_TERMS];
        float *y = t.y + row * t.n_places * t.length;
        UNROLL
        for (int i = 0; i < n_terms; i++)
            x[i] = t.x[i] + row * t.row_steps[i];
        for (size_t place = 0; place < t.n_places; place++, y += t.length) {
            add_place(x, n_terms, t.length, floor, y);
            UNROLL
            for (int i = 0; i < n_terms; i++)
                x[i] += t.place_steps[i];
        }
    }
}

static void add_rows(const ws_infer_terms *t)
{
    if (t->n_terms == 2)
        add_terms(t, 2);
    else if (t->n_terms == 3)
        add_terms(t, 3);
    else
        add_terms(t, WS_INFER_MAX_TERMS);
}

/* Where places do not fill vectors, and one term repeats along the row, that term is written out
 * for some rows: then they are one long row. */

enum { WIDE = 2048 }; /* floats that a term is written out for at a time */

/** The term that repeats along the row, if all others do not; n_terms: no such one. */
static size_t find_repeated(const ws_infer_terms *t)
{
    const size_t row = t->n_places * t->length;
    size_t found = t->n_terms;

    if (t->n_places == 1 || t->length % VEC_SIZE == 0 || row > WIDE)
        return found;
    for (size_t i = 0; i < t->n_terms; i++) {
        if (t->place_steps[i] == t->length && t->row_steps[i] == row)
            continue;
        if (t->place_steps[i] != 0 || found < t->n_terms)
            return t->n_terms;
        found = i;
    }
    return found;
}

/** Rows of a term as if it did not repeat along them. */
static void write_out(const ws_infer_terms *t, size_t term, size_t first, size_t n_rows,
                      float *wide)
{
    const size_t n_places = t->n_places, length = t->length;

    for (size_t row = first; row < first + n_rows; row++, wide += n_places * length) {
        const float *x = t->x[term] + row * t->row_steps[term];
        EACH_VEC(at, length)
        {
            const vec v = vec_load(x + at);
            for (size_t place = 0; place < n_places; place++)
                vec_store(wide + place * length + at, v);
        }
    }
}

static void add(const ws_infer_terms *t)
{
    _Alignas(64) float wide[WIDE + VEC_SIZE];
    const size_t repeated = find_repeated(t), row = t->n_places * t->length;
    size_t n_rows;

    if (repeated == t->n_terms) {
        add_rows(t);
        return;
    }
    ws_infer_terms part = *t;
    size_t most = WIDE / row;
    most -= most > 16 ? most % 16 : 0; /* the next rows begin with a line, too */
    part.n_rows = part.n_places = 1;
    for (size_t first = 0; first < t->n_rows; first += n_rows) {
        n_rows = t->n_rows - first < most ? t->n_rows - first : most;
        write_out(t, repeated, first, n_rows, wide);
        for (size_t i = 0; i < t->n_terms; i++)
            part.x[i] = t->x[i] + first * row;
        part.x[repeated] = wide;
        part.length = n_rows * row;
        part.y = t->y + first * row;
        add_rows(&part);
    }
}

static void mul(const ws_infer_terms *t)
{
    for (size_t row = 0; row < t->n_rows; row++) {
        for (size_t place = 0; place < t->n_places; place++) {
            const float *left = t->x[0] + row * t->row_steps[0] + place * t->place_steps[0];
            const float *right = t->x[1] + row * t->row_steps[1] + place * t->place_steps[1];
            float *y = t->y + (row * t->n_places + place) * t->length;
            EACH_VEC(at, t->length)
            vec_store(y + at, vec_load(left + at) * vec_load(right + at));
        }
    }
}

static void scale(const float *x, const float *factor, const float *shift, size_t n, bool has_relu,
                  float *y)
{
    EACH_VEC(at, n)
    vec_store(y + at,
              finish(vec_load(x + at) * vec_load(factor + at) + vec_load(shift + at), has_relu));
}

INLINE vec activate_vec(ws_op_kind kind, vec v)
{
    if (kind == WS_OP_RELU)
        return vec_relu(v);
    return kind == WS_OP_SIGMOID ? vec_sigmoid(v) : v * vec_sigmoid(v);
}

INLINE void activate_vecs(ws_op_kind kind, const float *x, size_t n_vecs, float *y)
{
    for (size_t i = 0; i < n_vecs; i++)
        vec_store(y + i * VEC_SIZE, activate_vec(kind, vec_load(x + i * VEC_SIZE)));
}

static void activate_whole(ws_op_kind kind, const float *x, size_t n_vecs, float *y)
{
    if (kind == WS_OP_RELU)
        activate_vecs(WS_OP_RELU, x, n_vecs, y);
    else if (kind == WS_OP_SIGMOID)
        activate_vecs(WS_OP_SIGMOID, x, n_vecs, y);
    else
        activate_vecs(WS_OP_SILU, x, n_vecs, y);
}

/** y may be x: a number must not be read after it is written, so no vector overlaps another. */
static void activate(ws_op_kind kind, const float *x, size_t n, float *y)
{
    const size_t whole = n / VEC_SIZE * VEC_SIZE;
    float rest[VEC_SIZE] = {0.0f};

    activate_whole(kind, x, n / VEC_SIZE, y);
    if (whole == n)
        return;
    memcpy(rest, x + whole, (n - whole) * sizeof *x);
    activate_whole(kind, rest, 1, rest);
    memcpy(y + whole, rest, (n - whole) * sizeof *y);
}

static void weigh(const float *x, const float *w, size_t n, size_t length, float *y)
{
    EACH_VEC(at, length)
    {
        vec sum = vec_load(y + at);
        for (size_t i = 0; i < n; i++)
            sum += vec_load(x + i * length + at) * vec_load(w + i * length + at);
        vec_store(y + at, sum);
    }
}

const ws_infer_kernels LEVEL_NAME(ws_infer_kernels) = {
    .n_lanes = VEC_SIZE,
    .packed_size = ws_infer_packed_size,
    .bias_size = ws_infer_bias_size,
    .pack = ws_infer_pack,
    .pack_bias = ws_infer_pack_bias,
    .choose_tiles = ws_infer_choose_tiles,
    .multiply = ws_infer_multiply,
    .to_points = ws_infer_to_points,
    .from_points = ws_infer_from_points,
    .taps = taps,
    .dots = dots,
    .sums = sums,
    .pool = pool,
    .add = add,
    .mul = mul,
    .scale = scale,
    .activate = activate,
    .weigh = weigh,
};
