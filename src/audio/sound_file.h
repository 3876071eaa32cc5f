/**
 * An open sound file, decoded piece by piece at its own sample rate. sound_file.c is the only place
 * that knows libsndfile. Private to audio/.
 */
#ifndef WS_AUDIO_SOUND_FILE_H
#define WS_AUDIO_SOUND_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "audio/sound.h"
#include "base/buf.h"

typedef struct ws_sound_file ws_sound_file;

/** @return WS_OK, with *file to close; else as ws_sound_read() */
WS_MUST_CHECK ws_status ws_sound_file_open(const char *path, ws_sound_file **file, ws_error *err);

/** NULL is fine. */
void ws_sound_file_close(ws_sound_file *file);

int ws_sound_file_rate(const ws_sound_file *file);

/** The number of samples that the file says it has; 0: it does not say. */
uint64_t ws_sound_file_n_promised(const ws_sound_file *file);

ws_sound_oddity ws_sound_file_oddity(const ws_sound_file *file);

/**
 * The next samples of the first channel.
 *
 * @param samples  [n], of which *n_read are filled
 * @param n_read   0 only at the end of the file
 * @return WS_OK; WS_EFORMAT at the end of a file that has fewer samples than it says, or none, and
 *         for a sample that is not finite
 */
WS_MUST_CHECK ws_status ws_sound_file_read(ws_sound_file *file, float *samples, size_t n,
                                           size_t *n_read, ws_error *err);

/**
 * Appends a FLAC file of one channel of 16 bits; the same samples give the same bytes.
 *
 * @param path     of the file to be, for errors
 * @param samples  [n]
 * @param flac     empty; its limit must be above the samples' bytes
 * @return WS_OK; WS_ENOMEM; WS_EINVAL if libsndfile cannot write it, saying why
 */
WS_MUST_CHECK ws_status ws_sound_file_push_flac(const char *path, const int16_t *samples, size_t n,
                                                int sample_rate_hz, ws_buf *flac, ws_error *err);

#endif
