/* checkpoint/table: bytes as LevelDB writes them; no byte of a file can mislead the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"
#include "checkpoint/table.h"
#include "checkpoint/varint.h"
#include "support/raw_table.h"

static void varints_are_read_as_written(void **state)
{
    static const uint64_t values[] = {0, 1, 127, 128, 300, 1u << 14, UINT32_MAX, UINT64_MAX};
    static const unsigned char too_long[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0x02, 0};
    unsigned char bytes[WS_VARINT_MAX_BYTES];
    uint64_t value = 7;
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const size_t n = ws_varint_write(bytes, values[i]);
        const unsigned char *p = bytes;
        assert_true(ws_varint_read(&p, bytes + n, &value));
        assert_true(value == values[i] && p == bytes + n);
        p = bytes;
        assert_false(ws_varint_read(&p, bytes + n - 1, &value)); /* cut off */
        assert_true(p == bytes);
    }
    assert_int_equal(ws_varint_write(bytes, 300), 2);
    assert_memory_equal(bytes, "\xac\x02", 2);
    assert_int_equal(ws_varint_write(bytes, UINT64_MAX), 10);
    const unsigned char *p = too_long;
    assert_false(ws_varint_read(&p, too_long + sizeof too_long, &value));
}

static void push_text(ws_table_writer *writer, const char *key, const char *value)
{
    ws_table_push(writer, key, strlen(key), value, strlen(value));
}

static void empty_table_has_its_known_bytes(void **state)
{
    static const unsigned char footer[48] = {0,    8,    13,   8,    [40] = 0x57, 0xfb,
                                             0x80, 0x8b, 0x24, 0x75, 0x47,        0xdb};
    ws_table_writer writer;
    ws_table table;
    ws_error err;
    (void)state;
    ws_table_writer_init(&writer);
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
    const ws_buf *file = &writer.file;
    assert_int_equal(file->size, 8 + 5 + 8 + 5 + 48);
    assert_memory_equal(file->data, "\0\0\0\0\1\0\0\0\0", 9);
    assert_memory_equal(file->data + 13, file->data, 13);
    assert_memory_equal(file->data + 26, footer, sizeof footer);
    assert_int_equal(ws_table_init(&table, "t", file->data, file->size, &err), WS_OK);
    assert_int_equal(table.n_entries, 0);
    ws_table_deinit(&table);
    ws_table_writer_deinit(&writer);
}

static void keys_share_their_beginnings_up_to_the_sixteenth(void **state)
{
    ws_table_writer writer;
    ws_error err;
    (void)state;
    ws_table_writer_init(&writer);
    for (int i = 0; i < 18; i++) {
        char key[] = "key?";
        key[3] = (char)('a' + i);
        push_text(&writer, key, "v");
    }
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
    /* first: whole; 15 that share three of four bytes; the 17th whole again; one more */
    const unsigned char *p = writer.file.data;
    assert_memory_equal(p, "\0\4\1keyav\3\1\1bv", 8 + 5);
    assert_memory_equal(p + 8 + 15 * 5, "\0\4\1keyqv\3\1\1rv", 8 + 5);
    const size_t end = 8 + 15 * 5 + 8 + 5;
    const unsigned char restarts[] = {0, 0, 0, 0, 8 + 15 * 5, 0, 0, 0, 2, 0, 0, 0, 0};
    assert_memory_equal(p + end, restarts, sizeof restarts);
    ws_table_writer_deinit(&writer);
}

