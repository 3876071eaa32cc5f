#include "dataset/stream_piece.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static float envelope(const ws_stream_piece *piece, size_t i)
{
    if (i < piece->ramp_in)
        return (float)i / (float)piece->ramp_in;
    if (i + piece->ramp_out > piece->length)
        return (float)(piece->length - i) / (float)piece->ramp_out;
    return 1.0f;
}

void ws_stream_piece_mix(const ws_stream_piece *piece, float *track, size_t n_track, size_t at)
{
    const size_t n_left = at < n_track ? n_track - at : 0;
    const size_t n = smaller(smaller(piece->length, piece->n_samples), n_left);

    for (size_t i = 0; i < n; i++)
        track[at + i] += piece->samples[i] * envelope(piece, i) * piece->gain;
}
