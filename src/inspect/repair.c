#include "inspect/repair.h"

#include <math.h>
#include <stdlib.h>

#include "base/names.h"
#include "inspect/held.h"
#include "inspect/mend.h"
#include "inspect/order.h"

/* Values that wait for their place by step; they are few where a run is what it says. */
#define MAX_HELD_BYTES ((size_t)1 << 30)

/** A tag as it is written. */
typedef struct written_tag {
    bool is_told;                      /* its page, by a value that was written */
    Tbproto__SummaryMetadata *waiting; /* owned: of the first value that told its page, but was not
                                          written; the first one that is written gets it */
    ws_held held;
} written_tag;

struct ws_event_repair {
    ws_event_check *known; /* of the whole run */
    ws_event_check *check; /* that goes through the files again, to the same ordinals */
    ws_event_order order;
    size_t n_files, n_done;
    ws_event_write write;
    void *user;
    ws_event_repaired *repaired;
    bool has_version; /* was written to the file */
    ws_names names;
    written_tag *tags; /* [names.n_items], owned */
    size_t capacity;
    size_t n_held_bytes;
};

ws_event_repair *ws_event_repair_create(void)
{
    return calloc(1, sizeof(ws_event_repair));
}

static void deinit_tag(written_tag *tag)
{
    if (tag->waiting != NULL)
        tbproto__summary_metadata__free_unpacked(tag->waiting, NULL);
    ws_held_deinit(&tag->held);
}

void ws_event_repair_destroy(ws_event_repair *repair)
{
    if (repair == NULL)
        return;
    ws_event_check_destroy(repair->check);
    ws_event_check_destroy(repair->known);
    ws_event_order_deinit(&repair->order);
    for (size_t i = 0; i < repair->names.n_items; i++)
        deinit_tag(&repair->tags[i]);
    free(repair->tags);
    ws_names_deinit(&repair->names);
    free(repair);
}

/* ---- records ---- */

static ws_status write_record(const ws_event_repair *repair, const uint8_t *payload, size_t size,
                              ws_error *err)
{
    return ws_event_write_record(repair->write, repair->user, payload, size, err);
}

static ws_status write_event(ws_event_repair *repair, const Tbproto__Event *event, ws_error *err)
{
    const size_t size = tbproto__event__get_packed_size(event);
    uint8_t *payload = malloc(size > 0 ? size : 1);

    if (payload == NULL)
        return ws_fail_memory(err, "a record");
    (void)tbproto__event__pack(event, payload);
    const ws_status status = write_record(repair, payload, size, err);
    free(payload);
    return status;
}

static ws_status write_version(ws_event_repair *repair, double wall_time, ws_error *err)
{
    char text[] = "brain.Event:2";
    Tbproto__Event event;

    tbproto__event__init(&event);
    event.wall_time = wall_time;
    event.what_case = TBPROTO__EVENT__WHAT_FILE_VERSION;
    event.file_version = text;
    repair->has_version = true;
    repair->repaired->has_new_version = true;
    return write_event(repair, &event, err);
}

/** Before any other record there is to be a version. */
static ws_status begin_record(ws_event_repair *repair, const ws_event_checked *checked,
                              ws_error *err)
{
    const tbe_record *record = checked->record;

    if (repair->has_version || checked->is_left_out)
        return WS_OK;
    repair->has_version = record->kind == TBE_RECORD_VERSION;
    return repair->has_version
               ? WS_OK
               : write_version(
                     repair, isfinite(record->wall_time) ? record->wall_time : checked->time_before,
                     err);
}

/* ---- tags ---- */

static ws_status find_tag(ws_event_repair *repair, const char *name, written_tag **tag,
                          ws_error *err)
{
    size_t number = 0;
    written_tag *all =
        ws_names_grow(repair->tags, repair->names.n_items, &repair->capacity, sizeof *repair->tags);

    if (all == NULL)
        return ws_fail_memory(err, "tags");
    repair->tags = all;
    const ws_status status = ws_names_push(&repair->names, name, &number, err);
    if (status == WS_OK)
        *tag = &all[number];
    return status;
}

