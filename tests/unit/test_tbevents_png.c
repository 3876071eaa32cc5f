/* tbevents: pictures, decoded again by a decoder of this file's own (zlib only inflates). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <zlib.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

/* ---- a decoder for what the encoder may write ---- */

typedef struct picture {
    uint32_t width, height;
    unsigned depth;       /* bits a sample */
    unsigned colour_type; /* 2 RGB, 3 palette */
    size_t n_colours;
    uint8_t palette[256][3];
    uint8_t *pixels; /* [height, width, 3] (free()) */
} picture;

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int paeth(int a, int b, int c)
{
    const int p = a + b - c;
    const int pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Undoes the filters in place. rows [height, 1 + row_bytes] */
static void unfilter(uint8_t *rows, size_t height, size_t row_bytes, size_t pixel_bytes)
{
    for (size_t y = 0; y < height; y++) {
        uint8_t *row = rows + y * (1 + row_bytes);
        const uint8_t *up = row - (1 + row_bytes);
        for (size_t i = 1; i <= row_bytes; i++) {
            const int a = i > pixel_bytes ? row[i - pixel_bytes] : 0;
            const int b = y > 0 ? up[i] : 0;
            const int c = y > 0 && i > pixel_bytes ? up[i - pixel_bytes] : 0;
            const int add[] = {0, a, b, (a + b) >> 1, paeth(a, b, c)};
            assert_in_range(row[0], 0, 4);
            row[i] = (uint8_t)(row[i] + add[row[0]]);
        }
    }
}

static void decode_rows(picture *p, const uint8_t *data, size_t size)
{
    const bool is_rgb = p->colour_type == 2;
    const size_t row_bytes = is_rgb ? 3 * (size_t)p->width : ((size_t)p->width * p->depth + 7) / 8;
    uLongf n_raw = p->height * (1 + row_bytes);
    uint8_t *raw = malloc(n_raw + 1);
    p->pixels = malloc(3 * (size_t)p->width * p->height);
    assert_non_null(raw);
    assert_non_null(p->pixels);
    const uLongf expected = n_raw++;
    assert_int_equal(uncompress(raw, &n_raw, data, size), Z_OK);
    assert_int_equal(n_raw, expected);
    unfilter(raw, p->height, row_bytes, is_rgb ? 3 : 1);
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < p->width; x++) {
            const uint8_t *row = raw + y * (1 + row_bytes) + 1;
            const size_t bit = x * p->depth;
            const unsigned index =
                is_rgb ? 0 : row[bit / 8] >> (8 - p->depth - bit % 8) & ((1u << p->depth) - 1);
            assert_true(is_rgb || index < p->n_colours);
            memcpy(p->pixels + 3 * (y * p->width + x), is_rgb ? row + 3 * x : p->palette[index], 3);
        }
    free(raw);
}

static picture decode(const uint8_t *file, size_t size)
{
    static const char types[][5] = {"IHDR", "PLTE", "IDAT", "IEND"};
    picture p = {0};
    size_t at = 8, next = 0;

    assert_memory_equal(file, "\x89PNG\r\n\x1a\n", 8);
    while (at < size) {
        const uint32_t length = get_be32(file + at);
        const uint8_t *type = file + at + 4, *data = type + 4;
        assert_true(length <= size - at - 12);
        assert_int_equal(get_be32(data + length), crc32(0, type, 4 + length));
        if (next == 1 && p.colour_type == 2)
            next = 2;
        assert_memory_equal(type, types[next], 4);
        if (next == 0) {
            p.width = get_be32(data);
            p.height = get_be32(data + 4);
            p.depth = data[8];
            p.colour_type = data[9];
            assert_memory_equal(data + 10, "\0\0\0", 3);
        } else if (next == 1) {
            p.n_colours = length / 3;
            memcpy(p.palette, data, length);
        } else if (next == 2) {
            decode_rows(&p, data, length);
        }
        next++;
        at += 12 + length;
    }
    assert_int_equal(next, 4);
    assert_int_equal(at, size);
    return p;
}

