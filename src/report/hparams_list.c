#include "report/hparams_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "report/view.h"

enum {
    MAX_TEXT_BYTES = 1 << 20,
    DIGEST_MASK = 0xffffff,
    MAX_ITEMS_OF_SETTING = 2,
    LONG_VALUE = 24
};

static const char steps_name[] = "how_many_training_steps";
static const char epochs_name[] = "epochs";
static const char rates_name[] = "learning_rate";
static const char changed_name[] = "changed";  /* sorts between the columns below */
static const char other_prefix[] = "setting/"; /* sorts after them */

/** What identifies a run. The first ones, as the names sort, are columns before anybody ticks one;
 *  the others are listed in `changed` if they are not as usual. */
static const char *const columns[] = {"batch_size", steps_name, rates_name, "model_architecture"};
static const char *const further_columns[] = {"optimizer", "preprocess", "preset"};

static bool is_among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_column(const char *name)
{
    return is_among(name, columns, sizeof columns / sizeof *columns);
}

static bool is_phase_list(const ws_setting *setting)
{
    return strcmp(setting->name, steps_name) == 0 || strcmp(setting->name, rates_name) == 0;
}

/** Keeps a text that is made here until the list's end. @return it, "" after a failure */
static const char *keep(ws_hparams_list *list, const char *text, ws_buf *digest)
{
    if (text == NULL || ws_text_list_push(&list->texts, text) != WS_OK) {
        digest->status = WS_ENOMEM;
        return "";
    }
    return list->texts.items[list->texts.n_items - 1];
}

static const char *name_of_other(ws_hparams_list *list, const char *name, ws_buf *digest)
{
    char *text = ws_text_format("%s%s", other_prefix, name);
    const char *kept = keep(list, text, digest);
    free(text);
    return kept;
}

static void push_item(ws_hparams_list *list, const char *flag, tbe_hparam item)
{
    list->items[list->n] = item;
    list->flags[list->n++] = flag;
}

static void push_number(ws_hparams_list *list, const char *flag, const char *name, double number)
{
    push_item(list, flag, (tbe_hparam){.name = name, .kind = TBE_HPARAM_NUMBER, .number = number});
}

/** The numbers of a comma list, as the run's schedule has understood it before; 0 for "". */
typedef struct phase_numbers {
    double first, last, sum;
} phase_numbers;

/** @param digest  gets all of them, in one form whatever was typed; NULL: it does not */
static ws_status read_phases(const ws_setting *setting, phase_numbers *numbers, ws_buf *digest)
{
    ws_text_list parts = {.items = NULL};
    const ws_status status = ws_text_list_push_split(&parts, setting->value, ',');

    *numbers = (phase_numbers){.first = 0};
    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++) {
        if (!ws_text_to_double(parts.items[i], &numbers->last))
            numbers->last = 0;
        numbers->first = i == 0 ? numbers->last : numbers->first;
        numbers->sum += numbers->last;
        if (digest != NULL)
            ws_buf_push_format(digest, "%s of phase %zu=%.17g\n", setting->name, i, numbers->last);
    }
    ws_text_list_deinit(&parts);
    return status;
}

/** @param epochs  of the phases, which replace the steps; all 0: they do not */
static ws_status push_phases(ws_hparams_list *list, const ws_setting *setting,
                             const phase_numbers *epochs, int64_t n_steps, ws_buf *digest)
{
    phase_numbers numbers;
    const ws_status status = read_phases(setting, &numbers, digest);

    if (status != WS_OK)
        return status;
    if (strcmp(setting->name, rates_name) == 0) {
        push_number(list, setting->name, rates_name, numbers.first);
        push_number(list, setting->name, name_of_other(list, "learning_rate_last", digest),
                    numbers.last);
        return WS_OK;
    }
    if (epochs->sum > 0) {
        numbers.sum = (double)n_steps;
        numbers.first = numbers.sum * epochs->first / epochs->sum;
    }
    push_number(list, setting->name, steps_name, numbers.sum);
    push_number(list, setting->name, name_of_other(list, "how_many_training_steps_first", digest),
                numbers.first);
    return WS_OK;
}

