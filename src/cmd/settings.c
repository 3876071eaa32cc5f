#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_SETTINGS_BYTES = 1 << 20 };

bool ws_settings_have(const ws_flag *flag)
{
    return (flag->traits & (WS_FLAG_FIXED | WS_FLAG_KEPT)) != 0;
}

char *ws_settings_write(const ws_flag_table *table, const void *values)
{
    char value[WS_FLAG_MAX_TEXT];
    ws_buf text;

    ws_buf_init(&text, MAX_SETTINGS_BYTES);
    for (size_t i = 0; i < table->n_flags; i++) {
        const ws_flag *flag = &table->flags[i];
        if (!ws_settings_have(flag))
            continue;
        ws_flags_get_text(flag, values, value, sizeof value);
        ws_buf_push_format(&text, "%s=%s\n", flag->name, value);
    }
    char *taken = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    return taken;
}

/** The values of all settings one behind the other, each with its NUL. */
static void push_values(const ws_flag_table *table, const void *values, ws_buf *texts)
{
    char value[WS_FLAG_MAX_TEXT];
    for (size_t i = 0; i < table->n_flags; i++) {
        if (!ws_settings_have(&table->flags[i]))
            continue;
        ws_flags_get_text(&table->flags[i], values, value, sizeof value);
        ws_buf_push(texts, value, strlen(value) + 1);
    }
}

ws_report_setting *ws_settings_list(const ws_flag_table *table, const void *values, size_t *n)
{
    ws_buf texts;
    ws_buf_init(&texts, MAX_SETTINGS_BYTES);
    push_values(table, values, &texts);
    ws_report_setting *list =
        texts.status != WS_OK ? NULL : malloc(table->n_flags * sizeof *list + texts.size);
    *n = 0;
    if (list != NULL) {
        char *value = (char *)(list + table->n_flags);
        memcpy(value, texts.data, texts.size);
        for (size_t i = 0; i < table->n_flags; i++) {
            const ws_flag *flag = &table->flags[i];
            if (!ws_settings_have(flag))
                continue;
            list[(*n)++] = (ws_report_setting){
                .name = flag->name,
                .value = value,
                .kind = flag->type == WS_FLAG_TEXT   ? WS_SETTING_TEXT
                        : flag->type == WS_FLAG_BOOL ? WS_SETTING_BOOL
                                                     : WS_SETTING_NUMBER,
                .is_hparam = (flag->traits & WS_FLAG_HPARAM) != 0,
            };
            value += strlen(value) + 1;
        }
    }
    ws_buf_deinit(&texts);
    return list;
}

static ws_status read_setting(const ws_flag_table *table, size_t index, const char *value,
                              const char *checkpoint, bool given, void *values, ws_error *err)
{
    char current[WS_FLAG_MAX_TEXT];
    const ws_flag *flag = &table->flags[index];

    if (!given)
        return ws_flags_set(table, index, value, values, err);
    if (!(flag->traits & WS_FLAG_FIXED))
        return WS_OK;
    ws_flags_get_text(flag, values, current, sizeof current);
    if (strcmp(current, value) == 0)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--%s=%s contradicts the checkpoint %s, which was trained with --%s=%s: leave "
                   "the flag out, or start anew without --start_checkpoint",
                   flag->name, current, checkpoint, flag->name, value);
}

ws_status ws_settings_read(const ws_flag_table *table, char *text, const char *checkpoint,
                           const bool *given, void *values, ws_error *err)
{
    while (*text != '\0') {
        char *end = strchr(text, '\n');
        char *sign = strchr(text, '=');
        if (end == NULL || sign == NULL || sign > end)
            return ws_fail(err, WS_EFORMAT,
                           "%s: its settings are not understood at \"%.40s\", expected flag=value",
                           checkpoint, text);
        *end = '\0';
        *sign = '\0';
        size_t index = 0;
        while (index < table->n_flags && strcmp(table->flags[index].name, text) != 0)
            index++;
        if (index == table->n_flags)
            return ws_fail(err, WS_EFORMAT,
                           "%s: has a setting \"%s\", which this version does not know", checkpoint,
                           text);
        const ws_status status =
            read_setting(table, index, sign + 1, checkpoint, given[index], values, err);
        if (status != WS_OK)
            return status;
        text = end + 1;
    }
    return WS_OK;
}
