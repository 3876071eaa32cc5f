/** The kinds of silence that a microphone gives: one file each, one row in silence.c. Private to
 *  dataset/. */
#ifndef WS_DATASET_SILENCE_KIND_H
#define WS_DATASET_SILENCE_KIND_H

#include "dataset/silence.h"

typedef struct ws_silence_kind {
    const char *name;
    uint32_t percent; /* of the clips of silence */
    /** Fills out [n_samples], at any level. @return WS_OK; WS_ENOTFOUND if there is nothing to make
     *  it of, so that coloured noise takes its place; WS_ENOMEM */
    ws_status (*make)(const ws_silence_parts *parts, ws_random *random, float *out);
    double lowest_dbfs, highest_dbfs; /* its level is drawn evenly from these; if both are 0, it
                                       * has its own */
} ws_silence_kind;

extern const ws_silence_kind ws_silence_zeros;     /* a muted microphone */
extern const ws_silence_kind ws_silence_hum;       /* of the mains, with harmonics and some hiss */
extern const ws_silence_kind ws_silence_coloured;  /* white, pink or brown noise */
extern const ws_silence_kind ws_silence_recording; /* a stretch of background noise */
extern const ws_silence_kind ws_silence_end;       /* a room: the quiet end of a clip, prolonged */

/** Fills out [n] with white, pink or brown noise of some level above zero. */
void ws_silence_fill_coloured(ws_random *random, float *out, size_t n);

#endif
