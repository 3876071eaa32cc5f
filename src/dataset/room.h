/**
 * The impulse response of a room that is a box, by its mirror images: each reflection of the source
 * in the walls is a source of its own, further away and quieter (Allen, Berkley: "Image method for
 * efficiently simulating small-room acoustics", JASA 1979).
 */
#ifndef WS_DATASET_ROOM_H
#define WS_DATASET_ROOM_H

#include <stddef.h>

#include "base/random.h"
#include "base/status.h"

/** A room: lengths and places in metres along x, y and z, with one corner at 0. */
typedef struct ws_room {
    double size[3];           /* above 0 */
    double source[3], ear[3]; /* inside of the room, not at the same place */
    double reflection[6];     /* of the amplitude, 0 to below 1: walls at x = 0, x = size, y ... */
} ws_room;

/** Draws a room from a closet to a small hall, with a source 0.3 to 5 m from the ear. */
void ws_room_draw(ws_random *random, ws_room *room);

/**
 * Computes the response from the moment on that the source sounds: a sum over all images whose
 * sound arrives within n samples, 1 / distance loud, at places between samples by a sinc of 16 taps
 * under a Hann window. Images that are 100 dB below the
 * direct sound are left out.
 *
 * @param response  [n] overwritten
 */
void ws_room_compute(const ws_room *room, int sample_rate_hz, double *response, size_t n);

#endif
