/* checkpoint/bundle: indexes with right checksums that say what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bundle.h"
#include "checkpoint/table.h"
#include "support/bundle_file.h"

/** Writes an index of these values (protobuf messages) and an empty data file. */
static void write_index(const ws_test_bundle_folder *f, const char *const (*rows)[2],
                        const size_t *sizes, size_t n)
{
    ws_table_writer writer;
    ws_error err;
    ws_table_writer_init(&writer);
    for (size_t i = 0; i < n; i++)
        ws_table_push(&writer, rows[i][0], strlen(rows[i][0]), rows[i][1], sizes[i]);
    assert_int_equal(ws_table_finish(&writer, "index", &err), WS_OK);
    ws_test_bytes_write(f->index, writer.file.data, writer.file.size);
    ws_test_bytes_write(f->data, "0123456789", 10);
    ws_table_writer_deinit(&writer);
}

static void what_an_index_may_not_say(void **state)
{
#define ROW(text) text, sizeof text - 1
    static const char header[] = "\x08\x01\x1a\x02\x08\x01";
    static const struct {
        const char *header;
        size_t header_size;
        const char *entry; /* NULL: none */
        size_t entry_size;
        const char *reason; /* NULL: it is fine */
    } cases[] = {
        {ROW(header), ROW("\x08\x01\x12\x00\x20\x01\x28\x04"), NULL}, /* float32 scalar at 1 */
        {ROW("\x08\x01"), ROW("\x08\x01\x12\x00\x28\x04"), NULL},     /* no version: before 2016 */
        {ROW(header), ROW("\x08\x02\x12\x00\x28\x08"), NULL},         /* float64: listed */
        {ROW(header), ROW("\x08\x15\x12\x00\x28\x09"), NULL},         /* variant: listed */
        {ROW(header), ROW("\x08\x63\x12\x00\x28\x09"), NULL},         /* type 99: listed */
        {ROW(header), ROW("\x08\x01\x12\x04\x12\x02\x08\x09\x3a\x00"), NULL}, /* partitioned */
        {ROW("\x08\x02\x1a\x02\x08\x01"), NULL, 0, "belongs to 2 data files"},
        {ROW("\x1a\x02\x08\x01"), NULL, 0, "belongs to 0 data files"},
        {ROW("\x08\x01\x10\x01\x1a\x02\x08\x01"), NULL, 0, "big-endian"},
        {ROW("\x08\x01\x1a\x04\x08\x02\x10\x02"), NULL, 0, "format version 2"},
        {ROW("\x08\x01\x1a\x05\x08\x02\x1a\x01\x01"), NULL, 0, "format version 2"},
        {ROW("\x08"), NULL, 0, "the header is malformed"},
        {ROW(header), ROW("\x08"), "the entry of \"x\" is malformed"},
        {ROW(header), ROW("\x08\x01\x28\x04"), "\"x\" has no shape"},
        {ROW(header), ROW("\x08\x01\x12\x02\x18\x01\x28\x04"), "\"x\" has no shape"},
        {ROW(header), ROW("\x08\x01\x12\x00\x28\x05"), "has 5 bytes for 1 elements of float32"},
        {ROW(header), ROW("\x08\x01\x12\x00"), "has 0 bytes for 1 elements"},
        {ROW(header), ROW("\x08\x01\x12\x04\x12\x02\x08\x02\x28\x04"), "4 bytes for 2 elements"},
        {ROW(header), ROW("\x08\x01\x12\x00\x18\x01\x28\x04"), "does not lie in the data file"},
        {ROW(header), ROW("\x08\x01\x12\x00\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x28\x04"),
         "does not lie in the data file"},
        {ROW(header), ROW("\x08\x01\x12\x00\x20\x07\x28\x04"), "should lie at byte 7"},
        {ROW(header), ROW("\x08\x07\x12\x00\x28\x0b"), "should lie at byte 0 with 11 bytes"},
        {ROW(header),
         ROW("\x08\x01\x12\x0d\x12\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x28\x04"),
         "invalid shape"},
        {ROW(header),
         ROW("\x08\x01\x12\x10\x12\x06\x08\x80\x80\x80\x80\x40\x12\x06\x08\x80\x80\x80\x80\x40"
             "\x28\x04"),
         "invalid shape"},
        {ROW(header),
         ROW("\x08\x01\x12\x24\x12\x02\x08\x01\x12\x02\x08\x01\x12\x02\x08\x01\x12\x02\x08\x01\x12"
             "\x02\x08\x01\x12\x02\x08\x01\x12\x02\x08\x01\x12\x02\x08\x01\x12\x02\x08\x01\x28"
             "\x04"),
         "has 9 dimensions"},
    };
#undef ROW
    const ws_test_bundle_folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const rows[2][2] = {{"", cases[i].header}, {"x", cases[i].entry}};
        const size_t sizes[2] = {cases[i].header_size, cases[i].entry_size};
        ws_bundle *bundle = NULL;
        ws_error err = {.message = ""};
        write_index(f, rows, sizes, cases[i].entry != NULL ? 2 : 1);
        const ws_status status = ws_bundle_open(&bundle, f->prefix, &err);
        if (cases[i].reason == NULL && status != WS_OK)
            fail_msg("case %zu: %s", i, err.message);
        if (cases[i].reason != NULL && strstr(err.message, cases[i].reason) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.message, cases[i].reason);
        ws_bundle_close(bundle);
    }
}

