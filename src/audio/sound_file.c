#include "audio/sound_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/riff.h"
#include "base/text.h"

enum {
    BLOCK_VALUES = 1 << 16,      /* decoded at a time, over all channels */
    MAX_CHANNELS = BLOCK_VALUES, /* more than libsndfile allows */
    HEAD_BYTES = 12 + 8 + 8      /* of a WAV file that has nothing but a format and its sound */
};

/**
 * A WAV file as it should be: a header of our own, then the sound that is there. libsndfile reads
 * it through callbacks in place of a file whose header is wrong.
 */
typedef struct mended_wav {
    int fd;
    ws_riff_range ranges[WS_RIFF_MAX_PARTS]; /* [n_ranges] of the file, after the header */
    size_t n_ranges;
    unsigned char head[HEAD_BYTES + WS_RIFF_MAX_FORMAT_BYTES + 1];
    uint64_t head_bytes, n_bytes; /* of the header, of all */
    uint64_t at;                  /* where libsndfile stands */
} mended_wav;

struct ws_sound_file {
    char *path; /* owned; for errors */
    int fd;
    SNDFILE *file;
    SF_INFO info;
    mended_wav *mended; /* NULL: the file is read as it is */
    ws_sound_oddity oddity;
    float *block;       /* [BLOCK_VALUES] NULL with one channel */
    uint64_t n_decoded; /* samples so far */
};

static void write_u32le(unsigned char *to, uint64_t value)
{
    const uint32_t capped = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(capped >> (8 * i));
}

/** @return whether the format could be read */
static bool make_mended(int fd, const ws_riff *riff, mended_wav *mended)
{
    const size_t format_bytes = (size_t)riff->format.n_bytes;
    const size_t padded = format_bytes + format_bytes % 2;
    uint64_t n_sound = 0;

    *mended = (mended_wav){.fd = fd, .n_ranges = riff->n_parts, .head_bytes = HEAD_BYTES + padded};
    for (size_t i = 0; i < riff->n_parts; i++) {
        mended->ranges[i] = riff->parts[i];
        n_sound += riff->parts[i].n_bytes;
    }
    mended->n_bytes = mended->head_bytes + n_sound;
    unsigned char *at = mended->head;
    memcpy(at, "RIFF....WAVEfmt ", 16);
    write_u32le(at + 4, mended->n_bytes - 8);
    write_u32le(at + 16, format_bytes);
    at += 20;
    if (pread(fd, at, format_bytes, (off_t)riff->format.offset) != (ssize_t)format_bytes)
        return false;
    at += padded;
    memcpy(at, "data", 4);
    write_u32le(at + 4, n_sound);
    return true;
}

static sf_count_t mended_length(void *user)
{
    const mended_wav *mended = user;
    return (sf_count_t)mended->n_bytes;
}

static sf_count_t mended_seek(sf_count_t offset, int whence, void *user)
{
    mended_wav *mended = user;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? (int64_t)mended->at
                                              : (int64_t)mended->n_bytes;
    if (base + offset < 0)
        return -1;
    mended->at = (uint64_t)(base + offset);
    return (sf_count_t)mended->at;
}

static sf_count_t mended_tell(void *user)
{
    const mended_wav *mended = user;
    return (sf_count_t)mended->at;
}

/** Reads on in the range of the file in which *at lies. @return bytes read; 0 at the end */
static size_t read_range(mended_wav *mended, unsigned char *to, size_t n)
{
    uint64_t into = mended->at - mended->head_bytes;

    for (size_t i = 0; i < mended->n_ranges; i++) {
        const ws_riff_range *range = &mended->ranges[i];
        if (into < range->n_bytes) {
            const uint64_t left = range->n_bytes - into;
            const ssize_t n_read =
                pread(mended->fd, to, left < n ? (size_t)left : n, (off_t)(range->offset + into));
            return n_read > 0 ? (size_t)n_read : 0;
        }
        into -= range->n_bytes;
    }
    return 0;
}

static sf_count_t mended_read(void *to, sf_count_t n, void *user)
{
    mended_wav *mended = user;
    unsigned char *bytes = to;
    size_t done = 0;

    while (done < (size_t)n) {
        size_t step = (size_t)n - done;
        if (mended->at < mended->head_bytes) {
            const size_t left = (size_t)(mended->head_bytes - mended->at);
            step = left < step ? left : step;
            memcpy(bytes + done, mended->head + mended->at, step);
        } else {
            step = read_range(mended, bytes + done, step);
            if (step == 0)
                break;
        }
        mended->at += step;
        done += step;
    }
    return (sf_count_t)done;
}

