#include "nn/engine/common/window_rows.h"

#include <string.h>

/* Products shorter than this are not worth splitting: OpenBLAS is best at some hundreds. */
enum { MIN_SPLIT_ROW = 64 };

void ws_window_rows_init(ws_window_rows *rows, ws_shape in, ws_shape out, const ws_window *window)
{
    const bool split = window->stride_h == 1 && window->w * in.c >= MIN_SPLIT_ROW;

    *rows = (ws_window_rows){.in = in, .out = out, .window = *window};
    rows->kernel_rows = split ? 1 : window->h;
    rows->n_products = split ? window->h : 1;
    rows->row_size = rows->kernel_rows * window->w * in.c;
}

static size_t count_lines(const ws_window_rows *rows, size_t n)
{
    return n + rows->n_products - 1;
}

size_t ws_window_rows_size(const ws_window_rows *rows, size_t n)
{
    return count_lines(rows, n) * rows->out.w * rows->row_size;
}

/** The part of a kernel row at output column x that lies inside the image. */
typedef struct span {
    size_t first;  /* number of the kernel row where it begins */
    size_t n;      /* numbers */
    size_t column; /* where it begins in the image's row, in numbers */
} span;

static span find_span(const ws_window_rows *rows, size_t x)
{
    const size_t before = rows->window.zeros.before_w;
    const size_t begin = x * rows->window.stride_w; /* in columns, the padding counted in */
    const size_t end = begin + rows->window.w;
    const size_t from = begin > before ? begin : before;
    const size_t to = end < before + rows->in.w ? end : before + rows->in.w;

    if (to <= from)
        return (span){0, 0, 0};
    return (span){(from - begin) * rows->in.c, (to - from) * rows->in.c,
                  (from - before) * rows->in.c};
}

/** The row of the image that kernel row u of a line sees; past the last one if in the padding. */
static size_t find_image_row(const ws_window_rows *rows, size_t line, size_t u)
{
    /* unsigned: in front of the first row is far behind the last */
    return line * rows->window.stride_h + u - rows->window.zeros.before_h;
}

/** memcpy and memset for a few numbers up to some hundreds: most kernel rows of a one-channel
 *  image are so short that the calls would take longer than the copying. */
static void copy_numbers(float *to, const float *from, size_t n)
{
    for (; n >= 8; n -= 8, to += 8, from += 8)
        memcpy(to, from, 8 * sizeof *to);
    for (; n > 0; n--)
        *to++ = *from++;
}

static void clear_numbers(float *to, size_t n)
{
    for (; n >= 8; n -= 8, to += 8)
        memset(to, 0, 8 * sizeof *to);
    for (; n > 0; n--)
        *to++ = 0.0f;
}

static void expand_kernel_row(const float *image_row, span inside, size_t width, float *to)
{
    const size_t behind = inside.first + inside.n;

    clear_numbers(to, inside.first);
    copy_numbers(to + inside.first, image_row + inside.column, inside.n);
    clear_numbers(to + behind, width - behind);
}

void ws_window_rows_expand(const ws_window_rows *rows, const float *image, size_t y, size_t n,
                           float *matrix)
{
    const size_t width = rows->window.w * rows->in.c;
    const size_t image_stride = rows->in.w * rows->in.c;

    for (size_t line = y; line < y + count_lines(rows, n); line++) {
        for (size_t x = 0; x < rows->out.w; x++) {
            const span inside = find_span(rows, x);
            for (size_t u = 0; u < rows->kernel_rows; u++, matrix += width) {
                const size_t row = find_image_row(rows, line, u);
                if (row < rows->in.h)
                    expand_kernel_row(image + row * image_stride, inside, width, matrix);
                else
                    clear_numbers(matrix, width);
            }
        }
    }
}

void ws_window_rows_fold(const ws_window_rows *rows, const float *matrix, size_t y, size_t n,
                         float *image)
{
    const size_t width = rows->window.w * rows->in.c;
    const size_t image_stride = rows->in.w * rows->in.c;

    for (size_t line = y; line < y + count_lines(rows, n); line++) {
        for (size_t x = 0; x < rows->out.w; x++) {
            const span inside = find_span(rows, x);
            for (size_t u = 0; u < rows->kernel_rows; u++, matrix += width) {
                const size_t row = find_image_row(rows, line, u);
                if (row >= rows->in.h)
                    continue;
                float *to = image + row * image_stride + inside.column;
                for (size_t i = 0; i < inside.n; i++)
                    to[i] += matrix[inside.first + i];
            }
        }
    }
}
