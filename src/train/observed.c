#include "train/observed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/mfcc.h"
#include "dataset/labels.h"
#include "train/listener.h"
#include "train/sets.h"
#include "train/step_graph.h"

static const double pi = 3.14159265358979323846;

struct ws_observed {
    ws_observed_parts parts;
    ws_observation seen;
    ws_listener listener;
    ws_step_graph *graph;
    /* arrays of the observation */
    const char **labels;
    size_t (*n_label_clips)[WS_N_REPORT_PLACES];
    ws_report_variable *variables;
    float *bands; /* NULL: numbers of a fingerprint are bands */
};

void ws_observed_count_clips(const ws_index *index, size_t n_clips[WS_N_REPORT_PLACES])
{
    n_clips[WS_REPORT_RUN] = 0;
    for (ws_set set = 0; set < WS_N_SETS; set++)
        n_clips[ws_place_of_set(set)] = ws_index_n_clips(index, set);
}

/** Of a wake word: two labels, and the recordings of its validation. */
static ws_status fill_wake_data(ws_observed *observed, ws_error *err)
{
    enum { N_LABELS = 2 };
    const ws_wake_data *wake = observed->parts.wake;
    ws_observation *seen = &observed->seen;

    seen->n_labels = N_LABELS;
    seen->n_fixed_labels = 1;
    observed->labels = calloc(N_LABELS, sizeof *observed->labels);
    observed->n_label_clips = calloc(N_LABELS, sizeof *observed->n_label_clips);
    if (observed->labels == NULL || observed->n_label_clips == NULL)
        return ws_fail_memory(err, "the labels of event files");
    observed->labels[0] = "other sound";
    observed->labels[1] = observed->parts.wake_word;
    for (size_t i = 0; i < ws_wake_source_n_recordings(wake->training); i++)
        observed->n_label_clips[ws_wake_source_recording(wake->training, i).label != 0]
                               [WS_REPORT_TRAIN]++;
    for (size_t i = 0; wake->set != NULL && i < ws_wake_set_n(wake->set); i++)
        observed->n_label_clips[ws_wake_set_get(wake->set, i).is_phrase][WS_REPORT_VALIDATION]++;
    for (size_t label = 0; label < N_LABELS; label++)
        for (int place = 0; place < WS_N_REPORT_PLACES; place++)
            seen->n_clips[place] += observed->n_label_clips[label][place];
    seen->labels = observed->labels;
    seen->n_label_clips = (const size_t(*)[WS_N_REPORT_PLACES])observed->n_label_clips;
    seen->n_files = seen->n_clips[WS_REPORT_TRAIN];
    return WS_OK;
}

static ws_status fill_data(ws_observed *observed, ws_error *err)
{
    const ws_index *index = observed->parts.index;
    ws_observation *seen = &observed->seen;

    if (observed->parts.wake != NULL)
        return fill_wake_data(observed, err);
    seen->n_labels = ws_index_n_labels(index);
    seen->n_fixed_labels = WS_N_FIXED_LABELS;
    observed->labels = calloc(seen->n_labels, sizeof *observed->labels);
    observed->n_label_clips = calloc(seen->n_labels, sizeof *observed->n_label_clips);
    if (observed->labels == NULL || observed->n_label_clips == NULL)
        return ws_fail_memory(err, "the labels of event files");
    for (size_t i = 0; i < seen->n_labels; i++)
        observed->labels[i] = ws_index_label(index, i);
    ws_observed_count_clips(index, seen->n_clips);
    for (ws_set set = 0; set < WS_N_SETS; set++)
        for (size_t i = 0; i < ws_index_n_clips(index, set); i++)
            observed->n_label_clips[ws_index_clip(index, set, i).label][ws_place_of_set(set)]++;
    seen->labels = observed->labels;
    seen->n_label_clips = (const size_t(*)[WS_N_REPORT_PLACES])observed->n_label_clips;
    seen->n_files = ws_index_n_files(index);
    seen->n_noise = ws_noise_n_sounds(observed->parts.noise);
    return WS_OK;
}

/** What cepstrum k adds to a mel band: the transform of audio/dct.h undone. */
static double undo_transform(size_t k, size_t band)
{
    const double scale = sqrt(2.0 / WS_MFCC_N_BANDS);
    if (k == 0)
        return 0.5 * scale;
    return scale * cos(pi * (double)k * ((double)band + 0.5) / WS_MFCC_N_BANDS);
}

/** Cepstra tell of mel bands by a cosine transform; of all other kinds a number is a band. */
static ws_status fill_bands(ws_observed *observed, const ws_feature_settings *settings,
                            ws_error *err)
{
    ws_report_sound *sound = &observed->seen.sound;

    sound->n_bands = settings->width;
    if (strcmp(ws_feature_settings_name(settings), "mfcc") != 0)
        return WS_OK;
    observed->bands = malloc(settings->width * WS_MFCC_N_BANDS * sizeof *observed->bands);
    if (observed->bands == NULL)
        return ws_fail_memory(err, "thumbnails");
    for (size_t k = 0; k < settings->width; k++)
        for (size_t band = 0; band < WS_MFCC_N_BANDS; band++)
            observed->bands[k * WS_MFCC_N_BANDS + band] = (float)undo_transform(k, band);
    sound->n_bands = WS_MFCC_N_BANDS;
    sound->bands = observed->bands;
    return WS_OK;
}

static const ws_feature_settings *find_settings(const ws_observed *observed)
{
    const ws_observed_parts *parts = &observed->parts;

    return parts->wake != NULL ? parts->wake->settings : ws_source_settings(parts->source);
}