/** Writes the picture as an event and decodes it from the file. @param n_bytes  of its PNG */
static picture through_a_file(const tbe_image *image, size_t *n_bytes)
{
    char digits[16];
    tbe_writer *writer = tbe_open(scratch_dir, NULL);
    assert_int_equal(tbe_add_image(writer, 3, "a/picture", image), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 3);
    const Tbproto__Summary__Value *value = file->events[2]->summary->value[0];
    assert_string_equal(value->tag, "a/picture");
    assert_string_equal(value->metadata->plugin_data->plugin_name, "images");
    assert_int_equal(value->tensor->tensor_shape->dim[0]->size, 3);
    const ProtobufCBinaryData *strings = value->tensor->string_val;
    for (size_t i = 0; i < 2; i++) {
        assert_true(strings[i].len < sizeof digits);
        memcpy(digits, strings[i].data, strings[i].len);
        digits[strings[i].len] = '\0';
        assert_int_equal(strtol(digits, NULL, 10), i == 0 ? image->width : image->height);
    }
    *n_bytes = strings[2].len;
    const picture p = decode(strings[2].data, strings[2].len);
    assert_int_equal(p.width, image->width);
    assert_int_equal(p.height, image->height);
    event_file_destroy(file);
    return p;
}

/** Fails the test unless p shows what image does. */
static void assert_same_pixels(const picture *p, const tbe_image *image)
{
    const bool is_rgb = image->format == TBE_PIXELS_RGB;
    const size_t n = is_rgb ? 3 : 1;
    const size_t stride = image->stride_bytes != 0 ? image->stride_bytes : n * image->width;
    for (size_t y = 0; y < image->height; y++)
        for (size_t x = 0; x < image->width; x++) {
            const uint8_t *pixel = image->pixels + y * stride + n * x;
            const uint8_t *colour = is_rgb ? pixel : image->palette + 3 * (size_t)*pixel;
            assert_memory_equal(p->pixels + 3 * (y * image->width + x), colour, 3);
        }
}

static uint32_t random_state = 1;

static uint8_t random_byte(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint8_t)(random_state >> 24);
}

/** As many different colours, the first three of them far apart. */
static void make_palette(uint8_t palette[256][3])
{
    for (size_t i = 0; i < 256; i++) {
        palette[i][0] = (uint8_t)(i * 85);
        palette[i][1] = (uint8_t)i;
        palette[i][2] = (uint8_t)(255 - i);
    }
}

static tbe_image image_of(tbe_pixel_format format, uint32_t width, uint32_t height,
                          const uint8_t *pixels)
{
    tbe_image image;
    tbe_image_init(&image, sizeof image);
    image.format = format;
    image.width = width;
    image.height = height;
    image.pixels = pixels;
    return image;
}

static void palettes_take_as_few_bits_as_they_can(void **state)
{
    static const struct {
        size_t n_colours;
        unsigned depth;
    } cases[] = {{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 4}, {16, 4}, {17, 8}, {256, 8}};
    static const uint32_t widths[] = {1, 3, 7, 8, 9, 64, 301};
    enum { HEIGHT = 33, MOST = 301 * HEIGHT };
    static uint8_t palette[256][3], pixels[MOST];
    (void)state;
    make_palette(palette);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            const size_t n = cases[c].n_colours;
            size_t size;
            tbe_image image = image_of(TBE_PIXELS_PALETTE, widths[w], HEIGHT, pixels);
            image.palette = palette[0];
            image.n_colours = 256; /* those that do not occur must not cost anything */
            for (size_t i = 0; i < MOST; i++)
                pixels[i] = (uint8_t)(255 - (i < n ? i : random_byte() % n));
            picture p = through_a_file(&image, &size);
            assert_same_pixels(&p, &image);
            assert_int_equal(p.colour_type, 3);
            if ((size_t)widths[w] * HEIGHT >= n) {
                assert_int_equal(p.n_colours, n);
                assert_int_equal(p.depth, cases[c].depth);
            }
            free(p.pixels);
        }
}

