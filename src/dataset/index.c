#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/index_internal.h"
#include "dataset/labels.h"
#include "dataset/mt19937.h"
#include "dataset/split_lists.h"
#include "dataset/word.h"

enum { SEED = 59185, MAX_SHARE = 1000, USUAL_PERCENTAGE = 10 };

/* An entry of a set. */
static uint64_t make_entry(uint32_t label, size_t file)
{
    return (uint64_t)label << 32 | (uint32_t)file;
}

/** What is known before the lists are mixed. */
typedef struct draft {
    uint32_t *label_of_word; /* [words found] */
    bool *is_held_out;       /* [words found] NULL: no word is */
    uint8_t *set_of_file;    /* [n_files] WS_N_SETS: in none */
    size_t n_wanted[WS_N_SETS];
    ws_entry_list unknown[WS_N_SETS];
} draft;

/** Whether --wanted_words and --unknown_held_out are lists of words, and of different ones. */
static ws_status check_words(const ws_index_options *options, ws_error *err)
{
    ws_text_list labels = {0}, held_out = {0};

    ws_status status = ws_labels_push(&labels, options->wanted_words, err);
    if (status == WS_OK)
        status = ws_labels_push_held_out(&held_out, &labels, options->unknown_held_out, err);
    ws_text_list_deinit(&labels);
    ws_text_list_deinit(&held_out);
    return status;
}

ws_status ws_index_check_options(const ws_index_options *options, ws_error *err)
{
    const int64_t testing = options->testing_percentage;
    const int64_t validation = options->validation_percentage;
    ws_split_by by;

    if (!(options->silence_percentage >= 0.0 && options->silence_percentage <= MAX_SHARE))
        return ws_fail(err, WS_EUSAGE, "--silence_percentage=%g: expected 0 to %d",
                       options->silence_percentage, MAX_SHARE);
    if (!(options->unknown_percentage >= 0.0 && options->unknown_percentage <= MAX_SHARE))
        return ws_fail(err, WS_EUSAGE, "--unknown_percentage=%g: expected 0 to %d",
                       options->unknown_percentage, MAX_SHARE);
    if (testing < 0 || testing > 100 || validation < 0 || validation > 100 ||
        testing + validation > 100)
        return ws_fail(err, WS_EUSAGE,
                       "--testing_percentage=%lld and --validation_percentage=%lld: expected 0 to "
                       "100, and no more than 100 together",
                       (long long)testing, (long long)validation);
    const ws_status status = check_words(options, err);
    return status == WS_OK ? ws_split_by_find(options->split, &by, err) : status;
}

/** A wanted word without a folder: says which words there are. */
static ws_status fail_no_folder(const ws_index *index, const char *word, const char *data_dir,
                                ws_error *err)
{
    ws_buf found;

    ws_buf_init(&found, sizeof err->message);
    for (size_t i = 0; i < index->clips.words.n_items; i++)
        ws_buf_push_format(&found, "%s%s", i > 0 ? ", " : "", index->clips.words.items[i]);
    char *list = ws_buf_take_string(&found);
    char *left_out = ws_left_out_text(&index->clips.left_out);
    const bool has_left_out = left_out != NULL && left_out[0] != '\0';
    const ws_status status =
        ws_fail(err, WS_ENOTFOUND,
                "--wanted_words: there is no folder \"%s\" with clips in %s, only (in lower case) "
                "%s%s%s",
                word, data_dir, list != NULL ? list : "many others", has_left_out ? "; " : "",
                has_left_out ? left_out : "");
    free(list);
    free(left_out);
    return status;
}

/** Gives each word found its label and makes sure that all wanted ones are among them. */
static ws_status label_words(const ws_index *index, draft *work, const char *data_dir,
                             ws_error *err)
{
    const ws_names *words = &index->clips.words;

    work->label_of_word = malloc(words->n_items * sizeof *work->label_of_word);
    if (work->label_of_word == NULL)
        return ws_fail_memory(err, "the index");
    for (size_t i = 0; i < words->n_items; i++)
        work->label_of_word[i] = WS_UNKNOWN_INDEX;
    for (size_t label = WS_N_FIXED_LABELS; label < index->labels.n_items; label++) {
        const char *wanted = index->labels.items[label];
        char *word = ws_word_compose(wanted);
        if (word == NULL)
            return ws_fail_memory(err, "the index");
        const size_t i = ws_names_find(words, word);
        free(word);
        if (i == words->n_items)
            return fail_no_folder(index, wanted, data_dir, err);
        if (work->label_of_word[i] != WS_UNKNOWN_INDEX)
            return ws_fail(err, WS_EUSAGE,
                           "--wanted_words: \"%s\" and \"%s\" are the same word, spelt with "
                           "other characters",
                           index->labels.items[work->label_of_word[i]], wanted);
        work->label_of_word[i] = (uint32_t)label;
    }
    return WS_OK;
}

