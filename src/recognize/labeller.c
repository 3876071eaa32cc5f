#include "recognize/labeller.h"

#include <assert.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/arena.h"
#include "recognize/recognizer.h"

/** The memory of one thread. */
typedef struct worker {
    float *clip;   /* [desired_samples] */
    void *scratch; /* of the features */
} worker;

/** Notes about a file that was read. */
typedef struct clip_note {
    bool is_converted; /* from another sample rate */
    ws_sound_oddity oddity;
} clip_note;

struct ws_labeller {
    ws_recognizer recognizer;
    ws_features *features;
    size_t max_clips;
    bool warned_of_conversion, warned_of_oddity;
    ws_arena arena;
    worker *workers;  /* [n_threads] */
    float *rows;      /* [max_clips, settings.size] fingerprints */
    float *logits;    /* [max_clips, n_labels] */
    clip_note *notes; /* [max_clips] of the call under way */
};

static ws_status open_model(ws_labeller *labeller, const ws_labeller_options *options,
                            ws_error *err)
{
    const ws_recognizer_options model = {.model = options->model,
                                         .n_threads = options->n_threads,
                                         .engine = options->engine,
                                         .isa = options->isa,
                                         .log = options->log};
    ws_recognizer *recognizer = &labeller->recognizer;

    ws_status status = ws_recognizer_init(&model, recognizer, err);
    if (status == WS_OK)
        status =
            ws_features_create(&recognizer->front.settings, options->log, &labeller->features, err);
    if (status == WS_OK)
        status = ws_recognizer_open_network(recognizer, 0, err);
    return status;
}