static void colours_that_are_equal_become_one(void **state)
{
    static const uint8_t palette[4][3] = {{1, 2, 3}, {9, 9, 9}, {1, 2, 3}, {9, 9, 9}};
    static const uint8_t pixels[6] = {0, 1, 2, 3, 2, 1};
    size_t size;
    (void)state;
    tbe_image image = image_of(TBE_PIXELS_PALETTE, 3, 2, pixels);
    image.palette = palette[0];
    image.n_colours = 4;
    picture p = through_a_file(&image, &size);
    assert_same_pixels(&p, &image);
    assert_int_equal(p.n_colours, 2);
    free(p.pixels);
}

static void rgb_of_few_colours_gets_a_palette(void **state)
{
    enum { WIDTH = 50, HEIGHT = 20, N_PIXELS = WIDTH * HEIGHT, STRIDE = 3 * WIDTH + 5 };
    static uint8_t palette[256][3], pixels[STRIDE * HEIGHT];
    size_t size;
    (void)state;
    make_palette(palette);
    for (size_t n_colours = 255; n_colours <= 257; n_colours++) {
        memset(pixels, 0xEE, sizeof pixels); /* bytes between the rows must not matter */
        for (size_t i = 0; i < N_PIXELS; i++) {
            uint8_t *pixel = pixels + i / WIDTH * (size_t)STRIDE + 3 * (i % WIDTH);
            const size_t k = i % n_colours;
            memcpy(pixel, palette[k % 256], 3);
            if (k == 256)
                pixel[0] = (uint8_t)(pixel[0] + 1);
        }
        tbe_image image = image_of(TBE_PIXELS_RGB, WIDTH, HEIGHT, pixels);
        image.stride_bytes = STRIDE;
        picture p = through_a_file(&image, &size);
        assert_same_pixels(&p, &image);
        assert_int_equal(p.colour_type, n_colours <= 256 ? 3 : 2);
        assert_int_equal(p.n_colours, n_colours <= 256 ? n_colours : 0);
        free(p.pixels);
    }
}

/** Each channel the sum of a random walk along x and one along y: little to gain without filters,
 *  and all the cases of Paeth's. pixels [height, width, 3] */
static void make_hills(uint8_t *pixels, size_t width, size_t height)
{
    for (size_t channel = 0; channel < 3; channel++) {
        uint8_t *first = pixels + channel;
        first[0] = 128;
        for (size_t x = 1; x < width; x++)
            first[3 * x] = (uint8_t)(first[3 * (x - 1)] + random_byte() % 7 - 3);
        for (size_t y = 1; y < height; y++) {
            uint8_t *row = first + 3 * y * width;
            row[0] = (uint8_t)(row[-(ptrdiff_t)(3 * width)] + random_byte() % 7 - 3);
            for (size_t x = 1; x < width; x++)
                row[3 * x] = (uint8_t)(row[0] + first[3 * x] - first[0]);
        }
    }
}

static void shades_and_noise_are_kept(void **state)
{
    enum { WIDTH = 211, HEIGHT = 173, N_PIXELS = WIDTH * HEIGHT };
    static uint8_t pixels[3 * N_PIXELS];
    size_t noise_size, shade_size;
    (void)state;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = random_byte();
    tbe_image image = image_of(TBE_PIXELS_RGB, WIDTH, HEIGHT, pixels);
    picture p = through_a_file(&image, &noise_size);
    assert_same_pixels(&p, &image);
    assert_int_equal(p.depth, 8);
    free(p.pixels);
    assert_true(noise_size < sizeof pixels + 1000); /* noise cannot shrink, and hardly grows */

    make_hills(pixels, WIDTH, HEIGHT);
    p = through_a_file(&image, &shade_size);
    assert_same_pixels(&p, &image);
    free(p.pixels);
    assert_true(shade_size < sizeof pixels / 4); /* out of reach without filters */
}

