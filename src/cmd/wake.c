/* wordspot wake */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/shell.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/stop.h"
#include "cmd/wake_recordings.h"
#include "cmd/wake_report.h"
#include "cmd/wake_sound.h"
#include "cmd/wake_steps.h"
#include "dataset/phrase_name.h"
#include "formats/c_name.h"
#include "settings/rows.h"
#include "settings/train_flags.h"
#include "synth/wake.h"

typedef struct wake_flags {
    const char *word, *output, *recordings, *negatives, *false_accepts, *misses, *held_out;
    const char *noise_dir, *rir_dir, *engines, *tts_command, *preset;
    int64_t voices, steps, seed, threads;
    double target_false_accepts, tts_seconds;
} wake_flags;

#define AT(field) offsetof(wake_flags, field)

#define DATA   WS_FLAGS_DATA
#define MODEL  WS_FLAGS_MODEL
#define RUN    WS_FLAGS_RUN
#define OUTPUT WS_FLAGS_OUTPUT

static const ws_flag flags[] = {
    WS_ROW_TEXT(word, "", "PHRASE", DATA, "The word or phrase, as it is written: \"hey jarvis\"."),
    WS_ROW_PATH(
        recordings, "", "DIR", DATA,
        "Your own recordings of the phrase: sound files of any length, rate and format, "
        "with the phrase once in each. <speaker>_nohash_<n>.wav says who speaks. If a folder "
        "inside is named as the phrase, only that one is the phrase, and those beside it "
        "are other words."),
    WS_ROW_PATH(
        negatives, "", "DIR", DATA,
        "Long recordings without the phrase: a kitchen, a podcast, read books. Folders inside "
        "that are named after the phrase are left out."),
    WS_ROW_PATH(false_accepts, "", "DIR", DATA,
                "Sound that an earlier model took for the phrase, as `wordspot listen --record` "
                "keeps it."),
    WS_ROW_PATH(misses, "", "DIR", DATA,
                "Sound with the phrase that an earlier model missed, likewise."),
    WS_ROW_PATH(held_out, "", "DIR", DATA,
                "Long recordings without the phrase that are kept for the test and the cutoff: the "
                "more hours, the better. By default synthetic speech."),
    WS_ROW_PATH(noise_dir, "", "DIR", DATA, "Recordings of noise. By default noise is computed."),
    WS_ROW_PATH(rir_dir, "", "DIR", DATA,
                "Impulse responses of rooms. By default rooms are computed."),
    WS_ROW_WHOLE(
        voices, "1000", 20, 50000, "N", DATA,
        "Synthetic clips of the phrase. As many sentences and half as many near misses are "
        "made for the training; a tenth as many phrases and a fifth as many sentences for "
        "the test. All this takes about 120 kB on disk for each clip of the phrase."),
    WS_ROW_TEXT(engines, "", "NAMES", DATA,
                "The programs that speak, a comma list of espeak-ng, flite and festival; empty: "
                "those that are installed."),
    WS_ROW_TEXT(tts_command, "", "COMMAND", DATA,
                "A further program that speaks, as of `wordspot synth`."),
    WS_ROW_REAL(tts_seconds, "60", 0.1, 3600, "SECONDS", DATA,
                "Longest time that a program may take for one clip. One that hangs is stopped "
                "then, and named."),
    WS_ROW_TEXT(preset, "wake", "NAME", MODEL,
                "The network and its training: wake (53 kB) or wake_2026 (larger)."),
    WS_ROW_WHOLE(
        steps, "0", 0, INT32_MAX, "N", MODEL,
        "Training steps; 0: as many as the preset says with --recordings or --misses, 2,000 "
        "with synthetic voices alone."),
    WS_ROW_REAL(target_false_accepts, "0.5", 0.001, 1000, "RATE", MODEL,
                "Choose the cutoff for this number of false accepts an hour."),
    WS_ROW_WHOLE(seed, "59185", 0, UINT32_MAX, "N", RUN, "Seed of all random numbers."),
    WS_ROW_WHOLE(threads, "0", 0, 1024, "N", RUN, "Number of threads; 0: one a core."),
    WS_ROW_PATH(output, "", "DIR", OUTPUT,
                "Where everything goes: <phrase>.tflite and .json for ESPHome, firmware/<phrase>.c "
                "and .h, report.md, and the voices, checkpoints and event files that they are "
                "made of."),
};

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "The phrase and its sound",
    [MODEL] = "Model",
    [RUN] = "The run",
    [OUTPUT] = "Output",
};