/** Writes two entries of a block each and asserts the two keys of the index block. */
static void assert_index_keys(const char *last, const char *next, const char *between,
                              const char *after)
{
    ws_table_writer writer;
    ws_error err;
    ws_buf expected;
    const size_t size = 262144;
    char *value = calloc(1, size);
    ws_table_writer_init(&writer);
    ws_table_push(&writer, last, strlen(last), value, size);
    const size_t first_size = writer.file.size - 5;
    ws_table_push(&writer, next, strlen(next), value, size);
    const size_t start = writer.file.size;
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
    ws_buf_init(&expected, 1000);
    ws_buf_push_byte(&expected, 0);
    ws_buf_push_byte(&expected, (unsigned char)strlen(between));
    ws_buf_push_byte(&expected, 4); /* the place: 0 in one byte, the size in three */
    ws_buf_push_string(&expected, between);
    ws_buf_push_byte(&expected, 0);
    ws_varint_push(&expected, first_size);
    ws_buf_push_byte(&expected, 0);
    ws_buf_push_byte(&expected, (unsigned char)strlen(after));
    ws_buf_push_byte(&expected, 6);
    ws_buf_push_string(&expected, after);
    ws_varint_push(&expected, first_size + 5);
    ws_varint_push(&expected, start - first_size - 10);
    assert_memory_equal(writer.file.data + start + 13, expected.data, expected.size);
    ws_buf_deinit(&expected);
    ws_table_writer_deinit(&writer);
    free(value);
}

static void index_keys_are_as_short_as_can_be(void **state)
{
    (void)state;
    assert_index_keys("abcdef", "abzz", "abd", "b");
    assert_index_keys("abc", "abd", "abc", "b"); /* nothing is between c and d */
    assert_index_keys("abcxyz", "abe", "abd", "b");
    assert_index_keys("abc", "abcdef", "abc", "b"); /* one begins with the other */
    assert_index_keys("first", "second_weights", "g", "t");
    assert_index_keys("\xff\xff", "\xff\xff\xff", "\xff\xff", "\xff\xff\xff");
    assert_index_keys("a", "\xff\x61z", "b", "\xff\x62");
}

static char *numbered_key(unsigned i)
{
    return ws_text_format("layer/%06u/%s", i, i % 3 == 0 ? "bias" : "weights/Momentum");
}

/** A table of n entries with values of random lengths, the same for the same seed. */
static void fill_table(ws_table_writer *writer, unsigned n, uint32_t max_value, uint64_t seed)
{
    static unsigned char value[600000];
    ws_random random;
    ws_random_init(&random, seed, WS_RANDOM_TEST, 0, 0);
    for (unsigned i = 0; i < n; i++) {
        char *key = numbered_key(i);
        const uint32_t size = ws_random_below(&random, max_value);
        memset(value, (int)(i & 0xff), size);
        ws_table_push(writer, key, strlen(key), value, size);
        free(key);
    }
}

static void assert_filled(const ws_table *table, unsigned n, uint32_t max_value, uint64_t seed)
{
    ws_random random;
    ws_random_init(&random, seed, WS_RANDOM_TEST, 0, 0);
    assert_int_equal(table->n_entries, n);
    for (unsigned i = 0; i < n; i++) {
        const ws_table_entry *entry = &table->entries[i];
        char *key = numbered_key(i);
        assert_string_equal(ws_table_key(table, entry), key);
        assert_int_equal(entry->key_size, strlen(key));
        assert_int_equal(entry->value_size, ws_random_below(&random, max_value));
        for (size_t k = 0; k < entry->value_size; k++)
            assert_int_equal(entry->value[k], i & 0xff);
        free(key);
    }
}

static void tables_of_many_blocks_are_read_as_written(void **state)
{
    static const struct {
        unsigned n;
        uint32_t max_value;
    } cases[] = {{1, 10}, {16, 10}, {17, 1}, {500, 100}, {60, 600000}, {20000, 60}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_table_writer writer;
        ws_table table;
        ws_error err;
        ws_table_writer_init(&writer);
        fill_table(&writer, cases[i].n, cases[i].max_value, i);
        assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
        assert_int_equal(ws_table_init(&table, "t", writer.file.data, writer.file.size, &err),
                         WS_OK);
        assert_filled(&table, cases[i].n, cases[i].max_value, i);
        ws_table_deinit(&table);
        ws_table_writer_deinit(&writer);
    }
}

