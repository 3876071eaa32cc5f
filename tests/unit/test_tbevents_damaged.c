/* tbevents: reading event files that are torn, damaged or meant to harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

/* "accuracy" = 0.5 at step 1: in the older form, as a tensor, and as a tensor in plain bytes */
#define VERSION "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a"
#define LEGACY                                                                                   \
    "1e00000000000000d9dc123209000000000000004010012a110a0f0a086163637572616379150000003fecd031" \
    "12"
#define MODERN                                                                               \
    "34000000000000005e33175c09000000000000004010012a270a250a086163637572616379420a08011200" \
    "2a040000003f4a0d0a090a077363616c617273200131db38bb"

static tbe_record new_record(void)
{
    tbe_record record;
    tbe_record_init(&record, sizeof record);
    return record;
}

/* ---- torn and damaged files ---- */

static void a_torn_file_ends_before_the_tear(void **state)
{
    const size_t n_first = strlen(VERSION) / 2;
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY, &size);
    (void)state;
    for (size_t cut = 0; cut <= size; cut++) {
        const size_t n_whole = cut < n_first ? 0 : cut < size ? n_first : size;
        tbe_reader *reader = tbe_reader_open_memory(bytes, cut, NULL);
        tbe_record record = new_record();
        tbe_status status;
        while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
            ;
        assert_int_equal(status, TBE_END);
        assert_int_equal(tbe_reader_get_offset(reader), n_whole);
        assert_int_equal(tbe_reader_get_n_torn(reader), cut - n_whole);
        tbe_reader_close(reader);
    }
    free(bytes);
}

static void a_file_that_grows_is_read_on(void **state)
{
    char path[512];
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY MODERN, &size);
    size_t n_records = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/growing.tfevents", scratch_dir);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    tbe_reader *reader = tbe_reader_open(path, NULL);
    for (size_t i = 0; i < size; i++) {
        tbe_record record = new_record();
        tbe_status status;
        assert_int_equal(fwrite(bytes + i, 1, 1, file), 1);
        assert_int_equal(fflush(file), 0);
        while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
            n_records++;
        assert_int_equal(status, TBE_END);
    }
    assert_int_equal(n_records, 3);
    tbe_reader_close(reader);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

static void a_wrong_checksum_is_stepped_over(void **state)
{
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY MODERN, &size);
    const size_t at = strlen(VERSION) / 2;
    tbe_record record = new_record();
    (void)state;
    bytes[at + 20] ^= 1;
    tbe_reader *reader = tbe_reader_open_memory(bytes, size, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
    assert_non_null(strstr(tbe_reader_get_message(reader), "byte 40 has a wrong checksum"));
    assert_int_equal(record.n_values, 0);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_true(record.values[0].scalar == 0.5);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
    tbe_reader_close(reader);
    free(bytes);
}

static void a_wrong_length_is_the_end(void **state)
{
    static const uint8_t zeros[64] = {0};
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION, &size);
    tbe_record record = new_record();
    (void)state;
    bytes = realloc(bytes, size + sizeof zeros);
    assert_non_null(bytes);
    memcpy(bytes + size, zeros, sizeof zeros); /* what a power cut leaves */
    tbe_reader *reader = tbe_reader_open_memory(bytes, size + sizeof zeros, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
    assert_non_null(strstr(tbe_reader_get_message(reader), "byte 40"));
    assert_int_equal(tbe_reader_get_offset(reader), 40);
    tbe_reader_close(reader);
    free(bytes);
}

static void an_empty_record_holds_nothing(void **state)
{
    size_t size;
    uint8_t *bytes = bytes_of_hex("000000000000000029039807d8ea82a2" LEGACY, &size);
    tbe_record record = new_record();
    (void)state;
    tbe_reader *reader = tbe_reader_open_memory(bytes, size, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.kind, TBE_RECORD_OTHER);
    assert_true(record.step == 0 && record.n_values == 0 && record.payload.size == 0);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.kind, TBE_RECORD_VALUES);
    tbe_reader_close(reader);
    free(bytes);
}

