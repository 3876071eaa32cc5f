#include <math.h>
#include <stddef.h>
#include <string.h>

#include "tbevents/elements.h"
#include "tbevents/hparams.h"

/** An experiment on its way to a message. */
typedef struct builder {
    tbe_writer *writer;
    tbe_experiment *experiment; /* a copy */
    tbe_pool pool;
} builder;

void tbe_experiment_init(tbe_experiment *experiment, size_t struct_size, size_t hparam_size,
                         size_t metric_size)
{
    memset(experiment, 0, struct_size);
    experiment->struct_size = struct_size;
    if (struct_size > offsetof(tbe_experiment, hparam_size))
        experiment->hparam_size = hparam_size;
    if (struct_size > offsetof(tbe_experiment, metric_size))
        experiment->metric_size = metric_size;
}

static tbe_status no_memory(builder *b)
{
    return tbe_refuse(b->writer, TBE_ENOMEM, "no memory for an experiment");
}

static tbe_status check_description(builder *b, const char *name, const char *description)
{
    return tbe_check_text(b->writer, name, "description", description, TBE_TEXT_LINES);
}

/** Refuses the values that a hyperparameter takes if they are not of its kind. */
static tbe_status check_domain(builder *b, const tbe_hparam_info *info)
{
    bool is_good = info->n_values <= TBE_MAX_HPARAMS;

    if (info->kind == TBE_HPARAM_NUMBER)
        is_good = is_good && isfinite(info->least) && isfinite(info->most) &&
                  info->least <= info->most && (info->n_values == 0 || info->numbers != NULL);
    if (info->kind == TBE_HPARAM_TEXT)
        is_good = is_good && (info->n_values == 0 || info->texts != NULL);
    for (size_t i = 0; is_good && i < info->n_values; i++) {
        if (info->kind == TBE_HPARAM_NUMBER)
            is_good = isfinite(info->numbers[i]);
        else if (info->kind == TBE_HPARAM_TEXT)
            is_good = info->texts[i] != NULL;
    }
    if (!is_good)
        return tbe_refuse(b->writer, TBE_EINVAL,
                          "the hyperparameter " TBE_QUOTE " has values of another kind",
                          info->name);
    for (size_t i = 0; info->kind == TBE_HPARAM_TEXT && i < info->n_values; i++) {
        const tbe_status status =
            tbe_check_text(b->writer, info->name, "value", info->texts[i], TBE_TEXT_LINES);
        if (status != TBE_OK)
            return status;
    }
    return TBE_OK;
}

static tbe_status check_info(builder *b, const tbe_hparam_info *info)
{
    tbe_status status = tbe_hparams_check_name(b->writer, "display name", info->display_name);

    if (status == TBE_OK)
        status = check_description(b, info->name, info->description);
    if (status == TBE_OK && info->kind != TBE_HPARAM_NUMBER && info->kind != TBE_HPARAM_TEXT &&
        info->kind != TBE_HPARAM_BOOL)
        status = tbe_refuse(b->writer, TBE_EINVAL,
                            "the hyperparameter " TBE_QUOTE
                            " has a kind that this library does not know",
                            info->name);
    return status == TBE_OK ? check_domain(b, info) : status;
}

static tbe_status check_infos(builder *b)
{
    const size_t n = b->experiment->n_hparams;
    const char **names = tbe_pool_new(&b->pool, n, sizeof *names);

    if (names == NULL)
        return no_memory(b);
    for (size_t i = 0; i < n; i++)
        names[i] = b->experiment->hparams[i].name;
    tbe_status status = tbe_hparams_check_names(b->writer, n, names);
    for (size_t i = 0; status == TBE_OK && i < n; i++)
        status = check_info(b, &b->experiment->hparams[i]);
    return status;
}

static tbe_status check_metric(builder *b, const tbe_metric_info *metric)
{
    tbe_status status = tbe_check_tag(b->writer, metric->tag, NULL);

    if (status == TBE_OK)
        status = tbe_hparams_check_name(b->writer, "group of a metric", metric->group);
    if (status == TBE_OK)
        status = tbe_hparams_check_name(b->writer, "display name", metric->display_name);
    if (status == TBE_OK)
        status = check_description(b, metric->tag, metric->description);
    if (status == TBE_OK && metric->set != TBE_METRIC_UNKNOWN &&
        metric->set != TBE_METRIC_TRAINING && metric->set != TBE_METRIC_VALIDATION)
        status = tbe_refuse(b->writer, TBE_EINVAL,
                            "the metric " TBE_QUOTE " has a set that this library does not know",
                            metric->tag);
    return status;
}

