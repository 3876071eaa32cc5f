/* settings/flags, settings/arguments and optim/schedule: reading the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "optim/schedule.h"
#include "settings/arguments.h"
#include "settings/rows.h"
#include "settings/settings.h"

/* Values borrow from flags: all that were read are given back at the end of a test. */
enum { MAX_PARSED = 64 };
static ws_flags all_flags[MAX_PARSED];
static size_t n_parsed;

typedef struct parsed {
    ws_train_options options;
    ws_flags *flags;
    bool help;
    ws_error err;
} parsed;

static ws_status parse(parsed *p, char *const *arguments, int n)
{
    assert_true(n_parsed < MAX_PARSED);
    *p = (parsed){.flags = &all_flags[n_parsed++]};
    assert_int_equal(ws_flags_init(p->flags, &ws_train_flags, &p->options, &p->err), WS_OK);
    return ws_arguments_read(p->flags, n, arguments, &p->help, &p->err);
}

static int give_back(void **state)
{
    (void)state;
    while (n_parsed > 0)
        ws_flags_deinit(&all_flags[--n_parsed]);
    return 0;
}

static void defaults_are_the_originals(void **state)
{
    parsed p;
    (void)state;
    assert_int_equal(parse(&p, NULL, 0), WS_OK);
    const ws_train_options options = p.options;
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
         "--window may mean --window_size_ms or --window_stride_ms: write more of the name"},
        {{"--batch_size=x", NULL}, "--batch_size=x: expected a whole number from 1 to 65536"},
        {{"--batch_size=0", NULL}, "--batch_size=0: expected a whole number from 1 to 65536"},
        {{"--background_frequency=nan", NULL},
         "--background_frequency=nan: expected a number from 0 to 1"},
        {{"--background_volume=-1", NULL},
         "--background_volume=-1: expected a number of at least 0"},
        {{"--strict=maybe", NULL},
         "--strict=maybe: expected true or false (yes, no, 1 and 0 also work)"},
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

static ws_status read_schedule(ws_schedule *schedule, const ws_train_options *options,
                               ws_error *err)
{
    return ws_schedule_init(schedule,
                            &(ws_schedule_options){.kind = "steps",
                                                   .steps = options->how_many_training_steps,
                                                   .epochs = "",
                                                   .rates = options->learning_rate},
                            err);
}

/* What Python's int() and float() take; and what reaches a checkpoint has no blanks. */
static void blanks_around_numbers_are_ignored(void **state)
{
    static const struct {
        const char *steps, *rates, *kept_steps, *kept_rates;
    } cases[] = {
        {"10, 5", "0.1, 0.01", "10,5", "0.1,0.01"},
        {" 10 ,5 ", "\t0.1\n,\f0.01", "10,5", "0.1,0.01"},
        {"1 ", " 0.5", "1", "0.5"},
    };
    char *single[] = {(char[]){"--batch_size= 7"}, (char[]){"--time_shift_ms"}, (char[]){"1.5 "}};
    parsed p;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char steps[64] = "--how_many_training_steps=", rates[64] = "--learning_rate=";
        char *arguments[] = {strcat(steps, cases[i].steps), strcat(rates, cases[i].rates)};
        ws_schedule schedule;
        assert_int_equal(parse(&p, arguments, 2), WS_OK);
        assert_string_equal(p.options.how_many_training_steps, cases[i].kept_steps);
        assert_string_equal(p.options.learning_rate, cases[i].kept_rates);
        assert_int_equal(read_schedule(&schedule, &p.options, &p.err), WS_OK);
    }
    assert_int_equal(parse(&p, single, 3), WS_OK);
    assert_int_equal(p.options.batch_size, 7);
    assert_true(p.options.time_shift_ms > 1.49 && p.options.time_shift_ms < 1.51);
}

static void blanks_inside_numbers_are_refused(void **state)
{
    static const char *const wrong[] = {"--batch_size=1 0",
                                        "--batch_size= ", "--time_shift_ms=1 .5", "--batch_size="};
    char *list[] = {(char[]){"--how_many_training_steps=1 0"}, (char[]){"--learning_rate=1"}};
    ws_schedule schedule;
    parsed p;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[64];
        char *arguments[] = {strcpy(text, wrong[i])};
        assert_int_equal(parse(&p, arguments, 1), WS_EUSAGE);
        assert_non_null(strstr(p.err.message, "expected a"));
    }
    assert_int_equal(parse(&p, list, 2), WS_OK);
    assert_int_equal(read_schedule(&schedule, &p.options, &p.err), WS_EUSAGE);
    assert_non_null(strstr(p.err.message, "\"1 0\""));
}

