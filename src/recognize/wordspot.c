/* libwordspot: opening and closing, and what a spotter says of itself. */
#include "recognize/wordspot_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/labels.h"
#include "recognize/spotter_model.h"

enum { MAX_MS = 3600000, MAX_COUNT = 1000000, MAX_LAST = 1000 };

/* The options as they were when the library had this many of them. */
#define FIRST_OPTIONS_BYTES (offsetof(wordspot_options, isa) + sizeof(const char *))

_Static_assert((int)WORDSPOT_ENOMEM == (int)WS_ENOMEM && (int)WORDSPOT_EINVAL == (int)WS_EINVAL &&
                   (int)WORDSPOT_EIO == (int)WS_EIO && (int)WORDSPOT_EFORMAT == (int)WS_EFORMAT &&
                   (int)WORDSPOT_ENOTFOUND == (int)WS_ENOTFOUND &&
                   (int)WORDSPOT_ELIMIT == (int)WS_ELIMIT &&
                   (int)WORDSPOT_ENUMERIC == (int)WS_ENUMERIC,
               "the statuses have the same numbers");

int wordspot_version(void)
{
    return WORDSPOT_VERSION;
}

void wordspot_options_init(wordspot_options *options, size_t struct_size)
{
    memset(options, 0, struct_size);
    options->struct_size = struct_size;
}

wordspot_status ws_wordspot_pass(ws_status status, const ws_error *err, wordspot_error *error)
{
    if (status == WS_OK)
        return WORDSPOT_OK;
    if (error != NULL)
        memcpy(error->message, err->message, sizeof error->message);
    if (status == WS_EUSAGE)
        return WORDSPOT_EINVAL;
    return (wordspot_status)(status == WS_EEXISTS ? WS_EIO : status);
}
_Static_assert(sizeof((wordspot_error *)NULL)->message == sizeof((ws_error *)NULL)->message,
               "sentences have the same length");

static ws_status check_whole(const char *name, int value, int low, int high, ws_error *err)
{
    if (value >= low && value <= high)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE, "options.%s is %d: expected %d to %d", name, value, low, high);
}

static int choose(int value, int initial)
{
    return value == 0 ? initial : value == WORDSPOT_NONE ? 0 : value;
}

static ws_status check_sound(wordspot_options *o, ws_error *err)
{
    o->n_channels = o->n_channels == 0 ? 1 : o->n_channels;
    ws_status status = check_whole("rate_hz", o->rate_hz, 0, WORDSPOT_MAX_RATE_HZ, err);
    if (status == WS_OK)
        status = check_whole("n_channels", o->n_channels, 1, WORDSPOT_MAX_CHANNELS, err);
    if (status == WS_OK)
        status = check_whole("channel", o->channel, 0, o->n_channels - 1, err);
    return status;
}

/** What a model says of its use. One that gives a single score, of its wake word, has no other word
 *  to be heard in between, so that the rule must be that of wake words. */
static void take_model(wordspot_options *o, const ws_frozen *model)
{
    const bool is_last = o->rule == WORDSPOT_RULE_LAST;

    if (ws_frozen_is_stream(model))
        o->continuous = 1;
    if (o->rule != WORDSPOT_RULE_AVERAGE && !is_last)
        return;
    if (ws_frozen_n_labels(model) == 1)
        o->rule = WORDSPOT_RULE_LAST;
    if (o->rule == WORDSPOT_RULE_LAST && o->threshold == 0.0)
        o->threshold = model->cutoff;
    if (o->rule == WORDSPOT_RULE_LAST && o->n_last == 0)
        o->n_last = (int)model->n_last;
}

