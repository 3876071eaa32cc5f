/* The views with pictures and sounds: what of an evaluation comes into the event files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board/view.h"
#include "dataset/labels.h"
#include "models/model.h"
#include "support/check.h"
#include "unit/event_file.h"
#include "unit/source_fixture.h"

enum { N_LABELS = 4, MAX_CLIPS = 64, MAX_VALUES = 512, WAV_HEAD = 44 };

/** A value of an event file. */
typedef struct value {
    char tag[64];
    int64_t step;
    tbe_value_kind kind;
    uint32_t width, height;
    uint8_t *blob; /* [n_bytes] the first, owned */
    size_t n_bytes;
} value;

/** A board on the source fixture, and what it wrote. */
typedef struct board_fixture {
    fixture *source;
    ws_graph graph;
    ws_network *network;
    ws_board *board;
    char dir[256];
    ws_confusion *confusion;
    size_t entries[MAX_CLIPS];
    int32_t labels[MAX_CLIPS];
    float logits[MAX_CLIPS * N_LABELS];
    ws_evaluation evaluation;
    value values[MAX_VALUES];
    size_t n_values;
} board_fixture;

static board_fixture *open_board(const char *views, const char *model)
{
    board_fixture *b = calloc(1, sizeof *b);
    const ws_model *found;
    assert_non_null(b);
    b->source = source_open(&(ws_source_options){.n_threads = 1});
    const ws_feature_settings *settings = ws_source_settings(b->source->source);
    assert_int_equal(ws_model_find(&found, model, NULL), WS_OK);
    const ws_model_settings shape = {settings->n_frames, settings->width, N_LABELS};
    assert_int_equal(found->build(&b->graph, &shape, NULL), WS_OK);
    const ws_network_options network = {.max_batch = 1, .n_threads = 1};
    assert_int_equal(ws_network_create(&b->network, &b->graph, &network, NULL), WS_OK);
    ws_network_init_parameters(b->network, 1);
    ws_test_make_dir(b->dir, sizeof b->dir);
    const ws_board_options options = {.summaries_dir = b->dir,
                                      .run_name = "run",
                                      .views = views,
                                      .first_step = 1,
                                      .index = b->source->index,
                                      .source = b->source->source,
                                      .graph = &b->graph,
                                      .network = b->network,
                                      .batch_size = 1,
                                      .log = &b->source->log};
    assert_int_equal(ws_board_create(&b->board, &options, NULL), WS_OK);
    assert_int_equal(ws_confusion_create(N_LABELS, &b->confusion, NULL), WS_OK);
    return b;
}

/** Evaluates a set: all clips are recognised but for the last n_wrong, which are taken for the next
 *  label, the later the surer. */
static void push(board_fixture *b, ws_set set, int64_t number, int64_t n_planned, size_t n_wrong)
{
    const size_t n = ws_index_n_clips(b->source->index, set);
    assert_true(n <= MAX_CLIPS && n_wrong <= n);
    memset(b->logits, 0, sizeof b->logits);
    for (size_t i = 0; i < n; i++) {
        const bool wrong = i >= n - n_wrong;
        b->entries[i] = i;
        b->labels[i] = ws_index_clip(b->source->index, set, i).label;
        const size_t heard = ((size_t)b->labels[i] + wrong) % N_LABELS;
        b->logits[i * N_LABELS + heard] = (float)(1 + 0.1 * (double)i);
    }
    ws_confusion_reset(b->confusion);
    ws_confusion_push(b->confusion, b->logits, b->labels, n);
    b->evaluation = (ws_evaluation){.set = set,
                                    .step = 10 * number,
                                    .is_last = number == n_planned,
                                    .number = number,
                                    .n_planned = n_planned,
                                    .confusion = b->confusion,
                                    .n_clips = n,
                                    .entries = b->entries,
                                    .labels = b->labels,
                                    .logits = b->logits};
    ws_board_push_evaluation(b->board, &b->evaluation);
}

