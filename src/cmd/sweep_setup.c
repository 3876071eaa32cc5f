#include "cmd/sweep_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optim/schedule.h"
#include "settings/arguments.h"
#include "settings/train_flags.h"
#include "sweep/definition.h"
#include "train/trainer.h"

enum { MAX_SEEDS = 1000, FIRST_SEED = 59185 };

/** Flags that a sweep sets itself, and by which of its own flags, if any. */
static const struct {
    const char *name, *instead;
} reserved[] = {
    {"train_dir", "--dir"}, {"summaries_dir", "--dir"},
    {"run_name", NULL},     {"start_checkpoint", NULL},
    {"seed", "--seeds"},    {"stop_after_step", "--search=halving"},
    {"json", NULL},
};

static ws_status check_not_reserved(const char *name, ws_error *err)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i].name) == 0)
            return ws_fail(err, WS_EUSAGE, "--%s: each trial gets its own from the sweep%s%s", name,
                           reserved[i].instead != NULL ? "; see " : "",
                           reserved[i].instead != NULL ? reserved[i].instead : "");
    return WS_OK;
}

/* -- from the command line to lines */

static ws_status push_line(ws_text_list *lines, const char *key, int64_t value, ws_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    return ws_sweep_definition_push(lines, key, text, err);
}

/** "3" means three seeds, "1,2" these two. */
static ws_status push_seeds(const char *text, ws_text_list *lines, ws_error *err)
{
    char list[MAX_SEEDS * 8] = "";
    int64_t n = 0;
    size_t length = 0;

    if (strchr(text, ',') != NULL)
        return ws_sweep_definition_push(lines, "seeds", text, err);
    if (!ws_text_to_int64(text, &n) || n < 1 || n > MAX_SEEDS)
        return ws_fail(err, WS_EUSAGE,
                       "--seeds=%s: expected how many, 1 to %d, or a comma list of seeds", text,
                       MAX_SEEDS);
    for (int64_t i = 0; i < n; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%" PRId64,
                                   i > 0 ? "," : "", FIRST_SEED + i);
    return ws_sweep_definition_push(lines, "seeds", list, err);
}

static const char *metric_name_at(size_t i)
{
    return ws_sweep_metric_name(i);
}

static const char *search_name_at(size_t i)
{
    return ws_sweep_search_name(i);
}

/** The search and what belongs to it; what does not is refused. */
static ws_status push_search(const ws_flags *flags, ws_text_list *lines, ws_error *err)
{
    const ws_sweep_flags *values = flags->values;
    size_t search = 0;
    ws_status status = ws_sweep_name_find("--search", values->search, search_name_at,
                                          WS_SWEEP_N_SEARCHES, &search, err);

    if (status == WS_OK && search == WS_SWEEP_GRID && ws_flags_is_given(flags, "trials"))
        status = ws_fail(err, WS_EUSAGE, "--trials: a grid tries all; --search=random draws some");
    if (status == WS_OK && search != WS_SWEEP_HALVING && ws_flags_is_given(flags, "reduction"))
        status = ws_fail(err, WS_EUSAGE, "--reduction: is for --search=halving");
    if (status == WS_OK)
        status = ws_sweep_definition_push(lines, "search", values->search, err);
    if (status == WS_OK)
        status = push_seeds(values->seeds, lines, err);
    if (status == WS_OK && search != WS_SWEEP_GRID)
        status = push_line(lines, "trials", values->trials, err);
    if (status == WS_OK && search != WS_SWEEP_GRID)
        status = push_line(lines, "search_seed", values->search_seed, err);
    if (status == WS_OK && search == WS_SWEEP_HALVING)
        status = push_line(lines, "reduction", values->reduction, err);
    if (status == WS_OK && search == WS_SWEEP_HALVING)
        status = ws_sweep_definition_push(lines, "rank_by", values->rank_by, err);
    return status;
}

static ws_status push_params(const ws_sweep_flags *values, ws_text_list *lines, ws_error *err)
{
    ws_text_list texts = {.items = NULL};
    ws_status status = WS_OK;

    if (values->params[0] != '\0')
        status = ws_sweep_params_read(values->params, &texts, err);
    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = ws_sweep_definition_push(lines, "param", texts.items[i], err);
    for (size_t i = 0; status == WS_OK && i < values->param.n_items; i++)
        status = ws_sweep_definition_push(lines, "param", values->param.items[i], err);
    ws_text_list_deinit(&texts);
    return status;
}

