/* dataset/index_bytes: an index that another process reads is the same one, with paths of its own;
 * bytes that are cut or changed never lead outside of an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "dataset/index.h"
#include "dataset/labels.h"
#include "unit/index_fixture.h"

static const char *const elsewhere = "/of/another/host";

/** An index of the made-up data set, and the same as bytes. */
typedef struct written {
    ws_index_options options;
    ws_index *index;
    ws_buf bytes;
} written;

static void write_index(written *w)
{
    w->options = index_small_options();
    ws_buf_init(&w->bytes, 1 << 20);
    assert_int_equal(ws_index_create(&w->options, &w->index, NULL), WS_OK);
    ws_index_write(w->index, &w->bytes);
    assert_int_equal(w->bytes.status, WS_OK);
    w->options.data_dir = elsewhere;
}

static void forget(written *w)
{
    ws_index_destroy(w->index);
    ws_buf_deinit(&w->bytes);
}

/** The same clip, but for the directory. */
static void check_clip(ws_clip clip, ws_clip of)
{
    assert_int_equal(clip.label, of.label);
    assert_int_equal(clip.file, of.file);
    assert_string_equal(ws_path_tail(clip.path), ws_path_tail(of.path));
    assert_int_equal(strncmp(clip.path, elsewhere, strlen(elsewhere)), 0);
    assert_int_equal(strlen(clip.path), strlen(elsewhere) + 1 + strlen(ws_path_tail(of.path)));
}

static void is_the_same_elsewhere(void **state)
{
    written w;
    ws_index *read;
    ws_random random[2];

    (void)state;
    write_index(&w);
    assert_int_equal(ws_index_read(&w.options, w.bytes.data, w.bytes.size, &read, NULL), WS_OK);
    assert_int_equal(ws_index_n_files(read), 120);
    assert_int_equal(ws_index_n_labels(read), ws_index_n_labels(w.index));
    for (size_t i = 0; i < ws_index_n_labels(read); i++)
        assert_string_equal(ws_index_label(read, i), ws_index_label(w.index, i));
    for (size_t set = 0; set < WS_N_SETS; set++) {
        const size_t n = ws_index_n_clips(w.index, (ws_set)set);
        assert_true(n > 0);
        assert_int_equal(ws_index_n_clips(read, (ws_set)set), n);
        for (size_t i = 0; i < n; i++)
            check_clip(ws_index_clip(read, (ws_set)set, i), ws_index_clip(w.index, (ws_set)set, i));
    }
    for (size_t k = 0; k < 2; k++)
        ws_random_init(&random[k], 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < 1000; i++)
        check_clip(ws_index_draw_unknown(read, i % 2 == 0, &random[0]),
                   ws_index_draw_unknown(w.index, i % 2 == 0, &random[1]));
    ws_index_destroy(read);
    forget(&w);
}

/** Uses all that is in an index: the sanitizers find what leads outside of it. */
static void use(const ws_index *index)
{
    ws_random random;
    size_t n_bytes = 0;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t set = 0; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++) {
            const ws_clip clip = ws_index_clip(index, (ws_set)set, i);
            assert_true(clip.file < ws_index_n_files(index));
            assert_true((size_t)clip.label < ws_index_n_labels(index));
            n_bytes += strlen(clip.path);
        }
    }
    for (int i = 0; i < 20; i++) {
        const ws_clip clip = ws_index_draw_unknown(index, i % 2 == 0, &random);
        assert_true(clip.file < ws_index_n_files(index));
        n_bytes += strlen(clip.path);
    }
    assert_true(n_bytes > 0);
}

static void damaged_bytes_lead_nowhere(void **state)
{
    written w;
    ws_index *read;
    ws_error err = {0};
    size_t n_refused = 0;

    (void)state;
    write_index(&w);
    for (size_t n = 0; n < w.bytes.size; n += n < 200 ? 1 : 7) {
        assert_int_equal(ws_index_read(&w.options, w.bytes.data, n, &read, &err), WS_EFORMAT);
        assert_null(read);
    }
    assert_non_null(strstr(err.message, "same version of wordspot"));
    ws_buf_push_byte(&w.bytes, 0);
    assert_int_equal(ws_index_read(&w.options, w.bytes.data, w.bytes.size, &read, NULL),
                     WS_EFORMAT);
    w.bytes.size--;
    for (size_t i = 0; i < w.bytes.size; i++) {
        static const unsigned char changes[] = {0x01, 0xff};
        for (size_t k = 0; k < sizeof changes; k++) {
            w.bytes.data[i] ^= changes[k];
            const ws_status status =
                ws_index_read(&w.options, w.bytes.data, w.bytes.size, &read, NULL);
            assert_true(status == WS_OK || status == WS_EFORMAT);
            n_refused += status == WS_EFORMAT;
            if (status == WS_OK)
                use(read);
            ws_index_destroy(read);
            w.bytes.data[i] ^= changes[k];
        }
    }
    assert_true(n_refused > w.bytes.size / 4);
    forget(&w);
}

static void fewer_labels_do_not_fit(void **state)
{
    written w;
    ws_index *read;

    (void)state;
    write_index(&w);
    w.options.wanted_words = "yes,no";
    assert_int_equal(ws_index_read(&w.options, w.bytes.data, w.bytes.size, &read, NULL),
                     WS_EFORMAT);
    assert_null(read);
    forget(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATA_SET(is_the_same_elsewhere),
        ON_DATA_SET(damaged_bytes_lead_nowhere),
        ON_DATA_SET(fewer_labels_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