static void a_tilde_is_the_home_in_every_path(void **state)
{
    static const struct {
        const char *home, *text, *kept;
    } cases[] = {
        {"/home/ada", "~/exp", "/home/ada/exp"},
        {"/home/ada/", "~/exp", "/home/ada/exp"},
        {"/home/ada", "~", "/home/ada"},
        {"/", "~/exp", "/exp"},
        {"/", "~", "/"},
        {"/home/ada", "~bob/exp", "~bob/exp"},
        {"/home/ada", "a/~/b", "a/~/b"},
        {"/home/ada", "./~/b", "./~/b"},
        {"/home/ada", "", ""},
    };
    char *before = getenv("HOME") != NULL ? strdup(getenv("HOME")) : NULL;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64] = "--train_dir=", url[64] = "--data_url=";
        char *arguments[] = {strcat(text, cases[i].text), strcat(url, cases[i].text)};
        parsed p;
        assert_int_equal(setenv("HOME", cases[i].home, 1), 0);
        assert_int_equal(parse(&p, arguments, 2), WS_OK);
        assert_string_equal(p.options.train_dir, cases[i].kept);
        assert_string_equal(p.options.data_url, cases[i].text); /* a URL is not a path */
    }
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        char text[64];
        char *arguments[] = {text};
        parsed p;
        if (ws_train_flags.flags[i].type != WS_FLAG_PATH)
            continue;
        (void)snprintf(text, sizeof text, "--%s=~/x", ws_train_flags.flags[i].name);
        assert_int_equal(unsetenv("HOME"), 0);
        assert_int_equal(parse(&p, arguments, 1), WS_EUSAGE);
        assert_non_null(strstr(p.err.message, "HOME is not set"));
        assert_int_equal(setenv("HOME", "/h", 1), 0);
        assert_int_equal(parse(&p, arguments, 1), WS_OK);
        const char *path;
        memcpy(&path, (const char *)&p.options + ws_train_flags.flags[i].offset, sizeof path);
        assert_string_equal(path, "/h/x");
    }
    if (before != NULL)
        assert_int_equal(setenv("HOME", before, 1), 0);
    free(before);
}

static void a_flag_may_stand_alone_or_be_repeated(void **state)
{
    char *arguments[] = {(char[]){"--json"}, (char[]){"--strict"}};
    char *again[] = {(char[]){"--json=out"}};
    char *texts[] = {(char[]){"--text"}, (char[]){"a"}, (char[]){"--text=b"}, (char[]){"c"}};
    typedef struct text_flags {
        ws_operands text, files;
    } text_flags;
#define AT(field) offsetof(text_flags, field)
    static const ws_flag rows[] = {WS_ROW_TEXTS(text, "TEXT", WS_FLAGS_DATA, "Texts.")};
    static const ws_flag_table table = {.command = "x",
                                        .summary = "",
                                        .flags = rows,
                                        .n_flags = 1,
                                        .operands_name = "FILE",
                                        .operands_offset = AT(files)};
    text_flags values;
    ws_flags flags;
    bool help = false;
    parsed p;
    (void)state;

    assert_int_equal(parse(&p, arguments, 2), WS_OK);
    assert_string_equal(p.options.json, WS_FLAG_STANDARD_OUTPUT);
    assert_int_equal(parse(&p, again, 1), WS_OK);
    assert_string_equal(p.options.json, "out");
    assert_int_equal(ws_flags_init(&flags, &table, &values, NULL), WS_OK);
    assert_int_equal(ws_arguments_read(&flags, 4, texts, &help, NULL), WS_OK);
    assert_int_equal(values.text.n_items, 2);
    assert_string_equal(values.text.items[0], "a");
    assert_string_equal(values.text.items[1], "b");
    assert_int_equal(values.files.n_items, 1);
    assert_string_equal(values.files.items[0], "c");
    assert_true(flags.given[0]);
    ws_flags_deinit(&flags);
}

