#include "optim/schedule.h"

#include <math.h>

#include "base/lookup.h"
#include "base/text.h"

static double stay(double done)
{
    (void)done;
    return 1.0;
}

/** Half a period of a cosine, from 1 to 0 (Loshchilov and Hutter, without restarts). */
static double fall_as_cosine(double done)
{
    const double pi = 3.14159265358979323846;
    return 0.5 * (1.0 + cos(pi * done));
}

static double fall_evenly(double done)
{
    return 1.0 - done;
}

static const ws_schedule_kind kinds[] = {
    {"steps", false, stay},
    {"cosine", true, fall_as_cosine},
    {"linear", true, fall_evenly},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const char *kind_name_at(size_t i)
{
    return kinds[i].name;
}

static ws_status find_kind(ws_schedule *schedule, const char *name, ws_error *err)
{
    size_t index = 0;
    const ws_status status = ws_lookup("--schedule", name, kind_name_at, N_KINDS, &index, err);

    schedule->kind = &kinds[index];
    return status;
}

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

static ws_status read_epochs(ws_schedule *schedule, const ws_text_list *parts, ws_error *err)
{
    double last_epoch = 0;
    for (size_t i = 0; i < parts->n_items; i++) {
        double n_epochs = 0;
        if (!ws_text_to_double(parts->items[i], &n_epochs) || !isfinite(n_epochs) ||
            n_epochs <= 0 || last_epoch + n_epochs > (double)INT32_MAX)
            return ws_fail(err, WS_EUSAGE,
                           "--epochs: \"%s\" is not a list of epochs, expected numbers above 0 and "
                           "up to %d in total, such as 60",
                           parts->items[i], INT32_MAX);
        last_epoch += n_epochs;
        schedule->last_epoch[i] = last_epoch;
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

/** The warm-up in steps, once the number of steps is known. */
static ws_status set_warmup(ws_schedule *schedule, ws_error *err)
{
    const int64_t last_step = ws_schedule_last_step(schedule);
    const double warmup = schedule->warmup;

    schedule->n_warmup_steps =
        warmup < 1.0 ? (int64_t)(warmup * (double)last_step) : (int64_t)warmup;
    if (schedule->n_warmup_steps == 0 || schedule->n_warmup_steps < last_step)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--warmup=%lld: the run has %lld steps; expected fewer steps than that, or a "
                   "share below 1",
                   (long long)schedule->n_warmup_steps, (long long)last_step);
}

static ws_status check_lists(const ws_schedule *schedule, const ws_schedule_options *options,
                             size_t n_lengths, size_t n_rates, ws_error *err)
{
    const bool has_epochs = options->epochs[0] != '\0';
    const char *lengths = has_epochs ? "--epochs" : "--how_many_training_steps";

    if (n_lengths != n_rates)
        return ws_fail(err, WS_EUSAGE,
                       "%s and --learning_rate must be equal length lists, but are %zu and %zu "
                       "long instead: %.200s and %.200s",
                       lengths, n_lengths, n_rates, has_epochs ? options->epochs : options->steps,
                       options->rates);
    if (n_lengths > WS_SCHEDULE_MAX_PHASES)
        return ws_fail(err, WS_EUSAGE, "%s: %zu phases, at most %d", lengths, n_lengths,
                       WS_SCHEDULE_MAX_PHASES);
    if (schedule->kind->has_one_rate && n_rates != 1)
        return ws_fail(err, WS_EUSAGE,
                       "--schedule=%s changes one rate over all steps, but --learning_rate and %s "
                       "have %zu items; expected one each",
                       schedule->kind->name, lengths, n_rates);
    return WS_OK;
}

static ws_status check_warmup(double warmup, ws_error *err)
{
    if (warmup < 1.0 || warmup == floor(warmup))
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--warmup=%g: expected a whole number of steps, or a share of all steps below 1",
                   warmup);
}

ws_status ws_schedule_init(ws_schedule *schedule, const ws_schedule_options *options, ws_error *err)
{
    const bool has_epochs = options->epochs[0] != '\0';
    ws_text_list lengths = {.items = NULL};
    ws_text_list rates = {.items = NULL};

    *schedule = (ws_schedule){.warmup = options->warmup};
    ws_status status = find_kind(schedule, options->kind, err);
    if (status != WS_OK)
        return status;
    status = ws_text_list_push_split(&lengths, has_epochs ? options->epochs : options->steps, ',');
    if (status == WS_OK)
        status = ws_text_list_push_split(&rates, options->rates, ',');
    if (status != WS_OK)
        (void)ws_fail_memory(err, "the training schedule");
    else
        status = check_lists(schedule, options, lengths.n_items, rates.n_items, err);
    if (status == WS_OK)
        status =
            has_epochs ? read_epochs(schedule, &lengths, err) : read_steps(schedule, &lengths, err);
    if (status == WS_OK)
        status = read_rates(schedule, &rates, err);
    if (status == WS_OK)
        status = check_warmup(options->warmup, err);
    if (status == WS_OK) {
        schedule->n_phases = rates.n_items;
        status = has_epochs ? WS_OK : set_warmup(schedule, err);
    }
    ws_text_list_deinit(&lengths);
    ws_text_list_deinit(&rates);
    return status;
}

bool ws_schedule_is_in_epochs(const ws_schedule *schedule)
{
    return ws_schedule_n_epochs(schedule) > 0;
}

double ws_schedule_n_epochs(const ws_schedule *schedule)
{
    return schedule->last_epoch[schedule->n_phases - 1];
}

ws_status ws_schedule_set_epoch(ws_schedule *schedule, size_t n_clips, size_t batch_size,
                                ws_error *err)
{
    if (!ws_schedule_is_in_epochs(schedule))
        return WS_OK;
    for (size_t i = 0; i < schedule->n_phases; i++) {
        const double n_steps = ceil(schedule->last_epoch[i] * (double)n_clips / (double)batch_size);
        if (n_steps > (double)INT32_MAX)
            return ws_fail(err, WS_EUSAGE,
                           "--epochs=%g: %.0f steps of %zu clips, expected at most %d",
                           schedule->last_epoch[i], n_steps, batch_size, INT32_MAX);
        schedule->last_step[i] = (int64_t)n_steps;
    }
    return set_warmup(schedule, err);
}

int64_t ws_schedule_last_step(const ws_schedule *schedule)
{
    return schedule->last_step[schedule->n_phases - 1];
}

double ws_schedule_rate(const ws_schedule *schedule, int64_t step)
{
    const int64_t n_warmup = schedule->n_warmup_steps;
    const int64_t n_others = ws_schedule_last_step(schedule) - n_warmup;
    size_t phase = 0;

    while (phase + 1 < schedule->n_phases && schedule->last_step[phase] < step)
        phase++;
    const double rate = schedule->rate[phase];
    if (step <= n_warmup)
        return rate * (double)step / (double)n_warmup;
    return rate * schedule->kind->share((double)(step - 1 - n_warmup) / (double)n_others);
}
