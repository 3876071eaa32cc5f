/**
 * tbevents: the writer of an event file, and scalars. tbevents.h has the rules that hold for all.
 */
#ifndef TBEVENTS_CORE_H
#define TBEVENTS_CORE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TBE_API __attribute__((visibility("default")))
#else
#define TBE_API
#endif

/* Structures of zeros but for their sizes: of themselves and of elements that they point to. C++
 * before C++20 cannot name a member. */
#ifdef __cplusplus
extern "C++" { /* a program may include this within its own extern "C" */
template <typename T> inline T tbe_init_sized()
{
    T made = T();
    made.struct_size = sizeof(T);
    return made;
}
template <typename T>
inline T tbe_init_sized(size_t T::*first, size_t n_first, size_t T::*second, size_t n_second)
{
    T made = tbe_init_sized<T>();
    made.*first = n_first;
    made.*second = n_second;
    return made;
}
}
#define TBE_INIT_SIZED(type) tbe_init_sized<type>()
#define TBE_INIT_SIZED_1(type, member, member_type) \
    tbe_init_sized<type>(&type::member, sizeof(member_type), &type::struct_size, sizeof(type))
#define TBE_INIT_SIZED_2(type, first, first_type, second, second_type) \
    tbe_init_sized<type>(&type::first, sizeof(first_type), &type::second, sizeof(second_type))
#else
#define TBE_INIT_SIZED(type)        \
    {                               \
        .struct_size = sizeof(type) \
    }
#define TBE_INIT_SIZED_1(type, member, member_type)                \
    {                                                              \
        .struct_size = sizeof(type), .member = sizeof(member_type) \
    }
#define TBE_INIT_SIZED_2(type, first, first_type, second, second_type)                          \
    {                                                                                           \
        .struct_size = sizeof(type), .first = sizeof(first_type), .second = sizeof(second_type) \
    }
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: an increase of the first number breaks programs, one of the second
 * adds to the library, one of the third mends it. */
#define TBE_VERSION_MAJOR  1
#define TBE_VERSION_MINOR  0
#define TBE_VERSION_PATCH  0
#define TBE_VERSION_STRING "1.0.0"
/** All three as one number that grows from version to version. */
#define TBE_VERSION        (TBE_VERSION_MAJOR * 10000 + TBE_VERSION_MINOR * 100 + TBE_VERSION_PATCH)

/** TBE_VERSION of the library that the program has been linked with, which may be another one than
 *  that of the header. */
TBE_API int tbe_version(void);

/* The declared maxima. A call with more is refused with TBE_ELIMIT. */
#define TBE_MAX_TAG_BYTES         65536    /* a tag, without its NUL */
#define TBE_MAX_TEXT_BYTES        65536    /* a description or name, without its NUL */
#define TBE_MAX_NAME_BYTES        64       /* host name and file name suffix, each */
#define TBE_MAX_WRITER_NAME_BYTES 128      /* TensorBoard ignores a longer one */
#define TBE_MAX_SCALARS           65536    /* scalars of one event */
#define TBE_MAX_EVENT_BYTES       67108864 /* an event as it stands in the file, pictures included */
#define TBE_MAX_WAITING_BYTES     1073741824   /* what options.max_waiting_bytes may be */
#define TBE_MAX_WALL_TIME         9999999999.0 /* seconds since 1970; the file name has ten digits */

/** In place of a number of seconds in tbe_options: no time at all. (0 means the default.) */
#define TBE_NO_TIME (-1.0)

/**
 * Results of all calls. 0 is success, failures are negative; more may be added.
 *
 * TBE_END, which only tbe_reader_read() and tbe_reader_resync() return, is positive: it is neither
 * a success nor a failure. So test for a failure with `status < 0`, and loop over records with
 * `== TBE_OK`.
 */
