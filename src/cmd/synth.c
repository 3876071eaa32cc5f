/* wordspot synth */
#include <stdint.h>
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/stop.h"
#include "settings/rows.h"
#include "synth/synth.h"
#include "synth/wake.h"

/** The values of the flags; see ws_synth_options for what they mean. */
typedef struct synth_flags {
    const char *data_dir;
    const char *words, *unknown_words;
    int64_t clips, unknown_clips;
    int64_t background_files, background_seconds;
    int64_t seed, jobs;
    const char *espeak;
    const char *phrase, *engines, *tts_command;
    int64_t positives, near_misses, sentences;
    double tts_seconds;
} synth_flags;

#define AT(field)       offsetof(synth_flags, field)
#define DIGITS(number)  #number
#define AS_TEXT(number) DIGITS(number)

#define UNKNOWN_WORDS                                      \
    "bed,bird,cat,dog,happy,house,marvin,sheila,tree,wow," \
    "zero,one,two,three,four,five,six,seven,eight,nine"

/* Unless told otherwise: a few thousand clips. */
static const ws_flag flags[] = {
    WS_ROW_PATH(
        data_dir, "tmp/synth_dataset", "DIR", WS_FLAGS_DATA,
        "Where the data set goes: <word>/<speaker>_nohash_<n>.wav and _background_noise_/*.wav. A "
        "set that was begun with the same flags is completed."),
    WS_ROW_TEXT(words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", WS_FLAGS_DATA,
                "The words, a comma list."),
    WS_ROW_TEXT(unknown_words, UNKNOWN_WORDS, "WORDS", WS_FLAGS_DATA,
                "Further words, for the unknown class."),
    WS_ROW_WHOLE(clips, "300", WS_SYNTH_MIN_CLIPS, WS_SYNTH_MAX_CLIPS, "N", WS_FLAGS_DATA,
                 "Clips of each word."),
    WS_ROW_WHOLE(unknown_clips, "50", WS_SYNTH_MIN_CLIPS, WS_SYNTH_MAX_CLIPS, "N", WS_FLAGS_DATA,
                 "Clips of each further word."),
    WS_ROW_WHOLE(background_files, AS_TEXT(WS_SYNTH_N_BACKGROUND_KINDS), 0,
                 WS_SYNTH_N_BACKGROUND_KINDS, "N", WS_FLAGS_DATA,
                 "Kinds of background noise, a file each."),
    WS_ROW_WHOLE(background_seconds, "30", WS_SYNTH_MIN_BACKGROUND_SECONDS,
                 WS_SYNTH_MAX_BACKGROUND_SECONDS, "N", WS_FLAGS_DATA,
                 "Length of each, in seconds."),
    WS_ROW_TEXT(phrase, "", "WORDS", WS_FLAGS_DATA,
                "Makes voices for this wake word instead of a data set of words: "
                "<data_dir>/positive says it, near says phrases that sound nearly like it, speech "
                "says sentences of common and invented words, noise is computed, and manifest.tsv "
                "lists the "
                "source and licence of each file."),
    WS_ROW_WHOLE(positives, "1000", 1, WS_SYNTH_MAX_WAKE_CLIPS, "N", WS_FLAGS_DATA,
                 "Clips of --phrase."),
    WS_ROW_WHOLE(near_misses, "1000", 0, WS_SYNTH_MAX_WAKE_CLIPS, "N", WS_FLAGS_DATA,
                 "Clips that sound nearly like --phrase: one or two sounds are exchanged, left out "
                 "or added, or a part is missing."),
    WS_ROW_WHOLE(sentences, "250", 0, WS_SYNTH_MAX_WAKE_CLIPS, "N", WS_FLAGS_DATA,
                 "Clips of other speech, for --phrase."),
    WS_ROW_TEXT(engines, "", "NAMES", WS_FLAGS_DATA,
                "The programs that say --phrase, a comma list of espeak-ng, flite and festival; "
                "empty: those that are installed. More engines give a better detector."),
    WS_ROW_TEXT(tts_command, "", "COMMAND", WS_FLAGS_DATA,
                "A further program that says --phrase, for a shell: {out} stands for the WAV file "
                "that it writes, {text} for the words, which are its standard input, too, and {n} "
                "for the number of the clip, such as to choose a voice. Example: piper --model "
                "voice.onnx --output_file {out}."),
    WS_ROW_REAL(tts_seconds, "60", 0.1, 3600, "SECONDS", WS_FLAGS_DATA,
                "Longest time that a program may take for one clip of --phrase. One that hangs is "
                "stopped then, and named."),
    WS_ROW_WHOLE(seed, "59185", 0, UINT32_MAX, "N", WS_FLAGS_RUN,
                 "Of all random numbers: the same seed gives the same files."),
    WS_ROW_WHOLE(jobs, "0", 0, WS_SYNTH_MAX_JOBS, "N", WS_FLAGS_RUN,
                 "How many clips are spoken at a time; 0: two for each core."),
    WS_ROW_PATH(espeak, "espeak-ng", "PROGRAM", WS_FLAGS_RUN, "The program that speaks."),
};

