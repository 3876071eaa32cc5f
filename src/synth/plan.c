#include "synth/plan.h"

#include <stdlib.h>
#include <string.h>

#include "synth/background.h"
#include "synth/speaker.h"

#define BACKGROUND_DIR "_background_noise_"
#define REPETITIONS    2  /* of a word by one speaker, while that leaves at least MIN_SPEAKERS */
#define MIN_SPEAKERS   10 /* a whole row of sets */

/** A word is a folder's name and is compared in lower case, so not everything can be one. */
static ws_status check_word(const char *word, ws_error *err)
{
    bool is_good = word[0] != '\0' && word[0] != '-' && strlen(word) <= 64;
    for (const unsigned char *c = (const unsigned char *)word; *c != '\0' && is_good; c++)
        is_good = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '\'' ||
                  *c >= 0x80;
    return is_good ? WS_OK
                   : ws_fail(err, WS_EINVAL,
                             "\"%.64s\" cannot be a word: expected one word of at most 64 lower "
                             "case letters or digits, words being separated by single commas",
                             word);
}

static ws_status check_range(const char *name, size_t value, size_t low, size_t high, ws_error *err)
{
    return value >= low && value <= high
               ? WS_OK
               : ws_fail(err, WS_EINVAL, "%s is %zu, expected %zu to %zu", name, value, low, high);
}

