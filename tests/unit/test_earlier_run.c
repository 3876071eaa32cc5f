/* What an earlier run left in a directory for checkpoints, moved aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "checkpoint/bundle.h"
#include "settings/settings.h"
#include "support/check.h"
#include "train/earlier_run.h"

/** Writes <dir>/<name> as a checkpoint of a run. */
static void write_checkpoint(const char *name, const char *run_name)
{
    char prefix[512], settings[128];
    ws_error err;

    (void)snprintf(prefix, sizeof prefix, "%s/%s", ws_test_dir, name);
    (void)snprintf(settings, sizeof settings, "run_name=%s\n", run_name);
    const ws_bundle_tensor tensor = {
        .name = WS_SETTINGS_ENTRY,
        .dtype = WS_BUNDLE_STRING,
        .data = settings,
        .size = strlen(settings),
    };
    assert_int_equal(ws_bundle_write(prefix, &tensor, 1, &err), WS_OK);
}

static void assert_is_there(const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", ws_test_dir, name);
    assert_true(ws_bundle_exists(path));
}

/** As bytes, "900" comes after "1000". */
static void the_newest_checkpoint_is_the_one_with_the_highest_step(void **state)
{
    ws_error err;
    (void)state;

    write_checkpoint("conv.ckpt-900", "first");
    write_checkpoint("conv.ckpt-1000", "second");
    write_checkpoint("conv.ckpt-99", "third");
    assert_int_equal(ws_earlier_run_move_aside(ws_test_dir, "second", NULL, &err), WS_OK);
    assert_is_there("conv.ckpt-1000"); /* its own run's stay */
    assert_int_equal(ws_earlier_run_move_aside(ws_test_dir, NULL, NULL, &err), WS_OK);
    assert_is_there("second/conv.ckpt-900");
    assert_is_there("second/conv.ckpt-1000");
    assert_is_there("second/conv.ckpt-99");
}

/** TensorFlow's checkpoints name no run; neither does a damaged one. */
static void checkpoints_without_a_run_name_are_passed_over(void **state)
{
    char path[512];
    ws_error err;
    (void)state;

    write_checkpoint("conv.ckpt-20", "a/b");
    write_checkpoint("conv.ckpt-10", "named");
    (void)snprintf(path, sizeof path, "%s/conv.ckpt-30.index", ws_test_dir);
    assert_int_equal(ws_file_write(path, "no table", 8, &err), WS_OK);
    assert_int_equal(ws_earlier_run_move_aside(ws_test_dir, NULL, NULL, &err), WS_OK);
    assert_is_there("named/conv.ckpt-10");
    write_checkpoint("conv.ckpt-20", "");
    assert_int_equal(ws_earlier_run_move_aside(ws_test_dir, NULL, NULL, &err), WS_OK);
    assert_is_there("earlier/conv.ckpt-20");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_checkpoint_is_the_one_with_the_highest_step,
                                        ws_test_dir_set_up, ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(checkpoints_without_a_run_name_are_passed_over,
                                        ws_test_dir_set_up, ws_test_dir_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
