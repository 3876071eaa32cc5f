/* The views with pictures and sounds: what of an evaluation comes into the event files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/labels.h"
#include "models/model.h"
#include "support/models.h"
#include "train/sets.h"
#include "unit/network_report.h"
#include "unit/report_values.h"

enum { N_LABELS = 4, MAX_CLIPS = 64, WAV_HEAD = 44 };

static network_report *open_report(const char *views, const char *model)
{
    return network_report_open(
        &(network_report_case){.model = model, .views = views, .first_step = 1});
}

/** Evaluates a set: all clips are recognised but for the last n_wrong, which are taken for the next
 *  label, the later the surer. */
static void push(network_report *b, ws_set set, int64_t number, int64_t n_planned, size_t n_wrong)
{
    const size_t n = ws_index_n_clips(b->data->index, set);
    size_t entries[MAX_CLIPS];
    int32_t labels[MAX_CLIPS];
    float logits[MAX_CLIPS * N_LABELS] = {0};
    assert_true(n <= MAX_CLIPS && n_wrong <= n);
    for (size_t i = 0; i < n; i++) {
        const bool wrong = i >= n - n_wrong;
        entries[i] = i;
        labels[i] = ws_index_clip(b->data->index, set, i).label;
        const size_t heard = ((size_t)labels[i] + wrong) % N_LABELS;
        logits[i * N_LABELS + heard] = (float)(1 + 0.1 * (double)i);
    }
    ws_confusion_reset(b->confusion);
    ws_confusion_push(b->confusion, logits, labels, n);
    const ws_evaluation evaluation = {.place = ws_place_of_set(set),
                                      .step = 10 * number,
                                      .is_last = number == n_planned,
                                      .number = number,
                                      .n_planned = n_planned,
                                      .confusion = b->confusion,
                                      .n_clips = n,
                                      .entries = entries,
                                      .labels = labels,
                                      .logits = logits};
    ws_report_push_evaluation(b->report, &evaluation);
}

/** Closes the report and reads all values of a place, which has one file. */
static void read_place(network_report *b, const char *place, report_values *values)
{
    network_report_finish(b);
    report_values_read(values, network_report_path(b, place));
    assert_int_equal(values->n_files, 1);
    for (size_t i = 0; i < values->n; i++) {
        const report_value *found = &values->items[i];
        assert_true(strlen(found->description) > 20 || found->kind == TBE_VALUE_TEXT);
    }
}

static void check_image(const report_value *found, uint32_t width, uint32_t height)
{
    assert_int_equal(found->kind, TBE_VALUE_IMAGE);
    assert_int_equal(found->width, width);
    assert_int_equal(found->height, height);
    assert_memory_equal(found->blob, "\211PNG", 4);
}

static bool same_blob(const report_value *a, const report_value *b)
{
    return a->n_bytes == b->n_bytes && memcmp(a->blob, b->blob, a->n_bytes) == 0;
}

static void confusion_has_two_pictures(void **state)
{
    report_values values;
    network_report *b = open_report("confusion", "single_fc");
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 2, 3);
    push(b, WS_SET_VALIDATION, 2, 2, 2);
    push(b, WS_SET_TESTING, 1, 1, 0);
    read_place(b, "validation", &values);
    assert_int_equal(values.n, 4);
    check_image(report_values_find(&values, "eval/confusion_matrix", 10), 700, 700);
    check_image(report_values_find(&values, "review/confusion_errors", 10), 700, 700);
    check_image(report_values_find(&values, "eval/confusion_matrix", 20), 700, 700);
    check_image(report_values_find(&values, "review/confusion_errors", 20), 700, 700);
    assert_false(same_blob(report_values_find(&values, "review/confusion_errors", 20),
                           report_values_find(&values, "eval/confusion_matrix", 20)));
    report_values_deinit(&values);
    read_place(b, "test", &values);
    assert_int_equal(values.n, 2);
    check_image(report_values_find(&values, "review/confusion_errors", 10), 700, 700);
    report_values_deinit(&values);
    network_report_close(b);
}

