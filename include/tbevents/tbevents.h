/**
 * tbevents: writes the event files that TensorBoard shows.
 *
 *     tbe_writer *writer = tbe_open("logs/run1/train", NULL);
 *     for (int step = 1; step <= 100; step++)
 *         tbe_add_scalar(writer, step, "loss", 1.0f / (float)step);
 *     char message[256];
 *     if (tbe_close(writer, message, sizeof message) != TBE_OK)
 *         fprintf(stderr, "%s\n", message);
 *
 * A directory is a run; each writer makes one new file in it and never touches an old one. Both of
 * TensorBoard's loaders show what is written here in the same way, also where a run was resumed.
 * Only one writer should be open in a directory at a time: TensorBoard goes on to the newest file
 * and may not look back.
 *
 * Failures are of two kinds.
 * - A call is refused (TBE_EINVAL, TBE_ELIMIT, and TBE_ENOMEM for a picture): nothing of it is
 *   written, the writer goes on.
 * - The writer breaks (TBE_EIO, TBE_EEXIST, TBE_EFORK, other TBE_ENOMEM): from then on every call
 *   does nothing and returns that status. The file ends with its last whole record.
 * The first failure of a writer, of either kind, is remembered and returned by tbe_close(), so a
 * program may ignore all other results. The library never prints, exits or aborts, starts no
 * thread and leaves nothing to be done at exit.
 *
 * Threads: one writer is for one thread at a time; the caller locks where several share it.
 * Different writers are independent. After fork() a writer belongs to the parent: in the child
 * nothing reaches the file, the first call that would write gives TBE_EFORK, and so does
 * tbe_close(), which frees the child's copy.
 * Signals: no function may be called from a signal handler. A process that is killed loses what was
 * in memory; if that happens in the middle of a write, TensorBoard shows all up to there.
 *
 * Texts are UTF-8 with a NUL at the end. All pointers that are passed in are borrowed for the call,
 * unless a function says otherwise. A writer of NULL is allowed everywhere: it stands for one that
 * could not be allocated, and gives TBE_ENOMEM.
 */
#ifndef TBEVENTS_TBEVENTS_H
#define TBEVENTS_TBEVENTS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TBE_API __attribute__((visibility("default")))
#else
#define TBE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The declared maxima; beyond one of them a call is refused with TBE_ELIMIT. */
#define TBE_MAX_TAG_BYTES         65536    /* a tag, without its NUL */
#define TBE_MAX_TEXT_BYTES        65536    /* a description, without its NUL */
#define TBE_MAX_NAME_BYTES        64       /* host name and file name suffix, each */
#define TBE_MAX_WRITER_NAME_BYTES 128      /* TensorBoard ignores a longer one */
#define TBE_MAX_SCALARS           65536    /* scalars of one event */
#define TBE_MAX_IMAGE_SIDE        16384    /* pixels, width and height, each */
#define TBE_MAX_IMAGE_PIXELS      16777216 /* width times height */
#define TBE_MAX_EVENT_BYTES       67108864 /* an event as it stands in the file, pictures included */
#define TBE_MAX_WALL_TIME         9999999999.0 /* seconds since 1970; the file name has ten digits */

/** Results of all calls. 0 is success, failures are negative; more may be added. */
typedef enum tbe_status {
    TBE_OK = 0,
    TBE_EINVAL = -1, /**< an argument that TensorBoard would not show or misread */
    TBE_ELIMIT = -2, /**< beyond a declared maximum */
    TBE_ENOMEM = -3, /**< out of memory */
    TBE_EIO = -4,    /**< the file or directory cannot be made or written */
    TBE_EEXIST = -5, /**< no file name is left that sorts after those in the directory */
    TBE_EFORK = -6   /**< used in another process than the one that opened it */
} tbe_status;

/** A writer of one event file. Made by tbe_open(), freed by tbe_close(). */
typedef struct tbe_writer tbe_writer;

/**
 * How a file is opened. All zero, but for struct_size, is a good choice: 0 and NULL always mean the
 * default, also in fields that later versions add at the end.
 */
typedef struct tbe_options {
    /** sizeof(tbe_options) of the caller; tbe_options_init() sets it. */
    size_t struct_size;
    /** The first step of this session. What earlier files of the run have at this and later steps
     *  TensorBoard drops. 0 for a new run; the first step to come for a resumed one. */
    int64_t start_step;
    /** Time of all events in seconds since 1970, (0, TBE_MAX_WALL_TIME], for files that are equal
     *  byte for byte; 0: the system's clock. tbe_set_wall_time() changes it. */
    double wall_time;
    /** Seconds between flushes, up to 86400; 0: 2 seconds. There is no thread: what is in memory
     *  is written by the first call after that time. */
    double flush_interval_s;
    /** Name of the program, kept beside the version; NULL: none. */
    const char *writer_name;
    /** The host in the file name, without '/'; NULL: the host's own name. */
    const char *host_name;
    /** End of the file name, without '/', for example ".v2"; NULL: none. */
    const char *file_suffix;
} tbe_options;

/** Sets all fields to their defaults. Call it as tbe_options_init(&options, sizeof options): so a
 *  program goes on working with a later library whose options have more fields. */
TBE_API void tbe_options_init(tbe_options *options, size_t struct_size);

/**
 * Makes a new event file in a directory, and the directory and its parents if need be, and writes
 * the two records that every file begins with: the version, and the start of a session at
 * options->start_step. They are in the file when it returns, so the run is seen at once.
 *
 * The name is events.out.tfevents.<seconds, ten digits>.<host>.<pid>.<counter><suffix>. It sorts
 * after all event files that are in the directory already, also where the clock was set back: its
 * seconds are then one more than those of the newest.
 *
 * @param dir      directory of the run; "" is refused
 * @param options  NULL: the defaults; borrowed
 * @return a writer for tbe_close(), also after a failure (it is broken then, tbe_get_status() and
 *         tbe_get_message() tell why); NULL if there is no memory for it
 */
