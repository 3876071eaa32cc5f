#include "synth/voice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "base/text.h"
#include "synth/synth.h"

#define MAX_VERSION_BYTES  255
#define MAX_PHONEMES_BYTES ((size_t)1 << 20)

static const char package[] = "espeak-ng", purpose[] = "speaks the words";

ws_status ws_synth_voice_read_version(const char *espeak, char **version, ws_error *err)
{
    const char *const argv[] = {espeak, "--version", NULL};
    char text[MAX_VERSION_BYTES + 1];
    int exit_code;
    const ws_program program = {.argv = argv,
                                .package = package,
                                .purpose = purpose,
                                .output = text,
                                .capacity = MAX_VERSION_BYTES,
                                .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS};

    const ws_status status = ws_program_run(&program, &exit_code, err);
    if (status != WS_OK)
        return status;
    text[strcspn(text, "\r\n")] = '\0';
    char *place = strstr(text, "  Data at:"); /* differs between machines, not between voices */
    if (place != NULL)
        *place = '\0';
    if (exit_code != 0 || text[0] == '\0')
        return ws_fail(err, WS_EIO,
                       "%s --version: ended with exit code %d and said \"%s\"; expected eSpeak NG",
                       espeak, exit_code, text);
    *version = ws_text_copy(text);
    return *version != NULL ? WS_OK : ws_fail_memory(err, "a version");
}

ws_status ws_synth_voice_write(const char *espeak, const ws_synth_utterance *what,
                               const char *wav_path, ws_error *err)
{
    char pitch[16], speed[16];
    int exit_code;
    const char *const argv[] = {espeak, "-v", what->voice, "-p", pitch,      "-s",
                                speed,  "-w", wav_path,    "--", what->text, NULL};
    const ws_program program = {
        .argv = argv, .package = package, .purpose = purpose, .max_seconds = what->max_seconds};

    (void)snprintf(pitch, sizeof pitch, "%d", what->pitch);
    (void)snprintf(speed, sizeof speed, "%d", what->speed_wpm);
    const ws_status status = ws_program_run(&program, &exit_code, err);
    if (status != WS_OK)
        return status;
    if (exit_code != 0)
        return ws_fail(err, WS_EFORMAT, "%s: ended with exit code %d while saying \"%s\" as %s",
                       espeak, exit_code, what->text, what->voice);
    return WS_OK;
}

ws_status ws_synth_voice_read_phonemes(const char *espeak, const char *text, char **phonemes,
                                       ws_error *err)
{
    const char *const argv[] = {espeak, "-q", "-x", "--sep= ", "-v", "en-us", "--", text, NULL};
    char *said = malloc(MAX_PHONEMES_BYTES + 1);
    int exit_code = 0;
    const ws_program program = {.argv = argv,
                                .package = package,
                                .purpose = "knows how words are pronounced",
                                .output = said,
                                .capacity = MAX_PHONEMES_BYTES,
                                .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS};

    if (said == NULL)
        return ws_fail_memory(err, "phonemes");
    ws_status status = ws_program_run(&program, &exit_code, err);
    if (status == WS_OK)
        ws_text_drop_blanks(said, "");
    if (status == WS_OK && (exit_code != 0 || said[0] == '\0'))
        status = ws_fail(err, WS_EFORMAT,
                         "%s: ended with exit code %d and gave no phonemes for \"%.100s\"; "
                         "expected words of English",
                         espeak, exit_code, text);
    if (status == WS_OK)
        *phonemes = said;
    else
        free(said);
    return status;
}