/** Whether a sound is what an evaluation hears, to half a step of 16 bits. */
static void check_sound(network_report *b, const report_value *found, ws_set set, size_t entry)
{
    float samples[CLIP];
    assert_int_equal(found->kind, TBE_VALUE_AUDIO);
    assert_int_equal(found->n_bytes, WAV_HEAD + 2 * CLIP);
    assert_int_equal(ws_source_read_samples(b->data->source, set, entry, samples, NULL), WS_OK);
    for (size_t i = 0; i < CLIP; i++) {
        const uint8_t *at = (const uint8_t *)found->blob + WAV_HEAD + 2 * i;
        const int16_t stored = (int16_t)(uint16_t)(at[0] | at[1] << 8);
        assert_true(fabs((double)stored / 32768 - (double)samples[i]) < 0.51 / 32768);
    }
}

static void mistakes_are_seen_and_heard(void **state)
{
    report_values values;
    network_report *b = open_report("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->data->index, WS_SET_VALIDATION);
    char tag[64];
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 1, n); /* all of them, noise included */
    read_place(b, "validation", &values);
    assert_int_equal(values.n, 11);
    for (size_t slot = 0; slot < 5; slot++) {
        (void)snprintf(tag, sizeof tag, "review/mistake_%zu", slot + 1);
        check_image(report_values_find(&values, tag, 10), 700, 360);
        (void)snprintf(tag, sizeof tag, "review/mistake_%zu_sound", slot + 1);
        check_sound(b, report_values_find(&values, tag, 10), WS_SET_VALIDATION, n - 1 - slot);
    }
    const report_value *table = report_values_find(&values, "review/mistakes", 10);
    assert_int_equal(table->kind, TBE_VALUE_TEXT);
    report_values_deinit(&values);
    network_report_close(b);
}

