/* dataset/rooms and room: responses against sums over single reflections and known decays, and
 * sound in them against plain convolution. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "dataset/room.h"
#include "dataset/rooms.h"
#include "support/check.h"
#include "support/sound_file.h"

enum { RATE_HZ = 16000, N = 9000 };

static const double pi = 3.14159265358979323846, speed_of_sound = 343.0;

static double response[N], want[N];

/** A room of 5 x 4 x 3 m whose walls all reflect as much. */
static ws_room make_room(double reflection)
{
    ws_room room = {.size = {5.0, 4.0, 3.0}, .source = {1.0, 1.5, 1.2}, .ear = {3.7, 2.1, 1.7}};

    for (size_t i = 0; i < 6; i++)
        room.reflection[i] = reflection;
    return room;
}

/** Adds a pulse of that size at a time between samples, by a sinc under a window of 8 on each side.
 */
static void add_pulse(double distance, double gain)
{
    const double place = distance / speed_of_sound * RATE_HZ;

    for (int k = 0; k < N; k++) {
        const double t = k - place;
        if (fabs(t) < 8.0)
            want[k] += gain / distance * (0.5 + 0.5 * cos(pi * t / 8.0)) *
                       (fabs(t) < 1e-12 ? 1.0 : sin(pi * t) / (pi * t));
    }
}

static double distance_to(const double a[3], const double b[3])
{
    double sum = 0.0;
    for (size_t i = 0; i < 3; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

/** A source mirrored in wall 2 * axis + is_far. */
static void mirror(const ws_room *room, size_t wall, const double from[3], double to[3])
{
    memcpy(to, from, 3 * sizeof *to);
    to[wall / 2] = (wall % 2 == 1 ? 2.0 * room->size[wall / 2] : 0.0) - from[wall / 2];
}

/* The sound itself, six first reflections with six different walls, and those of second order:
 * mirrored one after the other, each place once. */
static void first_reflections_are_mirror_images(void **state)
{
    ws_room room = make_room(0.5);
    double places[100][3];
    size_t n_places = 0;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        room.reflection[i] = 0.3 + 0.1 * (double)i;
    memset(want, 0, sizeof want);
    add_pulse(distance_to(room.source, room.ear), 1.0);
    for (size_t a = 0; a < 6; a++) {
        double once[3];
        mirror(&room, a, room.source, once);
        add_pulse(distance_to(once, room.ear), room.reflection[a]);
        for (size_t b = 0; b < 6; b++) {
            double twice[3];
            bool is_new = a != b;
            mirror(&room, b, once, twice);
            for (size_t i = 0; i < n_places; i++)
                is_new &= distance_to(twice, places[i]) > 1e-9;
            if (!is_new)
                continue;
            memcpy(places[n_places++], twice, sizeof twice);
            add_pulse(distance_to(twice, room.ear), room.reflection[a] * room.reflection[b]);
        }
    }
    /* the nearest image of third order is farther than this */
    const size_t n = (size_t)(5.8 / speed_of_sound * RATE_HZ);
    ws_room_compute(&room, RATE_HZ, response, N);
    assert_close_double("response", response, want, n, 1e-12);
}

/** The time in which the energy falls by 60 dB, from its fall between -5 and -25 dB (Schroeder). */
static double find_decay(void)
{
    static double left[N];
    size_t first = 0, last = 0;
    double sum = 0.0;

    for (size_t i = N; i-- > 0;)
        left[i] = sum += response[i] * response[i];
    while (10.0 * log10(left[first] / left[0]) > -5.0)
        first++;
    while (10.0 * log10(left[last] / left[0]) > -25.0)
        last++;
    return 3.0 * (double)(last - first) / RATE_HZ;
}

/* Eyring's formula for evenly spread sound; boxes stray from it, as their sound is not. */
static void sound_dies_as_fast_as_it_should(void **state)
{
    static const double reflections[] = {0.6, 0.75, 0.85};
    const double volume = 60.0, surface = 94.0;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const ws_room room = make_room(reflections[i]);
        const double expected = 24.0 * log(10.0) / speed_of_sound * volume /
                                (-surface * log(reflections[i] * reflections[i]));
        ws_room_compute(&room, RATE_HZ, response, N);
        const double found = find_decay();
        assert_true(found > 0.8 * expected && found < 1.6 * expected);
    }
}

static void drawn_rooms_hold_source_and_ear(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 500; i++) {
        ws_random random;
        ws_room room;
        ws_random_init(&random, 3, WS_RANDOM_TEST, 0, i);
        ws_room_draw(&random, &room);
        for (size_t k = 0; k < 3; k++) {
            assert_true(room.source[k] > 0.0 && room.source[k] < room.size[k]);
            assert_true(room.ear[k] > 0.0 && room.ear[k] < room.size[k]);
        }
        for (size_t k = 0; k < 6; k++)
            assert_true(room.reflection[k] >= 0.0 && room.reflection[k] < 0.95);
        const double distance = distance_to(room.source, room.ear);
        assert_true(distance >= 0.3 && distance <= 5.0);
    }
}