static ws_status fill_sound(ws_observed *observed, ws_error *err)
{
    const ws_observed_parts *parts = &observed->parts;
    const ws_feature_settings *settings = find_settings(observed);
    ws_listener *listener = &observed->listener;
    ws_report_sound *sound = &observed->seen.sound;
    const ws_status status =
        ws_listener_init(listener,
                         &(ws_listener_clips){parts->index, parts->source,
                                              parts->wake != NULL ? parts->wake->set : NULL},
                         settings, err);

    if (status != WS_OK)
        return status;
    sound->sample_rate_hz = (size_t)settings->sample_rate_hz;
    sound->n_samples = settings->desired_samples;
    sound->n_spectrum_frames = listener->spectrogram.n_frames;
    sound->n_spectrum_bands = listener->n_bands;
    sound->n_frames = settings->n_frames;
    sound->width = settings->width;
    sound->redraw = ws_listener_redraw;
    sound->user = listener;
    return fill_bands(observed, settings, err);
}

static ws_status fill_variables(ws_observed *observed, ws_error *err)
{
    const ws_graph *graph = observed->parts.graph;
    ws_observation *seen = &observed->seen;

    observed->variables = calloc(graph->n_parameters + 1, sizeof *observed->variables);
    if (observed->variables == NULL)
        return ws_fail_memory(err, "the variables of event files");
    for (size_t i = 0; i < graph->n_parameters; i++)
        observed->variables[i] = (ws_report_variable){
            .name = graph->parameters[i].name,
            .offset = graph->parameters[i].offset,
            .size = graph->parameters[i].size,
        };
    seen->variables = observed->variables;
    seen->n_variables = graph->n_parameters;
    seen->weights = ws_network_parameters(observed->parts.network);
    seen->gradients = ws_network_gradients(observed->parts.network);
    seen->n_weights = graph->n_weights;
    return WS_OK;
}

static const ws_node *find_first_layer(const ws_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_op_kind kind = graph->nodes[i].kind;
        if (kind == WS_OP_CONV2D || kind == WS_OP_DENSE || kind == WS_OP_SVDF)
            return &graph->nodes[i];
    }
    return NULL;
}

/** Filters of the first layer: of what it reads the first channel. */
static void fill_filters(ws_observed *observed)
{
    const ws_graph *graph = observed->parts.graph;
    const ws_node *node = find_first_layer(graph);
    ws_report_filters *filters = &observed->seen.filters;

    if (node == NULL)
        return;
    const ws_shape input = graph->nodes[node->inputs[0]].shape;
    const ws_variable *parameter = ws_graph_parameter(graph, node, 0);
    const bool is_svdf = node->kind == WS_OP_SVDF;
    filters->name = parameter->name;
    filters->n_filters = node->shape.c;
    filters->n_frames = node->kind == WS_OP_CONV2D ? node->window.h : input.h;
    /* where frequencies are channels, the filter's channels are its bins */
    const bool is_by_channel = node->kind == WS_OP_CONV2D && input.w == 1;
    filters->n_bins = is_by_channel                ? input.c
                      : node->kind == WS_OP_CONV2D ? node->window.w
                                                   : input.w;
    filters->rank = is_svdf ? node->rank : 1;
    /* [frames, bins, channels, filters]; of SVDF [bins, channels, filters * rank] */
    filters->bin_step = (is_by_channel ? 1 : input.c) * filters->n_filters * filters->rank;
    filters->frame_step = is_svdf ? 0 : filters->n_bins * filters->bin_step;
    filters->is_label_each = node->kind == WS_OP_DENSE && graph->n_parameters <= 2;
    filters->weights = observed->seen.weights + parameter->offset;
    filters->times =
        is_svdf ? observed->seen.weights + ws_graph_parameter(graph, node, WS_SVDF_TIME)->offset
                : NULL;
}

static ws_status fill_graph(ws_observed *observed, ws_error *err)
{
    const ws_observed_parts *parts = &observed->parts;
    ws_report_graph *graph = &observed->seen.graph;
    const ws_status status = ws_step_graph_create(&observed->graph, parts->graph,
                                                  find_settings(observed), parts->update_op, err);

    if (status != WS_OK)
        return status;
    graph->list = &observed->graph->list;
    graph->timed = observed->graph->timed;
    graph->n_timed = observed->graph->n_timed;
    return WS_OK;
}

ws_status ws_observed_create(ws_observed **observed, const ws_observed_parts *parts, ws_error *err)
{
    ws_observed *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ws_fail_memory(err, "event files");
    made->parts = *parts;
    made->seen.batch_size = parts->batch_size;
    made->seen.n_steps = parts->n_steps;
    ws_status status = fill_data(made, err);
    if (status == WS_OK)
        status = fill_sound(made, err);
    if (status == WS_OK)
        status = fill_variables(made, err);
    if (status == WS_OK) {
        fill_filters(made);
        status = fill_graph(made, err);
    }
    if (status == WS_OK)
        *observed = made;
    else
        ws_observed_destroy(made);
    return status;
}

void ws_observed_destroy(ws_observed *observed)
{
    if (observed == NULL)
        return;
    ws_step_graph_destroy(observed->graph);
    ws_listener_deinit(&observed->listener);
    free(observed->labels);
    free(observed->n_label_clips);
    free(observed->variables);
    free(observed->bands);
    free(observed);
}

const ws_observation *ws_observed_get(const ws_observed *observed)
{
    return &observed->seen;
}

void ws_observed_time_step(ws_observed *observed, ws_report_step *step)
{
    step->node_seconds = ws_step_graph_time(observed->graph, observed->parts.network, step);
}