static void keep_value(board_fixture *b, const tbe_value *found, int64_t step)
{
    assert_true(b->n_values < MAX_VALUES);
    value *kept = &b->values[b->n_values++];
    *kept = (value){.step = step,
                    .kind = found->kind,
                    .width = found->width,
                    .height = found->height,
                    .n_bytes = found->blobs[0].size};
    (void)snprintf(kept->tag, sizeof kept->tag, "%s", found->tag);
    kept->blob = malloc(kept->n_bytes);
    assert_non_null(kept->blob);
    memcpy(kept->blob, found->blobs[0].data, kept->n_bytes);
    assert_true(strlen(found->description) > 20 || found->kind == TBE_VALUE_TEXT);
}

/** Closes the board and reads all values of a place. */
static void read_place(board_fixture *b, const char *place)
{
    char dir[512], path[1024];
    size_t n_names;
    tbe_record record;
    tbe_status status;
    ws_board_destroy(b->board);
    b->board = NULL;
    while (b->n_values > 0)
        free(b->values[--b->n_values].blob);
    (void)snprintf(dir, sizeof dir, "%s/run/%s", b->dir, place);
    char **names = names_read(dir, &n_names);
    assert_int_equal(n_names, 1);
    (void)snprintf(path, sizeof path, "%s/%s", dir, names[0]);
    names_destroy(names, n_names);
    tbe_reader *reader = tbe_reader_open(path, NULL);
    tbe_record_init(&record, sizeof record);
    while ((status = tbe_reader_read(reader, &record)) == TBE_OK) {
        for (size_t i = 0; i < record.n_values; i++)
            keep_value(b, &record.values[i], record.step);
    }
    assert_int_equal(status, TBE_END);
    tbe_reader_close(reader);
}

static void close_board(board_fixture *b)
{
    ws_board_destroy(b->board);
    while (b->n_values > 0)
        free(b->values[--b->n_values].blob);
    ws_confusion_destroy(b->confusion);
    ws_network_destroy(b->network);
    source_close(b->source);
    ws_test_remove_dir(b->dir);
    free(b);
}

/** The value of a tag at a step; NULL: none. */
static const value *find(const board_fixture *b, const char *tag, int64_t step)
{
    for (size_t i = 0; i < b->n_values; i++) {
        if (strcmp(b->values[i].tag, tag) == 0 && b->values[i].step == step)
            return &b->values[i];
    }
    return NULL;
}

static void check_image(const value *found, uint32_t width, uint32_t height)
{
    assert_non_null(found);
    assert_int_equal(found->kind, TBE_VALUE_IMAGE);
    assert_int_equal(found->width, width);
    assert_int_equal(found->height, height);
    assert_memory_equal(found->blob, "\211PNG", 4);
}

static bool same_blob(const value *a, const value *b)
{
    return a->n_bytes == b->n_bytes && memcmp(a->blob, b->blob, a->n_bytes) == 0;
}

static void confusion_has_two_pictures_and_a_final_of_each(void **state)
{
    board_fixture *b = open_board("confusion", "single_fc");
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 2, 3);
    push(b, WS_SET_VALIDATION, 2, 2, 2);
    push(b, WS_SET_TESTING, 1, 1, 0);
    read_place(b, "validation");
    assert_int_equal(b->n_values, 6);
    check_image(find(b, "eval/confusion_matrix", 10), 700, 700);
    check_image(find(b, "review/confusion_errors", 10), 700, 700);
    assert_null(find(b, "summary/confusion_matrix", 10));
    check_image(find(b, "summary/confusion_errors", 20), 700, 700);
    assert_true(
        same_blob(find(b, "summary/confusion_matrix", 20), find(b, "eval/confusion_matrix", 20)));
    assert_true(
        same_blob(find(b, "summary/confusion_errors", 20), find(b, "review/confusion_errors", 20)));
    assert_false(
        same_blob(find(b, "review/confusion_errors", 20), find(b, "eval/confusion_matrix", 20)));
    read_place(b, "test");
    assert_int_equal(b->n_values, 4);
    check_image(find(b, "summary/confusion_errors", 10), 700, 700);
    close_board(b);
}

