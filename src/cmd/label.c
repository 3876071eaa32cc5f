#include "cmd/label.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/label_json.h"
#include "cmd/label_model.h"
#include "recognize/engine_choice.h"
#include "recognize/labeller.h"
#include "recognize/rank.h"
#include "recognize/stepper.h"

/* Files at a time: threads have something to share, and results come soon. */
enum { MAX_CLIPS = 100 };

typedef struct labelling {
    const ws_label_job *job;
    const ws_label_flags *values; /* of the job's flags */
    ws_console console;
    bool shows_progress;
    ws_model_file model;
    ws_labeller *labeller; /* NULL: the model follows a stream */
    ws_stepper *stepper;   /* of such a model */
    size_t n_labels, n_best;
    float *scores;    /* [MAX_CLIPS, n_labels] */
    float *times;     /* [MAX_CLIPS, n_labels] of a stepper */
    size_t *best;     /* [n_best] of one clip */
    ws_error *faults; /* [MAX_CLIPS] */
    size_t n_faulty;
} labelling;

static ws_status make_labeller(labelling *all, ws_error *err)
{
    const ws_label_job *job = all->job;
    const ws_train_options *options = ws_train_flags_get_options(job->flags);
    ws_engine engine;

    ws_status status = ws_engine_choice_find(options, &engine, err);
    if (status == WS_OK && ws_frozen_is_stream(all->model.frozen))
        return ws_stepper_create(all->model.frozen, (unsigned)options->threads, &all->stepper, err);
    if (status == WS_OK)
        status = ws_labeller_create(
            &(ws_labeller_options){
                .model = all->model.frozen,
                .max_clips = job->n_files < MAX_CLIPS ? job->n_files : MAX_CLIPS,
                .n_threads = (unsigned)options->threads,
                .engine = engine,
                .isa = options->isa,
                .log = &all->console.log,
            },
            &all->labeller, err);
    return status;
}

static ws_status make_all(labelling *all, ws_error *err)
{
    const ws_label_job *job = all->job;

    ws_status status = ws_console_init(&all->console, "info", err);
    /* lines of results would run into it on the same terminal */
    all->shows_progress = isatty(STDOUT_FILENO) != 1;
    if (status == WS_OK)
        status = ws_label_model_open(job->flags, &all->console.log, &all->model, err);
    if (status == WS_OK)
        status = make_labeller(all, err);
    if (status != WS_OK)
        return status;
    all->n_labels = all->stepper != NULL ? 1 : ws_labeller_n_labels(all->labeller);
    all->n_best = all->n_labels;
    if (all->values->how_many_labels < (int64_t)all->n_labels)
        all->n_best = (size_t)all->values->how_many_labels;
    all->scores = malloc(MAX_CLIPS * all->n_labels * sizeof *all->scores);
    all->times = malloc(MAX_CLIPS * all->n_labels * sizeof *all->times);
    all->best = malloc(all->n_best * sizeof *all->best);
    all->faults = calloc(MAX_CLIPS, sizeof *all->faults);
    if (all->scores == NULL || all->times == NULL || all->best == NULL || all->faults == NULL)
        return ws_fail_memory(err, "labels");
    return all->values->json ? ws_label_json_check(all->model.labels, all->n_labels, err) : WS_OK;
}

/** What standard output says of all that was printed so far. */
static ws_status check_output(ws_error *err)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return WS_OK;
    if (errno == 0) /* it was an earlier line that failed */
        return ws_fail(err, WS_EIO, "the labels cannot be written");
    return ws_fail_errno(err, errno, "the labels cannot be written");
}

/** @param times  [n_labels] in seconds; NULL: the model gives no times */
static void print_scores(const labelling *all, const char *path, const float *scores,
                         const float *times)
{
    const ws_label_heading heading = all->job->heading;

    if (heading != WS_LABEL_NO_HEADING)
        printf("\n%s\n", heading == WS_LABEL_BASE_NAMES ? ws_path_base(path) : path);
    for (size_t i = 0; i < all->n_best; i++) {
        const size_t label = all->best[i];
        printf("%s (score = %.5f", all->model.labels->items[label], (double)scores[label]);
        if (times != NULL)
            printf(" at %.2f s", (double)times[label]);
        printf(")\n");
    }
}

/** Prints what came out for one file. */
static ws_status print_file(labelling *all, size_t file, ws_error *err)
{
    const size_t at = file % MAX_CLIPS;
    const char *path = all->job->paths[file];
    const float *scores = all->scores + at * all->n_labels;
    const float *times = all->stepper != NULL ? all->times + at * all->n_labels : NULL;
    const ws_error *fault = &all->faults[at];
    const bool failed = fault->status != WS_OK;
    ws_status status = WS_OK;

    ws_rank_find(scores, all->n_labels, all->n_best, all->best);
    if (all->values->json)
        status = ws_label_json_write(
            &(ws_label_line){
                .path = path,
                .fault = failed ? fault->message : NULL,
                .labels = (const char *const *)all->model.labels->items,
                .scores = scores,
                .times = times,
                .n_labels = all->n_labels,
                .best = all->best[0],
            },
            stdout, err);
    else if (!failed)
        print_scores(all, path, scores, times);
    if (!failed || status != WS_OK)
        return status;
    all->n_faulty++;
    status = check_output(err); /* so that both streams into one file keep the order */
    ws_console_clear(&all->console);
    (void)ws_command_fail(all->job->flags->table->command, fault);
    return status;
}

static ws_status label_all(labelling *all, ws_error *err)
{
    const ws_label_job *job = all->job;
    ws_status status = WS_OK;

    for (size_t first = 0; status == WS_OK && first < job->n_files; first += MAX_CLIPS) {
        const size_t left = job->n_files - first;
        const size_t n = left < MAX_CLIPS ? left : MAX_CLIPS;
        if (all->stepper != NULL)
            ws_stepper_run(all->stepper, job->paths + first, n, all->scores, all->times,
                           all->faults);
        else
            ws_labeller_run(all->labeller, job->paths + first, n, all->scores, all->faults);
        for (size_t i = 0; status == WS_OK && i < n; i++)
            status = print_file(all, first + i, err);
        if (status == WS_OK)
            status = check_output(err);
        if (all->shows_progress)
            ws_console_show_count(&all->console, "labelling", first + n, job->n_files);
    }
    ws_console_clear(&all->console);
    return status;
}

static void destroy(labelling *all)
{
    ws_labeller_destroy(all->labeller);
    ws_stepper_destroy(all->stepper);
    ws_model_file_close(&all->model);
    free(all->scores);
    free(all->times);
    free(all->best);
    free(all->faults);
    free(all);
}

int ws_label_run(const ws_label_job *job)
{
    ws_error err = {.status = WS_OK};
    labelling *all = calloc(1, sizeof *all);

    /* nothing is lost with a reader who has read enough, as `head` in a pipe */
    (void)signal(SIGPIPE, SIG_DFL);
    if (all == NULL) {
        (void)ws_fail_memory(&err, "labels");
        return ws_command_fail(job->flags->table->command, &err);
    }
    all->job = job;
    all->values = job->flags->values;
    ws_status status = make_all(all, &err);
    if (status == WS_OK)
        status = label_all(all, &err);
    const bool all_labelled = all->n_faulty == 0;
    destroy(all);
    if (status != WS_OK)
        return ws_command_fail(job->flags->table->command, &err);
    return all_labelled ? WS_EXIT_OK : WS_EXIT_FAILED;
}
