#include "synth/near_miss.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"
#include "base/random.h"
#include "base/text.h"
#include "synth/phonemes.h"
#include "synth/speaker.h"

enum { TRIES = 40, MAX_TEXT_BYTES = 1024 };

/** What is done to a phrase; each happens in that many of a hundred. */
typedef enum change {
    CHANGE_EXCHANGE_1,
    CHANGE_EXCHANGE_2,
    CHANGE_LEAVE_OUT,
    CHANGE_ADD,
    CHANGE_PART,
    CHANGE_RHYTHM,
    N_CHANGES,
} change;

static const uint32_t percents[N_CHANGES] = {30, 25, 13, 10, 14, 8};

static change draw_change(ws_random *random)
{
    uint32_t left = ws_random_below(random, 100);
    size_t i = 0;

    while (i + 1 < N_CHANGES && left >= percents[i])
        left -= percents[i++];
    return (change)i;
}

/** A sound that is not like the one at a place; vowels for vowels, and most often a consonant that
 *  is made in the same way. */
static size_t draw_other(const ws_synth_sound *old, bool is_near, ws_random *random)
{
    for (;;) {
        const size_t other = ws_random_below(random, WS_SYNTH_N_SOUNDS);
        const ws_synth_sound *sound = ws_synth_sound_at(other);
        if (sound->key != old->key && (sound->group == 'v') == (old->group == 'v') &&
            (!is_near || sound->group == old->group))
            return other;
    }
}

/** Whether it is a vowel without stress that people say in any way, or not at all: as the first one
 *  of "alexa". */
static bool is_weak(const ws_synth_sounds *sounds, size_t at)
{
    const size_t sound = sounds->items[at].sound;
    const char key = sound < WS_SYNTH_N_SOUNDS ? ws_synth_sound_at(sound)->key : '?';

    return sounds->items[at].stress == '\0' && (key == '@' || key == 'i');
}

static void exchange(ws_synth_sounds *sounds, size_t at, ws_random *random)
{
    const bool is_near = ws_random_below(random, 4) > 0;

    if (sounds->items[at].sound >= WS_SYNTH_N_SOUNDS)
        return;
    sounds->items[at].sound =
        draw_other(ws_synth_sound_at(sounds->items[at].sound), is_near, random);
    sounds->items[at].is_changed = true;
}

/** Exchanges a sound unless it is a weak one, which would change nothing that is heard. */
static void exchange_strong(ws_synth_sounds *sounds, size_t at, ws_random *random)
{
    if (!is_weak(sounds, at))
        exchange(sounds, at, random);
}

/** Takes away the sounds first up to but not including end. */
static void leave_out(ws_synth_sounds *sounds, size_t first, size_t end)
{
    if (first > 0 && sounds->items[first - 1].word == sounds->items[first].word)
        sounds->items[first - 1].is_changed = true;
    if (end < sounds->n_items && sounds->items[end].word == sounds->items[end - 1].word)
        sounds->items[end].is_changed = true;
    memmove(sounds->items + first, sounds->items + end,
            (sounds->n_items - end) * sizeof *sounds->items);
    sounds->n_items -= end - first;
}

/** Whether the phrase is another one without a sound: "h" and weak vowels are hardly heard. */
static bool can_miss(const ws_synth_sounds *sounds, size_t at)
{
    const size_t sound = sounds->items[at].sound;

    return sound < WS_SYNTH_N_SOUNDS && ws_synth_sound_at(sound)->key != 'h' &&
           !is_weak(sounds, at);
}

/** Adds a consonant before a sound. */
static void add(ws_synth_sounds *sounds, size_t at, ws_random *random)
{
    size_t sound;

    do
        sound = ws_random_below(random, WS_SYNTH_N_SOUNDS);
    while (ws_synth_sound_at(sound)->group == 'v');
    if (sounds->n_items == WS_SYNTH_MAX_SOUNDS)
        return;
    memmove(sounds->items + at + 1, sounds->items + at,
            (sounds->n_items - at) * sizeof *sounds->items);
    sounds->items[at].sound = sound;
    sounds->items[at].stress = '\0';
    sounds->items[at].is_changed = true;
    sounds->n_items++;
}

/** Leaves whole words at one end, or of a single word the first or the last sounds. */
static void keep_part(ws_synth_sounds *sounds, ws_random *random)
{
    const size_t n = sounds->n_items;
    const size_t n_words = sounds->items[n - 1].word + 1;
    const bool is_first = ws_random_below(random, 2) == 0;
    size_t cut = n * (4 + ws_random_below(random, 3)) / 10; /* 40 to 60 % */

    if (n_words > 1) {
        const size_t word = 1 + ws_random_below(random, (uint32_t)n_words - 1);
        for (cut = 0; sounds->items[cut].word < word;)
            cut++;
    }
    cut = cut > 0 ? cut : 1;
    if (is_first)
        leave_out(sounds, cut, n);
    else
        leave_out(sounds, 0, cut);
}

/** Other vowels, or other consonants, at the same places. */
static void keep_rhythm(ws_synth_sounds *sounds, ws_random *random)
{
    const bool are_vowels = ws_random_below(random, 2) == 0;

    for (size_t i = 0; i < sounds->n_items; i++)
        if (sounds->items[i].sound < WS_SYNTH_N_SOUNDS &&
            (ws_synth_sound_at(sounds->items[i].sound)->group == 'v') == are_vowels)
            exchange(sounds, i, random);
}

