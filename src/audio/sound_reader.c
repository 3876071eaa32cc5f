#include <stdlib.h>
#include <string.h>

#include "audio/resampler.h"
#include "audio/sound.h"
#include "audio/sound_file.h"

enum { BLOCK_SAMPLES = 1 << 14 };

struct ws_sound_reader {
    ws_sound_file *file;
    int sample_rate_hz;      /* of what is given */
    ws_resampler *resampler; /* NULL: the file has that rate */
    float *block;            /* [BLOCK_SAMPLES] what was decoded */
    size_t n_block, n_taken; /* samples in it, and those that were passed on */
    bool has_ended;          /* nothing is left to decode */
};

static ws_status make_resampler(ws_sound_reader *reader, const char *path, ws_error *err)
{
    const int from_hz = ws_sound_file_rate(reader->file), to_hz = reader->sample_rate_hz;
    ws_error reason = {0};

    if (from_hz == to_hz)
        return WS_OK;
    const ws_status status = ws_resampler_create(from_hz, to_hz, &reader->resampler, &reason);
    return status == WS_OK ? WS_OK : ws_fail(err, status, "%s: %s", path, reason.message);
}

ws_status ws_sound_reader_open(const char *path, int sample_rate_hz, ws_sound_reader **reader,
                               ws_error *err)
{
    *reader = NULL;
    ws_sound_reader *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "reading a sound file");
    made->sample_rate_hz = sample_rate_hz;
    made->block = malloc(BLOCK_SAMPLES * sizeof *made->block);
    ws_status status = made->block != NULL ? WS_OK : ws_fail_memory(err, "reading a sound file");
    if (status == WS_OK)
        status = ws_sound_file_open(path, &made->file, err);
    if (status == WS_OK)
        status = make_resampler(made, path, err);
    if (status == WS_OK)
        *reader = made;
    else
        ws_sound_reader_close(made);
    return status;
}

void ws_sound_reader_close(ws_sound_reader *reader)
{
    if (reader == NULL)
        return;
    ws_resampler_destroy(reader->resampler);
    ws_sound_file_close(reader->file);
    free(reader->block);
    free(reader);
}

int ws_sound_reader_rate(const ws_sound_reader *reader)
{
    return ws_sound_file_rate(reader->file);
}

ws_sound_oddity ws_sound_reader_oddity(const ws_sound_reader *reader)
{
    return ws_sound_file_oddity(reader->file);
}

uint64_t ws_sound_reader_n_promised(const ws_sound_reader *reader)
{
    const uint64_t rate = (uint64_t)reader->sample_rate_hz;
    const uint64_t n = ws_sound_file_n_promised(reader->file);

    return n > UINT64_MAX / rate ? 0 : n * rate / (uint64_t)ws_sound_file_rate(reader->file);
}

/** Decodes the next block, or finds the end. */
static ws_status fill_block(ws_sound_reader *reader, ws_error *err)
{
    reader->n_taken = 0;
    const ws_status status =
        ws_sound_file_read(reader->file, reader->block, BLOCK_SAMPLES, &reader->n_block, err);
    if (status != WS_OK)
        reader->n_block = 0;
    reader->has_ended = reader->n_block == 0;
    return status;
}

/** Passes on what is in the block, at the wanted rate. @param n_out  set to how many samples */
static ws_status take_block(ws_sound_reader *reader, float *samples, size_t n, size_t *n_out,
                            ws_error *err)
{
    const float *from = reader->block + reader->n_taken;
    const size_t left = reader->n_block - reader->n_taken;
    size_t n_used = left < n ? left : n;
    ws_status status = WS_OK;

    *n_out = n_used;
    if (reader->resampler != NULL)
        status = ws_resampler_run(
            reader->resampler,
            &(ws_resampler_job){
                .in = from, .n_in = left, .is_last = reader->has_ended, .out = samples, .n_out = n},
            &n_used, n_out, err);
    else
        memcpy(samples, from, n_used * sizeof *samples);
    reader->n_taken += n_used;
    return status;
}

ws_status ws_sound_reader_read(ws_sound_reader *reader, float *samples, size_t n, size_t *n_read,
                               ws_error *err)
{
    ws_status status = WS_OK;

    *n_read = 0;
    while (status == WS_OK && *n_read == 0 && n > 0) {
        if (reader->n_taken == reader->n_block && !reader->has_ended)
            status = fill_block(reader, err);
        if (status == WS_OK)
            status = take_block(reader, samples, n, n_read, err);
        if (reader->has_ended)
            break;
    }
    return status;
}
