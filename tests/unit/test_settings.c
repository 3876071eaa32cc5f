/* settings/settings: the settings of a run in a checkpoint, as a list, and back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "settings/arguments.h"
#include "settings/preset.h"
#include "settings/settings.h"

/** Flags that were read, with their values. */
typedef struct parsed {
    ws_train_options options;
    ws_flags flags;
} parsed;

static void parse(parsed *p, char *const *arguments, int n)
{
    bool help;
    assert_int_equal(ws_flags_init(&p->flags, &ws_train_flags, &p->options, NULL), WS_OK);
    assert_int_equal(ws_arguments_read(&p->flags, n, arguments, &help, NULL), WS_OK);
}

static ws_status take(parsed *p, const char *text, ws_settings_use use, ws_error *err)
{
    return ws_settings_take(&p->flags, text, "x.ckpt-1", use, err);
}

static void settings_survive_a_checkpoint(void **state)
{
    char *first[] = {(char[]){"--batch_size=7"}, (char[]){"--background_volume=0.123456789012345"},
                     (char[]){"--learning_rate=0.5,0.25"}, (char[]){"--threads=3"}};
    char *second[] = {(char[]){"--learning_rate=0.125,0.25"}, (char[]){"--batch_size=7"}};
    parsed p, q;
    (void)state;
    parse(&p, first, 4);
    char *text = ws_settings_write(&p.options);
    assert_non_null(strstr(text, "\nbatch_size=7\n"));
    assert_null(strstr(text, "threads="));

    parse(&q, second, 2);
    assert_int_equal(take(&q, text, WS_SETTINGS_RESUME, NULL), WS_OK);
    free(text); /* the values do not depend on it */
    assert_int_equal(q.options.batch_size, 7);
    assert_memory_equal(&q.options.background_volume, &p.options.background_volume,
                        sizeof q.options.background_volume);
    assert_string_equal(q.options.learning_rate, "0.125,0.25"); /* given: may be changed */
    assert_string_equal(q.options.wanted_words, p.options.wanted_words);
    assert_int_equal(q.options.threads, 0);
    ws_flags_deinit(&p.flags);
    ws_flags_deinit(&q.flags);
}

/* Every setting, changed from its default where a type allows that, comes back. */
static void every_setting_comes_back(void **state)
{
    parsed p, q;
    size_t n_changed = 0;
    (void)state;
    parse(&p, NULL, 0);
    parse(&q, NULL, 0);
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        char number[32];
        const char *text = flag->type == WS_FLAG_BOOL ? "true" : "a=b, \303\244";
        (void)snprintf(number, sizeof number, "%.15g",
                       flag->min +
                           (flag->type == WS_FLAG_WHOLE ? 1 : fmin(0.53125, flag->max / 2)));
        if (flag->type == WS_FLAG_WHOLE || flag->type == WS_FLAG_REAL)
            text = number;
        if (!ws_settings_have(flag))
            continue;
        assert_int_equal(ws_flag_put(flag, text, &p.options, NULL), WS_OK);
        n_changed++;
    }
    assert_true(n_changed > 30);
    char *first = ws_settings_write(&p.options);
    assert_int_equal(take(&q, first, WS_SETTINGS_RESUME, NULL), WS_OK);
    char *second = ws_settings_write(&q.options);
    assert_string_equal(first, second);
    free(first);
    free(second);
    ws_flags_deinit(&p.flags);
    ws_flags_deinit(&q.flags);
}