static void every_flipped_bit_is_noticed_or_harmless(void **state)
{
    ws_table_writer writer;
    ws_table table;
    ws_error err;
    size_t n_harmless = 0;
    (void)state;
    ws_table_writer_init(&writer);
    fill_table(&writer, 40, 20, 1);
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
    unsigned char *file = writer.file.data;
    for (size_t bit = 0; bit < 8 * writer.file.size; bit++) {
        file[bit / 8] ^= (unsigned char)(1u << bit % 8);
        const ws_status status = ws_table_init(&table, "file name", file, writer.file.size, &err);
        if (status == WS_OK) {
            assert_filled(&table, 40, 20, 1);
            assert_in_range(writer.file.size - bit / 8, 9, 48 - 4); /* padding of the footer */
            n_harmless++;
        } else {
            assert_int_equal(status, WS_EFORMAT);
            assert_non_null(strstr(err.message, "file name: "));
        }
        ws_table_deinit(&table);
        file[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_in_range(n_harmless, 1, 8 * 36);
    ws_table_writer_deinit(&writer);
}

static void every_cut_is_noticed(void **state)
{
    ws_table_writer writer;
    ws_table table;
    ws_error err;
    (void)state;
    ws_table_writer_init(&writer);
    fill_table(&writer, 40, 20, 1);
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_OK);
    for (size_t size = 0; size < writer.file.size; size++) {
        /* a block of its own, so that a sanitizer sees a read past its end */
        unsigned char *cut = malloc(size + 1);
        unsigned char *exact = realloc(cut, size > 0 ? size : 1);
        memcpy(exact, writer.file.data, size);
        assert_int_equal(ws_table_init(&table, "t", exact, size, &err), WS_EFORMAT);
        free(exact);
    }
    ws_table_writer_deinit(&writer);
}

static void malformed_blocks_are_refused(void **state)
{
#define BLOCK(text) (const unsigned char *)("" text), sizeof text - 1
    static const struct {
        const unsigned char *bytes;
        size_t size;
        const char *reason; /* NULL: it is fine */
    } cases[] = {
        {BLOCK("\0\1\1kv\1\1\1mv\0\0\0\0\1\0\0\0"), NULL},
        {BLOCK("\0\1\1kv\0\1\1mv\0\0\0\0\5\0\0\0\2\0\0\0"), NULL},
        {BLOCK(""), "shorter than the number of its restarts"},
        {BLOCK("\1\0\0"), "shorter than the number of its restarts"},
        {BLOCK("\0\0\0\0"), "number of its restarts does not fit"},
        {BLOCK("\0\0\0\0\2\0\0\0"), "number of its restarts does not fit"},
        {BLOCK("\0\0\0\0\xff\xff\xff\xff"), "number of its restarts does not fit"},
        {BLOCK("\0\0\0\0\1\0\0\0"), "it is empty"},
        {BLOCK("\0\1\1kv\1\0\0\0\1\0\0\0"), "first restart is not at its start"},
        {BLOCK("\0\1\1kv\0\0\0\0\4\0\0\0\2\0\0\0"), "not at the start of an entry"},
        {BLOCK("\0\1\1kv\0\1\1mv\0\0\0\0\4\0\0\0\2\0\0\0"), "not at the start of an entry"},
        {BLOCK("\0\1\1kv\0\1\1mv\0\0\0\0\0\0\0\0\2\0\0\0"), "not at the start of an entry"},
        {BLOCK("\0\1\1kv\1\1\1mv\0\0\0\0\5\0\0\0\2\0\0\0"), "at a restart is not whole"},
        {BLOCK("\1\1\1kv\0\0\0\0\1\0\0\0"), "shares more than the key before it has"},
        {BLOCK("\0\1\1kv\2\1\1mv\0\0\0\0\1\0\0\0"), "shares more than the key before it has"},
        {BLOCK("\0\1\2kv\0\0\0\0\1\0\0\0"), "an entry is longer than the block"},
        {BLOCK("\0\3\0kv\0\0\0\0\1\0\0\0"), "an entry is longer than the block"},
        {BLOCK("\0\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1kv\0\0\0\0\1\0\0\0"),
         "an entry is longer than the block"},
        {BLOCK("\0\1\0k\xff\0\0\0\0\1\0\0\0"), "the sizes of an entry are cut off"},
        {BLOCK("\0\1\1kv\0\1\1kv\0\0\0\0\1\0\0\0"), "not in ascending order"},
        {BLOCK("\0\1\1kv\0\1\1av\0\0\0\0\1\0\0\0"), "not in ascending order"},
        {BLOCK("\0\5\0\xff\xff\xff\xff\xff\0\0\0\0\1\0\0\0"), "below those of its data block"},
    };
#undef BLOCK
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_buf file;
        ws_table table;
        ws_error err = {.message = ""};
        ws_buf_init(&file, 4096);
        ws_test_table_wrap(&file, cases[i].bytes, cases[i].size, 0);
        const ws_status status = ws_table_init(&table, "t", file.data, file.size, &err);
        assert_int_equal(status, cases[i].reason == NULL ? WS_OK : WS_EFORMAT);
        if (cases[i].reason != NULL && strstr(err.message, cases[i].reason) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.message, cases[i].reason);
        ws_table_deinit(&table);
        ws_buf_deinit(&file);
    }
}

