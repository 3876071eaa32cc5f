/* checkpoint/state: the text file `checkpoint`, in every form that protobuf's text format allows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "checkpoint/state.h"
#include "support/bundle_file.h"
#include "support/check.h"

typedef struct folder {
    char dir[256];
    char *file;
} folder;

static int open_folder(void **state)
{
    folder *f = calloc(1, sizeof *f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    f->file = ws_path_join(f->dir, "checkpoint");
    *state = f;
    return 0;
}

static int close_folder(void **state)
{
    folder *f = *state;
    ws_test_remove_dir(f->dir);
    free(f->file);
    free(f);
    return 0;
}

static void lists_are_read_as_written(void **state)
{
    const folder *f = *state;
    ws_text_list names = {.items = NULL};
    ws_checkpoint_state read;
    ws_error err;
    static const char *const given[] = {"conv.ckpt-100", "a \"quoted\" \\ name",
                                        "w\xc3\xb6rter\n1"};
    assert_int_equal(ws_checkpoint_state_write(f->dir, &names, &err), WS_EINVAL);
    assert_false(ws_file_exists(f->file));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ws_text_list_push(&names, given[i]), WS_OK);
    assert_int_equal(ws_checkpoint_state_write(f->dir, &names, &err), WS_OK);
    assert_int_equal(ws_checkpoint_state_read(f->dir, &read, &err), WS_OK);
    assert_string_equal(read.latest, given[2]);
    assert_int_equal(read.all.n_items, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(read.all.items[i], given[i]);
    ws_checkpoint_state_deinit(&read);
    ws_text_list_deinit(&names);
    size_t size;
    char *text = (char *)ws_test_bytes_read(f->file, &size);
    assert_string_equal(text, "model_checkpoint_path: \"w\\303\\266rter\\0121\"\n"
                              "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                              "all_model_checkpoint_paths: \"a \\\"quoted\\\" \\\\ name\"\n"
                              "all_model_checkpoint_paths: \"w\\303\\266rter\\0121\"\n");
    free(text);
}

static void all_forms_of_text_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *latest; /* NULL: none */
        size_t n_all;
    } cases[] = {
        {"", NULL, 0},
        {"# nothing\n", NULL, 0},
        {"model_checkpoint_path: \"a\"", "a", 0},
        {"model_checkpoint_path:'a'", "a", 0},
        {"model_checkpoint_path : \"a\" 'b'\n\"c\"", "abc", 0},
        {"model_checkpoint_path: \"a\"; all_model_checkpoint_paths: \"a\", # the end", "a", 1},
        {"model_checkpoint_path: \"a\"\r\nall_model_checkpoint_paths: \"a\"\r\n", "a", 1},
        {"model_checkpoint_path: \"a\" model_checkpoint_path: \"b\"", "b", 0},
        {"model_checkpoint_path: \"\\x41\\102\\'\\\"\\\\\\t\\?\\X4a\"", "AB'\"\\\t?J", 0},
        {"model_checkpoint_path: \"/tmp/t\\\\conv.ckpt-18000\"", "/tmp/t\\conv.ckpt-18000", 0},
        {"all_model_checkpoint_timestamps: 1.5e9\nlast_preserved_timestamp: -inf\n"
         "model_checkpoint_path: \"a\"",
         "a", 0},
        {"all_model_checkpoint_timestamps: [1, 2.5] model_checkpoint_path: \"a\"", "a", 0},
        {"other { x: \"}\" y < z: 1 > } model_checkpoint_path: \"a\"", "a", 0},
        {"other: { } model_checkpoint_path: \"a\"", "a", 0},
    };
    const folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_checkpoint_state read;
        ws_error err = {.message = ""};
        ws_test_bytes_write(f->file, cases[i].text, strlen(cases[i].text));
        if (ws_checkpoint_state_read(f->dir, &read, &err) != WS_OK)
            fail_msg("case %zu: %s", i, err.message);
        if (cases[i].latest == NULL)
            assert_null(read.latest);
        else
            assert_string_equal(read.latest, cases[i].latest);
        assert_int_equal(read.all.n_items, cases[i].n_all);
        ws_checkpoint_state_deinit(&read);
    }
}

