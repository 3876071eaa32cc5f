#include "recognize/labeller.h"

#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/arena.h"

/* By what the micro features multiply samples themselves. */
static const float micro_scale = 32768.0f;

/* The network's batch. It decides how convolutions are done, and so the last bits of the scores:
 * always the usual one of training, so that they are those of its evaluation, too. */
enum { NETWORK_BATCH = 100 };

/** What a thread works with. */
typedef struct worker {
    float *clip;   /* [desired_samples] */
    void *scratch; /* of the features */
} worker;

struct ws_labeller {
    ws_labeller_options options;
    ws_feature_settings settings;
    ws_features *features;
    ws_network *network;
    size_t n_labels;
    int n_threads;
    float sample_scale; /* of the samples, before the features see them; 1: as they are */
    bool warned_of_conversion;
    ws_arena arena;
    worker *workers;    /* [n_threads] */
    float *rows;        /* [max_clips, settings.size] fingerprints */
    float *logits;      /* [max_clips, n_labels] */
    bool *is_converted; /* [max_clips] from another sample rate, in the call under way */
};

static ws_status check_model(const ws_frozen *model, const ws_feature_settings *settings,
                             ws_error *err)
{
    const size_t n_inputs = ws_shape_size(ws_graph_input_shape(&model->graph));

    if (n_inputs != settings->size)
        return ws_fail(
            err, WS_EFORMAT,
            "the model's network takes %zu numbers, but its features are %zu (%zu frames "
            "of %zu)",
            n_inputs, settings->size, settings->n_frames, settings->width);
    for (size_t i = 0; i < model->graph.n_weights; i++) {
        if (!isfinite(model->parameters[i]))
            return ws_fail(err, WS_EFORMAT,
                           "the model's weights are not all finite numbers: its training went "
                           "wrong");
    }
    return WS_OK;
}

static ws_status make_features(ws_labeller *labeller, ws_error *err)
{
    const ws_labeller_options *options = &labeller->options;
    ws_feature_settings *settings = &labeller->settings;

    ws_status status = ws_feature_settings_init(&options->model->features, settings, err);
    if (status == WS_OK)
        status = check_model(options->model, settings, err);
    if (status != WS_OK)
        return status;
    labeller->sample_scale = 1.0f;
    if (options->model->micro_sample_scale > 0.0f)
        labeller->sample_scale = options->model->micro_sample_scale / micro_scale;
    return ws_features_create(settings, options->log, &labeller->features, err);
}

static ws_status make_network(ws_labeller *labeller, ws_error *err)
{
    const ws_labeller_options *options = &labeller->options;
    const ws_graph *graph = &options->model->graph;

    const ws_status status = ws_network_create(&labeller->network, graph,
                                               &(ws_network_options){
                                                   .max_batch = NETWORK_BATCH,
                                                   .n_threads = (unsigned)labeller->n_threads,
                                                   .engine = options->engine,
                                                   .isa = options->isa,
                                                   .log = options->log,
                                               },
                                               err);
    if (status == WS_OK)
        memcpy(ws_network_parameters(labeller->network), options->model->parameters,
               graph->n_weights * sizeof *options->model->parameters);
    return status;
}

/** Hands out all arrays; of an arena without memory only the size that they take is counted. */
static size_t place_arrays(ws_labeller *labeller)
{
    const size_t n_threads = (size_t)labeller->n_threads, max_clips = labeller->options.max_clips;
    const size_t sizes[] = {
        max_clips * labeller->settings.size * sizeof(float),
        max_clips * labeller->n_labels * sizeof(float),
        labeller->settings.desired_samples * sizeof(float),
        ws_features_scratch_bytes(labeller->features),
    };
    ws_arena *arena = &labeller->arena;

    if (arena->base != NULL) {
        labeller->rows = ws_arena_push(arena, sizes[0]);
        labeller->logits = ws_arena_push(arena, sizes[1]);
        for (size_t i = 0; i < n_threads; i++) {
            labeller->workers[i].clip = ws_arena_push(arena, sizes[2]);
            labeller->workers[i].scratch = ws_arena_push(arena, sizes[3]);
        }
    }
    return ws_arena_round(sizes[0]) + ws_arena_round(sizes[1]) +
           n_threads * (ws_arena_round(sizes[2]) + ws_arena_round(sizes[3]));
}

static ws_status make_arrays(ws_labeller *labeller, ws_error *err)
{
    labeller->workers = calloc((size_t)labeller->n_threads, sizeof *labeller->workers);
    labeller->is_converted = calloc(labeller->options.max_clips, sizeof *labeller->is_converted);
    if (labeller->workers == NULL || labeller->is_converted == NULL)
        return ws_fail_memory(err, "labelling");
    const ws_status status = ws_arena_init(&labeller->arena, place_arrays(labeller), err);
    if (status == WS_OK)
        (void)place_arrays(labeller);
    return status;
}

