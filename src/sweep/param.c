#include "sweep/param.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

enum { MAX_FILE_BYTES = 1 << 20 };

static const char log_mark[] = "log:";

ws_status ws_sweep_param_init(ws_sweep_param *param, const char *text, ws_error *err)
{
    const char *sign = strchr(text, '=');

    *param = (ws_sweep_param){.name = NULL};
    if (sign == NULL || sign == text)
        return ws_fail(err, WS_EUSAGE,
                       "--param %s: expected the name of a flag and its values, as in "
                       "learning_rate=0.001,0.01",
                       text);
    param->name = ws_text_format("%.*s", (int)(sign - text), text);
    param->text = ws_text_copy(sign + 1);
    if (param->name == NULL || param->text == NULL)
        return ws_fail_memory(err, "a parameter");
    ws_text_drop_blanks(param->name, "");
    ws_text_drop_blanks(param->text, ",|:");
    return WS_OK;
}

void ws_sweep_param_deinit(ws_sweep_param *param)
{
    free(param->name);
    free(param->text);
    ws_text_list_deinit(&param->values);
    *param = (ws_sweep_param){.name = NULL};
}

static ws_status fail(const ws_sweep_param *param, const char *why, ws_error *err)
{
    return ws_fail(err, WS_EUSAGE, "--param %s=%s: %s", param->name, param->text, why);
}

/** The first n characters of text as a number. */
static bool read_number(const char *text, size_t n, double *value)
{
    char copy[64];

    if (n == 0 || n >= sizeof copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    ws_text_drop_blanks(copy, "");
    return ws_text_to_double(copy, value) && isfinite(*value);
}

/** What a range says; its two ends as they were written. */
typedef struct range_text {
    const char *low, *high;
    size_t n_low, n_high;
    const char *count; /* after the colon; NULL: there is no colon */
} range_text;

/** Whether text, without "log:", is a range; then its ends are in param. */
static bool find_range(ws_sweep_param *param, const char *text, range_text *range)
{
    const char *dots = strstr(text, "..");

    if (dots == NULL)
        return false;
    *range = (range_text){.low = text, .n_low = (size_t)(dots - text), .high = dots + 2};
    range->n_high = strcspn(range->high, ":");
    range->count = range->high[range->n_high] == ':' ? range->high + range->n_high + 1 : NULL;
    return read_number(range->low, range->n_low, &param->min) &&
           read_number(range->high, range->n_high, &param->max);
}

static bool is_integer(double value)
{
    return fabs(value) < 9e15 && !(floor(value) < value);
}

static ws_status check_range(const ws_sweep_param *param, ws_error *err)
{
    if (!(param->min < param->max))
        return fail(param, "the first end of a range must be below the second", err);
    if (param->is_log && !(param->min > 0))
        return fail(param, "the ends of a log range must be above 0", err);
    if (param->is_whole && (!is_integer(param->min) || !is_integer(param->max)))
        return fail(param, "the flag takes whole numbers, so both ends of its range must be whole",
                    err);
    return WS_OK;
}

/** The value at a share of the way from min to max. */
static double value_at(const ws_sweep_param *param, double share)
{
    double value = param->is_log
                       ? exp(log(param->min) + share * (log(param->max) - log(param->min)))
                       : param->min + share * (param->max - param->min);
    if (param->is_whole)
        value = round(value);
    return fmin(fmax(value, param->min), param->max);
}

/** Six digits are enough to tell settings apart, unless rounding leads out of the range. */
static void write_value(const ws_sweep_param *param, double value, char *text)
{
    double back = 0;

    (void)snprintf(text, WS_PARAM_VALUE_SIZE, param->is_whole ? "%.0f" : "%.6g", value);
    if (ws_text_to_double(text, &back) && (back < param->min || back > param->max))
        (void)snprintf(text, WS_PARAM_VALUE_SIZE, "%.17g", value);
}

static ws_status push_points(ws_sweep_param *param, const range_text *range, ws_error *err)
{
    char value[WS_PARAM_VALUE_SIZE];
    int64_t n = 0;

    if (!ws_text_to_int64(range->count, &n) || n < 2 || n > WS_PARAM_MAX_VALUES)
        return fail(param, "expected a number of values from 2 to 1000 after the colon", err);
    for (int64_t i = 0; i < n; i++) {
        write_value(param, value_at(param, (double)i / (double)(n - 1)), value);
        if (ws_text_list_has(&param->values, value))
            continue; /* whole numbers that fell together */
        if (ws_text_list_push(&param->values, value) != WS_OK)
            return ws_fail_memory(err, "the values of a parameter");
    }
    return WS_OK;
}

/** Whether a value is in the list, perhaps as another spelling of the same number: their runs would
 *  be the same. */
static bool has_value(const ws_text_list *values, const char *value)
{
    double number = 0, other = 0;
    const bool is_number = read_number(value, strlen(value), &number);

    for (size_t i = 0; is_number && i < values->n_items; i++)
        if (read_number(values->items[i], strlen(values->items[i]), &other) && !(other < number) &&
            !(other > number))
            return true;
    return ws_text_list_has(values, value);
}

static ws_status push_value(ws_sweep_param *param, const char *text, ws_error *err)
{
    ws_text_list made = {.items = NULL};
    ws_status status = ws_flag_normalise(param->flag, &text, &made, err);

    if (status == WS_OK && text[0] == '\0' && param->flag->initial[0] != '\0')
        status = fail(param, "a value is empty", err);
    else if (status == WS_OK && has_value(&param->values, text))
        status = fail(param, "a value is given twice", err);
    else if (status == WS_OK && ws_text_list_push(&param->values, text) != WS_OK)
        status = ws_fail_memory(err, "the values of a parameter");
    ws_text_list_deinit(&made);
    return status;
}

static ws_status push_list(ws_sweep_param *param, ws_error *err)
{
    const char separator = strchr(param->text, '|') != NULL ? '|' : ',';
    ws_text_list parts = {.items = NULL};
    ws_status status = ws_text_list_push_split(&parts, param->text, separator);

    if (status != WS_OK)
        (void)ws_fail_memory(err, "the values of a parameter");
    if (status == WS_OK && parts.n_items > WS_PARAM_MAX_VALUES)
        status = fail(param, "more than 1000 values", err);
    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++)
        status = push_value(param, parts.items[i], err);
    ws_text_list_deinit(&parts);
    return status;
}

