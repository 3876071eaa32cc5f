#include "synth/wake_plan.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/random.h"
#include "base/utf8.h"
#include "synth/background.h"
#include "synth/noise.h"
#include "synth/sentence.h"
#include "synth/speaker.h"
#include "synth/voice.h"

/* Clips of one near miss, at least; so a network cannot learn them by heart. */
enum { CLIPS_A_NEAR_MISS = 3, MAX_NEAR_MISSES = 600, MAX_ARGUMENT_BYTES = 100000 };

/* Factors, drawn evenly in their logarithm. People say a wake word more slowly than these programs
 * speak: "alexa" takes 0.5 to 0.8 s, with the programs 0.35 to 0.6 s. */
static const double slowest = 0.55, fastest = 1.1, lowest = 0.8, highest = 1.28;

static const char *const kind_names[] = {
    [WS_SYNTH_WAKE_POSITIVE] = "positive",
    [WS_SYNTH_WAKE_NEAR] = "near",
    [WS_SYNTH_WAKE_SPEECH] = "speech",
};

const char *ws_synth_wake_kind_name(size_t kind)
{
    return kind_names[kind];
}

static size_t count_of_kind(const ws_synth_wake_options *options, size_t kind)
{
    return kind == WS_SYNTH_WAKE_POSITIVE ? options->n_positives
           : kind == WS_SYNTH_WAKE_NEAR   ? options->n_near_misses
                                          : options->n_sentences;
}

/** Whether all characters are such as English voices read: they call a letter of another script by
 *  the name of the script. */
static bool is_latin(const char *phrase)
{
    enum { FIRST = 0xc0, LAST = 0x24f, TIMES = 0xd7, DIVIDED = 0xf7 };

    for (uint32_t code; *phrase != '\0';) {
        const size_t n_bytes = ws_utf8_read(phrase, &code);
        if (n_bytes == 0 ||
            (code >= 0x80 && (code < FIRST || code > LAST || code == TIMES || code == DIVIDED)))
            return false;
        phrase += n_bytes;
    }
    return true;
}

ws_status ws_synth_wake_check_phrase(const char *flag, const char *phrase, ws_error *err)
{
    const size_t n = strlen(phrase);
    bool is_good = n > 0 && n <= WS_SYNTH_MAX_PHRASE_BYTES && phrase[0] != ' ' &&
                   phrase[n - 1] != ' ' && phrase[0] != '-' && strstr(phrase, "  ") == NULL;

    for (size_t i = 0; i < n; i++)
        is_good &= isalpha((unsigned char)phrase[i]) || (unsigned char)phrase[i] >= 0x80 ||
                   strchr(" '-", phrase[i]) != NULL;
    if (n == 0)
        return ws_fail(err, WS_EUSAGE, "--%s is missing, expected the phrase to listen for", flag);
    if (!is_good)
        return ws_fail(err, WS_EUSAGE,
                       "--%s=%s: expected words of letters with one blank between them, at most %d "
                       "bytes; write numbers as words, and no punctuation",
                       flag, phrase, WS_SYNTH_MAX_PHRASE_BYTES);
    if (!is_latin(phrase))
        return ws_fail(err, WS_EUSAGE,
                       "--%s=%s: expected letters of the Latin alphabet, as the voices are "
                       "English ones; write it as English would spell it",
                       flag, phrase);
    return WS_OK;
}

static ws_status check(const ws_synth_wake_options *options, ws_error *err)
{
    const ws_status status = ws_synth_wake_check_phrase("phrase", options->phrase, err);

    if (status != WS_OK)
        return status;
    if (options->n_positives == 0)
        return ws_fail(err, WS_EUSAGE, "--positives=0: expected at least one clip of the phrase");
    return WS_OK;
}

static double draw_factor(ws_random *random, double low, double high)
{
    return exp(log(low) + log(high / low) * ws_random_uniform(random));
}

/** Goes to the stream of a clip. */
static void begin(const ws_synth_wake_plan *plan, const ws_synth_wake_clip *clip, ws_random *random)
{
    ws_random_init(random, plan->options->seed, WS_RANDOM_SYNTH,
                   (uint64_t)WS_SYNTH_STREAM_WAKE + clip->kind, (uint32_t)clip->number);
}

/** Draws an engine by its share and one of its voices. */
static void draw_voice(const ws_synth_engines *engines, ws_synth_wake_clip *clip, ws_random *random)
{
    double total = 0.0;

    for (size_t i = 0; i < engines->n_items; i++)
        total += engines->items[i].engine->share;
    double left = total * ws_random_uniform(random);
    clip->engine = 0;
    while (clip->engine + 1 < engines->n_items &&
           left >= engines->items[clip->engine].engine->share)
        left -= engines->items[clip->engine++].engine->share;
    const ws_synth_found *found = &engines->items[clip->engine];
    clip->voice = found->voices[ws_random_below(random, (uint32_t)found->n_voices)];
}