static ws_status check_numbers(const ws_synth_options *options, ws_error *err)
{
    const struct {
        const char *name;
        size_t value, low, high;
    } ranges[] = {
        {"clips a word", options->n_clips, WS_SYNTH_MIN_CLIPS, WS_SYNTH_MAX_CLIPS},
        {"clips an unknown word", options->n_unknown_clips, WS_SYNTH_MIN_CLIPS, WS_SYNTH_MAX_CLIPS},
        {"background files", options->n_background_files, 0, WS_SYNTH_N_BACKGROUND_KINDS},
        {"background seconds", options->background_seconds, WS_SYNTH_MIN_BACKGROUND_SECONDS,
         WS_SYNTH_MAX_BACKGROUND_SECONDS},
        {"jobs", options->n_jobs, 0, WS_SYNTH_MAX_JOBS},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const ws_status status =
            check_range(ranges[i].name, ranges[i].value, ranges[i].low, ranges[i].high, err);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

static ws_status read_words(ws_synth_plan *plan, const ws_synth_options *options, ws_error *err)
{
    if (options->words[0] == '\0')
        return ws_fail(err, WS_EINVAL, "no words to make: expected at least one");
    if (ws_text_list_push_split(&plan->words, options->words, ',') != WS_OK)
        return ws_fail_memory(err, "the words");
    plan->n_wanted = plan->words.n_items;
    if (options->unknown_words[0] != '\0' &&
        ws_text_list_push_split(&plan->words, options->unknown_words, ',') != WS_OK)
        return ws_fail_memory(err, "the unknown words");
    ws_status status =
        check_range("number of words", plan->words.n_items, 1, WS_SYNTH_MAX_WORDS, err);
    for (size_t i = 0; i < plan->words.n_items && status == WS_OK; i++) {
        status = check_word(plan->words.items[i], err);
        for (size_t k = 0; k < i && status == WS_OK; k++)
            if (strcmp(plan->words.items[k], plan->words.items[i]) == 0)
                status = ws_fail(err, WS_EINVAL, "\"%s\" stands twice among the words",
                                 plan->words.items[i]);
    }
    return status;
}

/** Two takes of each word by each speaker; as many as it takes where there are few clips. */
static size_t count_speakers(size_t n_clips)
{
    if (n_clips >= MIN_SPEAKERS * REPETITIONS)
        return n_clips / REPETITIONS;
    return n_clips < MIN_SPEAKERS ? n_clips : MIN_SPEAKERS;
}

static ws_status push_clip(ws_synth_plan *plan, const ws_synth_options *options,
                           const ws_synth_speaker *speaker, const ws_synth_clip *clip,
                           ws_error *err)
{
    char *path = ws_text_format("%s/%s/%s_nohash_%zu.wav", options->data_dir,
                                plan->words.items[clip->word], speaker->name, clip->repetition);
    const ws_status status = path != NULL ? ws_text_list_push(&plan->clip_paths, path) : WS_ENOMEM;
    free(path);
    if (status != WS_OK)
        return ws_fail_memory(err, "the list of clips");
    plan->clips[plan->n_clips++] = *clip;
    return WS_OK;
}

/**
 * Lists a word's clips: speaker after speaker, then their second takes. A word with fewer clips
 * than there are speakers begins with another ten of them each time, which keeps the sets filled
 * (synth_speaker.h) and lets more people be heard among the unknown words.
 */
static ws_status push_word(ws_synth_plan *plan, const ws_synth_options *options,
                           const ws_synth_speaker *speakers, size_t word, ws_error *err)
{
    const size_t n_clips = word < plan->n_wanted ? options->n_clips : options->n_unknown_clips;
    const size_t n_tens = plan->n_speakers / 10;
    const size_t first = word < plan->n_wanted || n_tens == 0 ? 0 : word % n_tens * 10;

    for (size_t i = 0; i < n_clips; i++) {
        const ws_synth_clip clip = {.word = word,
                                    .speaker = (first + i) % plan->n_speakers,
                                    .repetition = i / plan->n_speakers};
        const ws_status status = push_clip(plan, options, &speakers[clip.speaker], &clip, err);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

static ws_status push_clips(ws_synth_plan *plan, const ws_synth_options *options, ws_error *err)
{
    const size_t n_unknown = plan->words.n_items - plan->n_wanted;
    const size_t n_all = plan->n_wanted * options->n_clips + n_unknown * options->n_unknown_clips;
    ws_status status = WS_OK;

    plan->n_speakers = count_speakers(options->n_clips);
    ws_synth_speaker *speakers = calloc(plan->n_speakers, sizeof *speakers);
    plan->clips = calloc(n_all, sizeof *plan->clips);
    if (speakers == NULL || plan->clips == NULL) {
        free(speakers);
        return ws_fail_memory(err, "the list of clips");
    }
    for (size_t i = 0; i < plan->n_speakers; i++)
        ws_synth_speaker_init(&speakers[i], options->seed, i);
    for (size_t i = 0; i < plan->words.n_items && status == WS_OK; i++)
        status = push_word(plan, options, speakers, i, err);
    free(speakers);
    return status;
}

static ws_status push_noises(ws_synth_plan *plan, const ws_synth_options *options, ws_error *err)
{
    for (size_t i = 0; i < options->n_background_files; i++) {
        char *path = ws_text_format("%s/" BACKGROUND_DIR "/%s.wav", options->data_dir,
                                    ws_synth_background_name(i));
        const ws_status status =
            path != NULL ? ws_text_list_push(&plan->noise_paths, path) : WS_ENOMEM;
        free(path);
        if (status != WS_OK)
            return ws_fail_memory(err, "the list of noises");
    }
    return WS_OK;
}

ws_status ws_synth_plan_init(ws_synth_plan *plan, const ws_synth_options *options, ws_error *err)
{
    *plan = (ws_synth_plan){.clips = NULL};
    ws_status status = check_numbers(options, err);
    if (status == WS_OK)
        status = read_words(plan, options, err);
    if (status == WS_OK)
        status = push_clips(plan, options, err);
    if (status == WS_OK)
        status = push_noises(plan, options, err);
    if (status != WS_OK)
        ws_synth_plan_deinit(plan);
    return status;
}

void ws_synth_plan_deinit(ws_synth_plan *plan)
{
    ws_text_list_deinit(&plan->words);
    ws_text_list_deinit(&plan->clip_paths);
    ws_text_list_deinit(&plan->noise_paths);
    free(plan->clips);
    *plan = (ws_synth_plan){.clips = NULL};
}
