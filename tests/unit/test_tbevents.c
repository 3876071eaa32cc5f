/* tbevents: the bytes of each event, and what may not be in one. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

static tbe_writer *open_at(double wall_time)
{
    const tbe_options options = fixed_options(wall_time);
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    return writer;
}

/* ---- golden records: bytes that both of TensorBoard's loaders are known to show ---- */

static void files_begin_with_golden_records(void **state)
{
    (void)state;
    event_file *file = close_and_read(open_at(1.0), TBE_OK);
    assert_int_equal(file->n_records, 2);
    assert_record(
        file, 0,
        "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a");
    event_file_destroy(file);

    tbe_options options = fixed_options(1.5);
    options.writer_name = "kws";
    file = close_and_read(tbe_open(scratch_dir, &options), TBE_OK);
    assert_int_equal(file->n_records, 2);
    assert_record(
        file, 0,
        "1f00000000000000514b441809000000000000f83f1a0d627261696e2e4576656e743a3252050a036b"
        "77733b703992");
    assert_record(file, 1, "0d000000000000003c37b83409000000000000f83f3a020801b718825c");
    event_file_destroy(file);

    options.start_step = 300;
    file = close_and_read(tbe_open(scratch_dir, &options), TBE_OK);
    assert_record(file, 1, "100000000000000095fbfe1809000000000000f83f10ac023a020801713b788a");
    event_file_destroy(file);
}

static void scalars_are_golden(void **state)
{
    (void)state;
    tbe_writer *writer = open_at(2.0);
    assert_int_equal(tbe_add_scalar(writer, 1, "accuracy", 0.5f), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 0, "accuracy", 0.0f), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, -1, "a", 1.0f), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 5);
    assert_record(
        file, 2,
        "1e00000000000000d9dc123209000000000000004010012a110a0f0a086163637572616379150000003f"
        "ecd03112");
    assert_record(file, 3,
                  "1c00000000000000c8c1951d0900000000000000402a110a0f0a0861636375726163791500000000"
                  "20904545");
    assert_record(file, 4,
                  "200000000000000029eda95009000000000000004010ffffffffffffffffff012a0a0a080a016115"
                  "0000803f8874007f");
    event_file_destroy(file);
}

/* one red pixel */
#define TINY_PNG                                                     \
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077" \
    "53de0000000f494441547801010400fbff00ff0000030101008d1de5820000000049454e44ae426082"

