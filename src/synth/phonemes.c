#include "synth/phonemes.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_TEXT_BYTES = 4096 };

/* Allophones of espeak-ng's English voices stand in one row. */
static const ws_synth_sound sounds[WS_SYNTH_N_SOUNDS] = {
    {"@ a# @2 @- V @L V#", "uh", '@', 'v'},
    {"a aa a2 &", "a", 'a', 'v'},
    {"A: A A# 0 0# O2 A~", "ah", 'A', 'v'},
    {"A@", "ar", 'A', 'v'},
    {"E e E2 E#", "eh", 'E', 'v'},
    {"e@ e@2", "air", 'E', 'v'},
    {"I I2 I# i@ i@3", "ih", 'i', 'v'},
    {"i: i", "ee", 'i', 'v'},
    {"3: 3 3r V3", "er", '3', 'v'},
    {"O: O", "aw", 'A', 'v'},
    {"O@ o@ O3", "or", 'A', 'v'},
    {"U U@", "ue", 'u', 'v'},
    {"u: u", "oo", 'u', 'v'},
    {"eI", "ay", 'e', 'v'},
    {"aI aI@ aI3", "eye", 'y', 'v'},
    {"aU aU@", "ow", 'w', 'v'},
    {"oU o", "oh", 'o', 'v'},
    {"OI", "oy", 'O', 'v'},
    {"p", "p", 'p', 's'},
    {"b", "b", 'p', 's'},
    {"t t# t2", "t", 't', 's'},
    {"d", "d", 't', 's'},
    {"k k#", "k", 'k', 's'},
    {"g", "g", 'k', 's'},
    {"tS", "ch", 'c', 's'},
    {"dZ", "j", 'c', 's'},
    {"f", "f", 'f', 'f'},
    {"v", "v", 'f', 'f'},
    {"T", "th", 'T', 'f'},
    {"D", "th", 'T', 'f'},
    {"s", "ss", 's', 'f'},
    {"z z#", "z", 's', 'f'},
    {"S", "sh", 'S', 'f'},
    {"Z", "zh", 'S', 'f'},
    {"h", "h", 'h', 'f'},
    {"m", "m", 'm', 'n'},
    {"n n-", "n", 'n', 'n'},
    {"N", "ng", 'N', 'n'},
    {"l l^", "l", 'l', 'n'},
    {"r r-", "r", 'r', 'n'},
    {"w w#", "w", 'W', 'n'},
    {"j", "y", 'j', 'n'},
};

const ws_synth_sound *ws_synth_sound_at(size_t i)
{
    return &sounds[i];
}

static bool has_mnemonic(const char *mnemonics, const char *text, size_t n)
{
    while (*mnemonics != '\0') {
        const size_t length = strcspn(mnemonics, " ");
        if (length == n && memcmp(mnemonics, text, n) == 0)
            return true;
        mnemonics += length + (mnemonics[length] == ' ');
    }
    return false;
}

static size_t find_sound(const char *text, size_t n)
{
    size_t i = 0;
    while (i < WS_SYNTH_N_SOUNDS && !has_mnemonic(sounds[i].mnemonics, text, n))
        i++;
    return i;
}

void ws_synth_sounds_read(ws_synth_sounds *read, const char *text)
{
    size_t word = 0;

    *read = (ws_synth_sounds){.n_items = 0};
    while (*text != '\0' && read->n_items < WS_SYNTH_MAX_SOUNDS) {
        const size_t gap = strspn(text, " |\n");
        const bool is_new_word = gap > 1 || *text == '\n';
        text += gap;
        word += is_new_word && read->n_items > 0;
        const char stress = *text == '\'' || *text == ',' ? *text : '\0';
        while (*text == '\'' || *text == ',' || *text == '%' || *text == '=')
            text++;
        const size_t n = strcspn(text, " |\n");
        if (n == 0)
            continue;
        const size_t at = read->n_items++;
        read->items[at].sound = find_sound(text, n);
        read->items[at].word = word;
        read->items[at].stress = stress;
        (void)snprintf(read->items[at].written, sizeof read->items[at].written, "%.*s", (int)n,
                       text);
        text += n;
    }
}

/** The mnemonic to be spoken: the one that was read, unless the sound is another one now. */
static void push_sound(ws_buf *buf, const ws_synth_sounds *all, size_t i)
{
    const size_t sound = all->items[i].sound;
    const char *written = all->items[i].written;

    if (sound >= WS_SYNTH_N_SOUNDS ||
        has_mnemonic(sounds[sound].mnemonics, written, strlen(written)))
        ws_buf_push_string(buf, written);
    else
        ws_buf_push(buf, sounds[sound].mnemonics, strcspn(sounds[sound].mnemonics, " "));
}

char *ws_synth_sounds_text(const ws_synth_sounds *all)
{
    ws_buf buf;

    ws_buf_init(&buf, MAX_TEXT_BYTES);
    for (size_t i = 0; i < all->n_items; i++) {
        if (i > 0)
            ws_buf_push_string(&buf, all->items[i].word != all->items[i - 1].word ? "  " : "|");
        if (all->items[i].stress != '\0')
            ws_buf_push_byte(&buf, (unsigned char)all->items[i].stress);
        push_sound(&buf, all, i);
    }
    char *text = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    return text;
}

void ws_synth_sounds_write_key(const ws_synth_sounds *all, char key[WS_SYNTH_MAX_SOUNDS + 1])
{
    for (size_t i = 0; i < all->n_items; i++)
        key[i] = all->items[i].sound < WS_SYNTH_N_SOUNDS ? sounds[all->items[i].sound].key : '?';
    key[all->n_items] = '\0';
}

bool ws_synth_sounds_hold(const ws_synth_sounds *within, const ws_synth_sounds *phrase)
{
    char a[WS_SYNTH_MAX_SOUNDS + 1], b[WS_SYNTH_MAX_SOUNDS + 1];

    ws_synth_sounds_write_key(within, a);
    ws_synth_sounds_write_key(phrase, b);
    return strstr(a, b) != NULL;
}
