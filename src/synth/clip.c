#include "synth/clip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audio/sound.h"
#include "base/random.h"
#include "synth/shape.h"
#include "synth/speaker.h"
#include "synth/voice.h"

#define CLIP_SAMPLES   WS_SYNTH_SAMPLE_RATE_HZ /* one second */
#define MAX_WORD_BYTES 80                      /* with its punctuation */
#define MAX_SPEED_WPM  400                     /* espeak-ng blurs words beyond */
#define MAX_TRIES      4

/** Cuts the silence off both ends; before resampling, which takes time. */
static void trim(ws_sound *speech)
{
    const ws_synth_span span =
        ws_synth_find_speech(speech->samples, speech->n_samples, speech->sample_rate_hz);
    memmove(speech->samples, speech->samples + span.start, span.n * sizeof *speech->samples);
    speech->n_samples = span.n;
}

/** Lets it speak, and reads the speech as from a throat of that size: without the silence around
 *  it, at WS_SYNTH_SAMPLE_RATE_HZ. No samples if nothing was heard. */
static ws_status speak(const char *espeak, const ws_synth_utterance *what, double size,
                       const char *scratch_path, ws_sound *speech, ws_error *err)
{
    ws_status status = ws_synth_voice_write(espeak, what, scratch_path, err);
    if (status == WS_OK)
        status = ws_sound_read(scratch_path, 0, speech, err);
    (void)unlink(scratch_path);
    if (status != WS_OK)
        return status;
    trim(speech);
    if (speech->n_samples == 0)
        return WS_OK;
    /* Played slower than it was spoken, all resonances move down as in a larger throat. */
    speech->sample_rate_hz = (int)lround((double)speech->sample_rate_hz / size);
    status = ws_sound_resample(speech, WS_SYNTH_SAMPLE_RATE_HZ, err);
    if (status != WS_OK)
        ws_sound_deinit(speech);
    return status;
}

/** The same until it fits into a clip: a long word by a slow speaker is said again, faster. */
static ws_status speak_in_time(const char *espeak, ws_synth_utterance *what, double size,
                               const char *scratch_path, ws_sound *speech, ws_error *err)
{
    for (int try = 0; try < MAX_TRIES; try++) {
        const ws_status status = speak(espeak, what, size, scratch_path, speech, err);
        if (status != WS_OK)
            return status;
        if (speech->n_samples > 0 && speech->n_samples <= CLIP_SAMPLES)
            return WS_OK;
        const double too_long = (double)speech->n_samples / CLIP_SAMPLES;
        ws_sound_deinit(speech);
        if (too_long <= 0.0)
            return ws_fail(err, WS_EFORMAT,
                           "%s: says nothing for \"%s\" as %s; expected a word of English", espeak,
                           what->text, what->voice);
        what->speed_wpm = (int)fmin(MAX_SPEED_WPM, ceil(what->speed_wpm * too_long * 1.05));
    }
    return ws_fail(err, WS_EFORMAT,
                   "%s: needs more than a second for \"%s\" even at %d words a minute as %s; "
                   "expected a shorter word",
                   espeak, what->text, what->speed_wpm, what->voice);
}

/** How this speaker says it this time: stated, called or asked, a bit higher, a bit slower. */
static void draw_manner(const ws_synth_speaker *speaker, const char *word,
                        char text[MAX_WORD_BYTES], ws_synth_utterance *what, ws_random *random)
{
    static const char *const endings[] = {"", "", "!", "?"};
    const uint32_t n_endings = sizeof endings / sizeof *endings;
    const char *ending = endings[ws_random_below(random, n_endings)];
    const int pitch = speaker->pitch - 6 + (int)ws_random_below(random, 13);
    const double pace = 0.9 + 0.2 * ws_random_uniform(random);

    (void)snprintf(text, MAX_WORD_BYTES, "%s%s", word, ending);
    *what = (ws_synth_utterance){
        .text = text,
        .voice = speaker->voice,
        .pitch = pitch < 0 ? 0 : (pitch > 99 ? 99 : pitch),
        .speed_wpm = (int)lround(speaker->speed_wpm * pace),
        .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS,
    };
}

ws_status ws_synth_clip_write(const ws_synth_options *options, const ws_synth_plan *plan,
                              size_t index, const char *scratch_path, ws_error *err)
{
    const ws_synth_clip *clip = &plan->clips[index];
    float samples[CLIP_SAMPLES];
    char text[MAX_WORD_BYTES];
    ws_synth_utterance what;
    ws_synth_speaker speaker;
    ws_random random;
    ws_sound speech;

    ws_synth_speaker_init(&speaker, options->seed, clip->speaker);
    ws_random_init(&random, options->seed, WS_RANDOM_SYNTH, WS_SYNTH_STREAM_CLIP, (uint32_t)index);
    draw_manner(&speaker, plan->words.items[clip->word], text, &what, &random);
    ws_status status =
        speak_in_time(options->espeak, &what, speaker.size, scratch_path, &speech, err);
    if (status != WS_OK)
        return status;
    ws_synth_shape_clip(speech.samples, speech.n_samples, samples, CLIP_SAMPLES, &random);
    ws_sound_deinit(&speech);
    return ws_sound_write(plan->clip_paths.items[index], samples, CLIP_SAMPLES,
                          WS_SYNTH_SAMPLE_RATE_HZ, err);
}
