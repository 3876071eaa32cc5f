#include "formats/lite_front.h"

#include <stdlib.h>
#include <string.h>

#include "audio/mfcc.h"
#include "formats/features_read.h"

enum { USUAL_RATE_HZ = 16000 };

/* Writing */

/** A graph that gets nodes at its front. */
typedef struct front {
    ws_lite *lite;
    ws_lite_graph *graph;
    const ws_feature_settings *settings;
    ws_lite_node nodes[8];
    size_t n_nodes;
} front;

static int push_tensor(const front *f, const char *name, const size_t *dims, size_t n_dims)
{
    ws_lite_tensor tensor = {.type = WS_LITE_FLOAT32, .n_dims = n_dims};

    memcpy(tensor.dims, dims, n_dims * sizeof *dims);
    return ws_lite_push_tensor(f->lite, f->graph, name, &tensor, NULL);
}

static int push_wholes(const front *f, const char *name, const int32_t *numbers, size_t n)
{
    const ws_lite_tensor tensor = {.type = WS_LITE_INT32, .n_dims = 1, .dims = {n}};

    return ws_lite_push_tensor(f->lite, f->graph, name, &tensor, numbers);
}

/** @param other  a second input, or WS_LITE_NONE */
static void push_node(front *f, ws_lite_kind kind, int input, int other, int output,
                      const ws_lite_options *options)
{
    f->nodes[f->n_nodes++] = (ws_lite_node){
        .kind = kind,
        .inputs = {input, other},
        .n_inputs = other == WS_LITE_NONE ? 1 : 2,
        .outputs = {output},
        .n_outputs = 1,
        .options = *options,
    };
}

static void push_reshape(front *f, const char *name, int from, int to)
{
    int32_t dims[WS_LITE_MAX_DIMS];

    if (f->lite->status != WS_OK)
        return;
    const ws_lite_tensor *tensor = &f->graph->tensors[to];
    for (size_t i = 0; i < tensor->n_dims; i++)
        dims[i] = (int32_t)tensor->dims[i];
    const int shape = push_wholes(f, name, dims, tensor->n_dims);
    push_node(f, WS_LITE_RESHAPE, from, shape, to, &(ws_lite_options){0});
}

static int push_spectrogram(front *f, int samples)
{
    const ws_feature_settings *s = f->settings;
    const int spectrogram =
        push_tensor(f, "spectrogram", (size_t[]){1, s->n_frames, s->fft_length / 2 + 1}, 3);

    push_node(f, WS_LITE_AUDIO_SPECTROGRAM, samples, WS_LITE_NONE, spectrogram,
              &(ws_lite_options){
                  .window_samples = (int32_t)s->window_samples,
                  .stride_samples = (int32_t)s->stride_samples,
                  .is_squared = true,
              });
    return spectrogram;
}

static int push_mfcc(front *f, int spectrogram)
{
    const ws_feature_settings *s = f->settings;
    const int32_t rate = s->sample_rate_hz;
    const int rate_hz = push_wholes(f, "sample_rate", &rate, 1);
    const int mfcc = push_tensor(f, "mfcc", (size_t[]){1, s->n_frames, s->width}, 3);

    push_node(f, WS_LITE_MFCC, spectrogram, rate_hz, mfcc,
              &(ws_lite_options){
                  .lower_hz = (int32_t)WS_MFCC_LOWER_HZ,
                  .upper_hz = (int32_t)WS_MFCC_UPPER_HZ,
                  .n_bands = WS_MFCC_N_BANDS,
                  .n_coefficients = (int32_t)s->width,
              });
    return mfcc;
}

static int push_average(front *f, int spectrogram)
{
    const ws_feature_settings *s = f->settings;
    const int32_t window = (int32_t)s->average_width;
    const int image = push_tensor(f, "spectrogram_image",
                                  (size_t[]){1, s->n_frames, s->fft_length / 2 + 1, 1}, 4);
    const int average = push_tensor(f, "average", (size_t[]){1, s->n_frames, s->width, 1}, 4);

    push_reshape(f, "spectrogram_shape", spectrogram, image);
    push_node(f, WS_LITE_AVERAGE_POOL_2D, image, WS_LITE_NONE, average,
              &(ws_lite_options){
                  .padding = WS_LITE_SAME,
                  .stride_h = 1,
                  .stride_w = window,
                  .filter_h = 1,
                  .filter_w = window,
              });
    return average;
}