/** Notes the words of --unknown_held_out, each of which must have a folder. */
static ws_status hold_out_words(const ws_index *index, draft *work, const ws_index_options *options,
                                ws_error *err)
{
    ws_text_list held_out = {0};

    ws_status status =
        ws_labels_push_held_out(&held_out, &index->labels, options->unknown_held_out, err);
    if (status == WS_OK && held_out.n_items > 0) {
        work->is_held_out = calloc(index->clips.words.n_items, sizeof *work->is_held_out);
        if (work->is_held_out == NULL)
            status = ws_fail_memory(err, "the index");
    }
    for (size_t k = 0; status == WS_OK && k < held_out.n_items; k++) {
        const size_t i = ws_names_find(&index->clips.words, held_out.items[k]);
        if (i == index->clips.words.n_items)
            status = ws_fail(err, WS_ENOTFOUND,
                             "--unknown_held_out: there is no folder \"%s\" with clips in %s",
                             held_out.items[k], options->data_dir);
        else
            work->is_held_out[i] = true;
    }
    ws_text_list_deinit(&held_out);
    return status;
}

static uint32_t label_of_file(const ws_index *index, const draft *work, size_t file)
{
    return work->label_of_word[index->clips.word_ids[file]];
}

/** Whether the lists of the data set decide, and not the names of its clips. */
static bool is_split_by_lists(const ws_index_options *options)
{
    const int n_lists = ws_split_lists_count(options->data_dir);
    ws_split_by by = WS_SPLIT_AUTO;

    if (ws_split_by_find(options->split, &by, NULL) != WS_OK || by != WS_SPLIT_AUTO || n_lists == 0)
        return by == WS_SPLIT_LISTS;
    if (n_lists == 1)
        ws_log_write(options->log, WS_LOG_WARN,
                     "%s has only one of validation_list.txt and testing_list.txt: clips are split "
                     "by their names",
                     options->data_dir);
    else if (options->validation_percentage != USUAL_PERCENTAGE ||
             options->testing_percentage != USUAL_PERCENTAGE)
        ws_log_write(options->log, WS_LOG_INFO,
                     "Clips are split by their names, %lld %% for validation and %lld %% for the "
                     "test, not by the lists in %s (--split=lists)",
                     (long long)options->validation_percentage,
                     (long long)options->testing_percentage, options->data_dir);
    else
        return true;
    return false;
}

/** Finds each file's set by the lists. */
static ws_status find_sets_by_lists(const ws_index *index, const ws_index_options *options,
                                    uint8_t *set_of_file, ws_error *err)
{
    ws_split_lists lists;

    ws_status status = ws_split_lists_read(options->data_dir, &lists, err);
    for (size_t file = 0; status == WS_OK && file < index->clips.n_files; file++)
        set_of_file[file] =
            (uint8_t)ws_split_lists_find(&lists, ws_clip_list_path(&index->clips, file));
    if (status == WS_OK)
        status = ws_split_lists_check(&lists, options->data_dir, options->log, err);
    if (status == WS_OK)
        ws_log_write(options->log, WS_LOG_INFO,
                     "Clips are split by validation_list.txt and testing_list.txt in %s",
                     options->data_dir);
    ws_split_lists_deinit(&lists);
    return status;
}

/** Whether a file stays out of its set: training lacks the words that are held out, and validation
 *  and test have no other unknown ones. */
static bool is_left_out(const ws_index *index, const draft *work, size_t file)
{
    return work->is_held_out != NULL && label_of_file(index, work, file) == WS_UNKNOWN_INDEX &&
           work->is_held_out[index->clips.word_ids[file]] ==
               (work->set_of_file[file] == WS_SET_TRAINING);
}