static void long_records_are_refused(void **state)
{
    tbe_reader_options options;
    size_t size;
    uint8_t *bytes = bytes_of_hex(LEGACY, &size);
    (void)state;
    for (size_t max = 29; max <= 30; max++) {
        tbe_record record = new_record();
        tbe_reader_options_init(&options, sizeof options);
        options.max_record_bytes = max;
        tbe_reader *reader = tbe_reader_open_memory(bytes, size, &options);
        assert_int_equal(tbe_reader_read(reader, &record), max == 30 ? TBE_OK : TBE_EDATA);
        tbe_reader_close(reader);
    }
    free(bytes);
}

static void what_swells_is_refused(void **state)
{
    enum { N = 100000 };
    uint8_t *file = malloc(2 * N + 64);
    Tbproto__Event event;
    tbe_record record = new_record();
    tbproto__event__init(&event);
    (void)state;
    assert_non_null(file);
    /* a hundred thousand values of two bytes, which would take ten megabytes */
    Tbproto__Summary summary;
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value **values = malloc(N * sizeof(Tbproto__Summary__Value *));
    tbproto__summary__init(&summary);
    tbproto__summary__value__init(&value);
    assert_non_null(values);
    for (size_t i = 0; i < N; i++)
        values[i] = &value;
    summary.n_value = N;
    summary.value = values;
    event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    tbe_reader *reader = tbe_reader_open_memory(file, event_frame(&event, file), NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_ELIMIT);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_END); /* it continues */
    tbe_reader_close(reader);
    free(values);
    free(file);
}

static void texts_that_are_not_utf8_are_damage(void **state)
{
    uint8_t file[256];
    char tag[] = "a\xff";
    Tbproto__Event event;
    Tbproto__Summary summary;
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value *values = &value;
    tbe_record record = new_record();
    tbproto__event__init(&event);
    tbproto__summary__init(&summary);
    tbproto__summary__value__init(&value);
    (void)state;
    value.tag = tag;
    summary.n_value = 1;
    summary.value = &values;
    event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    tbe_reader *reader = tbe_reader_open_memory(file, event_frame(&event, file), NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
    assert_non_null(strstr(tbe_reader_get_message(reader), "UTF-8"));
    tbe_reader_close(reader);
}

static void odd_calls_are_refused(void **state)
{
    tbe_record record = new_record();
    tbe_reader_options options;
    char path[512];
    (void)state;
    tbe_reader *reader = tbe_reader_open("", NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EINVAL);
    tbe_reader_close(reader);
    (void)snprintf(path, sizeof path, "%s/absent", scratch_dir);
    reader = tbe_reader_open(path, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EIO);
    assert_non_null(strstr(tbe_reader_get_message(reader), path));
    tbe_reader_close(reader);
    reader = tbe_reader_open(scratch_dir, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EIO);
    tbe_reader_close(reader);
    tbe_reader_options_init(&options, sizeof options);
    options.max_record_bytes = SIZE_MAX;
    reader = tbe_reader_open_memory("", 0, &options);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_ELIMIT);
    tbe_reader_close(reader);
    reader = tbe_reader_open_memory("", 0, NULL);
    record.struct_size = 0;
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EINVAL);
    assert_int_equal(tbe_reader_read(reader, NULL), TBE_EINVAL);
    tbe_reader_close(reader);
    assert_int_equal(tbe_reader_read(NULL, &record), TBE_ENOMEM);
    tbe_reader_close(NULL);
}

/* ---- continuing after damage ---- */

enum { AT_FIRST = 40, AT_SECOND = 86, N_BYTES = 154 }; /* VERSION LEGACY MODERN */

static void read_version(tbe_reader *reader)
{
    tbe_record record = new_record();
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.kind, TBE_RECORD_VERSION);
}

