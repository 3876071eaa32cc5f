/* base/: checksums, random numbers, buffers, texts, paths, look-up by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crc32c.h"
#include "base/lookup.h"
#include "base/machine.h"
#include "base/names.h"
#include "base/path.h"
#include "base/random.h"
#include "base/shared_library.h"
#include "base/shell.h"
#include "base/text.h"

static void crc32c_matches_published_vectors(void **state)
{
    unsigned char bytes[32];
    (void)state;
    assert_int_equal(ws_crc32c(0, "", 0), 0);
    assert_int_equal(ws_crc32c(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(ws_crc32c_mask(0xe3069283u), 0xc78ab0e5u);
    assert_int_equal(ws_crc32c_unmask(0xc78ab0e5u), 0xe3069283u);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(ws_crc32c(0, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(ws_crc32c(0, bytes, 32), 0x46dd794eu);
    for (size_t cut = 0; cut <= 32; cut++) /* continued anywhere, it is the same */
        assert_int_equal(ws_crc32c(ws_crc32c(0, bytes, cut), bytes + cut, 32 - cut), 0x46dd794eu);
}

/* Known answers of the Random123 distribution, philox4x32 with 10 rounds. */
static void philox_matches_known_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}},
        {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
         {0xa4093822u, 0x299f31d0u},
         {0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t out[4];
        ws_random_philox(cases[i].key, cases[i].counter, out);
        assert_memory_equal(out, cases[i].out, sizeof out);
    }
}

static void random_numbers_have_their_distribution(void **state)
{
    enum { N = 100000 };
    ws_random random;
    double sum = 0, squares = 0;
    size_t counts[7] = {0};
    (void)state;
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        const double z = ws_random_truncated_normal(&random);
        assert_true(z > -2.0 && z < 2.0);
        sum += z;
        squares += z * z;
        counts[ws_random_below(&random, 7)]++;
        const double u = ws_random_uniform(&random);
        assert_true(u >= 0.0 && u < 1.0);
    }
    /* a normal cut off at two deviations has variance 0.7737; bounds are five deviations wide */
    assert_true(sum / N > -0.014 && sum / N < 0.014);
    assert_true(squares / N > 0.760 && squares / N < 0.787);
    for (size_t i = 0; i < 7; i++)
        assert_in_range(counts[i], N / 7 - 560, N / 7 + 560);
}

static void random_streams_differ_and_repeat(void **state)
{
    ws_random a, b;
    (void)state;
    ws_random_init(&a, 5, WS_RANDOM_BATCH, 3, 2);
    ws_random_init(&b, 5, WS_RANDOM_BATCH, 3, 2);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ws_random_bits(&a), ws_random_bits(&b));
    ws_random_init(&b, 5, WS_RANDOM_BATCH, 2, 3);
    assert_int_not_equal(ws_random_bits(&a), ws_random_bits(&b));
    ws_random_init(&a, (uint64_t)5 << 32, WS_RANDOM_BATCH, 3, 2);
    ws_random_init(&b, 5, WS_RANDOM_BATCH, 3, 2);
    assert_int_not_equal(ws_random_bits(&a), ws_random_bits(&b));
}

static void buf_keeps_its_first_error(void **state)
{
    ws_buf buf;
    (void)state;
    ws_buf_init(&buf, 10);
    ws_buf_push_string(&buf, "12345");
    ws_buf_push_u32le(&buf, 0x44434241u);
    assert_int_equal(buf.size, 9);
    assert_memory_equal(buf.data, "12345ABCD", 9);
    ws_buf_push(&buf, "xx", 2);
    assert_int_equal(buf.status, WS_ELIMIT);
    ws_buf_push(&buf, "x", 1); /* would fit, but comes after the failure */
    assert_int_equal(buf.size, 9);
    assert_null(ws_buf_take_string(&buf));
    ws_buf_deinit(&buf);

    ws_buf_init(&buf, 1000);
    for (int i = 0; i < 90; i++)
        ws_buf_push_format(&buf, "%d,", i);
    char *text = ws_buf_take_string(&buf);
    assert_non_null(text);
    assert_int_equal(strlen(text), 10 * 2 + 80 * 3);
    assert_true(ws_text_has_suffix(text, "88,89,"));
    free(text);
    ws_buf_deinit(&buf);
}