static const ws_flag_table table = {
    .command = "wake",
    .summary = "Makes a detector of your own wake word for a device: synthetic voices, training, "
               "the cutoff and the model files. It prints the commands that it runs, and continues "
               "where it was stopped.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .titles = titles,
};

typedef struct waking {
    const wake_flags *flags;
    const char *program;
    ws_wake_steps steps;
    ws_text_list words;                /* of the next step */
    ws_text_list outputs;              /* its files */
    char *stamp;                       /* of the user's sound that it reads (owned); NULL: none */
    ws_text_list commands;             /* so far, as text */
    char name[WS_PHRASE_NAME_BYTES];   /* of files */
    char c_name[WS_PHRASE_NAME_BYTES]; /* of the C array */
    ws_wake_recordings recordings;
    bool has_no_memory;
} waking;

static void begin(waking *w, const char *command)
{
    ws_text_list_deinit(&w->words);
    ws_text_list_deinit(&w->outputs);
    free(w->stamp);
    w->words = w->outputs = (ws_text_list){0};
    w->stamp = NULL;
    w->has_no_memory = ws_text_list_push(&w->words, command) != WS_OK || w->has_no_memory;
}

/** Adds --name=value made of two parts; nothing where the first is empty. */
static void add(waking *w, const char *name, const char *value, const char *rest)
{
    char *text = ws_text_format("--%s=%s%s", name, value, rest);

    if (value[0] != '\0' && (text == NULL || ws_text_list_push(&w->words, text) != WS_OK))
        w->has_no_memory = true;
    free(text);
}

static void add_whole(waking *w, const char *name, int64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    add(w, name, text, "");
}

static void add_real(waking *w, const char *name, double value)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%g", value);
    add(w, name, text, "");
}

/** Adds a list of folders: one of the voices, and those of the user. */
static void add_dirs(waking *w, const char *name, const char *voices, const char *own,
                     const char *more)
{
    char *text = ws_text_format("%s/voices/%s%s%s%s%s", w->flags->output, voices,
                                own[0] != '\0' ? "," : "", own, more[0] != '\0' ? "," : "", more);

    w->has_no_memory = w->has_no_memory || text == NULL;
    add(w, name, text != NULL ? text : "", "");
    free(text);
}

/** A file in the output that the step leaves. Three parts of its path. */
static void add_output(waking *w, const char *folder, const char *name, const char *ending)
{
    char *path = ws_text_format("%s%s%s%s", w->flags->output, folder, name, ending);

    if (path == NULL || ws_text_list_push(&w->outputs, path) != WS_OK)
        w->has_no_memory = true;
    free(path);
}

static ws_wake_step step_of(const waking *w)
{
    return (ws_wake_step){.words = &w->words,
                          .outputs = &w->outputs,
                          .stamp = w->stamp != NULL ? w->stamp : "",
                          .keeps_itself = strcmp(w->words.items[0], "synth") == 0};
}

static ws_status run(waking *w, const ws_text_list *actual, ws_error *err)
{
    char *command = ws_shell_join(w->words.n_items, w->words.items);

    if (command == NULL || ws_text_list_push(&w->commands, command) != WS_OK)
        w->has_no_memory = true;
    free(command);
    if (w->has_no_memory)
        return ws_fail_memory(err, "the steps of a wake word");
    const ws_wake_step step = step_of(w);
    return w->steps.code == 0 ? ws_wake_steps_run(&w->steps, &step, actual, err) : WS_OK;
}

static void set_voices(waking *w, const char *dir, int64_t n_phrases, int64_t n_near,
                       int64_t n_sentences, int64_t seed)
{
    begin(w, "synth");
    add(w, "phrase", w->flags->word, "");
    add(w, "data_dir", w->flags->output, dir);
    add_whole(w, "positives", n_phrases);
    add_whole(w, "near_misses", n_near);
    add_whole(w, "sentences", n_sentences);
    add(w, "engines", w->flags->engines, "");
    add(w, "tts_command", w->flags->tts_command, "");
    if (fabs(w->flags->tts_seconds - WS_SYNTH_MAX_SPEECH_SECONDS) > 0.0)
        add_real(w, "tts_seconds", w->flags->tts_seconds);
    add_whole(w, "seed", seed);
    add_output(w, dir, "/synth.txt", "");
}

