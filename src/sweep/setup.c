#include "sweep/setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lookup.h"
#include "settings/arguments.h"
#include "settings/preset.h"
#include "settings/settings.h"
#include "settings/train_flags.h"
#include "sweep/definition.h"
#include "train/recipe.h"
#include "train/trainer.h"

enum { MAX_SEEDS = 1000, FIRST_SEED = 59185 };

/** Flags that a sweep sets itself, and the sweep flag that replaces each, if any. */
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

ws_status ws_sweep_name_find(const char *flag, const char *name, ws_name_at name_at, size_t n,
                             size_t *index, ws_error *err)
{
    if (ws_lookup(flag, name, name_at, n, index, err) == WS_OK)
        return WS_OK;
    if (err != NULL)
        err->status = WS_EUSAGE;
    return WS_EUSAGE;
}

/* -- from a request to lines */

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
                       "--seeds=%s: expected a number of seeds, 1 to %d, or a comma list of seeds",
                       text, MAX_SEEDS);
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

/** The search and its flags; flags of another search are refused. */
static ws_status push_search(const ws_sweep_request *request, ws_text_list *lines, ws_error *err)
{
    size_t search = 0;
    ws_status status = ws_sweep_name_find("--search", request->search, search_name_at,
                                          WS_SWEEP_N_SEARCHES, &search, err);

    if (status == WS_OK && !ws_sweep_search_draws(search) && request->has_n_settings)
        status = ws_fail(err, WS_EUSAGE,
                         "--trials: --search=%s tries all its settings; the flag needs "
                         "--search=random or halving",
                         request->search);
    if (status == WS_OK && search != WS_SWEEP_HALVING && request->has_reduction)
        status = ws_fail(err, WS_EUSAGE, "--reduction: the flag needs --search=halving");
    if (status == WS_OK)
        status = ws_sweep_definition_push(lines, "search", request->search, err);
    if (status == WS_OK)
        status = push_seeds(request->seeds, lines, err);
    if (status == WS_OK && ws_sweep_search_draws(search))
        status = push_line(lines, "trials", request->n_settings, err);
    if (status == WS_OK && ws_sweep_search_draws(search))
        status = push_line(lines, "search_seed", request->search_seed, err);
    if (status == WS_OK && search == WS_SWEEP_HALVING)
        status = push_line(lines, "reduction", request->reduction, err);
    if (status == WS_OK && search == WS_SWEEP_HALVING)
        status = ws_sweep_definition_push(lines, "rank_by", request->rank_by, err);
    return status;
}

/** The line of a parameter, without unnecessary blanks. */
static ws_status push_param(const char *text, ws_text_list *lines, ws_error *err)
{
    ws_sweep_param param;
    ws_status status = ws_sweep_param_init(&param, text, err);

    char *line = status == WS_OK ? ws_text_format("%s=%s", param.name, param.text) : NULL;
    if (status == WS_OK && line == NULL)
        status = ws_fail_memory(err, "a parameter");
    if (status == WS_OK)
        status = ws_sweep_definition_push(lines, "param", line, err);
    free(line);
    ws_sweep_param_deinit(&param);
    return status;
}