/**
 * Opens the descriptor, or the mended file, and says why that failed: a code and a text that lives
 * for ever. libsndfile keeps the reason of a failed open in one variable for all threads, which
 * each further open overwrites.
 */
static void open_decoder(ws_sound_file *file, int *fault, const char **reason)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    SF_VIRTUAL_IO io = {.get_filelen = mended_length,
                        .seek = mended_seek,
                        .read = mended_read,
                        .tell = mended_tell};

    (void)pthread_mutex_lock(&one_at_a_time);
    file->file = file->mended != NULL ? sf_open_virtual(&io, SFM_READ, &file->info, file->mended)
                                      : sf_open_fd(file->fd, SFM_READ, &file->info, SF_FALSE);
    *fault = file->file == NULL ? sf_error(NULL) : SF_ERR_NO_ERROR;
    (void)pthread_mutex_unlock(&one_at_a_time);
    *reason = sf_error_number(*fault);
}

/** Looks at a WAV file's chunks, and mends what libsndfile would stumble over or cut short. */
static ws_status look_at_chunks(ws_sound_file *file, uint64_t file_bytes, ws_error *err)
{
    ws_riff riff;

    const ws_status status = ws_riff_read(file->fd, file_bytes, file->path, &riff, err);
    if (status != WS_OK || riff.oddity == WS_SOUND_AS_PROMISED)
        return status;
    file->oddity = riff.oddity;
    file->mended = malloc(sizeof *file->mended);
    if (file->mended == NULL)
        return ws_fail_memory(err, "reading a sound file");
    if (!make_mended(file->fd, &riff, file->mended))
        return ws_fail(err, WS_EIO, "%s: cannot be read", file->path);
    return WS_OK;
}

