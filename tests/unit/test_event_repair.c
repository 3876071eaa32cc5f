/* inspect/repair: records that are left out or repaired; all others stay unchanged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "inspect/new_file.h"
#include "inspect/repair.h"
#include "unit/event_file.h"
#include "unit/event_findings.h"

static ws_status append(void *user, const void *bytes, size_t n_bytes, ws_error *err)
{
    (void)err;
    made_push_raw(user, bytes, n_bytes);
    return WS_OK;
}

static made_file repair(const made_file *file, ws_event_repaired *repaired)
{
    made_file made = {.size = 0};
    ws_error err = {.message = ""};
    ws_event_repair *repair = ws_event_repair_create();
    assert_int_equal(
        ws_event_repair_bytes(repair, file->bytes, file->size, append, &made, repaired, &err),
        WS_OK);
    ws_event_repair_destroy(repair);
    return made;
}

static void expect_same(const made_file *a, const made_file *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static void a_good_file_is_copied(void **state)
{
    const made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    const made_file made = repair(&file, &repaired);
    expect_same(&file, &made);
    assert_true(repaired.n_records == 5 && repaired.n_records_kept == 5 &&
                repaired.n_values_kept == 3 && repaired.n_changed == 0);
}

/** Damage between two halves of a good file is cut out, wherever it is torn. */
static void damage_is_cut_out(void **state)
{
    made_file more = {.size = 0}, tail = {.size = 0}, whole = good();
    ws_event_repaired repaired;
    (void)state;
    made_push_scalar(&more, "m/more", 4, 1);
    tail.wall_time = 2000;
    made_push_scalar(&tail, "m/good", 5, 5);
    const size_t n_good = whole.size;
    made_push_raw(&whole, tail.bytes, tail.size);
    for (size_t n = 1; n < more.size; n++) {
        made_file file = good();
        made_push_raw(&file, more.bytes, n);
        made_file made = repair(&file, &repaired);
        assert_int_equal(made.size, n_good);
        made_push_raw(&file, tail.bytes, tail.size);
        made = repair(&file, &repaired);
        expect_same(&made, &whole);
    }
    for (size_t at = 0; at < more.size; at++) { /* or has one wrong byte */
        made_file file = good();
        more.bytes[at] ^= 0x40;
        made_push_raw(&file, more.bytes, more.size);
        more.bytes[at] ^= 0x40;
        made_push_raw(&file, tail.bytes, tail.size);
        const made_file made = repair(&file, &repaired);
        expect_same(&made, &whole);
    }
}

static void a_version_comes_first(void **state)
{
    made_file file = {.size = 0};
    ws_event_repaired repaired;
    (void)state;
    made_file made = repair(&file, &repaired);
    assert_true(made.size > 16 && repaired.has_new_version);
    made_push_version(&file, "brain.Event:1");
    made_push_start(&file, 0);
    made = repair(&file, &repaired);
    expect(made, nothing);
    file.size = 0;
    made_push_start(&file, 0);
    made_push_version(&file, "brain.Event:2");
    made_push_scalar(&file, "m/good", 1, 1);
    made = repair(&file, &repaired);
    expect(made, nothing);
    assert_true(repaired.n_records == 3 && repaired.n_records_kept == 2);
}

/** Steps 1 2 3, 2 2 4: of the values at step 2 the last one stays; step 3, which was not
 *  written again, gets its place between 2 and 4. */
static void only_what_was_written_again_goes(void **state)
{
    made_file file = good(), wanted = {.size = 0};
    ws_event_repaired repaired;
    (void)state;
    made_push_scalar(&file, "m/good", 2, 20);
    made_push_scalar(&file, "m/good", 2, 21);
    made_push_scalar(&file, "m/good", 4, 4);
    const made_file made = repair(&file, &repaired);
    expect(made, WS_RULE_TIME_BACK);
    made_begin(&wanted);
    made_push_scalar(&wanted, "m/good", 1, 1);
    wanted.wall_time = 1000 + 5;
    made_push_scalar(&wanted, "m/good", 2, 21);
    wanted.wall_time = 1000 + 3;
    made_push_scalar(&wanted, "m/good", 3, 3);
    wanted.wall_time = 1000 + 6;
    made_push_scalar(&wanted, "m/good", 4, 4);
    expect_same(&made, &wanted);
    assert_true(repaired.n_values == 6 && repaired.n_values_kept == 4 && repaired.n_replaced == 2);
    assert_true(repaired.n_moved == 1 && repaired.n_received == 1);
}