/** Keeps what a value says that is not written here, if it is the first of its tag to do so. */
static ws_status keep_metadata(written_tag *tag, const Tbproto__SummaryMetadata *metadata,
                               ws_error *err)
{
    if (metadata == NULL || tag->is_told || tag->waiting != NULL)
        return WS_OK;
    const size_t size = tbproto__summary_metadata__get_packed_size(metadata);
    uint8_t *bytes = malloc(size + 1);
    if (bytes != NULL) {
        (void)tbproto__summary_metadata__pack(metadata, bytes);
        tag->waiting = tbproto__summary_metadata__unpack(NULL, size, bytes);
    }
    free(bytes);
    return tag->waiting != NULL ? WS_OK : ws_fail_memory(err, "tags");
}

/** The first value of a tag that is written says which page it is for. @return whether that had to
 *  be added */
static bool tell_page(written_tag *tag, Tbproto__Summary__Value *value,
                      Tbproto__SummaryMetadata *late)
{
    const bool is_first = !tag->is_told;
    bool is_added = false;

    if (is_first && tag->waiting != NULL) {
        value->metadata = tag->waiting;
        is_added = true;
    } else if (is_first && late != NULL && value->metadata == NULL) {
        value->metadata = late;
        is_added = true;
    }
    tag->is_told |= value->metadata != NULL;
    return is_added;
}

/* ---- values that wait for their place ---- */

static void init_event(Tbproto__Event *event, Tbproto__Summary *summary, int64_t step,
                       double wall_time, Tbproto__Summary__Value **value)
{
    tbproto__event__init(event);
    tbproto__summary__init(summary);
    event->wall_time = wall_time;
    event->step = step;
    event->what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event->summary = summary;
    summary->n_value = 1;
    summary->value = value;
}

static ws_status hold(ws_event_repair *repair, written_tag *tag, const Tbproto__Event *from,
                      Tbproto__Summary__Value *value, ws_error *err)
{
    Tbproto__Event event;
    Tbproto__Summary summary;

    init_event(&event, &summary, from->step, from->wall_time, &value);
    repair->n_held_bytes += tbproto__event__get_packed_size(&event);
    if (repair->n_held_bytes > MAX_HELD_BYTES)
        return ws_fail(err, WS_ELIMIT,
                       "the values whose steps go back take more than %zu bytes, which is too much "
                       "to put them in order",
                       MAX_HELD_BYTES);
    return ws_held_push(&tag->held, &event, err);
}

/** Writes what waits of a tag below a step. @param below  INT64_MAX: all */
static ws_status release(ws_event_repair *repair, written_tag *tag, int64_t below, ws_error *err)
{
    Tbproto__Event *event = NULL;

    ws_status status = ws_held_take(&tag->held, below, &event, err);
    while (status == WS_OK && event != NULL) {
        Tbproto__Summary__Value *value = event->summary->value[0];
        Tbproto__SummaryMetadata *own = value->metadata;
        repair->n_held_bytes -= tbproto__event__get_packed_size(event);
        (void)tell_page(tag, value, NULL);
        repair->repaired->n_received++;
        status = write_event(repair, event, err);
        value->metadata = own;
        tbproto__event__free_unpacked(event, NULL);
        event = NULL;
        if (status == WS_OK)
            status = ws_held_take(&tag->held, below, &event, err);
    }
    return status;
}

/* ---- the values of a record ---- */

/** An event with only some of its values, or others. */
typedef struct new_event {
    Tbproto__Event event;
    Tbproto__Summary summary;
    Tbproto__Summary__Value **values; /* owned */
    ws_mended *mended;                /* [n_mended], owned */
    size_t n_mended;
    bool is_changed;
} new_event;

/** Whether value i is left out, which is counted. */
static bool count_left_out(ws_event_repair *repair, const ws_event_checked *checked, size_t i,
                           ws_event_fate fate)
{
    const ws_checked_value *value = &checked->values[i];

    if (checked->is_left_out)
        repair->repaired->n_in_left_records++;
    else if (ws_checked_has(value, WS_REMEDY_LEAVE_VALUE))
        repair->repaired->n_left_out[value->cause]++;
    else if (fate == WS_FATE_TAKEN_BACK)
        repair->repaired->n_taken_back++;
    else if (fate == WS_FATE_DISPLACED &&
             ws_event_order_is_replaced(&repair->order, value->curve, checked->record->step,
                                        checked->first_ordinal + i))
        repair->repaired->n_replaced++;
    else
        return false;
    return true;
}

