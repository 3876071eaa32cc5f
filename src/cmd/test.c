/* wordspot test */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/label_flags.h"
#include "cmd/label_json.h"
#include "cmd/label_model.h"
#include "cmd/test_events.h"
#include "cmd/test_json.h"
#include "cmd/test_long.h"
#include "dataset/all_clips.h"
#include "dataset/labels.h"
#include "dataset/noise.h"
#include "dataset/source.h"
#include "recognize/engine_choice.h"
#include "recognize/exam.h"
#include "train/data_set.h"

typedef struct testing {
    const ws_label_flags *values;
    ws_train_options options; /* of the model, with the data set in it */
    ws_console *console;
    ws_model_file model;
    ws_labeller *labeller;
    char *wanted_words; /* of options, where a graph does not say them; owned */
    /* one part of a data set, as training sees it, or all clips of a folder */
    ws_set set;
    ws_index *index;
    ws_noise *noise;
    ws_features *features;
    ws_source *source;
    ws_all_clips *all;
    size_t n_clips;
    ws_exam exam;
    ws_mistake *mistakes; /* [n_mistakes] */
    size_t n_mistakes;
} testing;

/** The set that --set names; WS_N_SETS for "all". */
static ws_status find_set(const char *name, ws_set *set, ws_error *err)
{
    static const struct {
        const char *name;
        ws_set set;
    } sets[] = {
        {"testing", WS_SET_TESTING},
        {"validation", WS_SET_VALIDATION},
        {"training", WS_SET_TRAINING},
        {"all", WS_N_SETS},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        *set = sets[i].set;
        if (strcmp(name, sets[i].name) == 0)
            return WS_OK;
    }
    return ws_fail(err, WS_EUSAGE, "--set=%s: expected testing, validation, training or all", name);
}

static ws_status make_labeller(testing *test, ws_error *err)
{
    const ws_train_options *options = &test->options;
    ws_engine engine;

    const ws_status status = ws_engine_choice_find(options, &engine, err);
    if (status != WS_OK)
        return status;
    return ws_labeller_create(
        &(ws_labeller_options){
            .model = test->model.frozen,
            .max_clips = WS_EXAM_BATCH,
            .n_threads = (unsigned)options->threads,
            .engine = engine,
            .isa = options->isa,
            .log = &test->console->log,
        },
        &test->labeller, err);
}

/** The words of the model's labels, as --wanted_words has them. */
static ws_status set_wanted_words(testing *test, ws_error *err)
{
    const ws_text_list *labels = test->model.labels;
    ws_buf words;

    if (labels->n_items <= WS_N_FIXED_LABELS ||
        strcmp(labels->items[WS_SILENCE_INDEX], WS_LABEL_SILENCE) != 0 ||
        strcmp(labels->items[WS_UNKNOWN_INDEX], WS_LABEL_UNKNOWN) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "the labels do not begin with %s and %s, followed by words: the data set "
                       "cannot be split for this model",
                       WS_LABEL_SILENCE, WS_LABEL_UNKNOWN);
    ws_buf_init(&words, 1 << 20);
    for (size_t i = WS_N_FIXED_LABELS; i < labels->n_items; i++)
        ws_buf_push_format(&words, "%s%s", i > WS_N_FIXED_LABELS ? "," : "", labels->items[i]);
    test->wanted_words = ws_buf_take_string(&words);
    ws_buf_deinit(&words);
    if (test->wanted_words == NULL)
        return ws_fail_memory(err, "the wanted words");
    test->options.wanted_words = test->wanted_words;
    return WS_OK;
}

/** A set of the data set as training's evaluation hears it. */
static ws_status open_set(testing *test, ws_error *err)
{
    const ws_feature_settings *settings = ws_labeller_settings(test->labeller);
    const ws_log *log = &test->console->log;
    ws_source_options source;

    ws_status status = set_wanted_words(test, err);
    if (status != WS_OK)
        return status;
    ws_index_options index = ws_data_set_index_options(&test->options);
    index.log = log;
    status = ws_index_create(&index, &test->index, err);
    if (status == WS_OK)
        status = ws_data_set_open_noise(&test->options, settings, log, &test->noise, err);
    if (status == WS_OK)
        status = ws_features_create(settings, log, &test->features, err);
    if (status == WS_OK)
        status = ws_data_set_source_options(&test->options, &source, err);
    if (status != WS_OK)
        return status;
    source.index = test->index;
    source.features = test->features;
    source.noise = test->noise;
    source.log = log;
    status = ws_source_create(&source, &test->source, err);
    if (status == WS_OK)
        test->n_clips = ws_index_n_clips(test->index, test->set);
    if (status == WS_OK && test->n_clips == 0)
        status =
            ws_fail(err, WS_ENOTFOUND, "%s: the set --set=%s has no clip; expected at least one",
                    index.data_dir, test->values->set);
    return status;
}

