#include "inspect/repair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/names.h"
#include "tbevents/little_endian.h"

enum { LENGTH_BYTES = 8, CRC_BYTES = 4 };

/** What the first value of a tag tells its page has to be there still when that value is left out:
 *  the first one that is kept gets it. */
typedef struct told_page {
    bool is_told;
    Tbproto__SummaryMetadata *waiting; /* owned; of a value that was left out */
} told_page;

struct ws_event_repair {
    ws_event_check *known; /* of the whole run */
    ws_event_check *check; /* that goes through the files again, to the same ordinals */
    ws_event_write write;
    void *user;
    ws_event_repaired *repaired;
    bool has_version; /* was written to the file */
    ws_names tags;
    told_page *told; /* [tags.n_items], owned */
    size_t capacity;
};

ws_event_repair *ws_event_repair_create(void)
{
    return calloc(1, sizeof(ws_event_repair));
}

void ws_event_repair_destroy(ws_event_repair *repair)
{
    if (repair == NULL)
        return;
    ws_event_check_destroy(repair->known);
    ws_event_check_destroy(repair->check);
    for (size_t i = 0; i < repair->tags.n_items; i++)
        tbproto__summary_metadata__free_unpacked(repair->told[i].waiting, NULL);
    free(repair->told);
    ws_names_deinit(&repair->tags);
    free(repair);
}

