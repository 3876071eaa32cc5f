/* Sound from a pipe: a WAV file or raw samples. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lookup.h"
#include "cmd/intake.h"
#include "cmd/stop.h"

enum { MAX_CHANNELS = 64, MAX_FRAME_BYTES = 4 * MAX_CHANNELS, BUFFER_BYTES = 1 << 14 };
enum { MAX_CHUNKS = 64, MAX_FORMAT_BYTES = 1024, MAX_SKIPPED_BYTES = 1 << 24 };
enum { STOP_CHECK_MS = 100 };

typedef struct encoding {
    const char *name;
    size_t n_bytes;
    float (*decode)(const unsigned char *bytes);
} encoding;

static uint32_t read_u32(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static unsigned read_u16(const unsigned char *b)
{
    return (unsigned)b[0] | (unsigned)b[1] << 8;
}

static float decode_s16(const unsigned char *b)
{
    return (float)(int16_t)read_u16(b) / 32768.0f;
}

static float decode_s24(const unsigned char *b)
{
    const int32_t value =
        (int32_t)((uint32_t)b[0] << 8 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 24);
    return (float)(value / 256) / 8388608.0f;
}

static float decode_s32(const unsigned char *b)
{
    return (float)((double)(int32_t)read_u32(b) / 2147483648.0);
}

static float decode_f32(const unsigned char *b)
{
    const uint32_t bits = read_u32(b);
    float value;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0.0f; /* a fault of the sender, not of the model */
}

static const encoding encodings[] = {
    {"s16", 2, decode_s16}, {"s24", 3, decode_s24}, {"s32", 4, decode_s32}, {"f32", 4, decode_f32}};
enum { N_ENCODINGS = sizeof encodings / sizeof *encodings };

static const char *encoding_name(size_t i)
{
    return encodings[i].name;
}

typedef struct stream_intake {
    ws_intake base;
    int fd;
    const encoding *encoding;
    size_t n_channels;
    unsigned char bytes[BUFFER_BYTES]; /* [n_bytes] that were read and not yet used */
    size_t n_bytes;
    bool has_ended;
} stream_intake;

/** Waits for bytes and appends them; none at the end, and when the program is to stop.
 */
static ws_status fill(stream_intake *own, ws_error *err)
{
    struct pollfd wait = {.fd = own->fd, .events = POLLIN};
    int ready = 0;

    while (ready <= 0 && !ws_stop_wanted(NULL)) {
        ready = poll(&wait, 1, STOP_CHECK_MS);
        if (ready < 0 && errno != EINTR)
            return ws_fail_errno(err, errno, "standard input cannot be read");
    }
    if (ready <= 0) {
        own->has_ended = true;
        return WS_OK;
    }
    const ssize_t n = read(own->fd, own->bytes + own->n_bytes, BUFFER_BYTES - own->n_bytes);
    if (n < 0 && errno != EINTR)
        return ws_fail_errno(err, errno, "standard input cannot be read");
    own->has_ended = n == 0;
    own->n_bytes += n > 0 ? (size_t)n : 0;
    return WS_OK;
}

/** Waits until n bytes are there. @param are_there  set; false: the stream ended before */
static ws_status need(stream_intake *own, size_t n, bool *are_there, ws_error *err)
{
    ws_status status = WS_OK;

    while (status == WS_OK && own->n_bytes < n && !own->has_ended)
        status = fill(own, err);
    *are_there = own->n_bytes >= n;
    return status;
}

static void drop(stream_intake *own, size_t n)
{
    own->n_bytes -= n;
    memmove(own->bytes, own->bytes + n, own->n_bytes);
}

/** Takes over what the chunk "fmt " says. */
static ws_status take_format(stream_intake *own, size_t size, ws_error *err)
{
    const unsigned char *b = own->bytes;
    unsigned tag = read_u16(b);
    const unsigned n_bits = read_u16(b + 14);

    if (tag == 0xfffe && size >= 26)
        tag = read_u16(b + 24); /* what the extensible form stands for */
    own->encoding = NULL;
    for (size_t i = 0; i < N_ENCODINGS; i++)
        if (encodings[i].n_bytes * 8 == n_bits && tag == (encodings[i].name[0] == 'f' ? 3 : 1))
            own->encoding = &encodings[i];
    own->n_channels = read_u16(b + 2);
    own->base.rate_hz = (int)read_u32(b + 4);
    if (own->encoding == NULL)
        return ws_fail(err, WS_EFORMAT,
                       "standard input: a WAV file of format %u with %u bits; expected samples of "
                       "16, 24 or 32 bits, whole or floating point",
                       tag, n_bits);
    if (own->n_channels < 1 || own->n_channels > MAX_CHANNELS || own->base.rate_hz < 1)
        return ws_fail(err, WS_EFORMAT,
                       "standard input: a WAV file with %zu channels at %d Hz; expected 1 to %d "
                       "channels and a sample rate above 0",
                       own->n_channels, own->base.rate_hz, MAX_CHANNELS);
    return WS_OK;
}