/* A list with more flags than any fixed array would have held. */
static void a_table_may_have_any_number_of_flags(void **state)
{
    enum { N_ROWS = 500 };
    static ws_flag rows[N_ROWS];
    static char names[N_ROWS][16], arguments[N_ROWS][32];
    static char *pointers[N_ROWS];
    static int64_t values[N_ROWS];
    const ws_flag_table table = {.command = "x", .flags = rows, .n_flags = N_ROWS};
    ws_flags flags;
    bool help = false;
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        (void)snprintf(names[i], sizeof names[i], "flag_%03zu", i);
        (void)snprintf(arguments[i], sizeof arguments[i], "--flag_%03zu=%zu", i, i);
        pointers[i] = arguments[i];
        rows[i] = (ws_flag){.name = names[i],
                            .type = WS_FLAG_WHOLE,
                            .offset = i * sizeof values[0],
                            .initial = "0",
                            .value_name = "N",
                            .help = "",
                            .max = N_ROWS};
    }
    assert_int_equal(ws_flags_init(&flags, &table, values, NULL), WS_OK);
    assert_int_equal(ws_arguments_read(&flags, N_ROWS, pointers, &help, NULL), WS_OK);
    for (size_t i = 0; i < N_ROWS; i++) {
        assert_true(flags.given[i]);
        assert_int_equal(values[i], i);
    }
    ws_flags_deinit(&flags);
}

/* A row that picks one of training's keeps its type, bounds and traits. */
static void a_picked_flag_is_that_of_the_base_table(void **state)
{
    typedef struct picking_flags {
        int64_t own;
        ws_train_options train;
    } picking_flags;
#undef AT
#define AT(field) offsetof(picking_flags, field)
    static const ws_flag rows[] = {
        WS_ROW_WHOLE(own, "1", 0, 9, "N", WS_FLAGS_DATA, "Own."),
        WS_ROW_PICK(batch_size, WS_FLAGS_OUTPUT),
        WS_ROW_PICK_AS(background_frequency, WS_FLAGS_DATA, .initial = "1", .help = "Other."),
        WS_ROW_PICK(data_dir, WS_FLAGS_DATA),
    };
    static const ws_flag_table table = {.command = "x",
                                        .flags = rows,
                                        .n_flags = 4,
                                        .base = &ws_train_flags,
                                        .base_offset = AT(train)};
    char *arguments[] = {(char[]){"--batch_size=7"}, (char[]){"--own=2"}};
    char *wrong[] = {(char[]){"--batch_size=0"}};
    picking_flags values;
    ws_flags flags;
    ws_error err;
    bool help;
    (void)state;
    assert_int_equal(ws_flags_init(&flags, &table, &values, NULL), WS_OK);
    assert_int_equal(values.train.batch_size, 100);
    assert_true(values.train.background_frequency > 0.99);
    assert_string_equal(values.train.model_architecture, "conv"); /* not picked, but complete */
    assert_int_equal(ws_arguments_read(&flags, 2, arguments, &help, NULL), WS_OK);
    assert_int_equal(values.train.batch_size, 7);
    assert_int_equal(values.own, 2);
    assert_ptr_equal(ws_train_flags_get_options(&flags), &values.train);
    assert_true(ws_train_flags_is_given(&flags, "batch_size"));
    assert_false(ws_train_flags_is_given(&flags, "own"));
    assert_true(ws_flags_is_given(&flags, "own"));
    assert_false(ws_flags_is_given(&flags, "data_dir"));
    const ws_flag row = ws_flags_get_row(&table, 2);
    assert_string_equal(row.help, "Other.");
    assert_string_equal(row.value_name, "SHARE");
    assert_int_equal(row.group, WS_FLAGS_DATA);
    assert_int_equal(ws_flags_get_row(&table, 3).type, WS_FLAG_PATH);
    ws_flags_deinit(&flags);
    assert_int_equal(ws_flags_init(&flags, &table, &values, NULL), WS_OK);
    assert_int_equal(ws_arguments_read(&flags, 1, wrong, &help, &err), WS_EUSAGE);
    assert_string_equal(err.message, "--batch_size=0: expected a whole number from 1 to 65536");
    ws_flags_deinit(&flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(defaults_are_the_originals, give_back),
        cmocka_unit_test_teardown(values_come_with_and_without_a_sign, give_back),
        cmocka_unit_test_teardown(hyphens_are_as_good_as_underscores, give_back),
        cmocka_unit_test_teardown(booleans_mean_what_they_say, give_back),
        cmocka_unit_test_teardown(mistakes_are_named, give_back),
        cmocka_unit_test_teardown(help_wins_over_what_follows, give_back),
        cmocka_unit_test_teardown(blanks_around_numbers_are_ignored, give_back),
        cmocka_unit_test_teardown(blanks_inside_numbers_are_refused, give_back),
        cmocka_unit_test_teardown(a_tilde_is_the_home_in_every_path, give_back),
        cmocka_unit_test_teardown(a_flag_may_stand_alone_or_be_repeated, give_back),
        cmocka_unit_test_teardown(a_table_may_have_any_number_of_flags, give_back),
        cmocka_unit_test_teardown(a_picked_flag_is_that_of_the_base_table, give_back),
    };
    return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