static void push_setting(ws_hparams_list *list, const ws_setting *setting, ws_buf *digest)
{
    const size_t n_further = sizeof further_columns / sizeof *further_columns;
    const char *name =
        is_column(setting->name) || is_among(setting->name, further_columns, n_further)
            ? setting->name
            : name_of_other(list, setting->name, digest);
    double number = 0;

    if (setting->kind == WS_SETTING_NUMBER) {
        (void)ws_text_to_double(setting->value, &number); /* a flag has been set to it before */
        push_number(list, setting->name, name, number);
    } else {
        const bool is_bool = setting->kind == WS_SETTING_BOOL;
        push_item(list, setting->name,
                  (tbe_hparam){
                      .name = name,
                      .kind = is_bool ? TBE_HPARAM_BOOL : TBE_HPARAM_TEXT,
                      .number = is_bool && strcmp(setting->value, "true") == 0,
                      .text = setting->value,
                  });
    }
    if (setting->is_read) /* what is not read makes no other group */
        ws_buf_push_format(digest, "%s=%s\n", setting->name, setting->value);
}

/** What is not as usual, as on a command line without dashes. Settings of data are the first ones
 *  and come last, since they are long and often equal, and a cell of the page shows the beginning.
 */
static void push_changed(ws_hparams_list *list, const ws_setting *settings, size_t n_settings,
                         ws_buf *digest)
{
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    for (size_t i = n_settings; i-- > 0;)
        if (settings[i].is_hparam && !is_column(settings[i].name) &&
            strcmp(settings[i].value, settings[i].usual) != 0)
            ws_buf_push_format(&text, "%s%s=%s", text.size > 0 ? " " : "", settings[i].name,
                               settings[i].value);
    if (text.size == 0)
        ws_buf_push_string(&text, "none");
    char *taken = ws_buf_take_string(&text);
    push_item(list, NULL,
              (tbe_hparam){.name = changed_name,
                           .kind = TBE_HPARAM_TEXT,
                           .text = keep(list, taken, digest)});
    free(taken);
    ws_buf_deinit(&text);
}

static ws_status push_all(ws_hparams_list *list, const ws_setting *settings, size_t n_settings,
                          int64_t n_steps, ws_buf *digest)
{
    phase_numbers epochs = {.sum = 0};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < n_settings; i++)
        if (strcmp(settings[i].name, epochs_name) == 0)
            status = read_phases(&settings[i], &epochs, NULL);
    for (size_t i = 0; status == WS_OK && i < n_settings; i++)
        if (settings[i].is_hparam && is_phase_list(&settings[i]))
            status = push_phases(list, &settings[i], &epochs, n_steps, digest);
        else if (settings[i].is_hparam)
            push_setting(list, &settings[i], digest);
    if (status == WS_OK)
        push_changed(list, settings, n_settings, digest);
    return status;
}

ws_status ws_hparams_list_init(ws_hparams_list *list, const ws_setting *settings, size_t n_settings,
                               const ws_run_extent *extent, ws_error *err)
{
    const size_t n_items = (n_settings + 1) * MAX_ITEMS_OF_SETTING;
    const size_t *n_clips = extent->n_clips;
    ws_status status = WS_ENOMEM;
    ws_buf digest;

    *list = (ws_hparams_list){.n = 0};
    ws_buf_init(&digest, MAX_TEXT_BYTES);
    list->items = malloc(n_items * sizeof *list->items);
    list->flags = malloc(n_items * sizeof *list->flags);
    if (list->items != NULL && list->flags != NULL)
        status = push_all(list, settings, n_settings, extent->n_steps, &digest);
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
    free(list->flags);
    ws_text_list_deinit(&list->texts);
    free(list->group_name);
    *list = (ws_hparams_list){.n = 0};
}