ws_status ws_labeller_create(const ws_labeller_options *options, ws_labeller **labeller,
                             ws_error *err)
{
    assert(options->max_clips > 0);
    *labeller = NULL;
    ws_labeller *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "labelling");
    made->options = *options;
    made->n_threads = options->n_threads > 0 ? (int)options->n_threads : omp_get_num_procs();
    made->n_labels = ws_graph_n_labels(&options->model->graph);
    ws_status status = make_features(made, err);
    if (status == WS_OK)
        status = make_network(made, err);
    if (status == WS_OK)
        status = make_arrays(made, err);
    if (status != WS_OK) {
        ws_labeller_destroy(made);
        return status;
    }
    *labeller = made;
    return WS_OK;
}

void ws_labeller_destroy(ws_labeller *labeller)
{
    if (labeller == NULL)
        return;
    ws_network_destroy(labeller->network);
    ws_features_destroy(labeller->features);
    ws_arena_deinit(&labeller->arena);
    free(labeller->workers);
    free(labeller->is_converted);
    free(labeller);
}

size_t ws_labeller_n_labels(const ws_labeller *labeller)
{
    return labeller->n_labels;
}

/** Reads file i into the worker's clip: as long as the model's, at its rate. */
static ws_status read_clip(ws_labeller *labeller, const worker *own, const char *path, size_t i,
                           ws_error *fault)
{
    const size_t n_wanted = labeller->settings.desired_samples;
    ws_sound sound;

    const ws_status status = ws_sound_read_at(path, labeller->settings.sample_rate_hz, n_wanted,
                                              &sound, &labeller->is_converted[i], fault);
    if (status != WS_OK)
        return status;
    for (size_t k = 0; k < sound.n_samples; k++)
        own->clip[k] = labeller->sample_scale * sound.samples[k];
    memset(own->clip + sound.n_samples, 0, (n_wanted - sound.n_samples) * sizeof *own->clip);
    ws_sound_deinit(&sound);
    return WS_OK;
}

/** The fingerprint of file i, or zeros, for the batch goes through the network as a whole. */
static void make_row(ws_labeller *labeller, const worker *own, const char *path, size_t i,
                     ws_error *fault)
{
    const size_t size = labeller->settings.size;

    labeller->is_converted[i] = false;
    fault->status = read_clip(labeller, own, path, i, fault);
    if (fault->status == WS_OK)
        ws_features_run(labeller->features, own->clip, own->scratch, labeller->rows + i * size);
    else
        memset(labeller->rows + i * size, 0, size * sizeof *labeller->rows);
}

/** @return whether the scores are numbers */
static bool find_softmax(const float *logits, size_t n, float *scores)
{
    float largest = logits[0];
    double sum = 0.0;

    for (size_t k = 1; k < n; k++)
        largest = fmaxf(largest, logits[k]);
    for (size_t k = 0; k < n; k++)
        sum += exp((double)logits[k] - (double)largest);
    for (size_t k = 0; k < n; k++)
        scores[k] = (float)(exp((double)logits[k] - (double)largest) / sum);
    return isfinite(sum);
}

static void fill_scores(const ws_labeller *labeller, const char *path, size_t i, float *scores,
                        ws_error *fault)
{
    const size_t n_labels = labeller->n_labels;

    if (fault->status == WS_OK && !find_softmax(labeller->logits + i * n_labels, n_labels, scores))
        (void)ws_fail(fault, WS_ENUMERIC, "%s: the model's scores are not finite numbers", path);
    if (fault->status != WS_OK)
        memset(scores, 0, n_labels * sizeof *scores);
}

static void warn_of_conversion(ws_labeller *labeller, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n && !labeller->warned_of_conversion; i++) {
        if (!labeller->is_converted[i])
            continue;
        labeller->warned_of_conversion = true;
        ws_log_write(labeller->options.log, WS_LOG_WARN,
                     "%s has another sample rate than the model's %d Hz and is converted, as are "
                     "all further such files",
                     paths[i], labeller->settings.sample_rate_hz);
    }
}

void ws_labeller_run(ws_labeller *labeller, const char *const *paths, size_t n, float *scores,
                     ws_error *faults)
{
    assert(n > 0 && n <= labeller->options.max_clips);
#pragma omp parallel for schedule(dynamic) num_threads(labeller->n_threads)
    for (size_t i = 0; i < n; i++) {
        faults[i].status = WS_OK;
        make_row(labeller, &labeller->workers[omp_get_thread_num()], paths[i], i, &faults[i]);
    }
    warn_of_conversion(labeller, paths, n);
    ws_network_predict(labeller->network, labeller->rows, n, labeller->logits);
    for (size_t i = 0; i < n; i++)
        fill_scores(labeller, paths[i], i, scores + i * labeller->n_labels, &faults[i]);
}
