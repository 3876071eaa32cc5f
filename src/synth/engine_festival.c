/* festival: English voices of Debian's packages, and of festvox.org where they are installed. It
 * takes long to start, so it says many things in one run of a script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "synth/engine.h"
#include "synth/synth.h"

static const char *const voices[] = {
    "cmu_us_slt_arctic_hts", "cmu_us_awb_arctic_hts", "cmu_us_bdl_arctic_hts",
    "cmu_us_clb_arctic_hts", "cmu_us_jmk_arctic_hts", "cmu_us_rms_arctic_hts",
    "ked_diphone",           "kal_diphone",           "rab_diphone",
    "don_diphone",
};

enum { N_VOICES = sizeof voices / sizeof *voices, MAX_LIST_BYTES = 4095 };

static const size_t max_script_bytes = 1 << 16;

static void get_voice(size_t i, char voice[WS_SYNTH_VOICE_BYTES])
{
    (void)snprintf(voice, WS_SYNTH_VOICE_BYTES, "%s", voices[i]);
}

/** Whether a list in parentheses has that word. */
static bool has_word(const char *list, const char *word)
{
    const size_t n = strlen(word);

    for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word))
        if (at > list && strchr("( ", at[-1]) != NULL && at[n] != '\0' &&
            strchr(") ", at[n]) != NULL)
            return true;
    return false;
}

static ws_status find(const char *program, char **version, bool *has_voice, ws_error *err)
{
    const ws_synth_engine *self = &ws_synth_engine_festival;
    const char *const argv[] = {program, "-b", "(print (voice.list))", NULL};
    char list[MAX_LIST_BYTES + 1];
    bool has_any = false;
    int exit_code;
    const ws_program asked = {.argv = argv,
                              .package = self->package,
                              .purpose = "speaks the words",
                              .output = list,
                              .capacity = MAX_LIST_BYTES,
                              .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS};

    const ws_status status = ws_program_run(&asked, &exit_code, err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < N_VOICES; i++)
        has_any |= has_voice[i] = has_word(list, voices[i]);
    if (exit_code != 0 || !has_any)
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: has no English voice; on Debian or Ubuntu `apt-get install %s` brings "
                       "some",
                       program, self->package);
    return ws_synth_ask(self, program, "--version", version, err);
}

/** A string of the script. Texts have no quotes; paths may. */
static void push_string(ws_buf *script, const char *text)
{
    ws_buf_push_byte(script, '"');
    for (; *text != '\0'; text++)
        ws_buf_push_format(script, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    ws_buf_push_byte(script, '"');
}

/** Speed and pitch, which voices of HTS and of diphones take in different ways; of the former the
 *  pitch stays. */
static void push_manner(ws_buf *script, const ws_synth_saying *what)
{
    enum { MEAN_HZ = 105 }; /* of the diphone voices */

    if (ws_text_has_suffix(what->voice, "_hts"))
        ws_buf_push_format(script,
                           "(set! hts_engine_params (append own (list (list \"-r\" %.3f))))\n",
                           what->speed);
    else
        ws_buf_push_format(script,
                           "(Parameter.set 'Duration_Stretch %.3f)\n"
                           "(set! int_lr_params '((target_f0_mean %.1f) (target_f0_std 14) "
                           "(model_f0_mean 170) (model_f0_std 34)))\n",
                           1.0 / what->speed, MEAN_HZ * what->pitch);
}

static char *make_script(const ws_synth_saying *sayings, size_t n)
{
    ws_buf script;

    ws_buf_init(&script, max_script_bytes);
    for (size_t i = 0; i < n; i++) {
        const ws_synth_saying *what = &sayings[i];
        if (i == 0 || strcmp(what->voice, sayings[i - 1].voice) != 0)
            ws_buf_push_format(
                &script, "(voice_%s)\n%s", what->voice,
                ws_text_has_suffix(what->voice, "_hts") ? "(set! own hts_engine_params)\n" : "");
        push_manner(&script, what);
        ws_buf_push_string(&script, "(utt.save.wave (utt.synth (Utterance Text ");
        push_string(&script, what->text);
        ws_buf_push_string(&script, ")) ");
        push_string(&script, what->path);
        ws_buf_push_string(&script, " 'riff)\n");
    }
    char *text = ws_buf_take_string(&script);
    ws_buf_deinit(&script);
    return text;
}

static ws_status run_script(const char *program, const char *path, const ws_synth_saying *sayings,
                            size_t n, ws_error *err)
{
    const char *const argv[] = {program, "-b", path, NULL};
    const ws_program run = {.argv = argv,
                            .package = ws_synth_engine_festival.package,
                            .purpose = "speaks the words",
                            .max_seconds = (double)n * sayings[0].max_seconds};
    int exit_code;

    const ws_status status = ws_program_run(&run, &exit_code, err);
    for (size_t i = 0; i < n && status == WS_OK; i++)
        if (exit_code != 0 || !ws_file_exists(sayings[i].path))
            return ws_fail(err, WS_EFORMAT, "%s: ended with exit code %d while saying \"%s\" as %s",
                           program, exit_code, sayings[i].text, sayings[i].voice);
    return status;
}

static ws_status speak(const char *program, const ws_synth_saying *sayings, size_t n, ws_error *err)
{
    char *script = make_script(sayings, n);
    char *path = ws_text_format("%s.scm", sayings[0].path);
    ws_status status = script != NULL && path != NULL
                           ? ws_file_write(path, script, strlen(script), err)
                           : ws_fail_memory(err, "a script");

    if (status == WS_OK) {
        status = run_script(program, path, sayings, n, err);
        (void)unlink(path);
    }
    free(script);
    free(path);
    return status;
}

const ws_synth_engine ws_synth_engine_festival = {
    .name = "festival",
    .program = "festival",
    .package = "festival festvox-us-slt-hts festvox-kallpc16k festvox-kdlpc16k",
    .licence = "program and voices: free, as of the University of Edinburgh and Carnegie Mellon "
               "University (like MIT and BSD)",
    .share = 4.0,
    .most_size = 1.18,
    .n_voices = N_VOICES,
    .get_voice = get_voice,
    .find = find,
    .speak = speak,
};
