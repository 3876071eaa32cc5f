/* dataset/stream_piece: the sum of a piece and a track, with numbers made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataset/stream_piece.h"
#include "support/check.h"

enum { LONG = 10000 };

static float ones[LONG];

static int fill_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < LONG; i++)
        ones[i] = 1.0f;
    return 0;
}

static void ramps_rise_and_fall(void **state)
{
    /* rises over 4, stays at 1, falls over 2: 8 - 2 is the last that is not yet lower */
    static const float want[] = {0, 0, 0, 0.5f, 1, 1.5f, 2, 2, 2, 1, 0, 0};
    static const ws_stream_piece piece = {
        .samples = ones, .n_samples = 8, .length = 8, .ramp_in = 4, .ramp_out = 2, .gain = 2.0f};
    float track[12] = {0};

    (void)state;
    ws_stream_piece_mix(&piece, track, 12, 2);
    assert_close("ramps", track, want, 12, 0.0);
}

static void pieces_are_added(void **state)
{
    static const float samples[] = {0.5f, -1.0f, 0.25f};
    static const float want[] = {1, 1.25f, 0.5f, 1.125f};
    static const ws_stream_piece piece = {
        .samples = samples, .n_samples = 3, .length = 3, .gain = 0.5f};
    float track[] = {1, 1, 1, 1};

    (void)state;
    ws_stream_piece_mix(&piece, track, 4, 1);
    assert_close("sum", track, want, 4, 0.0);
}

static void both_ends_cut(void **state)
{
    /* of a piece of 10 only 6 samples are there: no fall, as it would come later */
    static const float short_of_samples[] = {0, 0.5f, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    static const float beyond_the_track[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5f};
    const ws_stream_piece piece = {
        .samples = ones, .n_samples = 6, .length = 10, .ramp_in = 2, .ramp_out = 2, .gain = 1.0f};
    float track[12] = {0}, other[13] = {0};

    (void)state;
    ws_stream_piece_mix(&piece, track, 12, 0);
    assert_close("short", track, short_of_samples, 12, 0.0);
    ws_stream_piece_mix(&piece, other, 12, 10);
    assert_close("end", other, beyond_the_track, 12, 0.0);
    ws_stream_piece_mix(&piece, other, 12, 12);
    ws_stream_piece_mix(&piece, other, 12, 99);
    assert_close("behind", other, beyond_the_track, 12, 0.0);
    assert_true(other[12] == 0.0f);
}

/* A ramp that is longer than the piece, and two that meet: what rises goes first. */
static void long_ramps(void **state)
{
    static const float rises[] = {0, 0.125f, 0.25f, 0.375f};
    static const float falls[] = {0.5f, 0.375f, 0.25f, 0.125f};
    static const float both[] = {0, 0.25f, 0.5f, 0.75f};
    const ws_stream_piece rising = {
        .samples = ones, .n_samples = 4, .length = 4, .ramp_in = 8, .gain = 1.0f};
    const ws_stream_piece falling = {
        .samples = ones, .n_samples = 4, .length = 4, .ramp_out = 8, .gain = 1.0f};
    const ws_stream_piece meeting = {
        .samples = ones, .n_samples = 4, .length = 4, .ramp_in = 4, .ramp_out = 4, .gain = 1.0f};
    float track[3][4] = {{0}};

    (void)state;
    ws_stream_piece_mix(&rising, track[0], 4, 0);
    ws_stream_piece_mix(&falling, track[1], 4, 0);
    ws_stream_piece_mix(&meeting, track[2], 4, 0);
    assert_close("rising", track[0], rises, 4, 0.0);
    assert_close("falling", track[1], falls, 4, 0.0);
    assert_close("both", track[2], both, 4, 0.0);
}

/* The original's own test of mix_in_audio_sample. */
static void as_the_original(void **state)
{
    static const ws_stream_piece piece = {.samples = ones,
                                          .n_samples = 1000,
                                          .length = 1000,
                                          .ramp_in = 100,
                                          .ramp_out = 100,
                                          .gain = 1.0f};
    static float track[LONG];

    (void)state;
    ws_stream_piece_mix(&piece, track, LONG, 2000);
    assert_true(track[2500] == 1.0f);
    assert_true(track[3500] == 0.0f);
    assert_true(track[2050] == 0.5f && track[2950] == 0.5f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ramps_rise_and_fall), cmocka_unit_test(pieces_are_added),
        cmocka_unit_test(both_ends_cut),       cmocka_unit_test(long_ramps),
        cmocka_unit_test(as_the_original),
    };
    return cmocka_run_group_tests(tests, fill_ones, NULL);
}