static ws_status push_params(const ws_sweep_request *request, ws_text_list *lines, ws_error *err)
{
    ws_text_list texts = {.items = NULL};
    ws_status status = WS_OK;

    if (request->params_file[0] != '\0')
        status = ws_sweep_params_read(request->params_file, &texts, err);
    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = push_param(texts.items[i], lines, err);
    for (size_t i = 0; status == WS_OK && i < request->n_params; i++)
        status = push_param(request->params[i], lines, err);
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

static ws_status push_definition(const ws_sweep_request *request, ws_text_list *lines,
                                 ws_error *err)
{
    ws_status status = push_search(request, lines, err);
    if (status == WS_OK)
        status = push_params(request, lines, err);
    if (status == WS_OK)
        status = push_given(request->train, lines, err);
    return status;
}

/* -- from lines to a plan */

/** The flag of a parameter; an unknown name fails with train's own message. */
static ws_status find_flag(const char *name, size_t *index, ws_error *err)
{
    const ws_status status = ws_arguments_find(&ws_train_flags, name, index, err);

    if (status == WS_OK && strcmp(name, ws_train_flags.flags[*index].name) != 0)
        return ws_fail(err, WS_EUSAGE, "--param %s: expected the full name of a flag of train: %s",
                       name, ws_train_flags.flags[*index].name);
    return status == WS_OK ? check_not_reserved(name, err) : status;
}

static ws_status read_param(ws_sweep_job *job, const char *text, ws_error *err)
{
    ws_sweep_param *param = &job->params[job->n_params];
    size_t flag = 0;

    if (job->n_params == WS_SWEEP_MAX_PARAMS)
        return ws_fail(err, WS_EUSAGE, "--param: more than %d parameters", WS_SWEEP_MAX_PARAMS);
    job->n_params++; /* so that it is freed after a failure too */
    ws_status status = ws_sweep_param_init(param, text, err);
    if (status == WS_OK)
        status = find_flag(param->name, &flag, err);
    for (size_t i = 0; status == WS_OK && i + 1 < job->n_params; i++)
        if (strcmp(job->params[i].name, param->name) == 0)
            status = ws_fail(err, WS_EUSAGE, "--param %s: is given twice", param->name);
    if (status == WS_OK && ws_flags_is_given(job->setup.train, param->name))
        status = ws_fail(err, WS_EUSAGE, "--param %s: --%s is also given after --, for all trials",
                         param->name, param->name);
    if (status == WS_OK)
        status = ws_sweep_param_read(param, &ws_train_flags.flags[flag], err);
    return status;
}

/** Takes over a flag of all trials from its line, name=value, in a directory. */
static ws_status read_flag(const ws_sweep_request *request, const char *text, ws_error *err)
{
    ws_flags *train = request->train;
    const char *sign = strchr(text, '=');
    const int n = sign != NULL ? (int)(sign - text) : (int)strlen(text);
    char *name = ws_text_format("%.*s", n, text);
    const size_t index = name != NULL ? ws_flags_find(&ws_train_flags, name) : 0;

    free(name);
    if (name == NULL || ws_text_list_push(&train->texts, sign != NULL ? sign + 1 : "") != WS_OK)
        return ws_fail_memory(err, "the flags of a sweep");
    if (sign == NULL || index == ws_train_flags.n_flags)
        return ws_fail(err, WS_EFORMAT,
                       "%s/sweep.txt: \"flag=%.200s\" is not a flag of train and its value",
                       request->dir, text);
    train->given[index] = true;
    return ws_flags_set(train, index, train->texts.items[train->texts.n_items - 1], err);
}

static ws_status read_flags(const ws_sweep_request *request, const ws_text_list *lines,
                            ws_error *err)
{
    ws_text_list texts = {.items = NULL};
    ws_status status = ws_sweep_definition_push_values(lines, "flag", &texts, err);

    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = read_flag(request, texts.items[i], err);
    ws_text_list_deinit(&texts);
    return status;
}

static ws_status read_params(ws_sweep_job *job, ws_error *err)
{
    ws_text_list texts = {.items = NULL};
    ws_status status = ws_sweep_definition_push_values(&job->lines, "param", &texts, err);

    for (size_t i = 0; status == WS_OK && i < texts.n_items; i++)
        status = read_param(job, texts.items[i], err);
    ws_text_list_deinit(&texts);
    return status;
}

/** A whole number of the definition; initial if the key is missing. */
static ws_status read_number(const ws_sweep_job *job, const char *key, int64_t initial,
                             int64_t *value, ws_error *err)
{
    const char *text = ws_sweep_definition_get(&job->lines, key);

    *value = initial;
    if (text == NULL || (ws_text_to_int64(text, value) && *value >= 0))
        return WS_OK;
    return ws_fail(err, WS_EFORMAT, "%s/sweep.txt: %s=%s: expected a whole number from 0",
                   job->setup.dir, key, text);
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
                status = ws_fail(err, WS_EUSAGE, "--seeds=%s: %lld is given twice", text,
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
        return ws_fail(err, WS_EFORMAT,
                       "%s/sweep.txt: has no line search= or no line seeds=", job->setup.dir);
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

/* -- checks by train */

/** Whether parameters count as given flags. */
static void set_params_given(const ws_sweep_job *job, bool is_given)
{
    for (size_t p = 0; p < job->n_params; p++)
        job->setup.train->given[job->params[p].flag - ws_train_flags.flags] = is_given;
}

/** Takes the preset's values but for those of parameters, which count as given. */
static ws_status take_preset(const ws_sweep_job *job, ws_train_options *options, ws_error *err)
{
    set_params_given(job, true);
    const ws_status status = ws_preset_apply(job->setup.train, options, err);
    set_params_given(job, false);
    return status;
}

/** Whether the parameters are read; also notes which flags of all trials are not. Where a trial
 *  takes settings from a checkpoint, only the trial knows. */
static ws_status check_read(ws_sweep_job *job, size_t setting, const ws_train_options *options,
                            ws_error *err)
{
    bool *left_out = &job->left_out[setting * ws_train_flags.n_flags];
    ws_status status = WS_OK;

    if (options->start_checkpoint[0] != '\0')
        return WS_OK;
    for (size_t p = 0; status == WS_OK && p < job->n_params; p++)
        status = ws_settings_check_flag(job->params[p].flag, options, err);
    for (size_t i = 0; i < ws_train_flags.n_flags; i++)
        left_out[i] = job->setup.train->given[i] &&
                      ws_settings_check_flag(&ws_train_flags.flags[i], options, NULL) != WS_OK;
    return status;
}

/** Whether each flag of all trials is read by those of one setting at least: a parameter may switch
 *  on what reads it. */
static ws_status check_given_read(const ws_sweep_job *job, ws_error *err)
{
    const size_t n = ws_train_flags.n_flags, n_settings = job->plan.n_settings;
    ws_train_options options;
    ws_status status = ws_sweep_job_get_options(job, 0, &options, err);

    for (size_t i = 0; status == WS_OK && i < n; i++) {
        size_t n_left_out = 0;
        for (size_t s = 0; s < n_settings; s++)
            n_left_out += job->left_out[s * n + i];
        if (n_left_out == n_settings)
            status = ws_settings_check_flag(&ws_train_flags.flags[i], &options, err);
    }
    return status;
}

ws_status ws_sweep_job_get_options(const ws_sweep_job *job, size_t setting,
                                   ws_train_options *options, ws_error *err)
{
    ws_status status = WS_OK;

    *options = *ws_train_flags_get_options(job->setup.train);
    for (size_t p = 0; status == WS_OK && p < job->n_params; p++)
        status = ws_flag_put(job->params[p].flag, ws_sweep_plan_get_value(&job->plan, setting, p),
                             options, err);
    return status == WS_OK ? take_preset(job, options, err) : status;
}

/** Also notes the number of steps of a setting. */
static ws_status check_setting(ws_sweep_job *job, size_t setting, ws_error *err)
{
    ws_train_options options;
    ws_recipe recipe;

    ws_status status = ws_sweep_job_get_options(job, setting, &options, err);
    if (status == WS_OK)
        status = check_read(job, setting, &options, err);
    if (status == WS_OK)
        status = ws_train_check(&options, err);
    if (status == WS_OK)
        status = ws_recipe_init(&recipe, &options, err);
    if (status != WS_OK)
        return status;
    if (ws_schedule_is_in_epochs(&recipe.schedule) && job->plan.search == WS_SWEEP_HALVING)
        return ws_fail(err, WS_EUSAGE,
                       "--search=halving counts in steps, and --epochs=%s is not known in steps "
                       "before the data is read; expected --how_many_training_steps",
                       options.epochs);
    job->plan.n_steps[setting] = ws_schedule_last_step(&recipe.schedule);
    return WS_OK;
}

static ws_status check_settings(ws_sweep_job *job, ws_error *err)
{
    const size_t n_settings = job->plan.n_settings;
    ws_status status = WS_OK;

    job->left_out = calloc(n_settings * ws_train_flags.n_flags, sizeof *job->left_out);
    if (job->left_out == NULL)
        return ws_fail_memory(err, "the settings of a sweep");
    for (size_t s = 0; status == WS_OK && s < n_settings; s++)
        status = check_setting(job, s, err);
    job->setup.left_out = job->left_out;
    return status == WS_OK ? check_given_read(job, err) : status;
}

static ws_status set_metric(ws_sweep_job *job, const ws_sweep_request *request, ws_error *err)
{
    const char *kept = ws_sweep_definition_get(&job->lines, "rank_by");
    const char *name = kept != NULL ? kept : request->rank_by;
    size_t metric = 0;
    const ws_status status =
        ws_sweep_name_find("--rank_by", name, metric_name_at, WS_SWEEP_N_METRICS, &metric, err);

    job->metric = (ws_sweep_metric)metric;
    if (status == WS_OK && kept != NULL && request->has_rank_by &&
        strcmp(kept, request->rank_by) != 0)
        return ws_fail(err, WS_EUSAGE,
                       "--rank_by=%s: this sweep has already stopped trials by --rank_by=%s",
                       request->rank_by, kept);
    return status;
}

static ws_status read_lines(ws_sweep_job *job, const ws_sweep_request *request, ws_error *err)
{
    if (request->is_new)
        return push_definition(request, &job->lines, err);
    const ws_status status = ws_sweep_definition_read(request->dir, &job->lines, err);
    if (status == WS_ENOTFOUND)
        return ws_fail(err, WS_EUSAGE,
                       "--dir=%s: has no sweep to continue; a new one needs --param or --params",
                       request->dir);
    return status == WS_OK ? read_flags(request, &job->lines, err) : status;
}

ws_status ws_sweep_job_init(ws_sweep_job *job, const ws_sweep_request *request, ws_error *err)
{
    *job = (ws_sweep_job){.n_params = 0};
    job->setup = (ws_sweep_setup){.dir = request->dir,
                                  .program = request->program,
                                  .plan = &job->plan,
                                  .train = request->train};
    if (request->dir[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--dir is empty, expected a directory");
    ws_status status = read_lines(job, request, err);
    if (status == WS_OK)
        status = set_metric(job, request, err);
    if (status == WS_OK)
        status = read_params(job, err);
    if (status == WS_OK)
        status = make_plan(job, err);
    if (status == WS_OK && ws_sweep_plan_get_n_trials(&job->plan) < 2)
        status = ws_fail(err, WS_EUSAGE,
                         "there is only one trial: --param needs several values, or --seeds more "
                         "than one");
    return status == WS_OK ? check_settings(job, err) : status;
}

void ws_sweep_job_deinit(ws_sweep_job *job)
{
    ws_sweep_plan_deinit(&job->plan);
    free(job->left_out);
    for (size_t i = 0; i < job->n_params; i++)
        ws_sweep_param_deinit(&job->params[i]);
    ws_text_list_deinit(&job->lines);
}
