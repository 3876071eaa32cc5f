/* sweep/plan: grids, draws, rungs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sweep/plan.h"

static const int64_t seeds[] = {5, 6};
static const ws_flag text_flag = {.name = "a", .type = WS_FLAG_TEXT};
static const ws_flag whole_flag = {.name = "a", .type = WS_FLAG_WHOLE};

/** A plan of the parameters in texts (NULL-terminated), which stay in params. */
static ws_status make(ws_sweep_plan *plan, ws_sweep_param *params, const char *const *texts,
                      ws_sweep_plan_options options, ws_error *err)
{
    size_t n = 0;

    for (; texts[n] != NULL; n++) {
        assert_int_equal(ws_sweep_param_init(&params[n], texts[n], NULL), WS_OK);
        const ws_flag *flag = texts[n][0] == 'w' ? &whole_flag : &text_flag;
        assert_int_equal(ws_sweep_param_read(&params[n], flag, NULL), WS_OK);
    }
    options.params = params;
    options.n_params = n;
    if (options.n_seeds == 0) {
        options.seeds = seeds;
        options.n_seeds = 2;
    }
    return ws_sweep_plan_init(plan, &options, err);
}

static void drop(ws_sweep_plan *plan, ws_sweep_param *params, size_t n)
{
    ws_sweep_plan_deinit(plan);
    for (size_t i = 0; i < n; i++)
        ws_sweep_param_deinit(&params[i]);
}

static void a_grid_has_each_combination_once(void **state)
{
    static const char *const texts[] = {"a=1,2", "b=x,y,z", NULL};
    static const char *const want[][2] = {{"1", "x"}, {"1", "y"}, {"1", "z"},
                                          {"2", "x"}, {"2", "y"}, {"2", "z"}};
    ws_sweep_param params[2];
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(
        make(&plan, params, texts, (ws_sweep_plan_options){.search = WS_SWEEP_GRID}, NULL), WS_OK);
    assert_int_equal(plan.n_settings, 6);
    assert_int_equal(ws_sweep_plan_get_n_trials(&plan), 12);
    assert_int_equal(ws_sweep_plan_get_n_jobs(&plan), 12);
    for (size_t s = 0; s < 6; s++)
        for (size_t p = 0; p < 2; p++)
            assert_string_equal(ws_sweep_plan_get_value(&plan, s, p), want[s][p]);
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 0, 0), 0);
    drop(&plan, params, 2);
}

static void a_grid_of_no_parameters_has_one_setting(void **state)
{
    static const char *const texts[] = {NULL};
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(
        make(&plan, NULL, texts, (ws_sweep_plan_options){.search = WS_SWEEP_GRID}, NULL), WS_OK);
    assert_int_equal(ws_sweep_plan_get_n_trials(&plan), 2);
    ws_sweep_plan_deinit(&plan);
}

static void one_at_a_time_changes_one_value_of_the_first_ones(void **state)
{
    static const char *const texts[] = {"a=1,2", "b=x", "c=p,q,r", "whole=1..9:3", NULL};
    static const char *const want[][4] = {{"1", "x", "p", "1"}, {"2", "x", "p", "1"},
                                          {"1", "x", "q", "1"}, {"1", "x", "r", "1"},
                                          {"1", "x", "p", "5"}, {"1", "x", "p", "9"}};
    ws_sweep_param params[4];
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(
        make(&plan, params, texts, (ws_sweep_plan_options){.search = WS_SWEEP_ONE_AT_A_TIME}, NULL),
        WS_OK);
    assert_int_equal(plan.n_settings, 6);
    assert_int_equal(ws_sweep_plan_get_n_trials(&plan), 12);
    assert_int_equal(ws_sweep_plan_get_n_jobs(&plan), 12);
    for (size_t s = 0; s < 6; s++)
        for (size_t p = 0; p < 4; p++)
            assert_string_equal(ws_sweep_plan_get_value(&plan, s, p), want[s][p]);
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 0, 0), 0);
    drop(&plan, params, 4);
}