static void sizes_have_three_digits(void **state)
{
    static const struct {
        uint64_t n_bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},
        {999, "999 bytes"},
        {1000, "1.00 kB"},
        {9994, "9.99 kB"},
        {9996, "10.0 kB"},
        {99949, "99.9 kB"},
        {99951, "100 kB"},
        {999499, "999 kB"},
        {999500, "1.00 MB"},
        {2428923189, "2.43 GB"},
        {UINT64_C(999600000000), "1.00 TB"},
        {UINT64_MAX, "18.4 EB"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[WS_TEXT_SIZE_BYTES];
        ws_text_write_size(text, sizeof text, cases[i].n_bytes);
        assert_string_equal(text, cases[i].text);
    }
}

static void numbers_are_whole_texts(void **state)
{
    int64_t whole = 0;
    double real = 0;
    (void)state;
    assert_true(ws_text_to_int64("-12", &whole) && whole == -12);
    assert_false(ws_text_to_int64("", &whole));
    assert_false(ws_text_to_int64(" 1", &whole));
    assert_false(ws_text_to_int64("1 ", &whole));
    assert_false(ws_text_to_int64("1.5", &whole));
    assert_false(ws_text_to_int64("99999999999999999999", &whole));
    assert_true(ws_text_to_double("1e-3", &real) && real > 0.00099 && real < 0.00101);
    assert_false(ws_text_to_double("0.1x", &real));
    assert_false(ws_text_to_double("1e999", &real));
}

static void libraries_are_loaded_by_name(void **state)
{
    double (*cosine)(double) = NULL, (*other)(double) = NULL;
    const ws_library_function one = {"cos", &cosine};
    const ws_library_function two[] = {{"cos", &cosine}, {"no_such_function", &other}};
    ws_error err;
    (void)state;

    assert_int_equal(ws_shared_library_load("libm.so.6", &one, 1, &err), WS_OK);
    assert_true(cosine(0.0) == 1.0);
    assert_int_equal(ws_shared_library_load("libm.so.6", two, 2, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "libm.so.6: has no function no_such_function"));
    assert_int_equal(ws_shared_library_load("libnone.so.1", &one, 1, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "libnone.so.1: cannot be loaded"));
}

static void lists_split_join_and_sort(void **state)
{
    ws_text_list list = {.items = NULL};
    (void)state;
    assert_int_equal(ws_text_list_push_split(&list, "b,,a", ','), WS_OK);
    assert_int_equal(list.n_items, 3);
    assert_string_equal(list.items[1], "");
    char *joined = ws_text_list_join(&list, ',');
    assert_string_equal(joined, "b,,a");
    free(joined);
    ws_text_list_sort(&list);
    assert_string_equal(list.items[1], "a");
    assert_string_equal(list.items[2], "b");
    ws_text_list_deinit(&list);
    joined = ws_text_list_join(&list, ',');
    assert_string_equal(joined, "");
    free(joined);
}

static void paths_are_joined_and_parted(void **state)
{
    static const struct {
        const char *dir, *name, *joined;
    } joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}};
    static const struct {
        const char *path, *dir, *base, *tail;
    } parts[] = {{"a/b/c", "a/b", "c", "b/c"},
                 {"b/c", "b", "c", "b/c"},
                 {"c", ".", "c", "c"},
                 {"/a/b/c", "/a/b", "c", "b/c"},
                 {"/c", "/", "c", "/c"},
                 {"a/", "a", "", "a/"},
                 {"", ".", "", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
        char *joined = ws_path_join(joins[i].dir, joins[i].name);
        assert_string_equal(joined, joins[i].joined);
        free(joined);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *dir = ws_path_dir(parts[i].path);
        assert_string_equal(dir, parts[i].dir);
        assert_string_equal(ws_path_base(parts[i].path), parts[i].base);
        assert_string_equal(ws_path_tail(parts[i].path), parts[i].tail);
        free(dir);
    }
}

static const char *fruit_at(size_t i)
{
    static const char *const fruits[] = {"apple", "pear", "cherry"};
    return fruits[i];
}

