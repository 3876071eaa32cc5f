/**
 * What training hears where nobody speaks.
 *
 * The original makes silence of the recordings of noise at a volume from 0 to 1: where those are
 * quiet, or of another room than the user's, a model takes the hiss of a microphone for a word. The
 * other way is silence as microphones give it, in kinds (silence_kind.h) and at levels that do not
 * depend on the recordings.
 */
#ifndef WS_DATASET_SILENCE_H
#define WS_DATASET_SILENCE_H

#include "base/random.h"
#include "base/status.h"
#include "dataset/augment.h"
#include "dataset/noise.h"

typedef enum ws_silence {
    WS_SILENCE_ORIGINAL,
    WS_SILENCE_MICROPHONE,
} ws_silence;

/** The way of that name, as --silence takes it. @return WS_OK, or WS_ENOTFOUND with the names */
WS_MUST_CHECK ws_status ws_silence_find(const char *name, ws_silence *silence, ws_error *err);

/** What silence is made of; all borrowed. */
typedef struct ws_silence_parts {
    const ws_noise *noise; /* NULL: none */
    int sample_rate_hz;
    size_t n_samples; /* of a clip */
    ws_cpu_level level;
    /** Reads a clip with a word, drawn at random. @return WS_OK, WS_ENOTFOUND for a broken one,
     *  WS_ENOMEM */
    ws_status (*read_clip)(void *user, ws_random *random, ws_samples *samples);
    void *user;
} ws_silence_parts;

/**
 * Makes one clip of silence as microphones give it, in steps of 16 bits. Allocates nothing itself.
 *
 * @param out  [n_samples]
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_silence_make(const ws_silence_parts *parts, ws_random *random,
                                        float *out);

#endif
