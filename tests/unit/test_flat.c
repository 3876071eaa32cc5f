/* formats/flat_write and flat_read: what is written is read, laid out as the format says, and a
 * damaged file is never read past its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/flat_read.h"
#include "formats/flat_write.h"

static const int64_t wide[] = {-1, INT64_C(1) << 40};
static const float reals[] = {1.5f, -0.25f, 1e-20f};

/** A root with a number of each kind, a text, vectors, and two tables that share a layout. */
static void write_sample(ws_buf *buf)
{
    ws_flat_writer flat;

    ws_buf_init(buf, WS_FLAT_MAX_BYTES);
    ws_flat_open(&flat, buf, "TST1");
    const size_t root = ws_flat_push_table(
        &flat, WS_FLAT_ROOT,
        (ws_flat_field[]){ws_flat_u8(0, 0x85), ws_flat_u32(1, 70000), ws_flat_f32(3, -2.5f),
                          ws_flat_ref(4), ws_flat_ref(5), ws_flat_ref(6), ws_flat_ref(7)},
        7);
    ws_flat_push_text(&flat, ws_flat_gap(&flat, root, 4), "a name");
    ws_flat_push_vector(&flat, ws_flat_gap(&flat, root, 5), wide, 2, 8);
    ws_flat_push_bytes(&flat, ws_flat_gap(&flat, root, 6), reals, 3, 4, 16);
    const size_t gaps = ws_flat_push_gaps(&flat, ws_flat_gap(&flat, root, 7), 2);
    for (unsigned i = 0; i < 2; i++)
        (void)ws_flat_push_table(&flat, gaps + i * WS_FLAT_GAP_BYTES,
                                 (ws_flat_field[]){ws_flat_u32(2, 10 + i)}, 1);
    assert_int_equal(ws_flat_close(&flat), WS_OK);
}

static ws_flat_reader reader_of(const unsigned char *bytes, size_t size, ws_error *err)
{
    return (ws_flat_reader){.path = "x.bin", .bytes = bytes, .size = size, .err = err};
}