/** The flags of all trials, in the order of train's table. */
static ws_status push_given(const ws_flags *train, ws_text_list *lines, ws_error *err)
{
    char text[WS_FLAG_MAX_TEXT];
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < ws_train_flags.n_flags; i++) {
        const ws_flag *row = &ws_train_flags.flags[i];
        if (!train->given[i])
            continue;
        status = check_not_reserved(row->name, err);
        ws_flag_get_text(row, train->values, text, sizeof text);
        char *flag = status == WS_OK ? ws_text_format("%s=%s", row->name, text) : NULL;
        if (status == WS_OK && flag == NULL)
            status = ws_fail_memory(err, "flags");
        if (status == WS_OK)
            status = ws_sweep_definition_push(lines, "flag", flag, err);
        free(flag);
    }
    return status;
}

/** The arguments after "--", read as train reads them. */
static ws_status push_train_flags(const ws_sweep_flags *values, ws_text_list *lines, ws_error *err)
{
    ws_train_options options;
    ws_flags train;
    bool help = false;
    const union { /* the strings are not written to */
        const char **in;
        char *const *out;
    } arguments = {.in = values->train_flags.items};

    ws_status status = ws_flags_init(&train, &ws_train_flags, &options, err);
    if (status == WS_OK)
        status =
            ws_arguments_read(&train, (int)values->train_flags.n_items, arguments.out, &help, err);
    if (status == WS_OK && help)
        status = ws_fail(err, WS_EUSAGE,
                         "--help: `wordspot train --help` lists the flags that may follow --");
    if (status == WS_OK)
        status = push_given(&train, lines, err);
    ws_flags_deinit(&train);
    return status;
}

static ws_status push_definition(const ws_flags *flags, ws_text_list *lines, ws_error *err)
{
    ws_status status = push_search(flags, lines, err);
    if (status == WS_OK)
        status = push_params(flags->values, lines, err);
    if (status == WS_OK)
        status = push_train_flags(flags->values, lines, err);
    return status;
}

/* -- from lines to a plan */

/** The flag of a parameter; a name that train does not know gets train's own sentence. */
static ws_status find_flag(const char *name, size_t *index, ws_error *err)
{
    const ws_status status = ws_arguments_find(&ws_train_flags, name, index, err);

    if (status == WS_OK && strcmp(name, ws_train_flags.flags[*index].name) != 0)
        return ws_fail(err, WS_EUSAGE, "--param %s: expected the whole name of a flag of train: %s",
                       name, ws_train_flags.flags[*index].name);
    return status == WS_OK ? check_not_reserved(name, err) : status;
}

/** The steps are a text as they may be a list, one for each phase. */
static bool is_whole(const ws_flag *flag)
{
    return flag->type == WS_FLAG_WHOLE || strcmp(flag->name, "how_many_training_steps") == 0;
}

static ws_status read_param(ws_sweep_job *job, const char *text, ws_error *err)
{
    ws_sweep_param *param = &job->params[job->n_params];
    size_t flag = 0;

    if (job->n_params == WS_SWEEP_MAX_PARAMS)
        return ws_fail(err, WS_EUSAGE, "--param: more than %d parameters", WS_SWEEP_MAX_PARAMS);
    job->n_params++; /* it is given back in any case */
    ws_status status = ws_sweep_param_init(param, text, err);
    if (status == WS_OK)
        status = find_flag(param->name, &flag, err);
    for (size_t i = 0; status == WS_OK && i + 1 < job->n_params; i++)
        if (strcmp(job->params[i].name, param->name) == 0)
            status = ws_fail(err, WS_EUSAGE, "--param %s: is given twice", param->name);
    if (status == WS_OK && ws_sweep_definition_get(&job->flags, param->name) != NULL)
        status = ws_fail(err, WS_EUSAGE, "--param %s: behind -- all trials get --%s too",
                         param->name, param->name);
    if (status == WS_OK)
        status = ws_sweep_param_read(param, is_whole(&ws_train_flags.flags[flag]), err);
    return status;
}

