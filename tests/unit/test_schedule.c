/* optim/schedule: the rate of each step, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "optim/schedule.h"

static ws_schedule read(const ws_schedule_options *options)
{
    ws_schedule schedule;
    ws_error err;

    if (ws_schedule_init(&schedule, options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return schedule;
}

static void check_rates(const ws_schedule *schedule, const double *want, int64_t n)
{
    assert_int_equal(ws_schedule_last_step(schedule), n);
    for (int64_t step = 1; step <= n; step++)
        assert_true(fabs(ws_schedule_rate(schedule, step) - want[step - 1]) < 1e-12);
}

/** To the bit, as runs of before must repeat. */
static void steps_have_the_rate_of_their_phase(void **state)
{
    const double rates[] = {0.1, 0.1, 0.1, 0.3, 0.3};
    const ws_schedule schedule =
        read(&(ws_schedule_options){"steps", "3,0,2", "", "0.1,0.2,0.3", 0});
    (void)state;

    assert_int_equal(ws_schedule_last_step(&schedule), 5);
    assert_false(ws_schedule_is_in_epochs(&schedule));
    for (int step = 1; step <= 5; step++) {
        const double rate = ws_schedule_rate(&schedule, step);
        assert_memory_equal(&rate, &rates[step - 1], sizeof rate);
    }
}

static void rates_rise_and_fall(void **state)
{
    const double r = 0.70710678118654752;
    const ws_schedule cosine = read(&(ws_schedule_options){"cosine", "6", "", "2", 2});
    const ws_schedule linear = read(&(ws_schedule_options){"linear", "5", "", "4", 0.2});
    const ws_schedule phases = read(&(ws_schedule_options){"steps", "3,2", "", "4,1", 4});
    (void)state;

    check_rates(&cosine, (const double[]){1, 2, 2, 1 + r, 1, 1 - r}, 6);
    check_rates(&linear, (const double[]){4, 4, 3, 2, 1}, 5);
    check_rates(&phases, (const double[]){1, 2, 3, 1, 1}, 5);
}

static void epochs_become_steps(void **state)
{
    ws_schedule schedule = read(&(ws_schedule_options){"steps", "1", "1,0.5,2", "3,2,1", 0.25});
    ws_schedule many = read(&(ws_schedule_options){"cosine", "", "60", "0.1", 0});
    ws_error err;
    (void)state;

    assert_true(ws_schedule_is_in_epochs(&schedule));
    assert_true(ws_schedule_n_epochs(&schedule) > 3.49 && ws_schedule_n_epochs(&schedule) < 3.51);
    assert_int_equal(ws_schedule_last_step(&schedule), 0);
    /* 8, 12 and 28 clips of 3: the last step of a phase completes its epoch */
    assert_int_equal(ws_schedule_set_epoch(&schedule, 8, 3, &err), WS_OK);
    assert_int_equal(schedule.n_warmup_steps, 2);
    check_rates(&schedule, (const double[]){1.5, 3, 3, 2, 1, 1, 1, 1, 1, 1}, 10);
    assert_int_equal(ws_schedule_set_epoch(&many, 24495, 100, &err), WS_OK);
    assert_int_equal(ws_schedule_last_step(&many), 14697);
}

static void wrong_schedules_are_named(void **state)
{
    static const struct {
        ws_schedule_options options;
        const char *message;
    } cases[] = {
        {{"steps", "1,2", "", "0.1", 0},
         "--how_many_training_steps and --learning_rate must be equal length lists, but are 2 and "
         "1 long instead: 1,2 and 0.1"},
        {{"steps", "1,x", "", "0.1,0.1", 0},
         "--how_many_training_steps: \"x\" is not a list of steps, expected whole numbers from 0 "
         "to 2147483647 in total, such as 15000,3000"},
        {{"steps", "1,", "", "0.1,0.1", 0},
         "--how_many_training_steps: \"\" is not a list of steps, expected whole numbers from 0 to "
         "2147483647 in total, such as 15000,3000"},
        {{"steps", "2147483647,1", "", "0.1,0.1", 0},
         "--how_many_training_steps: \"1\" is not a list of steps, expected whole numbers from 0 "
         "to 2147483647 in total, such as 15000,3000"},
        {{"steps", "1", "", "0", 0},
         "--learning_rate: \"0\" is not a learning rate, expected numbers above 0, such as "
         "0.001,0.0001"},
        {{"steps", "1", "", "inf", 0},
         "--learning_rate: \"inf\" is not a learning rate, expected numbers above 0, such as "
         "0.001,0.0001"},
        {{"steps", "", "3,0", "1,1", 0},
         "--epochs: \"0\" is not a list of epochs, expected numbers above 0 and up to 2147483647 "
         "in total, such as 60"},
        {{"steps", "", "nan", "1", 0},
         "--epochs: \"nan\" is not a list of epochs, expected numbers above 0 and up to 2147483647 "
         "in total, such as 60"},
        {{"steps", "5,5", "3", "1,1", 0},
         "--epochs and --learning_rate must be equal length lists, but are 1 and 2 long instead: "
         "3 and 1,1"},
        {{"cosine", "15000,3000", "", "0.001,0.0001", 0},
         "--schedule=cosine changes one rate over all steps, but --learning_rate and "
         "--how_many_training_steps have 2 items; expected one each"},
        {{"exponential", "1", "", "1", 0},
         "unknown --schedule \"exponential\", expected one of: steps, cosine, linear"},
        {{"linear", "10", "", "1", 10},
         "--warmup=10: the run has 10 steps; expected fewer steps than that, or a share below 1"},
        {{"linear", "10", "", "1", 1.5},
         "--warmup=1.5: expected a whole number of steps, or a share of all steps below 1"},
    };
    ws_schedule late;
    ws_error err;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_schedule schedule;
        assert_int_not_equal(ws_schedule_init(&schedule, &cases[i].options, &err), WS_OK);
        assert_string_equal(err.message, cases[i].message);
    }
    late = read(&(ws_schedule_options){"linear", "", "2", "1", 20});
    assert_int_equal(ws_schedule_set_epoch(&late, 50, 10, &err), WS_EUSAGE);
    assert_string_equal(err.message, "--warmup=20: the run has 10 steps; expected fewer steps than "
                                     "that, or a share below 1");
    assert_int_equal(ws_schedule_set_epoch(&late, SIZE_MAX, 1, &err), WS_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_have_the_rate_of_their_phase),
        cmocka_unit_test(rates_rise_and_fall),
        cmocka_unit_test(epochs_become_steps),
        cmocka_unit_test(wrong_schedules_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
