#include "page/result.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "page/markdown_table.h"
#include "report/scalar_tags.h"

/* ---- the matrix ---- */

uint64_t ws_page_matrix_said(const ws_page_matrix *matrix, size_t word)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < matrix->words.n_items; i++)
        sum += matrix->counts[word * matrix->words.n_items + i];
    return sum;
}

uint64_t ws_page_matrix_heard(const ws_page_matrix *matrix, size_t word)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < matrix->words.n_items; i++)
        sum += matrix->counts[i * matrix->words.n_items + word];
    return sum;
}

static double share(const ws_page_matrix *matrix, size_t word, uint64_t n)
{
    const uint64_t right = matrix->counts[word * matrix->words.n_items + word];
    return n > 0 ? (double)right / (double)n : (double)NAN;
}

double ws_page_matrix_recall(const ws_page_matrix *matrix, size_t word)
{
    return share(matrix, word, ws_page_matrix_said(matrix, word));
}

double ws_page_matrix_precision(const ws_page_matrix *matrix, size_t word)
{
    return share(matrix, word, ws_page_matrix_heard(matrix, word));
}

/** Takes the matrix out of its table: the titles are the words, with "said" before them and "clips"
 *  and "recall" after them. A table of another form is no matrix. */
static ws_status take_matrix(ws_page_matrix *matrix, const ws_markdown_table *table)
{
    const size_t n = table->n_columns > 3 ? table->n_columns - 3 : 0;
    ws_status status = WS_OK;

    if (n == 0 || n > WS_PAGE_MAX_WORDS || table->n_rows < n + 1)
        return WS_OK;
    matrix->counts = calloc(n * n, sizeof *matrix->counts);
    if (matrix->counts == NULL)
        return WS_ENOMEM;
    for (size_t i = 0; status == WS_OK && i < n; i++) {
        status = ws_text_list_push(&matrix->words, ws_markdown_table_get(table, 0, i + 1));
        for (size_t k = 0; k < n; k++) {
            int64_t count = 0;
            const char *cell = ws_markdown_table_get(table, i + 1, k + 1);
            if (cell[0] != '\0' && (!ws_text_to_int64(cell, &count) || count < 0))
                count = 0;
            matrix->counts[i * n + k] = (uint64_t)count;
        }
    }
    return status;
}

static ws_status read_matrix(ws_page_result *result, const char *part_name)
{
    const ws_page_item *item = ws_page_item_find(ws_page_part_find(result->run, part_name),
                                                 "confusion/matrix", TBE_VALUE_TEXT);
    ws_markdown_table table;

    if (item == NULL)
        return WS_OK;
    ws_status status = ws_markdown_table_read(&table, (const char *)item->data);
    if (status == WS_OK)
        status = take_matrix(&result->matrix, &table);
    ws_markdown_table_deinit(&table);
    result->matrix.part = part_name;
    result->matrix.step = item->step;
    return status;
}

/* ---- mistakes ---- */

static const ws_page_item *find_shown(const ws_page_part *part, size_t rank, const char *suffix,
                                      tbe_value_kind kind)
{
    char *tag = ws_text_format("review/mistake_%zu%s", rank, suffix);
    const ws_page_item *item = tag != NULL ? ws_page_item_find(part, tag, kind) : NULL;
    free(tag);
    return item;
}

static ws_status read_mistakes(ws_page_result *result, const char *part_name)
{
    const ws_page_part *part = ws_page_part_find(result->run, part_name);
    const ws_page_item *item = ws_page_item_find(part, "review/mistakes", TBE_VALUE_TEXT);
    ws_markdown_table table;

    if (item == NULL)
        return WS_OK;
    ws_status status = ws_markdown_table_read(&table, (const char *)item->data);
    if (status == WS_OK && table.n_columns == 5 && table.n_rows > 1) {
        result->mistakes = calloc(table.n_rows, sizeof *result->mistakes);
        status = result->mistakes != NULL ? WS_OK : WS_ENOMEM;
        for (size_t i = 1; status == WS_OK && i < table.n_rows; i++) {
            ws_page_mistake *one = &result->mistakes[result->n_mistakes++];
            *one = (ws_page_mistake){
                .said = ws_text_copy(ws_markdown_table_get(&table, i, 1)),
                .heard = ws_text_copy(ws_markdown_table_get(&table, i, 2)),
                .sureness = ws_text_copy(ws_markdown_table_get(&table, i, 3)),
                .clip = ws_text_copy(ws_markdown_table_get(&table, i, 4)),
                .picture = find_shown(part, i, "", TBE_VALUE_IMAGE),
                .sound = find_shown(part, i, "_sound", TBE_VALUE_AUDIO),
            };
            if (one->said == NULL || one->heard == NULL || one->sureness == NULL ||
                one->clip == NULL)
                status = WS_ENOMEM;
        }
    }
    ws_markdown_table_deinit(&table);
    return status;
}

/* ---- accuracies ---- */

/**
 * Whether a word of a tag is or begins like this one: "val" is in "Val_acc" and "accValidation",
 * and not in "interval".
 *
 * @param is_whole  it must not continue
 */
