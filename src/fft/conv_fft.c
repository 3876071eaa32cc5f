#include "fft/conv_fft.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "fft/conv_work.h"

/* What a codelet of r complex points takes, in vector operations, of which one may be a product and
 * its sum; and in single products and sums. Loading and storing each point of a stage comes to it
 * (on processors that store half a vector a cycle). */
typedef struct radix_cost {
    int radix;
    double instructions, operations;
} radix_cost;

static const radix_cost radices[] = {{1, 0, 0},   {2, 4, 4},      {3, 14, 18},
                                     {4, 16, 16}, {5, 36, 52},    {7, 66, 102},
                                     {8, 56, 56}, {11, 150, 250}, {16, 168, 168}};
enum { N_RADICES = sizeof radices / sizeof *radices };
static const double cost_per_point = 4;

static int greatest_common_divisor(int a, int b)
{
    while (b != 0) {
        const int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/** Operations of n points as three stages with these radices. */
static double stages_cost(int n, const int factors[3])
{
    double cost = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < N_RADICES; j++)
            if (factors[i] > 1 && radices[j].radix == factors[i])
                cost += n * (radices[j].instructions / factors[i] + cost_per_point);
    }
    return cost;
}

static bool is_radix(int n)
{
    for (int i = 0; i < N_RADICES; i++)
        if (radices[i].radix == n)
            return true;
    return false;
}

/** Whether {a, b, c} are pairwise coprime radices, ascending but for ones before the last: {a, b,
 * c}, {a, 1, c} or {1, 1, c}. */
static bool are_factors(int a, int b, int c)
{
    if (!is_radix(c) || (a > 1 && a >= c) || (b > 1 && (a == 1 || a > b || b >= c)))
        return false;
    return greatest_common_divisor(a, b) == 1 && greatest_common_divisor(a * b, c) == 1;
}

/**
 * The cheapest way to write n as a product of at most max_factors (2 or 3) of them.
 *
 * @return its cost, or a negative number if n has no such factors
 */
static double find_factors(int n, int max_factors, int factors[3])
{
    double best = -1;
    for (int i = 0; i < N_RADICES; i++) {
        for (int j = 0; j < (max_factors == 3 ? N_RADICES : 1); j++) { /* the first radix is 1 */
            const int tried[3] = {radices[i].radix, radices[j].radix,
                                  n / radices[i].radix / radices[j].radix};
            const double cost = stages_cost(n, tried);
            if (tried[0] * tried[1] * tried[2] != n || (best >= 0 && cost >= best) ||
                !are_factors(tried[0], tried[1], tried[2]))
                continue;
            best = cost;
            memcpy(factors, tried, sizeof tried);
        }
    }
    return best;
}

/** The position p = (k2 r1 + k1) r3 + k3 of -k: each digit ki becomes -ki mod ri. */
static int negative_of(int position, const int factors[3])
{
    const int k3 = position % factors[2];
    const int k1 = position / factors[2] % factors[0];
    const int k2 = position / factors[2] / factors[0];
    return ((factors[1] - k2) % factors[1] * factors[0] + (factors[0] - k1) % factors[0]) *
               factors[2] +
           (factors[2] - k3) % factors[2];
}

void ws_conv_fft_init(ws_conv_fft *fft, int n_h, int n_w)
{
    int w_factors[3] = {1, 1, 1};
    assert(n_h <= WS_CONV_MAX_H && n_w <= WS_CONV_MAX_W && n_w % 2 == 0);
    *fft = (ws_conv_fft){.n_h = n_h, .n_w = n_w};
    const double h_cost = find_factors(n_h, 3, fft->h_factors);
    const double w_cost = find_factors(n_w, 2, w_factors);
    assert(h_cost >= 0 && w_cost >= 0);
    (void)h_cost;
    (void)w_cost;
    fft->w_factors[0] = w_factors[0];
    fft->w_factors[1] = w_factors[2];
    fft->n_columns = n_w / 2;
    fft->n_extra = n_h % 2 == 0 ? 2 : 1;
    fft->n_freqs = fft->n_columns * n_h + fft->n_extra;
    fft->grid_stride = fft->n_columns | 1; /* odd: columns spread over all sets of the cache */
    for (int p = 0; p < n_h; p++)
        fft->h_negative[p] = (int16_t)negative_of(p, fft->h_factors);
}

double ws_conv_cost_get(int n_h, int n_w, int n_rows)
{
    int factors[3];
    const double column = find_factors(n_h, 3, factors);
    const double row = find_factors(n_w, 2, factors);
    if (column < 0 || row < 0 || n_w % 2 != 0)
        return -1;
    return n_rows * row / 2 + n_w * column / 2; /* a real row is half of a complex one */
}

/** Products and sums of one complex transform with these radices. */
static double count_operations(int n, const int *factors, int n_factors)
{
    double n_operations = 0;
    for (int i = 0; i < n_factors; i++) {
        for (int j = 0; j < N_RADICES; j++)
            if (radices[j].radix == factors[i])
                n_operations += n / factors[i] * radices[j].operations;
    }
    return n_operations;
}

double ws_conv_count_operations(const ws_conv_fft *fft, int n_rows)
{
    return n_rows * count_operations(fft->n_w, fft->w_factors, 2) / 2 +
           fft->n_w * count_operations(fft->n_h, fft->h_factors, 3) / 2;
}