static void malformed_text_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        {"\n\nmodel_checkpoint_path \"a\"", "line 3 is malformed: expected a colon"},
        {"model_checkpoint_path: a", "expected a name in quotes"},
        {"model_checkpoint_path: 1", "expected a name in quotes"},
        {"model_checkpoint_path:", "expected a name in quotes"},
        {"model_checkpoint_path: \"a", "expected a closing quote"},
        {"model_checkpoint_path: \"a\n\"", "expected a closing quote"},
        {"model_checkpoint_path: \"a'", "expected a closing quote"},
        {"model_checkpoint_path: \"\\q\"", "expected a known escape"},
        {"model_checkpoint_path: \"\\777\"", "expected a known escape"},
        {"model_checkpoint_path: \"\\0\"", "expected a known escape"},
        {"model_checkpoint_path: \"\\x\"", "expected a known escape"},
        {"model_checkpoint_path: \"\\", "expected a known escape"},
        {"{", "expected the name of a field"},
        {"\"a\"", "expected the name of a field"},
        {"other {", "expected a value"},
        {"other: ", "expected a value"},
        {"other: }", "expected an opening bracket"},
        {"other { \"", "expected a closing quote"},
    };
    const folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_checkpoint_state read;
        ws_error err = {.message = ""};
        ws_test_bytes_write(f->file, cases[i].text, strlen(cases[i].text));
        assert_int_equal(ws_checkpoint_state_read(f->dir, &read, &err), WS_EFORMAT);
        if (strstr(err.message, cases[i].reason) == NULL ||
            strstr(err.message, f->file) != err.message)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.message, cases[i].reason);
        assert_null(read.latest);
    }
    ws_checkpoint_state read;
    ws_error err;
    ws_test_bytes_write(f->file, "model\0", 6);
    assert_int_equal(ws_checkpoint_state_read(f->dir, &read, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "is not a text file"));
    assert_int_equal(ws_checkpoint_state_read("/nowhere", &read, &err), WS_ENOTFOUND);
}

static void assert_prefix(const char *dir, const char *name, const char *want)
{
    char *prefix = ws_checkpoint_state_prefix(dir, name);
    assert_string_equal(prefix, want);
    free(prefix);
}

static void names_lead_into_the_directory(void **state)
{
    const folder *f = *state;
    char *here = ws_path_join(f->dir, "conv.ckpt-1");
    assert_prefix("dir", "conv.ckpt-1", "dir/conv.ckpt-1");
    assert_prefix("dir", "sub/conv.ckpt-1", "dir/sub/conv.ckpt-1");
    assert_prefix("dir", "/abs/conv.ckpt-1", "/abs/conv.ckpt-1");
    assert_prefix(f->dir, here, here);
    ws_test_bundle_write(here, 1, 1);
    assert_prefix(f->dir, "/old/place/conv.ckpt-1", here);
    assert_prefix(f->dir, "old/place/conv.ckpt-1", here);
    assert_prefix(f->dir, "C:\\old\\conv.ckpt-1", here);
    assert_prefix(f->dir, "/old/place/conv.ckpt-2", "/old/place/conv.ckpt-2");
    free(here);
}

static void removing_takes_all_files_of_one(void **state)
{
    const folder *f = *state;
    ws_error err;
    char *one = ws_path_join(f->dir, "conv.ckpt-1");
    char *other = ws_path_join(f->dir, "conv.ckpt-10");
    char *meta = ws_path_join(f->dir, "conv.ckpt-1.meta");
    ws_test_bundle_write(one, 1, 1);
    ws_test_bundle_write(other, 1, 1);
    ws_test_bytes_write(meta, "", 0);
    assert_int_equal(ws_checkpoint_remove(one, &err), WS_OK);
    assert_int_equal(ws_checkpoint_remove(one, &err), WS_OK); /* nothing left: fine */
    char *names = ws_test_names(f->dir);
    assert_string_equal(names, "conv.ckpt-10.data-00000-of-00001 conv.ckpt-10.index");
    free(names);
    free(meta);
    free(other);
    free(one);
}

int main(void)
{
#define STATE_TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)
    const struct CMUnitTest tests[] = {
        STATE_TEST(lists_are_read_as_written),
        STATE_TEST(all_forms_of_text_are_read),
        STATE_TEST(malformed_text_is_refused_with_its_line),
        STATE_TEST(names_lead_into_the_directory),
        STATE_TEST(removing_takes_all_files_of_one),
    };
#undef STATE_TEST
    return cmocka_run_group_tests_name("checkpoint state", tests, NULL, NULL);
}