/** Finds each file's set, and counts. */
static ws_status split_files(const ws_index *index, const ws_index_options *options, draft *work,
                             ws_error *err)
{
    const bool by_lists = is_split_by_lists(options);
    ws_status status = WS_OK;

    work->set_of_file = malloc(index->clips.n_files);
    if (work->set_of_file == NULL)
        return ws_fail_memory(err, "the index");
    if (by_lists)
        status = find_sets_by_lists(index, options, work->set_of_file, err);
    for (size_t file = 0; status == WS_OK && file < index->clips.n_files; file++) {
        if (!by_lists)
            work->set_of_file[file] =
                (uint8_t)ws_split_find(ws_clip_list_path(&index->clips, file),
                                       options->validation_percentage, options->testing_percentage);
        if (is_left_out(index, work, file))
            work->set_of_file[file] = WS_N_SETS;
        const uint8_t set = work->set_of_file[file];
        if (set == WS_N_SETS)
            continue;
        if (label_of_file(index, work, file) == WS_UNKNOWN_INDEX)
            work->unknown[set].n++;
        else
            work->n_wanted[set]++;
    }
    if (status == WS_OK && work->n_wanted[WS_SET_TRAINING] == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "--data_dir: none of the %zu clips in %s is of a wanted word and for "
                       "training, expected at least one (the sets follow from the %s)",
                       index->clips.n_files, options->data_dir, by_lists ? "lists" : "file names");
    return status;
}

static size_t share_of(size_t n, double percentage)
{
    return (size_t)ceil((double)n * percentage / 100.0);
}

/** Room for the lists at their final length, and for all unknown clips. */
static ws_status make_lists(ws_index *index, const ws_index_options *options, draft *work,
                            ws_error *err)
{
    const ws_status status =
        ws_unknown_pool_init(&index->pool, work->unknown[WS_SET_TRAINING].n, err);
    if (status != WS_OK)
        return status;
    for (size_t set = 0; set < WS_N_SETS; set++) {
        const size_t n = work->n_wanted[set] +
                         share_of(work->n_wanted[set], options->silence_percentage) +
                         share_of(work->n_wanted[set], options->unknown_percentage);
        index->sets[set].entries = malloc((n + 1) * sizeof(uint64_t));
        work->unknown[set].entries = malloc((work->unknown[set].n + 1) * sizeof(uint64_t));
        work->unknown[set].n = 0;
        if (index->sets[set].entries == NULL || work->unknown[set].entries == NULL)
            return ws_fail_memory(err, "the index");
    }
    return WS_OK;
}

static void push_entry(ws_entry_list *list, uint64_t entry)
{
    list->entries[list->n++] = entry;
}

/** Fills the lists in the order of the files: wanted clips and, apart, unknown ones. */
static void fill_lists(ws_index *index, draft *work)
{
    for (size_t file = 0; file < index->clips.n_files; file++) {
        const uint32_t label = label_of_file(index, work, file);
        const uint8_t set = work->set_of_file[file];
        if (set == WS_N_SETS)
            continue;
        push_entry(label == WS_UNKNOWN_INDEX ? &work->unknown[set] : &index->sets[set],
                   make_entry(label, file));
        if (label == WS_UNKNOWN_INDEX && set == WS_SET_TRAINING)
            ws_unknown_pool_push(&index->pool, file, index->clips.word_ids[file]);
    }
}

/**
 * Adds silence and unknown clips and shuffles, set by set in the original's order; its generator
 * runs through all of it, so the order of these calls is part of the result.
 */
static void mix_lists(ws_index *index, const ws_index_options *options, draft *work)
{
    static const ws_set order[] = {WS_SET_VALIDATION, WS_SET_TESTING, WS_SET_TRAINING};
    /* the first training clip stands in for silence: the original decodes it and multiplies by 0 */
    const size_t silence_file = (uint32_t)index->sets[WS_SET_TRAINING].entries[0];
    ws_mt19937 random;

    ws_mt19937_init(&random, SEED);
    for (size_t i = 0; i < WS_N_SETS; i++) {
        const ws_set set = order[i];
        ws_entry_list *list = &index->sets[set], *unknown = &work->unknown[set];
        const size_t n_silence = share_of(work->n_wanted[set], options->silence_percentage);
        const size_t n_unknown = share_of(work->n_wanted[set], options->unknown_percentage);
        for (size_t k = 0; k < n_silence; k++)
            push_entry(list, make_entry(WS_SILENCE_INDEX, silence_file));
        ws_mt19937_shuffle(&random, unknown->entries, unknown->n);
        for (size_t k = 0; k < n_unknown && k < unknown->n; k++)
            push_entry(list, unknown->entries[k]);
    }
    for (size_t i = 0; i < WS_N_SETS; i++)
        ws_mt19937_shuffle(&random, index->sets[order[i]].entries, index->sets[order[i]].n);
}

