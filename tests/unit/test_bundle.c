/* checkpoint/bundle: arrays are written and read back; damage, limits and a full disk are reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "checkpoint/bundle.h"
#include "support/bundle_file.h"

static const float weights[2][3] = {{1, -2.5f, 3}, {4, 5, 1e-30f}};
static const int64_t global_step = INT64_C(1) << 40;
static const int32_t flag = -1;
static const char settings[] = "architecture=conv\nwords=yes,no\n\0rest";

/* deliberately not in the order of names */
static const ws_bundle_tensor tensors[] = {
    {.name = "wordspot/settings",
     .dtype = WS_BUNDLE_STRING,
     .data = settings,
     .size = sizeof settings - 1},
    {.name = "global_step",
     .dtype = WS_BUNDLE_INT64,
     .data = &global_step,
     .size = sizeof global_step},
    {.name = "first_weights",
     .dtype = WS_BUNDLE_FLOAT32,
     .n_dims = 2,
     .dims = {2, 3},
     .data = weights,
     .size = sizeof weights},
    {.name = "empty", .dtype = WS_BUNDLE_FLOAT32, .n_dims = 2, .dims = {0, 7}},
    {.name = "first_time_flag", .dtype = WS_BUNDLE_INT32, .data = &flag, .size = sizeof flag},
    {.name = "nothing", .dtype = WS_BUNDLE_STRING, .data = "", .size = 0},
};
enum { N_TENSORS = sizeof tensors / sizeof *tensors };

static void bundles_are_read_as_written(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_bundle *bundle = NULL;
    size_t n_entries, size = 99;
    float floats[6];
    int64_t step = 0;
    int32_t whole = 0;
    char *text = NULL;
    assert_int_equal(ws_bundle_write(f->prefix, tensors, N_TENSORS, &err), WS_OK);
    assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
    const ws_bundle_entry *entries = ws_bundle_entries(bundle, &n_entries);
    assert_int_equal(n_entries, N_TENSORS);
    for (size_t i = 1; i < n_entries; i++)
        assert_true(strcmp(entries[i - 1].name, entries[i].name) < 0);
    const ws_bundle_wanted wanted_weights = {"first_weights", WS_BUNDLE_FLOAT32, 2, {2, 3}};
    const ws_bundle_wanted wanted_step = {"global_step", WS_BUNDLE_INT64, 0, {0}};
    const ws_bundle_wanted wanted_flag = {"first_time_flag", WS_BUNDLE_INT32, 0, {0}};
    assert_int_equal(ws_bundle_read_wanted(bundle, &wanted_weights, floats, &err), WS_OK);
    assert_memory_equal(floats, weights, sizeof weights);
    assert_int_equal(ws_bundle_read_wanted(bundle, &wanted_step, &step, &err), WS_OK);
    assert_true(step == global_step);
    assert_int_equal(ws_bundle_read_wanted(bundle, &wanted_flag, &whole, &err), WS_OK);
    assert_int_equal(whole, -1);
    assert_int_equal(
        ws_bundle_read_string(bundle, "wordspot/settings", sizeof settings - 1, &text, &size, &err),
        WS_OK);
    assert_int_equal(size, sizeof settings - 1);
    assert_memory_equal(text, settings, sizeof settings);
    free(text);
    assert_int_equal(ws_bundle_read_string(bundle, "nothing", 0, &text, &size, &err), WS_OK);
    assert_int_equal(size, 0);
    assert_string_equal(text, "");
    free(text);
    const ws_bundle_entry *empty = ws_bundle_find(bundle, "empty");
    assert_int_equal(empty->masked_crc, 0xa282ead8u);
    assert_int_equal(ws_bundle_read(bundle, empty, floats, 0, &err), WS_OK);
    assert_null(ws_bundle_find(bundle, "first"));
    ws_bundle_close(bundle);
}

static void an_empty_bundle_is_one_too(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_bundle *bundle = NULL;
    size_t n_entries = 9;
    assert_false(ws_bundle_exists(f->prefix));
    assert_int_equal(ws_bundle_write(f->prefix, NULL, 0, &err), WS_OK);
    assert_true(ws_bundle_exists(f->prefix));
    assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
    (void)ws_bundle_entries(bundle, &n_entries);
    assert_int_equal(n_entries, 0);
    assert_null(ws_bundle_find(bundle, "x"));
    ws_bundle_close(bundle);
}