static void encoded_pictures_are_golden(void **state)
{
    size_t size;
    uint8_t *png = bytes_of_hex(TINY_PNG, &size);
    (void)state;
    tbe_writer *writer = open_at(3.0);
    assert_int_equal(tbe_add_png(writer, 2, "img", png, size), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_record(
        file, 2,
        "7c00000000000000c9e3c7c809000000000000084010022a6f0a6d0a03696d67425808071204120208"
        "03420131420131424889504e470d0a1a0a0000000d49484452000000010000000108020000009077"
        "53de0000000f494441547801010400fbff00ff0000030101008d1de5820000000049454e44ae4260"
        "824a0c0a080a06696d6167657320030eb472f1");
    event_file_destroy(file);
    free(png);
}

static void broken_pictures_are_refused(void **state)
{
    size_t size;
    uint8_t *png = bytes_of_hex(TINY_PNG "00", &size);
    (void)state;
    tbe_writer *writer = open_at(3.0);
    for (size_t cut = 0; cut < size - 1; cut++)
        assert_int_equal(tbe_add_png(writer, 1, "img", png, cut), TBE_EINVAL);
    assert_int_equal(tbe_add_png(writer, 1, "img", png, size), TBE_EINVAL); /* a byte too many */
    for (size_t i = 0; i < size - 1; i++) {
        png[i] ^= 0x40;
        assert_int_equal(tbe_add_png(writer, 1, "img", png, size - 1), TBE_EINVAL);
        png[i] ^= 0x40;
    }
    assert_int_equal(tbe_add_png(writer, 1, "img", NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_add_png(writer, 1, "img", png, size - 1), TBE_OK);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    assert_int_equal(file->n_records, 3);
    event_file_destroy(file);
    free(png);
}

/* ---- what may be in an event ---- */

static const Tbproto__Summary__Value *value_of(const event_file *file, size_t record, size_t i)
{
    const Tbproto__Event *event = file->events[record];
    assert_int_equal(event->what_case, TBPROTO__EVENT__WHAT_SUMMARY);
    assert_true(i < event->summary->n_value);
    return event->summary->value[i];
}

static void tags_of_every_length_are_kept(void **state)
{
    static const size_t lengths[] = {1, 2, 127, 128, 129, 16383, 16384, TBE_MAX_TAG_BYTES};
    enum { N = sizeof lengths / sizeof *lengths };
    char *tag = malloc(TBE_MAX_TAG_BYTES + 2);
    (void)state;
    assert_non_null(tag);
    tbe_writer *writer = open_at(1.0);
    for (size_t i = 0; i < N; i++) {
        memset(tag, 'a', lengths[i]);
        tag[lengths[i]] = '\0';
        assert_int_equal(tbe_add_scalar(writer, (int64_t)i, tag, (float)i), TBE_OK);
    }
    memset(tag, 'a', TBE_MAX_TAG_BYTES + 1);
    tag[TBE_MAX_TAG_BYTES + 1] = '\0';
    assert_int_equal(tbe_add_scalar(writer, 0, tag, 0), TBE_ELIMIT);
    assert_int_equal(tbe_add_scalar(writer, 0, "", 0), TBE_EINVAL);
    assert_int_equal(tbe_add_scalar(writer, 0, NULL, 0), TBE_EINVAL);
    event_file *file = close_and_read(writer, TBE_ELIMIT); /* the first of them */
    assert_int_equal(file->n_records, 2 + N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(strlen(value_of(file, 2 + i, 0)->tag), lengths[i]);
    event_file_destroy(file);
    free(tag);
}

static void tags_are_utf8_without_control_characters(void **state)
{
    static const char *const good[] = {"a b",
                                       "gr\xc3\xbc\xc3\x9f",
                                       "\xe6\x97\xa5\xe6\x9c\xac",
                                       "\xf0\x9f\x98\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xc2\xa0",
                                       "#&?%<b>//\"",
                                       "/lead"};
    static const char *const bad[] = {"\xff",             /* no first byte */
                                      "\x80",             /* continues nothing */
                                      "a\xc3",            /* cut off */
                                      "\xe6\x97",         /* cut off */
                                      "\xc0\x80",         /* overlong NUL */
                                      "\xc1\xbf",         /* overlong */
                                      "\xe0\x9f\xbf",     /* overlong */
                                      "\xf0\x8f\xbf\xbf", /* overlong */
                                      "\xed\xa0\x80",     /* a surrogate */
                                      "\xf4\x90\x80\x80", /* above U+10FFFF */
                                      "\xf8\x88\x80\x80\x80",
                                      "\xe6\x97z",
                                      "a\nb",
                                      "\t",
                                      "\x7f",
                                      "\x01",
                                      "\xc2\x85"};
    (void)state;
    tbe_writer *writer = open_at(1.0);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(tbe_add_scalar(writer, (int64_t)i, good[i], 0), TBE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tbe_add_scalar(writer, (int64_t)i, bad[i], 0), TBE_EINVAL);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    assert_int_equal(file->n_records, 2 + sizeof good / sizeof *good);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(value_of(file, 2 + i, 0)->tag, good[i]);
    event_file_destroy(file);
}

static void steps_and_values_are_exact(void **state)
{
    static const int64_t steps[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    const float values[] = {NAN, INFINITY, -INFINITY, -0.0f, FLT_MIN / 8};
    (void)state;
    tbe_writer *writer = open_at(1.0);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(tbe_add_scalar(writer, steps[i], "x", values[i]), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    for (size_t i = 0; i < 5; i++) {
        const float value = value_of(file, 2 + i, 0)->simple_value;
        assert_int_equal(value_of(file, 2 + i, 0)->value_case,
                         TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE);
        assert_true(file->events[2 + i]->step == steps[i]);
        assert_memory_equal(&value, &values[i], sizeof value);
    }
    event_file_destroy(file);
}

static void many_scalars_make_one_event(void **state)
{
    enum { N = 3000 };
    static char texts[N][16];
    static const char *tags[N];
    static float values[N];
    (void)state;
    for (size_t i = 0; i < N; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "group/%zu", i);
        tags[i] = texts[i];
        values[i] = (float)i;
    }
    tbe_writer *writer = open_at(1.0);
    assert_int_equal(tbe_add_scalars(writer, 7, N, tags, values), TBE_OK);
    assert_int_equal(tbe_add_scalars(writer, 7, 0, NULL, NULL), TBE_OK); /* nothing at all */
    tags[N - 1] = texts[0];
    assert_int_equal(tbe_add_scalars(writer, 8, N, tags, values), TBE_EINVAL);
    assert_non_null(strstr(tbe_get_message(writer), "group/0"));
    assert_int_equal(tbe_add_scalars(writer, 8, TBE_MAX_SCALARS + 1, tags, values), TBE_ELIMIT);
    assert_int_equal(tbe_add_scalars(writer, 8, 1, NULL, values), TBE_EINVAL);
    assert_int_equal(tbe_add_scalars(writer, 8, 1, tags, NULL), TBE_EINVAL);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    assert_int_equal(file->n_records, 3);
    assert_int_equal(file->events[2]->summary->n_value, N);
    for (size_t i = 0; i < N; i++) {
        assert_string_equal(value_of(file, 2, i)->tag, texts[i]);
        assert_true(value_of(file, 2, i)->simple_value == values[i]);
    }
    event_file_destroy(file);
}

static void too_large_an_event_is_refused(void **state)
{
    enum { N = TBE_MAX_EVENT_BYTES / TBE_MAX_TAG_BYTES, SIZE = TBE_MAX_TAG_BYTES + 1 };
    char *texts = malloc((size_t)N * SIZE);
    const char **tags = malloc(N * sizeof *tags);
    float *values = calloc(N, sizeof *values);
    (void)state;
    assert_non_null(texts);
    assert_non_null(tags);
    assert_non_null(values);
    for (size_t i = 0; i < N; i++) {
        char *text = texts + i * SIZE;
        memset(text, 'x', SIZE - 1);
        text[0] = (char)('a' + i % 26);
        text[1] = (char)('a' + i / 26 % 26);
        text[2] = (char)('a' + i / 26 / 26);
        text[SIZE - 1] = '\0';
        tags[i] = text;
    }
    tbe_writer *writer = open_at(1.0);
    assert_int_equal(tbe_add_scalars(writer, 1, N, tags, values), TBE_ELIMIT);
    assert_int_equal(tbe_add_scalars(writer, 1, N / 64, tags, values), TBE_OK);
    event_file *file = close_and_read(writer, TBE_ELIMIT);
    assert_int_equal(file->n_records, 3); /* of a megabyte: more than waits in memory */
    assert_int_equal(file->events[2]->summary->n_value, N / 64);
    event_file_destroy(file);
    free(values);
    free(tags);
    free(texts);
}

static void wall_time_is_checked_and_kept(void **state)
{
    static const double bad[] = {-1.0, 1e10, (double)NAN, HUGE_VAL, -HUGE_VAL};
    (void)state;
    tbe_writer *writer = open_at(5.0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tbe_options options = fixed_options(bad[i]);
        tbe_writer *refused = tbe_open(scratch_dir, &options);
        assert_int_equal(tbe_close(refused, NULL, 0), TBE_EINVAL);
        assert_int_equal(tbe_set_wall_time(writer, bad[i]), TBE_EINVAL);
    }
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_OK);
    assert_int_equal(tbe_set_wall_time(writer, 6.25), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 2, "x", 1), TBE_OK);
    assert_int_equal(tbe_set_wall_time(writer, 0), TBE_OK); /* the clock's */
    assert_int_equal(tbe_add_scalar(writer, 3, "x", 1), TBE_OK);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    assert_int_equal(file->n_records, 5);
    assert_true(file->events[2]->wall_time == 5.0);
    assert_true(file->events[3]->wall_time == 6.25);
    assert_true(file->events[4]->wall_time > 1.6e9);
    event_file_destroy(file);
}

static void descriptions_travel_with_the_first_value(void **state)
{
    static const char *const tags[] = {"a", "b"};
    static const float values[] = {1, 2};
    (void)state;
    tbe_writer *writer = open_at(1.0);
    assert_int_equal(tbe_describe(writer, "a", "old", "old"), TBE_OK);
    assert_int_equal(tbe_describe(writer, "a", NULL, "Share of **right** answers\n\ttoo"), TBE_OK);
    assert_int_equal(tbe_describe(writer, "b", "The b", NULL), TBE_OK);
    assert_int_equal(tbe_describe(writer, "b\n", "The b", NULL), TBE_EINVAL);
    assert_int_equal(tbe_describe(writer, "b", "The\nb", NULL), TBE_EINVAL);
    assert_int_equal(tbe_describe(writer, "b", NULL, "\xff"), TBE_EINVAL);
    assert_int_equal(tbe_describe(writer, "b", NULL, "a\rb"), TBE_EINVAL);
    assert_int_equal(tbe_add_scalar(writer, 1, "b", 1), TBE_OK);
    assert_int_equal(tbe_add_scalars(writer, 2, 2, tags, values), TBE_OK);
    assert_int_equal(tbe_add_scalars(writer, 3, 2, tags, values), TBE_OK);
    assert_int_equal(tbe_describe(writer, "b", "Late", NULL), TBE_OK); /* a usual tag by now */
    assert_int_equal(tbe_add_scalars(writer, 4, 2, tags, values), TBE_OK);
    event_file *file = close_and_read(writer, TBE_EINVAL);
    const Tbproto__SummaryMetadata *metadata = value_of(file, 2, 0)->metadata;
    assert_non_null(metadata);
    assert_string_equal(metadata->display_name, "The b");
    assert_string_equal(metadata->summary_description, "");
    assert_string_equal(metadata->plugin_data->plugin_name, "scalars");
    assert_int_equal(metadata->data_class, TBPROTO__DATA_CLASS__DATA_CLASS_SCALAR);
    metadata = value_of(file, 3, 0)->metadata;
    assert_non_null(metadata);
    assert_string_equal(metadata->display_name, "");
    assert_string_equal(metadata->summary_description, "Share of **right** answers\n\ttoo");
    assert_null(value_of(file, 3, 1)->metadata);
    assert_null(value_of(file, 4, 0)->metadata);
    assert_null(value_of(file, 4, 1)->metadata);
    assert_null(value_of(file, 5, 0)->metadata);
    metadata = value_of(file, 5, 1)->metadata;
    assert_non_null(metadata);
    assert_string_equal(metadata->display_name, "Late");
    event_file_destroy(file);
}

static void odd_options_are_refused(void **state)
{
    struct {
        tbe_options known;
        double later; /* a field of a version to come */
    } newer = {fixed_options(1.0), 0};
    char long_text[TBE_MAX_WRITER_NAME_BYTES + 2];
    (void)state;
    memset(long_text, 'n', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';

    newer.known.struct_size = sizeof newer;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &newer.known), NULL, 0), TBE_OK);
    newer.later = 1;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &newer.known), NULL, 0), TBE_EINVAL);
    newer.known.struct_size = 0;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &newer.known), NULL, 0), TBE_EINVAL);
    newer.known.struct_size = offsetof(tbe_options, wall_time); /* an older program */
    newer.known.wall_time = -1;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &newer.known), NULL, 0), TBE_OK);

    tbe_options options = fixed_options(1.0);
    options.host_name = "a/b";
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options.host_name = "";
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options = fixed_options(1.0);
    options.file_suffix = "\n";
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options = fixed_options(1.0);
    options.flush_interval_s = -2;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options = fixed_options(1.0);
    options.max_wait_s = (double)NAN;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options = fixed_options(1.0);
    options.close_wait_s = 1e9;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_EINVAL);
    options = fixed_options(1.0);
    options.max_waiting_bytes = (size_t)TBE_MAX_WAITING_BYTES + 1;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_ELIMIT);
    options = fixed_options(1.0);
    options.writer_name = long_text;
    assert_int_equal(tbe_close(tbe_open(scratch_dir, &options), NULL, 0), TBE_ELIMIT);
}

