#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/png.h"
#include "tbevents/text.h"
#include "tbevents/writer.h"

/** How much of a tag a message quotes. */
#define TAG_QUOTE "\"%.80s\""

/** What every call looks at first: whether there is a writer that goes on. */
static tbe_status status_of(const tbe_writer *writer)
{
    return writer != NULL ? writer->broken : TBE_ENOMEM;
}

static tbe_status check_tag(tbe_writer *writer, const char *tag, size_t *n_bytes)
{
    const char *complaint;
    if (tag == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "a tag is NULL");
    const tbe_status status =
        tbe_text_check(tag, TBE_TEXT_LINE, TBE_MAX_TAG_BYTES, n_bytes, &complaint);
    if (status == TBE_OK)
        return TBE_OK;
    return tbe_refuse(writer, status, "the tag " TAG_QUOTE " %s", tag, complaint);
}

/** Refuses a text to be shown with a tag; NULL is fine. */
static tbe_status check_note(tbe_writer *writer, const char *tag, const char *what,
                             const char *text, tbe_text_kind kind)
{
    size_t n_bytes;
    const char *complaint;
    if (text == NULL)
        return TBE_OK;
    const tbe_status status = tbe_text_check(text, kind, TBE_MAX_TEXT_BYTES, &n_bytes, &complaint);
    if (status == TBE_OK)
        return TBE_OK;
    return tbe_refuse(writer, status, "the %s of " TAG_QUOTE " %s", what, tag, complaint);
}

tbe_status tbe_describe(tbe_writer *writer, const char *tag, const char *display_name,
                        const char *description)
{
    const tbe_note note = {display_name, description};
    size_t n_bytes;
    tbe_status status = status_of(writer);

    if (status == TBE_OK)
        status = check_tag(writer, tag, &n_bytes);
    if (status == TBE_OK)
        status = check_note(writer, tag, "display name", display_name, TBE_TEXT_LINE);
    if (status == TBE_OK)
        status = check_note(writer, tag, "description", description, TBE_TEXT_LINES);
    if (status == TBE_OK && tbe_notes_set(&writer->notes, tag, &note) != 0)
        status = tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
    return status;
}

/** Makes room for an event of n scalars. */
static tbe_status reserve(tbe_writer *writer, size_t n)
{
    int reason = tbe_tag_set_reset(&writer->tags, n);

    if (reason == 0)
        reason = tbe_event_reserve_scalars(writer->event, n);
    if (reason == 0 && n > writer->n_notes_of_event) {
        free(writer->notes_of_event);
        writer->notes_of_event = malloc(n * sizeof(tbe_note *));
        writer->n_notes_of_event = writer->notes_of_event != NULL ? n : 0;
        reason = writer->notes_of_event != NULL ? 0 : ENOMEM;
    }
    return reason == 0 ? TBE_OK : tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
}

static tbe_status check_tags(tbe_writer *writer, size_t n, const char *const *tags)
{
    size_t n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        const tbe_status status = check_tag(writer, tags[i], &n_bytes);
        if (status != TBE_OK)
            return status;
        if (!tbe_tag_set_add(&writer->tags, tags, i, n_bytes))
            return tbe_refuse(writer, TBE_EINVAL, "the tag " TAG_QUOTE " is twice in one event",
                              tags[i]);
    }
    return TBE_OK;
}

/** The notes that this event takes along, NULL if none. */
static const tbe_note *const *find_notes(tbe_writer *writer, size_t n, const char *const *tags)
{
    if (writer->notes.n_waiting == 0)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const tbe_tag_note *item = tbe_notes_find(&writer->notes, tags[i]);
        writer->notes_of_event[i] = item != NULL && item->waits ? &item->note : NULL;
    }
    return writer->notes_of_event;
}

/** The notes of these tags have been written; later scalars need not repeat them. */
static void settle_notes(tbe_writer *writer, size_t n, const char *const *tags)
{
    for (size_t i = 0; writer->notes.n_waiting > 0 && i < n; i++) {
        tbe_tag_note *item = tbe_notes_find(&writer->notes, tags[i]);
        if (item != NULL && item->waits) {
            item->waits = false;
            writer->notes.n_waiting--;
        }
    }
}

/** Appends the composed event unless it is too large. */
static tbe_status append(tbe_writer *writer, size_t size)
{
    if (size > TBE_MAX_EVENT_BYTES)
        return tbe_refuse(writer, TBE_ELIMIT, "an event of %zu bytes is above the %d allowed", size,
                          TBE_MAX_EVENT_BYTES);
    return tbe_event_append(writer, size);
}

