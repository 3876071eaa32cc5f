/* Any other program, by a command of the user: --tts_command='piper --model M --output_file {out}'.
 * It goes through a shell; the text is its standard input, and {text} in it, too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/program.h"
#include "base/shell.h"
#include "base/text.h"
#include "synth/engine.h"

static const size_t max_command_bytes = 1 << 16;

static void get_voice(size_t i, char voice[WS_SYNTH_VOICE_BYTES])
{
    (void)i;
    (void)snprintf(voice, WS_SYNTH_VOICE_BYTES, "command");
}

static ws_status find(const char *program, char **version, bool *has_voice, ws_error *err)
{
    if (strstr(program, "{out}") == NULL)
        return ws_fail(err, WS_EUSAGE,
                       "--tts_command=%s: expected {out} in it, where the WAV file goes", program);
    has_voice[0] = true;
    *version = ws_text_copy(program);
    return *version != NULL ? WS_OK : ws_fail_memory(err, "a command");
}

/** The command with what stands for {text}, {out} and {n}. */
static char *fill_in(const char *command, const ws_synth_saying *what)
{
    ws_buf line;

    ws_buf_init(&line, max_command_bytes);
    while (*command != '\0') {
        if (strncmp(command, "{text}", 6) == 0) {
            ws_shell_push_word(&line, what->text);
            command += 6;
        } else if (strncmp(command, "{out}", 5) == 0) {
            ws_shell_push_word(&line, what->path);
            command += 5;
        } else if (strncmp(command, "{n}", 3) == 0) {
            ws_buf_push_format(&line, "%zu", what->number);
            command += 3;
        } else {
            ws_buf_push_byte(&line, (unsigned char)*command++);
        }
    }
    char *text = ws_buf_take_string(&line);
    ws_buf_deinit(&line);
    return text;
}

static ws_status say(const char *program, const ws_synth_saying *what, ws_error *err)
{
    char *line = fill_in(program, what), *input = ws_text_format("%s\n", what->text);
    const char *const argv[] = {"/bin/sh", "-c", line, NULL};
    const ws_program run = {.argv = argv, .input = input, .max_seconds = what->max_seconds};
    int exit_code = 0;
    ws_status status = line != NULL && input != NULL ? ws_program_run(&run, &exit_code, err)
                                                     : ws_fail_memory(err, "a command");

    if (status == WS_ELIMIT)
        status =
            ws_fail(err, WS_ELIMIT,
                    "--tts_command: `%s` still ran after %g s, and was stopped; expected it to "
                    "end by then, or a longer --tts_seconds",
                    line, what->max_seconds);
    if (status == WS_OK && (exit_code != 0 || !ws_file_exists(what->path)))
        status = ws_fail(err, WS_EFORMAT,
                         "--tts_command: `%s` ended with exit code %d%s; expected a WAV file there",
                         line, exit_code, exit_code == 0 ? " and wrote no file" : "");
    free(line);
    free(input);
    return status;
}

static ws_status speak(const char *program, const ws_synth_saying *sayings, size_t n, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; i < n && status == WS_OK; i++)
        status = say(program, &sayings[i], err);
    return status;
}

const ws_synth_engine ws_synth_engine_command = {
    .name = "command",
    .licence = "as of the program and voice that --tts_command names",
    .share = 12.0,
    .most_size = 1.1,
    .n_voices = 1,
    .get_voice = get_voice,
    .find = find,
    .speak = speak,
};