static void a_given_flag_must_not_contradict(void **state)
{
    static const struct {
        const char *argument;
        ws_settings_use use;
        const char *message; /* NULL: it is allowed */
    } cases[] = {
        {"--batch_size=8", WS_SETTINGS_RESUME,
         "--batch_size=8 contradicts the checkpoint x.ckpt-1, which was trained with "
         "--batch_size=7: leave the flag out, or start from scratch without --start_checkpoint"},
        {"--batch_size=8", WS_SETTINGS_AS_IS,
         "--batch_size=8 contradicts the checkpoint x.ckpt-1, which was trained with "
         "--batch_size=7: leave the flag out"},
        {"--batch_size=7", WS_SETTINGS_AS_IS, NULL},
        {"--optimizer=momentum", WS_SETTINGS_RESUME, NULL},
        {"--optimizer=momentum", WS_SETTINGS_AS_IS,
         "--optimizer=momentum contradicts the checkpoint x.ckpt-1, which was trained with "
         "--optimizer=gradient_descent: leave the flag out"},
        {"--threads=3", WS_SETTINGS_AS_IS, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        char *arguments[] = {strcpy(text, cases[i].argument)};
        parsed p;
        ws_error err = {.status = WS_OK};
        parse(&p, arguments, 1);
        const ws_status status =
            take(&p, "batch_size=7\noptimizer=gradient_descent\n", cases[i].use, &err);
        assert_int_equal(status, cases[i].message != NULL ? WS_EUSAGE : WS_OK);
        if (cases[i].message != NULL)
            assert_string_equal(err.message, cases[i].message);
        ws_flags_deinit(&p.flags);
    }
}

/* All of them name the checkpoint. */
static void damaged_settings_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"batch_size=7",
         "x.ckpt-1: its settings are not understood at \"batch_size=7\", expected flag=value "
         "on each line"},
        {"=\n", "x.ckpt-1: has a setting \"\", which this version does not know"},
        {"batch_size\n",
         "x.ckpt-1: its settings are not understood at \"batch_size\", expected flag=value "
         "on each line"},
        {"batch_size=x\n",
         "x.ckpt-1: its setting --batch_size=x: expected a whole number from 1 to 65536"},
        {"strict=perhaps\n", "x.ckpt-1: its setting --strict=perhaps: expected true or false (yes, "
                             "no, 1 and 0 also work)"},
        {"wanted_words=a\001b\n", "x.ckpt-1: its setting --wanted_words: has a control character "
                                  "(byte 1), expected plain text"},
        {"flag_of_tomorrow=1\n",
         "x.ckpt-1: has a setting \"flag_of_tomorrow\", which this version does not know"},
        {"threads=1\n", "x.ckpt-1: has a setting \"threads\", which this version does not know"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parsed p;
        ws_error err = {.status = WS_OK};
        parse(&p, NULL, 0);
        assert_int_equal(take(&p, cases[i].text, WS_SETTINGS_RESUME, &err), WS_EFORMAT);
        assert_string_equal(err.message, cases[i].message);
        ws_flags_deinit(&p.flags);
    }
}

/* What an older version stored stays what it was: a tilde there was the name of a folder. */
static void stored_paths_are_not_expanded(void **state)
{
    parsed p;
    (void)state;
    parse(&p, NULL, 0);
    assert_int_equal(take(&p, "data_dir=~/x\n", WS_SETTINGS_RESUME, NULL), WS_OK);
    assert_string_equal(p.options.data_dir, "~/x");
    ws_flags_deinit(&p.flags);
}

static void one_setting_is_found_in_a_text(void **state)
{
    static const char text[] = "train_dir=a\nmy_run_name=no\nrun_name=b=c\nbatch_size=";
    char *name = ws_settings_get(text, "run_name");
    char *last = ws_settings_get(text, "batch_size");
    (void)state;
    assert_string_equal(name, "b=c");
    assert_string_equal(last, "");
    assert_null(ws_settings_get(text, "run"));
    assert_null(ws_settings_get(text, "name"));
    assert_null(ws_settings_get("", "run_name"));
    free(name);
    free(last);
}

static void the_list_has_kinds(void **state)
{
    static const struct {
        const char *name, *value;
        int kind;
        bool is_hparam;
    } wanted[] = {
        {"batch_size", "100", WS_SETTING_NUMBER, true},
        {"background_volume", "0.1", WS_SETTING_NUMBER, true},
        {"learning_rate", "0.001,0.0001", WS_SETTING_TEXT, true},
        {"quantize", "false", WS_SETTING_BOOL, true},
        {"data_dir", "tmp/speech_dataset", WS_SETTING_TEXT, false},
        {"seed", "59185", WS_SETTING_NUMBER, false},
    };
    parsed p;
    size_t n = 0, n_found = 0;
    (void)state;
    parse(&p, NULL, 0);
    ws_setting *list = ws_settings_list(&p.options, &n);
    for (size_t i = 0; i < n; i++) {
        assert_string_not_equal(list[i].name, "threads");
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            if (strcmp(list[i].name, wanted[k].name) != 0)
                continue;
            n_found++;
            assert_string_equal(list[i].value, wanted[k].value);
            assert_int_equal(list[i].kind, wanted[k].kind);
            assert_int_equal(list[i].is_hparam, wanted[k].is_hparam);
        }
    }
    assert_int_equal(n_found, sizeof wanted / sizeof *wanted);
    free(list);
    ws_flags_deinit(&p.flags);
}

