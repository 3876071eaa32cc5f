#include "dataset/labels.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/word.h"

/** Why a word cannot be a wanted one; NULL if it can. */
static const char *fault_of(const char *word)
{
    if (word[0] == '\0')
        return "an empty word, expected words with one comma between each";
    if (strcmp(word, WS_LABEL_SILENCE) == 0 || strcmp(word, WS_LABEL_UNKNOWN) == 0)
        return "a label of its own that is always there, expected words";
    if (strcmp(word, WS_NOISE_DIR) == 0 || strchr(word, '/') != NULL)
        return "not the name of a folder of clips";
    return NULL;
}

static bool is_listed(const ws_text_list *labels, const char *word)
{
    for (size_t i = 0; i < labels->n_items; i++) {
        if (strcmp(labels->items[i], word) == 0)
            return true;
    }
    return false;
}

static ws_status push_words(ws_text_list *labels, const ws_text_list *words, ws_error *err)
{
    for (size_t i = 0; i < words->n_items; i++) {
        const char *word = words->items[i], *fault = fault_of(word);
        if (fault != NULL)
            return ws_fail(err, WS_EUSAGE, "--wanted_words: \"%s\" is %s", word, fault);
        if (is_listed(labels, word))
            return ws_fail(err, WS_EUSAGE, "--wanted_words: \"%s\" is there twice", word);
        if (ws_text_list_push(labels, word) != WS_OK)
            return ws_fail_memory(err, "labels");
    }
    return WS_OK;
}

ws_status ws_labels_push(ws_text_list *labels, const char *wanted_words, ws_error *err)
{
    ws_text_list words = {0};

    ws_status status = WS_OK;
    if (ws_text_list_push(labels, WS_LABEL_SILENCE) != WS_OK ||
        ws_text_list_push(labels, WS_LABEL_UNKNOWN) != WS_OK ||
        ws_text_list_push_split(&words, wanted_words, ',') != WS_OK)
        status = ws_fail_memory(err, "labels");
    if (status == WS_OK)
        status = push_words(labels, &words, err);
    ws_text_list_deinit(&words);
    return status;
}

/** Whether a wanted word is the same as a composed one. */
static ws_status find_wanted(const ws_text_list *labels, const char *composed, bool *is_wanted,
                             ws_error *err)
{
    *is_wanted = false;
    for (size_t i = WS_N_FIXED_LABELS; i < labels->n_items && !*is_wanted; i++) {
        char *wanted = ws_word_compose(labels->items[i]);
        if (wanted == NULL)
            return ws_fail_memory(err, "labels");
        *is_wanted = strcmp(wanted, composed) == 0;
        free(wanted);
    }
    return WS_OK;
}

static ws_status push_held_out(ws_text_list *words, const ws_text_list *labels, const char *word,
                               ws_error *err)
{
    const char *fault = fault_of(word);
    bool is_wanted = false;

    if (fault != NULL)
        return ws_fail(err, WS_EUSAGE, "--unknown_held_out: \"%s\" is %s", word, fault);
    char *composed = ws_word_compose(word);
    if (composed == NULL)
        return ws_fail_memory(err, "the words that are held out");
    ws_status status = find_wanted(labels, composed, &is_wanted, err);
    if (status == WS_OK && is_wanted)
        status = ws_fail(err, WS_EUSAGE,
                         "--unknown_held_out: \"%s\" is one of --wanted_words, expected other "
                         "words",
                         word);
    else if (status == WS_OK && is_listed(words, composed))
        status = ws_fail(err, WS_EUSAGE, "--unknown_held_out: \"%s\" is there twice", word);
    else if (status == WS_OK && ws_text_list_push(words, composed) != WS_OK)
        status = ws_fail_memory(err, "the words that are held out");
    free(composed);
    return status;
}

ws_status ws_labels_push_held_out(ws_text_list *words, const ws_text_list *labels,
                                  const char *held_out, ws_error *err)
{
    ws_text_list parts = {0};
    ws_status status = WS_OK;

    if (held_out == NULL || held_out[0] == '\0')
        return WS_OK;
    if (ws_text_list_push_split(&parts, held_out, ',') != WS_OK)
        status = ws_fail_memory(err, "the words that are held out");
    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++)
        status = push_held_out(words, labels, parts.items[i], err);
    ws_text_list_deinit(&parts);
    return status;
}
