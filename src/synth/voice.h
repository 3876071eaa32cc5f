/** The espeak-ng program: the only place that starts it. Private to synth. */
#ifndef WS_SYNTH_VOICE_H
#define WS_SYNTH_VOICE_H

#include "audio/sound.h"
#include "base/status.h"

/** One thing to say. All strings are borrowed. */
typedef struct ws_synth_utterance {
    const char *text;
    const char *voice; /* accent+variant */
    int pitch;         /* 0 .. 99 */
    int speed_wpm;
    double max_seconds; /* above 0: the program is killed then */
} ws_synth_utterance;

/**
 * Asks the program for its version.
 *
 * @param version  set to its first line as far as it is the same on every machine (free())
 * @return WS_OK; WS_ENOTFOUND if it is not installed (err names the package); WS_EIO
 */
WS_MUST_CHECK ws_status ws_synth_voice_read_version(const char *espeak, char **version,
                                                    ws_error *err);

/**
 * Lets it speak into the file wav_path, at the rate of its voice.
 *
 * @return WS_OK, WS_ENOTFOUND, WS_EIO, WS_ELIMIT after max_seconds, or WS_EFORMAT if it failed to
 *         (err names text and voice)
 */
WS_MUST_CHECK ws_status ws_synth_voice_write(const char *espeak, const ws_synth_utterance *what,
                                             const char *wav_path, ws_error *err);

/**
 * Asks the program how a text is pronounced in American English. What is parted by full stops and
 * line feeds comes back as lines.
 *
 * @param phonemes  set to its mnemonics, with a blank between them and two between words (free())
 * @return WS_OK, WS_ENOTFOUND, WS_EIO, or WS_EFORMAT if it gives none
 */
WS_MUST_CHECK ws_status ws_synth_voice_read_phonemes(const char *espeak, const char *text,
                                                     char **phonemes, ws_error *err);

#endif