static void values_come_back(void **state)
{
    ws_buf buf;
    char text[16];

    (void)state;
    write_sample(&buf);
    ws_flat_reader flat = reader_of(buf.data, buf.size, NULL);
    const ws_flat_table root = ws_flat_read_root(&flat, "TST1");
    assert_int_equal(ws_flat_get_whole(&flat, &root, 0, 1, 0), (int8_t)0x85);
    assert_int_equal(ws_flat_get_whole(&flat, &root, 1, 4, 0), 70000);
    assert_int_equal(ws_flat_get_whole(&flat, &root, 2, 4, 77), 77);
    assert_int_equal(ws_flat_get_whole(&flat, &root, 30, 4, 78), 78);
    assert_true(ws_flat_has(&flat, &root, 3) && !ws_flat_has(&flat, &root, 2));
    assert_true(ws_flat_get_float(&flat, &root, 3, 0.0f) == -2.5f);
    ws_flat_get_text(&flat, &root, 4, text, sizeof text - 1);
    assert_string_equal(text, "a name");
    const ws_flat_vector whole = ws_flat_get_vector(&flat, &root, 5, 8, 10);
    assert_int_equal(whole.n, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(ws_flat_element(&whole, i, 8) == wide[i]);
    const ws_flat_vector bytes = ws_flat_get_vector(&flat, &root, 6, 1, 12);
    assert_int_equal(bytes.n, sizeof reals);
    const ws_flat_vector real = {.elements = bytes.elements, .at = bytes.at, .n = 3};
    for (size_t i = 0; i < 3; i++)
        assert_true(ws_flat_element_float(&real, i) == reals[i]);
    const ws_flat_vector tables = ws_flat_get_vector(&flat, &root, 7, 4, 10);
    size_t vtables[2];
    for (size_t i = 0; i < 2; i++) {
        const ws_flat_table table = ws_flat_element_table(&flat, &tables, i);
        assert_int_equal(ws_flat_get_whole(&flat, &table, 2, 4, 0), 10 + i);
        vtables[i] = table.vtable;
    }
    assert_int_equal(vtables[0], vtables[1]);
    assert_int_equal(flat.status, WS_OK);
    ws_buf_deinit(&buf);
}

static void data_is_aligned(void **state)
{
    ws_buf buf;

    (void)state;
    write_sample(&buf);
    ws_flat_reader flat = reader_of(buf.data, buf.size, NULL);
    const ws_flat_table root = ws_flat_read_root(&flat, "TST1");
    assert_int_equal(root.at % 4, 0);
    assert_int_equal(root.vtable % 2, 0);
    assert_int_equal(ws_flat_get_vector(&flat, &root, 5, 8, 10).at % 8, 0);
    assert_int_equal(ws_flat_get_vector(&flat, &root, 6, 1, 12).at % 16, 0);
    ws_buf_deinit(&buf);
}

static void equal_inputs_give_equal_bytes(void **state)
{
    ws_buf first, second;

    (void)state;
    write_sample(&first);
    write_sample(&second);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    ws_buf_deinit(&first);
    ws_buf_deinit(&second);
}

/** Reads all of the sample. The bytes end where their memory does, so a sanitizer sees each read
 *  past their end. */
static ws_status read_all(const unsigned char *bytes, size_t size, ws_error *err)
{
    unsigned char *copy = malloc(size + (size == 0));
    char text[16];

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    ws_flat_reader flat = reader_of(copy, size, err);
    const ws_flat_table root = ws_flat_read_root(&flat, "TST1");
    ws_flat_get_text(&flat, &root, 4, text, sizeof text - 1);
    (void)ws_flat_get_vector(&flat, &root, 5, 8, 1000);
    (void)ws_flat_get_vector(&flat, &root, 6, 1, 1000);
    const ws_flat_vector tables = ws_flat_get_vector(&flat, &root, 7, 4, 1000);
    for (size_t i = 0; i < tables.n; i++) {
        const ws_flat_table table = ws_flat_element_table(&flat, &tables, i);
        (void)ws_flat_get_whole(&flat, &table, 2, 4, 0);
    }
    const ws_status status = flat.status;
    flat.err = NULL;
    for (unsigned slot = 0; slot < 10; slot++) { /* as other kinds than they are */
        flat.status = WS_OK;
        (void)ws_flat_get_whole(&flat, &root, slot, 8, 0);
        flat.status = WS_OK;
        ws_flat_get_text(&flat, &root, slot, text, sizeof text - 1);
        flat.status = WS_OK;
        (void)ws_flat_get_table(&flat, &root, slot);
    }
    free(copy);
    return status;
}

static void damage_is_a_fault_that_names_the_byte(void **state)
{
    ws_buf buf;
    ws_error err;

    (void)state;
    write_sample(&buf);
    assert_int_equal(read_all(buf.data, buf.size, &err), WS_OK);
    for (size_t size = 0; size < 8; size++) {
        assert_int_equal(read_all(buf.data, size, &err), WS_EFORMAT);
        assert_string_equal(err.message, "x.bin: byte 4: expected the identifier TST1");
    }
    for (size_t size = 8; size < buf.size; size++)
        assert_int_equal(read_all(buf.data, size, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "outside of the file"));
    for (size_t i = 0; i < buf.size; i++) {
        const unsigned char old = buf.data[i];
        for (unsigned value = 0; value < 256; value++) {
            buf.data[i] = (unsigned char)value;
            (void)read_all(buf.data, buf.size, &err);
        }
        buf.data[i] = old;
    }
    ws_buf_deinit(&buf);
}

static void long_lists_are_refused(void **state)
{
    ws_buf buf;
    ws_error err = {WS_OK, ""};

    (void)state;
    write_sample(&buf);
    ws_flat_reader flat = reader_of(buf.data, buf.size, &err);
    const ws_flat_table root = ws_flat_read_root(&flat, "TST1");
    assert_int_equal(ws_flat_get_vector(&flat, &root, 6, 1, 11).n, 0);
    assert_int_equal(flat.status, WS_EFORMAT);
    assert_non_null(strstr(err.message, "a list has 12 elements, expected at most 11"));
    ws_buf_deinit(&buf);
}

static void a_full_buffer_is_told_at_the_end(void **state)
{
    ws_buf buf;
    ws_flat_writer flat;

    (void)state;
    ws_buf_init(&buf, 24);
    ws_flat_open(&flat, &buf, "TST1");
    const size_t root = ws_flat_push_table(&flat, WS_FLAT_ROOT,
                                           (ws_flat_field[]){ws_flat_ref(0), ws_flat_ref(1)}, 2);
    ws_flat_push_text(&flat, ws_flat_gap(&flat, root, 0), "far too long for this buffer");
    (void)ws_flat_push_gaps(&flat, ws_flat_gap(&flat, root, 1), 3);
    assert_int_equal(ws_flat_close(&flat), WS_ELIMIT);
    ws_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(data_is_aligned),
        cmocka_unit_test(equal_inputs_give_equal_bytes),
        cmocka_unit_test(damage_is_a_fault_that_names_the_byte),
        cmocka_unit_test(long_lists_are_refused),
        cmocka_unit_test(a_full_buffer_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
