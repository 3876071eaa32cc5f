/**
 * tbevents: pictures, sound, text, histograms and precision-recall curves. tbevents.h has the rules
 * that hold for all.
 */
#ifndef TBEVENTS_MEDIA_H
#define TBEVENTS_MEDIA_H

#include <tbevents/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TBE_MAX_IMAGE_SIDE    16384    /* pixels, width and height, each */
#define TBE_MAX_IMAGE_PIXELS  16777216 /* width times height */
#define TBE_MAX_AUDIO_SAMPLES 16777216 /* frames times channels */
#define TBE_MAX_CHANNELS      64
#define TBE_MAX_RATE_HZ       1000000
#define TBE_MAX_BODY_BYTES    16777216 /* a text or all cells of a table */
#define TBE_MAX_CELLS         65536    /* of a table */
#define TBE_MAX_BUCKETS       4096     /* of a histogram */
#define TBE_MAX_THRESHOLDS    4096     /* of a precision-recall curve */

/** How a picture's pixels lie in memory. 0 is not a format, so that a missing one is noticed. */
typedef enum tbe_pixel_format {
    TBE_PIXELS_PALETTE = 1, /**< a byte a pixel: its index in the palette */
    TBE_PIXELS_RGB = 2      /**< three bytes a pixel: red, green, blue */
} tbe_pixel_format;

/** A picture in the caller's memory. */
typedef struct tbe_image {
    /** sizeof(tbe_image) of the caller; tbe_image_init() sets it. */
    size_t struct_size;
    tbe_pixel_format format;
    /** Pixels, 1 to TBE_MAX_IMAGE_SIDE each, TBE_MAX_IMAGE_PIXELS in all. */
    uint32_t width;
    uint32_t height;
    /** [height] rows from the top, each of width pixels from the left; borrowed. */
    const uint8_t *pixels;
    /** Bytes from one row to the next; 0: the rows follow each other without a gap. */
    size_t stride_bytes;
    /** [n_colours][3] red, green, blue, for TBE_PIXELS_PALETTE; borrowed. */
    const uint8_t *palette;
    /** 1 to 256 for TBE_PIXELS_PALETTE; every pixel must be below it. */
    size_t n_colours;
} tbe_image;

#define TBE_IMAGE_INIT TBE_INIT_SIZED(tbe_image)

/** Sets all fields to 0 and struct_size; call it as tbe_image_init(&image, sizeof image). */
TBE_API void tbe_image_init(tbe_image *image, size_t struct_size);

/**
 * Adds a picture as an event of its own, stored without loss as an opaque PNG: with a palette if
 * there are up to 256 colours, in as few bits as they need. TensorBoard keeps ten of a tag.
 *
 *     tbe_image image = TBE_IMAGE_INIT;
 *     image.format = TBE_PIXELS_RGB;
 *     image.width = 2;
 *     image.height = 1;
 *     image.pixels = (const uint8_t *)"\377\0\0" "\0\0\377"; // a red one, a blue one
 *     tbe_add_image(writer, 300, "colours", &image);
 *
 * The page shows all pictures 350 pixels wide. The encoder aims at the smallest file: a drawing of
 * 700x700 takes tens of milliseconds. During the call it needs three times the memory of the
 * picture.
 *
 * @param step   as for tbe_add_scalars()
 * @param tag    as for tbe_add_scalars(), and without '"' and '\\': TensorBoard's data server
 * cannot serve files of such tags. The same is true of the names of runs, which are those of
 *               directories: choose them without these two characters.
 * @param image  borrowed
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT, TBE_ENOMEM (nothing is written); TBE_EBUSY (dropped);
 *         or why the writer is broken. All tbe_add_...() return this.
 */
TBE_API tbe_status tbe_add_image(tbe_writer *writer, int64_t step, const char *tag,
                                 const tbe_image *image);

/**
 * Adds a PNG file as a picture, unchanged.
 *
 * @param data  [size] the whole file; chunks and checksums are checked, pixels are not; borrowed
 * @return as tbe_add_image(); TBE_EINVAL if it is not a complete PNG file
 */
TBE_API tbe_status tbe_add_png(tbe_writer *writer, int64_t step, const char *tag, const void *data,
                               size_t size);

/** How samples of sound lie in memory. 0 is not a format. */
typedef enum tbe_sample_format {
    TBE_SAMPLES_INT16 = 1, /**< int16_t, full scale -32768 to 32767 */
    TBE_SAMPLES_FLOAT = 2  /**< float, full scale -1 to 1; larger values are clipped */
} tbe_sample_format;

/** Sound in the caller's memory. */
typedef struct tbe_audio {
    /** sizeof(tbe_audio) of the caller; tbe_audio_init() sets it. */
    size_t struct_size;
    tbe_sample_format format;
    /** 1 to TBE_MAX_RATE_HZ frames a second. */
    uint32_t sample_rate_hz;
    /** 1 to TBE_MAX_CHANNELS; 0: one. */
    uint32_t n_channels;
    /** At least 1; with all channels at most TBE_MAX_AUDIO_SAMPLES samples. */
    size_t n_frames;
    /** [n_frames][n_channels] of the format; borrowed. */
    const void *samples;
} tbe_audio;

#define TBE_AUDIO_INIT TBE_INIT_SIZED(tbe_audio)