ws_status ws_conv_size_find(int min_h, int min_w, int n_rows, double cost_per_freq, int size[2],
                            ws_error *err)
{
    double best = -1;
    for (int h = min_h; h <= WS_CONV_MAX_H && h <= 2 * min_h + 2; h++) {
        for (int w = min_w; w <= WS_CONV_MAX_W && w <= 2 * min_w + 2; w++) {
            const double transform = ws_conv_cost_get(h, w, n_rows);
            const double cost = transform + cost_per_freq * h * w / 2;
            if (transform < 0 || (best >= 0 && cost >= best))
                continue;
            best = cost;
            size[0] = h;
            size[1] = w;
        }
    }
    if (best < 0)
        return ws_fail(err, WS_ELIMIT, "no transform for an image of %d x %d, at most %d x %d",
                       min_h, min_w, WS_CONV_MAX_H, WS_CONV_MAX_W);
    return WS_OK;
}

/** Along one axis the place (start + sign * i) mod n_grid holds element i < n of the image. */
typedef struct axis {
    int n_grid, n, start, sign;
} axis;

/** The element at a place, or -1. */
static int element_at(const axis *a, int place)
{
    const int i = (a->sign * (place - a->start) % a->n_grid + a->n_grid) % a->n_grid;
    return i < a->n ? i : -1;
}

/** The place n of the digits n1, n2, n3; see conv_fft.h. */
static int place_of(int n, const int factors[3], int n1, int n2, int n3)
{
    return (n / factors[0] * n1 + n / factors[1] * n2 + n / factors[2] * n3) % n;
}

/** The first stage's butterflies (n2, n3) take all n1, the last stage's (n2, n1) give all n3. */
static void set_rows(ws_conv_window *window, const ws_conv_fft *fft, const axis *rows)
{
    const int *r = fft->h_factors;
    for (int n1 = 0; n1 < r[0]; n1++) {
        for (int n2 = 0; n2 < r[1]; n2++) {
            for (int n3 = 0; n3 < r[2]; n3++) {
                const int row = element_at(rows, place_of(fft->n_h, r, n1, n2, n3));
                window->row_from[(n2 * r[2] + n3) * r[0] + n1] =
                    (int32_t)conv_grid_offset(fft, row >= 0 ? row : fft->n_h);
                window->row_to[(n2 * r[0] + n1) * r[2] + n3] =
                    (int32_t)conv_grid_offset(fft, row >= 0 ? row : fft->n_h + 1);
            }
        }
    }
}

/** A row's butterflies n2 take all n1. */
static void set_cols(ws_conv_window *window, const ws_conv_fft *fft, const axis *cols)
{
    const int r[3] = {fft->w_factors[0], fft->w_factors[1], 1};
    for (int n1 = 0; n1 < r[0]; n1++)
        for (int n2 = 0; n2 < r[1]; n2++)
            window->col_of[n2 * r[0] + n1] =
                (int16_t)element_at(cols, place_of(fft->n_w, r, n1, n2, 0));
}

void ws_conv_window_init(ws_conv_window *window, const ws_conv_fft *fft, int n_rows, int n_cols)
{
    const axis rows = {fft->n_h, n_rows, 0, 1}, cols = {fft->n_w, n_cols, 0, 1};
    assert(n_rows <= fft->n_h && n_cols <= fft->n_w);
    window->n_rows = n_rows;
    window->n_cols = n_cols;
    set_rows(window, fft, &rows);
    set_cols(window, fft, &cols);
}

void ws_conv_window_init_kernel(ws_conv_window *window, const ws_conv_fft *fft, int n_rows,
                                int n_cols, int pad_top, int pad_left)
{
    const axis rows = {fft->n_h, n_rows, pad_top, -1}, cols = {fft->n_w, n_cols, pad_left, -1};
    assert(n_rows <= fft->n_h && n_cols <= fft->n_w && pad_top < n_rows && pad_left < n_cols);
    window->n_rows = n_rows;
    window->n_cols = n_cols;
    set_rows(window, fft, &rows);
    set_cols(window, fft, &cols);
}

size_t ws_conv_work_get_floats(const ws_conv_fft *fft)
{
    float origin[1];
    return (size_t)(conv_work_divide(fft, origin).end - origin);
}

void ws_conv_columns_forward(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                             const ws_conv_window *window, const ws_conv_target *out, float *work)
{
    const size_t column_floats = (size_t)fft->n_h * out->stride;
    ws_conv_target column = *out;

    column.extra = out->freqs + (size_t)fft->n_columns * column_floats;
    for (int c = 0; c < fft->n_columns; c++) {
        kernels->column_forward(fft, window, c, &column, work);
        column.freqs += column_floats;
        if (column.factors != NULL)
            column.factors += 2 * (ptrdiff_t)fft->n_h;
    }
    kernels->finish();
}

void ws_conv_columns_inverse(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                             const ws_conv_window *window, const ws_conv_source *in, float *work)
{
    const size_t column_floats = (size_t)fft->n_h * in->stride;
    ws_conv_source column = *in;

    column.extra = in->freqs + (size_t)fft->n_columns * column_floats;
    for (int c = 0; c < fft->n_columns; c++) {
        kernels->column_inverse(fft, window, c, &column, work);
        column.freqs += column_floats;
        if (column.factors != NULL)
            column.factors += 2 * (ptrdiff_t)fft->n_h;
        if (column.fetch != NULL)
            column.fetch += column_floats;
    }
}

void ws_conv_forward(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                     const ws_conv_window *window, const float *image, const ws_conv_target *out,
                     float *work)
{
    kernels->rows_forward(fft, window, image, 0, window->n_rows, work);
    ws_conv_columns_forward(kernels, fft, window, out, work);
}

void ws_conv_inverse(const ws_conv_kernels *kernels, const ws_conv_fft *fft,
                     const ws_conv_window *window, const ws_conv_source *in, float *image,
                     float *work)
{
    ws_conv_columns_inverse(kernels, fft, window, in, work);
    kernels->rows_inverse(fft, window, image, 0, window->n_rows, work);
}