TBE_API tbe_writer *tbe_open(const char *dir, const tbe_options *options);

/**
 * Writes what is in memory, closes the file and frees the writer; writer may be NULL.
 *
 * @param message  filled with the sentence of the first failure, "" if there was none; NULL: not
 *                 interested
 * @param size     bytes at message; a longer sentence is cut
 * @return TBE_OK, or the first failure since the writer was opened: refused calls count
 */
TBE_API tbe_status tbe_close(tbe_writer *writer, char *message, size_t size);

/**
 * Writes what is in memory to the file, so that it survives the end of this process (not a power
 * cut: nothing is synced).
 *
 * @return TBE_OK, or why the writer is broken
 */
TBE_API tbe_status tbe_flush(tbe_writer *writer);

/**
 * Fixes the time of the events to come.
 *
 * @param wall_time  seconds since 1970, (0, TBE_MAX_WALL_TIME]; 0: the system's clock again
 * @return TBE_OK; TBE_EINVAL for other numbers, NaN and infinity
 */
TBE_API tbe_status tbe_set_wall_time(tbe_writer *writer, double wall_time);

/**
 * Sets what TensorBoard shows with a tag. It travels with the first scalar of that tag that comes
 * after this call, and with every picture. TensorBoard keeps the first that it sees in a run, so
 * call this before the first value of the tag. A second call for one tag replaces the first.
 *
 * @param tag           as for tbe_add_scalars()
 * @param display_name  title in place of the tag, not empty, no control characters; NULL: the tag
 * @param description   Markdown of 1 to TBE_MAX_TEXT_BYTES; of the control characters only tab
 *                      and line feed; NULL: none
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT; or why the writer is broken
 */
TBE_API tbe_status tbe_describe(tbe_writer *writer, const char *tag, const char *display_name,
                                const char *description);

/**
 * Adds scalars of one step as one event. Both loaders want at most one value a tag and step, and
 * steps that increase; this is the caller's part and not checked.
 *
 * The first event with scalars is flushed at once, later ones after the flush interval.
 *
 * @param step       any number; TensorBoard's page shows those up to 2^53 exactly
 * @param n_scalars  up to TBE_MAX_SCALARS; 0 does nothing
 * @param tags       [n_scalars] different names; each of 1 to TBE_MAX_TAG_BYTES bytes of UTF-8
 *                   without control characters. Tags with equal text before the first '/' share a
 *                   group on the page.
 * @param values     [n_scalars]; NaN and infinities are allowed
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT (nothing of this event is written); or why the writer is
 *         broken. Memory is allocated only when an event is larger than all before it.
 */
TBE_API tbe_status tbe_add_scalars(tbe_writer *writer, int64_t step, size_t n_scalars,
                                   const char *const *tags, const float *values);

/** tbe_add_scalars() with one of them. */
TBE_API tbe_status tbe_add_scalar(tbe_writer *writer, int64_t step, const char *tag, float value);

/** How a picture's pixels lie in memory. 0 is none, so that a forgotten one is noticed. */
typedef enum tbe_pixel_format {
    TBE_PIXELS_PALETTE = 1, /**< a byte a pixel: its place in the palette */
    TBE_PIXELS_RGB = 2      /**< three bytes a pixel: red, green, blue */
} tbe_pixel_format;

/** A picture in the caller's memory. Fields that later versions add mean at 0 what is done now. */
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

/** Sets all fields to 0 and struct_size; call it as tbe_image_init(&image, sizeof image). */
TBE_API void tbe_image_init(tbe_image *image, size_t struct_size);

/**
 * Adds a picture as an event of its own, stored without loss as an opaque PNG: with a palette if
 * there are up to 256 colours, in as few bits as they need. TensorBoard keeps ten of a tag.
 * The encoder takes the time that the smallest file costs (tens of milliseconds for a drawing of
 * 700x700) and needs memory of three times the picture during the call.
 *
 * @param step   as for tbe_add_scalars()
 * @param tag    as for tbe_add_scalars(); not one that scalars use
 * @param image  borrowed
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT, TBE_ENOMEM (nothing is written); or why the writer is
 *         broken
 */
TBE_API tbe_status tbe_add_image(tbe_writer *writer, int64_t step, const char *tag,
                                 const tbe_image *image);

/**
 * Adds a picture that is a PNG file already, unchanged.
 *
 * @param data  [size] the whole file; its chunks and their checksums are looked at, its pixels are
 *              not; borrowed
 * @return as tbe_add_image(); TBE_EINVAL if it is no whole PNG file
 */
TBE_API tbe_status tbe_add_png(tbe_writer *writer, int64_t step, const char *tag, const void *data,
                               size_t size);

/** Why the writer is broken: TBE_OK while it is not. */
TBE_API tbe_status tbe_get_status(const tbe_writer *writer);

/** One sentence on the latest failure of either kind, naming file or tag and what was expected; ""
 *  if there was none. Never NULL; valid until the next call with this writer. */
TBE_API const char *tbe_get_message(const tbe_writer *writer);

/** Name of the event file, with its directory as it was passed; "" if none was made. Valid until
 *  tbe_close(). */
TBE_API const char *tbe_get_path(const tbe_writer *writer);

/** A short general text for a status; never NULL. */
TBE_API const char *tbe_status_text(tbe_status status);

#ifdef __cplusplus
}
#endif

#endif