/** Puts defaults in place of 0. */
static ws_status check_options(wordspot_options *o, ws_error *err)
{
    const bool is_last = o->rule == WORDSPOT_RULE_LAST;
    ws_status status = check_sound(o, err);

    if (status == WS_OK)
        status = check_whole("rule", (int)o->rule, 0, WORDSPOT_RULE_LAST, err);
    if (o->threshold == 0.0)
        o->threshold = is_last ? 0.95 : 0.7;
    else if (o->threshold == WORDSPOT_NONE)
        o->threshold = 0.0;
    if (status == WS_OK && !(o->threshold >= 0.0 && o->threshold < 1.0))
        return ws_fail(err, WS_EUSAGE,
                       "options.threshold is %g: expected more than 0 and less than 1",
                       o->threshold);
    o->suppression_ms = choose(o->suppression_ms, is_last ? 1000 : 500);
    o->average_ms = choose(o->average_ms, 500);
    o->min_count = choose(o->min_count, 4);
    o->n_last = choose(o->n_last, 5);
    if (status == WS_OK)
        status = check_whole("stride_ms", o->stride_ms, 0, MAX_MS, err);
    if (status == WS_OK)
        status = check_whole("average_ms", o->average_ms, 1, MAX_MS, err);
    if (status == WS_OK)
        status = check_whole("min_count", o->min_count, 1, MAX_COUNT, err);
    if (status == WS_OK)
        status = check_whole("n_last", o->n_last, 1, MAX_LAST, err);
    if (status == WS_OK)
        status = check_whole("suppression_ms", o->suppression_ms, 0, MAX_MS, err);
    return status;
}

/** The caller's options may be those of another version of the library. */
static ws_status take_options(const wordspot_options *from, wordspot_options *to, ws_error *err)
{
    static const wordspot_options defaults;

    if (from == NULL)
        from = &defaults;
    else if (from->struct_size < FIRST_OPTIONS_BYTES)
        return ws_fail(err, WS_EUSAGE,
                       "options.struct_size is %zu: expected WORDSPOT_OPTIONS_INIT or "
                       "wordspot_options_init()",
                       from->struct_size);
    *to = defaults;
    memcpy(to, from,
           from == &defaults || from->struct_size > sizeof *to ? sizeof *to : from->struct_size);
    return WS_OK;
}

static size_t find_label(const ws_text_list *labels, const char *label)
{
    size_t i = 0;
    while (i < labels->n_items && strcmp(labels->items[i], label) != 0)
        i++;
    return i;
}

static ws_status copy_labels(wordspot *spotter, const ws_text_list *labels, ws_error *err)
{
    for (size_t i = 0; i < labels->n_items; i++)
        if (ws_text_list_push(&spotter->labels, labels->items[i]) != WS_OK)
            return ws_fail_memory(err, "labels");
    spotter->unknown = find_label(labels, WS_LABEL_UNKNOWN);
    return WS_OK;
}

static ws_status open_smoother(wordspot *spotter, ws_error *err)
{
    const wordspot_options *o = &spotter->options;
    const bool is_last = o->rule == WORDSPOT_RULE_LAST;
    const uint64_t average = (uint64_t)o->average_ms * (uint64_t)spotter->model_rate_hz / 1000;
    const size_t n_windows = is_last ? (size_t)o->n_last : (size_t)(average / spotter->stride) + 1;

    if (!is_last && (size_t)o->min_count > n_windows)
        return ws_fail(err, WS_EUSAGE,
                       "options.min_count (--minimum_count) is %d: an average of %d ms has at most "
                       "%zu windows, so that no word would ever be heard; expected at most %zu, or "
                       "a longer average",
                       o->min_count, o->average_ms, n_windows, n_windows);
    ws_status status = ws_smoother_create(
        &(ws_smoother_options){.n_labels = spotter->labels.n_items,
                               .silence = find_label(&spotter->labels, WS_LABEL_SILENCE),
                               .window_ms = o->average_ms,
                               .threshold = o->threshold,
                               .suppression_ms = o->suppression_ms,
                               .min_count = (size_t)o->min_count,
                               .n_last = is_last ? (size_t)o->n_last : 0,
                               .unknown = spotter->unknown},
        &spotter->smoother, err);
    /* one for the window that comes before the oldest goes, and some as times are whole ms */
    const size_t n_extra = 2 + (size_t)spotter->model_rate_hz / 1000 / spotter->stride;
    return status == WS_OK ? ws_smoother_reserve(spotter->smoother, n_windows + n_extra, err)
                           : status;
}

static ws_status open_converter(wordspot *spotter, ws_error *err)
{
    if (spotter->options.rate_hz == 0)
        spotter->options.rate_hz = spotter->model_rate_hz;
    if (spotter->options.rate_hz == spotter->model_rate_hz)
        return WS_OK;
    return ws_polyphase_create(spotter->options.rate_hz, spotter->model_rate_hz,
                               &spotter->converter, err);
}

