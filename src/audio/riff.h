/**
 * Where the sound lies in a WAV file: its chunks as they are, not as its header claims. Private to
 * audio/.
 */
#ifndef WS_AUDIO_RIFF_H
#define WS_AUDIO_RIFF_H

#include <stddef.h>
#include <stdint.h>

#include "audio/sound.h"

enum {
    WS_RIFF_MAX_PARTS = 64,            /* chunks of sound in one file */
    WS_RIFF_MAX_FORMAT_BYTES = 1024,   /* of the chunk "fmt "; known ones have at most 50 */
    WS_RIFF_MAX_CHUNKS = 1 << 10,      /* of any kind in one file */
    WS_RIFF_UNKNOWN_BYTES = 0x7ff00000 /* a longer chunk of sound lasts until the end of the file */
};

/** A range of bytes of a file. */
typedef struct ws_riff_range {
    uint64_t offset, n_bytes;
} ws_riff_range;

typedef struct ws_riff {
    ws_riff_range format;                   /* content of the chunk "fmt " */
    ws_riff_range parts[WS_RIFF_MAX_PARTS]; /* [n_parts] the sound */
    size_t n_parts;                         /* 0: not a WAV file, or not one of RIFF chunks */
    ws_sound_oddity oddity;                 /* the first one found */
} ws_riff;

/**
 * Walks through the chunks of a WAV file. Other files are left alone: they have no parts.
 *
 * @param path  for the error
 * @return WS_OK; WS_EFORMAT for a file that ends before its sound, without a format chunk or with a
 *         sample rate of 0; WS_ELIMIT beyond the maxima above
 */
WS_MUST_CHECK ws_status ws_riff_read(int fd, uint64_t file_bytes, const char *path, ws_riff *riff,
                                     ws_error *err);

#endif
