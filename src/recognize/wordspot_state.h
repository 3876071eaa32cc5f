/**
 * What a spotter of libwordspot holds. The public functions (wordspot/wordspot.h) are in wordspot.c
 * and wordspot_push.c; what they are made of is in spotter.h, smoother.h and audio/polyphase.h.
 * Private to recognize/.
 */
#ifndef WS_RECOGNIZE_WORDSPOT_STATE_H
#define WS_RECOGNIZE_WORDSPOT_STATE_H

#include <stdbool.h>

#include <wordspot/wordspot.h>

#include "audio/polyphase.h"
#include "base/text.h"
#include "recognize/smoother.h"
#include "recognize/spotter.h"

/* Samples that are converted and judged at a time. */
enum { WS_WORDSPOT_BLOCK = 4096 };

struct wordspot {
    wordspot_options options; /* with defaults in place of 0; texts are not kept */
    ws_text_list labels;
    size_t unknown; /* its label; n_items if the model has none */
    int model_rate_hz;
    size_t window, stride; /* samples at the model's rate */
    ws_spotter *spotter;
    ws_smoother *smoother;
    ws_polyphase *converter;     /* NULL: the sound has the model's rate */
    float in[WS_WORDSPOT_BLOCK]; /* one channel of what was pushed */
    float converted[WS_WORDSPOT_BLOCK];
    uint64_t n_pushed;  /* samples of each channel since the reset */
    size_t n_given;     /* while labelling: samples that the spotter has, at the model's rate */
    float *clip_scores; /* while labelling: where the scores go; else NULL */
    bool is_finished;
    wordspot_heard waiting[WORDSPOT_MAX_WAITING]; /* a ring */
    size_t first_waiting, n_waiting;
    uint64_t n_lost;
};

/** Hands a fault on as the caller knows it. */
wordspot_status ws_wordspot_pass(ws_status status, const ws_error *err, wordspot_error *error);

static inline double ws_wordspot_seconds(uint64_t n_samples, int rate_hz)
{
    return (double)n_samples / rate_hz;
}

#endif