static ws_status read_params(ws_sweep_job *job, ws_error *err)
{
    ws_text_list texts = {.items = NULL};
    ws_status status = ws_sweep_definition_push_values(&job->lines, "param", &texts, err);

    if (status == WS_OK)
        status = ws_sweep_definition_push_values(&job->lines, "flag", &job->flags, err);
    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = read_param(job, texts.items[i], err);
    ws_text_list_deinit(&texts);
    return status;
}

/** A whole number of the definition; initial if it has none. */
static ws_status read_number(const ws_sweep_job *job, const char *key, int64_t initial,
                             int64_t *value, ws_error *err)
{
    const char *text = ws_sweep_definition_get(&job->lines, key);

    *value = initial;
    if (text == NULL || (ws_text_to_int64(text, value) && *value >= 0))
        return WS_OK;
    return ws_fail(err, WS_EFORMAT, "%s/sweep.txt: %s=%s is not understood", job->setup.dir, key,
                   text);
}

static ws_status read_seeds(const char *text, int64_t *seeds, size_t *n_seeds, ws_error *err)
{
    ws_text_list parts = {.items = NULL};
    ws_status status = ws_text_list_push_split(&parts, text, ',');

    *n_seeds = 0;
    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++) {
        int64_t seed = 0;
        if (i > 0 && i + 1 == parts.n_items && parts.items[i][0] == '\0')
            break; /* "7," is a list of one */
        if (*n_seeds == MAX_SEEDS || !ws_text_to_int64(parts.items[i], &seed) || seed < 0 ||
            seed > UINT32_MAX)
            status = ws_fail(err, WS_EUSAGE,
                             "--seeds=%s: expected at most %d whole numbers from 0 to %lld", text,
                             MAX_SEEDS, (long long)UINT32_MAX);
        for (size_t k = 0; status == WS_OK && k < *n_seeds; k++)
            if (seeds[k] == seed)
                status = ws_fail(err, WS_EUSAGE, "--seeds=%s: %lld stands there twice", text,
                                 (long long)seed);
        if (status == WS_OK)
            seeds[(*n_seeds)++] = seed;
    }
    ws_text_list_deinit(&parts);
    return status == WS_ENOMEM ? ws_fail_memory(err, "seeds") : status;
}

static ws_status make_plan(ws_sweep_job *job, ws_error *err)
{
    const char *search_name = ws_sweep_definition_get(&job->lines, "search");
    const char *seeds_text = ws_sweep_definition_get(&job->lines, "seeds");
    int64_t seeds[MAX_SEEDS], n_settings = 0, search_seed = 0, reduction = 0;
    size_t n_seeds = 0, search = 0;

    if (search_name == NULL || seeds_text == NULL)
        return ws_fail(err, WS_EFORMAT, "%s/sweep.txt: says no search or seeds", job->setup.dir);
    ws_status status = ws_sweep_name_find("--search", search_name, search_name_at,
                                          WS_SWEEP_N_SEARCHES, &search, err);
    if (status == WS_OK)
        status = read_seeds(seeds_text, seeds, &n_seeds, err);
    if (status == WS_OK)
        status = read_number(job, "trials", 1, &n_settings, err);
    if (status == WS_OK)
        status = read_number(job, "search_seed", 0, &search_seed, err);
    if (status == WS_OK)
        status = read_number(job, "reduction", 2, &reduction, err);
    if (status == WS_OK && (n_settings < 1 || reduction < 2))
        status = ws_fail(err, WS_EFORMAT, "%s/sweep.txt: trials or reduction are too small",
                         job->setup.dir);
    if (status != WS_OK)
        return status;
    return ws_sweep_plan_init(&job->plan,
                              &(ws_sweep_plan_options){
                                  .search = (ws_sweep_search)search,
                                  .params = job->params,
                                  .n_params = job->n_params,
                                  .seeds = seeds,
                                  .n_seeds = n_seeds,
                                  .n_settings = (size_t)n_settings,
                                  .search_seed = (uint64_t)search_seed,
                                  .reduction = (size_t)reduction,
                              },
                              err);
}

/* -- what train says of it */

/** Sets the value of a flag from its text in a list, name=value. */
static ws_status set_flag(ws_flags *flags, const char *text, ws_error *err)
{
    const char *sign = strchr(text, '=');
    char name[64];

    (void)snprintf(name, sizeof name, "%.*s", (int)(sign - text), text);
    const size_t index = ws_flags_find(&ws_train_flags, name);
    if (index == ws_train_flags.n_flags)
        return ws_fail(err, WS_EFORMAT, "sweep.txt: has a flag --%s, which train does not know",
                       name);
    if (ws_text_list_push(&flags->texts, sign + 1) != WS_OK)
        return ws_fail_memory(err, "the flags of a trial");
    return ws_flags_set(flags, index, flags->texts.items[flags->texts.n_items - 1], err);
}

