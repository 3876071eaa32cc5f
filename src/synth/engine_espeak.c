/* espeak-ng: many accents and throats, all of them computed. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "synth/engine.h"
#include "synth/speaker.h"
#include "synth/voice.h"

enum { MIDDLE_WPM = 160, MAX_TEXT_BYTES = 1024 };

static ws_status find(const char *program, char **version, bool *has_voice, ws_error *err)
{
    for (size_t i = 0; i < WS_SYNTH_N_ESPEAK_VOICES; i++)
        has_voice[i] = true; /* a name that a version lacks becomes the nearest that it has */
    return ws_synth_voice_read_version(program, version, err);
}

/** Pitch 50 is the voice's own; 99 is half as high again, or a bit more. */
static int find_pitch(double factor)
{
    return (int)lround(fmin(99.0, fmax(0.0, 50.0 + 80.0 * log2(factor))));
}

static ws_status speak(const char *program, const ws_synth_saying *sayings, size_t n, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < n && status == WS_OK; i++) {
        char text[MAX_TEXT_BYTES];
        const ws_synth_saying *what = &sayings[i];
        (void)snprintf(text, sizeof text, what->phonemes != NULL ? "[[%s]]" : "%s",
                       what->phonemes != NULL ? what->phonemes : what->text);
        const ws_synth_utterance utterance = {
            .text = text,
            .voice = what->voice,
            .pitch = find_pitch(what->pitch),
            .speed_wpm = (int)lround(MIDDLE_WPM * what->speed),
            .max_seconds = what->max_seconds,
        };
        status = ws_synth_voice_write(program, &utterance, what->path, err);
    }
    return status;
}

const ws_synth_engine ws_synth_engine_espeak = {
    .name = "espeak-ng",
    .program = "espeak-ng",
    .package = "espeak-ng",
    .licence = "program: GPL-3.0-or-later",
    .share = 3.0,
    .most_size = 1.1,
    .n_voices = WS_SYNTH_N_ESPEAK_VOICES,
    .get_voice = ws_synth_speaker_get_voice,
    .find = find,
    .speak = speak,
};
