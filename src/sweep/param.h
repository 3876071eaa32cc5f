/**
 * One thing that a sweep varies, as a user writes it: the name of a flag of `wordspot train`, "="
 * and the values.
 *
 *     batch_size=50,100                    these values
 *     learning_rate=0.01,0.001|0.1,0.01    the same where values hold commas: with a "|" anywhere,
 *                                          values stand between bars
 *     background_volume=0..0.5             a range, to draw from
 *     learning_rate=log:0.001..0.1         the same, drawn evenly over its logarithm
 *     learning_rate=log:0.001..0.1:5       five values, spaced evenly, the ends among them
 *
 * It is a range only if there are numbers on both sides of the two dots. Blanks at the ends, around
 * the first "=" and beside commas, bars and colons are ignored. A value may be empty if the flag's
 * default is: "noise_snr=|0..20" tries it without and with.
 */
#ifndef WS_SWEEP_PARAM_H
#define WS_SWEEP_PARAM_H

#include <stdbool.h>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "settings/flags.h"

/* The most values, and the room for a drawn one with its NUL. */
enum { WS_PARAM_MAX_VALUES = 1000, WS_PARAM_VALUE_SIZE = 32 };

typedef struct ws_sweep_param {
    char *name;          /* owned */
    char *text;          /* the part after the sign; owned */
    const ws_flag *flag; /* row of ws_train_flags; NULL before ws_sweep_param_read */
    ws_text_list values; /* of a list, and of a range with a number of values */
    bool is_range;       /* to draw from: values is empty */
    bool is_log;         /* the two of a range */
    bool is_whole;       /* only whole numbers are drawn */
    double min, max;     /* of a range, both included */
} ws_sweep_param;

/**
 * Splits a text into name and values, without looking at the values.
 *
 * @param param  overwritten; ws_sweep_param_deinit() it, after a failure too
 * @return WS_OK; WS_EUSAGE if there is no name or no sign; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_param_init(ws_sweep_param *param, const char *text, ws_error *err);
void ws_sweep_param_deinit(ws_sweep_param *param);

/**
 * Reads the values, in the form in which the flag keeps them (ws_flag_normalise).
 *
 * @param flag  the flag of that name, borrowed. If it takes whole numbers only, so does a range
 * @return WS_OK; WS_EUSAGE naming the parameter and what was expected; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_param_read(ws_sweep_param *param, const ws_flag *flag,
                                            ws_error *err);

/** Draws a value: a listed one, borrowed, or one of the range, written into room. */
const char *ws_sweep_param_draw(const ws_sweep_param *param, ws_random *random,
                                char room[WS_PARAM_VALUE_SIZE]);

/**
 * Appends the parameters of a file: one a line, without blank lines and those that begin with "#".
 *
 * @return WS_OK; what ws_file_read says; WS_EFORMAT naming the line; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_sweep_params_read(const char *path, ws_text_list *texts, ws_error *err);

#endif