static void lookup_lists_and_suggests(void **state)
{
    size_t index = 9;
    ws_error err;
    (void)state;
    assert_int_equal(ws_lookup("fruit", "pear", fruit_at, 3, &index, &err), WS_OK);
    assert_int_equal(index, 1);
    assert_int_equal(ws_lookup("fruit", "Pear", fruit_at, 3, &index, &err), WS_ENOTFOUND);
    assert_string_equal(err.message,
                        "unknown fruit \"Pear\", expected one of: apple, pear, cherry");
    assert_string_equal(ws_closest_name("aple", fruit_at, 3), "apple");
    assert_string_equal(ws_closest_name("chery", fruit_at, 3), "cherry");
    assert_null(ws_closest_name("banana", fruit_at, 3));
}

static void arena_hands_out_aligned_pieces(void **state)
{
    ws_arena arena;
    ws_error err;
    (void)state;
    assert_int_equal(ws_arena_init(&arena, ws_arena_round(1) + ws_arena_round(65), &err), WS_OK);
    unsigned char *first = ws_arena_push(&arena, 1);
    unsigned char *second = ws_arena_push(&arena, 65);
    assert_int_equal(second - first, WS_ARENA_ALIGNMENT);
    assert_int_equal((uintptr_t)second % WS_ARENA_ALIGNMENT, 0);
    assert_int_equal(second[64], 0);
    assert_int_equal(arena.used, arena.size);
    ws_arena_deinit(&arena);
    ws_arena_deinit(&arena);
}

static void command_lines_can_be_pasted(void **state)
{
    char a[] = "train", b[] = "--run_name=it's", c[] = "", d[] = "a b", e[] = "--x=$HOME\n";
    char *const words[] = {a, b, c, d, e};
    char *line = ws_shell_join(5, words);
    (void)state;
    assert_string_equal(line, "train '--run_name=it'\\''s' '' 'a b' '--x=$HOME\n'");
    free(line);
    line = ws_shell_join(0, NULL);
    assert_string_equal(line, "");
    free(line);
}

static void names_have_numbers_in_their_order(void **state)
{
    enum { N = 1000 };
    ws_names names = {.items = NULL};
    char name[32];
    size_t number;
    (void)state;
    assert_int_equal(ws_names_find(&names, "0"), 0); /* nothing is in it */
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < N; i++) {
            (void)snprintf(name, sizeof name, "%zu", i * i);
            assert_int_equal(ws_names_push(&names, name, &number, NULL), WS_OK);
            assert_int_equal(number, i);
        }
        assert_int_equal(names.n_items, N);
    }
    assert_int_equal(ws_names_find(&names, "49"), 7);
    assert_int_equal(ws_names_find(&names, "50"), N);
    assert_string_equal(names.items[3], "9");
    ws_names_deinit(&names);
}

/** It says something in any size, and never more than fits. */
static void machines_have_a_description(void **state)
{
    char whole[512];

    (void)state;
    ws_machine_describe(whole, sizeof whole);
    assert_non_null(strstr(whole, ", instruction set "));
    for (size_t size = 1; size < 40; size++) {
        char text[64];
        memset(text, 'x', sizeof text);
        ws_machine_describe(text, size);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_have_a_description),
        cmocka_unit_test(crc32c_matches_published_vectors),
        cmocka_unit_test(philox_matches_known_answers),
        cmocka_unit_test(random_numbers_have_their_distribution),
        cmocka_unit_test(random_streams_differ_and_repeat),
        cmocka_unit_test(buf_keeps_its_first_error),
        cmocka_unit_test(sizes_have_three_digits),
        cmocka_unit_test(numbers_are_whole_texts),
        cmocka_unit_test(libraries_are_loaded_by_name),
        cmocka_unit_test(lists_split_join_and_sort),
        cmocka_unit_test(paths_are_joined_and_parted),
        cmocka_unit_test(lookup_lists_and_suggests),
        cmocka_unit_test(arena_hands_out_aligned_pieces),
        cmocka_unit_test(command_lines_can_be_pasted),
        cmocka_unit_test(names_have_numbers_in_their_order),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
