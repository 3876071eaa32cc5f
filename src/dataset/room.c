#include "dataset/room.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_HALF_TAPS = 8 };

/* Images that are 100 dB quieter than the source are left out. */
static const double faintest = 1e-5;

static const double pi = 3.14159265358979323846, speed_of_sound = 343.0;

static double uniform(ws_random *random, double low, double high)
{
    return low + (high - low) * ws_random_uniform(random);
}

void ws_room_draw(ws_random *random, ws_room *room)
{
    static const double smallest[3] = {1.5, 1.5, 2.2}, largest[3] = {9.0, 7.0, 3.5};
    const double quiet = 0.5, loud = 0.93; /* from a furnished room to a tiled one */
    const double common = uniform(random, quiet, loud);
    double distance = 0.0;

    for (size_t i = 0; i < 3; i++)
        room->size[i] = uniform(random, smallest[i], largest[i]);
    for (size_t i = 0; i < 6; i++) /* walls of a room are alike, but not the same */
        room->reflection[i] = fmin(loud, fmax(0.1, common + uniform(random, -0.2, 0.1)));
    do {
        double sum = 0.0;
        for (size_t i = 0; i < 3; i++) {
            room->source[i] = room->size[i] * uniform(random, 0.1, 0.9);
            room->ear[i] = room->size[i] * uniform(random, 0.05, 0.95);
            sum += (room->source[i] - room->ear[i]) * (room->source[i] - room->ear[i]);
        }
        distance = sqrt(sum);
    } while (distance < 0.3 || distance > 5.0);
}

/** Images along one axis. */
typedef struct image {
    double distance; /* from the ear along this axis */
    double gain;
} image;

/** The i-th image along an axis, i from -order to order: even ones are shifted, odd ones mirrored.
 */
static image find_image(const ws_room *room, size_t axis, int i)
{
    const double size = room->size[axis], source = room->source[axis];
    const double place = i % 2 == 0 ? i * size + source : (i + 1) * size - source;
    const int n = abs(i), n_near = i < 0 ? (n + 1) / 2 : n / 2; /* hits of the wall at 0 */

    return (image){
        .distance = place - room->ear[axis],
        .gain = pow(room->reflection[2 * axis], n_near) *
                pow(room->reflection[2 * axis + 1], n - n_near),
    };
}

/** Adds a pulse between samples. Its taps differ by half turns of the sinc and by fixed turns of
 * the window, so that a pulse costs three sines. */
static void add_pulse(double *response, size_t n, double place, double gain)
{
    static const double turn_c = 0.92387953251128674, turn_s = 0.38268343236508977; /* pi / 8 */
    const long first = (long)floor(place) - N_HALF_TAPS + 1;
    const double t_first = (double)first - place;
    const double share = gain * sin(pi * t_first) / pi;
    double c = cos(pi * t_first / N_HALF_TAPS), s = sin(pi * t_first / N_HALF_TAPS);

    for (long k = 0; k < 2 * N_HALF_TAPS; k++) {
        const double t = t_first + (double)k, turned = c * turn_c - s * turn_s;
        const double sinc = fabs(t) < 1e-9 ? gain : (k % 2 == 0 ? share : -share) / t;
        if (first + k >= 0 && first + k < (long)n)
            response[first + k] += (0.5 + 0.5 * c) * sinc;
        s = s * turn_c + c * turn_s;
        c = turned;
    }
}

void ws_room_compute(const ws_room *room, int sample_rate_hz, double *response, size_t n)
{
    const double farthest = (double)(n + N_HALF_TAPS) / sample_rate_hz * speed_of_sound;
    double least, distance_2 = 0.0;
    int order[3];

    for (size_t axis = 0; axis < 3; axis++)
        distance_2 +=
            (room->source[axis] - room->ear[axis]) * (room->source[axis] - room->ear[axis]);
    least = faintest / sqrt(distance_2);
    memset(response, 0, n * sizeof *response);
    for (size_t axis = 0; axis < 3; axis++)
        order[axis] = (int)(farthest / room->size[axis]) + 2;
    for (int x = -order[0]; x <= order[0]; x++) {
        const image at_x = find_image(room, 0, x);
        for (int y = -order[1]; y <= order[1]; y++) {
            const image at_y = find_image(room, 1, y);
            const double flat = at_x.distance * at_x.distance + at_y.distance * at_y.distance;
            const double gain = at_x.gain * at_y.gain;
            if (flat > farthest * farthest || gain < least * sqrt(flat))
                continue;
            for (int z = -order[2]; z <= order[2]; z++) {
                const image at_z = find_image(room, 2, z);
                const double distance = sqrt(flat + at_z.distance * at_z.distance);
                if (distance < farthest && gain * at_z.gain >= least * distance)
                    add_pulse(response, n, distance / speed_of_sound * sample_rate_hz,
                              gain * at_z.gain / distance);
            }
        }
    }
}