typedef enum tbe_status {
    TBE_OK = 0,
    TBE_EINVAL = -1, /**< an argument that TensorBoard would misread or not show */
    TBE_ELIMIT = -2, /**< beyond a declared maximum */
    TBE_ENOMEM = -3, /**< out of memory */
    TBE_EIO = -4,    /**< the file or directory cannot be made or written */
    TBE_EEXIST = -5, /**< no file name is left that sorts after those in the directory */
    TBE_EFORK = -6,  /**< used in another process than the one that opened it */
    TBE_EBUSY = -7,  /**< the disk is slower than the events: one was dropped or still waits */
    TBE_EDATA = -8,  /**< what was read is damaged */
    TBE_ELOST = -9,  /**< the file was deleted, moved or replaced while it was written */
    TBE_END = 1      /**< reading: there is no more */
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
    /** The first step of this session. TensorBoard drops what earlier files of the run have at this
     *  and later steps. 0 for a new run; the next step for a resumed run. */
    int64_t start_step;
    /** Time of all events in seconds since 1970, (0, TBE_MAX_WALL_TIME], for files that are equal
     *  byte for byte; 0: the system's clock. tbe_set_wall_time() changes it. */
    double wall_time;
    /** Seconds after which what is in memory goes to the file, up to 86400; 0: 2 seconds. The first
     *  call after that time hands it over. TBE_NO_TIME: each call hands its event over. */
    double flush_interval_s;
    /** Name of the program, stored with the version; NULL: none. */
    const char *writer_name;
    /** The host in the file name, without '/'; NULL: the host's own name. */
    const char *host_name;
    /** End of the file name, without '/', for example ".v2"; NULL: none. */
    const char *file_suffix;
    /** Bytes that may wait for the disk, up to TBE_MAX_WAITING_BYTES; 0: 16 MiB. One more event may
     *  always wait, whatever its size. */
    size_t max_waiting_bytes;
    /** Seconds that a call may wait for room, and tbe_flush() for the disk, up to 86400; 0: 0.1.
     *  A program that only converts sets it high and loses nothing. TBE_NO_TIME: never. */
    double max_wait_s;
    /** Seconds that tbe_open() and tbe_close() wait for the disk at most, up to 86400; 0: 10. */
    double close_wait_s;
    /** Not 0: there is no thread. Calls write to the file themselves and wait for the disk as long
     *  as it takes, so no event is dropped, and the three limits above have no effect. For programs
     *  that convert files, and for languages that do not expect threads. */
    int no_thread;
} tbe_options;

#define TBE_OPTIONS_INIT TBE_INIT_SIZED(tbe_options)

/** Sets all fields to their defaults; call it as tbe_options_init(&options, sizeof options). */
TBE_API void tbe_options_init(tbe_options *options, size_t struct_size);

/**
 * Creates a new event file in a directory. Missing directories are created, too. Writes the two
 * records that every file begins with: the version, and the start of a session at
 * options->start_step. Both are in the file when the call returns, so TensorBoard sees the run at
 * once. Waits for the disk.
 *
 * The name is events.out.tfevents.<seconds, ten digits>.<host>.<pid>.<counter><suffix>. It sorts
 * after all event files in the directory. If the clock was set back, its seconds are one more than
 * those of the newest file.
 *
 * @param dir      directory of the run; "" is refused
 * @param options  NULL: the defaults; borrowed
 * @return a writer for tbe_close(). After a failure, too: the writer is then broken, and
 *         tbe_get_status() and tbe_get_message() say why. NULL: out of memory
 */
TBE_API tbe_writer *tbe_open(const char *dir, const tbe_options *options);

/**
 * Writes what is in memory, closes the file and frees the writer; writer may be NULL.
 *
 * Waits for the disk for at most options.close_wait_s. What has not been written by then is given
 * up: the status is TBE_EIO, and the thread keeps trying in the background until the process
 * ends (so a library that is unloaded at run time should not be closed on a disk that hangs).
 *
 * @param message  filled with a sentence on the first failure and the number of dropped events; ""
 *                 if nothing failed; NULL: not wanted
 * @param size     bytes at message; a longer sentence is truncated
 * @return TBE_OK, or the first failure since the writer was opened, refused calls and dropped
 * events included
 */
