#include "tbevents/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tbevents/options.h"

#define DEFAULT_FLUSH_INTERVAL_S  2.0
#define DEFAULT_MAX_WAIT_S        0.1
#define DEFAULT_CLOSE_WAIT_S      10.0
#define DEFAULT_MAX_WAITING_BYTES ((size_t)1 << 24)

#if defined(CLOCK_MONOTONIC_COARSE)
#define FLUSH_CLOCK CLOCK_MONOTONIC_COARSE /* read at each call, good to milliseconds */
#else
#define FLUSH_CLOCK CLOCK_MONOTONIC
#endif

int tbe_version(void)
{
    return TBE_VERSION;
}

const char *tbe_status_text(tbe_status status)
{
    switch (status) {
    case TBE_OK:
        return "success";
    case TBE_EINVAL:
        return "invalid argument";
    case TBE_ELIMIT:
        return "beyond a declared maximum";
    case TBE_ENOMEM:
        return "out of memory";
    case TBE_EIO:
        return "the event file cannot be written";
    case TBE_EEXIST:
        return "no file name is left that sorts after the others";
    case TBE_EFORK:
        return "the event file belongs to another process";
    case TBE_EBUSY:
        return "the disk is slower than the events";
    case TBE_EDATA:
        return "the event file is damaged";
    case TBE_ELOST:
        return "the event file was deleted, moved or replaced";
    case TBE_END:
        return "the end of the event file";
    }
    return "unknown status";
}

/** Makes writer->message fit for a terminal and keeps it if it is the first. */
static void note_failure(tbe_writer *writer, tbe_status status)
{
    tbe_text_clean(writer->message);
    if (writer->first == TBE_OK) {
        writer->first = status;
        memcpy(writer->first_message, writer->message, sizeof writer->first_message);
    }
}

tbe_status tbe_refuse(tbe_writer *writer, tbe_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(writer->message, sizeof writer->message, format, args);
    va_end(args);
    note_failure(writer, status);
    return status;
}

tbe_status tbe_break(tbe_writer *writer, tbe_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(writer->message, sizeof writer->message, format, args);
    va_end(args);
    note_failure(writer, status);
    writer->broken = status;
    return status;
}

/** Breaks the writer for an errno value of the record file. */
static tbe_status break_errno(tbe_writer *writer, int reason)
{
    if (reason == ENOMEM)
        return tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
    if (reason == ECHILD)
        return tbe_break(writer, TBE_EFORK,
                         "%s: was opened by another process; a child cannot write to it",
                         writer->path);
    char text[TBE_ERRNO_BYTES];
    return tbe_break(writer, TBE_EIO, "%s: cannot be written: %s", writer->path,
                     tbe_errno_text(reason, text));
}

static double clock_seconds(clockid_t clock)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double tbe_wall_time_get(const tbe_writer *writer)
{
    if (writer->wall_time > 0.0)
        return writer->wall_time;
    const double now = clock_seconds(CLOCK_REALTIME);
    return now < 0.0 ? 0.0 : now > TBE_MAX_WALL_TIME ? TBE_MAX_WALL_TIME : now;
}

/** Notes that the file was found missing, as the number of times that the sink counts tells. */
static void note_lost(tbe_writer *writer, uint64_t n_lost)
{
    char *path = writer->file.sink != NULL ? tbe_sink_copy_path(writer->file.sink) : NULL;

    writer->n_lost = n_lost;
    if (path == NULL || strcmp(path, writer->path) == 0)
        (void)tbe_refuse(writer, TBE_ELOST,
                         "%s: the event file was deleted, moved or replaced; its events are lost",
                         writer->path);
    else
        (void)tbe_refuse(writer, TBE_ELOST,
                         "%s: the event file was deleted, moved or replaced; later events are in "
                         "%s",
                         writer->path, path);
    if (path == NULL)
        return;
    free(writer->path);
    writer->path = path;
}

