#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/shell.h"
#include "base/text.h"
#include "train/data_set.h"
#include "train/evaluate.h"
#include "train/log_lines.h"
#include "train/pace.h"
#include "train/run.h"
#include "train/step.h"
#include "train/together.h"

enum { MAX_LINE_BYTES = 1 << 16 };

/** A run in motion. */
typedef struct trainer {
    ws_run run;
    ws_step_check *check; /* NULL without --check_nans */
    ws_train_result *result;
    int64_t first_step; /* of this process */
    int64_t end_step;   /* after which it ends: the run's last one, or options.stop_after_step */
    int64_t saved_step; /* of the newest checkpoint that this process wrote; 0 if none */
    bool last_save_failed;
    ws_error save_error; /* why */
} trainer;

/** Whether a validation belongs to the step. A process that ends early has no say in it: its run
 *  validates after the same steps as one that runs through. */
static bool is_evaluated(const trainer *t, int64_t step)
{
    return step % t->run.options.eval_step_interval == 0 ||
           step == ws_schedule_last_step(&t->run.recipe.schedule);
}

static bool is_saved(const trainer *t, int64_t step)
{
    return step % t->run.options.save_step_interval == 0 || step == t->end_step;
}

/** Whether validation has not become better for so long that the run ends. */
static bool is_at_plateau(const trainer *t)
{
    return ws_plateau_is_reached(&t->run.plateau, t->run.options.stop_after_plateau);
}

/** Before weights are shown or saved: numbers that overflowed in the update, also those that the
 *  optimiser remembers, must not replace good checkpoints. */
static ws_status check_arrays(const trainer *t, int64_t step, ws_error *err)
{
    const char *bad = t->run.is_writer ? ws_saver_find_nonfinite(t->run.saver) : NULL;
    ws_status status = WS_OK;

    if (bad != NULL)
        status = ws_fail(err, WS_ENUMERIC,
                         "step %lld: \"%s\" has a number that is not finite; a lower "
                         "--learning_rate may help. Earlier checkpoints are unchanged",
                         (long long)step, bad);
    return ws_ranks_agree(t->run.ranks, status, NULL, err);
}

/** A checkpoint that cannot be written is no reason to lose what the run has learned: the next one
 *  may fit again. If the last one fails too, the run ends with that error. */
static void note_save(trainer *t, ws_status status, const ws_error *err)
{
    t->last_save_failed = status != WS_OK;
    if (status == WS_OK)
        return;
    t->save_error = *err;
    ws_log_write(t->run.hooks->log, WS_LOG_WARN,
                 "no checkpoint of this step: %s; training continues, and older checkpoints are "
                 "unchanged",
                 err->message);
}

static ws_saved_point point_of(const trainer *t)
{
    return (ws_saved_point){
        .step = t->run.last_step,
        .lacks_validation = t->run.lacks_validation,
        .plateau = t->run.plateau,
    };
}

/** Saves the weights as they are after run.last_step. */
static void save(trainer *t)
{
    const ws_saved_point point = point_of(t);
    ws_error err = {.status = WS_OK};

    if (!t->run.is_writer) { /* what rank 0 does */
        t->saved_step = point.step;
        return;
    }
    ws_report_flush(t->run.report);
    ws_log_write(t->run.hooks->log, WS_LOG_INFO, "Saving to \"%s-%lld\"",
                 ws_saver_prefix(t->run.saver), (long long)point.step);
    note_save(t, ws_saver_write(t->run.saver, point, &err), &err);
    if (!t->last_save_failed)
        t->saved_step = point.step;
}

static ws_train_figures figures_of(const trainer *t, int64_t step, double cross_entropy)
{
    return (ws_train_figures){
        .step = step,
        .accuracy = ws_run_get_quality(&t->run),
        .cross_entropy = cross_entropy,
        .n_clips = ws_confusion_total(t->run.confusion),
    };
}

/** Takes note of a validation; the first of equally good ones is the best, as for the saver. */
static void note_validation(trainer *t, int64_t step, double cross_entropy)
{
    ws_train_result *result = t->result;

    result->last = figures_of(t, step, cross_entropy);
    if (result->last.n_clips > 0 &&
        (result->best.n_clips == 0 || (float)result->last.accuracy > (float)result->best.accuracy))
        result->best = result->last;
}

/** The same for the plateau, once for each validation of the run. */
static void note_plateau(trainer *t)
{
    const ws_train_figures *best = &t->result->best;

    if (t->result->last.n_clips > 0)
        ws_plateau_push(&t->run.plateau, t->result->last.accuracy);
    t->result->is_plateau = is_at_plateau(t);
    if (t->result->is_plateau)
        ws_log_write(t->run.hooks->log, WS_LOG_INFO,
                     "No better validation accuracy in the last %lld validations (best: %.1f%% at "
                     "step %lld): training ends",
                     (long long)t->run.plateau.n_since_best, 100.0 * best->accuracy,
                     (long long)best->step);
}