/** Whether a run with some options reads a flag; what it does not read has its default. */
static bool is_compared(const ws_train_options *options, const char *name)
{
    size_t n = 0;
    ws_setting *list = ws_settings_list(options, &n);
    bool is_read = false;

    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0) {
            assert_true(list[i].is_hparam); /* runs that do not read it have the column, too */
            is_read = list[i].is_read;
            if (!is_read)
                assert_string_equal(list[i].value, list[i].usual);
        }
    free(list);
    return is_read;
}

/** A flag has the value of the run's preset, unless it was given. */
static void the_list_has_usual_values(void **state)
{
    char *given[] = {(char[]){"--preset=fast"}, (char[]){"--warmup=0.2"},
                     (char[]){"--optimizer=adam"}, (char[]){"--sample_rate=8000"}};
    static const struct {
        const char *name, *value, *usual;
    } wanted[] = {
        {"preset", "fast", "tutorial"},
        {"warmup", "0.2", "0.05"},
        {"optimizer", "adam", "sgd_momentum"},
        {"sample_rate", "8000", "16000"},
        {"model_architecture", "tc_resnet_14_1.5", "tc_resnet_14_1.5"},
        {"unknown_redraw", "words", "words"},
        {"momentum", "0.9", "0.9"},
        {"adam_beta1", "0.9", "0.9"},
    };
    parsed p;
    size_t n = 0, n_found = 0;

    (void)state;
    parse(&p, given, (int)(sizeof given / sizeof *given));
    assert_int_equal(ws_preset_apply(&p.flags, &p.options, NULL), WS_OK);
    ws_setting *list = ws_settings_list(&p.options, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            if (strcmp(list[i].name, wanted[k].name) != 0)
                continue;
            n_found++;
            assert_string_equal(list[i].value, wanted[k].value);
            assert_string_equal(list[i].usual, wanted[k].usual);
        }
    assert_int_equal(n_found, sizeof wanted / sizeof *wanted);
    free(list);
    p.options.preset = "of another version";
    list = ws_settings_list(&p.options, &n);
    assert_non_null(list);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, "warmup") == 0)
            assert_string_equal(list[i].usual, "0");
    free(list);
    ws_flags_deinit(&p.flags);
}

/** Columns that say nothing of a run would hide those that do. */
static void runs_are_compared_by_what_they_read(void **state)
{
    parsed p;
    (void)state;

    parse(&p, NULL, 0);
    assert_false(is_compared(&p.options, "adam_beta1"));
    assert_false(is_compared(&p.options, "momentum"));
    assert_false(is_compared(&p.options, "distill_share"));
    assert_false(is_compared(&p.options, "mixednet_stride"));
    p.options.optimizer = "sgd_momentum";
    assert_true(is_compared(&p.options, "momentum"));
    p.options.optimizer = "adamw";
    assert_true(is_compared(&p.options, "adam_beta1"));
    assert_false(is_compared(&p.options, "momentum"));
    p.options.distill = "teacher";
    assert_true(is_compared(&p.options, "distill_share"));
    p.options.model_architecture = "mixednet";
    assert_true(is_compared(&p.options, "mixednet_stride"));
    ws_flags_deinit(&p.flags);
}