static void drawings_are_small(void **state)
{
    enum { SIDE = 700, CELL = 50 };
    static uint8_t palette[256][3], pixels[SIDE * SIDE];
    size_t size;
    (void)state;
    make_palette(palette);
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            pixels[y * SIDE + x] = (uint8_t)(x / CELL * 14 + y / CELL);
    tbe_image image = image_of(TBE_PIXELS_PALETTE, SIDE, SIDE, pixels);
    image.palette = palette[0];
    image.n_colours = 256;
    picture p = through_a_file(&image, &size);
    assert_same_pixels(&p, &image);
    free(p.pixels);
    assert_true(size < 6000); /* 0.1 bits a pixel, and the palette */
}

static void the_largest_sides_fit(void **state)
{
    size_t size;
    uint8_t *pixels = calloc(TBE_MAX_IMAGE_SIDE, 1);
    (void)state;
    assert_non_null(pixels);
    tbe_image image = image_of(TBE_PIXELS_PALETTE, TBE_MAX_IMAGE_SIDE, 1, pixels);
    image.palette = pixels;
    image.n_colours = 1;
    picture p = through_a_file(&image, &size);
    free(p.pixels);
    image.width = 1;
    image.height = TBE_MAX_IMAGE_SIDE;
    p = through_a_file(&image, &size);
    free(p.pixels);
    free(pixels);
}

static void odd_pictures_are_refused(void **state)
{
    static const uint8_t palette[2][3] = {{0, 0, 0}, {255, 255, 255}};
    static const uint8_t pixels[12] = {0, 1, 1, 0, 0, 1, 2, 0, 1, 1, 0, 0};
    (void)state;
    tbe_writer *writer = tbe_open(scratch_dir, NULL);
    tbe_image good = image_of(TBE_PIXELS_PALETTE, 3, 2, pixels);
    good.palette = palette[0];
    good.n_colours = 2;
    assert_int_equal(tbe_add_image(writer, 1, "p", &good), TBE_OK);
#define REFUSED(change, status)                                          \
    do {                                                                 \
        tbe_image image = good;                                          \
        change;                                                          \
        assert_int_equal(tbe_add_image(writer, 2, "p", &image), status); \
        assert_non_null(strstr(tbe_get_message(writer), "\"p\""));       \
    } while (0)
    REFUSED(image.width = 0, TBE_EINVAL);
    REFUSED(image.height = 0, TBE_EINVAL);
    REFUSED(image.width = TBE_MAX_IMAGE_SIDE + 1, TBE_ELIMIT);
    REFUSED(image.height = UINT32_MAX, TBE_ELIMIT);
    REFUSED((image.width = 4097, image.height = 4096), TBE_ELIMIT);
    REFUSED(image.format = (tbe_pixel_format)0, TBE_EINVAL);
    REFUSED(image.format = (tbe_pixel_format)3, TBE_EINVAL);
    REFUSED(image.pixels = NULL, TBE_EINVAL);
    REFUSED(image.palette = NULL, TBE_EINVAL);
    REFUSED(image.n_colours = 0, TBE_EINVAL);
    REFUSED(image.n_colours = 257, TBE_EINVAL);
    REFUSED(image.stride_bytes = 2, TBE_EINVAL);
    REFUSED(image.struct_size = 0, TBE_EINVAL);
    REFUSED(image.height = 3, TBE_EINVAL); /* its third row has a pixel of colour 2 */
#undef REFUSED
    assert_int_equal(tbe_add_image(writer, 2, "p", NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_image(writer, 2, "p\n", &good), TBE_EINVAL);
    assert_int_equal(tbe_describe(writer, "p", NULL, "again and again"), TBE_OK);
    assert_int_equal(tbe_add_image(writer, 3, "p", &good), TBE_OK);
    assert_int_equal(tbe_add_image(writer, 4, "p", &good), TBE_OK);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    assert_int_equal(file->n_records, 5);
    for (size_t i = 3; i < 5; i++)
        assert_string_equal(file->events[i]->summary->value[0]->metadata->summary_description,
                            "again and again");
    event_file_destroy(file);
}

/** A tag that TensorBoard's data server cannot serve a file of. */
static void tags_that_cannot_be_served_are_refused(void **state)
{
    static const char *const bad[] = {"a\"b", "\"", "a\\b", "\\"};
    static const uint8_t pixels[3] = {0, 0, 0};
    static const float samples[2] = {0, 0};
    tbe_audio audio = TBE_AUDIO_INIT;
    (void)state;
    tbe_writer *writer = tbe_open(scratch_dir, NULL);
    const tbe_image image = image_of(TBE_PIXELS_RGB, 1, 1, pixels);
    audio.format = TBE_SAMPLES_FLOAT;
    audio.sample_rate_hz = 16000;
    audio.n_frames = 2;
    audio.samples = samples;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(tbe_add_image(writer, 1, bad[i], &image), TBE_EINVAL);
        assert_non_null(strstr(tbe_get_message(writer), "double quote or a backslash"));
        assert_int_equal(tbe_add_png(writer, 1, bad[i], "x", 1), TBE_EINVAL);
        assert_non_null(strstr(tbe_get_message(writer), "double quote or a backslash"));
        assert_int_equal(tbe_add_audio(writer, 1, bad[i], &audio), TBE_EINVAL);
        assert_non_null(strstr(tbe_get_message(writer), "double quote or a backslash"));
        assert_int_equal(tbe_add_scalar(writer, 1, bad[i], 0.5f), TBE_OK);
    }
    for (int c = ' '; c <= '~'; c++) {
        const char tag[] = {'p', (char)c, '\0'};
        if (c != '"' && c != '\\')
            assert_int_equal(tbe_add_image(writer, 1, tag, &image), TBE_OK);
    }
    event_file_destroy(close_and_read(writer, TBE_EINVAL));
}

