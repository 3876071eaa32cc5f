#include "sweep/plan.h"

#include <stdlib.h>
#include <string.h>

const char *ws_sweep_search_name(size_t search)
{
    static const char *const names[WS_SWEEP_N_SEARCHES] = {
        [WS_SWEEP_GRID] = "grid",
        [WS_SWEEP_ONE_AT_A_TIME] = "one_at_a_time",
        [WS_SWEEP_RANDOM] = "random",
        [WS_SWEEP_HALVING] = "halving",
    };
    return names[search];
}

bool ws_sweep_search_draws(size_t search)
{
    return search == WS_SWEEP_RANDOM || search == WS_SWEEP_HALVING;
}

/** The number of settings; max + 1 if there are more than max or if a parameter is a range. */
static size_t count_combinations(const ws_sweep_plan *plan, size_t max)
{
    size_t n = 1;

    for (size_t p = 0; p < plan->n_params; p++) {
        if (plan->params[p].is_range)
            return max + 1;
        n *= plan->params[p].values.n_items; /* at most 1000 each time */
        if (n > max)
            return max + 1;
    }
    return n;
}

static ws_status push_combination(ws_sweep_plan *plan, size_t number)
{
    size_t stride = count_combinations(plan, SIZE_MAX / (WS_PARAM_MAX_VALUES + 1));
    ws_status status = WS_OK;

    for (size_t p = 0; status == WS_OK && p < plan->n_params; p++) {
        const ws_text_list *values = &plan->params[p].values;
        stride /= values->n_items; /* the last parameter changes fastest */
        status = ws_text_list_push(&plan->values, values->items[number / stride % values->n_items]);
    }
    return status;
}

/** All first values, but for parameter `changed`, which has its value number `value`. */
static ws_status push_changed(ws_sweep_plan *plan, size_t changed, size_t value)
{
    ws_status status = WS_OK;

    for (size_t p = 0; status == WS_OK && p < plan->n_params; p++)
        status = ws_text_list_push(&plan->values,
                                   plan->params[p].values.items[p == changed ? value : 0]);
    return status;
}

static ws_status push_one_at_a_time(ws_sweep_plan *plan)
{
    ws_status status = push_changed(plan, 0, 0);

    for (size_t p = 0; p < plan->n_params; p++)
        for (size_t v = 1; status == WS_OK && v < plan->params[p].values.n_items; v++)
            status = push_changed(plan, p, v);
    return status;
}

static ws_status push_grid(ws_sweep_plan *plan)
{
    ws_status status = WS_OK;

    for (size_t number = 0; status == WS_OK && number < plan->n_settings; number++)
        status = push_combination(plan, number);
    return status;
}

static ws_status check_no_range(const ws_sweep_plan *plan, ws_error *err)
{
    for (size_t p = 0; p < plan->n_params; p++)
        if (plan->params[p].is_range)
            return ws_fail(err, WS_EUSAGE,
                           "--param %s=%s: --search=%s needs the number of values, as in %s=%s:5",
                           plan->params[p].name, plan->params[p].text,
                           ws_sweep_search_name(plan->search), plan->params[p].name,
                           plan->params[p].text);
    return WS_OK;
}

static size_t count_one_at_a_time(const ws_sweep_plan *plan)
{
    size_t n = 1;

    for (size_t p = 0; p < plan->n_params; p++)
        n += plan->params[p].values.n_items - 1;
    return n;
}

/** Pushes all settings of the search. */
static ws_status push_all(ws_sweep_plan *plan, ws_error *err)
{
    const bool is_grid = plan->search != WS_SWEEP_ONE_AT_A_TIME;
    const size_t max = WS_SWEEP_MAX_TRIALS / plan->n_seeds;
    ws_status status = check_no_range(plan, err);

    if (status != WS_OK)
        return status;
    plan->n_settings = is_grid ? count_combinations(plan, max) : count_one_at_a_time(plan);
    if (plan->n_settings > max)
        return ws_fail(err, WS_EUSAGE,
                       "--search=%s has more than %d trials, counting the seeds; "
                       "--search=random tries only --trials of all settings",
                       ws_sweep_search_name(plan->search), WS_SWEEP_MAX_TRIALS);
    status = is_grid ? push_grid(plan) : push_one_at_a_time(plan);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "a plan of trials");
}

/** Whether the setting that was pushed last is a duplicate. */
static bool is_repeated(const ws_sweep_plan *plan, size_t last)
{
    for (size_t s = 0; s < last; s++) {
        size_t p = 0;
        while (p < plan->n_params && strcmp(ws_sweep_plan_get_value(plan, s, p),
                                            ws_sweep_plan_get_value(plan, last, p)) == 0)
            p++;
        if (p == plan->n_params)
            return true;
    }
    return false;
}

static void drop_last(ws_sweep_plan *plan)
{
    for (size_t p = 0; p < plan->n_params; p++)
        free(plan->values.items[--plan->values.n_items]);
}

