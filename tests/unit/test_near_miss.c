/* synth/near_miss: no near miss holds the phrase, all differ, and all stay near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "synth/near_miss.h"
#include "synth/phonemes.h"

enum { N = 150 };

/* As espeak-ng 1.51 gives them for American and British English. */
static const struct {
    const char *phrase, *phonemes;
    size_t least; /* near misses that it has to have */
} phrases[] = {
    {"hey jarvis", "h 'eI  dZ 'A@ v I s", N},
    {"alexa", "a# l 'E k s @", N},
    {"computer", "k @ m p j 'u: t# 3", N},
    {"okay house", "oU k 'eI  h 'aU s", N},
    {"blueberry pancake", "b l 'u: b E r i  p 'a N k eI k", N},
    {"bumblebee", "b 'V m b @L b ,i:", N},
    {"little bottle button", "l 'I t# @L  b '0 t# @L  b 'V ? n-", N},
    {"hi", "h 'aI", 20},
};

/** Phonemes without stress and marks, read in another way than the code does. */
static void strip(const char *text, char *out)
{
    for (; *text != '\0'; text++)
        if (strchr(" |',%=\n", *text) == NULL)
            *out++ = *text;
    *out = '\0';
}

static void none_holds_the_phrase(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof phrases / sizeof *phrases; p++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            ws_synth_near_misses list;
            char phrase[256], near[256];
            assert_int_equal(ws_synth_near_misses_init(&list, phrases[p].phrase,
                                                       phrases[p].phonemes, N, seed, NULL),
                             WS_OK);
            assert_in_range(list.n_items, phrases[p].least, N);
            strip(phrases[p].phonemes, phrase);
            for (size_t i = 0; i < list.n_items; i++) {
                strip(list.items[i].phonemes, near);
                assert_null(strstr(near, phrase));
                assert_false(ws_synth_phonemes_hold(list.items[i].phonemes, phrases[p].phonemes));
                assert_string_not_equal(list.items[i].text, phrases[p].phrase);
                for (size_t k = 0; k < i; k++)
                    assert_string_not_equal(list.items[i].phonemes, list.items[k].phonemes);
            }
            ws_synth_near_misses_deinit(&list);
        }
    }
}

/** Changes that lead from one row of sounds to another one (Levenshtein's distance). */
static size_t count_changes(const char *a, const char *b)
{
    size_t row[WS_SYNTH_MAX_SOUNDS + 1];
    const size_t n = strlen(b);

    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t corner = row[0]++;
        for (size_t k = 0; k < n; k++) {
            const size_t changed = corner + (a[i] != b[k]);
            corner = row[k + 1];
            const size_t least = row[k] < corner ? row[k] + 1 : corner + 1;
            row[k + 1] = changed < least ? changed : least;
        }
    }
    return row[n];
}

static void most_differ_in_one_or_two_sounds(void **state)
{
    ws_synth_near_misses list;
    ws_synth_sounds sounds;
    char phrase[WS_SYNTH_MAX_SOUNDS + 1], near[WS_SYNTH_MAX_SOUNDS + 1];
    size_t n_near = 0, n_parts = 0, n_longer = 0;

    (void)state;
    ws_synth_sounds_read(&sounds, phrases[0].phonemes);
    assert_int_equal(sounds.n_items, 7);
    assert_int_equal(sounds.items[1].word, 0);
    assert_int_equal(sounds.items[2].word, 1);
    ws_synth_sounds_write_key(&sounds, phrase);
    assert_int_equal(
        ws_synth_near_misses_init(&list, phrases[0].phrase, phrases[0].phonemes, N, 3, NULL),
        WS_OK);
    for (size_t i = 0; i < list.n_items; i++) {
        ws_synth_sounds_read(&sounds, list.items[i].phonemes);
        ws_synth_sounds_write_key(&sounds, near);
        const size_t n_changes = count_changes(near, phrase);
        assert_true(n_changes > 0);
        n_near += n_changes <= 2;
        n_parts += strlen(near) + 2 <= strlen(phrase);
        n_longer += strlen(near) > strlen(phrase);
    }
    assert_in_range(n_near, N / 2, N);
    assert_in_range(n_parts, 1, N / 4);
    assert_in_range(n_longer, 3, N / 4);
    ws_synth_near_misses_deinit(&list);
}

static void words_without_a_change_keep_their_spelling(void **state)
{
    ws_synth_near_misses list, again;
    size_t n_kept = 0;

    (void)state;
    assert_int_equal(
        ws_synth_near_misses_init(&list, phrases[0].phrase, phrases[0].phonemes, N, 3, NULL),
        WS_OK);
    assert_int_equal(
        ws_synth_near_misses_init(&again, phrases[0].phrase, phrases[0].phonemes, N, 3, NULL),
        WS_OK);
    assert_int_equal(list.n_items, again.n_items);
    for (size_t i = 0; i < list.n_items; i++) {
        assert_string_equal(list.items[i].text, again.items[i].text);
        assert_true(strlen(list.items[i].text) > 0);
        assert_int_equal(strspn(list.items[i].text, "abcdefghijklmnopqrstuvwxyz "),
                         strlen(list.items[i].text));
        const bool has_first =
            strncmp(list.items[i].phonemes, "h|'eI", 5) == 0 &&
            (list.items[i].phonemes[5] == ' ' || list.items[i].phonemes[5] == '\0');
        n_kept += has_first;
        assert_true(!has_first || strncmp(list.items[i].text, "hey", 3) == 0);
    }
    assert_in_range(n_kept, N / 5, N);
    ws_synth_near_misses_deinit(&list);
    ws_synth_near_misses_deinit(&again);
}

static void sounds_that_differ_little_count_as_alike(void **state)
{
    (void)state;
    assert_true(ws_synth_phonemes_hold("h|'eI  tS|'A:|f|i:|z", "h 'eI  dZ 'A@ v I s"));
    assert_true(ws_synth_phonemes_hold("D @2  a#|l|'E|k|s|@|z", "a# l 'E k s @"));
    assert_false(ws_synth_phonemes_hold("a#|l|'E|t|s|@", "a# l 'E k s @"));
    assert_false(ws_synth_phonemes_hold("", "a# l 'E k s @"));
}

static void what_has_no_sounds_is_refused(void **state)
{
    ws_synth_near_misses list;
    ws_error err = {.status = WS_OK};

    (void)state;
    assert_int_equal(ws_synth_near_misses_init(&list, "xx", "qq  zz", 3, 1, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "at least two"));
    char *long_one = malloc(10000); /* more sounds than there are places for */
    assert_non_null(long_one);
    for (size_t i = 0; i < 9999; i++)
        long_one[i] = i % 2 == 0 ? "tkpf"[i / 2 % 4] : ' ';
    long_one[9999] = '\0';
    assert_int_equal(ws_synth_near_misses_init(&list, "long", long_one, 50, 1, &err), WS_OK);
    assert_true(list.n_items > 40);
    ws_synth_near_misses_deinit(&list);
    free(long_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_holds_the_phrase),
        cmocka_unit_test(most_differ_in_one_or_two_sounds),
        cmocka_unit_test(words_without_a_change_keep_their_spelling),
        cmocka_unit_test(sounds_that_differ_little_count_as_alike),
        cmocka_unit_test(what_has_no_sounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