/** Sets all fields to 0 and struct_size; call it as tbe_audio_init(&audio, sizeof audio). */
TBE_API void tbe_audio_init(tbe_audio *audio, size_t struct_size);

/**
 * Adds sound as an event of its own, stored as a WAV file of 16 bits a sample. TensorBoard keeps
 * ten of a tag.
 *
 *     static const float samples[16000]; // a second of silence
 *     tbe_audio audio = TBE_AUDIO_INIT;
 *     audio.format = TBE_SAMPLES_FLOAT;
 *     audio.sample_rate_hz = 16000;
 *     audio.n_frames = 16000;
 *     audio.samples = samples;
 *     tbe_add_audio(writer, 300, "clips/silence", &audio);
 *
 * @param tag    as for tbe_add_image()
 * @param audio  borrowed; a NaN among its samples is refused
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_audio(tbe_writer *writer, int64_t step, const char *tag,
                                 const tbe_audio *audio);

/**
 * Adds a text, which the page shows as Markdown, the newest first. One loader keeps ten texts of a
 * tag, the other a hundred. Put names with underscores between backticks.
 *
 *     tbe_add_text(writer, 0, "command", "    wordspot train --seed=1");
 *
 * @param markdown  1 to TBE_MAX_BODY_BYTES; of the control characters only tab and line feed
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_text(tbe_writer *writer, int64_t step, const char *tag,
                                const char *markdown);

/**
 * Adds a table of texts; each is Markdown.
 *
 *     static const char *const cells[] = {"word", "clips", "`yes`", "377"};
 *     tbe_add_text_table(writer, 0, "data set", 2, 2, cells);
 *
 * @param n_rows, n_columns  at least 1, TBE_MAX_CELLS cells in all
 * @param cells              [n_rows][n_columns], as in tbe_add_text(), but "" is allowed too
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_text_table(tbe_writer *writer, int64_t step, const char *tag,
                                      size_t n_rows, size_t n_columns, const char *const *cells);

/**
 * Adds a histogram of values, in 30 buckets of equal width from the smallest to the largest value,
 * as TensorFlow does. The pages Histograms and Distributions show it.
 *
 *     size_t n_skipped;
 *     tbe_add_histogram(writer, 300, "weights/dense", n_weights, weights, &n_skipped);
 *
 * @param n_values   at least 1
 * @param values     [n_values]
 * @param n_skipped  set to the number of NaNs and infinities, which are left out. If no other
 * values remain, nothing is written. NULL: the call is refused if there are any
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_histogram(tbe_writer *writer, int64_t step, const char *tag,
                                     size_t n_values, const float *values, size_t *n_skipped);

/**
 * Adds a histogram from counts.
 *
 *     static const double buckets[][3] = {{0, 1, 30}, {1, 2, 10}};
 *     tbe_add_histogram_buckets(writer, 300, "lengths", 2, buckets);
 *
 * @param n_buckets  1 to TBE_MAX_BUCKETS
 * @param buckets    [n_buckets] left edge, right edge, count; finite, edges not falling, each left
 *                   edge the right one before it or above, counts not negative, with a finite sum
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_histogram_buckets(tbe_writer *writer, int64_t step, const char *tag,
                                             size_t n_buckets, const double (*buckets)[3]);

/** What a two-class decision got right and wrong at each threshold. Threshold i is
 *  i / (n_thresholds - 1); a case with that score or more counts as found. */
typedef struct tbe_pr_curve {
    /** sizeof(tbe_pr_curve) of the caller; tbe_pr_curve_init() sets it. */
    size_t struct_size;
    /** 2 to TBE_MAX_THRESHOLDS. */
    size_t n_thresholds;
    /** [n_thresholds] each, numbers of cases, finite and not negative (exact up to 2^24);
     *  borrowed. */
    const float *true_positives;
    const float *false_positives;
    const float *true_negatives;
    const float *false_negatives;
} tbe_pr_curve;

#define TBE_PR_CURVE_INIT TBE_INIT_SIZED(tbe_pr_curve)

/** Sets all fields to 0 and struct_size; call it as tbe_pr_curve_init(&curve, sizeof curve). */
TBE_API void tbe_pr_curve_init(tbe_pr_curve *curve, size_t struct_size);

/**
 * Adds a precision-recall curve from counts; precision and recall are computed from them. A tag is
 * one two-class problem: a classifier of words has one tag per word.
 *
 * @param curve  borrowed
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_pr_curve(tbe_writer *writer, int64_t step, const char *tag,
                                    const tbe_pr_curve *curve);

/**
 * Adds a precision-recall curve from scored cases.
 *
 *     static const float scores[] = {0.9f, 0.4f, 0.6f};
 *     static const uint8_t is_yes[] = {1, 1, 0};
 *     tbe_add_pr_scores(writer, 300, "words/yes", 3, scores, is_yes, 0);
 *
 * @param n_cases       1 to 16777216
 * @param scores        [n_cases] 0 to 1: the certainty that the case is positive
 * @param is_positive   [n_cases] not 0: the case is positive
 * @param n_thresholds  2 to TBE_MAX_THRESHOLDS; 0: 201
 * @return as tbe_add_image()
 */
TBE_API tbe_status tbe_add_pr_scores(tbe_writer *writer, int64_t step, const char *tag,
                                     size_t n_cases, const float *scores,
                                     const uint8_t *is_positive, size_t n_thresholds);

#ifdef __cplusplus
}
#endif

#endif
