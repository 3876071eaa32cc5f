/* cmd/flags, cmd/settings and optim/schedule: what is written on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/settings.h"
#include "cmd/train_flags.h"
#include "optim/schedule.h"
#include "train/options.h"

enum { MAX_FLAGS = 64 };

typedef struct parsed {
    ws_train_options options;
    bool given[MAX_FLAGS];
    bool help;
    ws_error err;
} parsed;

static ws_status parse(parsed *p, char *const *arguments, int n)
{
    *p = (parsed){.help = false};
    ws_flags_set_initial(&ws_train_flags, &p->options);
    return ws_flags_read(&ws_train_flags, n, arguments, &p->options, p->given, &p->help, &p->err);
}

static void defaults_are_the_originals(void **state)
{
    ws_train_options options = {.data_url = NULL};
    (void)state;
    assert_true(ws_train_flags.n_flags <= MAX_FLAGS);
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) { /* each default is within its bounds */
        ws_error err = {.status = WS_OK};
        assert_int_equal(
            ws_flags_set(&ws_train_flags, i, ws_train_flags.flags[i].initial, &options, &err),
            WS_OK);
    }
    assert_string_equal(options.data_dir, "tmp/speech_dataset");
    assert_string_equal(options.data_url,
                        "https://storage.googleapis.com/download.tensorflow.org/data/"
                        "speech_commands_v0.02.tar.gz");
    assert_string_equal(options.summaries_dir, "tmp/retrain_logs");
    assert_string_equal(options.train_dir, "tmp/speech_commands_train");
    assert_string_equal(options.how_many_training_steps, "15000,3000");
    assert_int_equal(options.batch_size, 100);
    assert_int_equal(options.sample_rate, 16000);
    assert_int_equal(options.eval_step_interval, 400);
    assert_false(options.quantize);
}

static void values_come_with_and_without_a_sign(void **state)
{
    char *arguments[] = {(char[]){"--batch_size=7"}, (char[]){"--sample_rate"},    (char[]){"8000"},
                         (char[]){"--strict"},       (char[]){"--window_stride"},  (char[]){"20"},
                         (char[]){"--wanted=a,b"},   (char[]){"--time_shift_ms=0"}};
    parsed p;
    (void)state;
    assert_int_equal(parse(&p, arguments, 8), WS_OK);
    assert_int_equal(p.options.batch_size, 7);
    assert_int_equal(p.options.sample_rate, 8000);
    assert_true(p.options.strict);
    assert_true(p.options.window_stride_ms > 19.9 && p.options.window_stride_ms < 20.1);
    assert_string_equal(p.options.wanted_words, "a,b");
}

static void hyphens_are_as_good_as_underscores(void **state)
{
    char *arguments[] = {(char[]){"--batch-size=7"}, (char[]){"--sample_rate"}, (char[]){"8000"},
                         (char[]){"--window-stride_ms=20"}, (char[]){"--run-name=a-b_c"}};
    char *wrong[] = {(char[]){"--batch-sice=7"}};
    parsed p;
    (void)state;
    assert_int_equal(parse(&p, arguments, 5), WS_OK);
    assert_int_equal(p.options.batch_size, 7);
    assert_true(p.options.window_stride_ms > 19.9 && p.options.window_stride_ms < 20.1);
    assert_string_equal(p.options.run_name, "a-b_c"); /* values stay */
    assert_int_equal(parse(&p, wrong, 1), WS_EUSAGE);
    assert_string_equal(p.err.message, "unknown flag --batch_sice, did you mean --batch_size?");
}