static const ws_flag_table table = {
    .command = "synth",
    .summary = "Makes a small data set of spoken words with espeak-ng, in many voices, to try "
               "things out without a download; or with --phrase voices for a wake word.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
};

static bool show_progress(void *user, size_t n_done, size_t n_files)
{
    ws_console *console = user;
    ws_console_show_count(console, "speaking", n_done, n_files);
    return !ws_stop_wanted(NULL);
}

/** Takes lines about engines that could be installed. */
static void show_line(void *user, ws_log_level level, const char *line)
{
    (void)level;
    ws_console_clear(user);
    fprintf(stderr, "%s\n", line);
}

static ws_status make_words(const synth_flags *values, const ws_synth_watch *watch,
                            ws_synth_report *report, ws_error *err)
{
    const ws_synth_options options = {
        .data_dir = values->data_dir,
        .words = values->words,
        .unknown_words = values->unknown_words,
        .n_clips = (size_t)values->clips,
        .n_unknown_clips = (size_t)values->unknown_clips,
        .n_background_files = (size_t)values->background_files,
        .background_seconds = (size_t)values->background_seconds,
        .seed = (uint64_t)values->seed,
        .n_jobs = (size_t)values->jobs,
        .espeak = values->espeak,
    };

    return ws_synth_run(&options, watch, report, err);
}

static ws_status make_phrase(const synth_flags *values, const ws_synth_watch *watch,
                             ws_synth_report *report, ws_error *err)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = show_line, .user = watch->user};
    const ws_synth_wake_options options = {
        .data_dir = values->data_dir,
        .phrase = values->phrase,
        .n_positives = (size_t)values->positives,
        .n_near_misses = (size_t)values->near_misses,
        .n_sentences = (size_t)values->sentences,
        .background_seconds = values->background_files > 0 ? (size_t)values->background_seconds : 0,
        .seed = (uint64_t)values->seed,
        .n_jobs = (size_t)values->jobs,
        .engines = values->engines,
        .command = values->tts_command,
        .espeak = values->espeak,
        .max_seconds = values->tts_seconds,
    };

    return ws_synth_wake_run(&options, watch, &log, report, err);
}

/** A flag of the other kind of set has no effect: refused, as it would be missed. */
static ws_status check_given(const ws_flags *all, bool has_phrase, ws_error *err)
{
    static const char *const of_words[] = {"words", "unknown_words", "clips", "unknown_clips"};
    static const char *const of_phrase[] = {"positives", "near_misses", "sentences",
                                            "engines",   "tts_command", "tts_seconds"};
    const char *const *names = has_phrase ? of_words : of_phrase;
    const size_t n =
        has_phrase ? sizeof of_words / sizeof *of_words : sizeof of_phrase / sizeof *of_phrase;

    for (size_t i = 0; i < n; i++)
        if (ws_flags_is_given(all, names[i]))
            return ws_fail(err, WS_EUSAGE, "--%s: has no effect %s --phrase; expected %s", names[i],
                           has_phrase ? "with" : "without",
                           has_phrase ? "one of the two" : "both or neither");
    return WS_OK;
}

static int synth(ws_flags *all)
{
    const synth_flags *values = all->values;
    ws_error err = {.status = WS_OK};
    ws_console console;
    ws_synth_report report;
    const ws_synth_watch watch = {.progress = show_progress, .user = &console};

    ws_stop_watch("\nStopping after these clips; once more ends at once.\n");
    ws_status status = check_given(all, values->phrase[0] != '\0', &err);
    if (status != WS_OK)
        return ws_command_fail("synth", &err);
    status = ws_console_init(&console, "info", &err);
    if (status == WS_OK)
        status = values->phrase[0] != '\0' ? make_phrase(values, &watch, &report, &err)
                                           : make_words(values, &watch, &report, &err);
    ws_console_clear(&console);
    if (status != WS_OK)
        return ws_command_fail("synth", &err);
    fprintf(stderr, "%s: %zu of %zu files, %zu made now\n", values->data_dir,
            report.n_made + report.n_found, report.n_files, report.n_made);
    if (report.is_complete)
        return WS_EXIT_OK;
    fprintf(stderr, "Stopped; the same command makes the rest.\n");
    return ws_stop_exit_code();
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    synth_flags values;

    (void)program;
    return ws_command_run_flags(&table, n_arguments, arguments, &values, synth);
}

const ws_command ws_command_synth = {
    .name = "synth",
    .summary = "make a small data set of spoken words with espeak-ng",
    .table = &table,
    .run = run,
};
