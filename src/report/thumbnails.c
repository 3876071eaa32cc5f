#include "report/thumbnails.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/projector.h"

enum {
    MAX_SIDE = 48,        /* pixels: about as large as they are seen */
    MAX_PIXELS = 2 << 20, /* of all together: less than a megabyte, and a second, as PNG */
    N_SAMPLED = 8192,
    LIGHTEST = 255,
    DARKEST = 24,
};

/* Shares of the pixels that are the lightest and, the others, the darkest: noise between words is
 * light, and what is darker than all but a few is loud. */
static const double light_share = 0.3, dark_share = 0.995;

/** The largest size at which the sheet of all is small enough. */
static void find_size(ws_thumbnails *thumbnails)
{
    const size_t n_bands = thumbnails->sound->n_bands; /* more rows would be made up */
    const size_t n_frames = thumbnails->sound->n_frames;
    size_t n_columns = 1, side = MAX_SIDE;

    while (n_columns * n_columns < thumbnails->n_clips) /* of the sheet, which tbevents lays out */
        n_columns++;
    while (side > 1 && (n_columns * side > TBE_MAX_SPRITE_SIDE ||
                        n_columns * n_columns * side * side > MAX_PIXELS))
        side--;
    thumbnails->width = n_frames < side ? n_frames : side;
    thumbnails->height = n_bands < side ? n_bands : side;
}

/** What number k of a frame adds to a band. */
static double band_share(const ws_report_sound *sound, size_t k, size_t band)
{
    if (sound->bands != NULL)
        return (double)sound->bands[k * sound->n_bands + band];
    return band == k ? 1.0 : 0.0;
}

/** A row shows the mean of its bands; the first row is on top and has the highest. */
static void fill_weights(ws_thumbnails *thumbnails)
{
    const ws_report_sound *sound = thumbnails->sound;
    const size_t n_bands = sound->n_bands;
    const size_t width = sound->width, height = thumbnails->height;

    for (size_t y = 0; y < height; y++) {
        const size_t begin = n_bands * (height - 1 - y) / height;
        const size_t end = n_bands * (height - y) / height;
        for (size_t k = 0; k < width; k++) {
            double sum = 0.0;
            for (size_t band = begin; band < end; band++)
                sum += band_share(sound, k, band);
            thumbnails->weights[k * height + y] = (float)(sum / (double)(end - begin));
        }
    }
}

ws_status ws_thumbnails_init(ws_thumbnails *thumbnails, const ws_report_sound *sound,
                             size_t n_clips, ws_error *err)
{
    assert(n_clips > 0);
    *thumbnails = (ws_thumbnails){.sound = sound, .n_clips = n_clips};
    find_size(thumbnails);
    const size_t n_pixels = thumbnails->width * thumbnails->height;
    thumbnails->weights = malloc(thumbnails->height * sound->width * sizeof *thumbnails->weights);
    thumbnails->frame = malloc(sound->width * sizeof *thumbnails->frame);
    thumbnails->values = calloc(n_clips * n_pixels, sizeof *thumbnails->values);
    thumbnails->pixels = malloc(n_clips * n_pixels);
    if (thumbnails->weights == NULL || thumbnails->frame == NULL || thumbnails->values == NULL ||
        thumbnails->pixels == NULL) {
        ws_thumbnails_deinit(thumbnails);
        return ws_fail_memory(err, "thumbnails");
    }
    fill_weights(thumbnails);
    return WS_OK;
}

void ws_thumbnails_deinit(ws_thumbnails *thumbnails)
{
    free(thumbnails->weights);
    free(thumbnails->frame);
    free(thumbnails->values);
    free(thumbnails->pixels);
    *thumbnails = (ws_thumbnails){.sound = NULL};
}

void ws_thumbnails_set(ws_thumbnails *thumbnails, size_t i, const float *fingerprint)
{
    const size_t n_frames = thumbnails->sound->n_frames;
    const size_t n_features = thumbnails->sound->width;
    const size_t width = thumbnails->width, height = thumbnails->height;
    float *values = thumbnails->values + i * height * width, *frame = thumbnails->frame;
    float column[MAX_SIDE];

    assert(i < thumbnails->n_clips);
    for (size_t x = 0; x < width; x++) {
        const size_t begin = n_frames * x / width, end = n_frames * (x + 1) / width;
        memset(frame, 0, n_features * sizeof *frame);
        for (size_t t = begin; t < end; t++)
            for (size_t k = 0; k < n_features; k++)
                frame[k] += fingerprint[t * n_features + k];
        memset(column, 0, sizeof column);
        for (size_t k = 0; k < n_features; k++)
            for (size_t y = 0; y < height; y++)
                column[y] += thumbnails->weights[k * height + y] * frame[k];
        for (size_t y = 0; y < height; y++)
            values[y * width + x] = column[y] / (float)(end - begin);
    }
}

static int compare(const void *a, const void *b)
{
    const float one = *(const float *)a, other = *(const float *)b;
    return (one > other) - (one < other);
}

/** The values that get the lightest and the darkest shade, by a sample of them: silence without any
 *  noise is so far below all else that it must not count as a number. */
static void find_scale(const float *values, size_t n, float *low, float *high)
{
    float sample[N_SAMPLED];
    size_t n_sampled = 0;

    for (size_t i = 0; i < N_SAMPLED; i++) {
        const float value = values[i * n / N_SAMPLED];
        if (isfinite(value))
            sample[n_sampled++] = value;
    }
    *low = 0.0f;
    *high = 0.0f;
    if (n_sampled == 0)
        return;
    qsort(sample, n_sampled, sizeof *sample, compare);
    *low = sample[(size_t)(light_share * (double)(n_sampled - 1))];
    *high = sample[(size_t)(dark_share * (double)(n_sampled - 1))];
}

void ws_thumbnails_finish(ws_thumbnails *thumbnails)
{
    const size_t n = thumbnails->n_clips * thumbnails->width * thumbnails->height;
    float low, high;

    find_scale(thumbnails->values, n, &low, &high);
    const float scale = high > low ? WS_THUMBNAIL_N_SHADES / (high - low) : 0.0f;
    for (size_t i = 0; i < n; i++) {
        const float shade = (thumbnails->values[i] - low) * scale;
        thumbnails->pixels[i] = !(shade > 0.0f) ? 0 /* not a number, too */
                                : shade < (float)(WS_THUMBNAIL_N_SHADES - 1)
                                    ? (uint8_t)shade
                                    : WS_THUMBNAIL_N_SHADES - 1;
    }
}

void ws_thumbnails_get_palette(uint8_t (*palette)[3])
{
    for (int i = 0; i < WS_THUMBNAIL_N_SHADES; i++)
        memset(palette[i], LIGHTEST - (LIGHTEST - DARKEST) * i / (WS_THUMBNAIL_N_SHADES - 1), 3);
}