/** Writes a value now, with what waits for it, or later. */
static ws_status place(new_event *new, ws_event_repair *repair, written_tag *tag,
                       const ws_event_checked *checked, size_t i, ws_event_fate fate, ws_error *err)
{
    ws_mended *mended = &new->mended[i];
    ws_event_repaired *repaired = repair->repaired;
    ws_status status;

    repaired->n_values_kept++;
    repaired->n_renamed += mended->is_renamed;
    repaired->n_rounded += mended->is_rounded;
    if (fate == WS_FATE_DISPLACED) {
        repaired->n_moved++;
        new->is_changed = true;
        status = keep_metadata(tag, mended->value.metadata, err);
        return status == WS_OK ? hold(repair, tag, &new->event, &mended->value, err) : status;
    }
    status = release(repair, tag, new->event.step, err);
    mended->is_changed |= tell_page(
        tag, &mended->value, ws_event_check_get_late(repair->known, checked->values[i].curve));
    new->values[new->summary.n_value++] =
        mended->is_changed ? &mended->value : checked->event->summary->value[i];
    new->is_changed |= mended->is_changed;
    return status;
}

/** Chooses what becomes of value i. */
static ws_status choose(new_event *new, ws_event_repair *repair, const ws_event_checked *checked,
                        size_t i, ws_error *err)
{
    const Tbproto__Summary__Value *old = checked->event->summary->value[i];
    const ws_checked_value *value = &checked->values[i];
    const ws_event_fate fate = ws_event_check_get_fate(
        repair->known, value->curve, checked->first_ordinal + i, checked->record->step);
    written_tag *tag = NULL;

    ws_status status = ws_mended_init(&new->mended[i], old, &checked->record->values[i], value,
                                      repair->known, err);
    new->n_mended++;
    if (status == WS_OK)
        status = find_tag(repair, new->mended[i].value.tag, &tag, err);
    if (status != WS_OK)
        return status;
    if (!count_left_out(repair, checked, i, fate))
        return place(new, repair, tag, checked, i, fate, err);
    new->is_changed = true;
    return keep_metadata(tag, new->mended[i].value.metadata, err);
}

static ws_status init_values(new_event *new, ws_event_repair *repair,
                             const ws_event_checked *checked, ws_error *err)
{
    const Tbproto__Summary *summary = checked->event->summary;
    const size_t n = summary->n_value;
    ws_status status = WS_OK;

    new->values = malloc((n + 1) * sizeof *new->values);
    new->mended = malloc((n + 1) * sizeof *new->mended);
    if (new->values == NULL || new->mended == NULL)
        return ws_fail_memory(err, "a record");
    new->summary = *summary;
    new->summary.value = new->values;
    new->summary.n_value = 0;
    new->event.summary = &new->summary;
    for (size_t i = 0; status == WS_OK && i < n; i++)
        status = choose(new, repair, checked, i, err);
    return status;
}

static ws_status init_new_event(new_event *new, ws_event_repair *repair,
                                const ws_event_checked *checked, ws_error *err)
{
    *new = (new_event){.event = *checked->event};
    if (checked->has_wrong_time) {
        new->event.wall_time = checked->time_before;
        new->is_changed = true;
    }
    return checked->event->what_case == TBPROTO__EVENT__WHAT_SUMMARY
               ? init_values(new, repair, checked, err)
               : WS_OK;
}

static void deinit_new_event(new_event *new)
{
    for (size_t i = 0; i < new->n_mended; i++)
        ws_mended_deinit(&new->mended[i]);
    free(new->values);
    free(new->mended);
}

static ws_status write_checked(ws_event_repair *repair, const ws_event_checked *checked,
                               ws_error *err)
{
    const tbe_blob payload = checked->record->payload;
    new_event new;

    ws_status status = begin_record(repair, checked, err);
    if (status != WS_OK)
        return status;
    status = init_new_event(&new, repair, checked, err);
    if (status == WS_OK && !checked->is_left_out &&
        (checked->n_values == 0 || new.summary.n_value > 0)) {
        repair->repaired->n_records_kept++;
        repair->repaired->n_changed += new.is_changed;
        status = new.is_changed ? write_event(repair, &new.event, err)
                                : write_record(repair, payload.data, payload.size, err);
    }
    deinit_new_event(&new);
    return status;
}

/** Takes a record of the look that writes. */
static ws_status take(void *user, const ws_event_checked *checked, ws_error *err)
{
    ws_event_repair *repair = user;
    const tbe_blob payload = checked->record->payload;

    repair->repaired->n_records++;
    repair->repaired->n_values += checked->n_values;
    if (checked->event != NULL)
        return write_checked(repair, checked, err);
    const ws_status status = begin_record(repair, checked, err);
    if (status != WS_OK)
        return status;
    repair->repaired->n_records_kept++;
    return write_record(repair, payload.data, payload.size, err);
}