static void one_at_a_time_of_no_parameters_has_one_setting(void **state)
{
    static const char *const texts[] = {NULL};
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(
        make(&plan, NULL, texts, (ws_sweep_plan_options){.search = WS_SWEEP_ONE_AT_A_TIME}, NULL),
        WS_OK);
    assert_int_equal(plan.n_settings, 1);
    ws_sweep_plan_deinit(&plan);
}

static void one_at_a_time_has_as_many_trials_as_fit(void **state)
{
    static const char *const fits[] = {"a=1..2:1000", "b=1..2:1000", "c=1..2:1000", NULL};
    static const char *const range[] = {"a=1,2", "b=0..1", NULL};
    static const int64_t four_seeds[] = {1, 2, 3, 4};
    ws_sweep_param params[3];
    ws_sweep_plan plan;
    ws_error err;
    (void)state;

    assert_int_equal(
        make(&plan, params, fits, (ws_sweep_plan_options){.search = WS_SWEEP_ONE_AT_A_TIME}, NULL),
        WS_OK);
    assert_int_equal(plan.n_settings, 1 + 3 * 999); /* their grid would have 1e9 */
    drop(&plan, params, 3);
    assert_int_equal(make(&plan, params, fits,
                          (ws_sweep_plan_options){
                              .search = WS_SWEEP_ONE_AT_A_TIME, .seeds = four_seeds, .n_seeds = 4},
                          &err),
                     WS_EUSAGE);
    assert_non_null(strstr(err.message, "--search=one_at_a_time has more than 10000 trials"));
    drop(&plan, params, 3);
    assert_int_equal(
        make(&plan, params, range, (ws_sweep_plan_options){.search = WS_SWEEP_ONE_AT_A_TIME}, &err),
        WS_EUSAGE);
    assert_non_null(strstr(err.message, "--search=one_at_a_time needs the number of values"));
    drop(&plan, params, 2);
}

static void what_cannot_be_a_plan_is_refused(void **state)
{
    static const char *const range[] = {"a=0..1", NULL};
    static const char *const large[] = {"a=1..2:100", "b=1..2:51", NULL};
    static const char *const two[] = {"whole=1..2", NULL};
    ws_sweep_param params[2];
    ws_sweep_plan plan;
    ws_error err;
    (void)state;

    assert_int_equal(
        make(&plan, params, range, (ws_sweep_plan_options){.search = WS_SWEEP_GRID}, &err),
        WS_EUSAGE);
    assert_non_null(strstr(err.message, "a=0..1:5"));
    drop(&plan, params, 1);
    assert_int_equal(
        make(&plan, params, large, (ws_sweep_plan_options){.search = WS_SWEEP_GRID}, &err),
        WS_EUSAGE);
    drop(&plan, params, 2);
    assert_int_equal(make(&plan, params, two,
                          (ws_sweep_plan_options){.search = WS_SWEEP_RANDOM, .n_settings = 3},
                          &err),
                     WS_EUSAGE);
    assert_non_null(strstr(err.message, "only 2"));
    drop(&plan, params, 1);
    assert_int_equal(make(&plan, params, range,
                          (ws_sweep_plan_options){.search = WS_SWEEP_RANDOM, .n_settings = 5001},
                          &err),
                     WS_EUSAGE);
    drop(&plan, params, 1);
    /* two seeds of 5,100 combinations, all of which a search takes that may draw more */
    assert_int_equal(make(&plan, params, large,
                          (ws_sweep_plan_options){.search = WS_SWEEP_RANDOM, .n_settings = 6000},
                          &err),
                     WS_EUSAGE);
    assert_string_equal(err.message, "--trials=6000: with 2 seeds each, more than 10000 trials");
    drop(&plan, params, 2);
}