static ws_status build(ws_index *index, const ws_index_options *options, draft *work, ws_error *err)
{
    ws_status status = ws_clip_list_read(&index->clips, options->data_dir, err);
    char *left_out = ws_left_out_text(&index->clips.left_out);
    const bool has_left_out = left_out != NULL && left_out[0] != '\0';
    if (status == WS_OK && index->clips.n_files == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "--data_dir: no clips found in %s, expected sound files as "
                         "<word>/<clip>.wav there%s%s",
                         options->data_dir, has_left_out ? "; " : "", has_left_out ? left_out : "");
    else if (status == WS_OK && has_left_out)
        ws_log_write(options->log, WS_LOG_WARN, "%s: %s", options->data_dir, left_out);
    free(left_out);
    if (status != WS_OK)
        return status;
    if (index->clips.n_files > UINT32_MAX)
        return ws_fail(err, WS_ELIMIT, "--data_dir: %zu clips in %s, at most %lu are indexed",
                       index->clips.n_files, options->data_dir, (unsigned long)UINT32_MAX);
    status = label_words(index, work, options->data_dir, err);
    if (status == WS_OK)
        status = hold_out_words(index, work, options, err);
    if (status == WS_OK)
        status = split_files(index, options, work, err);
    if (status == WS_OK)
        status = make_lists(index, options, work, err);
    if (status != WS_OK)
        return status;
    fill_lists(index, work);
    mix_lists(index, options, work);
    return WS_OK;
}

ws_status ws_index_create(const ws_index_options *options, ws_index **index, ws_error *err)
{
    draft work = {0};

    *index = NULL;
    ws_index *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "the index");
    ws_status status = ws_labels_push(&made->labels, options->wanted_words, err);
    if (status == WS_OK)
        status = ws_index_check_options(options, err);
    if (status == WS_OK)
        status = build(made, options, &work, err);
    for (size_t set = 0; set < WS_N_SETS; set++)
        free(work.unknown[set].entries);
    free(work.label_of_word);
    free(work.is_held_out);
    free(work.set_of_file);
    if (status == WS_OK)
        *index = made;
    else
        ws_index_destroy(made);
    return status;
}

void ws_index_destroy(ws_index *index)
{
    if (index == NULL)
        return;
    for (size_t set = 0; set < WS_N_SETS; set++)
        free(index->sets[set].entries);
    ws_unknown_pool_deinit(&index->pool);
    ws_clip_list_deinit(&index->clips);
    ws_text_list_deinit(&index->labels);
    free(index);
}

size_t ws_index_n_labels(const ws_index *index)
{
    return index->labels.n_items;
}

const char *ws_index_label(const ws_index *index, size_t label)
{
    return index->labels.items[label];
}

size_t ws_index_n_files(const ws_index *index)
{
    return index->clips.n_files;
}

const char *ws_index_path(const ws_index *index, size_t file)
{
    return ws_clip_list_path(&index->clips, file);
}

size_t ws_index_n_clips(const ws_index *index, ws_set set)
{
    return index->sets[set].n;
}

static ws_clip clip_of(const ws_index *index, size_t file, uint32_t label)
{
    return (ws_clip){
        .path = ws_clip_list_path(&index->clips, file),
        .file = file,
        .label = (int32_t)label,
    };
}

ws_clip ws_index_clip(const ws_index *index, ws_set set, size_t i)
{
    const uint64_t entry = index->sets[set].entries[i];
    return clip_of(index, (uint32_t)entry, (uint32_t)(entry >> 32));
}

ws_clip ws_index_draw_unknown(const ws_index *index, bool by_words, ws_random *random)
{
    return clip_of(index, ws_unknown_pool_draw(&index->pool, by_words, random), WS_UNKNOWN_INDEX);
}
