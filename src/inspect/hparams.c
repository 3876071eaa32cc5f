#include "inspect/hparams.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "inspect/message.h"
#include "inspect/read.h"

/** The place of a kind of message in a run; NULL: it is of no kind that counts. */
static Tbproto__HParamsPluginData **place_of(ws_event_hparams_run *into,
                                             const Tbproto__HParamsPluginData *message)
{
    switch (message->data_case) {
    case TBPROTO__HPARAMS_PLUGIN_DATA__DATA_EXPERIMENT:
        return &into->experiment;
    case TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_START_INFO:
        return &into->start;
    case TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_END_INFO:
        return &into->end;
    default:
        return NULL;
    }
}

static ws_status take_record(void *user, const tbe_record *record, ws_error *err)
{
    ws_event_hparams_run *into = user;

    (void)err;
    for (size_t i = 0; i < record->n_values; i++) {
        const tbe_value *value = &record->values[i];
        into->has_layout |= value->kind == TBE_VALUE_LAYOUT;
        if (value->kind != TBE_VALUE_HPARAMS)
            continue;
        bool too_large = false;
        Tbproto__HParamsPluginData *message = (void *)ws_message_decode(
            &tbproto__hparams_plugin_data__descriptor,
            (ProtobufCBinaryData){value->content.size, (uint8_t *)(uintptr_t)value->content.data},
            &too_large);
        if (message == NULL) /* a check of the run tells of it */
            continue;
        Tbproto__HParamsPluginData **place = place_of(into, message);
        if (place != NULL && *place == NULL)
            *place = message;
        else
            tbproto__hparams_plugin_data__free_unpacked(message, NULL);
    }
    return WS_OK;
}

static ws_status read_run(ws_event_hparams_run *into, const ws_event_run *run, const ws_log *log,
                          ws_error *err)
{
    bool is_damaged = false;

    into->run = run;
    ws_status status = ws_event_series_read(&into->series, run, WS_LOADER_RUST, log, err);
    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++)
        status = ws_event_file_read(run->files.items[i], take_record, into, &is_damaged, err);
    return status;
}

ws_status ws_event_hparams_read(ws_event_hparams *all, const ws_event_runs *runs, const ws_log *log,
                                ws_error *err)
{
    ws_status status = WS_OK;

    *all = (ws_event_hparams){.items = calloc(runs->n_items + 1, sizeof *all->items)};
    if (all->items == NULL)
        return ws_fail_memory(err, "runs");
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++)
        status = read_run(&all->items[all->n_items++], &runs->items[i], log, err);
    return status;
}

void ws_event_hparams_deinit(ws_event_hparams *all)
{
    for (size_t i = 0; i < all->n_items; i++) {
        ws_event_hparams_run *run = &all->items[i];
        ws_event_series_deinit(&run->series);
        tbproto__hparams_plugin_data__free_unpacked(run->experiment, NULL);
        tbproto__hparams_plugin_data__free_unpacked(run->start, NULL);
        tbproto__hparams_plugin_data__free_unpacked(run->end, NULL);
    }
    free(all->items);
    *all = (ws_event_hparams){.items = NULL};
}

/** Whether a run's name is that of the session, or of the group below it. */
static bool is_run_of(const char *name, const char *session, const char *group)
{
    const size_t n = strlen(session);

    if (group[0] == '\0')
        return strcmp(name, session) == 0;
    if (strcmp(session, ".") == 0)
        return strcmp(name, group) == 0;
    return strncmp(name, session, n) == 0 && name[n] == '/' && strcmp(name + n + 1, group) == 0;
}

const ws_event_tag *ws_event_hparams_find(const ws_event_hparams *all, const char *session,
                                          const char *group, const char *tag)
{
    for (size_t i = 0; i < all->n_items; i++) {
        const ws_event_series *series = &all->items[i].series;
        if (!is_run_of(all->items[i].run->name, session, group))
            continue;
        const size_t number = ws_names_find(&series->names, tag);
        if (number < series->names.n_items && series->tags[number].kind == TBE_VALUE_SCALAR &&
            series->tags[number].n_values > 0)
            return &series->tags[number];
    }
    return NULL;
}