static void compressed_blocks_are_refused_by_name(void **state)
{
    static const unsigned char block[] = "\0\1\1kv\0\0\0\0\1\0\0\0";
    (void)state;
    for (unsigned char type = 1; type < 4; type++) {
        ws_buf file;
        ws_table table;
        ws_error err;
        ws_buf_init(&file, 4096);
        ws_test_table_wrap(&file, block, sizeof block - 1, type);
        assert_int_equal(ws_table_init(&table, "t", file.data, file.size, &err), WS_EFORMAT);
        assert_non_null(strstr(err.message, type == 1 ? "Snappy" : "expected 0"));
        ws_buf_deinit(&file);
    }
}

static void limits_and_order_are_kept(void **state)
{
    static char long_key[WS_TABLE_MAX_KEY_BYTES + 1];
    ws_table_writer writer;
    ws_error err;
    (void)state;
    memset(long_key, 'k', sizeof long_key);

    ws_table_writer_init(&writer);
    push_text(&writer, "b", "");
    push_text(&writer, "a", "");
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_EINVAL);
    ws_table_writer_deinit(&writer);

    ws_table_writer_init(&writer);
    push_text(&writer, "a", "");
    push_text(&writer, "a", "");
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_EINVAL);
    ws_table_writer_deinit(&writer);

    ws_table_writer_init(&writer);
    ws_table_push(&writer, long_key, sizeof long_key, "", 0);
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_ELIMIT);
    ws_table_writer_deinit(&writer);

    ws_table_writer_init(&writer);
    fill_table(&writer, WS_TABLE_MAX_ENTRIES + 1, 1, 0);
    assert_int_equal(ws_table_finish(&writer, "table", &err), WS_ELIMIT);
    ws_table_writer_deinit(&writer);
}

static void too_long_keys_are_not_read(void **state)
{
    ws_buf block, file;
    ws_table table;
    ws_error err;
    (void)state;
    ws_buf_init(&block, 2 * WS_TABLE_MAX_KEY_BYTES);
    ws_buf_init(&file, 4 * WS_TABLE_MAX_KEY_BYTES);
    ws_buf_push_byte(&block, 0);
    ws_varint_push(&block, WS_TABLE_MAX_KEY_BYTES + 1);
    ws_buf_push_byte(&block, 0);
    for (size_t i = 0; i <= WS_TABLE_MAX_KEY_BYTES; i++)
        ws_buf_push_byte(&block, 'k');
    ws_buf_push_u32le(&block, 0);
    ws_buf_push_u32le(&block, 1);
    ws_test_table_wrap(&file, block.data, block.size, 0);
    assert_int_equal(file.status, WS_OK);
    assert_int_equal(ws_table_init(&table, "t", file.data, file.size, &err), WS_ELIMIT);
    ws_buf_deinit(&block);
    ws_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_are_read_as_written),
        cmocka_unit_test(empty_table_has_its_known_bytes),
        cmocka_unit_test(keys_share_their_beginnings_up_to_the_sixteenth),
        cmocka_unit_test(index_keys_are_as_short_as_can_be),
        cmocka_unit_test(tables_of_many_blocks_are_read_as_written),
        cmocka_unit_test(every_flipped_bit_is_noticed_or_harmless),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(malformed_blocks_are_refused),
        cmocka_unit_test(compressed_blocks_are_refused_by_name),
        cmocka_unit_test(limits_and_order_are_kept),
        cmocka_unit_test(too_long_keys_are_not_read),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
