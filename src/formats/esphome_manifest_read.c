#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "formats/esphome_manifest.h"
#include "formats/json_scan.h"

enum { MAX_BYTES = 1 << 16, MAX_LAST = 1000, MAX_STEP_MS = 1000 };

/** What a manifest said so far. */
typedef struct told {
    char *wake_word; /* owned */
    double cutoff, n_last, step_ms;
    bool is_without_memory;
} told;

static bool keep_member(void *user, const char *key, const char *text, double number)
{
    told *t = user;

    if (text != NULL && strcmp(key, "wake_word") == 0 && t->wake_word == NULL) {
        t->wake_word = ws_text_copy(text);
        t->is_without_memory = t->wake_word == NULL;
    }
    if (text == NULL && strcmp(key, "micro.probability_cutoff") == 0)
        t->cutoff = number;
    if (text == NULL && strcmp(key, "micro.sliding_window_size") == 0)
        t->n_last = number;
    if (text == NULL && strcmp(key, "micro.feature_step_size") == 0)
        t->step_ms = number;
    return !t->is_without_memory;
}

static ws_status check(const char *path, const told *t, ws_error *err)
{
    const bool has_cutoff = t->cutoff == 0.0 || (t->cutoff > 0.0 && t->cutoff < 1.0);
    const bool has_last = t->n_last >= 0.0 && t->n_last <= MAX_LAST;
    const bool has_step = t->step_ms == 0.0 || (t->step_ms >= 1.0 && t->step_ms <= MAX_STEP_MS);

    if (has_cutoff && has_last && has_step)
        return WS_OK;
    return ws_fail(err, WS_EFORMAT, "%s: %s is %g, expected %s", path,
                   !has_cutoff ? "probability_cutoff"
                   : !has_last ? "sliding_window_size"
                               : "feature_step_size",
                   !has_cutoff ? t->cutoff
                   : !has_last ? t->n_last
                               : t->step_ms,
                   !has_cutoff ? "more than 0 and less than 1"
                   : !has_last ? "at most 1000 scores"
                               : "1 to 1000 milliseconds");
}

/** Takes over what it said. */
static ws_status keep(const told *t, ws_frozen *frozen, ws_error *err)
{
    if (t->wake_word != NULL && ws_frozen_n_labels(frozen) == 1) {
        ws_text_list_deinit(&frozen->labels);
        if (ws_text_list_push(&frozen->labels, t->wake_word) != WS_OK)
            return ws_fail_memory(err, "a wake word");
    }
    if (t->step_ms > 0.0)
        frozen->features.window_stride_ms = t->step_ms;
    frozen->cutoff = t->cutoff;
    frozen->n_last = (size_t)t->n_last;
    return WS_OK;
}

char *ws_esphome_manifest_name(const char *path)
{
    const char ending[] = ".tflite";
    const size_t n = strlen(path) - (ws_text_has_suffix(path, ending) ? strlen(ending) : 0);

    return ws_text_format("%.*s.json", (int)n, path);
}

ws_status ws_esphome_manifest_read(const char *path, ws_frozen *frozen, ws_error *err)
{
    told t = {.wake_word = NULL};
    unsigned char *bytes = NULL;
    size_t size = 0;

    ws_status status = ws_file_read(path, MAX_BYTES, &bytes, &size, err);
    if (status != WS_OK)
        return status;
    char *text = calloc(size + 1, 1);
    if (text != NULL && size > 0)
        memcpy(text, bytes, size);
    const bool is_fine = text != NULL && ws_json_scan(text, keep_member, &t);
    if (text == NULL || t.is_without_memory)
        status = ws_fail_memory(err, "a manifest");
    else if (!is_fine)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: is not a JSON object, expected the manifest of a wake word", path);
    else
        status = check(path, &t, err);
    if (status == WS_OK)
        status = keep(&t, frozen, err);
    free(t.wake_word);
    free(text);
    free(bytes);
    return status;
}
