/* What is known of a run while it is checked, and how findings are reported. */
#include "inspect/check_context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_DETAIL = 256 };

ws_event_check *ws_event_check_create(const ws_event_check_hooks *hooks,
                                      const ws_event_check *known)
{
    ws_event_check *check = calloc(1, sizeof *check);

    if (check == NULL)
        return NULL;
    check->hooks = *hooks;
    check->known = known;
    return check;
}

static void deinit_tag(ws_checked_tag *tag)
{
    ws_cuts_deinit(&tag->older);
    if (tag->late != NULL)
        tbproto__summary_metadata__free_unpacked(tag->late, NULL);
}

void ws_event_check_destroy(ws_event_check *check)
{
    if (check == NULL)
        return;
    for (size_t i = 0; i < check->names.n_items; i++)
        deinit_tag(&check->tags[i]);
    free(check->tags);
    ws_names_deinit(&check->names);
    ws_cuts_deinit(&check->starts);
    free(check->values);
    free(check);
}

static void note_of_value(ws_event_check *check, const ws_event_rule *rule, ws_event_rule_id id)
{
    ws_checked_value *value = &check->values[check->value];

    if (check->tag == NULL)
        return;
    if (rule->remedy == WS_REMEDY_LEAVE_VALUE && !ws_checked_has(value, WS_REMEDY_LEAVE_VALUE))
        value->cause = id;
    value->remedies |= 1u << rule->remedy;
}

/** What the remedy of a rule means for the present record or value. */
static void note_remedy(ws_event_check *check, ws_event_rule_id id)
{
    const ws_event_rule *rule = ws_event_rule_get(id);
    ws_event_checked *checked = &check->checked;

    switch (rule->remedy) {
    case WS_REMEDY_LEAVE_RECORD:
        checked->is_left_out = true;
        break;
    case WS_REMEDY_SET_TIME:
        checked->has_wrong_time = true;
        break;
    case WS_REMEDY_LEAVE_VALUE:
    case WS_REMEDY_RENAME:
    case WS_REMEDY_ADD_SHAPE:
    case WS_REMEDY_FIT_EDGES:
    case WS_REMEDY_AS_SCALAR:
    case WS_REMEDY_CLEAR_CLASS:
        note_of_value(check, rule, id);
        break;
    default: /* the run as a whole tells what becomes of it */
        break;
    }
}

static void report(ws_event_check *check, ws_event_rule_id id, const char *detail)
{
    const ws_event_rule *rule = ws_event_rule_get(id);
    const ws_event_finding finding = {
        .id = id,
        .rule = rule,
        .path = check->path,
        .is_of_file = check->is_of_file,
        .offset = check->record->offset,
        .record = check->n_records,
        .tag = check->tag,
        .step = check->record->step,
        .detail = detail,
    };

    note_remedy(check, id);
    if (check->hooks.found != NULL)
        check->hooks.found(check->hooks.user, &finding);
}

void ws_check_found(ws_event_check *check, ws_event_rule_id id, const char *format, ...)
{
    char detail[MAX_DETAIL];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    report(check, id, detail);
}

void ws_check_found_plain(ws_event_check *check, ws_event_rule_id id)
{
    report(check, id, "");
}

static const ws_checked_tag *find_curve(const ws_event_check *check, const char *curve)
{
    const size_t number = ws_names_find(&check->names, curve);
    return number < check->names.n_items ? &check->tags[number] : NULL;
}

bool ws_check_is_taken_back(const ws_event_check *check, uint64_t ordinal, int64_t step)
{
    return ws_cuts_drop(&check->starts, ordinal, step);
}

ws_event_fate ws_event_check_get_fate(const ws_event_check *check, const char *curve,
                                      uint64_t ordinal, int64_t step)
{
    const ws_checked_tag *tag = find_curve(check, curve);

    if (tag == NULL || !ws_cuts_drop(&tag->older, ordinal, step))
        return WS_FATE_IN_ORDER;
    return ws_check_is_taken_back(check, ordinal, step) ? WS_FATE_TAKEN_BACK : WS_FATE_DISPLACED;
}

bool ws_event_check_has_displaced(const ws_event_check *check, const char *curve)
{
    const ws_checked_tag *tag = curve != NULL ? find_curve(check, curve) : NULL;

    for (size_t i = 0; curve == NULL && i < check->names.n_items; i++)
        if (check->tags[i].older.n_items > 0)
            return true;
    return tag != NULL && tag->older.n_items > 0;
}

bool ws_event_check_has_tag(const ws_event_check *check, const char *tag)
{
    return find_curve(check, tag) != NULL;
}

Tbproto__SummaryMetadata *ws_event_check_get_late(const ws_event_check *check, const char *curve)
{
    const ws_checked_tag *tag = find_curve(check, curve);
    return tag != NULL ? tag->late : NULL;
}