/** Whether a sound is what an evaluation hears, to half a step of 16 bits. */
static void check_sound(board_fixture *b, const value *found, ws_set set, size_t entry)
{
    float samples[CLIP];
    assert_non_null(found);
    assert_int_equal(found->kind, TBE_VALUE_AUDIO);
    assert_int_equal(found->n_bytes, WAV_HEAD + 2 * CLIP);
    assert_int_equal(ws_source_read_samples(b->source->source, set, entry, samples, NULL), WS_OK);
    for (size_t i = 0; i < CLIP; i++) {
        const uint8_t *at = found->blob + WAV_HEAD + 2 * i;
        const int16_t stored = (int16_t)(uint16_t)(at[0] | at[1] << 8);
        assert_true(fabs((double)stored / 32768 - (double)samples[i]) < 0.51 / 32768);
    }
}

static void mistakes_are_seen_and_heard(void **state)
{
    board_fixture *b = open_board("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->source->index, WS_SET_VALIDATION);
    char tag[64];
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 1, n); /* all of them, noise included */
    read_place(b, "validation");
    assert_int_equal(b->n_values, 11);
    for (size_t slot = 0; slot < 5; slot++) {
        (void)snprintf(tag, sizeof tag, "review/mistake_%zu", slot + 1);
        check_image(find(b, tag, 10), 700, 360);
        (void)snprintf(tag, sizeof tag, "review/mistake_%zu_sound", slot + 1);
        check_sound(b, find(b, tag, 10), WS_SET_VALIDATION, n - 1 - slot);
    }
    const value *table = find(b, "review/mistakes", 10);
    assert_non_null(table);
    assert_int_equal(table->kind, TBE_VALUE_TEXT);
    close_board(b);
}

/** Whether the bytes hold the text. */
static bool holds(const value *found, const char *text)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i + n <= found->n_bytes; i++) {
        if (memcmp(found->blob + i, text, n) == 0)
            return true;
    }
    return false;
}