/** Allocates all arrays; an arena without memory only counts their size. */
static size_t place_arrays(ws_labeller *labeller)
{
    const ws_recognizer *recognizer = &labeller->recognizer;
    const size_t n_threads = (size_t)recognizer->n_threads, max_clips = labeller->max_clips;
    const size_t sizes[] = {
        max_clips * recognizer->front.settings.size * sizeof(float),
        max_clips * recognizer->front.n_labels * sizeof(float),
        recognizer->front.settings.desired_samples * sizeof(float),
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
    const size_t n_threads = (size_t)labeller->recognizer.n_threads;

    labeller->workers = calloc(n_threads, sizeof *labeller->workers);
    labeller->notes = calloc(labeller->max_clips, sizeof *labeller->notes);
    if (labeller->workers == NULL || labeller->notes == NULL)
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
    made->max_clips = options->max_clips;
    ws_status status = open_model(made, options, err);
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
    ws_recognizer_deinit(&labeller->recognizer);
    ws_features_destroy(labeller->features);
    ws_arena_deinit(&labeller->arena);
    free(labeller->workers);
    free(labeller->notes);
    free(labeller);
}

size_t ws_labeller_n_labels(const ws_labeller *labeller)
{
    return labeller->recognizer.front.n_labels;
}

const ws_feature_settings *ws_labeller_settings(const ws_labeller *labeller)
{
    return &labeller->recognizer.front.settings;
}

const float *ws_labeller_logits(const ws_labeller *labeller)
{
    return labeller->logits;
}

/** The clips of a call. */
typedef struct clip_list {
    const char *const *names; /* [n] paths, unless there are samples */
    const float *samples;     /* [n, desired_samples]; NULL: they are read */
} clip_list;

/** Fills the worker's clip, as long as the model's and at its rate, from n samples. */
static void set_clip(const ws_labeller *labeller, const worker *own, const float *samples, size_t n)
{
    const size_t n_wanted = labeller->recognizer.front.settings.desired_samples;

    for (size_t k = 0; k < n; k++)
        own->clip[k] = labeller->recognizer.front.sample_scale * samples[k];
    memset(own->clip + n, 0, (n_wanted - n) * sizeof *own->clip);
}

/** Copies or reads clip i into the worker's clip. */
static ws_status read_clip(ws_labeller *labeller, const worker *own, const clip_list *clips,
                           size_t i, ws_error *fault)
{
    const ws_feature_settings *settings = &labeller->recognizer.front.settings;
    const size_t n_wanted = settings->desired_samples;
    ws_sound sound;

    if (clips->samples != NULL) {
        set_clip(labeller, own, clips->samples + i * n_wanted, n_wanted);
        return WS_OK;
    }
    const ws_status status =
        ws_sound_read_at(clips->names[i], settings->sample_rate_hz, n_wanted, &sound, fault);
    if (status != WS_OK)
        return status;
    labeller->notes[i] = (clip_note){ws_sound_is_converted(&sound), sound.oddity};
    set_clip(labeller, own, sound.samples, sound.n_samples);
    ws_sound_deinit(&sound);
    return WS_OK;
}

/** The fingerprint of clip i. A faulty clip gets zeros, because the network runs on whole batches.
 */
static void make_row(ws_labeller *labeller, const worker *own, const clip_list *clips, size_t i,
                     ws_error *fault)
{
    const size_t size = labeller->recognizer.front.settings.size;

    labeller->notes[i] = (clip_note){0};
    fault->status = read_clip(labeller, own, clips, i, fault);
    if (fault->status == WS_OK)
        ws_features_run(labeller->features, own->clip, own->scratch, labeller->rows + i * size);
    else
        memset(labeller->rows + i * size, 0, size * sizeof *labeller->rows);
}

static void fill_scores(const ws_labeller *labeller, const char *path, size_t i, float *scores,
                        ws_error *fault)
{
    const ws_recognizer *recognizer = &labeller->recognizer;
    const size_t n_labels = recognizer->front.n_labels;

    if (fault->status == WS_OK &&
        !ws_front_find_scores(&recognizer->front, labeller->logits + i * n_labels, scores))
        (void)ws_fail(fault, WS_ENUMERIC, "%s: the model's scores are not finite numbers", path);
    if (fault->status != WS_OK)
        memset(scores, 0, n_labels * sizeof *scores);
}

/** Warns once of files with another sample rate, and once of those with a wrong header. */
static void warn_of_clips(ws_labeller *labeller, const char *const *paths, size_t n)
{
    const ws_log *log = labeller->recognizer.options.log;

    for (size_t i = 0; i < n; i++) {
        if (labeller->notes[i].is_converted && !labeller->warned_of_conversion) {
            labeller->warned_of_conversion = true;
            ws_log_write(log, WS_LOG_WARN,
                         "%s has another sample rate than the model's %d Hz and is converted, as "
                         "are all further such files",
                         paths[i], labeller->recognizer.front.settings.sample_rate_hz);
        }
        if (labeller->notes[i].oddity != WS_SOUND_AS_PROMISED && !labeller->warned_of_oddity) {
            labeller->warned_of_oddity = true;
            ws_log_write(log, WS_LOG_WARN,
                         "%s: %s; it is read as far as there is sound, as are all further such "
                         "files",
                         paths[i], ws_sound_oddity_text(labeller->notes[i].oddity));
        }
    }
}

static void run(ws_labeller *labeller, const clip_list *clips, size_t n, float *scores,
                ws_error *faults)
{
    const ws_recognizer *recognizer = &labeller->recognizer;

    assert(n > 0 && n <= labeller->max_clips);
#pragma omp parallel for schedule(dynamic) num_threads(recognizer->n_threads)
    for (size_t i = 0; i < n; i++) {
        faults[i].status = WS_OK;
        make_row(labeller, &labeller->workers[omp_get_thread_num()], clips, i, &faults[i]);
    }
    warn_of_clips(labeller, clips->names, n);
    ws_recognizer_predict(&labeller->recognizer, labeller->rows, n, labeller->logits);
    for (size_t i = 0; i < n; i++)
        fill_scores(labeller, clips->names[i], i, scores + i * recognizer->front.n_labels,
                    &faults[i]);
}

void ws_labeller_run(ws_labeller *labeller, const char *const *paths, size_t n, float *scores,
                     ws_error *faults)
{
    run(labeller, &(clip_list){.names = paths}, n, scores, faults);
}

void ws_labeller_run_samples(ws_labeller *labeller, const float *samples, const char *const *names,
                             size_t n, float *scores, ws_error *faults)
{
    run(labeller, &(clip_list){.names = names, .samples = samples}, n, scores, faults);
}