/** A validation that a stop interrupts is left to the resumed run. */
static ws_status validate(trainer *t, ws_error *err)
{
    ws_run *run = &t->run;
    const int64_t step = run->last_step;
    ws_error save_err = {.status = WS_OK};
    ws_evaluation evaluation;
    bool is_complete = true;

    if (ws_run_is_wake(run) && ws_run_n_clips(run, WS_SET_VALIDATION) == 0)
        return WS_OK;
    const ws_status status = ws_evaluate(run, WS_SET_VALIDATION, &evaluation, &is_complete, err);
    run->lacks_validation = !is_complete;
    if (status != WS_OK || !is_complete)
        return status;
    ws_log_lines_evaluation(run->hooks->log, &evaluation);
    if (run->is_writer)
        ws_report_push_evaluation(run->report, &evaluation);
    note_validation(t, step, evaluation.cross_entropy);
    note_plateau(t);
    if (ws_confusion_total(run->confusion) == 0 || !run->is_writer)
        return WS_OK;
    if (ws_saver_write_if_best(run->saver, point_of(t), ws_run_get_quality(run), &save_err) !=
        WS_OK)
        ws_log_write(run->hooks->log, WS_LOG_WARN, "the best checkpoint is not kept: %s",
                     save_err.message);
    return WS_OK;
}

/** The epoch of a step's first clip, from 1; 0 where epochs do not count. */
static int64_t epoch_of(const ws_run *run, int64_t step)
{
    if (!ws_schedule_is_in_epochs(&run->recipe.schedule))
        return 0;
    const int64_t n_clips = (int64_t)ws_run_n_clips(run, WS_SET_TRAINING);
    return 1 + (step - 1) * (int64_t)run->batch_size / n_clips;
}

static void show_progress(trainer *t, ws_pace *pace, int64_t step)
{
    const ws_train_hooks *hooks = t->run.hooks;
    ws_train_progress progress = ws_pace_push(pace, "training", step, t->end_step);

    progress.epoch = (double)epoch_of(&t->run, step);
    progress.n_epochs = ws_schedule_n_epochs(&t->run.recipe.schedule);
    if (hooks->show_progress != NULL)
        hooks->show_progress(hooks->user, &progress);
}

/** All steps that are left, or those until a stop is wanted. */
static ws_status run_steps(trainer *t, ws_error *err)
{
    ws_run *run = &t->run;
    ws_status status = WS_OK;
    ws_pace pace;

    ws_pace_init(&pace, run->last_step);
    for (int64_t step = run->last_step + 1; status == WS_OK && step <= t->end_step; step++) {
        const bool evaluates = is_evaluated(t, step);
        const bool saves = is_saved(t, step);
        ws_report_step figures;

        if (step == t->first_step || epoch_of(run, step) != epoch_of(run, step - 1))
            ws_log_lines_epoch(run->hooks->log, epoch_of(run, step),
                               ws_schedule_n_epochs(&run->recipe.schedule));
        status = ws_step_run(run, t->check, step, &figures, &t->result->stopped, err);
        if (status != WS_OK || t->result->stopped)
            break;
        if (step == t->first_step) /* from here on no rank does anything alone for long */
            ws_together_expect_answers(run);
        run->last_step = step;
        if (evaluates || step % run->options.log_step_interval == 0)
            ws_log_lines_step(run->hooks->log, &figures);
        if (run->is_writer)
            ws_report_push_step(run->report, &figures);
        if (evaluates || saves)
            status = check_arrays(t, step, err);
        if (status == WS_OK && evaluates)
            status = validate(t, err);
        if (run->lacks_validation) {
            t->result->stopped = true;
            break;
        }
        if (status == WS_OK && (saves || t->result->is_plateau))
            save(t);
        show_progress(t, &pace, step);
        if (t->result->is_plateau)
            break;
    }
    return status;
}

/** After a stop between two checkpoints: one more, so that nothing has to be done again. */
static ws_status save_after_stop(trainer *t, ws_error *err)
{
    const int64_t step = t->run.last_step;

    if (step < t->first_step || t->saved_step == step)
        return WS_OK;
    const ws_status status = check_arrays(t, step, err);
    if (status == WS_OK)
        save(t);
    return status;
}

/** The first thing of a resumed run: a validation that a stop interrupted. The checkpoint is
 * written again without that note. */
