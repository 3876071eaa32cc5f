#include "train/wake_batches.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/layout.h"
#include "base/random.h"

/** A stretch in the bank. */
typedef struct stretch {
    ws_wake_kind kind;
    int label;
    float weight;
    size_t first, last; /* a window of it ends after one of these frames; with the phrase or
                           without */
} stretch;

/** A window without the phrase that may become a part of the batch. */
typedef struct candidate {
    size_t i;
    float logit;
} candidate;

struct ws_wake_batches {
    ws_wake_batches_options options;
    ws_feature_settings settings; /* of a stretch */
    ws_features *features;
    size_t n_positive, n_negative; /* windows of a batch */
    size_t n_candidates;
    ws_arena arena;
    float *bank;              /* [n_stretches, frames of a stretch, width] */
    stretch *stretches;       /* [n_stretches] */
    float *samples;           /* [n_threads, n_samples] */
    unsigned char *scratch;   /* [n_threads, scratch_bytes] */
    unsigned char *memory;    /* [n_threads, memory_bytes] */
    size_t memory_bytes;      /* the same of the features */
    size_t scratch_bytes;     /* of a thread, aligned */
    size_t *positives;        /* [n_stretches] places of those with the phrase */
    size_t *negatives;        /* [n_stretches] and of the others */
    size_t n_with, n_without; /* how many */
    float *tried;             /* [n_candidates, size of a window] */
    float *weights_tried;     /* [n_candidates] */
    int32_t *labels_tried;    /* [n_candidates] */
    float *logits;            /* [n_candidates] */
    candidate *candidates;    /* [n_candidates] */
    float *weights, *shares;  /* [batch_size] */
};

static void place_arrays(ws_wake_batches *b, ws_layout *layout)
{
    const ws_wake_batches_options *o = &b->options;
    const size_t n_threads = (size_t)o->n_threads;

    b->bank = ws_layout_push(layout, o->n_stretches * b->settings.size, sizeof *b->bank);
    b->stretches = ws_layout_push(layout, o->n_stretches, sizeof *b->stretches);
    b->samples = ws_layout_push(layout, n_threads * o->n_samples, sizeof *b->samples);
    b->scratch = ws_layout_push(layout, n_threads * b->scratch_bytes, 1);
    b->memory = ws_layout_push(layout, n_threads * b->memory_bytes, 1);
    b->positives = ws_layout_push(layout, o->n_stretches, sizeof *b->positives);
    b->negatives = ws_layout_push(layout, o->n_stretches, sizeof *b->negatives);
    b->tried = ws_layout_push(layout, b->n_candidates * o->settings->size, sizeof *b->tried);
    b->weights_tried = ws_layout_push(layout, b->n_candidates, sizeof *b->weights_tried);
    b->labels_tried = ws_layout_push(layout, b->n_candidates, sizeof *b->labels_tried);
    b->logits = ws_layout_push(layout, b->n_candidates, sizeof *b->logits);
    b->candidates = ws_layout_push(layout, b->n_candidates, sizeof *b->candidates);
    b->weights = ws_layout_push(layout, o->batch_size, sizeof *b->weights);
    b->shares = ws_layout_push(layout, o->batch_size, sizeof *b->shares);
}

static void count_windows(ws_wake_batches *b)
{
    const ws_wake_batches_options *o = &b->options;
    const size_t n = (size_t)(o->phrase_share * (double)o->batch_size + 0.5);

    b->n_positive = n < 1 ? 1 : n < o->batch_size ? n : o->batch_size - 1;
    b->n_negative = o->batch_size - b->n_positive;
    b->n_candidates = b->n_negative * o->n_tries;
}

ws_status ws_wake_batches_create(ws_wake_batches **batches, const ws_wake_batches_options *options,
                                 ws_error *err)
{
    ws_wake_batches *made = calloc(1, sizeof *made);
    ws_layout layout = {0};

    *batches = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "the batches of a wake word");
    assert(options->batch_size >= 2 && options->n_tries >= 1);
    made->options = *options;
    made->settings = *options->settings;
    ws_feature_settings_set_frames(&made->settings,
                                   1 + (options->n_samples - made->settings.window_samples) /
                                           made->settings.stride_samples);
    count_windows(made);
    ws_status status = ws_features_create(&made->settings, NULL, &made->features, err);
    if (status == WS_OK) {
        made->scratch_bytes = ws_arena_round(ws_features_scratch_bytes(made->features));
        made->memory_bytes = ws_arena_round(ws_features_memory_bytes(made->features));
        place_arrays(made, &layout);
        status = ws_layout_reserve(&layout, &made->arena, err);
    }
    if (status != WS_OK) {
        ws_wake_batches_destroy(made);
        return status;
    }
    place_arrays(made, &layout);
    *batches = made;
    return WS_OK;
}