static void unknown_kinds_are_listed_but_not_read(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } cases[] = {
        {"\x08\x02\x12\x00\x28\x08", 6, "is of float64, expected float32, int32 or int64"},
        {"\x08\x63\x12\x00\x28\x08", 6, "is of an unknown type"},
        {"\x08\x01\x12\x04\x12\x02\x08\x09\x3a\x00", 10, "saved in pieces"},
    };
    const ws_test_bundle_folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const rows[2][2] = {{"", "\x08\x01"}, {"x", cases[i].bytes}};
        const size_t sizes[2] = {2, cases[i].size};
        unsigned char buffer[8];
        ws_bundle *bundle = NULL;
        ws_error err = {.message = ""};
        write_index(f, rows, sizes, 2);
        assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
        const ws_bundle_entry *entry = ws_bundle_find(bundle, "x");
        assert_int_equal(ws_bundle_read(bundle, entry, buffer, 8, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, cases[i].reason));
        ws_bundle_close(bundle);
    }
}

static void a_table_without_header_is_not_an_index(void **state)
{
    const ws_test_bundle_folder *f = *state;
    const char *const rows[1][2] = {{"x", "\x08\x01"}};
    const size_t sizes[1] = {2};
    ws_bundle *bundle = NULL;
    ws_error err;
    write_index(f, rows, sizes, 1);
    assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "no header"));
}

/** A string whose own CRC is right but whose parts contradict each other. */
static void strings_are_checked_inside(void **state)
{
    static const struct {
        const char *stored; /* length, checksum of the length (wrong), text */
        size_t size;
        const char *reason;
    } cases[] = {
        {"\3\0\0\0\0abc", 8, "CRC-32C of its length"},
        {"\4\0\0\0\0abc", 8, "does not fit"},
        {"\2\0\0\0\0abc", 8, "does not fit"},
        {"\x83\x80\x80\x80\x80\x80\x80\x80\x80\x80", 10, "does not fit"},
        {"\0\0\0", 3, "does not fit"},
        {"", 0, "does not fit"},
    };
    const ws_test_bundle_folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char entry[] = "\x08\x07\x12\x00\x28?";
        entry[5] = (char)cases[i].size;
        const char *const rows[2][2] = {{"", "\x08\x01"}, {"x", entry}};
        const size_t sizes[2] = {2, 6};
        ws_bundle *bundle = NULL;
        char *text = NULL;
        ws_error err = {.message = ""};
        write_index(f, rows, sizes, 2);
        ws_test_bytes_write(f->data, cases[i].stored, cases[i].size);
        assert_int_equal(ws_bundle_open(&bundle, f->prefix, &err), WS_OK);
        assert_int_equal(ws_bundle_read_string(bundle, "x", 99, &text, NULL, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, f->data));
        assert_non_null(strstr(err.message, cases[i].reason));
        ws_bundle_close(bundle);
    }
}

int main(void)
{
#define BUNDLE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, ws_test_bundle_folder_open, ws_test_bundle_folder_close)
    const struct CMUnitTest tests[] = {
        BUNDLE_TEST(what_an_index_may_not_say),
        BUNDLE_TEST(unknown_kinds_are_listed_but_not_read),
        BUNDLE_TEST(a_table_without_header_is_not_an_index),
        BUNDLE_TEST(strings_are_checked_inside),
    };
#undef BUNDLE_TEST
    return cmocka_run_group_tests_name("malformed bundle", tests, NULL, NULL);
}