static ws_status make_up_for_validation(trainer *t, ws_error *err)
{
    const ws_status status = validate(t, err);

    t->result->stopped = t->run.lacks_validation;
    if (status == WS_OK && !t->result->stopped)
        save(t);
    return status;
}

static ws_status run_test(trainer *t, ws_error *err)
{
    ws_run *run = &t->run;
    ws_evaluation evaluation;
    bool is_complete = true;

    ws_log_write(run->hooks->log, WS_LOG_INFO, "set_size=%zu", ws_run_n_clips(run, WS_SET_TESTING));
    const ws_status status = ws_evaluate(run, WS_SET_TESTING, &evaluation, &is_complete, err);
    t->result->stopped = !is_complete;
    if (status != WS_OK || !is_complete)
        return status;
    ws_log_lines_evaluation(run->hooks->log, &evaluation);
    if (run->is_writer)
        ws_report_push_evaluation(run->report, &evaluation);
    t->result->test = figures_of(t, run->last_step, evaluation.cross_entropy);
    return WS_OK;
}

/** Where the curves are, and how to see them. */
static void log_event_dir(const ws_run *run)
{
    ws_buf line;

    ws_buf_init(&line, MAX_LINE_BYTES);
    ws_buf_push_string(&line, "tensorboard");
    ws_shell_push_flag(&line, "logdir", run->options.summaries_dir);
    if (line.status == WS_OK)
        ws_log_write(run->hooks->log, WS_LOG_INFO, "Event files: %s/%s (%.*s)",
                     run->options.summaries_dir, run->run_name, (int)line.size,
                     (const char *)line.data);
    ws_buf_deinit(&line);
}

static void log_start(const trainer *t)
{
    const ws_run *run = &t->run;

    if (!run->is_writer)
        return;
    ws_log_write(run->hooks->log, WS_LOG_INFO, "Run \"%s\", seed %lld, %zu parameters",
                 run->run_name, (long long)run->options.seed, run->graph.n_weights);
    if (strcmp(run->options.log, "none") != 0)
        log_event_dir(run);
    ws_log_write(run->hooks->log, WS_LOG_INFO, "Training from step: %lld ",
                 (long long)run->last_step + 1);
}

static void log_stats(const trainer *t)
{
    if (ws_run_is_wake(&t->run))
        return;
    const ws_source_stats stats = ws_source_get_stats(t->run.source);
    if (stats.n_broken > 0)
        ws_log_write(t->run.hooks->log, WS_LOG_WARN, "broken clips skipped in all: %zu",
                     stats.n_broken);
    if (stats.n_resampled > 0)
        ws_log_write(t->run.hooks->log, WS_LOG_WARN,
                     "clips converted from another sample rate to %lld Hz: %zu",
                     (long long)t->run.options.sample_rate, stats.n_resampled);
    if (stats.n_odd > 0)
        ws_log_write(t->run.hooks->log, WS_LOG_WARN,
                     "clips with a wrong header, read as far as there is sound: %zu", stats.n_odd);
}

/** What the caller gets to know, whether the run went well or not. */
static ws_status fill_result(const trainer *t, ws_train_start start, ws_error *err)
{
    ws_train_result *result = t->result;
    const char *path = t->run.options.start_checkpoint;
    const bool has_begun = t->first_step > 0;
    /* without a step of its own a resumed run stands where it started; a new one has nothing */
    const char *checkpoint = start == WS_TRAIN_RESUMED && path[0] != '\0' ? path : NULL;

    if (has_begun && t->run.last_step >= t->first_step && t->run.saver != NULL)
        checkpoint = ws_saver_last(t->run.saver);
    result->step = t->run.last_step;
    if (!has_begun || !t->run.is_writer)
        return WS_OK;
    result->run_name = ws_text_copy(t->run.run_name);
    if (checkpoint != NULL)
        result->checkpoint = ws_text_copy(checkpoint);
    if (result->run_name == NULL || (checkpoint != NULL && result->checkpoint == NULL))
        return ws_fail_memory(err, "the result");
    return WS_OK;
}

/** The figures that a resumed run had before: the best are in its checkpoints; those of the last
 *  step are made again where no step is left to make. Nothing is reported twice. */
