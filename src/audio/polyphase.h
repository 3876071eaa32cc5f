/**
 * Converts sound from one sample rate to another, piece by piece, with nothing but libc: for the
 * recogniser that others link. (Files of training go through audio/resampler.h.)
 *
 * A band-limited interpolation with a Kaiser window: flat to 0.91 of the lower of both half rates,
 * 90 dB down above it. Sample k of the output is the sound at the time of input sample
 * k * from / to, without a shift. The same input gives the same bits, however it is cut into
 * pieces.
 *
 *     ws_polyphase_run(converter, &job)    until all samples are used; then
 *     ws_polyphase_finish(converter, ...)  until it gives 0: the last samples
 */
#ifndef WS_AUDIO_POLYPHASE_H
#define WS_AUDIO_POLYPHASE_H

#include <stddef.h>

#include "base/status.h"

enum {
    WS_POLYPHASE_MAX_HZ = 1000000,
    WS_POLYPHASE_MAX_RATIO = 64,  /* of the two rates */
    WS_POLYPHASE_HALF_WIDTH = 64, /* samples at the lower rate that a sample needs on each side */
};

typedef struct ws_polyphase ws_polyphase;

/** @return WS_OK; WS_EINVAL for a rate outside 1 to WS_POLYPHASE_MAX_HZ, or rates that are more
 * than WS_POLYPHASE_MAX_RATIO times apart; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_polyphase_create(int from_hz, int to_hz, ws_polyphase **converter,
                                            ws_error *err);

/** NULL is fine. */
void ws_polyphase_destroy(ws_polyphase *converter);

/** Forgets the sound so far. */
void ws_polyphase_reset(ws_polyphase *converter);

typedef struct ws_polyphase_job {
    const float *in; /* [n_in] what comes next, finite */
    size_t n_in;
    float *out; /* [n_out] room */
    size_t n_out;
} ws_polyphase_job;

/**
 * Converts as much as there is room for; allocates nothing.
 *
 * @param n_used  set to the number of input samples that were taken; pass the others again
 * @return the number of output samples. 0 with all input used: it needs more
 */
size_t ws_polyphase_run(ws_polyphase *converter, const ws_polyphase_job *job, size_t *n_used);

/**
 * The last samples of a sound, which is silent from here on. In all there are
 * ceil(n_in * to / from) of them.
 *
 * @param out  [n_out] room
 * @return the number of samples; 0 at the end
 */
size_t ws_polyphase_finish(ws_polyphase *converter, float *out, size_t n_out);

#endif