/** The usual distance of windows is that of the program, unless frames are further apart. */
static size_t choose_stride(const wordspot_options *options, const ws_feature_options *features)
{
    const double frame_ms = features->window_stride_ms;
    if (options->continuous != 0 && options->stride_ms == 0)
        return 0; /* the network's own */
    const double ms = options->stride_ms > 0 ? options->stride_ms : frame_ms > 30.0 ? frame_ms : 30;

    return (size_t)(ms * (double)features->sample_rate / 1000.0);
}

/** The same for the option of the library as for the flag of programs. */
static ws_status find_level(const char *name, ws_cpu_level *level, ws_error *err)
{
    ws_error why = {.status = WS_OK};

    if (ws_cpu_level_find(name, level, &why) == WS_OK)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE, "options.isa: %.900s", why.message);
}

static ws_status use_model(wordspot *spotter, const ws_spotter_model *model, ws_error *err)
{
    const ws_frozen *frozen = model->file.frozen;
    ws_cpu_level level = ws_cpu_level_get_best();
    ws_status status = WS_OK;

    if (spotter->options.isa != NULL)
        status = find_level(spotter->options.isa, &level, err);
    spotter->model_rate_hz = (int)frozen->features.sample_rate;
    spotter->stride = choose_stride(&spotter->options, &frozen->features);
    if (status == WS_OK)
        status = copy_labels(spotter, model->file.labels, err);
    if (status == WS_OK)
        status =
            ws_spotter_create(&(ws_spotter_options){.model = frozen,
                                                    .stride_samples = spotter->stride,
                                                    .is_endless = spotter->options.continuous != 0,
                                                    .level = level},
                              &spotter->spotter, err);
    if (status != WS_OK)
        return status;
    spotter->window = ws_spotter_window_samples(spotter->spotter);
    spotter->stride = ws_spotter_stride_samples(spotter->spotter);
    return WS_OK;
}

static ws_status open_model(wordspot *spotter, const char *path, ws_error *err)
{
    ws_spotter_model *model = calloc(1, sizeof *model);

    if (model == NULL)
        return ws_fail_memory(err, "a model");
    ws_status status = ws_spotter_model_open(path, spotter->options.labels, model, err);
    if (status == WS_OK) {
        take_model(&spotter->options, model->file.frozen);
        status = check_options(&spotter->options, err);
    }
    if (status == WS_OK)
        status = use_model(spotter, model, err);
    ws_spotter_model_close(model);
    free(model);
    return status;
}

wordspot_status wordspot_open(const char *model, const wordspot_options *options,
                              wordspot **spotter, wordspot_error *error)
{
    ws_error err = {.status = WS_OK};
    wordspot *made = calloc(1, sizeof *made);

    *spotter = NULL;
    ws_status status = made != NULL ? take_options(options, &made->options, &err)
                                    : ws_fail_memory(&err, "a model");
    if (status == WS_OK)
        status = open_model(made, model, &err);
    if (status == WS_OK)
        status = open_converter(made, &err);
    if (status == WS_OK)
        status = open_smoother(made, &err);
    if (status == WS_OK) {
        made->options.labels = made->options.isa = NULL;
        *spotter = made;
        return WORDSPOT_OK;
    }
    wordspot_close(made);
    return ws_wordspot_pass(status, &err, error);
}

void wordspot_close(wordspot *spotter)
{
    if (spotter == NULL)
        return;
    ws_spotter_destroy(spotter->spotter);
    ws_smoother_destroy(spotter->smoother);
    ws_polyphase_destroy(spotter->converter);
    ws_text_list_deinit(&spotter->labels);
    free(spotter);
}

size_t wordspot_n_labels(const wordspot *spotter)
{
    return spotter->labels.n_items;
}

const char *wordspot_label_name(const wordspot *spotter, size_t label)
{
    return label < spotter->labels.n_items ? spotter->labels.items[label] : NULL;
}

int wordspot_model_rate_hz(const wordspot *spotter)
{
    return spotter->model_rate_hz;
}

double wordspot_window_s(const wordspot *spotter)
{
    return ws_wordspot_seconds(spotter->window, spotter->model_rate_hz);
}

double wordspot_stride_s(const wordspot *spotter)
{
    return ws_wordspot_seconds(spotter->stride, spotter->model_rate_hz);
}

uint64_t wordspot_n_lost(const wordspot *spotter)
{
    return spotter->n_lost;
}
