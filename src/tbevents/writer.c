#include "tbevents/writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tbevents/file_name.h"
#include "tbevents/text.h"

#define DEFAULT_FLUSH_INTERVAL_S 2.0
#define MAX_FLUSH_INTERVAL_S     86400.0

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
    return tbe_break(writer, TBE_EIO, "%s: cannot be written: %s", writer->path, strerror(reason));
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

tbe_status tbe_event_append(tbe_writer *writer, size_t size)
{
    uint8_t *payload;
    int reason = tbe_record_begin(&writer->file, size, &payload);

    if (reason == 0) {
        tbe_event_write(writer->event, payload);
        reason = tbe_record_end(&writer->file, size);
    }
    return reason == 0 ? TBE_OK : break_errno(writer, reason);
}

static tbe_status flush_now(tbe_writer *writer)
{
    const int reason = tbe_record_flush(&writer->file);
    writer->last_flush_s = clock_seconds(CLOCK_MONOTONIC);
    return reason == 0 ? TBE_OK : break_errno(writer, reason);
}

tbe_status tbe_flush_if_due(tbe_writer *writer)
{
    const double waited_s = clock_seconds(CLOCK_MONOTONIC) - writer->last_flush_s;
    return waited_s >= writer->flush_interval_s ? flush_now(writer) : TBE_OK;
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

static tbe_status check_options(tbe_writer *writer, const tbe_options *options)
{
    const double interval_s = options->flush_interval_s;
    tbe_status status;

    if (options->wall_time != 0.0 && !is_wall_time(options->wall_time))
        return tbe_break(writer, TBE_EINVAL, "the wall time %g is not between 0 and %.0f seconds",
                         options->wall_time, TBE_MAX_WALL_TIME);
    if (!(interval_s >= 0.0 && interval_s <= MAX_FLUSH_INTERVAL_S))
        return tbe_break(writer, TBE_EINVAL, "the flush interval %g is not between 0 and %.0f s",
                         interval_s, MAX_FLUSH_INTERVAL_S);
    status = check_text(writer, "writer name", options->writer_name, TBE_MAX_WRITER_NAME_BYTES);
    if (status == TBE_OK)
        status = check_name_part(writer, "host name", options->host_name);
    if (status == TBE_OK)
        status = check_name_part(writer, "file name suffix", options->file_suffix);
    return status;
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
    char *path = NULL;
    int fd = -1;

    tbe_host_name_get(host);
    int reason = tbe_directory_create(dir);
    if (reason != 0)
        return tbe_break(writer, TBE_EIO, "%s: the directory cannot be made: %s", dir,
                         strerror(reason));
    reason = tbe_file_create(&name, &path, &fd);
    if (reason == 0) {
        writer->path = path;
        tbe_record_init(&writer->file, fd);
        return TBE_OK;
    }
    if (reason == EOVERFLOW)
        (void)tbe_break(writer, TBE_EEXIST,
                        "%s: no event file can sort after one that is there already", dir);
    else if (path == NULL)
        (void)tbe_break(writer, TBE_ENOMEM, "%s: out of memory", dir);
    else
        (void)tbe_break(writer, TBE_EIO, "%s: cannot be made: %s", path, strerror(reason));
    free(path);
    return writer->broken;
}

static tbe_status write_beginning(tbe_writer *writer, const tbe_options *options)
{
    const double wall_time = tbe_wall_time_get(writer);
    tbe_status status =
        tbe_event_append(writer, tbe_event_version(writer->event, wall_time, options->writer_name));

    if (status == TBE_OK)
        status = tbe_event_append(writer,
                                  tbe_event_start(writer->event, wall_time, options->start_step));
    return status == TBE_OK ? flush_now(writer) : status;
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
    writer->flush_interval_s =
        options->flush_interval_s > 0.0 ? options->flush_interval_s : DEFAULT_FLUSH_INTERVAL_S;
    if (create_file(writer, dir, options) == TBE_OK)
        (void)write_beginning(writer, options);
}

tbe_writer *tbe_open(const char *dir, const tbe_options *options)
{
    tbe_options own = {.struct_size = sizeof own};
    tbe_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return NULL;
    tbe_record_init(&writer->file, -1);
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
    if (writer == NULL)
        return TBE_ENOMEM;
    return writer->broken != TBE_OK ? writer->broken : flush_now(writer);
}

tbe_status tbe_close(tbe_writer *writer, char *message, size_t size)
{
    tbe_status status = TBE_ENOMEM;
    const char *sentence = "out of memory";

    if (writer != NULL) {
        (void)tbe_flush(writer);
        const int reason = tbe_record_deinit(&writer->file);
        if (reason != 0 && writer->broken == TBE_OK)
            (void)break_errno(writer, reason);
        status = writer->first;
        sentence = writer->first_message;
    }
    if (message != NULL && size > 0)
        (void)snprintf(message, size, "%s", sentence);
    if (writer == NULL)
        return status;
    tbe_event_destroy(writer->event);
    tbe_notes_deinit(&writer->notes);
    tbe_tag_set_deinit(&writer->tags);
    free(writer->notes_of_event);
    free(writer->path);
    free(writer);
    return status;
}

tbe_status tbe_set_wall_time(tbe_writer *writer, double wall_time)
{
    if (writer == NULL)
        return TBE_ENOMEM;
    if (writer->broken != TBE_OK)
        return writer->broken;
    if (wall_time != 0.0 && !is_wall_time(wall_time))
        return tbe_refuse(writer, TBE_EINVAL, "the wall time %g is not between 0 and %.0f seconds",
                          wall_time, TBE_MAX_WALL_TIME);
    writer->wall_time = wall_time;
    return TBE_OK;
}

tbe_status tbe_get_status(const tbe_writer *writer)
{
    return writer != NULL ? writer->broken : TBE_ENOMEM;
}

const char *tbe_get_message(const tbe_writer *writer)
{
    return writer != NULL ? writer->message : "out of memory";
}

const char *tbe_get_path(const tbe_writer *writer)
{
    return writer != NULL && writer->path != NULL ? writer->path : "";
}