/** Steps that go back all the time: all values come out in order. */
static void descending_steps_are_turned_around(void **state)
{
    made_file file = {.size = 0}, wanted = {.size = 0};
    ws_event_repaired repaired;
    (void)state;
    made_begin(&file);
    made_begin(&wanted);
    for (int step = 20; step > 0; step--)
        made_push_scalar(&file, "m/down", step, (float)step);
    for (int step = 1; step <= 20; step++) {
        wanted.wall_time = 1000 + 1 + 20 - step;
        made_push_scalar(&wanted, "m/down", step, (float)step);
    }
    const made_file made = repair(&file, &repaired);
    expect_same(&made, &wanted);
    assert_true(repaired.n_values == 20 && repaired.n_values_kept == 20 && repaired.n_moved == 19);
}

/** Loaders do not show a value that a START dropped and that a later value hides. */
static void what_a_restart_takes_back_goes(void **state)
{
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    made_push_scalar(&file, "m/good", 7, 7);
    made_push_scalar(&file, "m/good", 5, 5);
    made_push_start(&file, 4);
    made_push_scalar(&file, "m/good", 4, 4);
    expect(file, WS_RULE_STEPS_BACK, WS_RULE_LATE_START);
    const made_file made = repair(&file, &repaired);
    expect(made, WS_RULE_LATE_START);
    assert_true(repaired.n_values == 6 && repaired.n_values_kept == 5);
    assert_true(repaired.n_taken_back == 1 && repaired.n_moved == 0);
}

/** One value of two is left out; the record is rewritten with the other. */
static void single_values_go(void **state)
{
    made_tensor bad;
    Tbproto__Summary__Value fine;
    Tbproto__Summary__Value *const list[] = {&bad.value, &fine};
    char tag[] = "m/fine";
    made_file file = good(), wanted = good();
    ws_event_repaired repaired;
    (void)state;
    made_tensor_init(&bad, "m/bad", "scalars", SCALAR, FLOAT, NULL, 0);
    tbproto__summary__value__init(&fine);
    fine.tag = tag;
    fine.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    fine.simple_value = 7;
    made_push_values(&file, 4, list, 2);
    made_push_scalar(&wanted, "m/fine", 4, 7);
    const made_file made = repair(&file, &repaired);
    expect_same(&made, &wanted);
    assert_true(repaired.n_changed == 1 && repaired.n_values_kept == 4);
}

static void forms_are_mended(void **state)
{
    static const char gif[] = "GIF89a";
    made_tensor made;
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    made_tensor_init(&made, "m/d", "scalars", TENSOR, DOUBLE, (const int64_t[]){1}, 1);
    made.doubles[0] = 0.25;
    made.tensor.n_double_val = 1;
    made_push_tensor(&file, 1, &made);
    made_tensor_init(&made, "m/p", "images", BLOBS, STRING, NULL, 0);
    made_tensor_push(&made, "1", 1);
    made_tensor_push(&made, "2", 1);
    made_tensor_push(&made, gif, 6);
    made.tensor.tensor_shape = NULL;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_SCALAR_FORM, WS_RULE_WRONG_CLASS, WS_RULE_NO_SHAPE);
    const made_file result = repair(&file, &repaired);
    expect(result, nothing);
    assert_int_equal(repaired.n_changed, 2);

    tbe_record record;
    tbe_record_init(&record, sizeof record);
    tbe_reader *reader = tbe_reader_open_memory(result.bytes, result.size, NULL);
    for (int i = 0; i < 6; i++)
        assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_true(record.values[0].is_legacy && record.values[0].scalar == 0.25);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_true(record.values[0].n_dims == 1 && record.values[0].dims[0] == 3);
    tbe_reader_close(reader);
}

/** The first value names the plugin for all; if it is left out, the next one must name it. */
static void what_a_page_is_told_is_kept(void **state)
{
    made_tensor made;
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    made_tensor_init(&made, "m/s", "scalars", SCALAR, FLOAT, NULL, 0);
    made_push_tensor(&file, 1, &made); /* without a number */
    made.value.metadata = NULL;
    made.tensor.n_float_val = 1;
    made_push_tensor(&file, 2, &made);
    made_push_tensor(&file, 3, &made);
    expect(file, WS_RULE_TENSOR);
    const made_file result = repair(&file, &repaired);
    expect(result, nothing);
    assert_true(repaired.n_values_kept == 5 && repaired.n_changed == 1);
}

static tbe_record read_nth(tbe_reader *reader, int n)
{
    tbe_record record;
    tbe_record_init(&record, sizeof record);
    for (int i = 0; i <= n; i++)
        assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    return record;
}