static ws_status make_voices(waking *w, ws_error *err)
{
    const wake_flags *f = w->flags;

    set_voices(w, "/voices", f->voices, f->voices / 2, f->voices, f->seed);
    ws_status status = run(w, NULL, err);
    if (status != WS_OK)
        return status;
    /* of other seeds: none of these sentences was trained with; the test takes no near misses */
    set_voices(w, "/test_voices", f->voices / 10, 0, f->voices / 5, f->seed + 1);
    return run(w, NULL, err);
}

/** The step reads these folders of the user. */
static ws_status set_stamp(waking *w, const char *const *dirs, size_t n_dirs, ws_error *err)
{
    free(w->stamp);
    return ws_wake_sound_stamp(dirs, n_dirs, &w->stamp, err);
}

/* Without any person among the voices; why this and the flags below: README.md. */
static const int64_t voices_steps = 2000;

static ws_status train(waking *w, ws_error *err)
{
    const wake_flags *f = w->flags;
    const char *const own[] = {f->recordings, f->misses,    f->false_accepts,
                               f->negatives,  f->noise_dir, f->rir_dir};
    const bool has_people = f->recordings[0] != '\0' || f->misses[0] != '\0';
    ws_text_list resumed = {0};
    char *dir = ws_text_format("%s/train", f->output), *start = NULL;

    begin(w, "train");
    add(w, "preset", f->preset, "");
    add(w, "wake_word", f->word, "");
    add_dirs(w, "wake_word_clips", "positive", w->recordings.phrase, f->misses);
    add_dirs(w, "wake_word_near", "near", f->false_accepts, "");
    add_dirs(w, "wake_word_speech", "speech", f->negatives, w->recordings.others);
    add_dirs(w, "noise_dir", "noise", f->noise_dir, "");
    add(w, "rir_dir", f->rir_dir, "");
    if (f->steps > 0 || !has_people)
        add_whole(w, "how_many_training_steps", f->steps > 0 ? f->steps : voices_steps);
    add(w, "wake_word_logit_factor", has_people ? "" : "1", "");
    add(w, "label_smoothing", has_people ? "" : "0.05", "");
    add(w, "noise_snr", has_people ? "" : "-3..50", "");
    add(w, "background_frequency", has_people ? "" : "0.8", "");
    add_whole(w, "seed", f->seed);
    if (f->threads > 0)
        add_whole(w, "threads", f->threads);
    add(w, "train_dir", f->output, "/train");
    add(w, "summaries_dir", f->output, "/logs");
    add_output(w, "/train", "/checkpoint", "");
    ws_status status = set_stamp(w, own, sizeof own / sizeof *own, err);
    const ws_wake_step step = step_of(w);
    const bool resumes = status == WS_OK && ws_wake_steps_look(&w->steps, &step) == WS_WAKE_BEGUN;
    char *record = ws_text_format("%s/checkpoint", dir != NULL ? dir : "");
    if (dir != NULL && record != NULL && resumes && ws_file_exists(record)) {
        start = ws_text_format("--start_checkpoint=%s", dir);
        if (start == NULL || ws_text_list_push(&resumed, "train") != WS_OK ||
            ws_text_list_push(&resumed, start) != WS_OK)
            w->has_no_memory = true;
    }
    w->has_no_memory = w->has_no_memory || dir == NULL || record == NULL;
    if (status == WS_OK)
        status = run(w, start != NULL ? &resumed : NULL, err);
    free(record);
    free(start);
    free(dir);
    ws_text_list_deinit(&resumed);
    return status;
}

/** Adds a folder of the user, or one that was made. */
static void add_either(waking *w, const char *name, const char *own, const char *made)
{
    add(w, name, own[0] != '\0' ? own : w->flags->output, own[0] != '\0' ? "" : made);
}

/** @param folder  in the output, between slashes: the manifest and that of the C array have the
 * same name */