static ws_status open_clips(testing *test, ws_error *err)
{
    if (test->set != WS_N_SETS)
        return open_set(test, err);
    const ws_status status =
        ws_all_clips_create(&test->all, test->options.data_dir, test->model.labels, err);
    if (status == WS_OK)
        test->n_clips = ws_all_clips_n(test->all);
    return status;
}

static const char *get_clip(void *user, size_t i, int32_t *label)
{
    const testing *test = user;
    const ws_clip clip = test->all != NULL ? ws_all_clips_get(test->all, i)
                                           : ws_index_clip(test->index, test->set, i);

    *label = clip.label;
    return test->all == NULL && clip.label == WS_SILENCE_INDEX ? WS_LABEL_SILENCE : clip.path;
}

static ws_status read_clip(void *user, size_t i, float *samples, ws_error *err)
{
    const testing *test = user;
    return ws_source_read_samples(test->source, test->set, i, samples, err);
}

static void show_progress(void *user, size_t n_done)
{
    testing *test = user;
    ws_console_show_count(test->console, "testing", n_done, test->n_clips);
}

static ws_exam_clips exam_clips(testing *test)
{
    return (ws_exam_clips){
        .n = test->n_clips,
        .user = test,
        .get = get_clip,
        .read = test->source != NULL ? read_clip : NULL,
        .show_progress = show_progress,
        .log = &test->console->log,
    };
}

static ws_status find_mistakes(testing *test, ws_error *err)
{
    const ws_predictions predictions = ws_exam_get_predictions(&test->exam);
    const size_t n_wanted = (size_t)test->values->how_many_mistakes;

    test->mistakes = malloc((n_wanted + 1) * sizeof *test->mistakes);
    if (test->mistakes == NULL)
        return ws_fail_memory(err, "mistakes");
    test->n_mistakes = ws_mistakes_find(&predictions, n_wanted, test->mistakes);
    return WS_OK;
}

static void print_share(double share)
{
    if (isnan(share))
        printf("  %9s", "-");
    else
        printf("  %8.1f%%", 100.0 * share);
}

/** One line per label: the number of its clips, the share of them that was heard, and how often the
 *  word was said when it was heard. */
static void print_labels(const testing *test)
{
    const ws_confusion *confusion = test->exam.confusion;

    printf("\n%8s  %9s  %9s  label\n", "clips", "recall", "precision");
    for (size_t i = 0; i < confusion->n_labels; i++) {
        printf("%8llu", (unsigned long long)ws_confusion_true_total(confusion, i));
        print_share(ws_confusion_recall(confusion, i));
        print_share(ws_confusion_precision(confusion, i));
        printf("  %s\n", test->model.labels->items[i]);
    }
}

static void print_mistakes(testing *test)
{
    const char *const *labels = (const char *const *)test->model.labels->items;
    int32_t label = 0;

    if (test->n_mistakes > 0)
        printf("\nWorst mistakes:\n");
    for (size_t i = 0; i < test->n_mistakes; i++) {
        const ws_mistake *mistake = &test->mistakes[i];
        printf("%s heard as %s (%.3f): %s\n", labels[mistake->said], labels[mistake->heard],
               mistake->sureness, get_clip(test, test->exam.entries[mistake->row], &label));
    }
}

static ws_status print_all(testing *test, ws_error *err)
{
    char *matrix = ws_confusion_text(test->exam.confusion);

    if (matrix == NULL)
        return ws_fail_memory(err, "the confusion matrix");
    printf("Confusion Matrix:\n%s\n", matrix);
    free(matrix);
    print_labels(test);
    print_mistakes(test);
    printf("\nAccuracy = %.1f%% (N=%zu)\n", 100.0 * ws_confusion_accuracy(test->exam.confusion),
           test->exam.n_clips);
    return fflush(stdout) == 0 && !ferror(stdout)
               ? WS_OK
               : ws_fail(err, WS_EIO, "the result cannot be written");
}

