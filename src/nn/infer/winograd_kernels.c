/* Columns to their values at points and back, compiled once per instruction set (winograd.h). */
#include "nn/engine/common/activation_vec.h"
#include "nn/infer/products.h"
#include "nn/infer/winograd.h"

enum { N_POINTS = WS_WINOGRAD_N_POINTS };

/** Columns of a tile, to its points: 0, 1, -1, 2, -2, 1/2, -1/2, infinity. Even and odd powers of a
 *  point and its negative are shared. */
INLINE void bring(const vec *x, vec *y)
{
    const vec even[3] = {x[2] + x[6] - 4.25f * x[4], 0.25f * x[2] - 1.25f * x[4] + x[6],
                         4.0f * x[2] - 5.0f * x[4] + x[6]};
    const vec odd[3] = {x[1] + x[5] - 4.25f * x[3], 0.5f * x[1] - 2.5f * x[3] + 2.0f * x[5],
                        2.0f * x[1] - 2.5f * x[3] + 0.5f * x[5]};

    y[0] = x[6] - x[0] + 5.25f * (x[2] - x[4]);
    UNROLL
    for (int i = 0; i < 3; i++) {
        y[2 * i + 1] = even[i] + odd[i];
        y[2 * i + 2] = even[i] - odd[i];
    }
    y[7] = x[7] - x[1] + 5.25f * (x[3] - x[5]);
}

void ws_infer_to_points(const ws_infer_columns *c)
{
    const size_t next_point = c->n_tiles * c->n_channels;

    for (size_t tile = 0; tile < c->n_tiles; tile++) {
        const size_t first = tile * c->n_outputs; /* with the zeros before the row */
        float *y = c->y + tile * c->n_channels;
        EACH_VEC(at, c->n_channels)
        {
            vec columns[N_POINTS], values[N_POINTS];
            UNROLL
            for (size_t i = 0; i < N_POINTS; i++) {
                const size_t column = first + i;
                const bool is_inside = column >= c->before && column < c->before + c->width;
                columns[i] = is_inside ? vec_load(c->x + (column - c->before) * c->n_channels + at)
                                       : vec_zero();
            }
            bring(columns, values);
            UNROLL
            for (size_t i = 0; i < N_POINTS; i++)
                vec_store(y + i * next_point + at, values[i]);
        }
    }
}

enum { MOST_OUTPUTS = 6 };

/** Values at the points, to columns; infinity belongs to the last one alone. */
INLINE void bring_back(const vec *x, vec *y)
{
    const vec sums[3] = {x[1] + x[2], x[3] + x[4], x[5] + x[6]};
    const vec differences[3] = {x[1] - x[2], x[3] - x[4], x[5] - x[6]};
    float power = 1.0f;

    UNROLL
    for (int i = 0; i < MOST_OUTPUTS; i++, power *= 2.0f) {
        const vec *v = i % 2 == 0 ? sums : differences;
        y[i] = v[0] + power * v[1] + (1.0f / power) * v[2];
    }
    y[0] += x[0];
}

void ws_infer_from_points(const ws_infer_columns *c)
{
    const size_t next_point = c->n_tiles * c->n_channels;

    for (size_t tile = 0; tile < c->n_tiles; tile++) {
        const size_t first = tile * c->n_outputs, left = c->width - first;
        const size_t n = left < c->n_outputs ? left : c->n_outputs;
        EACH_VEC(at, c->n_channels)
        {
            const float *x = c->x + tile * c->n_channels + at;
            const vec bias = vec_load(c->bias + at);
            vec values[N_POINTS], columns[MOST_OUTPUTS];
            UNROLL
            for (size_t i = 0; i < N_POINTS; i++)
                values[i] = vec_load(x + i * next_point);
            bring_back(values, columns);
            for (size_t i = 0; i < n; i++) {
                const size_t to = (first + i) * c->n_channels + at;
                vec y = columns[i] + bias;
                if (i + 1 == c->n_outputs)
                    y += values[N_POINTS - 1];
                if (c->residual != NULL)
                    y += vec_load(c->residual + to);
                vec_store(c->y + to, c->has_relu ? vec_relu(y) : y);
            }
        }
    }
}