static void differences_are_named(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_bundle *bundle = NULL;
    char *text = NULL;
    float floats[6];
    const ws_bundle_wanted missing = {"second_bias", WS_BUNDLE_FLOAT32, 1, {4}};
    const ws_bundle_wanted other_shape = {"first_weights", WS_BUNDLE_FLOAT32, 2, {3, 2}};
    const ws_bundle_wanted other_type = {"global_step", WS_BUNDLE_INT32, 0, {0}};
    assert_int_equal(ws_bundle_write(f->prefix, tensors, N_TENSORS, &err), WS_OK);
    assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
    assert_int_equal(ws_bundle_read_wanted(bundle, &missing, floats, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, f->index));
    assert_non_null(strstr(err.message, "second_bias"));
    assert_int_equal(ws_bundle_read_wanted(bundle, &other_shape, floats, &err), WS_EINVAL);
    assert_non_null(
        strstr(err.message, "\"first_weights\" is float32 [2,3], expected float32 [3,2]"));
    assert_int_equal(ws_bundle_read_wanted(bundle, &other_type, floats, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "\"global_step\" is int64 [], expected int32 []"));
    const ws_bundle_entry *entry = ws_bundle_find(bundle, "first_weights");
    assert_int_equal(ws_bundle_read(bundle, entry, floats, 4, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "has 24 bytes, expected 4"));
    entry = ws_bundle_find(bundle, "wordspot/settings");
    assert_int_equal(ws_bundle_read(bundle, entry, floats, 4, &err), WS_EINVAL);
    assert_int_equal(ws_bundle_read_string(bundle, "global_step", 99, &text, NULL, &err),
                     WS_EINVAL);
    assert_int_equal(ws_bundle_read_string(bundle, "nowhere", 99, &text, NULL, &err), WS_ENOTFOUND);
    for (size_t max = 0; max < sizeof settings - 1; max++)
        assert_int_equal(ws_bundle_read_string(bundle, "wordspot/settings", max, &text, NULL, &err),
                         WS_ELIMIT);
    ws_bundle_close(bundle);
}

static void wrong_arrays_are_not_written(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_bundle_tensor wrong[2] = {tensors[1], tensors[1]};
    assert_int_equal(ws_bundle_write(f->prefix, wrong, 2, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "\"global_step\" is given twice"));
    wrong[0].size--;
    assert_int_equal(ws_bundle_write(f->prefix, wrong, 1, &err), WS_EINVAL);
    wrong[0] = tensors[2];
    wrong[0].dims[0] = -2;
    assert_int_equal(ws_bundle_write(f->prefix, wrong, 1, &err), WS_EINVAL);
    wrong[0] = tensors[0];
    wrong[0].n_dims = 1;
    assert_int_equal(ws_bundle_write(f->prefix, wrong, 1, &err), WS_EINVAL);
    wrong[0] = tensors[1];
    wrong[0].name = "";
    assert_int_equal(ws_bundle_write(f->prefix, wrong, 1, &err), WS_EINVAL);
    assert_int_equal(ws_bundle_write("/nowhere/conv.ckpt-1", tensors, 1, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "/nowhere/conv.ckpt-1.data-00000-of-00001"));
    char *names = ws_test_names(f->dir);
    assert_string_equal(names, "");
    free(names);
}

/** Reads all of a changed bundle and asserts an error that names a file, or the right values.
 *  @return whether there was an error */
static bool assert_noticed_or_same(const ws_test_bundle_folder *f, const ws_buf *want)
{
    ws_buf got;
    ws_error err = {.message = ""};
    ws_buf_init(&got, 65536);
    const ws_status status = ws_test_bundle_read_all(f->prefix, &got, &err);
    if (status == WS_OK) {
        assert_int_equal(got.size, want->size);
        assert_memory_equal(got.data, want->data, want->size);
    } else {
        assert_true(strstr(err.message, f->prefix) == err.message);
        assert_int_equal(status, WS_EFORMAT);
    }
    ws_buf_deinit(&got);
    return status != WS_OK;
}

/** Flips every bit of a file and cuts it at every length. @return how many bits did no harm */
static size_t damage_file(const ws_test_bundle_folder *f, const char *path, const ws_buf *want)
{
    size_t size, n_harmless = 0;
    unsigned char *bytes = ws_test_bytes_read(path, &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ws_test_bytes_write(path, bytes, size);
        n_harmless += !assert_noticed_or_same(f, want);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        ws_test_bytes_write(path, bytes, cut);
        assert_true(assert_noticed_or_same(f, want));
    }
    ws_test_bytes_write(path, bytes, size);
    assert_false(assert_noticed_or_same(f, want));
    free(bytes);
    return n_harmless;
}

static void every_damaged_byte_is_noticed_or_harmless(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_buf want;
    ws_buf_init(&want, 65536);
    assert_int_equal(ws_bundle_write(f->prefix, tensors, N_TENSORS, &err), WS_OK);
    assert_int_equal(ws_test_bundle_read_all(f->prefix, &want, &err), WS_OK);
    assert_int_equal(damage_file(f, f->data, &want), 0);
    assert_in_range(damage_file(f, f->index, &want), 1, 8 * 36); /* the footer's padding */
    ws_buf_deinit(&want);
}

