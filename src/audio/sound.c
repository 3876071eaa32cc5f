#include "audio/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/resampler.h"

enum {
    BLOCK_VALUES = 1 << 16,      /* decoded at a time, over all channels */
    MAX_RIFF_CHUNKS = 1 << 10,   /* walked in search of the sound */
    FIRST_CAPACITY = 1 << 20,    /* samples; a header's promise is not believed beyond it */
    MAX_CHANNELS = BLOCK_VALUES, /* more than libsndfile allows */
    FILTER_REACH = 256,          /* samples at the lower rate; libsamplerate's best looks at 143 */
    UNKNOWN_BYTES = 0x7ff00000   /* from here on a WAV's length means "until the end" */
};

static uint32_t u32le(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/**
 * Refuses a WAV whose header promises more sound than the file holds. libsndfile would read what
 * is there and say nothing. What is no RIFF file is left to libsndfile.
 */
static ws_status check_riff(int fd, size_t file_bytes, const char *path, ws_error *err)
{
    unsigned char head[12];
    uint64_t offset = sizeof head;

    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head || memcmp(head, "RIFF", 4) != 0 ||
        memcmp(head + 8, "WAVE", 4) != 0)
        return WS_OK;
    for (int i = 0; i < MAX_RIFF_CHUNKS; i++) {
        if (pread(fd, head, 8, (off_t)offset) != 8)
            return ws_fail(err, WS_EFORMAT,
                           "%s: cut off: ends before any sound, expected a chunk "
                           "\"data\" in the WAV file",
                           path);
        const uint32_t n_bytes = u32le(head + 4);
        offset += 8;
        if (memcmp(head, "data", 4) == 0) {
            /* a program that writes into a pipe does not know the length and promises all it can */
            if (n_bytes < UNKNOWN_BYTES && n_bytes > file_bytes - offset)
                return ws_fail(err, WS_EFORMAT, "%s: cut off: %zu of %zu bytes of sound are there",
                               path, file_bytes - (size_t)offset, (size_t)n_bytes);
            return WS_OK;
        }
        offset += (uint64_t)n_bytes + (n_bytes & 1); /* chunks start at even places */
    }
    return WS_OK;
}

/**
 * sf_open_fd(), and why it failed: a code and a text that lives for ever. libsndfile keeps the
 * reason of a failed open in one variable for all threads, which each further open overwrites.
 */
static SNDFILE *open_descriptor(int fd, SF_INFO *info, int *fault, const char **reason)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

    *info = (SF_INFO){0};
    (void)pthread_mutex_lock(&one_at_a_time);
    SNDFILE *file = sf_open_fd(fd, SFM_READ, info, SF_FALSE);
    *fault = file == NULL ? sf_error(NULL) : SF_ERR_NO_ERROR;
    (void)pthread_mutex_unlock(&one_at_a_time);
    *reason = sf_error_number(*fault);
    return file;
}

