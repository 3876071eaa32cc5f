/* A note is one object of texts and numbers. */
#include "formats/model_note.h"

#include <string.h>

#include "formats/json_scan.h"

/** What a note said so far. */
typedef struct told {
    ws_frozen *frozen;
    double rate, duration, bins;
    ws_status status; /* WS_ENOMEM for labels */
} told;

static void keep_number(told *t, const char *key, double number)
{
    ws_feature_options *o = &t->frozen->features;
    const struct {
        const char *key;
        double *to;
    } numbers[] = {
        {"sample_rate", &t->rate},
        {"clip_duration_ms", &t->duration},
        {"feature_bin_count", &t->bins},
        {"window_size_ms", &o->window_size_ms},
        {"window_stride_ms", &o->window_stride_ms},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            *numbers[i].to = number;
    if (strcmp(key, "sample_scale") == 0 && number > 0.0 && number < 1e6)
        t->frozen->micro_sample_scale = (float)number;
}

static bool keep_member(void *user, const char *key, const char *text, double number)
{
    told *t = user;

    if (text == NULL)
        keep_number(t, key, number);
    else if (strcmp(key, "preprocess") == 0)
        t->frozen->features.preprocess = ws_model_note_find_kind(text);
    else if (strcmp(key, "labels") == 0 && t->frozen->labels.n_items == 0)
        t->status = ws_text_list_push_split(&t->frozen->labels, text, ',');
    return t->status == WS_OK;
}

static bool is_count(double number)
{
    return number >= 1.0 && number <= 1e6;
}

static ws_status check(const char *path, ws_feature_options *o, const told *t, ws_error *err)
{
    if (o->preprocess == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: its metadata names no kind of features that is known",
                       path);
    if (!is_count(t->rate) || !is_count(t->duration) || !is_count(t->bins) ||
        !(o->window_size_ms > 0.0) || !(o->window_stride_ms > 0.0))
        return ws_fail(err, WS_EFORMAT,
                       "%s: its metadata lacks sample_rate, clip_duration_ms, window_size_ms, "
                       "window_stride_ms or feature_bin_count, or one is not from 1 to 1000000",
                       path);
    o->sample_rate = (int64_t)t->rate;
    o->clip_duration_ms = (int64_t)t->duration;
    o->feature_bin_count = (int64_t)t->bins;
    return WS_OK;
}

ws_status ws_model_note_read(const char *path, const char *text, ws_frozen *frozen, ws_error *err)
{
    told t = {.frozen = frozen};
    const bool is_fine = ws_json_scan(text, keep_member, &t);

    if (t.status != WS_OK)
        return ws_fail_memory(err, "the labels of a model");
    if (!is_fine)
        return ws_fail(err, WS_EFORMAT,
                       "%s: its metadata \"%s\" is not an object of texts and "
                       "numbers",
                       path, WS_MODEL_NOTE_NAME);
    return check(path, &frozen->features, &t, err);
}
