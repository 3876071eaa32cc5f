/**
 * Sound files of any kind that libsndfile reads: WAV, FLAC, Ogg, Opus, MP3, AIFF and others.
 *
 * Samples are float, +-1.0 full scale (a 16-bit sample divided by 32768, exactly as TensorFlow's
 * DecodeWav), one channel: of a file with several, the first, as the original takes it.
 */
#ifndef WS_AUDIO_SOUND_H
#define WS_AUDIO_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** What was wrong with the header of a file that could be read all the same. */
typedef enum ws_sound_oddity {
    WS_SOUND_AS_PROMISED, /* nothing */
    WS_SOUND_WITHOUT_PAD, /* a chunk of odd length has no pad byte after it */
    WS_SOUND_LENGTH_0,    /* the length of the sound was never filled in */
    WS_SOUND_SHORTER,     /* the header promises more than there is */
    WS_SOUND_IN_PARTS,    /* several chunks of sound, taken as one */
} ws_sound_oddity;

/** The oddity as part of a sentence: "its header gives the sound a length of 0". */
const char *ws_sound_oddity_text(ws_sound_oddity oddity);

typedef struct ws_sound {
    float *samples; /* [n_samples] owned */
    size_t n_samples;
    int sample_rate_hz; /* of the samples as they are now */
    int file_rate_hz;   /* of the file that they were read from */
    ws_sound_oddity oddity;
} ws_sound;

/** Whether its file has another sample rate than the samples have now. */
static inline bool ws_sound_is_converted(const ws_sound *sound)
{
    return sound->file_rate_hz != sound->sample_rate_hz;
}

/** Whether the name of a file ends as those of sound files do, in upper or lower case. The files
 *  "._*" that macOS puts beside others are not sound. */
bool ws_sound_has_name(const char *path);

/**
 * Reads the first channel of a sound file. A WAV file whose header is wrong about where its sound
 * is, or how long, is read as far as there is sound: see sound->oddity.
 *
 * @param max_samples  at most this number of samples from its start is read (0: all of it, up to
 *                     WS_SOUND_MAX_SAMPLES, beyond which it is WS_ELIMIT)
 * @param sound        overwritten; ws_sound_deinit() it after success
 * @return WS_OK; WS_ENOTFOUND or WS_EIO; WS_EFORMAT if it is empty, cut off, has a sample rate of 0
 *         or is not a sound file: err names the file and says what was expected
 */
WS_MUST_CHECK ws_status ws_sound_read(const char *path, size_t max_samples, ws_sound *sound,
                                      ws_error *err);

/** Converts to another rate (libsoxr, high quality); nothing happens if it has that rate already.
 */
WS_MUST_CHECK ws_status ws_sound_resample(ws_sound *sound, int sample_rate_hz, ws_error *err);

/**
 * ws_sound_read and ws_sound_resample in one: a sound at the given rate, at most max_samples (0:
 * all) of it at that rate.
 */
WS_MUST_CHECK ws_status ws_sound_read_at(const char *path, int sample_rate_hz, size_t max_samples,
                                         ws_sound *sound, ws_error *err);

/**
 * Writes a mono 16-bit file under another name and renames it: FLAC if the name ends in .flac, else
 * PCM in WAV. Samples are rounded half away
 * from zero and saturate, as TensorFlow's EncodeWav.
 */
WS_MUST_CHECK ws_status ws_sound_write(const char *path, const float *samples, size_t n_samples,
                                       int sample_rate_hz, ws_error *err);

/** Likewise, but never in place of another file. @return the same; WS_EEXISTS */
WS_MUST_CHECK ws_status ws_sound_write_new(const char *path, const float *samples, size_t n_samples,
                                           int sample_rate_hz, ws_error *err);

#define WS_SOUND_MAX_SAMPLES ((size_t)1 << 28)

/** Frees the samples; all zeros is fine. */
void ws_sound_deinit(ws_sound *sound);

/** A sound file that is read piece by piece, however long it is. */
typedef struct ws_sound_reader ws_sound_reader;

/**
 * @param sample_rate_hz  what the samples are converted to if the file has another rate
 * @return WS_OK, with *reader to close; else as ws_sound_read, and WS_EFORMAT for rates that are
 *         too far apart
 */
WS_MUST_CHECK ws_status ws_sound_reader_open(const char *path, int sample_rate_hz,
                                             ws_sound_reader **reader, ws_error *err);

/** NULL is fine. */
void ws_sound_reader_close(ws_sound_reader *reader);

/** The sample rate of the file itself. */
int ws_sound_reader_rate(const ws_sound_reader *reader);

/** What is wrong with the header of the file. */
ws_sound_oddity ws_sound_reader_oddity(const ws_sound_reader *reader);

/** How many samples the file promises to give, at the rate of reading; 0: it does not say. */
uint64_t ws_sound_reader_n_promised(const ws_sound_reader *reader);

/**
 * The next samples of the first channel.
 *
 * @param samples  [n], of which *n_read are filled
 * @param n_read   at most n; 0 only at the end
 * @return WS_OK; WS_EFORMAT if the file is cut off or a sample is not finite; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sound_reader_read(ws_sound_reader *reader, float *samples, size_t n,
                                             size_t *n_read, ws_error *err);

#endif
