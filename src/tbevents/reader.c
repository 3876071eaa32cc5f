#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tbevents/frame.h"
#include "tbevents/little_endian.h"
#include "tbevents/read_event.h"
#include "tbevents/text.h"
#include "tbevents/writer.h"

enum { READ_BYTES = 1 << 16, DEFAULT_TAGS = 1 << 16 };
#define MAX_RECORD_BYTES ((size_t)1 << 30)
#define MAX_TAGS         ((size_t)1 << 24)
/* What tbe_reader_resync() may spend on what looks like payloads but is not: a file may be all
 * heads. */
#define MAX_SEARCH_BYTES ((uint64_t)4 << 30)

struct tbe_reader {
    char *path; /* owned */
    int fd;     /* owned; -1: none */
    tbe_decoder *decoder;
    size_t max_record_bytes;

    const uint8_t *ahead; /* [n_ahead] bytes from offset on: in buffer, or the caller's */
    size_t n_ahead;
    uint8_t *buffer; /* [capacity], owned; NULL: the whole file is ahead */
    size_t capacity;
    uint64_t offset; /* of the next record */
    uint64_t n_torn;
    size_t n_passed; /* bytes at ahead of the record that was given out last */
    bool has_failed; /* whether the last read failed at it */
    tbe_damage damage;
    uint64_t n_searched; /* bytes that tbe_reader_resync() has read without finding one */

    tbe_status broken; /* what every call returns; TBE_OK: the reader works */
    char message[TBE_MESSAGE_BYTES];
};

void tbe_reader_options_init(tbe_reader_options *options, size_t struct_size)
{
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
}

void tbe_record_init(tbe_record *record, size_t struct_size)
{
    memset(record, 0, struct_size);
    record->struct_size = struct_size;
}

static tbe_status fail(tbe_reader *reader, tbe_status status, const char *format, ...)
    TBE_PRINTF(3, 4);

static tbe_status fail(tbe_reader *reader, tbe_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reader->message, sizeof reader->message, format, args);
    va_end(args);
    tbe_text_clean(reader->message);
    return status;
}

static tbe_status fail_errno(tbe_reader *reader, const char *what, int reason)
{
    char text[TBE_ERRNO_BYTES];
    return fail(reader, TBE_EIO, "%s: cannot be %s: %s", reader->path, what,
                tbe_errno_text(reason, text));
}

static tbe_status check_options(tbe_reader *reader, const tbe_reader_options *options)
{
    tbe_reader_options own = {.struct_size = sizeof own};

    if (options != NULL && !tbe_struct_take(&own, sizeof own, options))
        return fail(reader, TBE_EINVAL,
                    "the options have fields that this library does not know, or "
                    "tbe_reader_options_init() was not called");
    if (own.max_record_bytes > MAX_RECORD_BYTES || own.max_tags > MAX_TAGS)
        return fail(reader, TBE_ELIMIT, "records above %zu bytes or %zu tags cannot be read",
                    MAX_RECORD_BYTES, MAX_TAGS);
    reader->max_record_bytes =
        own.max_record_bytes > 0 ? own.max_record_bytes : TBE_MAX_EVENT_BYTES;
    reader->decoder = tbe_decoder_create(own.max_tags > 0 ? own.max_tags : DEFAULT_TAGS);
    return reader->decoder != NULL ? TBE_OK : fail(reader, TBE_ENOMEM, "out of memory");
}

static tbe_reader *create(const char *path, const tbe_reader_options *options)
{
    tbe_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->fd = -1;
    reader->path = malloc(strlen(path) + 1);
    if (reader->path == NULL) {
        free(reader);
        return NULL;
    }
    memcpy(reader->path, path, strlen(path) + 1);
    reader->broken = check_options(reader, options);
    return reader;
}

tbe_reader *tbe_reader_open(const char *path, const tbe_reader_options *options)
{
    tbe_reader *reader = create(path != NULL ? path : "", options);

    if (reader == NULL || reader->broken != TBE_OK)
        return reader;
    reader->buffer = malloc(READ_BYTES);
    reader->capacity = READ_BYTES;
    reader->ahead = reader->buffer;
    if (reader->buffer == NULL) {
        reader->broken = fail(reader, TBE_ENOMEM, "%s: out of memory", reader->path);
    } else if (reader->path[0] == '\0') {
        reader->broken = fail(reader, TBE_EINVAL, "no event file was given");
    } else {
        reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC);
        if (reader->fd < 0)
            reader->broken = fail_errno(reader, "opened", errno);
    }
    return reader;
}

