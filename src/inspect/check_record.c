/* What is wrong with a record as a whole. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/check_graph.h"
#include "inspect/check_record.h"
#include "inspect/check_value.h"
#include "inspect/message.h"

static const char version_text[] = "brain.Event:2";

static void check_version(ws_event_check *check)
{
    const tbe_record *record = check->record;
    const bool is_version = record->kind == TBE_RECORD_VERSION;

    if (check->n_good == 0 && (!is_version || strcmp(record->text, version_text) != 0)) {
        ws_check_found_plain(check, WS_RULE_NO_VERSION);
        check->checked.is_left_out = is_version; /* of another format: the new one replaces it */
    } else if (check->n_good > 0 && is_version) {
        ws_check_found_plain(check, WS_RULE_VERSION_AGAIN);
    }
}

/** Whether the file before was still written to when this one was begun. */
static void check_order(ws_event_check *check, double time)
{
    if (check->older_path == NULL || !(time < check->older_time) || !isfinite(check->older_time))
        return;
    const char *path = check->path;
    check->path = check->older_path;
    check->is_of_file = true;
    ws_check_found(check, WS_RULE_FILES_OVERLAP, "by %.6g s", check->older_time - time);
    check->is_of_file = false;
    check->path = path;
}

static void check_time(ws_event_check *check)
{
    const double time = check->record->wall_time;

    if (isnan(time)) {
        ws_check_found_plain(check, WS_RULE_NAN_TIME);
        return;
    }
    if (isinf(time)) {
        ws_check_found_plain(check, WS_RULE_INFINITE_TIME);
        return;
    }
    if (!check->has_time)
        check_order(check, time);
    else if (time < check->last_time)
        ws_check_found(check, WS_RULE_TIME_BACK, "by %.6g s", check->last_time - time);
    check->has_time = true;
    check->last_time = time;
}

/** What the decoder does not tell. */
static void check_bytes(ws_event_check *check)
{
    ws_message_facts facts = {.has_nul = false};

    ws_message_look(&tbproto__event__descriptor, check->record->payload.data,
                    check->record->payload.size, &facts);
    if (facts.has_bad_text) /* where the reader does not look: a writer's name, a type */
        ws_check_found_plain(check, WS_RULE_NOT_UTF8);
    if (facts.has_nul)
        ws_check_found(check, WS_RULE_CONTROL_IN_TAG, "a NUL, in some text of the record");
    if (facts.has_unknown_field)
        ws_check_found_plain(check, WS_RULE_UNKNOWN_FIELD);
}

/** The first START of a run means nothing to Python's loader, the others take back. */
static ws_status check_start(ws_event_check *check, ws_error *err)
{
    const bool is_first = !check->has_start;

    if (check->n_good != 1)
        ws_check_found(check, WS_RULE_LATE_START, "at step %lld", (long long)check->record->step);
    check->has_start = check->file_has_start = true;
    check->n_ordinals++;
    return is_first ? WS_OK
                    : ws_cuts_push(&check->starts, check->n_ordinals, check->record->step, err);
}

static bool make_room(ws_event_check *check, size_t n_values)
{
    if (n_values > check->n_values) {
        ws_checked_value *larger = realloc(check->values, n_values * sizeof *larger);
        if (larger == NULL)
            return false;
        check->values = larger;
        check->n_values = n_values;
    }
    for (size_t i = 0; i < n_values; i++)
        check->values[i] = (ws_checked_value){.remedies = 0};
    return true;
}

static ws_status check_values(ws_event_check *check, const Tbproto__Summary *summary, ws_error *err)
{
    ws_status status = WS_OK;

    if (!make_room(check, summary->n_value))
        return ws_fail_memory(err, check->path);
    check->checked.values = check->values;
    check->checked.n_values = summary->n_value;
    check->checked.first_ordinal = check->n_ordinals + 1;
    if (summary->n_value == 0)
        ws_check_found_plain(check, WS_RULE_NO_VALUES);
    for (size_t i = 0; status == WS_OK && i < summary->n_value; i++) {
        check->value = i;
        check->tag = summary->value[i]->tag;
        check->n_ordinals++;
        status = ws_check_value(check, summary->value[i], err);
    }
    check->tag = NULL;
    return status;
}

static ws_status check_content(ws_event_check *check, const Tbproto__Event *event, ws_error *err)
{
    switch (event->what_case) {
    case TBPROTO__EVENT__WHAT_FILE_VERSION:
        return WS_OK;
    case TBPROTO__EVENT__WHAT_SUMMARY:
        return check_values(check, event->summary, err);
    case TBPROTO__EVENT__WHAT_SESSION_LOG:
        return check->record->kind == TBE_RECORD_START ? check_start(check, err) : WS_OK;
    case TBPROTO__EVENT__WHAT_GRAPH_DEF:
        return ws_check_graph(check, event->graph_def, err);
    case TBPROTO__EVENT__WHAT_META_GRAPH_DEF:
        ws_check_meta_graph(check, event->meta_graph_def);
        return WS_OK;
    case TBPROTO__EVENT__WHAT_TAGGED_RUN_METADATA:
        ws_check_run_times(check, event->tagged_run_metadata->run_metadata);
        return WS_OK;
    default:
        ws_check_found_plain(check, WS_RULE_OTHER_EVENT);
        return WS_OK;
    }
}

ws_status ws_check_record(ws_event_check *check, const tbe_record *record, ws_error *err)
{
    /* the reader has taken it apart within its own limit of memory, so this needs no other */
    Tbproto__Event *event =
        tbproto__event__unpack(NULL, record->payload.size, record->payload.data);
    if (event == NULL)
        return ws_fail_memory(err, check->path);
    check->checked.event = event;
    check_version(check);
    check_time(check);
    check_bytes(check);
    ws_status status = check_content(check, event, err);
    check->n_good++;
    if (status == WS_OK && check->hooks.take != NULL)
        status = check->hooks.take(check->hooks.user, &check->checked, err);
    tbproto__event__free_unpacked(event, NULL);
    return status;
}