static void draws_differ_and_repeat_with_their_seed(void **state)
{
    static const char *const texts[] = {"a=0..1", "whole=1..5", "c=x,y", NULL};
    ws_sweep_plan_options options = {.search = WS_SWEEP_RANDOM, .n_settings = 40, .search_seed = 1};
    ws_sweep_param params[3], again_params[3], other_params[3];
    ws_sweep_plan plan, again, other;
    size_t n_equal = 0;
    (void)state;

    assert_int_equal(make(&plan, params, texts, options, NULL), WS_OK);
    options.n_settings = 60; /* the first draws stay what they are */
    assert_int_equal(make(&again, again_params, texts, options, NULL), WS_OK);
    options.search_seed = 2;
    assert_int_equal(make(&other, other_params, texts, options, NULL), WS_OK);
    assert_int_equal(plan.n_settings, 40);
    for (size_t s = 0; s < 40; s++) {
        for (size_t p = 0; p < 3; p++)
            assert_string_equal(ws_sweep_plan_get_value(&plan, s, p),
                                ws_sweep_plan_get_value(&again, s, p));
        n_equal += strcmp(ws_sweep_plan_get_value(&plan, s, 0),
                          ws_sweep_plan_get_value(&other, s, 0)) == 0;
        for (size_t t = 0; t < s; t++)
            assert_true(strcmp(ws_sweep_plan_get_value(&plan, s, 0),
                               ws_sweep_plan_get_value(&plan, t, 0)) != 0);
    }
    assert_true(n_equal < 2);
    drop(&plan, params, 3);
    drop(&again, again_params, 3);
    drop(&other, other_params, 3);
}

static void a_small_space_is_taken_whole(void **state)
{
    static const char *const texts[] = {"a=1,2", "b=x,y,z", NULL};
    ws_sweep_param params[2];
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(make(&plan, params, texts,
                          (ws_sweep_plan_options){.search = WS_SWEEP_RANDOM, .n_settings = 6},
                          NULL),
                     WS_OK);
    assert_int_equal(plan.n_settings, 6);
    assert_string_equal(ws_sweep_plan_get_value(&plan, 5, 1), "z");
    drop(&plan, params, 2);
    assert_int_equal(make(&plan, params, texts,
                          (ws_sweep_plan_options){.search = WS_SWEEP_RANDOM, .n_settings = 5},
                          NULL),
                     WS_OK);
    assert_int_equal(plan.n_settings, 5);
    drop(&plan, params, 2);
}

static void halving_has_rungs(void **state)
{
    static const char *const texts[] = {"a=0..1", NULL};
    static const size_t want[] = {20, 6, 2};
    ws_sweep_param params[1];
    ws_sweep_plan plan;
    (void)state;

    assert_int_equal(
        make(&plan, params, texts,
             (ws_sweep_plan_options){.search = WS_SWEEP_HALVING, .n_settings = 20, .reduction = 3},
             NULL),
        WS_OK);
    assert_int_equal(plan.n_rungs, 3);
    for (size_t r = 0; r < 3; r++)
        assert_int_equal(plan.n_in_rung[r], want[r]);
    assert_int_equal(ws_sweep_plan_get_n_jobs(&plan), 2 * (20 + 6 + 2));
    plan.n_steps[3] = 18000;
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 3, 0), 2000);
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 3, 1), 6000);
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 3, 2), 0);
    plan.n_steps[4] = 2;
    assert_int_equal(ws_sweep_plan_get_stop_step(&plan, 4, 0), 1);
    drop(&plan, params, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_has_each_combination_once),
        cmocka_unit_test(a_grid_of_no_parameters_has_one_setting),
        cmocka_unit_test(one_at_a_time_changes_one_value_of_the_first_ones),
        cmocka_unit_test(one_at_a_time_of_no_parameters_has_one_setting),
        cmocka_unit_test(one_at_a_time_has_as_many_trials_as_fit),
        cmocka_unit_test(what_cannot_be_a_plan_is_refused),
        cmocka_unit_test(draws_differ_and_repeat_with_their_seed),
        cmocka_unit_test(a_small_space_is_taken_whole),
        cmocka_unit_test(halving_has_rungs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
