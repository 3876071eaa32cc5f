/** Where in a clip somebody speaks: by its energy against the clip's own floor. */
#ifndef WS_DATASET_PHRASE_H
#define WS_DATASET_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** A stretch of samples, from start up to but not including end. */
typedef struct ws_phrase {
    size_t start, end;
} ws_phrase;

/**
 * Finds the loudest stretch of speech in a clip that holds one phrase. Pauses of up to 300 ms
 * within it belong to it; clicks and breath, which are shorter or quieter, do not.
 *
 * The floor is the level that a tenth of the frames stay below, but at least 60 dB below the
 * loudest. Frames are 20 ms long, every 10 ms, and are measured with the highs raised, so that hum
 * counts little and a final "s" counts.
 *
 * @param samples         [n] times 32768
 * @param sample_rate_hz  1000 or more
 * @param phrase          set; an empty one if there is nothing but silence or an even noise
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_phrase_find(const int16_t *samples, size_t n, int sample_rate_hz,
                                       ws_phrase *phrase, ws_error *err);

#endif
