/* The way through a file: records, and what is wrong between them. */
#include "inspect/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "inspect/check_context.h"
#include "inspect/check_record.h"
#include "inspect/message.h"
#include "inspect/read.h"
#include "inspect/writers.h"

/** Where the bytes are. */
typedef struct source {
    tbe_reader *reader;
    const unsigned char *bytes; /* [size]; NULL: in the file */
    size_t size;
} source;

/** Whether nothing but zeros follows from a byte on. */
static bool ends_in_zeros(const source *from, const char *path, uint64_t offset)
{
    unsigned char block[4096];
    size_t n = 0;
    bool is_zero = true;

    if (from->bytes != NULL) {
        for (uint64_t i = offset; is_zero && i < from->size; i++)
            is_zero = from->bytes[i] == 0;
        return is_zero;
    }
    FILE *file = fopen(path, "rb");
    is_zero = file != NULL && offset <= INT64_MAX && fseeko(file, (off_t)offset, SEEK_SET) == 0;
    while (is_zero && (n = fread(block, 1, sizeof block, file)) > 0)
        for (size_t i = 0; is_zero && i < n; i++)
            is_zero = block[i] == 0;
    if (file != NULL)
        (void)fclose(file);
    return is_zero;
}

/** What it is that no record could be read at the present place. @param next  byte of the next
 *  whole record; UINT64_MAX: no record follows */
static ws_event_rule_id name_damage(const ws_event_check *check, const source *from,
                                    tbe_damage damage, uint64_t next)
{
    const tbe_record *record = check->record;

    if (damage == TBE_DAMAGE_NONE)
        return next < UINT64_MAX ? WS_RULE_APPENDED : WS_RULE_TORN_TAIL;
    if (damage == TBE_DAMAGE_LONG)
        return WS_RULE_LONG_RECORD;
    if (damage == TBE_DAMAGE_CHECKSUM)
        return next < record->offset + record->size ? WS_RULE_APPENDED : WS_RULE_BAD_CHECKSUM;
    if (next == UINT64_MAX && ends_in_zeros(from, check->path, record->offset))
        return WS_RULE_ZEROS;
    return WS_RULE_BAD_LENGTH;
}

/** At a torn end or a damaged frame: continues at the next whole record.
 *  @return TBE_OK, TBE_END or a failure */
static tbe_status pass_damage(ws_event_check *check, const source *from, tbe_damage damage)
{
    const uint64_t n_torn = tbe_reader_get_n_torn(from->reader);
    const tbe_status status = tbe_reader_resync(from->reader);

    if (status != TBE_OK && status != TBE_END)
        return status;
    const uint64_t next = status == TBE_OK ? tbe_reader_get_offset(from->reader) : UINT64_MAX;
    const ws_event_rule_id id = name_damage(check, from, damage, next);
    if (id == WS_RULE_TORN_TAIL)
        ws_check_found(check, id, "%" PRIu64 " bytes", n_torn);
    else if (status == TBE_OK)
        ws_check_found(check, id, "the next whole record is at byte %" PRIu64, next);
    else
        ws_check_found(check, id, "no whole record follows");
    return status;
}

/** A payload that is framed well, but no event to the reader. */
static void name_payload(ws_event_check *check)
{
    const tbe_record *record = check->record;
    ws_message_facts facts = {.has_nul = false};

    ws_message_look(&tbproto__event__descriptor, record->payload.data, record->payload.size,
                    &facts);
    ws_check_found_plain(check, facts.has_bad_text ? WS_RULE_NOT_UTF8 : WS_RULE_NOT_EVENT);
}

/** A record that was not taken apart is handed on as it is. */
static ws_status take_unknown(ws_event_check *check, ws_error *err)
{
    ws_check_found_plain(check, WS_RULE_MANY_PARTS);
    if (check->hooks.take == NULL)
        return WS_OK;
    check->checked.record = check->record;
    check->checked.n_values = 0;
    return check->hooks.take(check->hooks.user, &check->checked, err);
}

/** Looks at what a read gave. @param is_end  set to whether the file has no more */
static ws_status look_at(ws_event_check *check, const source *from, tbe_status read,
                         const tbe_record *record, bool *is_end, ws_error *err)
{
    const tbe_damage damage = tbe_reader_get_damage(from->reader);
    tbe_status passed = TBE_OK;

    check->record = record;
    check->tag = NULL;
    check->checked = (ws_event_checked){.record = record, .time_before = check->last_time};
    if (read == TBE_OK)
        return ws_check_record(check, record, err);
    if (read == TBE_ELIMIT)
        return take_unknown(check, err);
    if (read == TBE_END && tbe_reader_get_n_torn(from->reader) == 0)
        *is_end = true;
    else if (read == TBE_EDATA && damage == TBE_DAMAGE_EVENT)
        name_payload(check);
    else if (read == TBE_END || read == TBE_EDATA)
        passed = pass_damage(check, from, damage);
    else
        passed = read;
    *is_end = *is_end || passed == TBE_END;
    return passed == TBE_OK || passed == TBE_END ? WS_OK
                                                 : ws_event_reader_fail(from->reader, passed, err);
}