void ws_wake_batches_destroy(ws_wake_batches *batches)
{
    if (batches == NULL)
        return;
    ws_features_destroy(batches->features);
    ws_arena_deinit(&batches->arena);
    free(batches);
}

/** The first frame that ends after that many samples: its window has them all. */
static size_t frame_after(const ws_wake_batches *b, size_t n_samples)
{
    const size_t window = b->settings.window_samples, hop = b->settings.stride_samples;
    const size_t frame = n_samples > window ? (n_samples - window + hop - 1) / hop : 0;

    return frame < b->settings.n_frames ? frame : b->settings.n_frames - 1;
}

/** Where windows of a stretch may end. */
static void set_ends(const ws_wake_batches *b, const ws_wake_window *window, stretch *s)
{
    const size_t least = b->options.settings->n_frames - 1;
    const size_t late = (size_t)(b->options.late_ms * (double)b->settings.sample_rate_hz / 1000.0);

    s->first = least;
    s->last = b->settings.n_frames - 1;
    if (window->label == 0)
        return;
    const size_t end = b->options.n_samples - window->lag;
    s->first = frame_after(b, end);
    s->last = frame_after(b, end + late);
    if (s->first < least)
        s->first = least;
    if (s->last < s->first)
        s->last = s->first;
}

/** Makes stretch number i of all in the run, into its place in the bank. */
static void make_stretch(ws_wake_batches *b, uint64_t step, uint32_t row, size_t place)
{
    const size_t thread = (size_t)omp_get_thread_num();
    ws_wake_window window = {.samples = b->samples + thread * b->options.n_samples};

    /* step 0 of the source is taken */
    ws_wake_source_make(b->options.source, thread, step + 1, row, &window);
    memset(b->memory + thread * b->memory_bytes, 0, b->memory_bytes);
    ws_features_run_on(b->features, window.samples, b->memory + thread * b->memory_bytes,
                       b->scratch + thread * b->scratch_bytes, b->bank + place * b->settings.size);
    b->stretches[place] =
        (stretch){.kind = window.kind, .label = window.label, .weight = window.weight};
    set_ends(b, &window, &b->stretches[place]);
}

/** Sorts the places of the bank by whether the phrase is there. */
static void list_places(ws_wake_batches *b)
{
    b->n_with = b->n_without = 0;
    for (size_t i = 0; i < b->options.n_stretches; i++) {
        if (b->stretches[i].label != 0)
            b->positives[b->n_with++] = i;
        else
            b->negatives[b->n_without++] = i;
    }
}

/** Stretches first .. first + n - 1 of the run: number i is made in step i / n_new and lies at
 *  place i modulo n_stretches. Step 0 has made the whole bank before. */
static void make_stretches(ws_wake_batches *b, uint64_t step)
{
    const size_t n_new = b->options.n_new, n_stretches = b->options.n_stretches;

#pragma omp parallel for schedule(dynamic) num_threads(b->options.n_threads)
    for (size_t k = 0; k < n_new; k++)
        make_stretch(b, step, (uint32_t)k,
                     (size_t)(((step - 1) * n_new + k) % (uint64_t)n_stretches));
}

ws_status ws_wake_batches_begin(ws_wake_batches *b, uint64_t step, ws_error *err)
{
    const size_t n_new = b->options.n_new, n_stretches = b->options.n_stretches;
    const uint64_t n_made = step * n_new;

#pragma omp parallel for schedule(dynamic) num_threads(b->options.n_threads)
    for (size_t i = 0; i < n_stretches; i++) {
        /* the last number below n_made that lies here, if there is one */
        const uint64_t n_here = n_made > i ? (n_made - i - 1) / n_stretches + 1 : 0;
        const uint64_t number = n_here > 0 ? i + (n_here - 1) * n_stretches : i;
        if (n_here > 0)
            make_stretch(b, 1 + number / n_new, (uint32_t)(number % n_new), i);
        else
            make_stretch(b, 0, (uint32_t)i, i);
    }
    list_places(b);
    if (b->n_with == 0 || b->n_without == 0)
        return ws_fail(err, WS_EFORMAT,
                       "of %zu windows %zu have the phrase: expected some with it and some without "
                       "it; more recordings of the kind that is missing may help",
                       n_stretches, b->n_with);
    return WS_OK;
}

