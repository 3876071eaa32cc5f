#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/little_endian.h"
#include "tbevents/plugins.h"
#include "tbevents/writer.h"

enum { WAV_HEAD_BYTES = 44, SAMPLE_BYTES = 2 };

void tbe_audio_init(tbe_audio *audio, size_t struct_size)
{
    memset(audio, 0, struct_size);
    audio->struct_size = struct_size;
}

/** Also makes the default number of channels explicit. */
static tbe_status check_audio(tbe_writer *writer, const char *tag, tbe_audio *audio)
{
    if (audio->n_channels == 0)
        audio->n_channels = 1;
    if (audio->format != TBE_SAMPLES_INT16 && audio->format != TBE_SAMPLES_FLOAT)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the sound " TBE_QUOTE " has no sample format that this library knows",
                          tag);
    if (audio->samples == NULL || audio->n_frames == 0 || audio->sample_rate_hz == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the sound " TBE_QUOTE " has no %s", tag,
                          audio->sample_rate_hz == 0 ? "rate" : "samples");
    if (audio->sample_rate_hz > TBE_MAX_RATE_HZ || audio->n_channels > TBE_MAX_CHANNELS ||
        audio->n_frames > TBE_MAX_AUDIO_SAMPLES / audio->n_channels)
        return tbe_refuse(writer, TBE_ELIMIT,
                          "the sound " TBE_QUOTE " is above %d Hz, %d channels or %d samples", tag,
                          TBE_MAX_RATE_HZ, TBE_MAX_CHANNELS, TBE_MAX_AUDIO_SAMPLES);
    return TBE_OK;
}

static uint8_t *put_text(uint8_t *out, const char text[5])
{
    memcpy(out, text, 4);
    return out + 4;
}

static uint8_t *put_wav_head(uint8_t *out, const tbe_audio *audio, size_t data_bytes)
{
    const uint32_t frame_bytes = audio->n_channels * SAMPLE_BYTES;

    out = put_text(out, "RIFF");
    out = tbe_put_le(out, WAV_HEAD_BYTES - 8 + data_bytes, 4);
    out = put_text(put_text(out, "WAVE"), "fmt ");
    out = tbe_put_le(out, 16, 4); /* bytes of what follows up to "data" */
    out = tbe_put_le(out, 1, 2);  /* PCM */
    out = tbe_put_le(out, audio->n_channels, 2);
    out = tbe_put_le(out, audio->sample_rate_hz, 4);
    out = tbe_put_le(out, (uint64_t)audio->sample_rate_hz * frame_bytes, 4);
    out = tbe_put_le(out, frame_bytes, 2);
    out = tbe_put_le(out, 8 * SAMPLE_BYTES, 2);
    out = put_text(out, "data");
    return tbe_put_le(out, data_bytes, 4);
}

/** @return whether no sample is NaN */
static bool put_floats(uint8_t *out, const float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float scaled = 32768.0f * samples[i];
        if (isnan(scaled))
            return false;
        const float clipped = fminf(fmaxf(scaled, -32768.0f), 32767.0f);
        out = tbe_put_le(out, (uint16_t)lrintf(clipped), SAMPLE_BYTES);
    }
    return true;
}

static void put_integers(uint8_t *out, const int16_t *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out = tbe_put_le(out, (uint16_t)samples[i], SAMPLE_BYTES);
}

/** @param file  set to the file (free()) */
static tbe_status encode_wav(tbe_writer *writer, const char *tag, const tbe_audio *audio,
                             tbe_bytes *wav, uint8_t **file)
{
    const size_t n_samples = audio->n_frames * audio->n_channels;

    wav->size = WAV_HEAD_BYTES + SAMPLE_BYTES * n_samples;
    wav->data = *file = malloc(wav->size);
    if (*file == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the sound " TBE_QUOTE, tag);
    uint8_t *out = put_wav_head(*file, audio, SAMPLE_BYTES * n_samples);
    if (audio->format == TBE_SAMPLES_INT16)
        put_integers(out, audio->samples, n_samples);
    else if (!put_floats(out, audio->samples, n_samples))
        return tbe_refuse(writer, TBE_EINVAL, "the sound " TBE_QUOTE " has a sample that is NaN",
                          tag);
    return TBE_OK;
}

tbe_status tbe_add_audio(tbe_writer *writer, int64_t step, const char *tag, const tbe_audio *audio)
{
    tbe_audio own;
    tbe_bytes wav = {NULL, 0};
    uint8_t *file = NULL;
    uint8_t content[TBE_MAX_CONTENT_BYTES];
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "audio",
        .plugin_content = {content, tbe_wav_content_write(content)},
        .data_class = TBE_CLASS_BLOBS,
        .type = TBE_ELEMENT_STRING,
        .n_dims = 1,
        .dims = {1},
        .n_strings = 1,
        .strings = &wav,
    };
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_file_tag(writer, tag);
    if (status == TBE_OK)
        status = tbe_take(writer, tag, &own, sizeof own, audio, "tbe_audio_init");
    if (status == TBE_OK)
        status = check_audio(writer, tag, &own);
    if (status == TBE_OK)
        status = encode_wav(writer, tag, &own, &wav, &file);
    if (status == TBE_OK)
        status = tbe_add_tensor(writer, step, &value);
    free(file);
    return status;
}
