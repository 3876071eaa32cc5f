#include "formats/esphome_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nn/lite/arena_size.h"

enum {
    VERSION = 2,
    WINDOW = 5,      /* scores whose mean is compared with the cutoff, as in the stock models */
    MAX_STRIDE = 30, /* ms: what ESPHome accepts */
    N_DIGITS = 9,
};

static const char minimum_version[] = "2024.7.0"; /* the first one that reads version 2 */

static const char *or_default(const char *text, const char *otherwise)
{
    return text != NULL && text[0] != '\0' ? text : otherwise;
}

/** A device makes micro_device features of 30 ms at 16 kHz; how often, the manifest says. */
static ws_status check_features(const ws_feature_options *o, ws_error *err)
{
    if (strcmp(o->preprocess, "micro") != 0 && strcmp(o->preprocess, "micro_device") != 0)
        return ws_fail(err, WS_EINVAL,
                       "--target=esphome: the model takes features of --preprocess=%s; ESPHome "
                       "makes those of --preprocess=micro_device, and nearly those of micro",
                       o->preprocess);
    if (o->sample_rate != 16000 || o->window_size_ms != 30.0)
        return ws_fail(err, WS_EINVAL,
                       "--target=esphome: the model takes windows of %g ms at %lld Hz; ESPHome "
                       "makes features of 30 ms at 16000 Hz",
                       o->window_size_ms, (long long)o->sample_rate);
    if (o->window_stride_ms > MAX_STRIDE || o->window_stride_ms != (int)o->window_stride_ms)
        return ws_fail(err, WS_EINVAL,
                       "--target=esphome: --window_stride_ms=%g of the model; ESPHome takes whole "
                       "milliseconds up to %d",
                       o->window_stride_ms, MAX_STRIDE);
    return WS_OK;
}

static ws_json *list_languages(const char *codes)
{
    ws_json *list = ws_json_create_list();
    ws_text_list parts = {0};

    /* without memory the list is NULL, which ws_json_write() reports */
    if (ws_text_list_push_split(&parts, codes, ',') != WS_OK) {
        ws_json_destroy(list);
        list = NULL;
    }
    for (size_t i = 0; i < parts.n_items; i++)
        if (list != NULL)
            ws_json_push_text(list, parts.items[i]);
    ws_text_list_deinit(&parts);
    return list;
}

/** How scores are used. */
static ws_json *describe_use(const ws_frozen *frozen, double cutoff, size_t arena_size)
{
    ws_json *micro = ws_json_create();

    ws_json_set_real(micro, "probability_cutoff", cutoff);
    ws_json_set_whole(micro, "feature_step_size", (int64_t)frozen->features.window_stride_ms);
    ws_json_set_whole(micro, "sliding_window_size", WINDOW);
    ws_json_set_whole(micro, "tensor_arena_size", (int64_t)arena_size);
    ws_json_set_text(micro, "minimum_esphome_version", minimum_version);
    return micro;
}

ws_status ws_esphome_manifest(const char *name, const ws_frozen *frozen,
                              const ws_frozen_write_options *options, const ws_lite *lite,
                              char **text, ws_error *err)
{
    const ws_frozen_manifest *words = &options->manifest;
    const ws_text_list *labels = options->labels;
    const char *last_label =
        labels != NULL && labels->n_items > 0 ? labels->items[labels->n_items - 1] : name;
    size_t arena_size = 0;

    ws_status status = check_features(&frozen->features, err);
    if (status == WS_OK)
        status = ws_lite_arena_size(lite, &arena_size, err);
    if (status != WS_OK)
        return status;
    ws_json *object = ws_json_create();
    ws_json_set_text(object, "type", "micro");
    ws_json_set_text(object, "wake_word", or_default(words->wake_word, last_label));
    ws_json_set_text(object, "author", or_default(words->author, "unknown"));
    if (or_default(words->website, NULL) != NULL)
        ws_json_set_text(object, "website", words->website);
    ws_json_set_text(object, "model", name);
    ws_json_set_child(object, "trained_languages",
                      list_languages(or_default(words->languages, "en")));
    ws_json_set_whole(object, "version", VERSION);
    ws_json_set_child(object, "micro",
                      describe_use(frozen,
                                   words->cutoff > 0.0 ? words->cutoff : WS_FROZEN_DEFAULT_CUTOFF,
                                   arena_size));
    char *line = ws_json_write(object, (ws_json_style){.n_digits = N_DIGITS, .is_indented = true});
    ws_json_destroy(object);
    *text = line != NULL ? ws_text_format("%s\n", line) : NULL;
    free(line);
    return *text != NULL ? WS_OK : ws_fail_memory(err, "a manifest");
}