/** Cuts a window out of a random stretch. @return its stretch */
static const stretch *cut(const ws_wake_batches *b, uint64_t step, uint32_t row, bool has_phrase,
                          float *window)
{
    const size_t width = b->settings.width, n_frames = b->options.settings->n_frames;
    ws_random random;

    ws_random_init(&random, b->options.seed, WS_RANDOM_WAKE_CUT, step, row);
    /* without any of one kind, which a bank of hundreds never is, the other kind stands in */
    const bool takes_phrase = b->n_without == 0 || (has_phrase && b->n_with > 0);
    const size_t place = takes_phrase
                             ? b->positives[ws_random_below(&random, (uint32_t)b->n_with)]
                             : b->negatives[ws_random_below(&random, (uint32_t)b->n_without)];
    const stretch *s = &b->stretches[place];
    const size_t end = s->first + ws_random_below(&random, (uint32_t)(s->last - s->first + 1));
    memcpy(window, b->bank + place * b->settings.size + (end + 1 - n_frames) * width,
           n_frames * width * sizeof *window);
    if (ws_random_uniform(&random) < b->options.start_share)
        memset(window, 0,
               ws_random_below(&random, (uint32_t)(n_frames / 2)) * width * sizeof *window);
    ws_augmentations_run_on_features(&b->options.augment,
                                     &(ws_row_place){b->options.seed, step, row},
                                     (ws_feature_shape){n_frames, width}, window);
    return s;
}

static void take(const stretch *s, float *weight, int32_t *label)
{
    *weight = s->weight;
    *label = s->label != 0;
}

/** Nearest to the phrase first; of equal ones, and of NaN, the earlier one. */
static int compare(const void *left, const void *right)
{
    const candidate *a = left, *b = right;

    if (a->logit > b->logit)
        return -1;
    if (a->logit < b->logit)
        return 1;
    return a->i < b->i ? -1 : 1;
}

/** Half of the negatives are the hardest of all candidates, the others the first of the rest. */
static void choose_negatives(ws_wake_batches *b, ws_network *network, float *features,
                             int32_t *labels)
{
    const size_t size = b->options.settings->size, n_hard = b->n_negative / 2;

    for (size_t i = 0; i < b->n_candidates; i++)
        b->candidates[i] = (candidate){i, 0.0f};
    if (b->options.n_tries > 1) {
        ws_network_predict(network, b->tried, b->n_candidates, b->logits);
        for (size_t i = 0; i < b->n_candidates; i++)
            b->candidates[i].logit = b->logits[i];
        qsort(b->candidates, b->n_candidates, sizeof *b->candidates, compare);
        for (size_t i = n_hard; i < b->n_candidates; i++)
            b->candidates[i].logit = 0.0f;
        qsort(b->candidates + n_hard, b->n_candidates - n_hard, sizeof *b->candidates, compare);
    }
    for (size_t k = 0; k < b->n_negative; k++) {
        const size_t row = b->n_positive + k, i = b->candidates[k].i;
        memcpy(features + row * size, b->tried + i * size, size * sizeof *features);
        b->weights[row] = b->weights_tried[i];
        labels[row] = b->labels_tried[i];
    }
}

void ws_wake_batches_read(ws_wake_batches *b, uint64_t step, ws_network *network, float *features,
                          int32_t *labels, ws_batch *batch)
{
    const size_t size = b->options.settings->size;

    make_stretches(b, step);
    list_places(b);
#pragma omp parallel for schedule(static) num_threads(b->options.n_threads)
    for (size_t row = 0; row < b->n_positive; row++)
        take(cut(b, step, (uint32_t)row, true, features + row * size), &b->weights[row],
             &labels[row]);
#pragma omp parallel for schedule(static) num_threads(b->options.n_threads)
    for (size_t i = 0; i < b->n_candidates; i++)
        take(cut(b, step, (uint32_t)(b->n_positive + i), false, b->tried + i * size),
             &b->weights_tried[i], &b->labels_tried[i]);
    choose_negatives(b, network, features, labels);
    for (size_t row = 0; row < b->options.batch_size; row++)
        b->shares[row] = (float)(b->options.label_smoothing / 2.0 +
                                 (1.0 - b->options.label_smoothing) * (double)labels[row]);
    batch->features = features;
    batch->labels = labels;
    batch->n = b->options.batch_size;
    batch->targets.weights = b->weights;
    batch->targets.shares = b->shares;
    batch->targets.logit_factor = b->options.logit_factor;
}