static void damage_is_reported_with_name_and_place(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    ws_buf all;
    size_t size;
    ws_buf_init(&all, 65536);
    assert_int_equal(ws_bundle_write(f->prefix, tensors, N_TENSORS, &err), WS_OK);
    unsigned char *bytes = ws_test_bytes_read(f->data, &size);
    bytes[9] ^= 1; /* in first_weights, after the 4 bytes of first_time_flag */
    ws_test_bytes_write(f->data, bytes, size);
    assert_int_equal(ws_test_bundle_read_all(f->prefix, &all, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, f->data));
    assert_non_null(strstr(err.message, "\"first_weights\" is damaged (the CRC-32C of its 24 bytes "
                                        "at byte 4 does not match the index)"));
    bytes[9] ^= 1;
    ws_test_bytes_write(f->data, bytes, size - 1);
    assert_int_equal(ws_test_bundle_read_all(f->prefix, &all, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "cut off"));
    assert_int_equal(unlink(f->data), 0);
    assert_int_equal(ws_test_bundle_read_all(f->prefix, &all, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, f->data));
    assert_int_equal(unlink(f->index), 0);
    assert_int_equal(ws_test_bundle_read_all(f->prefix, &all, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, f->index));
    free(bytes);
    ws_buf_deinit(&all);
}

static void a_full_disk_leaves_the_old_checkpoint(void **state)
{
    const ws_test_bundle_folder *f = *state;
    static const size_t limits[] = {0, 100, 4095};
    float values[1024] = {1};
    const ws_bundle_tensor big = {"weights", WS_BUNDLE_FLOAT32, 1, {1024}, values, sizeof values};
    char *other = ws_path_join(f->dir, "conv.ckpt-2");
    ws_bundle *bundle = NULL;
    ws_error err;
    ws_test_bundle_write(f->prefix, 7, 2);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        ws_test_limit_files(limits[i]);
        const ws_status same = ws_bundle_write(f->prefix, &big, 1, &err);
        const ws_status new = ws_bundle_write(other, &big, 1, &err);
        ws_test_unlimit_files();
        assert_int_equal(same, WS_EIO);
        assert_int_equal(new, WS_EIO);
        assert_non_null(strstr(err.message, other));
        char *names = ws_test_names(f->dir);
        assert_string_equal(names, "conv.ckpt-1.data-00000-of-00001 conv.ckpt-1.index");
        free(names);
    }
    const ws_bundle_wanted wanted = {"weights", WS_BUNDLE_FLOAT32, 1, {2}};
    assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
    assert_int_equal(ws_bundle_read_wanted(bundle, &wanted, values, &err), WS_OK);
    assert_true(values[0] == 7 && values[1] == 8);
    ws_bundle_close(bundle);
    free(other);
}

/** The data fits and the index does not: that of many empty arrays is the larger file. */
static void a_full_disk_at_the_index_leaves_nothing(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_bundle_tensor many[50];
    char names_of[50][8];
    ws_error err;
    for (size_t i = 0; i < 50; i++) {
        names_of[i][0] = 'a';
        names_of[i][1] = (char)('0' + i / 10);
        names_of[i][2] = (char)('0' + i % 10);
        names_of[i][3] = '\0';
        many[i] = (ws_bundle_tensor){
            .name = names_of[i], .dtype = WS_BUNDLE_FLOAT32, .n_dims = 1, .dims = {0}};
    }
    ws_test_limit_files(100);
    const ws_status status = ws_bundle_write(f->prefix, many, 50, &err);
    ws_test_unlimit_files();
    assert_int_equal(status, WS_EIO);
    assert_non_null(strstr(err.message, ".index"));
    char *names = ws_test_names(f->dir);
    assert_string_equal(names, "");
    free(names);
}

static void a_name_that_is_taken_leaves_nothing(void **state)
{
    const ws_test_bundle_folder *f = *state;
    ws_error err;
    assert_int_equal(mkdir(f->index, 0777), 0); /* a directory: the rename fails */
    assert_int_equal(ws_bundle_write(f->prefix, tensors, N_TENSORS, &err), WS_EIO);
    assert_non_null(strstr(err.message, f->index));
    char *names = ws_test_names(f->dir);
    assert_string_equal(names, "conv.ckpt-1.index");
    free(names);
}

int main(void)
{
#define BUNDLE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, ws_test_bundle_folder_open, ws_test_bundle_folder_close)
    const struct CMUnitTest tests[] = {
        BUNDLE_TEST(bundles_are_read_as_written),
        BUNDLE_TEST(an_empty_bundle_is_one_too),
        BUNDLE_TEST(differences_are_named),
        BUNDLE_TEST(wrong_arrays_are_not_written),
        BUNDLE_TEST(every_damaged_byte_is_noticed_or_harmless),
        BUNDLE_TEST(damage_is_reported_with_name_and_place),
        BUNDLE_TEST(a_full_disk_leaves_the_old_checkpoint),
        BUNDLE_TEST(a_full_disk_at_the_index_leaves_nothing),
        BUNDLE_TEST(a_name_that_is_taken_leaves_nothing),
    };
#undef BUNDLE_TEST
    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