static ws_rooms *create(const ws_rooms_options *options)
{
    ws_error err = {.status = WS_OK};
    ws_rooms *rooms;

    if (ws_rooms_create(options, &rooms, &err) != WS_OK)
        fail_msg("%s", err.message);
    return rooms;
}

/* Sound of any length, in responses of any length, on every level. */
static void sound_in_a_room_is_a_convolution(void **state)
{
    static const size_t lengths[] = {1, 7, 2048, 2049, 6000, 16384};
    static const size_t sounds[] = {1, 2047, 2048, 16384, 16385, 40000};
    static float samples[40000], plain[40000], dry[40000];
    ws_arena arena;
    ws_random random;

    (void)state;
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < 40000; i++)
        dry[i] = (float)(ws_random_uniform(&random) - 0.5);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        const ws_rooms_options options = {
            .n_rooms = 1, .max_samples = lengths[l], .sample_rate_hz = RATE_HZ, .seed = 9};
        ws_rooms *rooms = create(&options);
        size_t n_response;
        const float *room = ws_rooms_response(rooms, 0, &n_response);
        assert_int_equal(n_response, lengths[l]);
        assert_int_equal(ws_arena_init(&arena, ws_rooms_work_bytes(), NULL), WS_OK);
        for (size_t s = 0; s < sizeof sounds / sizeof *sounds; s++) {
            const size_t n = sounds[s], step = n > 3000 ? 37 : 1; /* some of the long ones */
            for (size_t i = 0; i < n; i += step) {
                double sum = 0.0;
                for (size_t k = 0; k < n_response && k <= i; k++)
                    sum += (double)room[k] * (double)dry[i - k];
                plain[i / step] = (float)sum;
            }
            for (size_t level = 0; level <= (size_t)ws_cpu_level_get_best(); level++) {
                memcpy(samples, dry, n * sizeof *samples);
                ws_rooms_run(rooms, 0, arena.base, samples, n, (ws_cpu_level)level);
                for (size_t i = 0; i < n; i += step)
                    samples[i / step] = samples[i];
                assert_close("sound", samples, plain, (n - 1) / step + 1, 2e-6);
            }
        }
        ws_arena_deinit(&arena);
        ws_rooms_destroy(rooms);
    }
}

static void responses_begin_with_their_sound(void **state)
{
    const ws_rooms_options options = {
        .n_rooms = 20, .max_samples = 4000, .sample_rate_hz = RATE_HZ, .seed = 2};
    ws_rooms *rooms = create(&options);

    (void)state;
    assert_int_equal(ws_rooms_n(rooms), 20);
    for (size_t i = 0; i < 20; i++) {
        size_t n, peak = 0;
        double energy = 0.0;
        const float *room = ws_rooms_response(rooms, i, &n);
        for (size_t k = 0; k < n; k++) {
            energy += (double)room[k] * (double)room[k];
            peak = fabsf(room[k]) > fabsf(room[peak]) ? k : peak;
        }
        assert_int_equal(peak, 8);
        assert_true(fabs(energy - 1.0) < 1e-5);
    }
    ws_rooms_destroy(rooms);
}

static void rooms_come_from_files(void **state)
{
    static float samples[3000];
    ws_rooms_options options = {.dir = ws_test_dir, .max_samples = 500, .sample_rate_hz = RATE_HZ};
    ws_error err = {.status = WS_OK};
    char path[512];
    ws_rooms *rooms;
    size_t n;

    (void)state;
    assert_int_equal(ws_rooms_create(&options, &rooms, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "no sound files"));
    (void)snprintf(path, sizeof path, "%s/zeros.wav", ws_test_dir);
    ws_test_sound_write(path, &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, samples, 3000});
    assert_int_equal(ws_rooms_create(&options, &rooms, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "nothing but zeros"));
    samples[1000] = 0.5f;
    samples[1100] = -0.25f;
    samples[2900] = 0.25f;
    (void)snprintf(path, sizeof path, "%s/hall.wav", ws_test_dir);
    ws_test_sound_write(path, &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, samples, 3000});
    rooms = create(&options);
    assert_int_equal(ws_rooms_n(rooms), 1);
    const float *room = ws_rooms_response(rooms, 0, &n);
    assert_int_equal(n, 500);
    assert_true(fabsf(room[8] + 2.0f * room[108]) < 1e-6f && room[8] > 0.8f);
    ws_rooms_destroy(rooms);
    options.strict = true;
    assert_int_equal(ws_rooms_create(&options, &rooms, &err), WS_EFORMAT);
    options.dir = "no/such/place";
    assert_int_equal(ws_rooms_create(&options, &rooms, &err), WS_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_reflections_are_mirror_images),
        cmocka_unit_test(sound_dies_as_fast_as_it_should),
        cmocka_unit_test(drawn_rooms_hold_source_and_ear),
        cmocka_unit_test(sound_in_a_room_is_a_convolution),
        cmocka_unit_test(responses_begin_with_their_sound),
        cmocka_unit_test_setup_teardown(rooms_come_from_files, ws_test_dir_set_up,
                                        ws_test_dir_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
