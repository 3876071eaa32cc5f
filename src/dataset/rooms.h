/**
 * Rooms that sound is heard in: impulse responses from files, or computed ones, and the sound in
 * them by convolution over FFTs.
 */
#ifndef WS_DATASET_ROOMS_H
#define WS_DATASET_ROOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/log.h"
#include "base/status.h"

typedef struct ws_rooms ws_rooms;

typedef struct ws_rooms_options {
    const char *dir;    /* sound files of impulse responses, also in folders inside it; NULL: rooms
                         * are computed (room.h) */
    size_t n_rooms;     /* that are computed without dir */
    size_t max_samples; /* of a response, from its direct sound on; 1 to WS_ROOMS_MAX_SAMPLES. A
                         * longer one is faded out */
    int sample_rate_hz;
    uint64_t seed;     /* of computed rooms */
    bool strict;       /* a file that cannot be used is an error, not a warning */
    const ws_log *log; /* warnings; NULL: nobody */
} ws_rooms_options;

enum { WS_ROOMS_MAX_SAMPLES = 16384 };

/**
 * Reads or computes the rooms. A response begins with its direct sound, the largest peak, so that
 * sound in the room is not later than it was, and has the energy 1, so that it is about as loud.
 *
 * @return WS_OK; WS_ENOTFOUND without the directory or a sound file in it; WS_EFORMAT if none of
 *         the files can be used, or at the first one if strict; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_rooms_create(const ws_rooms_options *options, ws_rooms **rooms,
                                        ws_error *err);

/** NULL is fine. */
void ws_rooms_destroy(ws_rooms *rooms);

size_t ws_rooms_n(const ws_rooms *rooms);

/** The response of room i. @param n  set to its length */
const float *ws_rooms_response(const ws_rooms *rooms, size_t i, size_t *n);

/** Bytes that ws_rooms_run needs as work, at a 64-byte boundary. */
size_t ws_rooms_work_bytes(void);

/**
 * Puts sound into room i: samples[k] = sum over j of response[j] * samples[k - j]. Allocates
 * nothing. Threads may share the rooms, each with its own work.
 *
 * @param samples  [n] changed in place
 * @param level    of the FFT; the last bits may differ between them
 */
void ws_rooms_run(const ws_rooms *rooms, size_t i, void *work, float *samples, size_t n,
                  ws_cpu_level level);

#endif