/** The next read fails with that damage; after it only the second scalar is found. */
static void expect_second(tbe_reader *reader, tbe_status status, tbe_damage damage)
{
    tbe_record record = new_record();
    assert_int_equal(tbe_reader_read(reader, &record), status);
    assert_int_equal(tbe_reader_get_damage(reader), damage);
    assert_int_equal(record.offset, AT_FIRST);
    assert_int_equal(tbe_reader_resync(reader), TBE_OK);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(tbe_reader_get_damage(reader), TBE_DAMAGE_NONE);
    assert_true(record.n_values == 1 && record.values[0].scalar == 0.5);
    assert_string_equal(record.values[0].plugin, "scalars");
    assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
    assert_int_equal(tbe_reader_get_n_torn(reader), 0);
}

static void damage_is_named_and_passed(void **state)
{
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY MODERN, &size);
    (void)state;
    assert_int_equal(size, N_BYTES);
    for (int i = 0; i < 2; i++) { /* of the length, of the payload */
        const size_t at = AT_FIRST + (i == 0 ? 0 : 20);
        bytes[at] ^= 1;
        tbe_reader *reader = tbe_reader_open_memory(bytes, size, NULL);
        read_version(reader);
        expect_second(reader, TBE_EDATA, i == 0 ? TBE_DAMAGE_LENGTH : TBE_DAMAGE_CHECKSUM);
        tbe_reader_close(reader);
        bytes[at] ^= 1;
    }
    free(bytes);
}

/** A record that is cut off anywhere does not hide records that were appended after it. */
static void a_tear_in_the_middle_is_passed(void **state)
{
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY MODERN, &size);
    char path[512];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/torn.tfevents", scratch_dir);
    for (size_t n_torn = 1; n_torn < AT_SECOND - AT_FIRST; n_torn++) {
        tbe_record record = new_record();
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, AT_FIRST + n_torn, file), AT_FIRST + n_torn);
        assert_int_equal(fwrite(bytes + AT_SECOND, 1, N_BYTES - AT_SECOND, file), 68);
        assert_int_equal(fclose(file), 0);
        tbe_reader *reader = tbe_reader_open(path, NULL);
        read_version(reader);
        assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
        assert_int_equal(tbe_reader_get_damage(reader),
                         n_torn < 12 ? TBE_DAMAGE_LENGTH : TBE_DAMAGE_CHECKSUM);
        assert_int_equal(tbe_reader_resync(reader), TBE_OK);
        assert_int_equal(tbe_reader_get_offset(reader), AT_FIRST + n_torn);
        assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
        assert_int_equal(record.offset, AT_FIRST + n_torn);
        assert_true(record.values[0].scalar == 0.5);
        tbe_reader_close(reader);
    }
    free(bytes);
}

/** A header that claims more bytes than the file has can be followed by whole records. */
static void a_long_record_that_was_cut_off_is_passed(void **state)
{
    size_t size;
    uint8_t *whole = bytes_of_hex(VERSION LEGACY MODERN, &size);
    uint8_t head[256 + 16], file[N_BYTES];
    Tbproto__Event event;
    char text[201];
    (void)state;
    tbproto__event__init(&event);
    memset(text, 'x', sizeof text);
    text[200] = '\0';
    event.what_case = TBPROTO__EVENT__WHAT_FILE_VERSION;
    event.file_version = text;
    (void)event_frame(&event, head);
    memcpy(file, whole, AT_FIRST);
    memcpy(file + AT_FIRST, head, AT_SECOND - AT_FIRST);
    memcpy(file + AT_SECOND, whole + AT_SECOND, N_BYTES - AT_SECOND);
    tbe_reader *reader = tbe_reader_open_memory(file, sizeof file, NULL);
    read_version(reader);
    expect_second(reader, TBE_END, TBE_DAMAGE_NONE);
    tbe_reader_close(reader);
    free(whole);
}

static void after_the_last_damage_comes_the_end(void **state)
{
    size_t size;
    uint8_t *bytes = bytes_of_hex(VERSION LEGACY, &size);
    tbe_record record = new_record();
    (void)state;
    memset(bytes + AT_FIRST, 0, size - AT_FIRST);
    tbe_reader *reader = tbe_reader_open_memory(bytes, size, NULL);
    read_version(reader);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tbe_reader_resync(reader), TBE_END);
        assert_int_equal(tbe_reader_get_offset(reader), size);
        assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
        assert_int_equal(tbe_reader_get_n_torn(reader), 0);
    }
    tbe_reader_close(reader);
    reader = tbe_reader_open("no such file", NULL);
    assert_int_equal(tbe_reader_resync(reader), TBE_EIO);
    tbe_reader_close(reader);
    assert_int_equal(tbe_reader_resync(NULL), TBE_ENOMEM);
    free(bytes);
}