/** Values before the one that names the plugin stay, and the first one then names it. */
static void a_late_page_comes_first(void **state)
{
    made_tensor made;
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    made_tensor_init(&made, "m/s", "scalars", SCALAR, DOUBLE, NULL, 0);
    made.tensor.n_double_val = 1;
    made.doubles[0] = 0.5;
    made.value.metadata = NULL;
    made_push_tensor(&file, 1, &made);
    made.value.metadata = &made.metadata;
    made_push_tensor(&file, 2, &made);
    expect(file, WS_RULE_NO_METADATA, WS_RULE_LATE_METADATA, WS_RULE_SCALAR_FORM);
    const made_file result = repair(&file, &repaired);
    expect(result, nothing);
    assert_true(repaired.n_values == 5 && repaired.n_values_kept == 5);
    tbe_reader *reader = tbe_reader_open_memory(result.bytes, result.size, NULL);
    const tbe_record record = read_nth(reader, 5);
    assert_true(record.values[0].scalar == 0.5 && record.values[0].is_legacy);
    assert_string_equal(record.values[0].plugin, "scalars");
    tbe_reader_close(reader);
}

/** A scalar and a histogram under one tag at the same steps: none replaces the other. */
static void a_second_kind_gets_a_tag(void **state)
{
    made_tensor made;
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    made_push_scalar(&file, "m/good_histograms", 1, 1); /* the tag that it would get */
    made_tensor_init(&made, "m/good", "histograms", TENSOR, DOUBLE, (const int64_t[]){1, 3}, 2);
    made.tensor.n_double_val = 3;
    made.doubles[1] = made.doubles[2] = 1;
    made_push_tensor(&file, 2, &made);
    made_push_tensor(&file, 1, &made); /* back, among its own kind */
    expect(file, WS_RULE_OTHER_FORM, WS_RULE_OTHER_FORM, WS_RULE_STEPS_BACK);
    const made_file result = repair(&file, &repaired);
    expect(result, WS_RULE_TIME_BACK);
    assert_true(repaired.n_values_kept == 6 && repaired.n_renamed == 2 && repaired.n_moved == 1);
    tbe_reader *reader = tbe_reader_open_memory(result.bytes, result.size, NULL);
    const tbe_record record = read_nth(reader, 7);
    assert_string_equal(record.values[0].tag, "m/good_histograms_2");
    assert_int_equal(record.values[0].kind, TBE_VALUE_HISTOGRAM);
    assert_int_equal(record.step, 2);
    tbe_reader_close(reader);
}

static void push_scalar_of(made_file *file, int64_t step, Tbproto__DataType type, double number,
                           int64_t *integer)
{
    made_tensor made;

    made_tensor_init(&made, "m/s", "scalars", SCALAR, type, NULL, 0);
    if (type == DOUBLE) {
        made.tensor.n_double_val = 1;
        made.doubles[0] = number;
    } else {
        made.tensor.n_int64_val = 1;
        made.tensor.int64_val = integer;
    }
    made_push_tensor(file, step, &made);
}

/** Rounding is counted; what would become infinite stays as it is. */
static void numbers_become_floats(void **state)
{
    made_file file = good();
    ws_event_repaired repaired;
    int64_t power = (int64_t)1 << 40, next = power + 1;
    (void)state;
    push_scalar_of(&file, 1, DOUBLE, 0.5, NULL);
    push_scalar_of(&file, 2, DOUBLE, 0.1, NULL);
    push_scalar_of(&file, 3, TBPROTO__DATA_TYPE__DT_INT64, 0, &power);
    push_scalar_of(&file, 4, TBPROTO__DATA_TYPE__DT_INT64, 0, &next);
    push_scalar_of(&file, 5, DOUBLE, 1e300, NULL);
    const made_file result = repair(&file, &repaired);
    expect(result, WS_RULE_SCALAR_TYPE);
    assert_true(repaired.n_values_kept == 8 && repaired.n_rounded == 2 && repaired.n_changed == 4);
}

/** As Python's loader reads them: an edge for each count, the last one is the maximum. With too few
 *  edges neither loader shows any. */
