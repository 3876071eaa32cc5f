/** Who speaks in a synthetic data set: draws of voices, and their names. Private to synth. */
#ifndef WS_SYNTH_SPEAKER_H
#define WS_SYNTH_SPEAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The streams of WS_RANDOM_SYNTH, as its step. */
enum ws_synth_stream {
    WS_SYNTH_STREAM_SPEAKER = 0,    /* sample = speaker */
    WS_SYNTH_STREAM_CLIP = 1,       /* sample = clip */
    WS_SYNTH_STREAM_BACKGROUND = 2, /* sample = kind of noise */
    WS_SYNTH_STREAM_NEAR_MISS = 3,  /* sample 0: all of them */
    WS_SYNTH_STREAM_WAKE = 4,       /* this and a number for the kind; sample = clip of it */
};

typedef struct ws_synth_speaker {
    char name[9];   /* 8 hex digits, as in Speech Commands */
    char voice[48]; /* espeak-ng's name of accent and variant: "en-gb+f3" */
    int pitch;      /* espeak-ng -p, 0 .. 99 */
    int speed_wpm;  /* espeak-ng -s */
    double size;    /* of the vocal tract, 1 = as espeak-ng made it; above: deeper */
} ws_synth_speaker;

/**
 * Draws speaker number index. The name falls, at 10 per cent validation and 10 testing, into
 * validation for indexes 0, 10, 20, ..., into testing for 1, 11, 21, ..., into training else.
 */
void ws_synth_speaker_init(ws_synth_speaker *speaker, uint64_t seed, size_t index);

/** Whether that speaker is one for training. */
bool ws_synth_speaker_is_training(size_t index);

/* Accents times variants. */
enum { WS_SYNTH_N_ESPEAK_VOICES = 8 * 41 };

/** Voice i of espeak-ng, below WS_SYNTH_N_ESPEAK_VOICES. */
void ws_synth_speaker_get_voice(size_t i, char voice[48]);

#define WS_SYNTH_MAX_SPEAKERS 8192 /* indexes below it have different names */

#endif