static bool has_word(const char *tag, const char *word, bool is_whole)
{
    const size_t n = strlen(word);

    for (size_t i = 0; tag[i] != '\0'; i++) {
        const unsigned char now = (unsigned char)tag[i];
        const unsigned char before = (unsigned char)(i > 0 ? tag[i - 1] : '/');
        const bool begins = !isalpha(before) || (islower(before) && isupper(now));
        if (begins && strncasecmp(tag + i, word, n) == 0 &&
            !(is_whole && islower((unsigned char)tag[i + n])))
            return true;
    }
    return false;
}

static bool says_accuracy(const char *tag)
{
    return has_word(tag, "accuracy", false) || has_word(tag, "acc", true);
}

/** What a tag says about the clips of a figure. */
typedef enum accuracy_of { OF_UNKNOWN, OF_TRAINING, OF_VALIDATION, OF_TEST } accuracy_of;

static accuracy_of find_clips(const char *tag)
{
    static const struct {
        const char *word;
        accuracy_of of;
    } words[] = {{"test", OF_TEST},
                 {"train", OF_TRAINING},
                 {"val", OF_VALIDATION},
                 {"eval", OF_VALIDATION},
                 {"dev", OF_VALIDATION}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(tag, words[i].word, false))
            return words[i].of;
    return OF_UNKNOWN;
}

/** What the values of a curve are multiplied by to be shares: other programs log percentages, too.
 *  0: they are neither. */
static double share_scale(const ws_page_curve *curve)
{
    static const double rounded = 1e-6; /* of a share in single precision */

    if (!(curve->least >= 0) || !(curve->most <= 100 * (1 + rounded)))
        return 0;
    return curve->most > 1 + rounded ? 0.01 : 1;
}

/** The curve of accuracy of a part: ours, else the first whose tag says so. */
static const ws_page_curve *find_accuracy(const ws_page_part *part)
{
    const ws_page_curve *found = ws_page_curve_find(part, WS_TAG_ACCURACY);

    if (found != NULL && !(share_scale(found) > 0)) /* of another program, and no share */
        found = NULL;
    for (size_t i = 0; part != NULL && found == NULL && i < part->n_curves; i++)
        if (says_accuracy(part->curves[i].tag) && share_scale(&part->curves[i]) > 0)
            found = &part->curves[i];
    return found;
}

/** The same in the run's own part, where only a tag can say what was judged. A curve that does not
 *  say it counts as one of validation. */
static const ws_page_curve *find_own_accuracy(const ws_page_run *run, accuracy_of wanted)
{
    const ws_page_part *part = ws_page_part_find(run, "");
    const ws_page_curve *unsure = NULL;

    for (size_t i = 0; part != NULL && i < part->n_curves; i++) {
        const ws_page_curve *curve = &part->curves[i];
        const accuracy_of of = find_clips(curve->tag);
        if (!says_accuracy(curve->tag) || !(share_scale(curve) > 0))
            continue;
        if (of == wanted)
            return curve;
        if (of == OF_UNKNOWN && unsure == NULL)
            unsure = curve;
    }
    return wanted == OF_VALIDATION ? unsure : NULL;
}

/** The last step of all curves; those of a run's own part count where it has no other. */
static int64_t find_last_step(const ws_page_run *run)
{
    int64_t last[2] = {0};
    bool has_curve[2] = {false};

    for (size_t i = 0; i < run->n_parts; i++) {
        const int is_own = run->parts[i].name[0] == '\0';
        for (size_t k = 0; k < run->parts[i].n_curves; k++) {
            const int64_t step = run->parts[i].curves[k].last_step;
            if (!has_curve[is_own] || step > last[is_own])
                last[is_own] = step;
            has_curve[is_own] = true;
        }
    }
    return has_curve[false] ? last[false] : last[true];
}

/* ---- the whole ---- */

ws_status ws_page_result_init(ws_page_result *result, const ws_page_run *run)
{
    const ws_page_curve *test = find_accuracy(ws_page_part_find(run, "test"));
    const ws_page_curve *validation = find_accuracy(ws_page_part_find(run, "validation"));

    if (test == NULL)
        test = find_own_accuracy(run, OF_TEST);
    if (validation == NULL)
        validation = find_own_accuracy(run, OF_VALIDATION);
    *result =
        (ws_page_result){.run = run, .test = (double)NAN, .best = (double)NAN, .last = (double)NAN};
    if (test != NULL)
        result->test = test->last * share_scale(test);
    if (validation != NULL) {
        result->best = validation->most * share_scale(validation);
        result->best_step = validation->most_step;
        result->last = validation->last * share_scale(validation);
    }
    result->n_steps = find_last_step(run);
    ws_status status = read_matrix(result, "test");
    if (status == WS_OK && result->matrix.counts == NULL)
        status = read_matrix(result, "validation");
    if (status == WS_OK)
        status = read_mistakes(result, "test");
    if (status == WS_OK && result->n_mistakes == 0)
        status = read_mistakes(result, "validation");
    return status;
}

void ws_page_result_deinit(ws_page_result *result)
{
    ws_text_list_deinit(&result->matrix.words);
    free(result->matrix.counts);
    for (size_t i = 0; i < result->n_mistakes; i++) {
        free(result->mistakes[i].said);
        free(result->mistakes[i].heard);
        free(result->mistakes[i].sureness);
        free(result->mistakes[i].clip);
    }
    free(result->mistakes);
}