/** The checksum of a chunk is over its type and its data: a length near 4 GiB, to which the four of
 *  the type are added, must not come round to a short one. */
static void a_chunk_near_4_gib_is_refused(void **state)
{
    static const uint8_t head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    const size_t size = ((size_t)1 << 32) + (1 << 20);
    (void)state;
    if (sizeof size < 8)
        skip();
    /* pages that are only read take no memory */
    uint8_t *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        skip();
    /* a good header, then a chunk of 0xfffffffc bytes with the checksum of no bytes */
    memcpy(data, head, sizeof head);
    uint8_t *chunk = data + sizeof head;
    memcpy(chunk, "\0\0\0\15IHDR\0\0\0\1\0\0\0\1\10\2\0\0\0", 21);
    const uint32_t crc = (uint32_t)crc32(0, chunk + 4, 17);
    for (int i = 0; i < 4; i++)
        chunk[21 + i] = (uint8_t)(crc >> (24 - 8 * i));
    memcpy(chunk + 25, "\377\377\377\374IDAT", 8);
    uint8_t *after = chunk + 25 + 12 + UINT32_C(0xfffffffc);
    memcpy(after, "\0\0\0\0IEND\256\102\140\202", 12);
    tbe_writer *writer = tbe_open(scratch_dir, NULL);
    assert_int_equal(tbe_add_png(writer, 1, "p", data, (size_t)(after + 12 - data)), TBE_EINVAL);
    assert_non_null(strstr(tbe_get_message(writer), "not a complete PNG file"));
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_EINVAL);
    assert_int_equal(munmap(data, size), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(palettes_take_as_few_bits_as_they_can),
        SCRATCH_TEST(colours_that_are_equal_become_one),
        SCRATCH_TEST(rgb_of_few_colours_gets_a_palette),
        SCRATCH_TEST(shades_and_noise_are_kept),
        SCRATCH_TEST(drawings_are_small),
        SCRATCH_TEST(the_largest_sides_fit),
        SCRATCH_TEST(odd_pictures_are_refused),
        SCRATCH_TEST(tags_that_cannot_be_served_are_refused),
        SCRATCH_TEST(a_chunk_near_4_gib_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
