#include "tbevents/png.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tbevents/palette.h"

enum {
    SIGNATURE_BYTES = 8,
    CHUNK_OVERHEAD = 12, /* length, type, checksum */
    IHDR_BYTES = 13,
    COLOUR_TYPE_RGB = 2,
    COLOUR_TYPE_PALETTE = 3,
};

static const uint8_t signature[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/** What stands before each row: how its bytes are to be read. */
enum filter { FILTER_NONE, FILTER_SUB, FILTER_UP, FILTER_AVERAGE, FILTER_PAETH, N_FILTERS };

/** One way to compress; the encoder tries those that fit and keeps the smallest. */
typedef struct trial {
    bool adaptive; /* the filter that promises most, row by row; else none */
    int strategy;  /* of zlib */
} trial;

/** Drawings repeat whole rows, which no filter may disturb. */
static const trial palette_trials[] = {{false, Z_DEFAULT_STRATEGY}};
/** Of photographs and smooth shades the differences are smaller. */
static const trial rgb_trials[] = {{false, Z_DEFAULT_STRATEGY}, {true, Z_FILTERED}};

typedef struct encoder {
    const tbe_image *image;
    tbe_palette palette;
    unsigned depth;               /* bits of a palette index: 1, 2, 4, 8 */
    size_t row_bytes;             /* without the filter's byte */
    uint8_t *rows[2];             /* [1 + row_bytes] this row and the one above; byte 0 unused */
    uint8_t *filtered[N_FILTERS]; /* [1 + row_bytes], the filter in byte 0 */
    uint8_t *memory;              /* owned: rows and filtered */
} encoder;

static unsigned depth_of(size_t n_colours)
{
    return n_colours <= 2 ? 1 : n_colours <= 4 ? 2 : n_colours <= 16 ? 4 : 8;
}

static tbe_status encoder_init(encoder *e, const tbe_image *image)
{
    *e = (encoder){.image = image};
    const tbe_status status = tbe_palette_find(image, &e->palette);
    if (status != TBE_OK)
        return status;
    e->depth = depth_of(e->palette.n_colours);
    e->row_bytes = e->palette.indices == NULL ? 3 * (size_t)image->width
                                              : ((size_t)image->width * e->depth + 7) / 8;
    e->memory = calloc(2 + N_FILTERS, 1 + e->row_bytes);
    if (e->memory == NULL) {
        free(e->palette.indices);
        return TBE_ENOMEM;
    }
    for (size_t i = 0; i < 2; i++)
        e->rows[i] = e->memory + i * (1 + e->row_bytes);
    for (size_t i = 0; i < N_FILTERS; i++)
        e->filtered[i] = e->memory + (2 + i) * (1 + e->row_bytes);
    return TBE_OK;
}

static void encoder_deinit(encoder *e)
{
    free(e->palette.indices);
    free(e->memory);
}

/** Row y as it stands in the file before filtering. */
static void get_row(const encoder *e, uint32_t y, uint8_t *out)
{
    const uint32_t width = e->image->width;
    if (e->palette.indices == NULL) {
        memcpy(out, tbe_image_row(e->image, y), e->row_bytes);
        return;
    }
    const uint8_t *indices = e->palette.indices + (size_t)y * width;
    memset(out, 0, e->row_bytes);
    for (uint32_t x = 0; x < width; x++) {
        const size_t bit = (size_t)x * e->depth;
        out[bit / 8] = (uint8_t)(out[bit / 8] | indices[x] << (8 - e->depth - bit % 8));
    }
}

/** Paeth's predictor: of left, above and their corner the nearest to left + above - corner. */
static int predict_paeth(int left, int above, int corner)
{
    const int from_left = abs(above - corner);
    const int from_above = abs(left - corner);
    const int from_corner = abs(left + above - 2 * corner);
    if (from_left <= from_above && from_left <= from_corner)
        return left;
    return from_above <= from_corner ? above : corner;
}

/** Filters a 24-bit row in all ways. @return the one with the smallest differences */
static enum filter filter_row(const encoder *e, const uint8_t *row, const uint8_t *row_above)
{
    unsigned long sums[N_FILTERS] = {0};
    enum filter best = FILTER_NONE;

    for (size_t i = 0; i < e->row_bytes; i++) {
        const int left = i >= 3 ? row[i - 3] : 0;
        const int above = row_above[i];
        const int corner = i >= 3 ? row_above[i - 3] : 0;
        const int predicted[N_FILTERS] = {0, left, above, (left + above) / 2,
                                          predict_paeth(left, above, corner)};
        for (int f = 0; f < N_FILTERS; f++) {
            const uint8_t difference = (uint8_t)(row[i] - predicted[f]);
            e->filtered[f][1 + i] = difference;
            sums[f] += difference < 128 ? difference : 256u - difference;
        }
    }
    for (int f = 0; f < N_FILTERS; f++) {
        e->filtered[f][0] = (uint8_t)f;
        if (sums[f] < sums[best])
            best = (enum filter)f;
    }
    return best;
}

/** Feeds all rows to an open stream, whose output has room for them. @return whether it did */
static bool deflate_rows(const encoder *e, bool adaptive, z_stream *stream)
{
    memset(e->rows[1], 0, 1 + e->row_bytes); /* above the first row all is 0 */
    for (uint32_t y = 0; y < e->image->height; y++) {
        uint8_t *row = e->rows[y % 2];
        row[0] = FILTER_NONE;
        get_row(e, y, row + 1);
        stream->next_in =
            adaptive ? e->filtered[filter_row(e, row + 1, e->rows[(y + 1) % 2] + 1)] : row;
        stream->avail_in = (uInt)(1 + e->row_bytes);
        if (deflate(stream, Z_NO_FLUSH) != Z_OK || stream->avail_in != 0)
            return false;
    }
    return deflate(stream, Z_FINISH) == Z_STREAM_END;
}

/** Compresses the picture in one way. @param data set to memory of the caller (free()) */
static tbe_status deflate_image(const encoder *e, const trial *how, uint8_t **data, size_t *size)
{
    z_stream stream = {0};

    *data = NULL;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15, 9, how->strategy) != Z_OK)
        return TBE_ENOMEM;
    const uLong bound = deflateBound(&stream, (uLong)(e->image->height * (1 + e->row_bytes)));
    *data = malloc(bound);
    stream.next_out = *data;
    stream.avail_out = (uInt)bound;
    const bool done = *data != NULL && deflate_rows(e, how->adaptive, &stream);
    *size = stream.total_out;
    (void)deflateEnd(&stream);
    if (done)
        return TBE_OK;
    free(*data);
    *data = NULL;
    return TBE_ENOMEM;
}