static void histograms_get_their_edges(void **state)
{
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value *const list[] = {&value};
    Tbproto__HistogramProto histogram;
    double edges[] = {1, 2, 3}, counts[] = {4, 5, 6};
    char tag[] = "m/h";
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    tbproto__summary__value__init(&value);
    tbproto__histogram_proto__init(&histogram);
    value.tag = tag;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_HISTO;
    value.histo = &histogram;
    histogram.max = 9;
    histogram.bucket_limit = edges;
    histogram.bucket = counts;
    histogram.n_bucket_limit = 3;
    histogram.n_bucket = 2;
    made_push_values(&file, 1, list, 1);
    histogram.n_bucket_limit = 1;
    made_push_values(&file, 2, list, 1);
    histogram.n_bucket = 3;
    made_push_values(&file, 3, list, 1);
    expect(file, WS_RULE_HISTOGRAM_COUNTS, WS_RULE_HISTOGRAM_COUNTS, WS_RULE_HISTOGRAM_EDGES);
    const made_file result = repair(&file, &repaired);
    expect(result, nothing);
    assert_true(repaired.n_values_kept == 5 && repaired.n_left_out[WS_RULE_HISTOGRAM_EDGES] == 1);
    for (int i = 5; i <= 6; i++) {
        static const double expected[] = {0, 1, 4, 1, 9, 5};
        tbe_reader *reader = tbe_reader_open_memory(result.bytes, result.size, NULL);
        const tbe_record record = read_nth(reader, i);
        assert_int_equal(record.values[0].n_numbers, 6);
        assert_memory_equal(record.values[0].numbers, expected, sizeof expected);
        tbe_reader_close(reader);
    }
}

static void wrong_times_are_replaced(void **state)
{
    Tbproto__Event event;
    Tbproto__Summary summary;
    made_file file = good();
    ws_event_repaired repaired;
    (void)state;
    tbproto__event__init(&event);
    tbproto__summary__init(&summary);
    event.wall_time = (double)NAN;
    event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    made_push_event(&file, &event);
    expect(file, WS_RULE_NAN_TIME, WS_RULE_NO_VALUES);
    const made_file made = repair(&file, &repaired);
    expect(made, WS_RULE_NO_VALUES);
}

/* ---- files ---- */

static void expect_content(const char *path, const char *content)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    assert_int_equal(ws_file_read(path, 100, &bytes, &size, NULL), WS_OK);
    assert_string_equal((const char *)bytes, content);
    free(bytes);
}

static ws_status make(const char *path, bool may_exist, ws_new_file *file)
{
    ws_status status = ws_new_file_create(file, path, path, may_exist, NULL);
    if (status == WS_OK)
        status = ws_new_file_write(file, "new", 3, NULL);
    return status;
}

static void no_file_is_written_over(void **state)
{
    char path[512], kept[512];
    ws_new_file file;
    char *old = NULL;
    size_t n_names = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/a.tfevents.1", scratch_dir);
    assert_int_equal(make(path, false, &file), WS_OK);
    assert_int_equal(ws_file_write(path, "other", 5, NULL), WS_OK); /* meanwhile */
    assert_int_equal(ws_new_file_finish(&file, NULL), WS_EEXISTS);
    ws_new_file_destroy(&file);
    expect_content(path, "other");
    assert_int_equal(make(path, false, &file), WS_EEXISTS);
    ws_new_file_destroy(&file);

    for (int i = 0; i < 2; i++) { /* the old one stays under another name, and so does the next */
        assert_int_equal(chmod(path, 0640), 0);
        assert_int_equal(make(path, true, &file), WS_OK);
        assert_int_equal(ws_new_file_replace(&file, &old, NULL), WS_OK);
        ws_new_file_destroy(&file);
        (void)snprintf(kept, sizeof kept, "%s/a.damaged.1%s", scratch_dir, i == 0 ? "" : ".1");
        assert_string_equal(old, kept);
        expect_content(kept, i == 0 ? "other" : "new");
        expect_content(path, "new");
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0640);
        free(old);
    }
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, 3); /* nothing else is left */
    names_destroy(names, n_names);
}

static void an_unfinished_file_leaves_nothing(void **state)
{
    char path[512];
    ws_new_file file;
    size_t n_names = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/a.tfevents.1", scratch_dir);
    assert_int_equal(make(path, false, &file), WS_OK);
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, 1);
    assert_null(strstr(names[0], "tfevents")); /* TensorBoard does not see it grow */
    names_destroy(names, n_names);
    ws_new_file_destroy(&file);
    names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, 0);
    names_destroy(names, n_names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_is_copied),
        cmocka_unit_test(damage_is_cut_out),
        cmocka_unit_test(a_version_comes_first),
        cmocka_unit_test(only_what_was_written_again_goes),
        cmocka_unit_test(descending_steps_are_turned_around),
        cmocka_unit_test(what_a_restart_takes_back_goes),
        cmocka_unit_test(single_values_go),
        cmocka_unit_test(forms_are_mended),
        cmocka_unit_test(what_a_page_is_told_is_kept),
        cmocka_unit_test(a_late_page_comes_first),
        cmocka_unit_test(a_second_kind_gets_a_tag),
        cmocka_unit_test(numbers_become_floats),
        cmocka_unit_test(histograms_get_their_edges),
        cmocka_unit_test(wrong_times_are_replaced),
        SCRATCH_TEST(no_file_is_written_over),
        SCRATCH_TEST(an_unfinished_file_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