/** Learns whether the file was found missing since the last call. */
static void look_for_loss(tbe_writer *writer)
{
    const uint64_t n_lost = tbe_sink_get_n_lost(writer->file.sink);
    if (n_lost != writer->n_lost)
        note_lost(writer, n_lost);
}

/** An event for which there is no room. */
static tbe_status drop(tbe_writer *writer)
{
    writer->n_dropped++;
    return tbe_refuse(writer, TBE_EBUSY,
                      "%s: the disk is slower than the events, %" PRIu64 " %s dropped",
                      writer->path, writer->n_dropped, writer->n_dropped == 1 ? "was" : "were");
}

tbe_status tbe_event_begin(tbe_writer *writer, size_t size, uint8_t **payload)
{
    if (size > TBE_MAX_EVENT_BYTES)
        return tbe_refuse(writer, TBE_ELIMIT, "an event of %zu bytes is above the %d allowed", size,
                          TBE_MAX_EVENT_BYTES);
    int reason = tbe_sink_get_reason(writer->file.sink);
    look_for_loss(writer);
    if (reason == 0)
        reason = tbe_record_begin(&writer->file, size, payload);
    if (reason == EAGAIN)
        return drop(writer);
    return reason == 0 ? TBE_OK : break_errno(writer, reason);
}

tbe_status tbe_event_end(tbe_writer *writer, size_t size)
{
    const int reason = tbe_record_end(&writer->file, size);
    return reason == 0 ? TBE_OK : break_errno(writer, reason);
}

