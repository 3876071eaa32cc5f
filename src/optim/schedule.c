#include "optim/schedule.h"

#include <math.h>

#include "base/text.h"

static ws_status read_steps(ws_schedule *schedule, const ws_text_list *parts, ws_error *err)
{
    int64_t last_step = 0;
    for (size_t i = 0; i < parts->n_items; i++) {
        int64_t n_steps = 0;
        if (!ws_text_to_int64(parts->items[i], &n_steps) || n_steps < 0 ||
            n_steps > INT32_MAX - last_step)
            return ws_fail(err, WS_EUSAGE,
                           "--how_many_training_steps: \"%s\" is not a list of steps, expected "
                           "whole numbers from 0 to %d in total, such as 15000,3000",
                           parts->items[i], INT32_MAX);
        last_step += n_steps;
        schedule->last_step[i] = last_step;
    }
    return WS_OK;
}

static ws_status read_rates(ws_schedule *schedule, const ws_text_list *parts, ws_error *err)
{
    for (size_t i = 0; i < parts->n_items; i++) {
        double rate = 0;
        if (!ws_text_to_double(parts->items[i], &rate) || !isfinite(rate) || rate <= 0)
            return ws_fail(
                err, WS_EUSAGE,
                "--learning_rate: \"%s\" is not a learning rate, expected numbers above 0, such as "
                "0.001,0.0001",
                parts->items[i]);
        schedule->rate[i] = rate;
    }
    return WS_OK;
}

ws_status ws_schedule_init(ws_schedule *schedule, const char *steps, const char *rates,
                           ws_error *err)
{
    ws_text_list step_parts = {.items = NULL};
    ws_text_list rate_parts = {.items = NULL};
    ws_status status = ws_text_list_push_split(&step_parts, steps, ',');

    *schedule = (ws_schedule){.n_phases = 0};
    if (status == WS_OK)
        status = ws_text_list_push_split(&rate_parts, rates, ',');
    if (status != WS_OK)
        (void)ws_fail_memory(err, "the training schedule");
    else if (step_parts.n_items != rate_parts.n_items)
        status = ws_fail(err, WS_EUSAGE,
                         "--how_many_training_steps and --learning_rate must be equal length "
                         "lists, but are %zu and %zu long instead",
                         step_parts.n_items, rate_parts.n_items);
    else if (step_parts.n_items > WS_SCHEDULE_MAX_PHASES)
        status = ws_fail(err, WS_EUSAGE, "--how_many_training_steps: %zu phases, at most %d",
                         step_parts.n_items, WS_SCHEDULE_MAX_PHASES);
    if (status == WS_OK)
        status = read_steps(schedule, &step_parts, err);
    if (status == WS_OK)
        status = read_rates(schedule, &rate_parts, err);
    if (status == WS_OK)
        schedule->n_phases = step_parts.n_items;
    ws_text_list_deinit(&step_parts);
    ws_text_list_deinit(&rate_parts);
    return status;
}

int64_t ws_schedule_last_step(const ws_schedule *schedule)
{
    return schedule->last_step[schedule->n_phases - 1];
}

double ws_schedule_rate(const ws_schedule *schedule, int64_t step)
{
    size_t phase = 0;
    while (phase + 1 < schedule->n_phases && schedule->last_step[phase] < step)
        phase++;
    return schedule->rate[phase];
}