/** The name as all writers but the odd one give it. */
static bool is_usual_name(const char *path)
{
    static const char prefix[] = "events.out.tfevents.";
    const char *digits = ws_path_base(path);

    if (strncmp(digits, prefix, sizeof prefix - 1) != 0)
        return false;
    digits += sizeof prefix - 1;
    return strspn(digits, "0123456789") == 10 && digits[10] == '.';
}

static void begin_file(ws_event_check *check, const char *path)
{
    check->older_path = check->n_files > 0 ? check->path : NULL;
    check->older_time = check->has_time ? check->last_time : (double)INFINITY;
    check->path = path;
    check->n_files++;
    check->n_records = check->n_good = check->n_graphs = 0;
    check->has_version = check->file_has_start = check->has_time = false;
    check->last_time = 0;
}

/** What is known of a file only when it was read. */
static void end_file(ws_event_check *check)
{
    const tbe_record whole = {.offset = 0, .text = ""};

    check->record = &whole;
    check->tag = NULL;
    check->is_of_file = true;
    if (!is_usual_name(check->path))
        ws_check_found_plain(check, WS_RULE_FILE_NAME);
    if (check->n_good == 0)
        ws_check_found_plain(check, WS_RULE_NO_RECORD);
    else if (!check->file_has_start)
        ws_check_found_plain(check, WS_RULE_NO_START);
    check->is_of_file = false;
}

static ws_status check_source(ws_event_check *check, const char *path, const source *from,
                              ws_error *err)
{
    tbe_record record;
    ws_status status = from->reader != NULL ? WS_OK : ws_fail_memory(err, path);
    bool is_end = false;

    begin_file(check, path);
    tbe_record_init(&record, sizeof record);
    while (status == WS_OK && !is_end) {
        const tbe_status read = tbe_reader_read(from->reader, &record);
        status = look_at(check, from, read, &record, &is_end, err);
        check->n_records++;
        check->n_all_records++;
    }
    if (status == WS_OK)
        end_file(check);
    tbe_reader_close(from->reader);
    return status;
}

ws_status ws_event_check_file(ws_event_check *check, const char *path, ws_error *err)
{
    const source from = {.reader = ws_event_reader_open(path)};
    return check_source(check, path, &from, err);
}

ws_status ws_event_check_bytes(ws_event_check *check, const char *path, const void *data,
                               size_t size, ws_error *err)
{
    const source from = {ws_event_reader_open_memory(data, size), data, size};
    return check_source(check, path, &from, err);
}

void ws_event_check_end(ws_event_check *check)
{
    tbe_record last = {.offset = 0, .text = ""};

    check->record = &last;
    check->is_of_file = true;
    for (size_t i = 0; check->n_files > 0 && i < check->names.n_items; i++) {
        const ws_checked_tag *tag = &check->tags[i];
        if (!tag->has_step || strchr(check->names.items[i], '\x01') != NULL ||
            !ws_check_is_taken_back(check, tag->last_ordinal, tag->last_step))
            continue; /* or it is a second kind of its tag */
        last.step = tag->last_step;
        check->tag = check->names.items[i];
        ws_check_found_plain(check, WS_RULE_STALE_TAIL);
    }
    check->is_of_file = false;
    check->tag = NULL;
}

/** Says that the files of a part were written while others were. */
static void report_writer(const ws_event_part *part, const ws_event_check_hooks *hooks)
{
    char *detail = ws_text_format("for %.6g s, with %s", part->shared_s, part->with);
    const ws_event_finding finding = {
        .id = WS_RULE_TWO_WRITERS,
        .rule = ws_event_rule_get(WS_RULE_TWO_WRITERS),
        .path = part->run.files.items[0],
        .is_of_file = true,
        .detail = detail != NULL ? detail : "",
    };

    if (hooks->found != NULL)
        hooks->found(hooks->user, &finding);
    free(detail);
}

static ws_status check_part(const ws_event_part *part, const ws_event_check_hooks *hooks,
                            ws_error *err)
{
    ws_event_check *check = ws_event_check_create(hooks, NULL);
    ws_status status = check != NULL ? WS_OK : ws_fail_memory(err, part->run.name);

    if (status == WS_OK && part->with != NULL)
        report_writer(part, hooks);
    for (size_t i = 0; status == WS_OK && i < part->run.files.n_items; i++)
        status = ws_event_check_file(check, part->run.files.items[i], err);
    if (status == WS_OK)
        ws_event_check_end(check);
    ws_event_check_destroy(check);
    return status;
}

ws_status ws_event_check_run(const ws_event_run *run, const ws_event_check_hooks *hooks,
                             ws_error *err)
{
    ws_event_parts parts;
    ws_status status = ws_event_parts_find(&parts, run, err);

    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++)
        status = check_part(&parts.items[i], hooks, err);
    ws_event_parts_deinit(&parts);
    return status;
}