static ws_status skip(stream_intake *own, size_t n, ws_error *err)
{
    ws_status status = WS_OK;

    while (status == WS_OK && n > 0 && !(own->has_ended && own->n_bytes == 0)) {
        const size_t now = n < own->n_bytes ? n : own->n_bytes;
        drop(own, now);
        n -= now;
        if (n > 0)
            status = fill(own, err);
    }
    return status;
}

static ws_status fail_header(ws_error *err)
{
    return ws_fail(err, WS_EFORMAT,
                   "standard input: a WAV file without sound; expected the chunks \"fmt \" and "
                   "\"data\"");
}

/** Reads chunks up to the sound. */
static ws_status read_header(stream_intake *own, ws_error *err)
{
    bool are_there = true, has_format = false;
    ws_status status = skip(own, 12, err);

    for (int i = 0; status == WS_OK && i < MAX_CHUNKS; i++) {
        status = need(own, 8, &are_there, err);
        if (status != WS_OK || !are_there)
            break;
        const size_t size = read_u32(own->bytes + 4);
        const bool is_format = memcmp(own->bytes, "fmt ", 4) == 0;
        const bool is_sound = memcmp(own->bytes, "data", 4) == 0;
        drop(own, 8);
        if (is_sound)
            return has_format ? WS_OK : fail_header(err);
        if (size > MAX_SKIPPED_BYTES || (is_format && (size < 16 || size > MAX_FORMAT_BYTES)))
            return fail_header(err);
        if (is_format) {
            status = need(own, size, &are_there, err);
            if (status == WS_OK && !are_there)
                break;
            if (status == WS_OK)
                status = take_format(own, size, err);
            has_format = true;
        }
        if (status == WS_OK)
            status = skip(own, size + size % 2, err);
    }
    return status == WS_OK ? fail_header(err) : status;
}

static ws_status take_raw(stream_intake *own, const ws_raw_format *raw, ws_error *err)
{
    size_t i;
    const ws_status status =
        ws_lookup("--raw_format", raw->encoding, encoding_name, N_ENCODINGS, &i, err);

    if (status != WS_OK)
        return ws_fail_usage(status, err);
    own->encoding = &encodings[i];
    own->n_channels = (size_t)raw->n_channels;
    own->base.rate_hz = raw->rate_hz;
    return WS_OK;
}

static void close_stream(ws_intake *intake)
{
    free(intake);
}

static ws_status read_stream(ws_intake *intake, float *samples, size_t n, size_t *n_read,
                             ws_error *err)
{
    stream_intake *own = (stream_intake *)intake;
    const size_t frame_bytes = own->encoding->n_bytes * own->n_channels;
    bool are_there;

    const ws_status status = need(own, frame_bytes, &are_there, err);
    if (status != WS_OK || !are_there)
        return status;
    const size_t n_there = own->n_bytes / frame_bytes;
    *n_read = n_there < n ? n_there : n;
    for (size_t i = 0; i < *n_read; i++)
        samples[i] = own->encoding->decode(own->bytes + i * frame_bytes);
    drop(own, *n_read * frame_bytes);
    return WS_OK;
}

static const ws_intake_kind stream_kind = {close_stream, read_stream};

static ws_status open_stream(stream_intake *own, const ws_raw_format *raw, ws_error *err)
{
    bool are_there;
    ws_status status = take_raw(own, raw, err);

    if (status == WS_OK)
        status = need(own, 12, &are_there, err);
    if (status != WS_OK)
        return status;
    const bool is_wav =
        are_there && memcmp(own->bytes, "RIFF", 4) == 0 && memcmp(own->bytes + 8, "WAVE", 4) == 0;
    if (is_wav)
        status = read_header(own, err);
    else if (own->n_bytes < own->encoding->n_bytes * own->n_channels && !ws_stop_wanted(NULL))
        return ws_fail(err, WS_EFORMAT, "standard input: is empty, expected sound");
    (void)snprintf(own->base.name, sizeof own->base.name, "standard input, %s, %d Hz",
                   is_wav ? "WAV" : own->encoding->name, own->base.rate_hz);
    return status;
}

ws_status ws_intake_open_stream(int fd, const ws_raw_format *raw, ws_intake **intake, ws_error *err)
{
    stream_intake *made = calloc(1, sizeof *made);

    *intake = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "standard input");
    made->base.kind = &stream_kind;
    made->fd = fd;
    const ws_status status = open_stream(made, raw, err);
    if (status != WS_OK) {
        free(made);
        return status;
    }
    *intake = &made->base;
    return WS_OK;
}