static void set_text(ws_synth_wake_manner *manner, const char *text, const char *ending)
{
    (void)snprintf(manner->text, sizeof manner->text, "%s%s", text, ending);
    manner->saying.text = manner->text;
}

void ws_synth_wake_plan_draw(const ws_synth_wake_plan *plan, const ws_synth_wake_clip *clip,
                             ws_synth_wake_manner *manner)
{
    static const char *const endings[] = {"", "", "!", "?"};
    const ws_synth_engine *engine = plan->engines.items[clip->engine].engine;
    ws_synth_wake_clip again = *clip;
    ws_random random;

    begin(plan, clip, &random);
    draw_voice(&plan->engines, &again, &random); /* the draws that the clip itself took */
    manner->size = draw_factor(&random, 1.0 / engine->most_size, engine->most_size);
    manner->saying = (ws_synth_saying){
        .speed = manner->size * draw_factor(&random, slowest, fastest),
        .pitch = manner->size * draw_factor(&random, lowest, highest),
        .number = clip->number,
        .max_seconds = plan->options->max_seconds,
    };
    engine->get_voice(clip->voice, manner->saying.voice);
    const char *ending = endings[ws_random_below(&random, sizeof endings / sizeof *endings)];
    if (clip->kind == WS_SYNTH_WAKE_NEAR) {
        set_text(manner, plan->near_misses.items[clip->near].text, "");
        manner->saying.phonemes = plan->near_misses.items[clip->near].phonemes;
    } else if (clip->kind == WS_SYNTH_WAKE_POSITIVE) {
        set_text(manner, plan->options->phrase, ending);
    } else {
        ws_synth_sentence_draw(plan->options->phrase, &random, manner->text, sizeof manner->text);
        manner->saying.text = manner->text;
    }
}

static int compare(const void *a, const void *b)
{
    const ws_synth_wake_clip *x = a, *y = b;

    if (x->engine != y->engine)
        return x->engine < y->engine ? -1 : 1;
    if (x->voice != y->voice)
        return x->voice < y->voice ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static ws_status draw_clips(ws_synth_wake_plan *plan, ws_error *err)
{
    const ws_synth_wake_options *options = plan->options;
    ws_random random;

    plan->clips = calloc(options->n_positives + options->n_near_misses + options->n_sentences + 1,
                         sizeof *plan->clips);
    if (plan->clips == NULL)
        return ws_fail_memory(err, "a plan of clips");
    for (size_t kind = 0; kind < WS_SYNTH_WAKE_N_KINDS; kind++)
        for (size_t i = 0; i < count_of_kind(options, kind); i++) {
            ws_synth_wake_clip *clip = &plan->clips[plan->n_clips++];
            *clip = (ws_synth_wake_clip){.kind = (ws_synth_wake_kind)kind, .number = i};
            clip->near = kind == WS_SYNTH_WAKE_NEAR && plan->near_misses.n_items > 0
                             ? i % plan->near_misses.n_items
                             : SIZE_MAX;
            begin(plan, clip, &random);
            draw_voice(&plan->engines, clip, &random);
        }
    qsort(plan->clips, plan->n_clips, sizeof *plan->clips, compare);
    return WS_OK;
}

static ws_status push_path(ws_text_list *paths, char *path, ws_error *err)
{
    const ws_status status = path != NULL ? ws_text_list_push(paths, path) : WS_ENOMEM;

    free(path);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "a plan of clips");
}

static ws_status make_paths(ws_synth_wake_plan *plan, ws_error *err)
{
    const ws_synth_wake_options *options = plan->options;
    ws_status status = WS_OK;

    for (size_t i = 0; i < plan->n_clips && status == WS_OK; i++) {
        const ws_synth_wake_clip *clip = &plan->clips[i];
        status =
            push_path(&plan->paths,
                      ws_text_format("%s/%s/%s-%05zu_nohash_0.flac", options->data_dir,
                                     kind_names[clip->kind],
                                     plan->engines.items[clip->engine].engine->name, clip->number),
                      err);
    }
    if (options->background_seconds > 0)
        for (size_t i = 0; ws_synth_noise_kind_at(i) != NULL && status == WS_OK; i++)
            status = push_path(
                &plan->paths,
                ws_text_format("%s/noise/%s.wav", options->data_dir, ws_synth_background_name(i)),
                err);
    return status;
}

/** Near misses being heard as espeak-ng reads their spelling. */
typedef struct hearing {
    const char *espeak, *phrase; /* the phrase's phonemes */
    const ws_synth_near_misses *list;
    bool *is_held; /* [n_items] set where the phrase is heard */
} hearing;