static ws_status write_record(ws_event_repair *repair, const uint8_t *payload, size_t size,
                              ws_error *err)
{
    uint8_t head[LENGTH_BYTES + CRC_BYTES], tail[CRC_BYTES];

    (void)tbe_put_le(head, size, LENGTH_BYTES);
    (void)tbe_put_le(head + LENGTH_BYTES, ws_crc32c_mask(ws_crc32c(0, head, LENGTH_BYTES)),
                     CRC_BYTES);
    (void)tbe_put_le(tail, ws_crc32c_mask(ws_crc32c(0, payload, size)), CRC_BYTES);
    ws_status status = repair->write(repair->user, head, sizeof head, err);
    if (status == WS_OK && size > 0)
        status = repair->write(repair->user, payload, size, err);
    if (status == WS_OK)
        status = repair->write(repair->user, tail, sizeof tail, err);
    return status;
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

static ws_status find_told(ws_event_repair *repair, const char *tag, told_page **told,
                           ws_error *err)
{
    size_t number = 0;
    told_page *all =
        ws_names_grow(repair->told, repair->tags.n_items, &repair->capacity, sizeof *repair->told);

    if (all == NULL)
        return ws_fail_memory(err, "tags");
    repair->told = all;
    const ws_status status = ws_names_push(&repair->tags, tag, &number, err);
    if (status == WS_OK)
        *told = &all[number];
    return status;
}

/** Keeps what a value that is left out tells, if it is the first to do so. */
static ws_status keep_metadata(ws_event_repair *repair, const Tbproto__Summary__Value *value,
                               unsigned remedies, ws_error *err)
{
    told_page *told = NULL;
    const size_t size =
        value->metadata != NULL ? tbproto__summary_metadata__get_packed_size(value->metadata) : 0;

    if (value->metadata == NULL)
        return WS_OK;
    ws_status status = find_told(repair, value->tag, &told, err);
    if (status != WS_OK || told->is_told || told->waiting != NULL)
        return status;
    uint8_t *bytes = malloc(size + 1);
    if (bytes != NULL) {
        (void)tbproto__summary_metadata__pack(value->metadata, bytes);
        told->waiting = tbproto__summary_metadata__unpack(NULL, size, bytes);
    }
    free(bytes);
    if (told->waiting == NULL)
        return ws_fail_memory(err, "tags");
    if ((remedies & 1u << WS_REMEDY_CLEAR_CLASS) != 0)
        told->waiting->data_class = TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;
    return WS_OK;
}

/** Room for what stands in place of a value. */
typedef struct stand_in {
    Tbproto__Summary__Value value;
    Tbproto__SummaryMetadata metadata;
    Tbproto__TensorProto tensor;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dim;
    Tbproto__TensorShapeProto__Dim *dims;
} stand_in;

/** The tensor's strings with a shape of rank 1. */
static void add_shape(stand_in *new)
{
    new->tensor = *new->value.tensor;
    tbproto__tensor_shape_proto__init(&new->shape);
    tbproto__tensor_shape_proto__dim__init(&new->dim);
    new->dim.size = (int64_t) new->tensor.n_string_val;
    new->dims = &new->dim;
    new->shape.dim = &new->dims;
    new->shape.n_dim = 1;
    new->tensor.tensor_shape = &new->shape;
    new->value.tensor = &new->tensor;
}

static void clear_class(stand_in *new)
{
    new->metadata = *new->value.metadata;
    new->metadata.data_class = TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN;
    new->value.metadata = &new->metadata;
}

/** Fills in what is written for a value that is kept. @return whether it is another than before */
static bool mend(stand_in *new, const Tbproto__Summary__Value *old, unsigned remedies,
                 const tbe_value *read, told_page *told)
{
    bool is_changed = remedies != 0;

    new->value = *old;
    if ((remedies & 1u << WS_REMEDY_ADD_SHAPE) != 0)
        add_shape(new);
    if ((remedies & 1u << WS_REMEDY_CLEAR_CLASS) != 0)
        clear_class(new);
    if ((remedies & 1u << WS_REMEDY_AS_SCALAR) != 0) {
        new->value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        new->value.simple_value = (float)read->numbers[0];
    }
    if (!told->is_told && told->waiting != NULL) {
        new->value.metadata = told->waiting;
        is_changed = true;
    }
    told->is_told |= new->value.metadata != NULL;
    return is_changed;
}

/** Whether value i is to be left out. */
static bool is_left_out(const ws_event_repair *repair, const ws_event_checked *checked, size_t i)
{
    const unsigned remedies = checked->remedies[i];

    return checked->is_left_out || (remedies & 1u << WS_REMEDY_LEAVE_VALUE) != 0 ||
           ((remedies & 1u << WS_REMEDY_AS_SCALAR) != 0 && /* of a type that cannot be read */
            checked->record->values[i].n_numbers != 1) ||
           ws_event_check_is_replaced(repair->known, checked->event->summary->value[i]->tag,
                                      checked->first_ordinal + i, checked->record->step);
}

/** An event with only some of its values, or others. */
typedef struct new_event {
    Tbproto__Event event;
    Tbproto__Summary summary;
    Tbproto__Summary__Value **values; /* owned */
    stand_in *stand_ins;              /* owned */
    bool is_changed;
} new_event;

/** Chooses what is written for value i. */
static ws_status choose(new_event *new, ws_event_repair *repair, const ws_event_checked *checked,
                        size_t i, ws_error *err)
{
    Tbproto__Summary__Value *old = checked->event->summary->value[i];
    told_page *told = NULL;

    if (is_left_out(repair, checked, i)) {
        new->is_changed = true;
        return keep_metadata(repair, old, checked->remedies[i], err);
    }
    const ws_status status = find_told(repair, old->tag, &told, err);
    if (status != WS_OK)
        return status;
    const bool is_changed =
        mend(&new->stand_ins[i], old, checked->remedies[i], &checked->record->values[i], told);
    new->values[new->summary.n_value++] = is_changed ? &new->stand_ins[i].value : old;
    new->is_changed |= is_changed;
    return WS_OK;
}

static ws_status init_values(new_event *new, ws_event_repair *repair,
                             const ws_event_checked *checked, ws_error *err)
{
    const Tbproto__Summary *summary = checked->event->summary;
    const size_t n = summary->n_value;
    ws_status status = WS_OK;

    new->values = malloc((n + 1) * sizeof *new->values);
    new->stand_ins = malloc((n + 1) * sizeof *new->stand_ins);
    if (new->values == NULL || new->stand_ins == NULL)
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

/** Before any other record there is to be a version. */
static ws_status begin_record(ws_event_repair *repair, const ws_event_checked *checked,
                              ws_error *err)
{
    const tbe_record *record = checked->record;

    if (repair->has_version)
        return WS_OK;
    repair->has_version = record->kind == TBE_RECORD_VERSION;
    return repair->has_version
               ? WS_OK
               : write_version(
                     repair, isfinite(record->wall_time) ? record->wall_time : checked->time_before,
                     err);
}

static ws_status write_kept(ws_event_repair *repair, const ws_event_checked *checked,
                            const new_event *new, ws_error *err)
{
    const tbe_blob payload = checked->record->payload;
    ws_event_repaired *repaired = repair->repaired;

    const ws_status status = begin_record(repair, checked, err);
    if (status != WS_OK)
        return status;
    repaired->n_records_kept++;
    repaired->n_values_kept += new->summary.n_value;
    repaired->n_changed += new->is_changed;
    return new->is_changed ? write_event(repair, &new->event, err)
                           : write_record(repair, payload.data, payload.size, err);
}

static ws_status write_checked(ws_event_repair *repair, const ws_event_checked *checked,
                               ws_error *err)
{
    new_event new;

    ws_status status = init_new_event(&new, repair, checked, err);
    if (status == WS_OK && !checked->is_left_out &&
        (checked->n_values == 0 || new.summary.n_value > 0))
        status = write_kept(repair, checked, &new, err);
    free(new.values);
    free(new.stand_ins);
    return status;
}

/** Takes a record of the second look. */
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

ws_status ws_event_repair_look(ws_event_repair *repair, const ws_event_run *run,
                               void (*found)(void *user, const ws_event_finding *finding),
                               void *user, ws_error *err)
{
    const ws_event_check_hooks hooks = {.user = user, .found = found};
    const ws_event_check_hooks again = {.user = repair, .take = take};
    ws_status status = WS_OK;

    repair->known = ws_event_check_create(&hooks);
    repair->check = ws_event_check_create(&again);
    if (repair->known == NULL || repair->check == NULL)
        return ws_fail_memory(err, "a run");
    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++)
        status = ws_event_check_file(repair->known, run->files.items[i], err);
    if (status == WS_OK)
        ws_event_check_end(repair->known);
    return status;
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

/** A file without a record becomes one with a version. */
static ws_status end(ws_event_repair *repair, ws_status status, ws_error *err)
{
    return status == WS_OK && !repair->has_version ? write_version(repair, 0, err) : status;
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
    const ws_event_run none = {.name = NULL};
    ws_status status = ws_event_repair_look(repair, &none, NULL, NULL, err);

    if (status == WS_OK)
        status = ws_event_check_bytes(repair->known, "memory", data, size, err);
    begin(repair, write, user, repaired);
    if (status == WS_OK)
        status = ws_event_check_bytes(repair->check, "memory", data, size, err);
    return end(repair, status, err);
}
