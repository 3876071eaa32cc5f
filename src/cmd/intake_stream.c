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

enum { MAX_CHANNELS = 64, MAX_RATE_HZ = 1000000, BUFFER_BYTES = 1 << 14 };
enum { MAX_CHUNKS = 64, MAX_FORMAT_BYTES = 1024, MAX_SKIPPED_BYTES = 1 << 24 };
enum { STOP_CHECK_MS = 100, MIN_HEAD_BYTES = 12, CHUNK_HEAD_BYTES = 8, LONG_SIZE_BYTES = 16 };

/* Programs that write to a pipe do not know how long the sound will be: some say 0, others a length
 * from here on. */
static const uint64_t unknown_length = 0x7ff00000;

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

static uint64_t read_u64(const unsigned char *b)
{
    return read_u32(b) | (uint64_t)read_u32(b + 4) << 32;
}

static float decode_u8(const unsigned char *b)
{
    return ((float)b[0] - 128.0f) / 128.0f;
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

static float decode_f64(const unsigned char *b)
{
    const uint64_t bits = read_u64(b);
    double value;
    memcpy(&value, &bits, sizeof value);
    const float single = (float)value;
    return isfinite(single) ? single : 0.0f;
}

static const encoding encodings[] = {{"s16", 2, decode_s16}, {"s24", 3, decode_s24},
                                     {"s32", 4, decode_s32}, {"f32", 4, decode_f32},
                                     {"f64", 8, decode_f64}, {"u8", 1, decode_u8}};
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
    uint64_t n_left;    /* bytes up to the next chunk; UINT64_MAX: all that comes is sound */
    uint64_t long_size; /* of the sound, as RF64 files say it; 0: not said */
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
    const uint32_t rate_hz = read_u32(b + 4);
    if (own->encoding == NULL)
        return ws_fail(err, WS_EFORMAT,
                       "standard input: a WAV file of format %u with %u bits; expected whole "
                       "numbers of 8, 16, 24 or 32 bits, or floating-point numbers of 32 or 64",
                       tag, n_bits);
    if (own->n_channels < 1 || own->n_channels > MAX_CHANNELS || rate_hz < 1 ||
        rate_hz > MAX_RATE_HZ)
        return ws_fail(err, WS_EFORMAT,
                       "standard input: a WAV file with %zu channels at %lu Hz; expected 1 to %d "
                       "channels and a sample rate of 1 to %d Hz",
                       own->n_channels, (unsigned long)rate_hz, MAX_CHANNELS, MAX_RATE_HZ);
    own->base.rate_hz = (int)rate_hz;
    return WS_OK;
}