/** The texts as sentences (free()). */
static char *join_texts(const ws_synth_near_misses *list, size_t first, size_t n)
{
    ws_buf buf;

    ws_buf_init(&buf, MAX_ARGUMENT_BYTES);
    for (size_t i = first; i < first + n; i++)
        ws_buf_push_format(&buf, "%s.\n", list->items[i].text);
    char *text = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    return text;
}

/** Whether the phrase is heard in each of n lines. @return false for another number of lines */
static bool hear_lines(const hearing *all, char *lines, size_t first, size_t n)
{
    size_t i = 0;

    while (lines != NULL && i < n) {
        char *end = strchr(lines, '\n');
        if (end != NULL)
            *end = '\0';
        all->is_held[first + i++] = ws_synth_phonemes_hold(lines, all->phrase);
        lines = end != NULL ? end + 1 : NULL;
    }
    return lines == NULL && i == n;
}

/** Hears all texts in one call. Where its lines cannot be told apart, by halves; a single one that
 *  gives several lines is left out. */
static ws_status hear(const hearing *all, size_t first, size_t n, ws_error *err)
{
    char *text = join_texts(all->list, first, n), *lines = NULL;
    ws_status status = text != NULL ? ws_synth_voice_read_phonemes(all->espeak, text, &lines, err)
                                    : ws_fail_memory(err, "near misses");

    free(text);
    const bool is_heard = status == WS_OK && hear_lines(all, lines, first, n);
    free(lines);
    if (status != WS_OK || is_heard)
        return status;
    if (n == 1) {
        all->is_held[first] = true;
        return WS_OK;
    }
    status = hear(all, first, n / 2, err);
    return status == WS_OK ? hear(all, first + n / 2, n - n / 2, err) : status;
}

/** Drops what engines that read the spelling would say as the phrase: "hay jarviss". */
static ws_status drop_alike(ws_synth_wake_plan *plan, const char *phonemes, ws_error *err)
{
    ws_synth_near_misses *list = &plan->near_misses;
    bool *is_held = calloc(list->n_items + 1, sizeof *is_held);
    const hearing all = {plan->options->espeak, phonemes, list, is_held};

    if (is_held == NULL)
        return ws_fail_memory(err, "near misses");
    const ws_status status = list->n_items > 0 ? hear(&all, 0, list->n_items, err) : WS_OK;
    if (status == WS_OK)
        ws_synth_near_misses_drop(list, is_held);
    free(is_held);
    return status;
}

static ws_status make_near_misses(ws_synth_wake_plan *plan, ws_error *err)
{
    const ws_synth_wake_options *options = plan->options;
    const size_t n = options->n_near_misses / CLIPS_A_NEAR_MISS + 1;
    char *phonemes = NULL;

    if (options->n_near_misses == 0)
        return WS_OK;
    ws_status status =
        ws_synth_voice_read_phonemes(options->espeak, options->phrase, &phonemes, err);
    if (status != WS_OK)
        return status;
    status =
        ws_synth_near_misses_init(&plan->near_misses, options->phrase, phonemes,
                                  n < MAX_NEAR_MISSES ? n : MAX_NEAR_MISSES, options->seed, err);
    if (status == WS_OK)
        status = drop_alike(plan, phonemes, err);
    free(phonemes);
    if (status == WS_OK && plan->near_misses.n_items == 0)
        status =
            ws_fail(err, WS_EFORMAT, "\"%s\": no near misses of it can be made", options->phrase);
    return status;
}

ws_status ws_synth_wake_plan_init(ws_synth_wake_plan *plan, const ws_synth_wake_options *options,
                                  ws_error *err)
{
    const ws_synth_engine_choice choice = {
        .names = options->engines, .command = options->command, .espeak = options->espeak};
    ws_status status = check(options, err);

    *plan = (ws_synth_wake_plan){.options = options};
    if (status == WS_OK)
        status = ws_synth_engines_init(&plan->engines, &choice, err);
    if (status == WS_OK)
        status = make_near_misses(plan, err);
    if (status == WS_OK)
        status = draw_clips(plan, err);
    if (status == WS_OK)
        status = make_paths(plan, err);
    if (status != WS_OK)
        ws_synth_wake_plan_deinit(plan);
    return status;
}

void ws_synth_wake_plan_deinit(ws_synth_wake_plan *plan)
{
    ws_synth_engines_deinit(&plan->engines);
    ws_synth_near_misses_deinit(&plan->near_misses);
    free(plan->clips);
    ws_text_list_deinit(&plan->paths);
    *plan = (ws_synth_wake_plan){0};
}