/** Copies the caller's hyperparameters and metrics. */
static tbe_status take_lists(builder *b)
{
    tbe_experiment *e = b->experiment;
    const tbe_elements hparams = {"hyperparameters of an experiment",
                                  e->n_hparams,
                                  TBE_MAX_HPARAMS,
                                  e->hparams,
                                  e->hparam_size,
                                  sizeof(tbe_hparam_info)};
    const tbe_elements metrics = {
        "metrics of an experiment", e->n_metrics, TBE_MAX_HPARAMS, e->metrics, e->metric_size,
        sizeof(tbe_metric_info)};
    void *own_hparams = NULL, *own_metrics = NULL;
    tbe_status status = tbe_take_elements(b->writer, &b->pool, &hparams, &own_hparams);

    if (status == TBE_OK)
        status = tbe_take_elements(b->writer, &b->pool, &metrics, &own_metrics);
    e->hparams = own_hparams;
    e->metrics = own_metrics;
    return status;
}

static tbe_status check_experiment(builder *b)
{
    const tbe_experiment *e = b->experiment;
    tbe_status status = take_lists(b);

    if (status == TBE_OK)
        status = tbe_hparams_check_name(b->writer, "experiment's name", e->name);
    if (status == TBE_OK)
        status = tbe_hparams_check_name(b->writer, "user", e->user);
    if (status == TBE_OK)
        status = check_description(b, "the experiment", e->description);
    if (status == TBE_OK)
        status = check_infos(b);
    for (size_t i = 0; status == TBE_OK && i < e->n_metrics; i++)
        status = check_metric(b, &e->metrics[i]);
    return status;
}

/** The list of values, if there is one; of a bool both. */
static bool set_values(builder *b, const tbe_hparam_info *info, Tbproto__HParamInfo *message)
{
    const size_t n = info->kind == TBE_HPARAM_BOOL ? 2 : info->n_values;
    Tbproto__HParamValueList *list = tbe_pool_new(&b->pool, 1, sizeof *list);
    Tbproto__HParamValue *values = tbe_pool_new(&b->pool, n, sizeof *values);
    Tbproto__HParamValue **pointers = tbe_pool_new(&b->pool, n, sizeof values);

    if (list == NULL || values == NULL || pointers == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const double number = info->kind == TBE_HPARAM_NUMBER ? info->numbers[i] : (double)i;
        const char *text = info->kind == TBE_HPARAM_TEXT ? info->texts[i] : NULL;
        tbe_hparams_set_value(&values[i], info->kind, number, text);
        pointers[i] = &values[i];
    }
    tbproto__hparam_value_list__init(list);
    list->n_values = n;
    list->values = pointers;
    message->domain_case = TBPROTO__HPARAM_INFO__DOMAIN_DOMAIN_DISCRETE;
    message->domain_discrete = list;
    return true;
}

static bool set_interval(builder *b, const tbe_hparam_info *info, Tbproto__HParamInfo *message)
{
    Tbproto__HParamInfo__Interval *interval = tbe_pool_new(&b->pool, 1, sizeof *interval);
    if (interval == NULL)
        return false;
    tbproto__hparam_info__interval__init(interval);
    interval->min_value = info->least;
    interval->max_value = info->most;
    message->domain_case = TBPROTO__HPARAM_INFO__DOMAIN_DOMAIN_INTERVAL;
    message->domain_interval = interval;
    return true;
}

