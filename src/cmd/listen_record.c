#include "cmd/listen_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/labels.h"

/* Sound that is kept in memory: windows of a near miss may be some seconds old. */
#define KEPT_S 6.0

enum { MAX_DUE = 16, DATE_ROOM = 32, MAX_SAME_NAME = 1000 };

/** A file that is to be written, or a near miss that may become one. */
typedef struct piece {
    const char *word;
    double score, start_s;
    bool is_near;
} piece;

struct ws_listen_recorder {
    ws_listen_record_options options;
    char date[DATE_ROOM];
    float *ring; /* [capacity] */
    size_t capacity;
    uint64_t n_pushed;
    piece due[MAX_DUE];
    size_t n_due;
    piece near;      /* the best one of late; its word is NULL: none */
    double heard_s;  /* start of the last word; before the stream: none */
    double newest_s; /* start of the newest window */
    float *clip;     /* [window] */
};

ws_status ws_listen_recorder_create(const ws_listen_record_options *options,
                                    ws_listen_recorder **recorder, ws_error *err)
{
    ws_listen_recorder *made = calloc(1, sizeof *made);
    const time_t now = time(NULL);
    struct tm parts;

    *recorder = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "sound that is recorded");
    made->options = *options;
    made->heard_s = -2.0 * options->window_s;
    made->capacity = (size_t)((KEPT_S + 2.0 * options->window_s) * options->rate_hz);
    made->ring = calloc(made->capacity, sizeof *made->ring);
    made->clip = calloc((size_t)(options->window_s * options->rate_hz) + 1, sizeof *made->clip);
    if (localtime_r(&now, &parts) != NULL)
        (void)strftime(made->date, sizeof made->date, "%Y%m%d-%H%M%S", &parts);
    const ws_status status = made->ring == NULL || made->clip == NULL
                                 ? ws_fail_memory(err, "sound that is recorded")
                                 : ws_dir_create_all(options->dir, err);
    if (status != WS_OK) {
        ws_listen_recorder_destroy(made);
        return status;
    }
    *recorder = made;
    return WS_OK;
}

void ws_listen_recorder_destroy(ws_listen_recorder *recorder)
{
    if (recorder == NULL)
        return;
    free(recorder->ring);
    free(recorder->clip);
    free(recorder);
}

void ws_listen_recorder_push_sound(ws_listen_recorder *recorder, const float *samples, size_t n)
{
    for (size_t i = 0; recorder != NULL && i < n; i++)
        recorder->ring[recorder->n_pushed++ % recorder->capacity] = samples[i];
}

static void add_due(ws_listen_recorder *recorder, const piece *what)
{
    if (recorder->n_due < MAX_DUE)
        recorder->due[recorder->n_due++] = *what;
}

void ws_listen_recorder_push_word(ws_listen_recorder *recorder, const wordspot_heard *heard)
{
    if (recorder == NULL)
        return;
    add_due(recorder, &(piece){heard->word, heard->score, heard->start_s, false});
    recorder->heard_s = heard->start_s;
}

/** Whether a near miss overlaps a word that was heard. */
static bool is_heard(const ws_listen_recorder *recorder)
{
    const double apart_s = recorder->near.start_s - recorder->heard_s;
    return apart_s < recorder->options.window_s && apart_s > -recorder->options.window_s;
}

/** Decides about the near miss once no word can be heard any more in its window. */
static void settle(ws_listen_recorder *recorder, bool is_end)
{
    const double age_s = recorder->newest_s - recorder->near.start_s;

    if (recorder->near.word == NULL || (age_s < recorder->options.window_s && !is_end))
        return;
    if (!is_heard(recorder))
        add_due(recorder, &recorder->near);
    recorder->near.word = NULL;
}

void ws_listen_recorder_push_scores(ws_listen_recorder *recorder, const float *scores,
                                    double start_s)
{
    if (recorder == NULL || recorder->options.above >= 1.0)
        return;
    recorder->newest_s = start_s;
    settle(recorder, false);
    for (size_t i = 0; i < wordspot_n_labels(recorder->options.spotter); i++) {
        const char *label = wordspot_label_name(recorder->options.spotter, i);
        const double score = (double)scores[i];
        const double best = recorder->near.word != NULL ? recorder->near.score : 0.0;
        if (strcmp(label, WS_LABEL_SILENCE) == 0 || strcmp(label, WS_LABEL_UNKNOWN) == 0)
            continue;
        if (score > recorder->options.above && score > best)
            recorder->near = (piece){label, score, start_s, true};
    }
}

/** The sound of a window, as far as it is still there. @return the number of samples */
static size_t copy_clip(ws_listen_recorder *recorder, double start_s)
{
    const uint64_t n_window = (uint64_t)(recorder->options.window_s * recorder->options.rate_hz);
    const uint64_t n_pushed = recorder->n_pushed, capacity = recorder->capacity;
    uint64_t first = (uint64_t)(start_s * recorder->options.rate_hz + 0.5);

    if (n_pushed > capacity && first < n_pushed - capacity)
        first = n_pushed - capacity;
    size_t n = 0;
    for (uint64_t i = first; i < n_pushed && n < n_window; i++)
        recorder->clip[n++] = recorder->ring[i % capacity];
    return n;
}

/** A label as part of a path. Labels of a file may be any text. */
static const char *path_name(const char *word)
{
    return word[0] == '.' || strchr(word, '/') != NULL ? "other" : word;
}

/** Writes what is in the clip under the first name that is free: others may record into the same
 *  folder, at the same time.
 *  @param stem  the name without number and ending */
static ws_status write_clip(const ws_listen_recorder *recorder, const char *stem, size_t n,
                            ws_error *err)
{
    for (int i = 1; i <= MAX_SAME_NAME; i++) {
        char *path = i == 1 ? ws_text_format("%s.wav", stem) : ws_text_format("%s_%d.wav", stem, i);
        if (path == NULL)
            return ws_fail_memory(err, "the name of a file");
        const ws_status status =
            ws_sound_write_new(path, recorder->clip, n, recorder->options.rate_hz, err);
        free(path);
        if (status != WS_EEXISTS)
            return status;
    }
    return WS_EEXISTS; /* err names the last one */
}

static ws_status write_piece(ws_listen_recorder *recorder, const piece *what, ws_error *err)
{
    const char *name = path_name(what->word);
    char *dir = ws_path_join(recorder->options.dir, what->is_near ? "near_misses" : name);
    char *stem = ws_text_format("%s/%s%s%s_%lldms_%.2f", dir == NULL ? "" : dir,
                                what->is_near ? name : "", what->is_near ? "_" : "", recorder->date,
                                (long long)(what->start_s * 1000.0 + 0.5), what->score);
    ws_status status = dir == NULL || stem == NULL ? ws_fail_memory(err, "the name of a file")
                                                   : ws_dir_create_all(dir, err);

    if (status == WS_OK)
        status = write_clip(recorder, stem, copy_clip(recorder, what->start_s), err);
    free(dir);
    free(stem);
    return status;
}

ws_status ws_listen_recorder_write(ws_listen_recorder *recorder, bool is_end, ws_error *err)
{
    ws_status status = WS_OK;

    if (recorder == NULL)
        return WS_OK;
    if (is_end)
        settle(recorder, true);
    for (size_t i = 0; status == WS_OK && i < recorder->n_due; i++)
        status = write_piece(recorder, &recorder->due[i], err);
    recorder->n_due = 0;
    return status;
}