tbe_status tbe_event_append(tbe_writer *writer, size_t size)
{
    uint8_t *payload;

    if (size == 0)
        return tbe_refuse(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
    const tbe_status status = tbe_event_begin(writer, size, &payload);
    if (status != TBE_OK)
        return status;
    tbe_event_write(writer->event, payload);
    return tbe_event_end(writer, size);
}

tbe_status tbe_hand_over(tbe_writer *writer)
{
    const int reason = tbe_record_hand_over(&writer->file);
    writer->last_flush_s = clock_seconds(FLUSH_CLOCK);
    look_for_loss(writer);
    return reason == 0 || reason == EAGAIN ? TBE_OK : break_errno(writer, reason);
}

tbe_status tbe_flush_if_due(tbe_writer *writer)
{
    const double waited_s = clock_seconds(FLUSH_CLOCK) - writer->last_flush_s;
    return waited_s >= writer->flush_interval_s ? tbe_hand_over(writer) : TBE_OK;
}

static double seconds_or(double seconds, double otherwise)
{
    return seconds == TBE_NO_TIME ? 0.0 : seconds > 0.0 ? seconds : otherwise;
}

static tbe_status start_sink(tbe_writer *writer, tbe_log_file *file, const tbe_options *options)
{
    const tbe_sink_options how = {
        .max_bytes =
            options->max_waiting_bytes > 0 ? options->max_waiting_bytes : DEFAULT_MAX_WAITING_BYTES,
        .no_thread = options->no_thread != 0,
    };
    writer->file.sink = tbe_sink_create(file, &how);
    if (writer->file.sink == NULL)
        return tbe_break(writer, TBE_ENOMEM, "%s: out of memory, or no thread can be started",
                         writer->path);
    return TBE_OK;
}

/** Makes the file and its directory. @return 0 or errno, then with the failure noted */
static int make_file(tbe_writer *writer, tbe_log_file *file)
{
    char text[TBE_ERRNO_BYTES];
    int reason = tbe_log_file_make_dir(file);

    if (reason != 0) {
        (void)tbe_break(writer, reason == ENOMEM ? TBE_ENOMEM : TBE_EIO,
                        "%s: the directory cannot be made: %s", file->dir,
                        tbe_errno_text(reason, text));
        return reason;
    }
    reason = tbe_log_file_create(file);
    writer->path = tbe_log_file_copy_path(file);
    if (reason == EOVERFLOW)
        (void)tbe_break(writer, TBE_EEXIST,
                        "%s: no event file can sort after one that is there already", file->dir);
    else if (reason == ENOMEM || writer->path == NULL)
        (void)tbe_break(writer, TBE_ENOMEM, "%s: out of memory", file->dir);
    else if (reason != 0)
        (void)tbe_break(writer, TBE_EIO, "%s: cannot be made: %s", writer->path,
                        tbe_errno_text(reason, text));
    if (reason != 0) {
        free(writer->path);
        writer->path = NULL;
    }
    return writer->broken == TBE_OK ? 0 : reason != 0 ? reason : ENOMEM;
}

static tbe_status create_file(tbe_writer *writer, const char *dir, const tbe_options *options)
{
    tbe_log_file file;
    const tbe_log_file_options where = {
        .dir = dir,
        .host = options->host_name,
        .suffix = options->file_suffix,
        .wall_time = options->wall_time,
    };

    if (tbe_log_file_init(&file, &where) != 0)
        (void)tbe_break(writer, TBE_ENOMEM, "%s: out of memory", dir);
    else if (make_file(writer, &file) == 0)
        return start_sink(writer, &file, options);
    (void)tbe_log_file_close(&file);
    tbe_log_file_deinit(&file);
    return writer->broken;
}

/** The first two records, which are in the file at the end. */
static tbe_status write_beginning(tbe_writer *writer, const tbe_options *options)
{
    const double wall_time = tbe_wall_time_get(writer);

    writer->file.max_wait_s = writer->close_wait_s;
    tbe_status status =
        tbe_event_append(writer, tbe_event_version(writer->event, wall_time, options->writer_name));
    if (status == TBE_OK)
        status = tbe_event_append(writer,
                                  tbe_event_start(writer->event, wall_time, options->start_step));
    if (status == TBE_OK && tbe_record_keep_beginning(&writer->file) != 0)
        status = tbe_break(writer, TBE_ENOMEM, "%s: out of memory", writer->path);
    if (status == TBE_OK)
        status = tbe_flush(writer);
    if (status == TBE_EBUSY)
        status = tbe_break(writer, TBE_EIO, "%s: the disk accepted no data for %g seconds",
                           writer->path, writer->close_wait_s);
    writer->file.max_wait_s = seconds_or(options->max_wait_s, DEFAULT_MAX_WAIT_S);
    return status;
}

static void open_with(tbe_writer *writer, const char *dir, const tbe_options *options)
{
    if (tbe_check_options(writer, options) != TBE_OK)
        return;
    if (dir == NULL || dir[0] == '\0') {
        (void)tbe_break(writer, TBE_EINVAL, "no directory for the event file was given");
        return;
    }
    writer->wall_time = options->wall_time;
    writer->flush_interval_s = seconds_or(options->flush_interval_s, DEFAULT_FLUSH_INTERVAL_S);
    writer->close_wait_s = seconds_or(options->close_wait_s, DEFAULT_CLOSE_WAIT_S);
    if (create_file(writer, dir, options) == TBE_OK)
        (void)write_beginning(writer, options);
}

tbe_writer *tbe_open(const char *dir, const tbe_options *options)
{
    tbe_options own = {.struct_size = sizeof own};
    tbe_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return NULL;
    writer->kinds.max_tags = TBE_MAX_KNOWN_TAGS;
    writer->event = tbe_event_create();
    if (writer->event == NULL) {
        free(writer);
        return NULL;
    }
    if (options != NULL && !tbe_struct_take(&own, sizeof own, options))
        (void)tbe_break(writer, TBE_EINVAL,
                        "the options have fields that this library does not know, or "
                        "tbe_options_init() was not called");
    else
        open_with(writer, dir, &own);
    return writer;
}

tbe_status tbe_flush(tbe_writer *writer)
{
    const tbe_status status = tbe_check_writer(writer);
    if (status != TBE_OK)
        return status;
    const int reason = tbe_record_flush(&writer->file);
    writer->last_flush_s = clock_seconds(FLUSH_CLOCK);
    if (reason == EAGAIN)
        return TBE_EBUSY; /* nothing is lost: no failure */
    if (reason != 0)
        return break_errno(writer, reason);
    look_for_loss(writer);
    const bool is_news = writer->n_lost != writer->n_lost_told;
    writer->n_lost_told = writer->n_lost;
    return is_news ? TBE_ELOST : TBE_OK;
}

/** Ends the file. What is wrong with it is in the writer's first failure. */
static void close_file(tbe_writer *writer)
{
    uint64_t n_lost = writer->n_lost;
    if (writer->file.sink != NULL && writer->broken != TBE_EFORK)
        look_for_loss(writer);
    const int reason = tbe_record_close(&writer->file, writer->close_wait_s, &n_lost);
    if (writer->broken == TBE_OK && n_lost != writer->n_lost)
        note_lost(writer, n_lost);
    if (writer->broken != TBE_OK || reason == 0)
        return;
    if (reason == EAGAIN)
        (void)tbe_break(
            writer, TBE_EIO,
            "%s: the disk accepted no data for %g seconds; the end of the file is missing",
            writer->path, writer->close_wait_s);
    else
        (void)break_errno(writer, reason);
}

/** The sentence of the first failure, with the number of dropped events as it is now. */
static void final_message(const tbe_writer *writer, char *message, size_t size)
{
    if (writer->n_dropped == 0 || writer->first == TBE_EBUSY)
        (void)snprintf(message, size, "%s", writer->first_message);
    else
        (void)snprintf(message, size, "%s; %" PRIu64 " events were dropped", writer->first_message,
                       writer->n_dropped);
    if (writer->first == TBE_EBUSY)
        (void)snprintf(message, size,
                       "%s: the disk was slower than the events, %" PRIu64 " %s dropped",
                       writer->path, writer->n_dropped, writer->n_dropped == 1 ? "was" : "were");
}

static void destroy(tbe_writer *writer)
{
    tbe_event_destroy(writer->event);
    tbe_notes_deinit(&writer->notes);
    tbe_tag_set_deinit(&writer->tags);
    free(writer->notes_of_event);
    free(writer->tag_bytes);
    free(writer->usual_tags);
    tbe_tag_kinds_deinit(&writer->kinds);
    free(writer->path);
    free(writer);
}

tbe_status tbe_close(tbe_writer *writer, char *message, size_t size)
{
    if (writer == NULL) {
        if (message != NULL && size > 0)
            (void)snprintf(message, size, "out of memory");
        return TBE_ENOMEM;
    }
    close_file(writer);
    const tbe_status status = writer->first;
    if (message != NULL && size > 0)
        final_message(writer, message, size);
    destroy(writer);
    return status;
}

tbe_status tbe_set_wall_time(tbe_writer *writer, double wall_time)
{
    const tbe_status status = tbe_check_writer(writer);
    if (status != TBE_OK)
        return status;
    if (wall_time != 0.0 && !tbe_is_wall_time(wall_time))
        return tbe_refuse(writer, TBE_EINVAL, "the wall time %g is not between 0 and %.0f seconds",
                          wall_time, TBE_MAX_WALL_TIME);
    writer->wall_time = wall_time;
    return TBE_OK;
}

tbe_status tbe_check_writer(const tbe_writer *writer)
{
    return writer != NULL ? writer->broken : TBE_ENOMEM;
}

tbe_status tbe_get_status(const tbe_writer *writer)
{
    return tbe_check_writer(writer);
}

uint64_t tbe_get_n_lost(const tbe_writer *writer)
{
    return writer != NULL ? writer->n_lost : 0;
}

uint64_t tbe_get_n_dropped(const tbe_writer *writer)
{
    return writer != NULL ? writer->n_dropped : 0;
}

const char *tbe_get_message(const tbe_writer *writer)
{
    return writer != NULL ? writer->message : "out of memory";
}

const char *tbe_get_path(const tbe_writer *writer)
{
    return writer != NULL && writer->path != NULL ? writer->path : "";
}