ws_status ws_sweep_job_get_options(const ws_sweep_job *job, size_t setting, ws_flags *flags,
                                   ws_train_options *options, ws_error *err)
{
    ws_text_list texts = {.items = NULL};

    ws_status status = ws_flags_init(flags, &ws_train_flags, options, err);
    if (status == WS_OK && ws_sweep_setup_push_flags(&job->setup, setting, -1, &texts) != WS_OK)
        status = ws_fail_memory(err, "the flags of a trial");
    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = set_flag(flags, texts.items[i], err);
    ws_text_list_deinit(&texts);
    return status;
}

/** Takes the steps of a setting along. */
static ws_status check_setting(ws_sweep_job *job, size_t setting, ws_error *err)
{
    ws_train_options options;
    ws_flags flags;
    ws_schedule schedule;

    ws_status status = ws_sweep_job_get_options(job, setting, &flags, &options, err);
    if (status == WS_OK)
        status = ws_train_check(&options, err);
    if (status == WS_OK)
        status = ws_schedule_init(&schedule, options.how_many_training_steps, options.learning_rate,
                                  err);
    if (status == WS_OK)
        job->plan.n_steps[setting] = ws_schedule_last_step(&schedule);
    ws_flags_deinit(&flags);
    return status;
}

static ws_status set_metric(ws_sweep_job *job, const ws_sweep_flags *values, bool is_given_now,
                            ws_error *err)
{
    const char *kept = ws_sweep_definition_get(&job->lines, "rank_by");
    const char *name = kept != NULL ? kept : values->rank_by;
    size_t metric = 0;
    const ws_status status =
        ws_sweep_name_find("--rank_by", name, metric_name_at, WS_SWEEP_N_METRICS, &metric, err);

    job->metric = (ws_sweep_metric)metric;
    if (status == WS_OK && kept != NULL && is_given_now && strcmp(kept, values->rank_by) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "--rank_by=%s: trials of this sweep were given up by --rank_by=%s",
                       values->rank_by, kept);
    return status;
}

static ws_status read_lines(ws_sweep_job *job, const ws_flags *flags, ws_error *err)
{
    const ws_sweep_flags *values = flags->values;

    if (ws_sweep_flags_define(flags))
        return push_definition(flags, &job->lines, err);
    const ws_status status = ws_sweep_definition_read(values->dir, &job->lines, err);
    if (status == WS_ENOTFOUND)
        return ws_fail(err, WS_EUSAGE,
                       "--dir=%s: holds no sweep to go on with; a new one needs --param or "
                       "--params",
                       values->dir);
    return status;
}

ws_status ws_sweep_job_init(ws_sweep_job *job, const char *program, const ws_flags *flags,
                            ws_error *err)
{
    const ws_sweep_flags *values = flags->values;

    *job = (ws_sweep_job){.n_params = 0};
    job->setup = (ws_sweep_setup){
        .dir = values->dir, .program = program, .plan = &job->plan, .flags = &job->flags};
    if (values->dir[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--dir is empty, expected a directory");
    ws_status status = read_lines(job, flags, err);
    if (status == WS_OK)
        status = set_metric(job, values, ws_flags_is_given(flags, "rank_by"), err);
    if (status == WS_OK)
        status = read_params(job, err);
    if (status == WS_OK)
        status = make_plan(job, err);
    if (status == WS_OK && ws_sweep_plan_get_n_trials(&job->plan) < 2)
        status = ws_fail(err, WS_EUSAGE,
                         "there is only one trial: --param needs several values, or --seeds more "
                         "than one");
    for (size_t s = 0; status == WS_OK && s < job->plan.n_settings; s++)
        status = check_setting(job, s, err);
    return status;
}

void ws_sweep_job_deinit(ws_sweep_job *job)
{
    ws_sweep_plan_deinit(&job->plan);
    for (size_t i = 0; i < job->n_params; i++)
        ws_sweep_param_deinit(&job->params[i]);
    ws_text_list_deinit(&job->flags);
    ws_text_list_deinit(&job->lines);
}
