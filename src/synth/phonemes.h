/** The sounds of English as espeak-ng writes them. Private to synth. */
#ifndef WS_SYNTH_PHONEMES_H
#define WS_SYNTH_PHONEMES_H

#include <stdbool.h>
#include <stddef.h>

/** A sound, whatever its length. */
typedef struct ws_synth_sound {
    const char *mnemonics; /* espeak-ng's, with blanks between them; the first is spoken */
    const char *letters;   /* how English would spell it */
    char key;              /* the same for sounds that can hardly be told apart */
    char group;            /* v: vowel; consonants by how they are made: s, f, n */
} ws_synth_sound;

enum { WS_SYNTH_N_SOUNDS = 42, WS_SYNTH_MAX_SOUNDS = 64 };

/** Sound i, below WS_SYNTH_N_SOUNDS. */
const ws_synth_sound *ws_synth_sound_at(size_t i);

/** The sounds of a phrase; those beyond the last place are left out. */
typedef struct ws_synth_sounds {
    struct {
        size_t sound; /* WS_SYNTH_N_SOUNDS: one that is not in the table */
        size_t word;
        char stress;     /* ' or , or NUL */
        char written[8]; /* the mnemonic of one that is not in the table, else the one that was
                          * read */
        bool is_changed;
    } items[WS_SYNTH_MAX_SOUNDS];
    size_t n_items;
} ws_synth_sounds;

/** Reads phonemes: "|" or a blank parts them, two blanks or a line feed words. */
void ws_synth_sounds_read(ws_synth_sounds *sounds, const char *text);

/** The phonemes for espeak-ng to say, with "|" between them (free()); NULL when out of memory. */
char *ws_synth_sounds_text(const ws_synth_sounds *sounds);

/** Their keys, NUL-terminated: equal for phrases that can hardly be told apart. */
void ws_synth_sounds_write_key(const ws_synth_sounds *sounds, char key[WS_SYNTH_MAX_SOUNDS + 1]);

/** Whether the sounds of a phrase follow each other in those of another one. */
bool ws_synth_sounds_hold(const ws_synth_sounds *within, const ws_synth_sounds *phrase);

#endif