/** Opens the file for reading; the caller closes *fd after sf_close(). */
static ws_status open_sound(const char *path, int *fd, SNDFILE **file, SF_INFO *info, ws_error *err)
{
    struct stat about;
    int fault;
    const char *reason;

    /* a pipe without a writer would wait for ever; for a file the flag means nothing */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", path);
    if (fstat(*fd, &about) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be read", path);
    if (!S_ISREG(about.st_mode))
        return ws_fail(err, WS_EIO, "%s: not a regular file, expected a sound file", path);
    if (about.st_size == 0)
        return ws_fail(err, WS_EFORMAT, "%s: the file is empty, expected a WAV or FLAC file", path);
    const ws_status status = check_riff(*fd, (size_t)about.st_size, path, err);
    if (status != WS_OK)
        return status;
    *file = open_descriptor(*fd, info, &fault, &reason);
    if (*file == NULL && fault == SF_ERR_UNRECOGNISED_FORMAT)
        return ws_fail(err, WS_EFORMAT, "%s: not a sound file, expected WAV or FLAC", path);
    if (*file == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: not a readable sound file: %s", path, reason);
    if (info->channels < 1 || info->channels > MAX_CHANNELS || info->samplerate < 1)
        return ws_fail(err, WS_EFORMAT, "%s: %d channels at %d Hz, expected at least one of each",
                       path, info->channels, info->samplerate);
    return WS_OK;
}

static ws_status make_room(ws_sound *sound, size_t *capacity, size_t n_more, ws_error *err)
{
    if (*capacity - sound->n_samples >= n_more)
        return WS_OK;
    const size_t wanted = sound->n_samples + n_more;
    const size_t grown = wanted > 2 * *capacity ? wanted : 2 * *capacity;
    float *samples = realloc(sound->samples, grown * sizeof *samples);
    if (samples == NULL)
        return ws_fail_memory(err, "the samples of a sound file");
    sound->samples = samples;
    *capacity = grown;
    return WS_OK;
}

/** Appends up to limit samples of the first channel. block has room for BLOCK_VALUES. */
static ws_status decode(SNDFILE *file, size_t n_channels, size_t limit, float *block,
                        ws_sound *sound, size_t capacity, ws_error *err)
{
    while (sound->n_samples < limit) {
        const size_t left = limit - sound->n_samples;
        const size_t fitting = BLOCK_VALUES / n_channels;
        const sf_count_t n_frames =
            sf_readf_float(file, block, (sf_count_t)(left < fitting ? left : fitting));
        if (n_frames <= 0)
            break;
        const ws_status status = make_room(sound, &capacity, (size_t)n_frames, err);
        if (status != WS_OK)
            return status;
        float *to = sound->samples + sound->n_samples;
        for (size_t i = 0; i < (size_t)n_frames; i++)
            to[i] = block[i * n_channels];
        sound->n_samples += (size_t)n_frames;
    }
    return WS_OK;
}

static ws_status fail_cut_off(const char *path, SNDFILE *file, uint64_t n, sf_count_t n_promised,
                              ws_error *err)
{
    const bool has_reason = sf_error(file) != SF_ERR_NO_ERROR;
    return ws_fail(err, WS_EFORMAT, "%s: cut off: %llu of %lld samples can be read%s%s", path,
                   (unsigned long long)n, (long long)n_promised, has_reason ? ": " : "",
                   has_reason ? sf_strerror(file) : "");
}

/** Whether the header says how many samples there are, and that there are more than n. */
static bool promises_more(sf_count_t n_promised, uint64_t n)
{
    return n_promised < (sf_count_t)INT64_MAX && n_promised > 0 && n < (uint64_t)n_promised;
}

static ws_status fail_empty(const char *path, ws_error *err)
{
    return ws_fail(err, WS_EFORMAT, "%s: holds no samples, expected sound", path);
}

/** @param first  the number of the first of these samples in the file */
static ws_status check_finite(const char *path, const float *samples, size_t n, uint64_t first,
                              ws_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(samples[i]))
            return ws_fail(err, WS_EFORMAT, "%s: sample %llu is not a finite number", path,
                           (unsigned long long)(first + i));
    }
    return WS_OK;
}

/** Judges what was decoded: all that the header promised, finite, not too much, something. */
static ws_status check_decoded(const char *path, SNDFILE *file, sf_count_t n_promised,
                               size_t max_samples, const ws_sound *sound, ws_error *err)
{
    const size_t wanted = max_samples > 0 ? max_samples : WS_SOUND_MAX_SAMPLES;
    const size_t n = sound->n_samples;

    if (max_samples == 0 && n > WS_SOUND_MAX_SAMPLES)
        return ws_fail(err, WS_ELIMIT, "%s: longer than %zu samples", path, WS_SOUND_MAX_SAMPLES);
    if (n < wanted && promises_more(n_promised, n))
        return fail_cut_off(path, file, n, n_promised, err);
    if (n == 0)
        return fail_empty(path, err);
    return check_finite(path, sound->samples, n, 0, err);
}

