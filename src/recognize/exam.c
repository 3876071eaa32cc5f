#include "recognize/exam.h"

#include <stdlib.h>
#include <string.h>

/** An exam under way. */
typedef struct sitting {
    ws_labeller *labeller;
    const ws_exam_clips *clips;
    ws_exam *exam;
    size_t n_labels, n_samples;
    float *samples;       /* [WS_EXAM_BATCH, n_samples]; NULL: files are read */
    float *scores;        /* [WS_EXAM_BATCH, n_labels] */
    const char **names;   /* [WS_EXAM_BATCH] of those in the batch */
    int32_t *labels;      /* [WS_EXAM_BATCH] */
    size_t *entries;      /* [WS_EXAM_BATCH] */
    ws_error *faults;     /* [WS_EXAM_BATCH] */
    ws_error first_fault; /* WS_OK: no fault so far */
} sitting;

static ws_status make_arrays(sitting *at, ws_error *err)
{
    const size_t n = at->clips->n + 1; /* no clips are fine too */
    ws_exam *exam = at->exam;

    exam->entries = malloc(n * sizeof *exam->entries);
    exam->labels = malloc(n * sizeof *exam->labels);
    exam->logits = malloc(n * at->n_labels * sizeof *exam->logits);
    at->scores = malloc(WS_EXAM_BATCH * at->n_labels * sizeof *at->scores);
    at->names = malloc(WS_EXAM_BATCH * sizeof *at->names);
    at->labels = malloc(WS_EXAM_BATCH * sizeof *at->labels);
    at->entries = malloc(WS_EXAM_BATCH * sizeof *at->entries);
    at->faults = calloc(WS_EXAM_BATCH, sizeof *at->faults);
    if (at->clips->read != NULL)
        at->samples = malloc(WS_EXAM_BATCH * at->n_samples * sizeof *at->samples);
    if (exam->entries == NULL || exam->labels == NULL || exam->logits == NULL ||
        at->scores == NULL || at->names == NULL || at->labels == NULL || at->entries == NULL ||
        at->faults == NULL || (at->clips->read != NULL && at->samples == NULL))
        return ws_fail_memory(err, "a test");
    return ws_confusion_create(at->n_labels, &exam->confusion, err);
}

static void note_fault(sitting *at, const ws_error *fault)
{
    at->exam->n_broken++;
    if (at->first_fault.status == WS_OK || fault->status == WS_ENOMEM)
        at->first_fault = *fault;
    ws_log_write(at->clips->log, WS_LOG_WARN, "%s; the clip is skipped", fault->message);
}

/** Reads up to a batch of clips from first on. @return the number of clips that could be read */
static size_t read_batch(sitting *at, size_t first)
{
    const ws_exam_clips *clips = at->clips;
    size_t n = 0;

    for (size_t i = first; i < clips->n && i < first + WS_EXAM_BATCH; i++) {
        ws_error fault = {.status = WS_OK};
        at->names[n] = clips->get(clips->user, i, &at->labels[n]);
        at->entries[n] = i;
        if (clips->read != NULL &&
            clips->read(clips->user, i, at->samples + n * at->n_samples, &fault) != WS_OK)
            note_fault(at, &fault);
        else
            n++;
    }
    return n;
}

static void run_batch(sitting *at, size_t n)
{
    ws_exam *exam = at->exam;

    if (at->samples != NULL)
        ws_labeller_run_samples(at->labeller, at->samples, at->names, n, at->scores, at->faults);
    else
        ws_labeller_run(at->labeller, at->names, n, at->scores, at->faults);
    for (size_t i = 0; i < n; i++) {
        const float *logits = ws_labeller_logits(at->labeller) + i * at->n_labels;
        if (at->faults[i].status != WS_OK) {
            note_fault(at, &at->faults[i]);
            continue;
        }
        ws_confusion_push(exam->confusion, logits, &at->labels[i], 1);
        exam->entries[exam->n_clips] = at->entries[i];
        exam->labels[exam->n_clips] = at->labels[i];
        memcpy(exam->logits + exam->n_clips * at->n_labels, logits, at->n_labels * sizeof *logits);
        exam->n_clips++;
    }
}

ws_status ws_exam_run(ws_labeller *labeller, const ws_exam_clips *clips, ws_exam *exam,
                      ws_error *err)
{
    sitting at = {
        .labeller = labeller,
        .clips = clips,
        .exam = exam,
        .n_labels = ws_labeller_n_labels(labeller),
        .n_samples = ws_labeller_settings(labeller)->desired_samples,
        .first_fault = {.status = WS_OK},
    };

    *exam = (ws_exam){.n_clips = 0};
    ws_status status = make_arrays(&at, err);
    for (size_t first = 0; status == WS_OK && first < clips->n; first += WS_EXAM_BATCH) {
        const size_t n = read_batch(&at, first);
        if (n > 0)
            run_batch(&at, n);
        if (at.first_fault.status == WS_ENOMEM)
            status = ws_fail_memory(err, "a clip");
        if (clips->show_progress != NULL)
            clips->show_progress(
                clips->user, first + WS_EXAM_BATCH < clips->n ? first + WS_EXAM_BATCH : clips->n);
    }
    if (status == WS_OK && exam->n_clips == 0 && exam->n_broken > 0)
        status = ws_fail(err, WS_EFORMAT, "no clip can be tested: %.900s", at.first_fault.message);
    free(at.samples);
    free(at.scores);
    free(at.names);
    free(at.labels);
    free(at.entries);
    free(at.faults);
    return status;
}

void ws_exam_deinit(ws_exam *exam)
{
    ws_confusion_destroy(exam->confusion);
    free(exam->entries);
    free(exam->labels);
    free(exam->logits);
    *exam = (ws_exam){.n_clips = 0};
}

ws_predictions ws_exam_get_predictions(const ws_exam *exam)
{
    return (ws_predictions){
        .n_clips = exam->n_clips,
        .n_labels = exam->confusion->n_labels,
        .labels = exam->labels,
        .logits = exam->logits,
    };
}
