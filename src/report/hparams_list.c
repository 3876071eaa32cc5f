#include "report/hparams_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "report/view.h"

enum { MAX_TEXT_BYTES = 1 << 20, DIGEST_MASK = 0xffffff, MAX_ITEMS_OF_SETTING = 2 };

static const char steps_name[] = "how_many_training_steps";
static const char rates_name[] = "learning_rate";

static bool is_phase_list(const ws_setting *setting)
{
    return strcmp(setting->name, steps_name) == 0 || strcmp(setting->name, rates_name) == 0;
}

static void push_number(ws_hparams_list *list, const char *name, double number)
{
    list->items[list->n++] =
        (tbe_hparam){.name = name, .kind = TBE_HPARAM_NUMBER, .number = number};
}

/** A comma list of numbers, as the run's schedule has understood it before. @param digest  gets
 *  all of them, in one form whatever was typed */
static ws_status push_phases(ws_hparams_list *list, const ws_setting *setting, ws_buf *digest)
{
    ws_text_list parts = {.items = NULL};
    double first = 0, last = 0, sum = 0;

    if (ws_text_list_push_split(&parts, setting->value, ',') != WS_OK) {
        ws_text_list_deinit(&parts);
        return WS_ENOMEM;
    }
    for (size_t i = 0; i < parts.n_items; i++) {
        (void)ws_text_to_double(parts.items[i], &last);
        first = i == 0 ? last : first;
        sum += last;
        ws_buf_push_format(digest, "%s of phase %zu=%.17g\n", setting->name, i, last);
    }
    ws_text_list_deinit(&parts);
    if (strcmp(setting->name, steps_name) == 0) {
        push_number(list, steps_name, sum);
        push_number(list, "how_many_training_steps_first", first);
    } else {
        push_number(list, rates_name, first);
        push_number(list, "learning_rate_last", last);
    }
    return WS_OK;
}

static ws_status push_setting(ws_hparams_list *list, const ws_setting *setting, ws_buf *digest)
{
    double number = 0;

    if (is_phase_list(setting))
        return push_phases(list, setting, digest);
    if (setting->kind == WS_SETTING_NUMBER) {
        (void)ws_text_to_double(setting->value, &number); /* a flag has been set to it before */
        push_number(list, setting->name, number);
    } else {
        const bool is_bool = setting->kind == WS_SETTING_BOOL;
        list->items[list->n++] = (tbe_hparam){
            .name = setting->name,
            .kind = is_bool ? TBE_HPARAM_BOOL : TBE_HPARAM_TEXT,
            .number = is_bool && strcmp(setting->value, "true") == 0,
            .text = setting->value,
        };
    }
    ws_buf_push_format(digest, "%s=%s\n", setting->name, setting->value);
    return WS_OK;
}

ws_status ws_hparams_list_init(ws_hparams_list *list, const ws_setting *settings, size_t n_settings,
                               const size_t *n_clips, ws_error *err)
{
    ws_status status = WS_OK;
    ws_buf digest;

    *list = (ws_hparams_list){.n = 0};
    ws_buf_init(&digest, MAX_TEXT_BYTES);
    list->items = malloc((n_settings + 1) * MAX_ITEMS_OF_SETTING * sizeof *list->items);
    if (list->items == NULL)
        status = WS_ENOMEM;
    for (size_t i = 0; status == WS_OK && i < n_settings; i++)
        if (settings[i].is_hparam)
            status = push_setting(list, &settings[i], &digest);
    /* other data are more than another seed */
    for (ws_report_place set = WS_REPORT_TRAIN; n_clips != NULL && set <= WS_REPORT_TEST; set++)
        ws_buf_push_format(&digest, "%zu clips\n", n_clips[set]);
    if (status == WS_OK && digest.status == WS_OK)
        list->group_name = ws_text_format(
            "%s-%06x", ws_report_setting_find(settings, n_settings, "model_architecture"),
            (unsigned)(ws_crc32c(0, digest.data, digest.size) & DIGEST_MASK));
    ws_buf_deinit(&digest);
    return list->group_name != NULL ? WS_OK : ws_fail_memory(err, "hyperparameters");
}

void ws_hparams_list_deinit(ws_hparams_list *list)
{
    free(list->items);
    free(list->group_name);
    *list = (ws_hparams_list){.n = 0};
}
