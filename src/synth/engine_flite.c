/* flite: voices that are made of recordings of four people. */
#include <stdio.h>

#include "base/program.h"
#include "synth/engine.h"

static const char *const voices[] = {"slt", "rms", "awb", "kal"};

enum { N_VOICES = sizeof voices / sizeof *voices };

static void get_voice(size_t i, char voice[WS_SYNTH_VOICE_BYTES])
{
    (void)snprintf(voice, WS_SYNTH_VOICE_BYTES, "%s", voices[i]);
}

static ws_status find(const char *program, char **version, bool *has_voice, ws_error *err)
{
    for (size_t i = 0; i < N_VOICES; i++)
        has_voice[i] = true; /* they are part of the program */
    return ws_synth_ask(&ws_synth_engine_flite, program, "--version", version, err);
}

static ws_status say(const char *program, const ws_synth_saying *what, ws_error *err)
{
    char stretch[64], shift[64];
    const char *const argv[] = {program,     "--setf", stretch,    "--setf", shift,      "-voice",
                                what->voice, "-t",     what->text, "-o",     what->path, NULL};
    const ws_program run = {.argv = argv,
                            .package = ws_synth_engine_flite.package,
                            .purpose = "speaks the words",
                            .max_seconds = what->max_seconds};
    int exit_code;

    (void)snprintf(stretch, sizeof stretch, "duration_stretch=%.3f", 1.0 / what->speed);
    (void)snprintf(shift, sizeof shift, "f0_shift=%.3f", what->pitch);
    const ws_status status = ws_program_run(&run, &exit_code, err);
    if (status != WS_OK || exit_code == 0)
        return status;
    return ws_fail(err, WS_EFORMAT, "%s: ended with exit code %d while saying \"%s\" as %s",
                   program, exit_code, what->text, what->voice);
}

static ws_status speak(const char *program, const ws_synth_saying *sayings, size_t n, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = say(program, &sayings[i], err);
    return status;
}

const ws_synth_engine ws_synth_engine_flite = {
    .name = "flite",
    .program = "flite",
    .package = "flite",
    .licence = "program and voices: free, as of Carnegie Mellon University (like BSD)",
    .share = 4.0,
    .most_size = 1.18,
    .n_voices = N_VOICES,
    .get_voice = get_voice,
    .find = find,
    .speak = speak,
};
