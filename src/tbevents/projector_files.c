#include "tbevents/projector_files.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tbevents/little_endian.h"
#include "tbevents/png.h"
#include "tbevents/text.h"

/** dir/name or dir/name.partial; free() */
static char *join(const char *dir, const char *name, const char *end)
{
    const size_t size = strlen(dir) + strlen(name) + strlen(end) + 2;
    char *path = malloc(size);
    if (path != NULL)
        (void)snprintf(path, size, "%s%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name,
                       end);
    return path;
}

/** @return 0 or errno, never 0 where something went wrong */
static int write_file(const char *path, tbe_file_body body, const void *data)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return errno;
    errno = 0;
    const bool is_good = body(file, data) && fflush(file) == 0 && fsync(fileno(file)) == 0;
    int reason = is_good ? 0 : errno != 0 ? errno : EIO;
    if (fclose(file) != 0 && reason == 0)
        reason = errno;
    return reason;
}

int tbe_file_replace(const char *dir, const char *name, tbe_file_body body, const void *data,
                     char **path)
{
    char *partial = join(dir, name, ".partial");
    int reason = ENOMEM;

    *path = join(dir, name, "");
    if (partial != NULL && *path != NULL) {
        reason = write_file(partial, body, data);
        if (reason == 0 && rename(partial, *path) != 0)
            reason = errno;
        if (reason != 0)
            (void)unlink(partial);
    }
    free(partial);
    return reason;
}

/** A float with the digits that give it again, and a point in whatever the locale writes. */
static bool put_float(FILE *file, float value, char separator)
{
    char text[64];
    const int n = snprintf(text, sizeof text, "%.9g", (double)value);
    if (n < 0)
        return false;
    char *point = text + strspn(text, "-0123456789");
    char *rest = point + strcspn(point, "0123456789e");
    const bool has_point = rest > point;
    return fprintf(file, "%.*s%s%s%c", (int)(point - text), text, has_point ? "." : "", rest,
                   separator) >= 0;
}

bool tbe_vectors_write_tsv(FILE *file, const void *data)
{
    const tbe_embedding *embedding = data;
    const float *value = embedding->vectors;

    for (size_t i = 0; i < embedding->n_points; i++)
        for (size_t j = 0; j < embedding->n_dims; j++)
            if (!put_float(file, *value++, j + 1 < embedding->n_dims ? '\t' : '\n'))
                return false;
    return true;
}

bool tbe_vectors_write_bytes(FILE *file, const void *data)
{
    const tbe_embedding *embedding = data;
    const size_t n = embedding->n_points * embedding->n_dims;

    for (size_t i = 0; i < n; i++) {
        uint8_t bytes[sizeof(float)];
        (void)tbe_put_float(bytes, embedding->vectors[i]);
        if (fwrite(bytes, sizeof bytes, 1, file) != 1)
            return false;
    }
    return true;
}

bool tbe_vectors_look_like_text(const tbe_embedding *embedding)
{
    const size_t n = embedding->n_points * embedding->n_dims;
    uint8_t *bytes = malloc(n * sizeof(float));
    if (bytes == NULL)
        return true; /* the careful answer */
    for (size_t i = 0; i < n; i++)
        (void)tbe_put_float(bytes + i * sizeof(float), embedding->vectors[i]);
    const bool is_text = tbe_text_is_utf8(bytes, n * sizeof(float));
    free(bytes);
    return is_text;
}

static bool put_row(FILE *file, const char *const *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fprintf(file, "%s%c", cells[i], i + 1 < n ? '\t' : '\n') < 0)
            return false;
    return true;
}

/** A single column has no row of titles: TensorBoard would take it for a label. */
bool tbe_labels_write(FILE *file, const void *data)
{
    const tbe_embedding *embedding = data;
    const size_t n = embedding->n_columns;

    if (n > 1 && !put_row(file, embedding->columns, n))
        return false;
    for (size_t i = 0; i < embedding->n_points; i++)
        if (!put_row(file, embedding->labels + i * n, n))
            return false;
    return true;
}

size_t tbe_sprite_columns(const tbe_embedding *embedding)
{
    size_t n = 1;
    while (n * n < embedding->n_points)
        n++;
    return n;
}

tbe_status tbe_sprite_encode(const tbe_embedding *embedding, uint8_t **file, size_t *size)
{
    const size_t n_columns = tbe_sprite_columns(embedding);
    const size_t n_rows = (embedding->n_points + n_columns - 1) / n_columns;
    const size_t pixel = embedding->thumb_format == TBE_PIXELS_RGB ? 3 : 1;
    const size_t thumb_row = pixel * embedding->thumb_width;
    const size_t height = embedding->thumb_height;
    uint8_t *sheet = calloc(n_rows * height, n_columns * thumb_row);
    tbe_image image = {
        .struct_size = sizeof image,
        .format = embedding->thumb_format,
        .width = (uint32_t)(n_columns * embedding->thumb_width),
        .height = (uint32_t)(n_rows * height),
        .pixels = sheet,
        .palette = embedding->palette,
        .n_colours = embedding->n_colours,
    };

    if (sheet == NULL)
        return TBE_ENOMEM;
    const uint8_t *in = embedding->thumbs;
    for (size_t i = 0; i < embedding->n_points; i++)
        for (size_t y = 0; y < height; y++, in += thumb_row)
            memcpy(sheet + ((i / n_columns * height + y) * n_columns + i % n_columns) * thumb_row,
                   in, thumb_row);
    const tbe_status status = tbe_png_encode(&image, file, size);
    free(sheet);
    return status;
}