/** Pushes the setting that draw number `draw` gives. */
static ws_status push_draw(ws_sweep_plan *plan, uint64_t seed, uint64_t draw)
{
    ws_status status = WS_OK;

    for (size_t p = 0; status == WS_OK && p < plan->n_params; p++) {
        char room[WS_PARAM_VALUE_SIZE];
        ws_random random;
        ws_random_init(&random, seed, WS_RANDOM_SWEEP, draw, (uint32_t)p);
        status =
            ws_text_list_push(&plan->values, ws_sweep_param_draw(&plan->params[p], &random, room));
    }
    return status;
}

/** Draws settings without repeats, since a repeated trial would give the same result. Once most
 * settings are drawn, a new one takes many draws; a range of two whole numbers can even be used up.
 */
static ws_status push_drawn(ws_sweep_plan *plan, const ws_sweep_plan_options *options,
                            ws_error *err)
{
    enum { DRAWS_EACH = 1000 };
    uint64_t draw = 0;

    while (plan->n_settings < options->n_settings) {
        if (draw == (uint64_t)DRAWS_EACH * options->n_settings)
            return ws_fail(err, WS_EUSAGE, "--trials=%zu: only %zu different settings were found",
                           options->n_settings, plan->n_settings);
        if (push_draw(plan, options->search_seed, draw++) != WS_OK)
            return ws_fail_memory(err, "a plan of trials");
        if (is_repeated(plan, plan->n_settings))
            drop_last(plan);
        else
            plan->n_settings++;
    }
    return WS_OK;
}

/** The first rung has all settings, each further one a part of them, the last at least one. */
static void set_rungs(ws_sweep_plan *plan)
{
    plan->n_rungs = 1;
    plan->n_in_rung[0] = plan->n_settings;
    if (plan->search != WS_SWEEP_HALVING)
        return;
    while (plan->n_rungs < WS_SWEEP_MAX_RUNGS &&
           plan->n_in_rung[plan->n_rungs - 1] >= plan->reduction) {
        plan->n_in_rung[plan->n_rungs] = plan->n_in_rung[plan->n_rungs - 1] / plan->reduction;
        plan->n_rungs++;
    }
}

static ws_status push_settings(ws_sweep_plan *plan, const ws_sweep_plan_options *options,
                               ws_error *err)
{
    if (!ws_sweep_search_draws(options->search))
        return push_all(plan, err);
    const size_t n_all = count_combinations(plan, options->n_settings);
    const bool takes_all = n_all <= options->n_settings;
    if ((takes_all ? n_all : options->n_settings) > WS_SWEEP_MAX_TRIALS / options->n_seeds)
        return ws_fail(err, WS_EUSAGE, "--trials=%zu: with %zu seeds each, more than %d trials",
                       options->n_settings, options->n_seeds, WS_SWEEP_MAX_TRIALS);
    return takes_all ? push_all(plan, err) : push_drawn(plan, options, err);
}

ws_status ws_sweep_plan_init(ws_sweep_plan *plan, const ws_sweep_plan_options *options,
                             ws_error *err)
{
    *plan = (ws_sweep_plan){
        .search = options->search,
        .params = options->params,
        .n_params = options->n_params,
        .n_seeds = options->n_seeds,
        .reduction = options->reduction,
    };
    plan->seeds = malloc(options->n_seeds * sizeof *plan->seeds);
    if (plan->seeds == NULL)
        return ws_fail_memory(err, "a plan of trials");
    memcpy(plan->seeds, options->seeds, options->n_seeds * sizeof *plan->seeds);
    const ws_status status = push_settings(plan, options, err);
    if (status != WS_OK)
        return status;
    plan->n_steps = calloc(plan->n_settings, sizeof *plan->n_steps);
    if (plan->n_steps == NULL)
        return ws_fail_memory(err, "a plan of trials");
    set_rungs(plan);
    return WS_OK;
}

void ws_sweep_plan_deinit(ws_sweep_plan *plan)
{
    free(plan->seeds);
    free(plan->n_steps);
    ws_text_list_deinit(&plan->values);
    *plan = (ws_sweep_plan){.params = NULL};
}

size_t ws_sweep_plan_get_n_trials(const ws_sweep_plan *plan)
{
    return plan->n_settings * plan->n_seeds;
}

size_t ws_sweep_plan_get_n_jobs(const ws_sweep_plan *plan)
{
    size_t n = 0;
    for (size_t r = 0; r < plan->n_rungs; r++)
        n += plan->n_in_rung[r] * plan->n_seeds;
    return n;
}

const char *ws_sweep_plan_get_value(const ws_sweep_plan *plan, size_t setting, size_t param)
{
    return plan->values.items[setting * plan->n_params + param];
}

int64_t ws_sweep_plan_get_stop_step(const ws_sweep_plan *plan, size_t setting, size_t rung)
{
    int64_t step = plan->n_steps[setting];

    if (rung + 1 >= plan->n_rungs)
        return 0;
    for (size_t r = plan->n_rungs - 1; r > rung; r--)
        step /= (int64_t)plan->reduction;
    return step > 0 ? step : 1;
}