/** The smallest of all trials. @param data set to memory of the caller (free()) */
static tbe_status deflate_best(const encoder *e, uint8_t **data, size_t *size)
{
    const bool is_rgb = e->palette.indices == NULL;
    const trial *trials = is_rgb ? rgb_trials : palette_trials;
    const size_t n_trials = is_rgb ? sizeof rgb_trials / sizeof *rgb_trials
                                   : sizeof palette_trials / sizeof *palette_trials;
    tbe_status status = deflate_image(e, &trials[0], data, size);

    for (size_t i = 1; status == TBE_OK && i < n_trials; i++) {
        uint8_t *other;
        size_t other_size;
        if (deflate_image(e, &trials[i], &other, &other_size) != TBE_OK)
            break; /* what there is will do */
        if (other_size < *size) {
            free(*data);
            *data = other;
            *size = other_size;
        } else {
            free(other);
        }
    }
    return status;
}

static uint8_t *put_be32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    return out + 4;
}

static uint8_t *put_chunk(uint8_t *out, const char type[5], const uint8_t *data, size_t size)
{
    uint8_t *p = put_be32(out, (uint32_t)size);
    memcpy(p, type, 4);
    if (size > 0)
        memcpy(p + 4, data, size);
    return put_be32(p + 4 + size, (uint32_t)crc32(0, p, (uInt)(4 + size)));
}

static tbe_status write_file(const encoder *e, const uint8_t *data, size_t size, uint8_t **file,
                             size_t *file_size)
{
    const bool is_rgb = e->palette.indices == NULL;
    const size_t palette_bytes = is_rgb ? 0 : 3 * e->palette.n_colours;
    uint8_t header[IHDR_BYTES] = {0}; /* deflate, adaptive filters, no interlace are all 0 */

    *file = malloc(SIGNATURE_BYTES + 4 * CHUNK_OVERHEAD + IHDR_BYTES + palette_bytes + size);
    if (*file == NULL)
        return TBE_ENOMEM;
    memcpy(*file, signature, SIGNATURE_BYTES);
    (void)put_be32(put_be32(header, e->image->width), e->image->height);
    header[8] = is_rgb ? 8 : (uint8_t)e->depth;
    header[9] = is_rgb ? COLOUR_TYPE_RGB : COLOUR_TYPE_PALETTE;
    uint8_t *p = put_chunk(*file + SIGNATURE_BYTES, "IHDR", header, IHDR_BYTES);
    if (!is_rgb)
        p = put_chunk(p, "PLTE", e->palette.colours[0], palette_bytes);
    p = put_chunk(p, "IDAT", data, size);
    p = put_chunk(p, "IEND", NULL, 0);
    *file_size = (size_t)(p - *file);
    return TBE_OK;
}

tbe_status tbe_png_encode(const tbe_image *image, uint8_t **file, size_t *size)
{
    encoder e;
    uint8_t *data = NULL;
    size_t data_size = 0;

    *file = NULL;
    tbe_status status = encoder_init(&e, image);
    if (status != TBE_OK)
        return status;
    status = deflate_best(&e, &data, &data_size);
    if (status == TBE_OK)
        status = write_file(&e, data, data_size, file, size);
    free(data);
    encoder_deinit(&e);
    return status;
}

/* The longest chunk that the format allows. */
#define MAX_CHUNK_BYTES UINT32_C(0x7fffffff)

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool tbe_png_check(const uint8_t *data, size_t size, uint32_t *width, uint32_t *height)
{
    size_t at = SIGNATURE_BYTES;
    bool has_data = false;

    if (size < SIGNATURE_BYTES || memcmp(data, signature, SIGNATURE_BYTES) != 0)
        return false;
    for (;;) {
        if (size - at < CHUNK_OVERHEAD)
            return false;
        const uint32_t length = get_be32(data + at);
        const uint8_t *type = data + at + 4;
        if (length > MAX_CHUNK_BYTES || length > size - at - CHUNK_OVERHEAD ||
            get_be32(type + 4 + length) != crc32(0, type, (uInt)(4 + length)))
            return false;
        const bool is_first = at == SIGNATURE_BYTES;
        if (is_first != (memcmp(type, "IHDR", 4) == 0) || (is_first && length != IHDR_BYTES))
            return false;
        if (is_first) {
            *width = get_be32(type + 4);
            *height = get_be32(type + 8);
        }
        has_data = has_data || memcmp(type, "IDAT", 4) == 0;
        at += CHUNK_OVERHEAD + length;
        if (memcmp(type, "IEND", 4) == 0)
            return has_data && at == size && *width - 1 < INT32_MAX && *height - 1 < INT32_MAX;
    }
}
