#include "cmd/train_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/path.h"
#include "cmd/json_line.h"
#include "settings/settings.h"

/** A best accuracy is a float in a checkpoint: what was resumed shows the same digits as what was
 *  not. */
static double round_share(double share)
{
    return round((double)(float)share * 1e6) / 1e6;
}

static void set_setting(ws_json *settings, const ws_flag *flag, const ws_train_options *options)
{
    const void *value = (const unsigned char *)options + flag->offset;

    switch (flag->type) {
    case WS_FLAG_TEXT:
    case WS_FLAG_PATH:
    case WS_FLAG_NUMBERS:
        ws_json_set_text(settings, flag->name, *(const char *const *)value);
        break;
    case WS_FLAG_WHOLE:
        ws_json_set_whole(settings, flag->name, *(const int64_t *)value);
        break;
    case WS_FLAG_REAL:
        ws_json_set_real(settings, flag->name, *(const double *)value);
        break;
    case WS_FLAG_BOOL:
        ws_json_set_bool(settings, flag->name, *(const bool *)value);
        break;
    case WS_FLAG_TEXTS: /* no setting is of these types */
    case WS_FLAG_PICK:
        break;
    }
}

/** Without the name of the run, which the line has already. */
static ws_json *make_settings(const ws_train_options *options)
{
    ws_json *settings = ws_json_create();

    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (ws_settings_have(flag) && strcmp(flag->name, "run_name") != 0)
            set_setting(settings, flag, options);
    }
    return settings;
}

/** accuracy and step are the names of the members, NULL for none. */
static void set_figures(ws_json *made, const ws_train_figures *figures, const char *accuracy,
                        const char *step, const char *cross_entropy)
{
    const bool is_known = figures->n_clips > 0;

    ws_json_set_real(made, accuracy, is_known ? round_share(figures->accuracy) : (double)NAN);
    if (step != NULL && is_known)
        ws_json_set_whole(made, step, figures->step);
    else if (step != NULL)
        ws_json_set_text(made, step, NULL);
    if (cross_entropy != NULL)
        ws_json_set_real(made, cross_entropy, is_known ? figures->cross_entropy : (double)NAN);
}

static void set_files(ws_json *made, const ws_train_line *line)
{
    char *event_dir = NULL;

    ws_json_set_text(made, "checkpoint", line->result->checkpoint);
    if (line->result->run_name != NULL)
        event_dir = ws_path_join(line->options->summaries_dir, line->result->run_name);
    ws_json_set_text(made, "event_dir", event_dir);
    free(event_dir);
}

static ws_json *make_line(const ws_train_line *line)
{
    const ws_train_result *result = line->result;
    const char *status = line->fault != NULL ? "failed" : result->stopped ? "stopped" : "success";
    ws_json *made = ws_json_create();

    ws_json_set_text(made, "run_name", result->run_name);
    ws_json_set_text(made, "status", status);
    ws_json_set_text(made, "error", line->fault);
    ws_json_set_whole(made, "exit_code", line->exit_code);
    ws_json_set_whole(made, "step", result->step);
    ws_json_set_bool(made, "is_plateau", result->is_plateau);
    set_figures(made, &result->best, "best_validation_accuracy", "best_validation_step", NULL);
    set_figures(made, &result->last, "last_validation_accuracy", "last_validation_step",
                "last_validation_cross_entropy");
    set_figures(made, &result->test, "test_accuracy", NULL, "test_cross_entropy");
    ws_json_set_real(made, "seconds", round(line->seconds * 1e3) / 1e3);
    ws_json_set_whole(made, "seed", line->options->seed);
    set_files(made, line);
    ws_json_set_child(made, "settings", make_settings(line->options));
    return made;
}

ws_status ws_train_json_write(const char *path, const ws_train_line *line, ws_error *err)
{
    return ws_json_line_write(path, make_line(line), err);
}