static bool set_info(builder *b, const tbe_hparam_info *info, Tbproto__HParamInfo *message)
{
    static const Tbproto__HParamInfo__DataType types[] = {
        [TBE_HPARAM_NUMBER] = TBPROTO__HPARAM_INFO__DATA_TYPE__FLOAT64,
        [TBE_HPARAM_TEXT] = TBPROTO__HPARAM_INFO__DATA_TYPE__STRING,
        [TBE_HPARAM_BOOL] = TBPROTO__HPARAM_INFO__DATA_TYPE__BOOL,
    };
    tbproto__hparam_info__init(message);
    message->name = tbe_text_unconst(info->name);
    message->display_name = tbe_text_unconst(info->display_name);
    message->description = tbe_text_unconst(info->description);
    message->type = types[info->kind];
    if (info->n_values > 0 || info->kind == TBE_HPARAM_BOOL)
        return set_values(b, info, message);
    if (info->kind == TBE_HPARAM_NUMBER && (info->least != 0.0 || info->most != 0.0))
        return set_interval(b, info, message);
    return true;
}

static bool set_infos(builder *b, Tbproto__Experiment *message)
{
    const size_t n = b->experiment->n_hparams;
    Tbproto__HParamInfo *infos = tbe_pool_new(&b->pool, n, sizeof *infos);
    Tbproto__HParamInfo **pointers = tbe_pool_new(&b->pool, n, sizeof infos);

    if (infos == NULL || pointers == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!set_info(b, &b->experiment->hparams[i], &infos[i]))
            return false;
        pointers[i] = &infos[i];
    }
    message->n_hparam_infos = n;
    message->hparam_infos = pointers;
    return true;
}

static bool set_metrics(builder *b, Tbproto__Experiment *message)
{
    static const Tbproto__MetricInfo__DatasetType types[] = {
        [TBE_METRIC_UNKNOWN] = TBPROTO__METRIC_INFO__DATASET_TYPE__UNKNOWN,
        [TBE_METRIC_TRAINING] = TBPROTO__METRIC_INFO__DATASET_TYPE__TRAINING,
        [TBE_METRIC_VALIDATION] = TBPROTO__METRIC_INFO__DATASET_TYPE__VALIDATION,
    };
    const size_t n = b->experiment->n_metrics;
    Tbproto__MetricInfo *metrics = tbe_pool_new(&b->pool, n, sizeof *metrics);
    Tbproto__MetricInfo **pointers = tbe_pool_new(&b->pool, n, sizeof metrics);
    Tbproto__MetricInfo__Name *names = tbe_pool_new(&b->pool, n, sizeof *names);

    if (metrics == NULL || pointers == NULL || names == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const tbe_metric_info *metric = &b->experiment->metrics[i];
        tbproto__metric_info__name__init(&names[i]);
        names[i].group = tbe_text_unconst(metric->group);
        names[i].tag = tbe_text_unconst(metric->tag);
        tbproto__metric_info__init(&metrics[i]);
        metrics[i].name = &names[i];
        metrics[i].display_name = tbe_text_unconst(metric->display_name);
        metrics[i].description = tbe_text_unconst(metric->description);
        metrics[i].dataset_type = types[metric->set];
        pointers[i] = &metrics[i];
    }
    message->n_metric_infos = n;
    message->metric_infos = pointers;
    return true;
}

static tbe_status append_experiment(builder *b)
{
    Tbproto__HParamsPluginData message;
    Tbproto__Experiment experiment;

    tbproto__hparams_plugin_data__init(&message);
    tbproto__experiment__init(&experiment);
    experiment.name = tbe_text_unconst(b->experiment->name);
    experiment.description = tbe_text_unconst(b->experiment->description);
    experiment.user = tbe_text_unconst(b->experiment->user);
    experiment.time_created_secs = b->experiment->created_time;
    if (!set_infos(b, &experiment) || !set_metrics(b, &experiment))
        return no_memory(b);
    message.data_case = TBPROTO__HPARAMS_PLUGIN_DATA__DATA_EXPERIMENT;
    message.experiment = &experiment;
    return tbe_hparams_append(b->writer, "_hparams_/experiment", &b->pool, &message);
}

tbe_status tbe_add_experiment(tbe_writer *writer, const tbe_experiment *experiment)
{
    tbe_experiment own;
    builder b = {.writer = writer, .experiment = &own};
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status =
            tbe_take(writer, "experiment", &own, sizeof own, experiment, "tbe_experiment_init");
    if (status == TBE_OK)
        status = tbe_hparams_take_time(writer, "creation", &own.created_time);
    if (status == TBE_OK)
        status = check_experiment(&b);
    if (status == TBE_OK)
        status = append_experiment(&b);
    tbe_pool_deinit(&b.pool);
    return status;
}