static void booleans_mean_what_they_say(void **state)
{
    static const struct {
        const char *text;
        bool value;
    } cases[] = {{"true", true}, {"False", false}, {"YES", true},
                 {"no", false},  {"1", true},      {"0", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32] = "--strict=";
        char *arguments[] = {text};
        parsed p;
        strcat(text, cases[i].text);
        assert_int_equal(parse(&p, arguments, 1), WS_OK);
        assert_int_equal(p.options.strict, cases[i].value);
    }
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *arguments[2];
        const char *message;
    } cases[] = {
        {{"--learning_rat", NULL}, "--learning_rate needs a value, as in --learning_rate=RATES"},
        {{"--lerning_rate=1", NULL}, "unknown flag --lerning_rate, did you mean --learning_rate?"},
        {{"--dct_coefficient_count=40", NULL},
         "unknown flag --dct_coefficient_count: it is called --feature_bin_count now"},
        {{"--xyzzy=1", NULL}, "unknown flag --xyzzy; `wordspot train --help` lists the flags"},
        {{"--window=20", NULL},
         "--window may stand for --window_size_ms and --window_stride_ms: write more of it"},
        {{"--batch_size=x", NULL}, "--batch_size=x: expected a whole number from 1 to 65536"},
        {{"--batch_size=0", NULL}, "--batch_size=0: expected a whole number from 1 to 65536"},
        {{"--background_frequency=nan", NULL},
         "--background_frequency=nan: expected a number from 0 to 1"},
        {{"--background_volume=-1", NULL},
         "--background_volume=-1: expected a number of at least 0"},
        {{"--strict=maybe", NULL},
         "--strict=maybe: expected true or false (yes, no, 1 and 0 will do)"},
        {{"--batch_size", "--strict"}, "--batch_size needs a value, as in --batch_size=N"},
        {{"train", NULL}, "unexpected argument \"train\", expected flags such as --data_dir=DIR"},
        {{"--run_name=a\nb", NULL},
         "--run_name: has a control character (byte 1), expected plain text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char first[64], second[64];
        char *arguments[] = {first, second};
        const int n = cases[i].arguments[1] != NULL ? 2 : 1;
        parsed p;
        strcpy(first, cases[i].arguments[0]);
        strcpy(second, n == 2 ? cases[i].arguments[1] : "");
        assert_int_equal(parse(&p, arguments, n), WS_EUSAGE);
        assert_string_equal(p.err.message, cases[i].message);
    }
}

static void help_wins_over_what_follows(void **state)
{
    char *arguments[] = {(char[]){"--help"}, (char[]){"--nonsense"}};
    parsed p;
    (void)state;
    assert_int_equal(parse(&p, arguments, 2), WS_OK);
    assert_true(p.help);
}

static void settings_survive_a_checkpoint(void **state)
{
    char *first[] = {(char[]){"--batch_size=7"}, (char[]){"--background_volume=0.123456789012345"},
                     (char[]){"--learning_rate=0.5,0.25"}, (char[]){"--threads=3"}};
    char *second[] = {(char[]){"--learning_rate=0.125,0.25"}, (char[]){"--batch_size=7"}};
    char *third[] = {(char[]){"--batch_size=8"}};
    parsed p;
    (void)state;
    assert_int_equal(parse(&p, first, 4), WS_OK);
    char *text = ws_settings_write(&ws_train_flags, &p.options);
    const double volume = p.options.background_volume;
    assert_non_null(strstr(text, "\nbatch_size=7\n"));
    assert_null(strstr(text, "threads="));

    assert_int_equal(parse(&p, second, 2), WS_OK);
    char *copy = strdup(text);
    assert_int_equal(ws_settings_read(&ws_train_flags, copy, "c", p.given, &p.options, &p.err),
                     WS_OK);
    assert_int_equal(p.options.batch_size, 7);
    assert_memory_equal(&p.options.background_volume, &volume, sizeof volume);
    assert_string_equal(p.options.learning_rate, "0.125,0.25"); /* given: may be changed */
    assert_int_equal(p.options.threads, 0);
    free(copy);

    assert_int_equal(parse(&p, third, 1), WS_OK);
    copy = strdup(text);
    assert_int_equal(
        ws_settings_read(&ws_train_flags, copy, "x.ckpt-1", p.given, &p.options, &p.err),
        WS_EUSAGE);
    assert_string_equal(p.err.message,
                        "--batch_size=8 contradicts the checkpoint x.ckpt-1, which was trained "
                        "with --batch_size=7: leave the flag out, or start anew without "
                        "--start_checkpoint");
    free(copy);
    free(text);
}

static void damaged_settings_are_refused(void **state)
{
    static const char *const texts[] = {"batch_size=7", "=\n", "batch_size\n", "batch_size=x\n",
                                        "flag_of_tomorrow=1\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        parsed p;
        char *copy = strdup(texts[i]);
        assert_int_equal(parse(&p, NULL, 0), WS_OK);
        assert_int_not_equal(
            ws_settings_read(&ws_train_flags, copy, "c", p.given, &p.options, &p.err), WS_OK);
        free(copy);
    }
}