static ws_status freeze(waking *w, const char *format, const char *folder, const char *ending,
                        ws_error *err)
{
    char *file = ws_text_format("%s%s%s", folder, w->name, ending);
    const char *const *own = &w->flags->held_out;
    ws_status status = WS_OK;

    begin(w, "freeze");
    add_output(w, folder, w->name, ending);
    add(w, "start_checkpoint", w->flags->output, "/train");
    add(w, "target", "esphome", "");
    add(w, "save_format", format, "");
    add(w, "output_file", w->flags->output, file != NULL ? file : "");
    if (strcmp(format, "tflite") == 0) {
        add_either(w, "long", w->flags->held_out, ws_wake_sound_find_speech(w->flags->word));
        add_real(w, "target_false_accepts", w->flags->target_false_accepts);
        add_output(w, folder, w->name, ".json");
        status = set_stamp(w, own, 1, err);
    } else {
        add(w, "c_name", w->c_name, "");
        add_output(w, folder, w->name, ".h");
        add_output(w, folder, w->name, "_settings.h");
        add_output(w, folder, w->name, ".json");
    }
    w->has_no_memory = w->has_no_memory || file == NULL;
    free(file);
    return status == WS_OK ? run(w, NULL, err) : status;
}

static ws_status test(waking *w, ws_error *err)
{
    const char *const own[] = {w->flags->held_out, w->flags->noise_dir};
    char *file = ws_text_format("/%s.tflite", w->name);

    begin(w, "test");
    add_either(w, "long", w->flags->held_out, ws_wake_sound_find_speech(w->flags->word));
    add(w, "phrases", w->flags->output, "/test_voices/positive");
    add(w, "snr", "clean,10", "");
    add_either(w, "noise_dir", w->flags->noise_dir, "/test_voices/noise");
    add(w, "graph", w->flags->output, file != NULL ? file : "");
    add_real(w, "target_false_accepts", w->flags->target_false_accepts);
    add(w, "json", w->flags->output, "/test.json");
    add(w, "text", w->flags->output, "/test.txt");
    add_output(w, "/test.json", "", "");
    add_output(w, "/test.txt", "", "");
    w->has_no_memory = w->has_no_memory || file == NULL;
    free(file);
    const ws_status status = set_stamp(w, own, sizeof own / sizeof *own, err);
    return status == WS_OK ? run(w, NULL, err) : status;
}

/** Adds DIR/FOLDERNAMEENDING to a list. */
static ws_status push_path(ws_text_list *list, const char *dir, const char *folder,
                           const char *name, const char *ending)
{
    char *path = ws_text_format("%s/%s%s%s", dir, folder, name, ending);
    const ws_status status = path == NULL ? WS_ENOMEM : ws_text_list_push(list, path);

    free(path);
    return status;
}

static ws_status report(waking *w, ws_error *err)
{
    const wake_flags *f = w->flags;
    const char *const own[] = {f->recordings, f->negatives, f->false_accepts,
                               f->misses,     f->noise_dir, f->rir_dir};
    static const struct {
        const char *folder, *ending;
    } made[] = {{"", ".tflite"}, {"", ".json"}, {"firmware/", ".c"}, {"firmware/", ".h"}};
    ws_text_list manifests = {0}, dirs = {0}, files = {0};
    enum { MAX_FIGURES_BYTES = 1 << 20 };
    char *path = ws_path_join(f->output, "report.md");
    char *test_path = ws_path_join(f->output, "test.txt");
    unsigned char *figures = NULL;
    size_t n_figures = 0;
    ws_status status = path == NULL || test_path == NULL ? WS_ENOMEM : WS_OK;

    if (status == WS_OK)
        status = push_path(&manifests, f->output, "voices/", "manifest", ".tsv");
    for (size_t i = 0; i < sizeof own / sizeof *own && status == WS_OK; i++)
        if (own[i][0] != '\0')
            status = ws_text_list_push(&dirs, own[i]);
    for (size_t i = 0; i < sizeof made / sizeof *made && status == WS_OK; i++)
        status = push_path(&files, f->output, made[i].folder, w->name, made[i].ending);
    status = status != WS_OK
                 ? ws_fail_memory(err, "a report")
                 : ws_file_read(test_path, MAX_FIGURES_BYTES, &figures, &n_figures, err);
    if (status == WS_OK)
        status = ws_wake_report_write(
            &(ws_wake_report){
                .path = path,
                .word = f->word,
                .program = w->program,
                .commands = &w->commands,
                .manifests = &manifests,
                .own = &dirs,
                .files = &files,
                .figures = (const char *)figures,
                .n_figures = n_figures,
            },
            err);
    if (status == WS_OK)
        printf("Made %s (%s)\n", files.items[0], path);
    free(figures);
    free(test_path);
    free(path);
    ws_text_list_deinit(&manifests);
    ws_text_list_deinit(&dirs);
    ws_text_list_deinit(&files);
    return status;
}

