/* formats/tflite: what is written is read again, and what cannot be read is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/flat_write.h"
#include "formats/tflite.h"
#include "nn/lite/lower.h"
#include "support/models.h"
#include "unit/lite_fixture.h"

static const ws_lite_lower_options as_trained = {.is_one_channel_depthwise = true};

static void write_model(const ws_lite *lite, ws_buf *buf)
{
    ws_buf_init(buf, WS_FLAT_MAX_BYTES);
    assert_int_equal(ws_tflite_write(lite, buf, NULL), WS_OK);
}

static void every_network_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_lite lite, read;
        ws_buf first, second;
        lite_lower_model(ws_test_models[i], &as_trained, &lite);
        write_model(&lite, &first);
        assert_int_equal(ws_tflite_read("x", first.data, first.size, &read, NULL), WS_OK);
        assert_string_equal(ws_lite_find_note(&read, "about"), "a note");
        write_model(&read, &second);
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.data, second.data, first.size);
        ws_buf_deinit(&first);
        ws_buf_deinit(&second);
        ws_lite_deinit(&read);
        ws_lite_deinit(&lite);
    }
}

/** Reads the bytes with the one at `at` changed; it has to be refused. */
static void expect_refusal(const ws_buf *file, size_t at, unsigned char value, const char *message)
{
    unsigned char *copy = malloc(file->size);
    ws_error err = {WS_OK, ""};
    ws_lite read;

    assert_non_null(copy);
    memcpy(copy, file->data, file->size);
    copy[at] = value;
    assert_int_equal(ws_tflite_read("x.tflite", copy, file->size, &read, &err), WS_EFORMAT);
    if (strstr(err.message, message) == NULL)
        fail_msg("got \"%s\", expected \"%s\"", err.message, message);
    free(copy);
}

/** Where the bytes are in the file, once. */
static size_t find_bytes(const ws_buf *file, const void *bytes, size_t n)
{
    for (size_t i = 0; i + n <= file->size; i++)
        if (memcmp(file->data + i, bytes, n) == 0)
            return i;
    fail_msg("no such bytes");
    return 0;
}

static void unknown_names_are_named(void **state)
{
    static const unsigned char softmax[] = {25, 0, 0, 0, 25}; /* a code: new, old */
    ws_lite lite;
    ws_buf file;

    (void)state;
    lite_lower_model("single_fc", &as_trained, &lite);
    write_model(&lite, &file);
    expect_refusal(&file, 4, 'X', "x.tflite: byte 4: expected the identifier TFL3");
    /* the version of the operator stands before its code */
    const size_t code = find_bytes(&file, softmax, sizeof softmax);
    expect_refusal(&file, code, 200,
                   "operator 1 (number 200 of TFLite's schema) is one that Wordspot cannot run");
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

static void half_a_file_is_refused(void **state)
{
    ws_lite lite, read;
    ws_buf file;

    (void)state;
    lite_lower_model("mixednet", &as_trained, &lite);
    write_model(&lite, &file);
    for (size_t size = 0; size < file.size; size += size < 2000 ? 1 : 97)
        if (ws_tflite_read("x", file.data, size, &read, NULL) == WS_OK)
            fail_msg("the first %zu of %zu bytes are read", size, file.size);
    ws_buf_deinit(&file);
    ws_lite_deinit(&lite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_comes_back),
        cmocka_unit_test(unknown_names_are_named),
        cmocka_unit_test(half_a_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