static void schedule_gives_the_rate_of_each_step(void **state)
{
    ws_schedule schedule;
    ws_error err;
    (void)state;
    assert_int_equal(ws_schedule_init(&schedule, "3,0,2", "0.1,0.2,0.3", &err), WS_OK);
    assert_int_equal(ws_schedule_last_step(&schedule), 5);
    const double rates[] = {0.1, 0.1, 0.1, 0.3, 0.3};
    for (int step = 1; step <= 5; step++) {
        const double rate = ws_schedule_rate(&schedule, step);
        assert_memory_equal(&rate, &rates[step - 1], sizeof rate);
    }
}

static void wrong_schedules_are_named(void **state)
{
    static const struct {
        const char *steps, *rates, *message;
    } cases[] = {
        {"1,2", "0.1",
         "--how_many_training_steps and --learning_rate must be equal length lists, but are 2 and "
         "1 long instead"},
        {"1,x", "0.1,0.1",
         "--how_many_training_steps: \"x\" is no number of steps, expected whole numbers from 0 to "
         "2147483647 in all, such as 15000,3000"},
        {"1,", "0.1,0.1",
         "--how_many_training_steps: \"\" is no number of steps, expected whole numbers from 0 to "
         "2147483647 in all, such as 15000,3000"},
        {"2147483647,1", "0.1,0.1",
         "--how_many_training_steps: \"1\" is no number of steps, expected whole numbers from 0 to "
         "2147483647 in all, such as 15000,3000"},
        {"1", "0",
         "--learning_rate: \"0\" is no rate, expected numbers above 0, such as 0.001,0.0001"},
        {"1", "inf",
         "--learning_rate: \"inf\" is no rate, expected numbers above 0, such as 0.001,0.0001"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_schedule schedule;
        ws_error err;
        assert_int_equal(ws_schedule_init(&schedule, cases[i].steps, cases[i].rates, &err),
                         WS_EUSAGE);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void a_flag_may_stand_alone_or_be_repeated(void **state)
{
    char *arguments[] = {(char[]){"--json"}, (char[]){"--strict"}};
    char *again[] = {(char[]){"--json=out"}};
    char *texts[] = {(char[]){"--text"}, (char[]){"a"}, (char[]){"--text=b"}, (char[]){"c"}};
    static const ws_flag flags[] = {
        {"text", WS_FLAG_TEXTS, 0, "", "TEXT", "Texts.", 0, 0, WS_FLAGS_DATA, 0}};
    static const ws_flag_table table = {.command = "x",
                                        .summary = "",
                                        .flags = flags,
                                        .n_flags = 1,
                                        .operands_name = "FILE",
                                        .operands_offset = sizeof(ws_operands)};
    const char *rooms[2][4];
    ws_operands values[2] = {{.items = rooms[0]}, {.items = rooms[1]}};
    bool given[1] = {false}, help = false;
    parsed p;
    (void)state;

    assert_int_equal(parse(&p, arguments, 2), WS_OK);
    assert_string_equal(p.options.json, WS_FLAG_STANDARD_OUTPUT);
    assert_int_equal(parse(&p, again, 1), WS_OK);
    assert_string_equal(p.options.json, "out");
    ws_flags_set_initial(&table, values);
    assert_int_equal(ws_flags_read(&table, 4, texts, values, given, &help, NULL), WS_OK);
    assert_int_equal(values[0].n_items, 2);
    assert_string_equal(values[0].items[0], "a");
    assert_string_equal(values[0].items[1], "b");
    assert_int_equal(values[1].n_items, 1);
    assert_true(given[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_originals),
        cmocka_unit_test(values_come_with_and_without_a_sign),
        cmocka_unit_test(hyphens_are_as_good_as_underscores),
        cmocka_unit_test(booleans_mean_what_they_say),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(help_wins_over_what_follows),
        cmocka_unit_test(settings_survive_a_checkpoint),
        cmocka_unit_test(damaged_settings_are_refused),
        cmocka_unit_test(schedule_gives_the_rate_of_each_step),
        cmocka_unit_test(wrong_schedules_are_named),
        cmocka_unit_test(a_flag_may_stand_alone_or_be_repeated),
    };
    return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
