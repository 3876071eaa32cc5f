#include "train/run.h"

#include <stdlib.h>
#include <string.h>

#include "fetch/download.h"
#include "recognize/engine_choice.h"
#include "recognize/model_graph.h"
#include "recognize/teacher.h"
#include "settings/settings.h"
#include "train/data_set.h"
#include "train/run_name.h"
#include "train/together.h"
#include "train/transfer.h"

static ws_status check_data_options(const ws_run *run, ws_error *err)
{
    const ws_train_options *o = &run->options;
    const ws_index_options index = ws_data_set_index_options(&run->options);

    if (ws_run_is_wake(run) && run->ranks != NULL)
        return ws_fail(err, WS_EUSAGE,
                       "--wake_word: one process trains a wake word, and mpirun started several; "
                       "expected wordspot train without mpirun");
    if (ws_run_is_wake(run))
        return ws_wake_data_check(o, err);
    if (o->rir_dir[0] != '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--rir_dir has no effect without --wake_word; expected both or neither");
    if (o->data_dir[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--data_dir is empty, expected the data set's directory");
    const ws_status status = ws_index_check_options(&index, err);
    return status == WS_OK && o->data_url[0] != '\0' ? ws_download_check_url(o->data_url, err)
                                                     : status;
}

/** Everything that the options say by themselves. */
static ws_status check_options(ws_run *run, ws_error *err)
{
    const ws_train_options *o = &run->options;
    const ws_feature_options features = ws_model_graph_features(o);
    ws_status status = ws_recipe_init(&run->recipe, o, err);
    if (status == WS_OK)
        status = ws_engine_choice_find(o, &run->engine, err);
    if (status == WS_OK)
        status = ws_run_name_check(o->run_name, o->start_checkpoint[0] == '\0', err);
    if (status == WS_OK)
        status = ws_model_graph_push_labels(o, &run->labels, err);
    if (status == WS_OK)
        status = ws_feature_settings_init(&features, &run->feature_settings, err);
    if (status == WS_OK)
        status =
            ws_model_graph_build(o, &run->feature_settings, run->labels.n_items, &run->graph, err);
    if (status == WS_OK)
        status = ws_data_set_source_options(o, &run->source_options, err);
    if (status == WS_OK)
        status = ws_augmentations_check(&run->source_options.augment, &run->feature_settings, err);
    if (status == WS_OK)
        status = check_data_options(run, err);
    if (status == WS_OK && o->train_dir[0] == '\0')
        status = ws_fail(err, WS_EUSAGE, "--train_dir is empty, expected a directory");
    if (status == WS_OK)
        status = ws_report_check_views(o->log, err);
    if (status == WS_OK && o->summaries_dir[0] == '\0')
        status = ws_fail(err, WS_EUSAGE, "--summaries_dir is empty, expected a directory");
    return ws_fail_usage(status, err);
}

static void log_data_set(const ws_run *run)
{
    const ws_log *log = run->hooks->log;
    ws_log_write(log, WS_LOG_INFO,
                 "Data set: %zu clips for training, %zu for validation, %zu for the test",
                 ws_index_n_clips(run->index, WS_SET_TRAINING),
                 ws_index_n_clips(run->index, WS_SET_VALIDATION),
                 ws_index_n_clips(run->index, WS_SET_TESTING));
}

static ws_status open_wake_data(ws_run *run, ws_error *err)
{
    const ws_feature_options features = ws_model_graph_features(&run->options);
    const ws_status status = ws_wake_data_init(&run->wake,
                                               &(ws_wake_data_options){
                                                   .options = &run->options,
                                                   .features = &features,
                                                   .settings = &run->feature_settings,
                                                   .graph = &run->graph,
                                                   .augment = &run->source_options.augment,
                                                   .log = run->hooks->log,
                                               },
                                               err);
    if (status != WS_OK)
        return status;
    ws_log_write(run->hooks->log, WS_LOG_INFO, "Recordings: %s", run->wake.text);
    ws_log_write(run->hooks->log, WS_LOG_INFO, "Validation: %zu recordings",
                 ws_run_n_clips(run, WS_SET_VALIDATION));
    run->batch_size = (size_t)run->options.batch_size;
    return ws_schedule_set_epoch(&run->recipe.schedule, run->batch_size, run->batch_size, err);
}

static ws_status open_data_set(ws_run *run, ws_error *err)
{
    const ws_train_options *o = &run->options;
    ws_index_options options = ws_data_set_index_options(&run->options);

    options.log = run->hooks->log;
    ws_status status = ws_together_open_index(run, &options, err);
    if (status == WS_OK)
        status = ws_index_check_clips(run->index, err);
    status = ws_ranks_agree(run->ranks, status, NULL, err);
    if (status == WS_OK)
        status = ws_together_open_noise(run, err);
    if (status == WS_OK)
        status = ws_features_create(&run->feature_settings, run->hooks->log, &run->features, err);
    if (status != WS_OK)
        return status;
    log_data_set(run);
    const size_t n_training = ws_index_n_clips(run->index, WS_SET_TRAINING);
    run->batch_size = (size_t)o->batch_size < n_training ? (size_t)o->batch_size : n_training;
    status = ws_schedule_set_epoch(&run->recipe.schedule, n_training, run->batch_size, err);
    if (status != WS_OK)
        return status;
    run->source_options.epoch_batch_size =
        ws_schedule_is_in_epochs(&run->recipe.schedule) ? run->batch_size : 0;
    run->source_options.index = run->index;
    run->source_options.features = run->features;
    run->source_options.noise = run->noise;
    run->source_options.log = run->hooks->log;
    return ws_source_create(&run->source_options, &run->source, err);
}

static ws_status make_network(ws_run *run, ws_error *err)
{
    const size_t n_labels = run->labels.n_items;
    const size_t n_classes = n_labels > 1 ? n_labels : 2;

    ws_status status = ws_network_create(&run->network, &run->graph,
                                         &(ws_network_options){
                                             .max_batch = run->batch_size,
                                             .n_threads = (unsigned)run->options.threads,
                                             .engine = run->engine,
                                             .isa = run->options.isa,
                                             .log = run->hooks->log,
                                             .ranks = run->ranks,
                                         },
                                         err);
    if (status == WS_OK)
        status = ws_confusion_create(n_classes, &run->confusion, err);
    if (status != WS_OK)
        return status;
    run->batch_features =
        malloc(run->batch_size * run->feature_settings.size * sizeof *run->batch_features);
    run->batch_labels = malloc(run->batch_size * sizeof *run->batch_labels);
    run->logits = malloc(run->batch_size * n_classes * sizeof *run->logits);
    if (run->options.ema > 0)
        run->averages = calloc(run->graph.n_weights, sizeof *run->averages);
    if (run->batch_features == NULL || run->batch_labels == NULL || run->logits == NULL ||
        (run->options.ema > 0 && run->averages == NULL))
        return ws_fail_memory(err, "a batch");
    if (!ws_run_is_wake(run))
        status = ws_targets_create(&run->targets,
                                   &(ws_targets_options){
                                       .options = &run->options,
                                       .labels = &run->labels,
                                       .max_batch = run->batch_size,
                                       .size = run->feature_settings.size,
                                       .log = run->hooks->log,
                                   },
                                   err);
    if (status != WS_OK)
        return status;
    status = ws_optimizer_memory_init(&run->memory, run->recipe.optimizer, &run->recipe.hyper,
                                      run->graph.n_weights, err);
    return status == WS_OK
               ? ws_recipe_find_decayed(&run->graph, &run->decayed, &run->n_decayed, err)
               : status;
}

static ws_status make_evaluated(ws_run *run, ws_error *err)
{
    const size_t n_validation = ws_run_n_clips(run, WS_SET_VALIDATION);
    const size_t n_test = ws_run_n_clips(run, WS_SET_TESTING);
    const size_t n = 1 + (n_validation > n_test ? n_validation : n_test); /* none is fine, too */
    const size_t n_ranks = ws_ranks_count(run->ranks);

    run->evaluated.entries = malloc(n * sizeof *run->evaluated.entries);
    run->evaluated.labels = malloc(n * sizeof *run->evaluated.labels);
    run->evaluated.logits = malloc(n * run->confusion->n_labels * sizeof *run->evaluated.logits);
    run->evaluated.counts = calloc(n_ranks, sizeof *run->evaluated.counts);
    run->evaluated.ends = calloc(n_ranks, sizeof *run->evaluated.ends);
    run->waits = calloc(n_ranks, sizeof *run->waits);
    if (run->ranks != NULL && !ws_run_is_wake(run)) {
        run->marks = calloc(n_ranks, ws_index_n_files(run->index) + 1);
        if (run->marks == NULL)
            return ws_fail_memory(err, "what ranks have met");
    }
    if (run->waits == NULL || run->evaluated.counts == NULL || run->evaluated.ends == NULL ||
        run->evaluated.entries == NULL || run->evaluated.labels == NULL ||
        run->evaluated.logits == NULL)
        return ws_fail_memory(err, "the scores of an evaluation");
    return WS_OK;
}

/** Where the arrays of its checkpoints lie. */
static ws_saved_arrays saved_arrays(ws_run *run)
{
    return (ws_saved_arrays){
        .graph = &run->graph,
        .parameters = ws_network_parameters(run->network),
        .slot_names = run->recipe.optimizer->slots,
        .slots = run->memory.slots,
        .powers = run->recipe.optimizer->has_powers ? run->memory.powers : NULL,
        .averages = run->averages,
        .ranges = ws_network_ranges(run->network),
        .states = ws_network_states(run->network),
    };
}

/** A new run owes no validation to the one that it starts from. */
static ws_status set_parameters(ws_run *run, ws_train_start start, ws_error *err)
{
    const char *checkpoint = run->options.start_checkpoint;
    const ws_saved_arrays arrays = saved_arrays(run);
    ws_saved_point point = {.step = 0};
    ws_status status = WS_OK;

    if (checkpoint[0] == '\0' || start == WS_TRAIN_TRANSFER)
        ws_network_init_parameters(run->network, (uint64_t)run->options.seed);
    if (start == WS_TRAIN_TRANSFER)
        status = ws_transfer_read(
            &(ws_transfer){
                .options = &run->options,
                .features = &run->feature_settings,
                .labels = &run->labels,
                .log = run->hooks->log,
            },
            &arrays, err);
    else if (checkpoint[0] != '\0')
        status = ws_saver_read(checkpoint, &arrays, &point, run->hooks->log, err);
    if (run->averages != NULL && (checkpoint[0] == '\0' || start == WS_TRAIN_TRANSFER))
        memcpy(run->averages, arrays.parameters, run->graph.n_weights * sizeof *run->averages);
    run->last_step = point.step;
    run->lacks_validation = start == WS_TRAIN_RESUMED && point.lacks_validation;
    if (start == WS_TRAIN_RESUMED)
        run->plateau = point.plateau;
    return status;
}

static ws_status observe(ws_run *run, ws_error *err)
{
    return ws_observed_create(&run->observed,
                              &(ws_observed_parts){
                                  .index = run->index,
                                  .noise = run->noise,
                                  .source = run->source,
                                  .wake_word = run->options.wake_word,
                                  .wake = ws_run_is_wake(run) ? &run->wake : NULL,
                                  .graph = &run->graph,
                                  .network = run->network,
                                  .batch_size = run->batch_size,
                                  .n_steps = ws_schedule_last_step(&run->recipe.schedule),
                                  .update_op = run->recipe.optimizer->graph_op,
                              },
                              err);
}

static ws_status open_report(ws_run *run, bool resumed, ws_error *err)
{
    const ws_train_options *o = &run->options;
    ws_report_options options = {
        .summaries_dir = o->summaries_dir,
        .run_name = run->run_name,
        .views = o->log,
        .first_step = run->last_step + 1,
        .is_resumed = resumed,
        .command_line = run->hooks->command_line,
        .program = run->hooks->program,
        .log = run->hooks->log,
    };
    run->report_settings = ws_settings_list(o, &options.n_settings);
    if (run->report_settings == NULL)
        return ws_fail_memory(err, "the run's settings");
    options.settings = run->report_settings;
    const ws_status status = observe(run, err);
    if (status != WS_OK)
        return status;
    options.observation = ws_observed_get(run->observed);
    return ws_report_create(&run->report, &options, err);
}

/** From here on things are written: it comes last, so that a run that cannot start leaves nothing.
 */
static ws_status open_outputs(ws_run *run, bool resumed, ws_error *err)
{
    const ws_train_options *o = &run->options;
    const char *const *labels = (const char *const *)run->labels.items;
    ws_status status = ws_run_name_claim(o->summaries_dir, o->model_architecture, o->run_name,
                                         resumed, &run->run_name, err);
    if (status != WS_OK)
        return status;
    run->options.run_name = run->run_name;
    run->settings = ws_settings_write(&run->options);
    if (run->settings == NULL)
        return ws_fail_memory(err, "the run's settings");
    status = ws_saver_create(&run->saver,
                             &(ws_saver_options){
                                 .train_dir = o->train_dir,
                                 .architecture = o->model_architecture,
                                 .arrays = saved_arrays(run),
                                 .settings = run->settings,
                                 .labels = labels,
                                 .n_labels = run->labels.n_items,
                                 .resumed_run = resumed ? run->run_name : NULL,
                                 .resumed_step = run->last_step,
                                 .saves_plateau = o->stop_after_plateau > 0,
                                 .log = run->hooks->log,
                             },
                             err);
    if (status == WS_OK)
        status = open_report(run, resumed, err);
    if (status != WS_OK)
        ws_run_name_release(o->summaries_dir, run->run_name);
    return status;
}

ws_status ws_run_init(ws_run *run, const ws_train_options *options, const ws_train_hooks *hooks,
                      ws_error *err)
{
    *run = (ws_run){.options = *options, .hooks = hooks};
    run->ranks = hooks != NULL ? hooks->ranks : NULL;
    run->is_writer = ws_ranks_rank(run->ranks) == 0;
    run->options.threads = ws_ranks_choose_threads(run->ranks, options->threads);
    const ws_status status = check_options(run, err);
    return status == WS_OK && options->distill[0] != '\0'
               ? ws_teacher_check(options, &run->labels, err)
               : status;
}

ws_status ws_run_open(ws_run *run, ws_train_start start, ws_error *err)
{
    ws_status status = ws_run_is_wake(run) ? open_wake_data(run, err) : open_data_set(run, err);
    if (status == WS_OK)
        status = make_network(run, err);
    if (status == WS_OK)
        status = make_evaluated(run, err);
    if (status == WS_OK)
        status = set_parameters(run, start, err);
    if (status == WS_OK && ws_run_is_wake(run))
        status = ws_wake_batches_begin(run->wake.batches, (uint64_t)run->last_step, err);
    status = ws_ranks_agree(run->ranks, status, NULL, err);
    if (status == WS_OK)
        status = ws_together_compare(run, err);
    if (status == WS_OK)
        ws_together_warn_of_share(run);
    if (status == WS_OK && run->is_writer)
        status = open_outputs(run, start == WS_TRAIN_RESUMED, err);
    return ws_ranks_agree(run->ranks, status, NULL, err);
}

void ws_run_deinit(ws_run *run)
{
    ws_report_destroy(run->report);
    ws_observed_destroy(run->observed);
    free(run->report_settings);
    ws_saver_destroy(run->saver);
    free(run->settings);
    free(run->run_name);
    free(run->marks);
    free(run->waits);
    free(run->evaluated.ends);
    free(run->evaluated.counts);
    free(run->evaluated.logits);
    free(run->evaluated.labels);
    free(run->evaluated.entries);
    ws_confusion_destroy(run->confusion);
    free(run->decayed);
    free(run->averages);
    ws_optimizer_memory_deinit(&run->memory);
    free(run->logits);
    ws_targets_destroy(run->targets);
    free(run->batch_labels);
    free(run->batch_features);
    ws_network_destroy(run->network);
    ws_wake_data_deinit(&run->wake);
    ws_graph_deinit(&run->graph);
    ws_source_destroy(run->source);
    ws_features_destroy(run->features);
    ws_noise_destroy(run->noise);
    ws_index_destroy(run->index);
    ws_text_list_deinit(&run->labels);
    *run = (ws_run){.hooks = NULL};
}

bool ws_run_is_wake(const ws_run *run)
{
    return ws_wake_data_is_wanted(&run->options);
}

size_t ws_run_n_clips(const ws_run *run, ws_set set)
{
    if (!ws_run_is_wake(run))
        return ws_index_n_clips(run->index, set);
    return set == WS_SET_VALIDATION && run->wake.set != NULL ? ws_wake_set_n(run->wake.set) : 0;
}

double ws_run_get_quality(const ws_run *run)
{
    enum { N_FALSE = 5 };

    return ws_run_is_wake(run) ? ws_det_mean_recall(&run->evaluated.det, N_FALSE)
                               : ws_confusion_accuracy(run->confusion);
}

void ws_run_push_confusion(ws_run *run, const float *logits, const int32_t *labels, size_t n)
{
    if (run->labels.n_items > 1) {
        ws_confusion_push(run->confusion, logits, labels, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        ws_confusion_push(run->confusion, (const float[]){0.0f, logits[i]}, &labels[i], 1);
}

bool ws_run_stop_wanted(const ws_run *run)
{
    return run->hooks->stop_wanted != NULL && run->hooks->stop_wanted(run->hooks->user);
}