tbe_reader *tbe_reader_open_memory(const void *data, size_t size, const tbe_reader_options *options)
{
    tbe_reader *reader = create("memory", options);
    if (reader == NULL)
        return NULL;
    reader->ahead = data;
    reader->n_ahead = size;
    return reader;
}

/** Makes room for n bytes ahead, but no more at once than twice what has been read: the length of
 *  a record is only believed as far as there are bytes. */
static int make_room(tbe_reader *reader, size_t n)
{
    if (reader->ahead != reader->buffer && reader->n_ahead > 0)
        memmove(reader->buffer, reader->ahead, reader->n_ahead);
    reader->ahead = reader->buffer;
    if (reader->n_ahead < reader->capacity)
        return 0;
    const size_t capacity = n < 2 * reader->capacity ? n : 2 * reader->capacity;
    uint8_t *larger = realloc(reader->buffer, capacity);
    if (larger == NULL)
        return ENOMEM;
    reader->buffer = larger;
    reader->ahead = larger;
    reader->capacity = capacity;
    return 0;
}

/** Reads on until n bytes are ahead or the file ends. @return 0 or errno */
static int read_ahead(tbe_reader *reader, size_t n)
{
    while (reader->buffer != NULL && reader->n_ahead < n) {
        const int reason = make_room(reader, n);
        if (reason != 0)
            return reason;
        const ssize_t n_read =
            read(reader->fd, reader->buffer + reader->n_ahead, reader->capacity - reader->n_ahead);
        if (n_read == 0)
            break;
        if (n_read > 0)
            reader->n_ahead += (size_t)n_read;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

/** Steps over the record that was given out last. */
static void pass_record(tbe_reader *reader)
{
    reader->ahead += reader->n_passed;
    reader->n_ahead -= reader->n_passed;
    reader->n_passed = 0;
}

/** @return TBE_OK: n bytes are ahead; TBE_END: the file has no more; or a failure */
static tbe_status need(tbe_reader *reader, size_t n)
{
    const int reason = read_ahead(reader, n);
    if (reason == ENOMEM)
        return fail(reader, TBE_ENOMEM, "%s: out of memory", reader->path);
    if (reason != 0)
        return fail_errno(reader, "read", reason);
    reader->n_torn = reader->n_ahead < n ? reader->n_ahead : 0;
    return reader->n_ahead < n ? TBE_END : TBE_OK;
}

/** Looks at the next record's frame. @param size  set to its payload's length */
static tbe_status read_frame(tbe_reader *reader, size_t *size)
{
    uint64_t payload_size;
    tbe_status status = need(reader, TBE_RECORD_HEAD);

    if (status != TBE_OK)
        return status;
    const bool is_head = tbe_frame_read_head(reader->ahead, &payload_size);
    if (!is_head || payload_size > reader->max_record_bytes) {
        reader->damage = is_head ? TBE_DAMAGE_LONG : TBE_DAMAGE_LENGTH;
        reader->broken = fail(reader, TBE_EDATA,
                              "%s: at byte %" PRIu64 " there is no record, or one above %zu bytes",
                              reader->path, reader->offset, reader->max_record_bytes);
        return reader->broken;
    }
    *size = (size_t)payload_size;
    return need(reader, *size + TBE_RECORD_OVERHEAD);
}

static tbe_status read_record(tbe_reader *reader, tbe_record *record)
{
    size_t size = 0;
    const char *complaint = "has a wrong checksum";
    tbe_status status = read_frame(reader, &size);

    if (status != TBE_OK)
        return status;
    const uint8_t *payload = reader->ahead + TBE_RECORD_HEAD;
    record->offset = reader->offset;
    record->size = size + TBE_RECORD_OVERHEAD;
    record->payload = (tbe_blob){payload, size};
    reader->n_passed = size + TBE_RECORD_OVERHEAD;
    reader->offset += reader->n_passed;
    status = TBE_EDATA;
    reader->damage = TBE_DAMAGE_CHECKSUM;
    if (tbe_frame_check(payload, size)) {
        status = tbe_decoder_run(reader->decoder, payload, size, record, &complaint);
        reader->damage = status == TBE_EDATA ? TBE_DAMAGE_EVENT : TBE_DAMAGE_NONE;
    }
    if (status == TBE_OK)
        return TBE_OK;
    return fail(reader, status, "%s: the record at byte %" PRIu64 " %s", reader->path,
                record->offset, complaint);
}

/** The caller's structure may be shorter or longer than ours; what we do not know becomes 0. */
static bool give(const tbe_record *own, tbe_record *record)
{
    const size_t size = record->struct_size;
    if (size <= sizeof size || size > 4096)
        return false;
    memset(record, 0, size);
    memcpy(record, own, size < sizeof *own ? size : sizeof *own);
    record->struct_size = size;
    return true;
}

tbe_status tbe_reader_read(tbe_reader *reader, tbe_record *record)
{
    tbe_record own = {.struct_size = sizeof own, .text = ""};

    if (reader == NULL)
        return TBE_ENOMEM;
    if (record == NULL || !give(&own, record))
        return fail(reader, TBE_EINVAL, "tbe_record_init() was not called");
    if (reader->broken != TBE_OK)
        return reader->broken;
    pass_record(reader);
    reader->damage = TBE_DAMAGE_NONE;
    const tbe_status status = read_record(reader, &own);
    reader->has_failed = status != TBE_OK;
    if (status != TBE_OK) /* what was taken apart before it failed is of no use */
        own = (tbe_record){.text = "",
                           .offset = reader->offset - reader->n_passed,
                           .size = own.size,
                           .payload = own.payload};
    (void)give(&own, record);
    return status;
}

/** Moves on to the next byte where the head of a record may be. @return false: the file ends */
static bool find_head(tbe_reader *reader, uint64_t *payload_size)
{
    const uint8_t *const begin = reader->ahead;
    const uint8_t *const end = begin + reader->n_ahead;
    const uint8_t *p = begin;
    bool is_found = false;

    while (!is_found && end - p >= TBE_RECORD_HEAD) {
        is_found = tbe_get_le(p, 8) <= reader->max_record_bytes && /* of most bytes it is not */
                   tbe_frame_read_head(p, payload_size);
        p += is_found ? 0 : 1;
    }
    reader->ahead = p;
    reader->n_ahead = (size_t)(end - p);
    reader->offset += (uint64_t)(p - begin);
    return is_found;
}

/** @return TBE_OK: a whole record is ahead; TBE_END: none is at this byte; or a failure */
static tbe_status try_record(tbe_reader *reader, size_t payload_size)
{
    const tbe_status status = need(reader, payload_size + TBE_RECORD_OVERHEAD);

    if (status == TBE_OK && tbe_frame_check(reader->ahead + TBE_RECORD_HEAD, payload_size))
        return TBE_OK;
    if (status != TBE_OK && status != TBE_END)
        return status;
    reader->n_searched += status == TBE_OK ? payload_size : reader->n_ahead;
    if (reader->n_searched > MAX_SEARCH_BYTES)
        return fail(reader, TBE_ELIMIT,
                    "%s: at byte %" PRIu64 " and before it too much looks like records but is not",
                    reader->path, reader->offset);
    return TBE_END;
}

static void skip_byte(tbe_reader *reader)
{
    reader->ahead++;
    reader->n_ahead--;
    reader->offset++;
}

tbe_status tbe_reader_resync(tbe_reader *reader)
{
    uint64_t payload_size;
    tbe_status status;

    if (reader == NULL)
        return TBE_ENOMEM;
    if (reader->broken != TBE_OK && reader->broken != TBE_EDATA)
        return reader->broken;
    if (reader->has_failed) {
        reader->offset -= reader->n_passed;
        reader->n_passed = 0;
        if (reader->n_ahead > 0)
            skip_byte(reader);
    }
    pass_record(reader);
    reader->has_failed = false;
    reader->broken = TBE_OK;
    while ((status = need(reader, TBE_RECORD_HEAD)) == TBE_OK) {
        if (!find_head(reader, &payload_size))
            continue;
        status = try_record(reader, (size_t)payload_size);
        if (status != TBE_END)
            return status;
        skip_byte(reader);
    }
    reader->offset += reader->n_ahead;
    reader->ahead += reader->n_ahead;
    reader->n_ahead = 0;
    reader->n_torn = 0;
    return status;
}

tbe_damage tbe_reader_get_damage(const tbe_reader *reader)
{
    return reader != NULL ? reader->damage : TBE_DAMAGE_NONE;
}

uint64_t tbe_reader_get_offset(const tbe_reader *reader)
{
    return reader != NULL ? reader->offset : 0;
}

uint64_t tbe_reader_get_n_torn(const tbe_reader *reader)
{
    return reader != NULL ? reader->n_torn : 0;
}

const char *tbe_reader_get_message(const tbe_reader *reader)
{
    return reader != NULL ? reader->message : "out of memory";
}

void tbe_reader_close(tbe_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->fd >= 0)
        (void)close(reader->fd);
    tbe_decoder_destroy(reader->decoder);
    free(reader->buffer);
    free(reader->path);
    free(reader);
}