/** Gives one flag, and what the run is like otherwise. */
static ws_status check_read(const char *given, const char *const others[2], ws_error *err)
{
    char *text = strdup(given);
    parsed p;

    assert_non_null(text);
    parse(&p, &text, 1);
    for (size_t i = 0; i < 2 && others[i] != NULL; i++) {
        const char *sign = strchr(others[i], '=');
        char name[64] = "";
        memcpy(name, others[i], (size_t)(sign - others[i]));
        const size_t index = ws_flags_find(&ws_train_flags, name);
        assert_true(index < ws_train_flags.n_flags);
        assert_int_equal(ws_flag_put(&ws_train_flags.flags[index], sign + 1, &p.options, NULL),
                         WS_OK);
    }
    const ws_status status = ws_settings_check_read(&p.flags, &p.options, err);
    ws_flags_deinit(&p.flags);
    free(text);
    return status;
}

/* Only what is given counts: the others stand for a preset or a checkpoint. */
static void given_flags_must_be_read(void **state)
{
    static const struct {
        const char *given, *others[2], *message; /* NULL: it is read */
    } cases[] = {
        {"--momentum=0.8",
         {NULL},
         "--momentum has no effect with --optimizer=gradient_descent; expected an optimizer with "
         "\"momentum\" in its name"},
        {"--momentum=0.9", /* the default */
         {"optimizer=adam"},
         "--momentum has no effect with --optimizer=adam; expected an optimizer with \"momentum\" "
         "in its name"},
        {"--momentum=0.8", {"optimizer=sgd_momentum"}, NULL},
        {"--adam_beta2=0.99",
         {"optimizer=momentum"},
         "--adam_beta2 has no effect with --optimizer=momentum; expected an optimizer with "
         "\"adam\" in its name"},
        {"--adam_epsilon=0.1", {"optimizer=adamw", "momentum=0.5"}, NULL},
        {"--distill_share=0.2",
         {NULL},
         "--distill_share has no effect without --distill; expected both or neither"},
        {"--distill_share=0.2", {"distill=teacher"}, NULL},
        {"--spec_augment_time_masks=3",
         {"spec_augment=false"},
         "--spec_augment_time_masks has no effect without --spec_augment; expected both or "
         "neither"},
        {"--spec_augment_time_masks=3", {"spec_augment=true", "adam_beta1=0.5"}, NULL},
        {"--mixednet_stride=2",
         {"model_architecture=conv"},
         "--mixednet_stride has no effect with --model_architecture=conv; expected "
         "--model_architecture=mixednet"},
        {"--mixednet_stride=2", {"model_architecture=mixednet"}, NULL},
        {"--batch_size=3", {"momentum=0.5", "distill_share=0.3"}, NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_error err;
        const ws_status status = check_read(cases[i].given, cases[i].others, &err);
        assert_int_equal(status, cases[i].message == NULL ? WS_OK : WS_EUSAGE);
        if (cases[i].message != NULL)
            assert_string_equal(err.message, cases[i].message);
    }
}

/* The rule goes by names, so every flag with such a trait must have something that reads it. */
static void idle_flags_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        const unsigned depends = WS_FLAG_OF_NETWORK | WS_FLAG_OF_OPTIMIZER | WS_FLAG_OF_SWITCH;
        if ((flag->traits & depends) == 0)
            continue;
        char *given = ws_text_format("--%s=%s", flag->name, flag->initial);
        const char *const on[][2] = {{"model_architecture=mixednet"},
                                     {"optimizer=sgd_momentum"},
                                     {"optimizer=adam"},
                                     {"spec_augment=true", "distill=x"},
                                     {"wake_word=x"}};
        size_t n_reading = 0;
        for (size_t k = 0; k < sizeof on / sizeof *on; k++)
            n_reading += check_read(given, on[k], NULL) == WS_OK;
        assert_int_equal(n_reading, 1);
        free(given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_survive_a_checkpoint),
        cmocka_unit_test(runs_are_compared_by_what_they_read),
        cmocka_unit_test(given_flags_must_be_read),
        cmocka_unit_test(idle_flags_can_be_read),
        cmocka_unit_test(every_setting_comes_back),
        cmocka_unit_test(a_given_flag_must_not_contradict),
        cmocka_unit_test(damaged_settings_are_refused),
        cmocka_unit_test(stored_paths_are_not_expanded),
        cmocka_unit_test(one_setting_is_found_in_a_text),
        cmocka_unit_test(the_list_has_kinds),
        cmocka_unit_test(the_list_has_usual_values),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