static void the_table_names_what_the_pictures_show(void **state)
{
    report_values values;
    network_report *b = open_report("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->data->index, WS_SET_TESTING);
    (void)state;
    push(b, WS_SET_TESTING, 1, 1, n);
    read_place(b, "test", &values);
    const report_value *table = report_values_find(&values, "review/mistakes", 10);
    for (size_t rank = 1; rank <= 5; rank++) {
        const ws_clip clip = ws_index_clip(b->data->index, WS_SET_TESTING, n - rank);
        const char *name = clip.label == WS_SILENCE_INDEX ? "background noise"
                                                          : clip.path + strlen(source_dir()) + 1;
        char start[64], rest[512];
        (void)snprintf(start, sizeof start, "| %zu | `%s` | `%s` |", rank,
                       ws_index_label(b->data->index, (size_t)clip.label),
                       ws_index_label(b->data->index, ((size_t)clip.label + 1) % N_LABELS));
        (void)snprintf(rest, sizeof rest, " %% | `%s` |\n", name);
        assert_non_null(strstr(table->blob, start));
        assert_non_null(strstr(table->blob, rest));
    }
    report_values_deinit(&values);
    network_report_close(b);
}

/* A rank without a mistake must not keep showing an old one. */
static void free_ranks_are_blank(void **state)
{
    report_values values;
    network_report *b = open_report("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->data->index, WS_SET_VALIDATION);
    (void)state;
    push(b, WS_SET_VALIDATION, 1, 2, 5);
    push(b, WS_SET_VALIDATION, 2, 2, 1);
    push(b, WS_SET_TESTING, 1, 1, 0);
    read_place(b, "test", &values);
    assert_non_null(
        strstr(report_values_find(&values, "review/mistakes", 10)->blob, "There is no mistake."));
    report_values_deinit(&values);
    read_place(b, "validation", &values);
    assert_int_equal(values.n, 22);
    check_sound(b, report_values_find(&values, "review/mistake_1_sound", 20), WS_SET_VALIDATION,
                n - 1);
    check_image(report_values_find(&values, "review/mistake_2", 20), 700, 360);
    assert_true(same_blob(report_values_find(&values, "review/mistake_2", 20),
                          report_values_find(&values, "review/mistake_5", 20)));
    assert_false(same_blob(report_values_find(&values, "review/mistake_1", 20),
                           report_values_find(&values, "review/mistake_2", 20)));
    const report_value *pause = report_values_find(&values, "review/mistake_5_sound", 20);
    assert_int_equal(pause->n_bytes, WAV_HEAD + 2 * (RATE_HZ / 10));
    for (size_t i = WAV_HEAD; i < pause->n_bytes; i++)
        assert_int_equal(pause->blob[i], 0);
    report_values_deinit(&values);
    network_report_close(b);
}

/* However many evaluations there are, at most ten are shown: the first, the last, and some between
 * in even distances. */
static void mistakes_are_spread_over_the_run(void **state)
{
    static const int64_t n_planned[] = {1, 2, 8, 9, 10, 45};
    static const size_t n_shown[] = {1, 2, 8, 9, 9, 9};
    (void)state;
    for (size_t i = 0; i < sizeof n_planned / sizeof *n_planned; i++) {
        report_values values;
        network_report *b = open_report("mistakes", "single_fc");
        for (int64_t number = 1; number <= n_planned[i]; number++)
            push(b, WS_SET_VALIDATION, number, n_planned[i], 1);
        read_place(b, "validation", &values);
        assert_int_equal(report_values_n_of_tag(&values, "review/mistake_1"), n_shown[i]);
        (void)report_values_find(&values, "review/mistake_1", 10);
        (void)report_values_find(&values, "review/mistake_1", 10 * n_planned[i]);
        report_values_deinit(&values);
        network_report_close(b);
    }
}

static void clips_that_vanish_are_a_warning(void **state)
{
    report_values values;
    network_report *b = open_report("mistakes", "single_fc");
    const size_t n = ws_index_n_clips(b->data->index, WS_SET_VALIDATION);
    size_t entry = n - 1;
    (void)state;
    while (ws_index_clip(b->data->index, WS_SET_VALIDATION, entry).label == WS_SILENCE_INDEX)
        entry--;
    const ws_clip clip = ws_index_clip(b->data->index, WS_SET_VALIDATION, entry);
    source_cut_clip(clip.path + strlen(source_dir()) + 1, 20);
    push(b, WS_SET_VALIDATION, 1, 1, n);
    assert_int_equal(b->data->lines.n, 1);
    assert_non_null(strstr(b->data->lines.text, clip.path));
    read_place(b, "validation", &values);
    assert_int_equal(values.n, 9); /* without the picture and the sound of that clip */
    report_values_deinit(&values);
    network_report_close(b);
}

static void every_model_has_a_first_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        report_values values;
        network_report *b = open_report("filters", ws_test_models[i]);
        push(b, WS_SET_VALIDATION, 1, 2, 1);
        ws_network_parameters(b->network)[0] = NAN;
        push(b, WS_SET_VALIDATION, 2, 2, 1);
        push(b, WS_SET_TESTING, 1, 1, 1); /* no other weights than those: nothing is added */
        read_place(b, "train", &values);
        assert_int_equal(values.n, 2);
        const report_value *first = report_values_find(&values, "weights/first_layer", 10);
        check_image(first, 700, first->height);
        assert_true(first->height >= 60 && first->height <= 480);
        assert_true(first->n_bytes < 60000);
        assert_false(same_blob(first, report_values_find(&values, "weights/first_layer", 20)));
        assert_int_equal(b->data->lines.n, 0);
        report_values_deinit(&values);
        network_report_close(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_WHOLE(confusion_has_two_pictures),
        ON_WHOLE(mistakes_are_seen_and_heard),
        ON_WHOLE(the_table_names_what_the_pictures_show),
        ON_WHOLE(free_ranks_are_blank),
        ON_WHOLE(mistakes_are_spread_over_the_run),
        ON_WHOLE(clips_that_vanish_are_a_warning),
        ON_WHOLE(every_model_has_a_first_layer),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