/** Writes the same events; with these options. */
static event_file *write_some(const tbe_options *options)
{
    static const char *const tags[] = {"a", "b"};
    tbe_writer *writer = tbe_open(scratch_dir, options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    assert_int_equal(tbe_describe(writer, "b", "B", "the second"), TBE_OK);
    for (int64_t step = 0; step < 3000; step++) {
        const float values[] = {(float)step, 0.5f};
        assert_int_equal(tbe_add_scalars(writer, step, 2, tags, values), TBE_OK);
    }
    assert_int_equal(tbe_add_text(writer, 1, "t", "text"), TBE_OK);
    return close_and_read(writer, TBE_OK);
}

static void a_writer_without_a_thread_writes_the_same(void **state)
{
    tbe_options options = fixed_options(1.0);
    (void)state;
    event_file *with = write_some(&options);
    options.no_thread = 1;
    options.max_waiting_bytes = 1; /* no effect, as all limits of the thread */
    options.max_wait_s = TBE_NO_TIME;
    options.close_wait_s = TBE_NO_TIME;
    event_file *without = write_some(&options);
    assert_int_equal(with->size, without->size);
    assert_memory_equal(with->bytes, without->bytes, with->size);
    event_file_destroy(with);
    event_file_destroy(without);
}

static off_t size_of_file(const tbe_writer *writer)
{
    struct stat info;
    assert_int_equal(stat(tbe_get_path(writer), &info), 0);
    return info.st_size;
}

/** Without a thread and with an interval of no time each call has written when it returns. */
static void each_event_can_be_written_at_once(void **state)
{
    tbe_options options = fixed_options(1.0);
    (void)state;
    options.no_thread = 1;
    options.flush_interval_s = TBE_NO_TIME;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    off_t size = size_of_file(writer);
    assert_true(size > 0);
    for (int64_t step = 1; step <= 20; step++) {
        assert_int_equal(tbe_add_scalar(writer, step, "a", 1.0f), TBE_OK);
        assert_true(size_of_file(writer) > size);
        size = size_of_file(writer);
    }
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 2 + 20);
    event_file_destroy(file);
}