static const struct {
    const char *kind;
    int (*push)(front *f, int spectrogram);
} rows[] = {
    {"mfcc", push_mfcc},
    {"average", push_average},
};

/** Moves the nodes to the front of the graph. */
static void place_nodes(front *f)
{
    const size_t n_before = f->graph->n_nodes;

    for (size_t i = 0; i < f->n_nodes; i++)
        (void)ws_lite_push_node(f->lite, f->graph, &f->nodes[i]);
    if (f->lite->status != WS_OK)
        return;
    memmove(f->graph->nodes + f->n_nodes, f->graph->nodes, n_before * sizeof *f->graph->nodes);
    memcpy(f->graph->nodes, f->nodes, f->n_nodes * sizeof *f->nodes);
}

ws_status ws_lite_front_push(ws_lite *lite, const ws_feature_options *features, ws_error *err)
{
    ws_feature_settings settings;
    front f = {.lite = lite, .graph = &lite->graphs[0], .settings = &settings};
    size_t kind = 0;

    const ws_status status = ws_feature_settings_init(features, &settings, err);
    if (status != WS_OK)
        return status;
    while (kind < sizeof rows / sizeof *rows && strcmp(rows[kind].kind, features->preprocess) != 0)
        kind++;
    if (kind == sizeof rows / sizeof *rows)
        return ws_fail(err, WS_EUSAGE,
                       "--features_in_graph: LiteRT has no operators that make the features of "
                       "--preprocess=%s; expected a model of mfcc or average features",
                       features->preprocess);
    const int wanted = f.graph->inputs[0];
    const int samples = push_tensor(&f, "samples", (size_t[]){settings.desired_samples, 1}, 2);
    const int made = rows[kind].push(&f, push_spectrogram(&f, samples));
    push_reshape(&f, "features_shape", made, wanted);
    place_nodes(&f);
    f.graph->inputs[0] = samples;
    return ws_lite_status(lite, err);
}

/* Reading */

/** The node that reads a tensor first, or NULL. */
static const ws_lite_node *find_reader(const ws_lite_graph *graph, int tensor)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->nodes[i].n_inputs; k++)
            if (graph->nodes[i].inputs[k] == tensor)
                return &graph->nodes[i];
    return NULL;
}

static ws_status refuse(const char *path, const char *what, ws_error *err)
{
    return ws_fail(err, WS_EFORMAT, "%s: its front end %s, which is not supported", path, what);
}

static ws_status take_mfcc(const char *path, ws_frozen *frozen, const ws_lite_node *node,
                           ws_read_geometry *sound, ws_error *err)
{
    const ws_lite_options *o = &node->options;

    if (o->lower_hz != (int)WS_MFCC_LOWER_HZ || o->upper_hz != (int)WS_MFCC_UPPER_HZ ||
        o->n_bands != WS_MFCC_N_BANDS)
        return refuse(path, "has Mfcc with other mel bands than 40 from 20 to 4000 Hz", err);
    const ws_lite_tensor *rate = node->n_inputs > 1 && node->inputs[1] >= 0
                                     ? &frozen->lite->graphs[0].tensors[node->inputs[1]]
                                     : NULL;
    if (rate != NULL && rate->data != NULL && rate->type == WS_LITE_INT32 &&
        ws_lite_tensor_size(rate) == 1) {
        int32_t hz;
        memcpy(&hz, rate->data, sizeof hz);
        sound->rate_hz = hz;
    }
    frozen->features.preprocess = "mfcc";
    frozen->features.feature_bin_count = o->n_coefficients;
    return WS_OK;
}