tbe_status tbe_add_scalars(tbe_writer *writer, int64_t step, size_t n_scalars,
                           const char *const *tags, const float *values)
{
    tbe_status status = status_of(writer);

    if (status != TBE_OK || n_scalars == 0)
        return status;
    if (tags == NULL || values == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "scalars without tags or values");
    if (n_scalars > TBE_MAX_SCALARS)
        return tbe_refuse(writer, TBE_ELIMIT, "%zu scalars in one event are above the %d allowed",
                          n_scalars, TBE_MAX_SCALARS);
    status = reserve(writer, n_scalars);
    if (status == TBE_OK)
        status = check_tags(writer, n_scalars, tags);
    if (status != TBE_OK)
        return status;
    status =
        append(writer, tbe_event_scalars(writer->event, tbe_wall_time_get(writer), step, n_scalars,
                                         tags, values, find_notes(writer, n_scalars, tags)));
    if (status != TBE_OK)
        return status;
    settle_notes(writer, n_scalars, tags);
    if (writer->has_scalars)
        return tbe_flush_if_due(writer);
    writer->has_scalars = true;
    return tbe_flush(writer);
}

tbe_status tbe_add_scalar(tbe_writer *writer, int64_t step, const char *tag, float value)
{
    return tbe_add_scalars(writer, step, 1, &tag, &value);
}

void tbe_image_init(tbe_image *image, size_t struct_size)
{
    memset(image, 0, struct_size);
    image->struct_size = struct_size;
}

static tbe_status check_size(tbe_writer *writer, const char *tag, uint32_t width, uint32_t height)
{
    if (width == 0 || height == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the picture " TAG_QUOTE " of %lu x %lu is empty",
                          tag, (unsigned long)width, (unsigned long)height);
    if (width > TBE_MAX_IMAGE_SIDE || height > TBE_MAX_IMAGE_SIDE ||
        (uint64_t)width * height > TBE_MAX_IMAGE_PIXELS)
        return tbe_refuse(writer, TBE_ELIMIT,
                          "the picture " TAG_QUOTE " of %lu x %lu is above %d a side or %d pixels",
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
                          "the picture " TAG_QUOTE " has no pixel format that "
                          "this library knows",
                          tag);
    if (image->pixels == NULL || (is_palette && image->palette == NULL))
        return tbe_refuse(writer, TBE_EINVAL, "the picture " TAG_QUOTE " has no %s", tag,
                          image->pixels == NULL ? "pixels" : "palette");
    if (is_palette && (image->n_colours == 0 || image->n_colours > 256))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TAG_QUOTE " has %zu colours, expected 1 to 256", tag,
                          image->n_colours);
    if (image->stride_bytes != 0 && image->stride_bytes < row_bytes)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TAG_QUOTE " has rows of %zu bytes, but a stride of %zu",
                          tag, row_bytes, image->stride_bytes);
    return check_size(writer, tag, image->width, image->height);
}

static tbe_status add_picture(tbe_writer *writer, int64_t step, tbe_event_picture *picture)
{
    const tbe_tag_note *item = tbe_notes_find(&writer->notes, picture->tag);
    picture->note = item != NULL ? &item->note : NULL;
    const tbe_status status =
        append(writer, tbe_event_image(writer->event, tbe_wall_time_get(writer), step, picture));
    return status == TBE_OK ? tbe_flush_if_due(writer) : status;
}

tbe_status tbe_add_image(tbe_writer *writer, int64_t step, const char *tag, const tbe_image *image)
{
    tbe_event_picture picture = {.tag = tag};
    tbe_image own;
    uint8_t *file = NULL;
    size_t n_bytes;
    tbe_status status = status_of(writer);

    if (status == TBE_OK)
        status = check_tag(writer, tag, &n_bytes);
    if (status != TBE_OK)
        return status;
    if (image == NULL || !tbe_struct_take(&own, sizeof own, image))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the picture " TAG_QUOTE " has fields that this library does not know, "
                          "or tbe_image_init() was not called",
                          tag);
    status = check_image(writer, tag, &own);
    if (status != TBE_OK)
        return status;
    status = tbe_png_encode(&own, &file, &picture.png_size);
    if (status == TBE_EINVAL)
        return tbe_refuse(writer, status,
                          "the picture " TAG_QUOTE " has a pixel beyond its %zu "
                          "colours",
                          tag, own.n_colours);
    if (status != TBE_OK)
        return tbe_refuse(writer, status, "no memory to compress the picture " TAG_QUOTE, tag);
    picture.png = file;
    picture.width = own.width;
    picture.height = own.height;
    status = add_picture(writer, step, &picture);
    free(file);
    return status;
}

tbe_status tbe_add_png(tbe_writer *writer, int64_t step, const char *tag, const void *data,
                       size_t size)
{
    tbe_event_picture picture = {.tag = tag, .png = data, .png_size = size};
    size_t n_bytes;
    tbe_status status = status_of(writer);

    if (status == TBE_OK)
        status = check_tag(writer, tag, &n_bytes);
    if (status != TBE_OK)
        return status;
    if (data == NULL || !tbe_png_check(data, size, &picture.width, &picture.height))
        return tbe_refuse(writer, TBE_EINVAL, "the picture " TAG_QUOTE " is no whole PNG file",
                          tag);
    status = check_size(writer, tag, picture.width, picture.height);
    return status == TBE_OK ? add_picture(writer, step, &picture) : status;
}