static void the_version_is_that_of_the_header(void **state)
{
    char text[32];
    (void)state;
    assert_int_equal(tbe_version(), TBE_VERSION);
    (void)snprintf(text, sizeof text, "%d.%d.%d", TBE_VERSION / 10000, TBE_VERSION / 100 % 100,
                   TBE_VERSION % 100);
    assert_string_equal(text, TBE_VERSION_STRING);
}

static void macros_and_functions_initialise_alike(void **state)
{
    const tbe_options options_of_macro = TBE_OPTIONS_INIT;
    const tbe_image image_of_macro = TBE_IMAGE_INIT;
    const tbe_audio audio_of_macro = TBE_AUDIO_INIT;
    const tbe_record record_of_macro = TBE_RECORD_INIT;
    tbe_options options;
    tbe_image image;
    tbe_audio audio;
    tbe_record record;
    (void)state;
    tbe_options_init(&options, sizeof options);
    assert_memory_equal(&options, &options_of_macro, sizeof options);
    tbe_image_init(&image, sizeof image);
    assert_memory_equal(&image, &image_of_macro, sizeof image);
    tbe_audio_init(&audio, sizeof audio);
    assert_memory_equal(&audio, &audio_of_macro, sizeof audio);
    tbe_record_init(&record, sizeof record);
    assert_memory_equal(&record, &record_of_macro, sizeof record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(files_begin_with_golden_records),
        SCRATCH_TEST(scalars_are_golden),
        SCRATCH_TEST(encoded_pictures_are_golden),
        SCRATCH_TEST(broken_pictures_are_refused),
        SCRATCH_TEST(tags_of_every_length_are_kept),
        SCRATCH_TEST(tags_are_utf8_without_control_characters),
        SCRATCH_TEST(steps_and_values_are_exact),
        SCRATCH_TEST(many_scalars_make_one_event),
        SCRATCH_TEST(too_large_an_event_is_refused),
        SCRATCH_TEST(wall_time_is_checked_and_kept),
        SCRATCH_TEST(descriptions_travel_with_the_first_value),
        SCRATCH_TEST(odd_options_are_refused),
        SCRATCH_TEST(a_writer_without_a_thread_writes_the_same),
        SCRATCH_TEST(each_event_can_be_written_at_once),
        SCRATCH_TEST(the_version_is_that_of_the_header),
        SCRATCH_TEST(macros_and_functions_initialise_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
