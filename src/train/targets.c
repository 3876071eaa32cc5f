#include "train/targets.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/layout.h"
#include "dataset/mixup.h"
#include "recognize/teacher.h"

struct ws_targets {
    size_t n_labels, size, max_batch;
    uint64_t seed;
    unsigned n_threads;
    double smoothing, alpha; /* 0: none */
    double temperature, teacher_share;
    ws_teacher *teacher;    /* NULL: there is none */
    ws_arena arena;         /* of the arrays, each of which may be missing */
    float *mixed;           /* [max_batch, size] */
    float *shares;          /* [max_batch, n_labels] */
    float *opinions;        /* [max_batch, n_labels] the teacher's logits */
    double *teacher_logits; /* the same, as the loss reads them */
};

static void place_arrays(ws_targets *targets, ws_layout *layout)
{
    const size_t n_logits = targets->max_batch * targets->n_labels;

    if (targets->alpha > 0)
        targets->mixed =
            ws_layout_push(layout, targets->max_batch * targets->size, sizeof *targets->mixed);
    if (targets->alpha > 0 || targets->smoothing > 0)
        targets->shares = ws_layout_push(layout, n_logits, sizeof *targets->shares);
    if (targets->teacher == NULL)
        return;
    targets->opinions = ws_layout_push(layout, n_logits, sizeof *targets->opinions);
    targets->teacher_logits = ws_layout_push(layout, n_logits, sizeof *targets->teacher_logits);
}

ws_status ws_targets_create(ws_targets **targets, const ws_targets_options *options, ws_error *err)
{
    const ws_train_options *o = options->options;
    ws_targets *made = calloc(1, sizeof *made);
    ws_layout layout = {0};
    ws_status status = WS_OK;

    *targets = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "the targets of a batch");
    *made = (ws_targets){
        .n_labels = options->labels->n_items,
        .size = options->size,
        .max_batch = options->max_batch,
        .seed = (uint64_t)o->seed,
        .n_threads = (unsigned)o->threads,
        .smoothing = o->label_smoothing,
        .alpha = o->mixup,
        .temperature = o->distill_temperature,
        .teacher_share = o->distill_share,
    };
    if (o->distill[0] != '\0')
        status = ws_teacher_create(o, options->labels, options->log, &made->teacher, err);
    if (status == WS_OK) {
        place_arrays(made, &layout);
        status = ws_layout_reserve(&layout, &made->arena, err);
    }
    if (status != WS_OK) {
        ws_targets_destroy(made);
        return status;
    }
    place_arrays(made, &layout);
    *targets = made;
    return WS_OK;
}

void ws_targets_destroy(ws_targets *targets)
{
    if (targets == NULL)
        return;
    ws_teacher_destroy(targets->teacher);
    ws_arena_deinit(&targets->arena);
    free(targets);
}

/** The shares of a row: of its label and of the other row's, smoothed. */
static void set_shares(const ws_targets *targets, const int32_t *labels, size_t row,
                       ws_mixed_row mixed)
{
    float *shares = targets->shares + row * targets->n_labels;
    const float kept = (float)(1.0 - targets->smoothing);

    for (size_t k = 0; k < targets->n_labels; k++)
        shares[k] = (float)(targets->smoothing / (double)targets->n_labels);
    shares[labels[row]] += kept * mixed.share;
    shares[labels[mixed.other]] += kept * (1.0f - mixed.share);
}

bool ws_targets_need_all_rows(const ws_targets *targets)
{
    /* a mixed row may be mixed with any other; what a teacher says may depend, in its last bits, on
     * how many rows it is asked for at a time */
    return targets->alpha > 0 || targets->teacher != NULL;
}

void ws_targets_set(ws_targets *targets, int64_t step, ws_batch *batch)
{
    const ws_mixup mixup = {
        .seed = targets->seed, .step = (uint64_t)step, .alpha = targets->alpha, .n = batch->n};

    if (targets->mixed != NULL) {
        ws_mixup_run(&mixup, batch->features, targets->size, targets->n_threads, targets->mixed);
        batch->features = targets->mixed;
    }
    for (size_t row = 0; targets->shares != NULL && row < batch->n; row++)
        set_shares(targets, batch->labels, row,
                   targets->alpha > 0 ? ws_mixup_draw(&mixup, row)
                                      : (ws_mixed_row){.other = row, .share = 1.0f});
    batch->targets.shares = targets->shares;
    if (targets->teacher == NULL)
        return;
    ws_teacher_run(targets->teacher, batch->features, batch->n, targets->opinions);
    for (size_t i = 0; i < batch->n * targets->n_labels; i++)
        targets->teacher_logits[i] = (double)targets->opinions[i];
    batch->targets.teacher = targets->teacher_logits;
    batch->targets.temperature = targets->temperature;
    batch->targets.teacher_share = targets->teacher_share;
}