static ws_status recall_validations(trainer *t, ws_error *err)
{
    ws_train_figures *best = &t->result->best;
    ws_evaluation evaluation;
    bool is_complete = true;

    best->n_clips =
        t->run.is_writer && ws_saver_get_best(t->run.saver, &best->step, &best->accuracy) ? 1 : 0;
    ws_ranks_broadcast(t->run.ranks, best, sizeof *best);
    if (best->n_clips > 0) {
        best->cross_entropy = (double)NAN;
        /* the flag is new: validations are counted from here on */
        if (!t->run.plateau.has_best)
            t->run.plateau = (ws_plateau){.has_best = true, .best = (float)best->accuracy};
    }
    t->result->is_plateau = is_at_plateau(t);
    const bool is_over = t->run.last_step >= t->end_step || t->result->is_plateau;
    if (t->run.last_step == 0 || !is_over || t->run.lacks_validation ||
        !is_evaluated(t, t->run.last_step))
        return WS_OK;
    const ws_status status =
        ws_evaluate(&t->run, WS_SET_VALIDATION, &evaluation, &is_complete, err);
    t->result->stopped = !is_complete;
    if (status == WS_OK && is_complete)
        note_validation(t, t->run.last_step, evaluation.cross_entropy);
    return status;
}

static ws_status begin_saving(trainer *t, ws_error *err)
{
    const ws_status status = t->run.is_writer ? ws_saver_begin(t->run.saver, err) : WS_OK;
    return ws_ranks_agree(t->run.ranks, status, NULL, err);
}

/** The steps that this process is to make. */
static void plan_steps(trainer *t)
{
    const int64_t last_step = ws_schedule_last_step(&t->run.recipe.schedule);
    const int64_t stop = t->run.options.stop_after_step;

    t->first_step = t->run.last_step + 1;
    t->end_step = stop > 0 && stop < last_step ? stop : last_step;
}

static ws_status train(trainer *t, ws_error *err)
{
    plan_steps(t);
    log_start(t);
    ws_status status = recall_validations(t, err);
    if (status == WS_OK && t->run.last_step < t->end_step && !t->result->is_plateau)
        status = begin_saving(t, err);
    if (status == WS_OK && t->run.lacks_validation)
        status = make_up_for_validation(t, err);
    if (status == WS_OK && !t->result->stopped && !t->result->is_plateau)
        status = run_steps(t, err);
    if (!t->result->is_plateau && t->end_step < ws_schedule_last_step(&t->run.recipe.schedule) &&
        t->run.last_step >= t->end_step)
        t->result->stopped = true;
    if (status == WS_OK && t->result->stopped) {
        ws_together_share_clips(&t->run);
        status = save_after_stop(t, err);
    }
    if (status == WS_OK && !t->result->stopped && !ws_run_is_wake(&t->run))
        status = run_test(t, err);
    log_stats(t);
    ws_together_log_traffic(&t->run, t->run.last_step - t->first_step + 1);
    if (status == WS_OK && t->last_save_failed)
        status = ws_fail(err, t->save_error.status,
                         "the last checkpoint could not be saved: %.900s", t->save_error.message);
    return status;
}

/** Tells the report how the run came to its end, whatever end it was. */
static void end_board(trainer *t, ws_status status, const ws_error *err)
{
    ws_report_end end = {.step = t->run.last_step};

    if (t->run.report == NULL)
        return;
    if (status != WS_OK)
        end.reason = err != NULL ? err->message : "it failed";
    else if (t->result->stopped)
        end.reason = "it was stopped";
    end.is_paused = status == WS_OK && t->result->stopped && !ws_run_stop_wanted(&t->run);
    ws_report_push_end(t->run.report, &end);
}

ws_status ws_train_run(const ws_train_options *options, ws_train_start start,
                       const ws_train_hooks *hooks, ws_train_result *result, ws_error *err)
{
    trainer t = {.result = result, .last_save_failed = false};

    *result = (ws_train_result){.stopped = false};
    bool has_data = true;
    ws_status status =
        ws_ranks_agree(hooks->ranks, ws_run_init(&t.run, options, hooks, err), NULL, err);
    if (status == WS_OK)
        status = ws_together_fetch(&t.run, &has_data, err);
    result->stopped = status == WS_OK && !has_data;
    if (status == WS_OK && has_data)
        status = ws_run_open(&t.run, start, err);
    if (status == WS_OK && has_data && options->check_nans)
        status = ws_step_check_create(&t.check, &t.run, err);
    if (status == WS_OK && has_data)
        status = train(&t, err);
    end_board(&t, status, err);
    const ws_status filled = fill_result(&t, start, status == WS_OK ? err : NULL);
    ws_step_check_destroy(t.check);
    ws_run_deinit(&t.run);
    return status == WS_OK ? filled : status;
}

ws_status ws_train_check(const ws_train_options *options, ws_error *err)
{
    ws_run run;
    const ws_status status = ws_run_init(&run, options, NULL, err);
    ws_run_deinit(&run);
    return status;
}

void ws_train_result_deinit(ws_train_result *result)
{
    free(result->checkpoint);
    free(result->run_name);
    *result = (ws_train_result){.stopped = false};
}