/** The steps are a text because they may be a list, one number for each phase. */
static bool takes_whole_numbers(const ws_flag *flag)
{
    return flag->type == WS_FLAG_WHOLE || strcmp(flag->name, "how_many_training_steps") == 0;
}

ws_status ws_sweep_param_read(ws_sweep_param *param, const ws_flag *flag, ws_error *err)
{
    const char *text = param->text;
    range_text range;

    param->flag = flag;
    param->is_whole = takes_whole_numbers(flag);
    param->is_log = strncmp(text, log_mark, strlen(log_mark)) == 0;
    if (!find_range(param, text + (param->is_log ? strlen(log_mark) : 0), &range)) {
        if (param->is_log)
            return fail(param, "expected a range after log:, as in log:0.001..0.1", err);
        return push_list(param, err);
    }
    const ws_status status = check_range(param, err);
    if (status != WS_OK)
        return status;
    param->is_range = range.count == NULL;
    return param->is_range ? WS_OK : push_points(param, &range, err);
}

const char *ws_sweep_param_draw(const ws_sweep_param *param, ws_random *random,
                                char room[WS_PARAM_VALUE_SIZE])
{
    if (!param->is_range)
        return param->values.items[ws_random_below(random, (uint32_t)param->values.n_items)];
    if (param->is_whole && !param->is_log) { /* the ends as often as any other number */
        const double n = param->max - param->min + 1;
        const double value = param->min + floor(ws_random_uniform(random) * n);
        write_value(param, fmin(value, param->max), room);
    } else {
        write_value(param, value_at(param, ws_random_uniform(random)), room);
    }
    return room;
}

ws_status ws_sweep_params_read(const char *path, ws_text_list *texts, ws_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    ws_text_list lines = {.items = NULL};
    ws_status status = ws_file_read(path, MAX_FILE_BYTES, &data, &size, err);

    if (status != WS_OK)
        return status;
    if (strlen((const char *)data) != size)
        status = ws_fail(err, WS_EFORMAT, "%s: has a NUL byte, expected lines of text", path);
    const char *text = (const char *)data + ws_utf8_mark_bytes((const char *)data);
    if (status == WS_OK && ws_text_list_push_split(&lines, text, '\n') != WS_OK)
        status = ws_fail_memory(err, path);
    for (size_t i = 0; status == WS_OK && i < lines.n_items; i++) {
        char *line = lines.items[i];
        ws_text_drop_blanks(line, "");
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (strncmp(line, "--param", strlen("--param")) == 0)
            status =
                ws_fail(err, WS_EFORMAT, "%s: line %zu: expected only NAME=VALUES, without --param",
                        path, i + 1);
        else if (ws_text_list_push(texts, line) != WS_OK)
            status = ws_fail_memory(err, path);
    }
    ws_text_list_deinit(&lines);
    free(data);
    return status;
}
