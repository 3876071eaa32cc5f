#include "tbevents/options.h"

#include <string.h>

#define MAX_SECONDS 86400.0 /* of any of the times */

void tbe_options_init(tbe_options *options, size_t struct_size)
{
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
}

bool tbe_is_wall_time(double wall_time)
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
    if ((seconds >= 0.0 && seconds <= MAX_SECONDS) || seconds == TBE_NO_TIME)
        return TBE_OK;
    return tbe_break(writer, TBE_EINVAL, "the %s %g is not between 0 and %.0f s", what, seconds,
                     MAX_SECONDS);
}

tbe_status tbe_check_options(tbe_writer *writer, const tbe_options *options)
{
    tbe_status status;

    if (options->wall_time != 0.0 && !tbe_is_wall_time(options->wall_time))
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