/** Headers everywhere, each of a false record or of one longer than the file. */
static void a_file_of_heads_ends_the_search(void **state)
{
    enum { N_HEADS = 60000, HEAD = 12 };
    char path[512];
    Tbproto__Event event;
    tbe_record record = new_record();
    char *text = malloc(N_HEADS * HEAD * 2);
    (void)state;
    assert_non_null(text);
    (void)snprintf(path, sizeof path, "%s/heads.tfevents", scratch_dir);
    memset(text, 'x', N_HEADS * HEAD * 2 - 1);
    text[N_HEADS * HEAD * 2 - 1] = '\0';
    tbproto__event__init(&event);
    event.what_case = TBPROTO__EVENT__WHAT_FILE_VERSION;
    event.file_version = text;
    uint8_t *whole = malloc(N_HEADS * HEAD * 2 + 64);
    assert_non_null(whole);
    (void)event_frame(&event, whole); /* its head is of a record twice as long as the file */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < N_HEADS; i++)
        assert_int_equal(fwrite(whole, 1, HEAD, file), HEAD);
    assert_int_equal(fclose(file), 0);
    tbe_reader *reader = tbe_reader_open(path, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
    assert_int_equal(tbe_reader_resync(reader), TBE_ELIMIT);
    assert_non_null(strstr(tbe_reader_get_message(reader), "looks like records"));
    tbe_reader_close(reader);
    free(whole);
    free(text);
}

/** Records that are not events are given as bytes; good records are not searched. */
static void a_record_that_is_not_an_event_is_given_as_bytes(void **state)
{
    static const uint8_t tag[] = "accuracy";
    size_t size;
    uint8_t *bytes = bytes_of_hex(LEGACY MODERN, &size);
    tbe_record record = new_record();
    uint8_t file[512];
    (void)state;
    Tbproto__Event *event = tbproto__event__unpack(NULL, AT_SECOND - AT_FIRST - 16, bytes + 12);
    memcpy(event->summary->value[0]->tag,
           "\xff"
           "ccuracy",
           sizeof tag);
    const size_t n = event_frame(event, file);
    memcpy(file + n, bytes, size);
    tbe_reader *reader = tbe_reader_open_memory(file, n + size, NULL);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_EDATA);
    assert_int_equal(tbe_reader_get_damage(reader), TBE_DAMAGE_EVENT);
    assert_true(record.size == n && record.payload.size == n - 16 && record.n_values == 0);
    assert_int_equal(tbe_reader_resync(reader), TBE_OK);
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.offset, n);
    assert_int_equal(tbe_reader_resync(reader), TBE_OK); /* the next one follows a good one */
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.offset, n + AT_SECOND - AT_FIRST);
    tbe_reader_close(reader);
    tbproto__event__free_unpacked(event, NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_file_ends_before_the_tear),
        SCRATCH_TEST(a_file_that_grows_is_read_on),
        cmocka_unit_test(a_wrong_checksum_is_stepped_over),
        cmocka_unit_test(a_wrong_length_is_the_end),
        cmocka_unit_test(an_empty_record_holds_nothing),
        cmocka_unit_test(long_records_are_refused),
        cmocka_unit_test(what_swells_is_refused),
        cmocka_unit_test(texts_that_are_not_utf8_are_damage),
        SCRATCH_TEST(odd_calls_are_refused),
        cmocka_unit_test(damage_is_named_and_passed),
        SCRATCH_TEST(a_tear_in_the_middle_is_passed),
        cmocka_unit_test(a_long_record_that_was_cut_off_is_passed),
        SCRATCH_TEST(a_file_of_heads_ends_the_search),
        cmocka_unit_test(after_the_last_damage_comes_the_end),
        cmocka_unit_test(a_record_that_is_not_an_event_is_given_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
