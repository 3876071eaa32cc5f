#include "inspect/check_logdir.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inspect/hparams.h"

enum { MAX_DETAIL = 256 };

typedef struct logdir_check {
    const ws_event_hparams *all;
    void (*found)(void *user, const ws_event_finding *finding);
    void *user;
} logdir_check;

static void report(const logdir_check *check, ws_event_rule_id id, const ws_event_hparams_run *of,
                   const char *format, ...) WS_PRINTF(4, 5);

static void report(const logdir_check *check, ws_event_rule_id id, const ws_event_hparams_run *of,
                   const char *format, ...)
{
    char detail[MAX_DETAIL];
    va_list args;
    const ws_event_finding finding = {
        .id = id,
        .rule = ws_event_rule_get(id),
        .path = of->run->files.items[0],
        .is_of_file = true,
        .detail = detail,
    };

    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    check->found(check->user, &finding);
}

static bool lists_hparam(const Tbproto__Experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->n_hparam_infos; i++)
        if (strcmp(experiment->hparam_infos[i]->name, name) == 0)
            return true;
    return false;
}

/** "" for a metric that says no name, which is a part of the message that may be missing. */
static Tbproto__MetricInfo__Name name_of(const Tbproto__MetricInfo *metric)
{
    Tbproto__MetricInfo__Name none;

    tbproto__metric_info__name__init(&none);
    return metric->name != NULL ? *metric->name : none;
}

static bool lists_metric(const Tbproto__Experiment *experiment, const Tbproto__MetricInfo *metric)
{
    const Tbproto__MetricInfo__Name wanted = name_of(metric);

    for (size_t i = 0; i < experiment->n_metric_infos; i++) {
        const Tbproto__MetricInfo__Name name = name_of(experiment->metric_infos[i]);
        if (strcmp(name.group, wanted.group) == 0 && strcmp(name.tag, wanted.tag) == 0)
            return true;
    }
    return false;
}

/** The first column of an experiment that another one does not have; NULL: it has all. */
static const char *find_missing(const Tbproto__Experiment *of, const Tbproto__Experiment *in)
{
    for (size_t i = 0; i < of->n_hparam_infos; i++)
        if (!lists_hparam(in, of->hparam_infos[i]->name))
            return of->hparam_infos[i]->name;
    for (size_t i = 0; i < of->n_metric_infos; i++)
        if (!lists_metric(in, of->metric_infos[i]))
            return name_of(of->metric_infos[i]).tag;
    return NULL;
}

static void check_experiments(const logdir_check *check, const ws_event_hparams_run *first,
                              const ws_event_hparams_run *other)
{
    const Tbproto__Experiment *a = first->experiment->experiment;
    const Tbproto__Experiment *b = other->experiment->experiment;
    const char *missing = find_missing(b, a);
    const char *in = "here";

    if (missing == NULL) {
        missing = find_missing(a, b);
        in = "there";
    }
    if (missing != NULL)
        report(check, WS_RULE_TWO_EXPERIMENTS, other,
               "the other one is of run %.80s; only %s: %.80s", first->run->name, in, missing);
}

/** Whether a run is the experiment's own or below it. */
static bool is_below(const char *name, const char *top)
{
    const size_t n = strlen(top);
    return strcmp(top, ".") == 0 || strcmp(name, top) == 0 ||
           (strncmp(name, top, n) == 0 && name[n] == '/');
}

static void check_metrics(const logdir_check *check, const ws_event_hparams_run *of)
{
    const Tbproto__Experiment *experiment = of->experiment->experiment;

    for (size_t k = 0; k < experiment->n_metric_infos; k++) {
        const Tbproto__MetricInfo__Name name = name_of(experiment->metric_infos[k]);
        bool is_there = false, has_session = false;
        for (size_t i = 0; i < check->all->n_items; i++) {
            const ws_event_hparams_run *run = &check->all->items[i];
            if (run->start == NULL || !is_below(run->run->name, of->run->name))
                continue;
            has_session = true;
            is_there |=
                ws_event_hparams_find(check->all, run->run->name, name.group, name.tag) != NULL;
        }
        if (has_session && !is_there)
            report(check, WS_RULE_METRIC_MISSING, of, "%.80s%s%.80s", name.group,
                   name.group[0] != '\0' ? ": " : "", name.tag);
    }
}

/** The hyperparameters of the runs below an experiment have to be in its list. */
static void check_hparams(const logdir_check *check, const ws_event_hparams_run *of)
{
    const Tbproto__Experiment *experiment = of->experiment->experiment;
    const char *hidden = NULL;
    size_t n_runs = 0;

    for (size_t i = 0; i < check->all->n_items; i++) {
        const ws_event_hparams_run *run = &check->all->items[i];
        bool is_hidden = false;
        if (run->start == NULL || !is_below(run->run->name, of->run->name))
            continue;
        const Tbproto__SessionStartInfo *start = run->start->session_start_info;
        for (size_t k = 0; k < start->n_hparams; k++) {
            if (lists_hparam(experiment, start->hparams[k]->key))
                continue;
            hidden = start->hparams[k]->key;
            is_hidden = true;
        }
        n_runs += is_hidden;
    }
    if (hidden != NULL)
        report(check, WS_RULE_HPARAM_HIDDEN, of, "%zu run%s; one is %.80s", n_runs,
               n_runs == 1 ? "" : "s", hidden);
}

/** A chart of the Custom Scalars page reads its tag up to the first bracket. */
static void check_chart_tags(const logdir_check *check)
{
    bool has_layout = false;

    for (size_t i = 0; i < check->all->n_items; i++)
        has_layout |= check->all->items[i].has_layout;
    for (size_t i = 0; has_layout && i < check->all->n_items; i++) {
        const ws_event_series *series = &check->all->items[i].series;
        for (size_t k = 0; k < series->names.n_items; k++)
            if (series->tags[k].kind == TBE_VALUE_SCALAR &&
                strchr(series->names.items[k], '(') != NULL)
                report(check, WS_RULE_CHART_TAG, &check->all->items[i], "%.120s",
                       series->names.items[k]);
    }
}

/** The data server does not undo the escapes of a run's name where it serves a file. */
static void check_run_name(const logdir_check *check, const ws_event_hparams_run *of)
{
    const ws_event_series *series = &of->series;

    if (strpbrk(of->run->name, "\"\\") == NULL)
        return;
    for (size_t i = 0; i < series->names.n_items; i++) {
        if (series->tags[i].kind != TBE_VALUE_IMAGE && series->tags[i].kind != TBE_VALUE_AUDIO)
            continue;
        report(check, WS_RULE_BLOB_RUN, of, "run %.120s", of->run->name);
        return;
    }
}

static void check_all(const logdir_check *check)
{
    const ws_event_hparams_run *first = NULL;

    for (size_t i = 0; i < check->all->n_items; i++) {
        const ws_event_hparams_run *run = &check->all->items[i];
        check_run_name(check, run);
        if (run->experiment == NULL)
            continue;
        if (first != NULL)
            check_experiments(check, first, run);
        else
            first = run;
        check_metrics(check, run);
        check_hparams(check, run);
    }
    check_chart_tags(check);
}

ws_status ws_event_check_logdir(const ws_event_runs *runs,
                                void (*found)(void *user, const ws_event_finding *finding),
                                void *user, ws_error *err)
{
    ws_event_hparams all;
    const logdir_check check = {&all, found, user};

    const ws_status status = ws_event_hparams_read(&all, runs, NULL, err);
    if (status == WS_OK)
        check_all(&check);
    ws_event_hparams_deinit(&all);
    return status;
}
