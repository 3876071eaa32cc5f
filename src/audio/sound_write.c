#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "audio/sound.h"
#include "audio/sound_file.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

enum { HEADER_BYTES = 44, MAX_FLAC_HEADER_BYTES = 1 << 16, SAMPLE_BYTES = 2, PCM = 1 };

static int16_t to_int16(float sample)
{
    /* lroundf of a NaN or of a huge number is undefined, so the ends come first */
    const float scaled = sample * 32768.0f;
    if (scaled >= 32767.0f)
        return INT16_MAX;
    if (scaled <= -32768.0f)
        return INT16_MIN;
    return isnan(scaled) ? 0 : (int16_t)lroundf(scaled);
}

static void push_u16le(ws_buf *buf, uint16_t value)
{
    ws_buf_push_byte(buf, (unsigned char)(value & 0xff));
    ws_buf_push_byte(buf, (unsigned char)(value >> 8));
}

static void push_header(ws_buf *buf, uint32_t data_bytes, uint32_t sample_rate_hz)
{
    ws_buf_push_string(buf, "RIFF");
    ws_buf_push_u32le(buf, HEADER_BYTES - 8 + data_bytes);
    ws_buf_push_string(buf, "WAVEfmt ");
    ws_buf_push_u32le(buf, 16); /* bytes of this chunk */
    push_u16le(buf, PCM);
    push_u16le(buf, 1); /* channel */
    ws_buf_push_u32le(buf, sample_rate_hz);
    ws_buf_push_u32le(buf, sample_rate_hz * SAMPLE_BYTES);
    push_u16le(buf, SAMPLE_BYTES);
    push_u16le(buf, 8 * SAMPLE_BYTES);
    ws_buf_push_string(buf, "data");
    ws_buf_push_u32le(buf, data_bytes);
}

static void push_wav(ws_buf *buf, const int16_t *samples, size_t n, int sample_rate_hz)
{
    push_header(buf, (uint32_t)(n * SAMPLE_BYTES), (uint32_t)sample_rate_hz);
    for (size_t i = 0; i < n; i++)
        push_u16le(buf, (uint16_t)samples[i]);
}

static ws_status write_bytes(const char *path, const ws_buf *buf, bool is_new, ws_error *err)
{
    if (!is_new)
        return ws_file_write(path, buf->data, buf->size, err);
    const ws_status status = ws_file_stage(path, buf->data, buf->size, err);
    return status == WS_OK ? ws_file_commit_new(path, err) : status;
}

static ws_status write_sound(const char *path, const float *samples, size_t n_samples,
                             int sample_rate_hz, bool is_new, ws_error *err)
{
    ws_buf buf;

    if (n_samples > WS_SOUND_MAX_SAMPLES)
        return ws_fail(err, WS_ELIMIT, "%s: %zu samples, at most %zu fit", path, n_samples,
                       WS_SOUND_MAX_SAMPLES);
    int16_t *rounded = malloc((n_samples + 1) * sizeof *rounded);
    if (rounded == NULL)
        return ws_fail_memory(err, path);
    for (size_t i = 0; i < n_samples; i++)
        rounded[i] = to_int16(samples[i]);
    ws_buf_init(&buf, MAX_FLAC_HEADER_BYTES + 2 * n_samples * SAMPLE_BYTES);
    ws_status status = WS_OK;
    if (ws_text_has_suffix(path, ".flac"))
        status = ws_sound_file_push_flac(path, rounded, n_samples, sample_rate_hz, &buf, err);
    else
        push_wav(&buf, rounded, n_samples, sample_rate_hz);
    if (status == WS_OK && buf.status != WS_OK)
        status = ws_fail_memory(err, path);
    if (status == WS_OK)
        status = write_bytes(path, &buf, is_new, err);
    ws_buf_deinit(&buf);
    free(rounded);
    return status;
}

ws_status ws_sound_write(const char *path, const float *samples, size_t n_samples,
                         int sample_rate_hz, ws_error *err)
{
    return write_sound(path, samples, n_samples, sample_rate_hz, false, err);
}

ws_status ws_sound_write_new(const char *path, const float *samples, size_t n_samples,
                             int sample_rate_hz, ws_error *err)
{
    return write_sound(path, samples, n_samples, sample_rate_hz, true, err);
}