static ws_status open_sound(ws_sound_file *file, ws_error *err)
{
    const char *path = file->path, *reason;
    struct stat about;
    int fault;

    /* a pipe without a writer would wait for ever; for a file the flag means nothing */
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", path);
    if (fstat(file->fd, &about) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be read", path);
    if (!S_ISREG(about.st_mode))
        return ws_fail(err, WS_EIO, "%s: not a regular file, expected a sound file", path);
    if (about.st_size == 0)
        return ws_fail(err, WS_EFORMAT, "%s: the file is empty, expected a sound file", path);
    const ws_status status = look_at_chunks(file, (uint64_t)about.st_size, err);
    if (status != WS_OK)
        return status;
    open_decoder(file, &fault, &reason);
    if (file->file == NULL && fault == SF_ERR_UNRECOGNISED_FORMAT)
        return ws_fail(err, WS_EFORMAT,
                       "%s: not a sound file, expected WAV, FLAC, Ogg, Opus, MP3 or AIFF", path);
    if (file->file == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: not a readable sound file: %s", path, reason);
    if (file->info.channels < 1 || file->info.channels > MAX_CHANNELS || file->info.samplerate < 1)
        return ws_fail(err, WS_EFORMAT, "%s: %d channels at %d Hz, expected at least one of each",
                       path, file->info.channels, file->info.samplerate);
    if (file->info.channels == 1)
        return WS_OK;
    file->block = malloc(BLOCK_VALUES * sizeof *file->block);
    return file->block != NULL ? WS_OK : ws_fail_memory(err, "reading a sound file");
}

ws_status ws_sound_file_open(const char *path, ws_sound_file **file, ws_error *err)
{
    *file = NULL;
    ws_sound_file *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "reading a sound file");
    made->fd = -1;
    made->path = ws_text_copy(path);
    const ws_status status =
        made->path != NULL ? open_sound(made, err) : ws_fail_memory(err, "reading a sound file");
    if (status == WS_OK)
        *file = made;
    else
        ws_sound_file_close(made);
    return status;
}

void ws_sound_file_close(ws_sound_file *file)
{
    if (file == NULL)
        return;
    if (file->file != NULL)
        (void)sf_close(file->file);
    if (file->fd >= 0)
        (void)close(file->fd);
    free(file->mended);
    free(file->block);
    free(file->path);
    free(file);
}

int ws_sound_file_rate(const ws_sound_file *file)
{
    return file->info.samplerate;
}

uint64_t ws_sound_file_n_promised(const ws_sound_file *file)
{
    const sf_count_t n = file->info.frames;
    return n > 0 && n < INT64_MAX ? (uint64_t)n : 0;
}

ws_sound_oddity ws_sound_file_oddity(const ws_sound_file *file)
{
    return file->oddity;
}

/** Judges the end of a file: there was something, and all that it promised. */
static ws_status check_end(const ws_sound_file *file, ws_error *err)
{
    const uint64_t n_promised = ws_sound_file_n_promised(file);
    const bool has_reason = sf_error(file->file) != SF_ERR_NO_ERROR;
    /* without an index an MP3 file's length is an estimate */
    const bool is_estimate = (file->info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG;

    if (file->n_decoded < n_promised && (!is_estimate || has_reason))
        return ws_fail(err, WS_EFORMAT, "%s: cut off: %llu of %llu samples can be read%s%s",
                       file->path, (unsigned long long)file->n_decoded,
                       (unsigned long long)n_promised, has_reason ? ": " : "",
                       has_reason ? sf_strerror(file->file) : "");
    if (file->n_decoded == 0)
        return ws_fail(err, WS_EFORMAT, "%s: holds no samples, expected sound", file->path);
    return WS_OK;
}

/** Decodes up to n samples of the first channel. @return how many */
static size_t decode(ws_sound_file *file, float *samples, size_t n)
{
    const size_t n_channels = (size_t)file->info.channels;

    if (n_channels == 1) {
        const sf_count_t n_read = sf_readf_float(file->file, samples, (sf_count_t)n);
        return n_read > 0 ? (size_t)n_read : 0;
    }
    const size_t fitting = BLOCK_VALUES / n_channels;
    const sf_count_t n_read =
        sf_readf_float(file->file, file->block, (sf_count_t)(n < fitting ? n : fitting));
    if (n_read <= 0)
        return 0;
    for (size_t i = 0; i < (size_t)n_read; i++)
        samples[i] = file->block[i * n_channels];
    return (size_t)n_read;
}

ws_status ws_sound_file_read(ws_sound_file *file, float *samples, size_t n, size_t *n_read,
                             ws_error *err)
{
    *n_read = n > 0 ? decode(file, samples, n) : 0;
    if (n > 0 && *n_read == 0)
        return check_end(file, err);
    for (size_t i = 0; i < *n_read; i++) {
        if (!isfinite(samples[i]))
            return ws_fail(err, WS_EFORMAT, "%s: sample %llu is not a finite number", file->path,
                           (unsigned long long)(file->n_decoded + i));
    }
    file->n_decoded += *n_read;
    return WS_OK;
}

/* ---- writing into a buffer ---- */

typedef struct flac_target {
    ws_buf *buf;
    size_t at; /* where libsndfile stands: it goes back to complete the header */
} flac_target;

static sf_count_t target_length(void *user)
{
    const flac_target *target = user;
    return (sf_count_t)target->buf->size;
}

static sf_count_t target_seek(sf_count_t offset, int whence, void *user)
{
    flac_target *target = user;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? (int64_t)target->at
                                              : (int64_t)target->buf->size;
    if (base + offset < 0 || (uint64_t)(base + offset) > target->buf->size)
        return -1;
    target->at = (size_t)(base + offset);
    return (sf_count_t)target->at;
}

static sf_count_t target_tell(void *user)
{
    const flac_target *target = user;
    return (sf_count_t)target->at;
}

static sf_count_t target_read(void *to, sf_count_t n, void *user)
{
    (void)to;
    (void)n;
    (void)user;
    return 0;
}

static sf_count_t target_write(const void *from, sf_count_t n, void *user)
{
    flac_target *target = user;
    const unsigned char *bytes = from;
    const size_t left = target->buf->size - target->at;
    const size_t n_over = (size_t)n < left ? (size_t)n : left;

    if (n_over > 0)
        memcpy(target->buf->data + target->at, bytes, n_over);
    ws_buf_push(target->buf, bytes + n_over, (size_t)n - n_over);
    if (target->buf->status != WS_OK)
        return 0;
    target->at += (size_t)n;
    return n;
}

ws_status ws_sound_file_push_flac(const char *path, const int16_t *samples, size_t n,
                                  int sample_rate_hz, ws_buf *flac, ws_error *err)
{
    SF_VIRTUAL_IO calls = {target_length, target_seek, target_read, target_write, target_tell};
    SF_INFO info = {
        .samplerate = sample_rate_hz, .channels = 1, .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
    flac_target target = {flac, 0};

    SNDFILE *file = sf_open_virtual(&calls, SFM_WRITE, &info, &target);
    if (file == NULL)
        return ws_fail(err, WS_EINVAL, "%s: FLAC of %d Hz cannot be written by this libsndfile",
                       path, sample_rate_hz);
    const bool is_whole = sf_write_short(file, samples, (sf_count_t)n) == (sf_count_t)n;
    const bool is_closed = sf_close(file) == 0;
    if (flac->status != WS_OK)
        return ws_fail_memory(err, path);
    if (!is_whole || !is_closed)
        return ws_fail(err, WS_EINVAL, "%s: libsndfile could not make FLAC of %zu samples", path,
                       n);
    return WS_OK;
}