static ws_status take_average(const char *path, ws_frozen *frozen, const ws_lite_node *node,
                              const ws_read_geometry *sound, ws_error *err)
{
    const ws_lite_options *o = &node->options;
    size_t fft_length = 1;

    while (fft_length < (size_t)sound->window_samples)
        fft_length *= 2;
    if (o->filter_h != 1 || o->stride_h != 1 || o->filter_w < 1 || o->stride_w != o->filter_w ||
        o->padding != WS_LITE_SAME || o->activation != WS_LITE_NO_ACTIVATION ||
        (size_t)o->filter_w > fft_length / 2 + 1)
        return refuse(path, "averages other numbers than neighbouring frequencies", err);
    frozen->features.preprocess = "average";
    frozen->features.feature_bin_count = (int64_t)(fft_length / 2 + 1) / o->filter_w;
    return WS_OK;
}

/** The last node of the front end, whose output are the features; NULL: another kind. */
static const ws_lite_node *find_last(const ws_lite_graph *graph, const ws_lite_node *spectrogram)
{
    const ws_lite_node *next = find_reader(graph, spectrogram->outputs[0]);

    if (next != NULL && next->kind == WS_LITE_RESHAPE && next->n_outputs == 1)
        next = find_reader(graph, next->outputs[0]);
    return next != NULL && next->n_outputs == 1 &&
                   (next->kind == WS_LITE_MFCC || next->kind == WS_LITE_AVERAGE_POOL_2D)
               ? next
               : NULL;
}

static ws_status read_sound(const char *path, const ws_lite_graph *graph, const ws_lite_node *node,
                            ws_read_geometry *sound, ws_error *err)
{
    const ws_lite_tensor *samples =
        node->n_inputs == 1 && node->inputs[0] >= 0 ? &graph->tensors[node->inputs[0]] : NULL;

    if (samples == NULL || node->n_outputs != 1 || !ws_lite_is_input(graph, node->inputs[0]) ||
        samples->type != WS_LITE_FLOAT32 || samples->n_dims != 2 || samples->dims[1] != 1)
        return refuse(path, "takes something else than float32 [samples, 1]", err);
    if (node->options.is_squared != 1 || node->options.window_samples < 2 ||
        node->options.stride_samples < 1)
        return refuse(path,
                      "has an AudioSpectrogram that is not of squared magnitudes, or no "
                      "window or stride",
                      err);
    sound->desired_samples = (int64_t)samples->dims[0];
    sound->window_samples = node->options.window_samples;
    sound->stride_samples = node->options.stride_samples;
    return WS_OK;
}

/** Takes off the nodes up to the one that gives the features. */
static void take_off(ws_lite_graph *graph, size_t n_front, int features)
{
    graph->n_nodes -= n_front;
    memmove(graph->nodes, graph->nodes + n_front, graph->n_nodes * sizeof *graph->nodes);
    graph->inputs[0] = features;
    graph->n_inputs = 1;
}

ws_status ws_lite_front_take(const char *path, ws_frozen *frozen, bool *is_sound, ws_error *err)
{
    ws_lite_graph *graph = &frozen->lite->graphs[0];
    ws_read_geometry sound = {
        .rate_hz = frozen->features.sample_rate > 0 ? frozen->features.sample_rate : USUAL_RATE_HZ};
    ws_feature_settings settings;

    *is_sound = graph->n_nodes > 0 && graph->nodes[0].kind == WS_LITE_AUDIO_SPECTROGRAM;
    if (!*is_sound)
        return WS_OK;
    ws_status status = read_sound(path, graph, &graph->nodes[0], &sound, err);
    if (status != WS_OK)
        return status;
    const ws_lite_node *last = find_last(graph, &graph->nodes[0]);
    if (last == NULL)
        return refuse(path, "has another operator than Mfcc or an average after AudioSpectrogram",
                      err);
    status = last->kind == WS_LITE_MFCC ? take_mfcc(path, frozen, last, &sound, err)
                                        : take_average(path, frozen, last, &sound, err);
    if (status == WS_OK)
        status = ws_features_set(frozen, path, &sound, &settings, err);
    if (status != WS_OK)
        return status;
    const ws_lite_tensor *made = &graph->tensors[last->outputs[0]];
    if (made->type != WS_LITE_FLOAT32 || ws_lite_tensor_size(made) != settings.size)
        return refuse(path, "says another number of features than it makes", err);
    take_off(graph, (size_t)(last - graph->nodes) + 1, last->outputs[0]);
    return WS_OK;
}
