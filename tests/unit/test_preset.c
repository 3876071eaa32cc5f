/* settings/preset: every preset is made of flags of train with values that a run accepts; given
 * flags win. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "settings/preset.h"
#include "settings/settings.h"
#include "train/trainer.h"

/** Flags as if they were given, "name=value" each. */
static void give(ws_flags *flags, ws_train_options *options, const char *const *texts)
{
    ws_error err;

    assert_int_equal(ws_flags_init(flags, &ws_train_flags, options, &err), WS_OK);
    for (size_t i = 0; texts[i] != NULL; i++) {
        char name[64] = "";
        const char *sign = strchr(texts[i], '=');
        memcpy(name, texts[i], (size_t)(sign - texts[i]));
        const size_t index = ws_flags_find(&ws_train_flags, name);
        assert_true(index < ws_train_flags.n_flags);
        assert_int_equal(ws_flags_set(flags, index, sign + 1, &err), WS_OK);
        flags->given[index] = true;
    }
}

/** The value of a flag as text. */
static const char *value_of(const ws_train_options *options, const char *name)
{
    static char text[WS_FLAG_MAX_TEXT];

    ws_flag_get_text(&ws_train_flags.flags[ws_flags_find(&ws_train_flags, name)], options, text,
                     sizeof text);
    return text;
}

static void every_preset_is_a_run(void **state)
{
    size_t n = 0;
    const ws_preset *presets = ws_presets_get(&n);
    (void)state;

    assert_true(n > 3);
    for (size_t i = 0; i < n; i++) {
        char given[64] = "preset=";
        const char *const texts[] = {strcat(given, presets[i].name), NULL};
        ws_train_options options;
        ws_flags flags;
        ws_error err = {.message = ""};
        give(&flags, &options, texts);
        assert_int_equal(ws_preset_apply(&flags, &options, &err), WS_OK);
        for (size_t k = 0; presets[i].flags[k] != NULL; k++) {
            char name[64] = "";
            const char *flag = presets[i].flags[k], *sign = strchr(flag, '=');
            memcpy(name, flag, (size_t)(sign - flag));
            const size_t index = ws_flags_find(&ws_train_flags, name);
            assert_true(index < ws_train_flags.n_flags);
            /* a checkpoint has what the preset came to */
            assert_true(ws_settings_have(&ws_train_flags.flags[index]));
            assert_string_equal(value_of(&options, name), sign + 1);
        }
        if (ws_train_check(&options, &err) != WS_OK)
            fail_msg("%s: %s", presets[i].name, err.message);
        assert_true(strchr(presets[i].summary, '.') != NULL);
        ws_flags_deinit(&flags);
    }
}

static void the_default_changes_nothing(void **state)
{
    ws_train_options options, before;
    ws_flags flags;
    ws_error err;
    (void)state;

    give(&flags, &options, (const char *const[]){NULL});
    before = options;
    assert_int_equal(ws_preset_apply(&flags, &options, &err), WS_OK);
    assert_memory_equal(&options, &before, sizeof options);
    assert_string_equal(options.preset, "tutorial");
    ws_flags_deinit(&flags);
}

static void given_flags_win(void **state)
{
    ws_train_options options;
    ws_flags flags;
    ws_error err;
    (void)state;

    give(&flags, &options,
         (const char *const[]){"preset=bc_resnet", "learning_rate=0.2", "weight_decay=0",
                               "model_architecture=bc_resnet_2", NULL});
    assert_int_equal(ws_preset_apply(&flags, &options, &err), WS_OK);
    assert_string_equal(value_of(&options, "learning_rate"), "0.2");
    assert_string_equal(value_of(&options, "weight_decay"), "0");
    assert_string_equal(value_of(&options, "model_architecture"), "bc_resnet_2");
    assert_string_equal(value_of(&options, "preprocess"), "log_mel");
    assert_string_equal(value_of(&options, "epochs"), "60");
    ws_flags_deinit(&flags);
    /* steps replace epochs */
    give(&flags, &options,
         (const char *const[]){"preset=bc_resnet", "how_many_training_steps=500", NULL});
    assert_int_equal(ws_preset_apply(&flags, &options, &err), WS_OK);
    assert_string_equal(value_of(&options, "epochs"), "");
    assert_string_equal(value_of(&options, "schedule"), "cosine");
    assert_int_equal(ws_train_check(&options, &err), WS_OK);
    ws_flags_deinit(&flags);
}

static void unknown_ones_are_named(void **state)
{
    ws_train_options options;
    ws_flags flags;
    ws_error err;
    (void)state;

    give(&flags, &options, (const char *const[]){"preset=quick", NULL});
    assert_int_equal(ws_preset_apply(&flags, &options, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "unknown --preset \"quick\", expected one of: tutorial, "));
    ws_flags_deinit(&flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_is_a_run),
        cmocka_unit_test(the_default_changes_nothing),
        cmocka_unit_test(given_flags_win),
        cmocka_unit_test(unknown_ones_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
