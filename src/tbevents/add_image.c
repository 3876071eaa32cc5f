#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/png.h"
#include "tbevents/writer.h"

void tbe_image_init(tbe_image *image, size_t struct_size)
{
    memset(image, 0, struct_size);
    image->struct_size = struct_size;
}

static tbe_status check_size(tbe_writer *writer, const char *tag, uint32_t width, uint32_t height)
{
    if (width == 0 || height == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the picture " TBE_QUOTE " of %lu x %lu is empty",
                          tag, (unsigned long)width, (unsigned long)height);
    if (width > TBE_MAX_IMAGE_SIDE || height > TBE_MAX_IMAGE_SIDE ||
        (uint64_t)width * height > TBE_MAX_IMAGE_PIXELS)
        return tbe_refuse(writer, TBE_ELIMIT,
                          "the picture " TBE_QUOTE " of %lu x %lu is above %d a side or %d pixels",
                          tag, (unsigned long)width, (unsigned long)height, TBE_MAX_IMAGE_SIDE,
                          TBE_MAX_IMAGE_PIXELS);
    return TBE_OK;
}

static tbe_status check_image(tbe_writer *writer, const char *tag, const tbe_image *image)
{
    const bool is_palette = image->format == TBE_PIXELS_PALETTE;
    const size_t row_bytes = (is_palette ? 1 : 3) * (size_t)image->width;

    if (!is_palette && image->format != TBE_PIXELS_RGB)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TBE_QUOTE " has no pixel format that "
                          "this library knows",
                          tag);
    if (image->pixels == NULL || (is_palette && image->palette == NULL))
        return tbe_refuse(writer, TBE_EINVAL, "the picture " TBE_QUOTE " has no %s", tag,
                          image->pixels == NULL ? "pixels" : "palette");
    if (is_palette && (image->n_colours == 0 || image->n_colours > 256))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TBE_QUOTE " has %zu colours, expected 1 to 256", tag,
                          image->n_colours);
    if (image->stride_bytes != 0 && image->stride_bytes < row_bytes)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TBE_QUOTE " has rows of %zu bytes, but a stride of %zu",
                          tag, row_bytes, image->stride_bytes);
    return check_size(writer, tag, image->width, image->height);
}

typedef struct png_picture {
    uint32_t width, height;
    tbe_bytes file;
} png_picture;

static tbe_status add_picture(tbe_writer *writer, int64_t step, const char *tag,
                              const png_picture *picture)
{
    enum { DIGITS_BYTES = 12 };
    char width[DIGITS_BYTES], height[DIGITS_BYTES];
    const int n_width = snprintf(width, DIGITS_BYTES, "%lu", (unsigned long)picture->width);
    const int n_height = snprintf(height, DIGITS_BYTES, "%lu", (unsigned long)picture->height);
    const tbe_bytes strings[] = {
        {width, (size_t)n_width}, {height, (size_t)n_height}, picture->file};
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "images",
        .data_class = TBE_CLASS_BLOBS,
        .type = TBE_ELEMENT_STRING,
        .n_dims = 1,
        .dims = {3},
        .n_strings = 3,
        .strings = strings,
    };
    return tbe_add_tensor(writer, step, &value);
}

/** Encodes a checked image. @param file  set to the file (free()) */
static tbe_status encode(tbe_writer *writer, const char *tag, const tbe_image *image,
                         uint8_t **file, size_t *size)
{
    const tbe_status status = tbe_png_encode(image, file, size);
    if (status == TBE_EINVAL)
        return tbe_refuse(writer, status,
                          "the picture " TBE_QUOTE " has a pixel beyond its %zu colours", tag,
                          image->n_colours);
    if (status != TBE_OK)
        return tbe_refuse(writer, status, "no memory to compress the picture " TBE_QUOTE, tag);
    return TBE_OK;
}

tbe_status tbe_add_image(tbe_writer *writer, int64_t step, const char *tag, const tbe_image *image)
{
    tbe_image own;
    uint8_t *file = NULL;
    size_t size = 0;
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_file_tag(writer, tag);
    if (status == TBE_OK)
        status = tbe_take(writer, tag, &own, sizeof own, image, "tbe_image_init");
    if (status == TBE_OK)
        status = check_image(writer, tag, &own);
    if (status == TBE_OK)
        status = encode(writer, tag, &own, &file, &size);
    if (status == TBE_OK)
        status = add_picture(writer, step, tag,
                             &(png_picture){own.width, own.height, {.data = file, .size = size}});
    free(file);
    return status;
}

tbe_status tbe_add_png(tbe_writer *writer, int64_t step, const char *tag, const void *data,
                       size_t size)
{
    png_picture picture = {.file = {data, size}};
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_file_tag(writer, tag);
    if (status != TBE_OK)
        return status;
    if (data == NULL || !tbe_png_check(data, size, &picture.width, &picture.height))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TBE_QUOTE " is not a complete PNG file", tag);
    status = check_size(writer, tag, picture.width, picture.height);
    return status == TBE_OK ? add_picture(writer, step, tag, &picture) : status;
}