static ws_status make_all(waking *w, ws_error *err)
{
    ws_status status = ws_dir_create_all(w->flags->output, err);

    if (status == WS_OK)
        status = ws_wake_steps_open(&w->steps, w->program, w->flags->output, err);
    if (status == WS_OK)
        status = make_voices(w, err);
    if (status == WS_OK)
        status = train(w, err);
    if (status == WS_OK)
        status = freeze(w, "tflite", "/", ".tflite", err);
    if (status == WS_OK)
        status = freeze(w, "c", "/firmware/", ".c", err);
    if (status == WS_OK)
        status = test(w, err);
    return status == WS_OK && w->steps.code == 0 ? report(w, err) : status;
}

/** The folders of the user, before minutes are spent on voices. */
static ws_status check_sound(const wake_flags *f, ws_error *err)
{
    /* Training leaves out folders that are named after the phrase; the test would hear them. */
    const ws_wake_sound all[] = {{.flag = "recordings", .dirs = f->recordings},
                                 {.flag = "negatives", .dirs = f->negatives, .phrase = f->word},
                                 {.flag = "misses", .dirs = f->misses},
                                 {.flag = "false_accepts", .dirs = f->false_accepts},
                                 {"held_out", f->held_out, f->word, .is_whole = true},
                                 {.flag = "noise_dir", .dirs = f->noise_dir},
                                 {.flag = "rir_dir", .dirs = f->rir_dir}};

    return ws_wake_sound_check(all, sizeof all / sizeof *all, err);
}

static ws_status check_flags(const wake_flags *f, ws_error *err)
{
    if (f->output[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output is missing, expected the directory to work in");
    if (strchr(f->output, ',') != NULL)
        return ws_fail(err, WS_EUSAGE,
                       "--output=%s: has a comma, which separates folders in lists; expected a "
                       "path without one",
                       f->output);
    if (strcmp(f->preset, "wake") != 0 && strcmp(f->preset, "wake_2026") != 0)
        return ws_fail(err, WS_EUSAGE, "--preset=%s: expected wake or wake_2026", f->preset);
    return check_sound(f, err);
}

static const char *program_name; /* of the one call of a process */

static int work(ws_flags *all)
{
    waking w = {.flags = all->values, .program = program_name};
    ws_error err = {.status = WS_OK};
    ws_status status = ws_synth_wake_check_phrase("word", w.flags->word, &err);
    if (status == WS_OK)
        status = check_flags(w.flags, &err);

    ws_phrase_name_write(w.flags->word, w.name);
    ws_c_name_make(w.flags->word, w.c_name, sizeof w.c_name);
    if (status == WS_OK)
        status = ws_wake_recordings_find(w.flags->recordings, w.flags->word, &w.recordings, &err);
    if (status == WS_OK)
        status = make_all(&w, &err);
    int code = w.steps.code;
    if (status != WS_OK)
        code = ws_command_fail("wake", &err);
    else if (code > WS_EXIT_SIGNAL)
        fprintf(stderr, "Stopped. The same command continues from here.\n");
    ws_wake_steps_close(&w.steps);
    ws_wake_recordings_deinit(&w.recordings);
    ws_text_list_deinit(&w.words);
    ws_text_list_deinit(&w.outputs);
    ws_text_list_deinit(&w.commands);
    free(w.stamp);
    return code;
}

static int run_command(const char *program, int n_arguments, char *const *arguments)
{
    wake_flags values = {.word = ""};

    program_name = program;
    return ws_command_run_flags(&table, n_arguments, arguments, &values, work);
}

const ws_command ws_command_wake = {
    .name = "wake",
    .summary = "make a detector of your own wake word for a device",
    .table = &table,
    .run = run_command,
};
