/* dataset/split: known places of known file names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "dataset/split.h"

static void known_names(void **state)
{
    static const struct {
        const char *name;
        double percent;
        ws_set set; /* at 10 % and 10 % */
    } cases[] = {
        {"a5d485dc_nohash_0.wav", 23.080838643616726, WS_SET_TRAINING},
        {"f2e59fea_nohash_1.wav", 11.76918977327041, WS_SET_TESTING},
        {"f9643d42_nohash_4.wav", 18.763832142679632, WS_SET_TESTING},
        {"022cd682_nohash_0.wav", 12.083593845990254, WS_SET_TESTING},
        {"ab00c4b2_nohash_0.wav", 3.408466304901736, WS_SET_VALIDATION},
        {"00176480_nohash_0.wav", 69.79815490393456, WS_SET_TRAINING},
        {"25e95412_nohash_2.wav", 93.47973833590551, WS_SET_TRAINING},
        {"foo.wav", 35.58048706934219, WS_SET_TRAINING},
        {"foo_nohash_0.wav", 73.17089120425948, WS_SET_TRAINING},
        {"some/where/foo_nohash_1.wav", 73.17089120425948, WS_SET_TRAINING},
        {"foo_nohash_2_nohash_3.flac", 73.17089120425948, WS_SET_TRAINING},
        {"bobby_nohash_0.wav", 94.1747873587518, WS_SET_TRAINING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(ws_split_percent(cases[i].name) == cases[i].percent);
        assert_int_equal(ws_split_find(cases[i].name, 10, 10), cases[i].set);
    }
}

static void a_hundred_names(void **state)
{
    size_t counts[WS_N_SETS] = {0};
    char name[64];
    (void)state;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "some_audio_%d.wav", i);
        counts[ws_split_find(name, 10, 10)]++;
    }
    assert_int_equal(counts[WS_SET_TRAINING], 79);
    assert_int_equal(counts[WS_SET_TESTING], 13);
    assert_int_equal(counts[WS_SET_VALIDATION], 8);
}

static void percentages_cut_the_scale(void **state)
{
    (void)state;
    assert_int_equal(ws_split_find("foo.wav", 0, 0), WS_SET_TRAINING);
    assert_int_equal(ws_split_find("foo.wav", 35, 0), WS_SET_TRAINING);
    assert_int_equal(ws_split_find("foo.wav", 36, 0), WS_SET_VALIDATION);
    assert_int_equal(ws_split_find("foo.wav", 35, 1), WS_SET_TESTING);
    assert_int_equal(ws_split_find("foo.wav", 0, 100), WS_SET_TESTING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_names),
        cmocka_unit_test(a_hundred_names),
        cmocka_unit_test(percentages_cut_the_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