static ws_status report(testing *test, ws_error *err)
{
    const char *json = test->values->json_file;
    const ws_exam_clips clips = exam_clips(test);

    ws_status status = find_mistakes(test, err);
    if (status == WS_OK && json[0] != '\0')
        status = ws_test_json_write(json,
                                    &(ws_test_line){
                                        .exam = &test->exam,
                                        .labels = test->model.labels,
                                        .clips = &clips,
                                        .mistakes = test->mistakes,
                                        .n_mistakes = test->n_mistakes,
                                    },
                                    err);
    if (status == WS_OK && test->values->test_summaries_dir[0] != '\0')
        status = ws_test_events_write(
            &(ws_test_run){
                .summaries_dir = test->values->test_summaries_dir,
                .run_name = test->values->test_run_name,
                .exam = &test->exam,
                .labels = test->model.labels,
                .log = &test->console->log,
            },
            err);
    if (status == WS_OK && strcmp(json, WS_FLAG_STANDARD_OUTPUT) != 0)
        status = print_all(test, err);
    return status;
}

/** What is to know of the clips of a set; those of a folder were warned of one by one. */
static void log_stats(const testing *test)
{
    const ws_source_stats stats = ws_source_get_stats(test->source);

    if (stats.n_resampled > 0)
        ws_log_write(&test->console->log, WS_LOG_WARN,
                     "clips converted from another sample rate to %lld Hz: %zu",
                     (long long)test->options.sample_rate, stats.n_resampled);
    if (stats.n_odd > 0)
        ws_log_write(&test->console->log, WS_LOG_WARN,
                     "clips with a wrong header, read as far as there is sound: %zu", stats.n_odd);
}

static ws_status run_all(testing *test, ws_flags *flags, ws_error *err)
{
    ws_status status = find_set(test->values->set, &test->set, err);
    if (status == WS_OK)
        status = ws_label_model_open(flags, &test->console->log, &test->model, err);
    if (status == WS_OK && test->values->long_dir[0] != '\0')
        return ws_test_long(test->values, test->console, &test->model,
                            ws_train_flags_get_options(flags), err);
    if (status == WS_OK && test->values->json_file[0] != '\0')
        status = ws_label_json_check(test->model.labels, test->model.labels->n_items, err);
    if (status != WS_OK)
        return status;
    test->options = *ws_train_flags_get_options(flags);
    if (test->values->data_dir[0] != '\0')
        test->options.data_dir = test->values->data_dir;
    if (test->values->noise_dir[0] != '\0')
        test->options.noise_dir = test->values->noise_dir;
    test->options.strict = false; /* all faults are named, and the rest is tested */
    status = make_labeller(test, err);
    if (status == WS_OK)
        status = open_clips(test, err);
    if (status == WS_OK) {
        const ws_exam_clips clips = exam_clips(test);
        status = ws_exam_run(test->labeller, &clips, &test->exam, err);
    }
    ws_console_clear(test->console);
    if (test->source != NULL)
        log_stats(test);
    return status == WS_OK ? report(test, err) : status;
}

static ws_status work(ws_flags *flags, ws_console *console, ws_error *err)
{
    testing *test = calloc(1, sizeof *test);
    if (test == NULL)
        return ws_fail_memory(err, "a test");

    test->values = flags->values;
    test->console = console;
    const ws_status status = run_all(test, flags, err);
    free(test->mistakes);
    ws_exam_deinit(&test->exam);
    ws_all_clips_destroy(test->all);
    ws_source_destroy(test->source);
    ws_features_destroy(test->features);
    ws_noise_destroy(test->noise);
    ws_index_destroy(test->index);
    free(test->wanted_words);
    ws_labeller_destroy(test->labeller);
    ws_model_file_close(&test->model);
    free(test);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    ws_label_flags values = {.graph = ""};

    (void)program;
    return ws_command_run(&ws_test_flags, n_arguments, arguments, &values, work);
}

const ws_command ws_command_test = {
    .name = "test",
    .summary = "say how well a trained model recognises the clips of a data set",
    .table = &ws_test_flags,
    .run = run,
};
