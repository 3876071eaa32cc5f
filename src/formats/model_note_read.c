/* A note is one object of texts and numbers. It is read here and not by a library for JSON, because
 * libwordspot, which reads TFLite files too, needs none. */
#include "formats/model_note.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_KEY = 63, MAX_TEXT = 4095 };

/** A note that is read from front to back. */
typedef struct scanner {
    const char *at;
    char key[MAX_KEY + 1];
    char text[MAX_TEXT + 1]; /* of a text */
    double number;           /* of a number */
    bool is_number;
} scanner;

static void skip_blanks(scanner *s)
{
    while (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t')
        s->at++;
}

static bool take(scanner *s, char c)
{
    skip_blanks(s);
    if (*s->at != c)
        return false;
    s->at++;
    return true;
}

/** A text in quotes; of escapes only those of quotes and backslashes. */
static bool take_text(scanner *s, char *to, size_t max)
{
    size_t n = 0;

    if (!take(s, '"'))
        return false;
    while (*s->at != '"' && *s->at != '\0' && n < max) {
        if (*s->at == '\\' && *++s->at != '"' && *s->at != '\\')
            return false;
        to[n++] = *s->at++;
    }
    to[n] = '\0';
    return take(s, '"');
}

/** The next member. @return false: no member is left, or it is malformed */
static bool take_member(scanner *s)
{
    if (!take_text(s, s->key, MAX_KEY) || !take(s, ':'))
        return false;
    skip_blanks(s);
    s->is_number = *s->at != '"';
    if (!s->is_number)
        return take_text(s, s->text, MAX_TEXT);
    char *end;
    s->number = strtod(s->at, &end);
    if (end == s->at)
        return false;
    s->at = end;
    return true;
}

/** What a note said so far. */
typedef struct told {
    double rate, duration, bins;
} told;

static ws_status keep_member(const scanner *s, ws_frozen *frozen, told *t)
{
    ws_feature_options *o = &frozen->features;
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

    for (size_t i = 0; s->is_number && i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(s->key, numbers[i].key) == 0)
            *numbers[i].to = s->number;
    if (s->is_number && strcmp(s->key, "sample_scale") == 0 && s->number > 0.0 && s->number < 1e6)
        frozen->micro_sample_scale = (float)s->number;
    if (!s->is_number && strcmp(s->key, "preprocess") == 0)
        o->preprocess = ws_model_note_find_kind(s->text);
    if (!s->is_number && strcmp(s->key, "labels") == 0 && frozen->labels.n_items == 0)
        return ws_text_list_push_split(&frozen->labels, s->text, ',');
    return WS_OK;
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
    scanner *s = calloc(1, sizeof *s);
    told t = {0.0, 0.0, 0.0};
    ws_status status = WS_OK;

    if (s == NULL)
        return ws_fail_memory(err, "the metadata of a model");
    s->at = text;
    bool is_fine = take(s, '{');
    for (bool has_more = is_fine; has_more && status == WS_OK; has_more = take(s, ',')) {
        is_fine = take_member(s);
        if (!is_fine)
            break;
        status = keep_member(s, frozen, &t);
    }
    is_fine = is_fine && (status != WS_OK || take(s, '}'));
    free(s);
    if (status != WS_OK)
        return ws_fail_memory(err, "the labels of a model");
    if (!is_fine)
        return ws_fail(err, WS_EFORMAT,
                       "%s: its metadata \"%s\" is not an object of texts and "
                       "numbers",
                       path, WS_MODEL_NOTE_NAME);
    return check(path, &frozen->features, &t, err);
}
