#include "tbevents/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tbevents/file_name.h"
#include "tbevents/text.h"

#define DEFAULT_FLUSH_INTERVAL_S  2.0
#define DEFAULT_MAX_WAIT_S        0.1
#define DEFAULT_CLOSE_WAIT_S      10.0
#define DEFAULT_MAX_WAITING_BYTES ((size_t)1 << 24)
#define MAX_SECONDS               86400.0 /* of any of these times */

#if defined(CLOCK_MONOTONIC_COARSE)
#define FLUSH_CLOCK CLOCK_MONOTONIC_COARSE /* read at each call, good to milliseconds */
#else
#define FLUSH_CLOCK CLOCK_MONOTONIC
#endif

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
                         "%s: was opened by another process, a child cannot write to it",
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
    return reason == 0 || reason == EAGAIN ? TBE_OK : break_errno(writer, reason);
}

tbe_status tbe_flush_if_due(tbe_writer *writer)
{
    const double waited_s = clock_seconds(FLUSH_CLOCK) - writer->last_flush_s;
    return waited_s >= writer->flush_interval_s ? tbe_hand_over(writer) : TBE_OK;
}

bool tbe_struct_take(void *own, size_t own_size, const void *theirs)
{
    size_t size;
    memcpy(&size, theirs, sizeof size);
    if (size <= sizeof size || size > 4096)
        return false;
    for (size_t i = own_size; i < size; i++)
        if (((const unsigned char *)theirs)[i] != 0)
            return false;
    memset(own, 0, own_size);
    memcpy(own, theirs, size < own_size ? size : own_size);
    return true;
}

void tbe_options_init(tbe_options *options, size_t struct_size)
{
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
}

static bool is_wall_time(double wall_time)
{
    return wall_time > 0.0 && wall_time <= TBE_MAX_WALL_TIME;
}

/** Refuses a text of the options that is not as it should be; NULL is fine. */
static tbe_status check_text(tbe_writer *writer, const char *what, const char *text,
                             size_t max_bytes)
{
    size_t n_bytes;
    const char *complaint;
    if (text == NULL)
        return TBE_OK;
    const tbe_status status = tbe_text_check(text, TBE_TEXT_LINE, max_bytes, &n_bytes, &complaint);
    return status == TBE_OK ? TBE_OK : tbe_break(writer, status, "the %s %s", what, complaint);
}

/** The same for a part of the file name. */
static tbe_status check_name_part(tbe_writer *writer, const char *what, const char *text)
{
    const tbe_status status = check_text(writer, what, text, TBE_MAX_NAME_BYTES);
    if (status == TBE_OK && text != NULL && strchr(text, '/') != NULL)
        return tbe_break(writer, TBE_EINVAL, "the %s \"%s\" has a slash", what, text);
    return status;
}

static tbe_status check_seconds(tbe_writer *writer, const char *what, double seconds)
{
    if (seconds >= 0.0 && seconds <= MAX_SECONDS)
        return TBE_OK;
    return tbe_break(writer, TBE_EINVAL, "the %s %g is not between 0 and %.0f s", what, seconds,
                     MAX_SECONDS);
}

static tbe_status check_options(tbe_writer *writer, const tbe_options *options)
{
    tbe_status status;

    if (options->wall_time != 0.0 && !is_wall_time(options->wall_time))
        return tbe_break(writer, TBE_EINVAL, "the wall time %g is not between 0 and %.0f seconds",
                         options->wall_time, TBE_MAX_WALL_TIME);
    if (options->max_waiting_bytes > TBE_MAX_WAITING_BYTES)
        return tbe_break(writer, TBE_ELIMIT, "%zu bytes that may wait are above the %d allowed",
                         options->max_waiting_bytes, TBE_MAX_WAITING_BYTES);
    status = check_seconds(writer, "flush interval", options->flush_interval_s);
    if (status == TBE_OK)
        status = check_seconds(writer, "longest wait", options->max_wait_s);
    if (status == TBE_OK)
        status = check_seconds(writer, "longest wait at the end", options->close_wait_s);
    if (status == TBE_OK)
        status = check_text(writer, "writer name", options->writer_name, TBE_MAX_WRITER_NAME_BYTES);
    if (status == TBE_OK)
        status = check_name_part(writer, "host name", options->host_name);
    if (status == TBE_OK)
        status = check_name_part(writer, "file name suffix", options->file_suffix);
    return status;
}

static double seconds_or(double seconds, double otherwise)
{
    return seconds > 0.0 ? seconds : otherwise;
}

static tbe_status start_sink(tbe_writer *writer, int fd, const tbe_options *options)
{
    const size_t max_bytes =
        options->max_waiting_bytes > 0 ? options->max_waiting_bytes : DEFAULT_MAX_WAITING_BYTES;
    writer->file.sink = tbe_sink_create(fd, max_bytes);
    if (writer->file.sink == NULL)
        return tbe_break(writer, TBE_ENOMEM, "%s: no memory or no thread for it", writer->path);
    return TBE_OK;
}

static tbe_status create_file(tbe_writer *writer, const char *dir, const tbe_options *options)
{
    char host[TBE_MAX_NAME_BYTES + 1];
    const tbe_file_name name = {
        .dir = dir,
        .seconds = (int64_t)tbe_wall_time_get(writer), /* not negative: rounds down */
        .host = options->host_name != NULL ? options->host_name : host,
        .suffix = options->file_suffix != NULL ? options->file_suffix : "",
    };
    char *path = NULL, text[TBE_ERRNO_BYTES];
    int fd = -1;

    tbe_host_name_get(host);
    int reason = tbe_directory_create(dir);
    if (reason != 0)
        return tbe_break(writer, reason == ENOMEM ? TBE_ENOMEM : TBE_EIO,
                         "%s: the directory cannot be made: %s", dir, tbe_errno_text(reason, text));
    reason = tbe_file_create(&name, &path, &fd);
    if (reason == 0) {
        writer->path = path;
        return start_sink(writer, fd, options);
    }
    if (reason == EOVERFLOW)
        (void)tbe_break(writer, TBE_EEXIST,
                        "%s: no event file can sort after one that is there already", dir);
    else if (path == NULL)
        (void)tbe_break(writer, TBE_ENOMEM, "%s: out of memory", dir);
    else
        (void)tbe_break(writer, TBE_EIO, "%s: cannot be made: %s", path,
                        tbe_errno_text(reason, text));
    free(path);
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
    if (status == TBE_OK)
        status = tbe_flush(writer);
    if (status == TBE_EBUSY)
        status = tbe_break(writer, TBE_EIO, "%s: the disk took nothing for %g seconds",
                           writer->path, writer->close_wait_s);
    writer->file.max_wait_s = seconds_or(options->max_wait_s, DEFAULT_MAX_WAIT_S);
    return status;
}

static void open_with(tbe_writer *writer, const char *dir, const tbe_options *options)
{
    if (check_options(writer, options) != TBE_OK)
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
    return reason == 0 ? TBE_OK : break_errno(writer, reason);
}

/** Ends the file. What is wrong with it is in the writer's first failure. */
static void close_file(tbe_writer *writer)
{
    const int reason = tbe_record_close(&writer->file, writer->close_wait_s);
    if (writer->broken != TBE_OK || reason == 0)
        return;
    if (reason == EAGAIN)
        (void)tbe_break(writer, TBE_EIO, "%s: the disk took nothing for %g seconds, the end lacks",
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
    if (wall_time != 0.0 && !is_wall_time(wall_time))
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
