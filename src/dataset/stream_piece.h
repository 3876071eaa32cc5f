/** A piece of sound that fades in and out, laid into a longer one. */
#ifndef WS_DATASET_STREAM_PIECE_H
#define WS_DATASET_STREAM_PIECE_H

#include <stddef.h>

/** Lengths are in samples. */
typedef struct ws_stream_piece {
    const float *samples; /* [n_samples] borrowed */
    size_t n_samples;     /* if they end before the piece does, the rest of it is silent */
    size_t length;        /* of the piece, with both ramps */
    size_t ramp_in, ramp_out;
    float gain;
} ws_stream_piece;

/**
 * Adds the piece to the track from sample `at` on; what is beyond the track's end is left out.
 *
 *     gain * i / ramp_in              for i < ramp_in
 *     gain * (length - i) / ramp_out  for i > length - ramp_out
 *     gain                            between
 *
 * is what its sample i is multiplied by, as the original's mix_in_audio_sample does it.
 */
void ws_stream_piece_mix(const ws_stream_piece *piece, float *track, size_t n_track, size_t at);

#endif