static ws_status read_open_sound(const char *path, SNDFILE *file, const SF_INFO *info,
                                 size_t max_samples, ws_sound *sound, ws_error *err)
{
    /* one more than is allowed, to tell a file that is just as long from a longer one */
    const size_t limit = max_samples > 0 ? max_samples : WS_SOUND_MAX_SAMPLES + 1;
    size_t capacity = limit < FIRST_CAPACITY ? limit : FIRST_CAPACITY;

    if (info->frames < (sf_count_t)capacity)
        capacity = info->frames > 0 ? (size_t)info->frames : 1;
    float *block = malloc(BLOCK_VALUES * sizeof *block);
    sound->samples = malloc(capacity * sizeof *sound->samples);
    ws_status status = WS_OK;
    if (block == NULL || sound->samples == NULL)
        status = ws_fail_memory(err, "the samples of a sound file");
    else
        status = decode(file, (size_t)info->channels, limit, block, sound, capacity, err);
    free(block);
    if (status == WS_OK)
        status = check_decoded(path, file, info->frames, max_samples, sound, err);
    sound->sample_rate_hz = info->samplerate;
    return status;
}

ws_status ws_sound_read(const char *path, size_t max_samples, ws_sound *sound, ws_error *err)
{
    int fd = -1;
    SNDFILE *file = NULL;
    SF_INFO info;

    *sound = (ws_sound){0};
    ws_status status = open_sound(path, &fd, &file, &info, err);
    if (status == WS_OK)
        status = read_open_sound(path, file, &info, max_samples, sound, err);
    if (file != NULL)
        (void)sf_close(file);
    if (fd >= 0)
        (void)close(fd);
    if (status != WS_OK)
        ws_sound_deinit(sound);
    return status;
}

/** How many samples of a file the first n at another rate are made of; 0: take all of it. */
static size_t find_n_needed(size_t n, int from_hz, int to_hz)
{
    const uint64_t from = (uint64_t)from_hz, to = (uint64_t)to_hz;
    const uint64_t n_needed = (n * from + to - 1) / to + FILTER_REACH * (1 + from / to);

    return n_needed <= WS_SOUND_MAX_SAMPLES ? (size_t)n_needed : 0;
}

ws_status ws_sound_read_at(const char *path, int sample_rate_hz, size_t max_samples,
                           ws_sound *sound, bool *is_converted, ws_error *err)
{
    ws_error reason = {0};

    ws_status status = ws_sound_read(path, max_samples, sound, err);
    if (status != WS_OK)
        return status;
    const bool differs = sound->sample_rate_hz != sample_rate_hz;
    if (is_converted != NULL)
        *is_converted = differs;
    if (!differs)
        return WS_OK;
    if (max_samples > 0) { /* the filter looks beyond what is kept */
        const size_t n = find_n_needed(max_samples, sound->sample_rate_hz, sample_rate_hz);
        ws_sound_deinit(sound);
        status = ws_sound_read(path, n, sound, err);
        if (status != WS_OK)
            return status;
    }
    status = ws_sound_resample(sound, sample_rate_hz, &reason);
    if (status != WS_OK) {
        ws_sound_deinit(sound);
        return ws_fail(err, status, "%s: %s", path, reason.message);
    }
    if (max_samples > 0 && sound->n_samples > max_samples)
        sound->n_samples = max_samples;
    return WS_OK;
}

void ws_sound_deinit(ws_sound *sound)
{
    free(sound->samples);
    *sound = (ws_sound){0};
}

struct ws_sound_reader {
    char *path; /* owned; for errors */
    int fd;
    SNDFILE *file;
    SF_INFO info;
    int sample_rate_hz;      /* of what is given */
    ws_resampler *resampler; /* NULL: the file has that rate */
    float *block;            /* [BLOCK_VALUES] what was decoded, the first channel of it */
    size_t n_block, n_taken; /* samples in it, and those that were passed on */
    uint64_t n_decoded;      /* of the whole file so far */
    bool has_ended;          /* nothing is left to decode */
};

static ws_status make_resampler(ws_sound_reader *reader, ws_error *err)
{
    const int from_hz = reader->info.samplerate, to_hz = reader->sample_rate_hz;
    ws_error reason = {0};

    if (from_hz == to_hz)
        return WS_OK;
    const ws_status status = ws_resampler_create(from_hz, to_hz, &reader->resampler, &reason);
    return status == WS_OK ? WS_OK : ws_fail(err, status, "%s: %s", reader->path, reason.message);
}