static ws_status skip(stream_intake *own, uint64_t n, ws_error *err)
{
    ws_status status = WS_OK;

    while (status == WS_OK && n > 0 && !(own->has_ended && own->n_bytes == 0)) {
        const size_t now = n < own->n_bytes ? (size_t)n : own->n_bytes;
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

/** Begins with the sound of a chunk "data". @param size  as its head says it */
static void begin_sound(stream_intake *own, uint64_t size)
{
    if (size == UINT32_MAX && own->long_size > 0)
        own->n_left = own->long_size;
    else
        own->n_left = size == 0 || size >= unknown_length ? UINT64_MAX : size;
}

/** Reads a chunk other than "data", after its head. @param id  [4] its name */
static ws_status read_chunk(stream_intake *own, const char *id, size_t size, bool *has_format,
                            ws_error *err)
{
    const bool is_format = memcmp(id, "fmt ", 4) == 0;
    const bool is_long_size = memcmp(id, "ds64", 4) == 0 && size >= LONG_SIZE_BYTES;
    bool are_there = true;

    if (size > MAX_SKIPPED_BYTES || (is_format && (size < 16 || size > MAX_FORMAT_BYTES)))
        return fail_header(err);
    ws_status status = WS_OK;
    if (is_format || is_long_size)
        status = need(own, is_format ? size : LONG_SIZE_BYTES, &are_there, err);
    if (status == WS_OK && !are_there)
        return fail_header(err);
    if (status == WS_OK && is_format)
        status = take_format(own, size, err);
    if (status == WS_OK && is_long_size)
        own->long_size = read_u64(own->bytes + 8); /* after that of the file */
    *has_format = *has_format || is_format;
    return status == WS_OK ? skip(own, size + size % 2, err) : status;
}

/** Reads chunks up to the sound. */
static ws_status read_header(stream_intake *own, ws_error *err)
{
    bool are_there = true, has_format = false;
    ws_status status = skip(own, MIN_HEAD_BYTES, err);

    for (int i = 0; status == WS_OK && i < MAX_CHUNKS; i++) {
        status = need(own, CHUNK_HEAD_BYTES, &are_there, err);
        if (status != WS_OK || !are_there)
            break;
        char id[4];
        memcpy(id, own->bytes, sizeof id);
        const size_t size = read_u32(own->bytes + 4);
        drop(own, CHUNK_HEAD_BYTES);
        if (memcmp(id, "data", sizeof id) == 0) {
            begin_sound(own, size);
            return has_format ? WS_OK : fail_header(err);
        }
        status = read_chunk(own, id, size, &has_format, err);
    }
    return status == WS_OK ? fail_header(err) : status;
}

/** Whether the bytes are the head of a chunk and no sound. */
static bool is_chunk(const unsigned char *bytes)
{
    for (int i = 0; i < 4; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    return true;
}

/** After the sound that the header announces: skips what is not sound, such as names and dates.
 *  Bytes that are no chunk are more sound: the header was wrong. */
static ws_status pass_chunks(stream_intake *own, ws_error *err)
{
    bool are_there = true;
    ws_status status = skip(own, own->n_left, err); /* a part of a sample */

    own->n_left = 0;
    while (status == WS_OK && own->n_left == 0) {
        status = need(own, CHUNK_HEAD_BYTES, &are_there, err);
        if (status != WS_OK)
            break;
        if (!are_there) {
            own->n_bytes = 0;
            break;
        }
        const bool has_pad = own->bytes[0] == 0 && is_chunk(own->bytes + 1);
        if (has_pad) {
            drop(own, 1);
            continue;
        }
        const size_t size = read_u32(own->bytes + 4);
        const bool is_sound = memcmp(own->bytes, "data", 4) == 0;
        if (!is_chunk(own->bytes)) {
            own->n_left = UINT64_MAX;
            break;
        }
        drop(own, CHUNK_HEAD_BYTES);
        if (is_sound)
            begin_sound(own, size);
        else
            status = skip(own, (uint64_t)size + size % 2, err);
    }
    return status;
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
    ws_status status = WS_OK;
    bool are_there = false;

    if (own->n_left < frame_bytes)
        status = pass_chunks(own, err);
    if (status == WS_OK)
        status = need(own, frame_bytes, &are_there, err);
    if (status != WS_OK || !are_there)
        return status;
    const size_t n_bytes = own->n_left < own->n_bytes ? (size_t)own->n_left : own->n_bytes;
    const size_t n_there = n_bytes / frame_bytes;
    *n_read = n_there < n ? n_there : n;
    for (size_t i = 0; i < *n_read; i++)
        samples[i] = own->encoding->decode(own->bytes + i * frame_bytes);
    drop(own, *n_read * frame_bytes);
    if (own->n_left != UINT64_MAX)
        own->n_left -= *n_read * frame_bytes;
    return WS_OK;
}

static const ws_intake_kind stream_kind = {close_stream, read_stream};

/** Whether the first four bytes are those of a WAV file. */
static bool is_riff(const unsigned char *head)
{
    static const char *const ids[] = {"RIFF", "RF64", "BW64"};
    bool is_known = false;

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        is_known = is_known || memcmp(head, ids[i], 4) == 0;
    return is_known;
}

static ws_status fail_format(const char *name, ws_error *err)
{
    return ws_fail(err, WS_EFORMAT,
                   "standard input: %s; expected raw samples or a WAV file. Other formats are read "
                   "from a FILE",
                   name);
}

/** Files of other formats would be noise, if they were taken for raw samples. */
static ws_status check_raw(const unsigned char *head, ws_error *err)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } formats[] = {{"fLaC", 4, "a FLAC file"},    {"OggS\0", 5, "an Ogg file"},
                   {"FORM", 4, "an AIFF file"},   {"ID3\2", 4, "an MP3 file"},
                   {"ID3\3", 4, "an MP3 file"},   {"ID3\4", 4, "an MP3 file"},
                   {"RIFX", 4, "a RIFX file"},    {"caff\0\1", 6, "a CAF file"},
                   {".snd\0\0", 6, "an AU file"}, {"riff\x2e\x91", 6, "a Wave64 file"}};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (memcmp(head, formats[i].bytes, formats[i].n) == 0)
            return fail_format(formats[i].name, err);
    return WS_OK;
}

static ws_status open_stream(stream_intake *own, const ws_raw_format *raw, ws_error *err)
{
    bool are_there;
    ws_status status = take_raw(own, raw, err);

    own->n_left = UINT64_MAX;
    if (status == WS_OK)
        status = need(own, MIN_HEAD_BYTES, &are_there, err);
    if (status != WS_OK)
        return status;
    const bool has_header = is_riff(own->bytes) && memcmp(own->bytes + 8, "WAVE", 4) == 0;
    if (has_header)
        status = read_header(own, err);
    else if (is_riff(own->bytes) && !ws_stop_wanted(NULL))
        return are_there ? fail_format("a RIFF file other than WAV", err) : fail_header(err);
    else if (own->n_bytes < own->encoding->n_bytes * own->n_channels && !ws_stop_wanted(NULL))
        return ws_fail(err, WS_EFORMAT, "standard input: is empty, expected sound");
    else
        status = check_raw(own->bytes, err);
    (void)snprintf(own->base.name, sizeof own->base.name, "standard input, %s, %d Hz",
                   has_header ? "WAV" : own->encoding->name, own->base.rate_hz);
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
