#include "metrics/stream_score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

enum { MAX_TRUTH_BYTES = 1 << 26, MAX_TIME_MS = 1 << 30 };

static const char blanks[] = " \t\r";

/** Takes blanks off both ends. */
static char *trim(char *text)
{
    text += strspn(text, blanks);
    size_t length = strlen(text);
    while (length > 0 && strchr(blanks, text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

/** Refuses a file that is not text: such a file would be passed over line by line, or end at its
 * first NUL.
 */
static ws_status check_text(const char *path, const char *text, size_t size, ws_error *err)
{
    size_t number = 1;

    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        number += c == '\n';
        if ((unsigned char)c < ' ' && (c < '\t' || c > '\r'))
            return ws_fail(err, WS_EFORMAT,
                           "%s: line %zu has a control character, expected a text file with a line "
                           "\"label, milliseconds\" for each word",
                           path, number);
    }
    return WS_OK;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

/** One line, cut in place. @return WS_OK, also for a line that is passed over */
static ws_status take_line(ws_stream_truth *truth, char *line, size_t number, const char *path,
                           ws_error *err)
{
    char *comma = strchr(line, ',');
    double time_ms = 0.0;

    if (comma == NULL || strchr(comma + 1, ',') != NULL)
        return WS_OK;
    *comma = '\0';
    const char *time_text = trim(comma + 1);
    if (!ws_text_to_double(time_text, &time_ms) || !(fabs(time_ms) <= MAX_TIME_MS))
        return ws_fail(err, WS_EFORMAT, "%s: line %zu: \"%s\" is not a time in milliseconds", path,
                       number, time_text);
    truth->words[truth->n_words++] = (ws_stream_word){trim(line), (int64_t)nearbyint(time_ms)};
    return WS_OK;
}

static ws_status take_lines(ws_stream_truth *truth, const char *path, ws_error *err)
{
    ws_status status = WS_OK;
    size_t number = 1;

    for (char *line = truth->text + ws_utf8_mark_bytes(truth->text);
         status == WS_OK && line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        status = take_line(truth, line, number, path, err);
        line = end;
    }
    return status;
}

/** By time, and at the same time in the order of the file (words lie in one array). */
static int compare_words(const void *a, const void *b)
{
    const ws_stream_word *left = a, *right = b;

    if (left->time_ms != right->time_ms)
        return left->time_ms < right->time_ms ? -1 : 1;
    return (left->label > right->label) - (left->label < right->label);
}

ws_status ws_stream_truth_read(const char *path, ws_stream_truth *truth, ws_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;

    *truth = (ws_stream_truth){.words = NULL};
    ws_status status = ws_file_read(path, MAX_TRUTH_BYTES, &data, &size, err);
    if (status != WS_OK)
        return status;
    truth->text = (char *)data;
    status = check_text(path, truth->text, size, err);
    if (status == WS_OK) {
        truth->words = calloc(count_lines(truth->text), sizeof *truth->words);
        status = truth->words == NULL ? ws_fail_memory(err, "words of a stream")
                                      : take_lines(truth, path, err);
    }
    if (status != WS_OK) {
        ws_stream_truth_deinit(truth);
        return status;
    }
    qsort(truth->words, truth->n_words, sizeof *truth->words, compare_words);
    return WS_OK;
}

void ws_stream_truth_deinit(ws_stream_truth *truth)
{
    free(truth->words);
    free(truth->text);
    *truth = (ws_stream_truth){.words = NULL};
}

/** The first spoken word no farther away than the tolerance, or n: none. */
static size_t find_near(const ws_stream_truth *truth, size_t n, int64_t time_ms,
                        int64_t tolerance_ms)
{
    size_t first = 0, end = n; /* the first one that is not too early is in between, or end */

    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (truth->words[middle].time_ms < time_ms - tolerance_ms)
            first = middle + 1;
        else
            end = middle;
    }
    return first < n && truth->words[first].time_ms <= time_ms + tolerance_ms ? first : n;
}

/** Marks the moment of word i, which other words may share. @return whether it was free */
static bool take_moment(const ws_stream_truth *truth, size_t n, size_t i, bool *is_taken)
{
    const int64_t time_ms = truth->words[i].time_ms;
    const bool was_taken = is_taken[i];

    while (i > 0 && truth->words[i - 1].time_ms == time_ms)
        i--;
    for (; i < n && truth->words[i].time_ms == time_ms; i++)
        is_taken[i] = true;
    return !was_taken;
}

ws_status ws_stream_score_get(const ws_stream_truth *truth, const ws_stream_word *heard,
                              size_t n_heard, int64_t until_ms, int64_t tolerance_ms,
                              ws_stream_score *score, ws_error *err)
{
    size_t n = 0;
    bool *is_taken = calloc(truth->n_words + 1, sizeof *is_taken);

    if (is_taken == NULL)
        return ws_fail_memory(err, "words of a stream");
    while (n < truth->n_words &&
           (until_ms == WS_STREAM_WHOLE || truth->words[n].time_ms <= until_ms + tolerance_ms))
        n++;
    *score = (ws_stream_score){.n_words = n};
    for (size_t h = 0; h < n_heard; h++) {
        const size_t i = find_near(truth, n, heard[h].time_ms, tolerance_ms);
        if (i == n)
            score->n_false_positives++;
        else if (take_moment(truth, n, i, is_taken) &&
                 strcmp(truth->words[i].label, heard[h].label) == 0)
            score->n_correct++;
        else
            score->n_wrong++;
    }
    free(is_taken);
    return WS_OK;
}