ws_status ws_sound_reader_open(const char *path, int sample_rate_hz, ws_sound_reader **reader,
                               ws_error *err)
{
    *reader = NULL;
    ws_sound_reader *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "reading a sound file");
    made->fd = -1;
    made->sample_rate_hz = sample_rate_hz;
    made->path = strdup(path);
    made->block = malloc(BLOCK_VALUES * sizeof *made->block);
    ws_status status = WS_OK;
    if (made->path == NULL || made->block == NULL)
        status = ws_fail_memory(err, "reading a sound file");
    if (status == WS_OK)
        status = open_sound(path, &made->fd, &made->file, &made->info, err);
    if (status == WS_OK)
        status = make_resampler(made, err);
    if (status != WS_OK) {
        ws_sound_reader_close(made);
        return status;
    }
    *reader = made;
    return WS_OK;
}

void ws_sound_reader_close(ws_sound_reader *reader)
{
    if (reader == NULL)
        return;
    ws_resampler_destroy(reader->resampler);
    if (reader->file != NULL)
        (void)sf_close(reader->file);
    if (reader->fd >= 0)
        (void)close(reader->fd);
    free(reader->block);
    free(reader->path);
    free(reader);
}

int ws_sound_reader_rate(const ws_sound_reader *reader)
{
    return reader->info.samplerate;
}

uint64_t ws_sound_reader_n_promised(const ws_sound_reader *reader)
{
    const uint64_t rate = (uint64_t)reader->sample_rate_hz;

    if (reader->info.frames <= 0 || (uint64_t)reader->info.frames > UINT64_MAX / rate)
        return 0;
    return (uint64_t)reader->info.frames * rate / (uint64_t)reader->info.samplerate;
}

/** Decodes the next block, or finds that there is none. */
static ws_status fill_block(ws_sound_reader *reader, ws_error *err)
{
    const size_t n_channels = (size_t)reader->info.channels;
    const sf_count_t n =
        sf_readf_float(reader->file, reader->block, (sf_count_t)(BLOCK_VALUES / n_channels));

    reader->n_taken = reader->n_block = 0;
    if (n <= 0) {
        reader->has_ended = true;
        if (promises_more(reader->info.frames, reader->n_decoded))
            return fail_cut_off(reader->path, reader->file, reader->n_decoded, reader->info.frames,
                                err);
        return reader->n_decoded == 0 ? fail_empty(reader->path, err) : WS_OK;
    }
    for (size_t i = 0; i < (size_t)n; i++)
        reader->block[i] = reader->block[i * n_channels];
    reader->n_block = (size_t)n;
    reader->n_decoded += (uint64_t)n;
    return check_finite(reader->path, reader->block, reader->n_block,
                        reader->n_decoded - (uint64_t)n, err);
}

/** Passes on what is in the block, at the wanted rate. @return how many samples that are */
static size_t take_block(ws_sound_reader *reader, float *samples, size_t n)
{
    const float *from = reader->block + reader->n_taken;
    const size_t left = reader->n_block - reader->n_taken;
    size_t n_used = left < n ? left : n, n_out = n_used;

    if (reader->resampler != NULL)
        n_out = ws_resampler_run(
            reader->resampler,
            &(ws_resampler_job){
                .in = from, .n_in = left, .is_last = reader->has_ended, .out = samples, .n_out = n},
            &n_used);
    else
        memcpy(samples, from, n_used * sizeof *samples);
    reader->n_taken += n_used;
    return n_out;
}

ws_status ws_sound_reader_read(ws_sound_reader *reader, float *samples, size_t n, size_t *n_read,
                               ws_error *err)
{
    *n_read = 0;
    while (*n_read == 0 && n > 0) {
        if (reader->n_taken == reader->n_block && !reader->has_ended) {
            const ws_status status = fill_block(reader, err);
            if (status != WS_OK)
                return status;
        }
        *n_read = take_block(reader, samples, n);
        if (reader->has_ended)
            break;
    }
    return WS_OK;
}