/* ---- a run ---- */

/** Takes a record of the look that finds which values replace others. */
static ws_status take_order(void *user, const ws_event_checked *checked, ws_error *err)
{
    ws_event_repair *repair = user;
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < checked->n_values && !checked->is_left_out; i++) {
        const ws_checked_value *value = &checked->values[i];
        if (!ws_checked_has(value, WS_REMEDY_LEAVE_VALUE) &&
            ws_event_check_has_displaced(repair->known, value->curve))
            status = ws_event_order_push(&repair->order, value->curve, checked->record->step,
                                         checked->first_ordinal + i, err);
    }
    return status;
}

/** The run's files, or a file in memory. */
typedef struct source {
    const ws_event_run *run;
    const void *data; /* [size] */
    size_t size;
} source;

static ws_status look_through(ws_event_check *check, const source *from, ws_error *err)
{
    ws_status status = WS_OK;

    if (check == NULL)
        return ws_fail_memory(err, "a run");
    if (from->run == NULL)
        status = ws_event_check_bytes(check, "memory", from->data, from->size, err);
    for (size_t i = 0; from->run != NULL && status == WS_OK && i < from->run->files.n_items; i++)
        status = ws_event_check_file(check, from->run->files.items[i], err);
    if (status == WS_OK)
        ws_event_check_end(check);
    return status;
}

static ws_status find_order(ws_event_repair *repair, const source *from, ws_error *err)
{
    const ws_event_check_hooks hooks = {.user = repair, .take = take_order};
    ws_event_check *check = ws_event_check_create(&hooks, repair->known);
    const ws_status status = look_through(check, from, err);

    ws_event_check_destroy(check);
    ws_event_order_sort(&repair->order);
    return status;
}

static ws_status look(ws_event_repair *repair, const source *from,
                      void (*found)(void *user, const ws_event_finding *finding), void *user,
                      ws_error *err)
{
    const ws_event_check_hooks hooks = {.user = user, .found = found};
    const ws_event_check_hooks writing = {.user = repair, .take = take};

    repair->n_files = from->run != NULL ? from->run->files.n_items : 1;
    repair->known = ws_event_check_create(&hooks, NULL);
    ws_status status = look_through(repair->known, from, err);
    if (status == WS_OK && ws_event_check_has_displaced(repair->known, NULL))
        status = find_order(repair, from, err);
    repair->check = ws_event_check_create(&writing, repair->known);
    return status == WS_OK && repair->check == NULL ? ws_fail_memory(err, "a run") : status;
}

ws_status ws_event_repair_look(ws_event_repair *repair, const ws_event_run *run,
                               void (*found)(void *user, const ws_event_finding *finding),
                               void *user, ws_error *err)
{
    const source from = {.run = run};
    return look(repair, &from, found, user, err);
}

static void begin(ws_event_repair *repair, ws_event_write write, void *user,
                  ws_event_repaired *repaired)
{
    *repaired = (ws_event_repaired){.n_records = 0};
    repair->write = write;
    repair->user = user;
    repair->repaired = repaired;
    repair->has_version = false;
}

/** After the last file, what still waits; a file without a record becomes one with a version. */
static ws_status end(ws_event_repair *repair, ws_status status, ws_error *err)
{
    if (status == WS_OK && !repair->has_version)
        status = write_version(repair, 0, err);
    if (++repair->n_done < repair->n_files)
        return status;
    for (size_t i = 0; status == WS_OK && i < repair->names.n_items; i++)
        status = release(repair, &repair->tags[i], INT64_MAX, err);
    return status;
}

ws_status ws_event_repair_file(ws_event_repair *repair, const char *path, ws_event_write write,
                               void *user, ws_event_repaired *repaired, ws_error *err)
{
    begin(repair, write, user, repaired);
    return end(repair, ws_event_check_file(repair->check, path, err), err);
}

ws_status ws_event_repair_bytes(ws_event_repair *repair, const void *data, size_t size,
                                ws_event_write write, void *user, ws_event_repaired *repaired,
                                ws_error *err)
{
    const source from = {.data = data, .size = size};
    const ws_status status = look(repair, &from, NULL, NULL, err);

    begin(repair, write, user, repaired);
    return status == WS_OK
               ? end(repair, ws_event_check_bytes(repair->check, "memory", data, size, err), err)
               : status;
}