static void the_table_names_what_the_pictures_show(void **state)
{
    board_fixture *b = open_board("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->source->index, WS_SET_TESTING);
    (void)state;
    push(b, WS_SET_TESTING, 1, 1, n);
    read_place(b, "test");
    const value *table = find(b, "review/mistakes", 10);
    assert_non_null(table);
    for (size_t rank = 1; rank <= 5; rank++) {
        const ws_clip clip = ws_index_clip(b->source->index, WS_SET_TESTING, n - rank);
        const char *name = clip.label == WS_SILENCE_INDEX ? "background noise"
                                                          : clip.path + strlen(source_dir()) + 1;
        char start[64], rest[512];
        (void)snprintf(start, sizeof start, "| %zu | `%s` | `%s` |", rank,
                       ws_index_label(b->source->index, (size_t)clip.label),
                       ws_index_label(b->source->index, ((size_t)clip.label + 1) % N_LABELS));
        (void)snprintf(rest, sizeof rest, " %% | `%s` |\n", name);
        assert_true(holds(table, start));
        assert_true(holds(table, rest));
    }
    close_board(b);
}

/* A rank without a mistake must not go on showing an old one. */
static void free_ranks_are_blank(void **state)
{
    board_fixture *b = open_board("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->source->index, WS_SET_VALIDATION);
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 2, 5);
    push(b, WS_SET_VALIDATION, 2, 2, 1);
    push(b, WS_SET_TESTING, 1, 1, 0);
    read_place(b, "test");
    assert_true(holds(find(b, "review/mistakes", 10), "There is no mistake."));
    read_place(b, "validation");
    assert_int_equal(b->n_values, 22);
    check_sound(b, find(b, "review/mistake_1_sound", 20), WS_SET_VALIDATION, n - 1);
    check_image(find(b, "review/mistake_2", 20), 700, 360);
    assert_true(same_blob(find(b, "review/mistake_2", 20), find(b, "review/mistake_5", 20)));
    assert_false(same_blob(find(b, "review/mistake_1", 20), find(b, "review/mistake_2", 20)));
    const value *pause = find(b, "review/mistake_5_sound", 20);
    assert_non_null(pause);
    assert_int_equal(pause->n_bytes, WAV_HEAD + 2 * (RATE_HZ / 10));
    for (size_t i = WAV_HEAD; i < pause->n_bytes; i++)
        assert_int_equal(pause->blob[i], 0);
    close_board(b);
}

/* However many evaluations there are, at most ten are shown: the first, the last, and some between
 * in even distances. */
static void mistakes_are_spread_over_the_run(void **state)
{
    static const int64_t n_planned[] = {1, 2, 8, 9, 10, 45};
    static const size_t n_shown[] = {1, 2, 8, 9, 9, 9};
    (void)state;
    for (size_t i = 0; i < sizeof n_planned / sizeof *n_planned; i++) {
        board_fixture *b = open_board("mistakes", "single_fc");
        size_t n = 0;
        for (int64_t number = 1; number <= n_planned[i]; number++)
            push(b, WS_SET_VALIDATION, number, n_planned[i], 1);
        read_place(b, "validation");
        for (int64_t number = 1; number <= n_planned[i]; number++)
            n += find(b, "review/mistake_1", 10 * number) != NULL;
        assert_int_equal(n, n_shown[i]);
        assert_non_null(find(b, "review/mistake_1", 10));
        assert_non_null(find(b, "review/mistake_1", 10 * n_planned[i]));
        close_board(b);
    }
}

static void clips_that_vanish_are_a_warning(void **state)
{
    board_fixture *b = open_board("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->source->index, WS_SET_VALIDATION);
    size_t entry = n - 1;
    (void)state;
    while (ws_index_clip(b->source->index, WS_SET_VALIDATION, entry).label == WS_SILENCE_INDEX)
        entry--;
    const ws_clip clip = ws_index_clip(b->source->index, WS_SET_VALIDATION, entry);
    source_cut_clip(clip.path + strlen(source_dir()) + 1, 20);
    push(b, WS_SET_VALIDATION, 1, 1, n);
    assert_int_equal(b->source->lines.n, 1);
    assert_non_null(strstr(b->source->lines.text, clip.path));
    read_place(b, "validation");
    assert_int_equal(b->n_values, 9); /* without the picture and the sound of that clip */
    close_board(b);
}

static void every_model_has_a_first_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < ws_model_n(); i++) {
        board_fixture *b = open_board("filters", ws_model_get(i)->name);
        push(b, WS_SET_VALIDATION, 1, 2, 1);
        ws_network_parameters(b->network)[0] = NAN;
        push(b, WS_SET_VALIDATION, 2, 2, 1);
        push(b, WS_SET_TESTING, 1, 1, 1); /* no other weights than those: nothing is added */
        read_place(b, "train");
        assert_int_equal(b->n_values, 2);
        const value *first = find(b, "weights/first_layer", 10);
        assert_non_null(first);
        check_image(first, 700, first->height);
        assert_true(first->height >= 60 && first->height <= 480);
        assert_true(first->n_bytes < 60000);
        assert_false(same_blob(first, find(b, "weights/first_layer", 20)));
        assert_int_equal(b->source->lines.n, 0);
        close_board(b);
    }
}

#define ON_WHOLE(test) cmocka_unit_test_setup_teardown(test, source_make_whole, source_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WHOLE(confusion_has_two_pictures_and_a_final_of_each),
        ON_WHOLE(mistakes_are_seen_and_heard),
        ON_WHOLE(the_table_names_what_the_pictures_show),
        ON_WHOLE(free_ranks_are_blank),
        ON_WHOLE(mistakes_are_spread_over_the_run),
        ON_WHOLE(clips_that_vanish_are_a_warning),
        ON_WHOLE(every_model_has_a_first_layer),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