static void make_change(ws_synth_sounds *sounds, ws_random *random)
{
    const change what = draw_change(random);
    const size_t at = ws_random_below(random, (uint32_t)sounds->n_items);

    if (what == CHANGE_PART) {
        keep_part(sounds, random);
    } else if (what == CHANGE_RHYTHM) {
        keep_rhythm(sounds, random);
    } else if (what == CHANGE_LEAVE_OUT && can_miss(sounds, at)) {
        leave_out(sounds, at, at + 1);
    } else if (what == CHANGE_ADD) {
        add(sounds, at, random);
    } else {
        exchange_strong(sounds, at, random);
        if (what == CHANGE_EXCHANGE_2)
            exchange_strong(sounds, ws_random_below(random, (uint32_t)sounds->n_items), random);
    }
}

/** Spells a phrase: a word without a change as it is, any other by its sounds. */
static char *spell(const ws_synth_sounds *sounds, const ws_text_list *words)
{
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    for (size_t i = 0; i < sounds->n_items;) {
        const size_t word = sounds->items[i].word;
        size_t end = i;
        bool is_changed = word >= words->n_items;
        for (; end < sounds->n_items && sounds->items[end].word == word; end++)
            is_changed |= sounds->items[end].is_changed;
        ws_buf_push_string(&text, i > 0 ? " " : "");
        if (!is_changed)
            ws_buf_push_string(&text, words->items[word]);
        for (; i < end; i++)
            if (is_changed && sounds->items[i].sound < WS_SYNTH_N_SOUNDS)
                ws_buf_push_string(&text, ws_synth_sound_at(sounds->items[i].sound)->letters);
    }
    char *taken = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    return taken;
}

/** Adds one near miss, if it is new and not like the phrase. */
static ws_status take(ws_synth_near_misses *list, const ws_synth_sounds *sounds,
                      const ws_text_list *words, const ws_synth_sounds *phrase, ws_names *seen,
                      ws_error *err)
{
    char key[WS_SYNTH_MAX_SOUNDS + 1];
    size_t number = 0;
    const size_t n_before = seen->n_items;

    if (sounds->n_items == 0 || ws_synth_sounds_hold(sounds, phrase))
        return WS_OK;
    ws_synth_sounds_write_key(sounds, key);
    const ws_status status = ws_names_push(seen, key, &number, err);
    if (status != WS_OK || number < n_before)
        return status;
    ws_synth_near_miss made = {.text = spell(sounds, words),
                               .phonemes = ws_synth_sounds_text(sounds)};
    if (made.text != NULL && made.phonemes != NULL && made.text[0] != '\0') {
        list->items[list->n_items++] = made;
        return WS_OK;
    }
    const bool is_empty = made.text != NULL && made.text[0] == '\0';
    free(made.text);
    free(made.phonemes);
    return is_empty ? WS_OK : ws_fail_memory(err, "a near miss");
}

static ws_status make_all(ws_synth_near_misses *list, const ws_synth_sounds *phrase,
                          const ws_text_list *words, size_t n, uint64_t seed, ws_error *err)
{
    ws_names seen = {0};
    ws_random random;
    ws_status status = WS_OK;

    ws_random_init(&random, seed, WS_RANDOM_SYNTH, WS_SYNTH_STREAM_NEAR_MISS, 0);
    for (size_t i = 0; i < n * TRIES && list->n_items < n && status == WS_OK; i++) {
        ws_synth_sounds sounds = *phrase;
        make_change(&sounds, &random);
        status = take(list, &sounds, words, phrase, &seen, err);
    }
    ws_names_deinit(&seen);
    return status;
}

ws_status ws_synth_near_misses_init(ws_synth_near_misses *list, const char *phrase,
                                    const char *phonemes, size_t n, uint64_t seed, ws_error *err)
{
    ws_synth_sounds sounds;
    ws_text_list words = {0};
    size_t n_known = 0;
    ws_status status = WS_OK;

    *list = (ws_synth_near_misses){0};
    ws_synth_sounds_read(&sounds, phonemes);
    for (size_t i = 0; i < sounds.n_items; i++)
        n_known += sounds.items[i].sound < WS_SYNTH_N_SOUNDS;
    if (n_known < 2)
        return ws_fail(err, WS_EFORMAT,
                       "\"%s\" has %s (\"%s\"); expected a phrase of at least two sounds", phrase,
                       n_known == 1 ? "one sound" : "no sound", phonemes);
    list->items = calloc(n + 1, sizeof *list->items);
    if (list->items == NULL || ws_text_list_push_split(&words, phrase, ' ') != WS_OK)
        status = ws_fail_memory(err, "near misses");
    if (status == WS_OK && words.n_items != sounds.items[sounds.n_items - 1].word + 1)
        ws_text_list_deinit(&words); /* spelled by sounds where words cannot be told apart */
    if (status == WS_OK)
        status = make_all(list, &sounds, &words, n, seed, err);
    ws_text_list_deinit(&words);
    if (status != WS_OK)
        ws_synth_near_misses_deinit(list);
    return status;
}

void ws_synth_near_misses_drop(ws_synth_near_misses *list, const bool *is_dropped)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n_items; i++) {
        if (!is_dropped[i]) {
            list->items[n++] = list->items[i];
            continue;
        }
        free(list->items[i].text);
        free(list->items[i].phonemes);
    }
    list->n_items = n;
}

void ws_synth_near_misses_deinit(ws_synth_near_misses *list)
{
    for (size_t i = 0; i < list->n_items; i++) {
        free(list->items[i].text);
        free(list->items[i].phonemes);
    }
    free(list->items);
    *list = (ws_synth_near_misses){0};
}

bool ws_synth_phonemes_hold(const char *within, const char *phrase)
{
    ws_synth_sounds a, b;

    ws_synth_sounds_read(&a, within);
    ws_synth_sounds_read(&b, phrase);
    return ws_synth_sounds_hold(&a, &b);
}