TBE_API tbe_status tbe_close(tbe_writer *writer, char *message, size_t size);

/**
 * Writes what is in memory to the file, so that it survives the end of this process. (It may not
 * survive a power cut: nothing is synced.) Waits for at most options.max_wait_s.
 *
 * @return TBE_OK: it is in the file; TBE_EBUSY: not yet, but nothing is lost, and this is no
 *         failure that tbe_close() tells; TBE_ELOST: it is in a file, but the one before it is no
 *         longer there, which is told once; or why the writer is broken
 */
TBE_API tbe_status tbe_flush(tbe_writer *writer);

/**
 * Sets the time of all later events.
 *
 * @param wall_time  seconds since 1970, (0, TBE_MAX_WALL_TIME]; 0: the system's clock again
 * @return TBE_OK; TBE_EINVAL for other numbers, NaN and infinity
 */
TBE_API tbe_status tbe_set_wall_time(tbe_writer *writer, double wall_time);

/**
 * Sets what TensorBoard shows with a tag. It is written with the next scalar of that tag, and with
 * every event of another kind. TensorBoard keeps the first description that it sees in a run, so
 * call this before the first value of the tag. A second call for a tag replaces the first.
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
 * Adds the scalars of one step as one event. Both of TensorBoard's loaders expect increasing steps
 * and at most one value per tag and step; the caller must see to that, it is not checked.
 *
 *     const char *const tags[] = {"loss/train", "loss/validation"};
 *     const float values[] = {0.5f, 0.75f};
 *     tbe_add_scalars(writer, 300, 2, tags, values);
 *
 * The first event with scalars goes to the file at once, later ones after the flush interval.
 *
 * @param step       any number; TensorBoard's page shows those up to 2^53 exactly. With
 *                   hyperparameters: see tbe_add_session_start()
 * @param n_scalars  up to TBE_MAX_SCALARS; 0: nothing is done
 * @param tags       [n_scalars] different names; each of 1 to TBE_MAX_TAG_BYTES bytes of UTF-8
 *                   without control characters. Tags with equal text before the first '/' share a
 *                   group on the page.
 * @param values     [n_scalars]; NaN and infinities are allowed
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT (nothing of this event is written); TBE_EBUSY (dropped);
 *         or why the writer is broken. Memory is allocated only for a tag that is new, for an event
 *         that is larger than all before it, and when more waits for the disk than ever before.
 */
TBE_API tbe_status tbe_add_scalars(tbe_writer *writer, int64_t step, size_t n_scalars,
                                   const char *const *tags, const float *values);

/** tbe_add_scalars() with one scalar. */
TBE_API tbe_status tbe_add_scalar(tbe_writer *writer, int64_t step, const char *tag, float value);

/** Why the writer is broken; TBE_OK if it is not. */
TBE_API tbe_status tbe_get_status(const tbe_writer *writer);

/** One sentence on the latest failure of any kind. It names the file or tag and what was expected;
 *  "" if nothing failed. Never NULL; valid until the next call with this writer. */
TBE_API const char *tbe_get_message(const tbe_writer *writer);

/** The number of events dropped so far because the disk was too slow. */
TBE_API uint64_t tbe_get_n_dropped(const tbe_writer *writer);

/** The number of times that the event file was found to be deleted, moved or replaced, so far. */
TBE_API uint64_t tbe_get_n_lost(const tbe_writer *writer);

/** Name of the event file, with its directory as it was passed; "" if none was made. Valid until
 *  the next call with this writer. */
TBE_API const char *tbe_get_path(const tbe_writer *writer);

/** A short general text for a status; never NULL. */
TBE_API const char *tbe_status_text(tbe_status status);

#ifdef __cplusplus
}
#endif

#endif
