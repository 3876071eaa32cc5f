/**
 * Looks at the event files of a run for all that TensorBoard's loaders trip over (rules.h), in one
 * pass over each file. Behind damage it goes on at the next whole record, so one fault does not
 * hide the next.
 */
#ifndef WS_INSPECT_CHECK_H
#define WS_INSPECT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "event.pb-c.h"
#include "inspect/rules.h"
#include "tbevents/reader.h"

/** What was found where. All is borrowed for the call. */
typedef struct ws_event_finding {
    ws_event_rule_id id;
    const ws_event_rule *rule;
    const char *path;
    bool is_of_file;    /* as a whole: the next two say nothing */
    uint64_t offset;    /* byte of the file at which the record begins */
    uint64_t record;    /* its number in the file, from 0 */
    const char *tag;    /* of the value; NULL: it is about the record or the file */
    int64_t step;       /* with a tag */
    const char *detail; /* figures of this case; "": none */
} ws_event_finding;

/** A record that could be read, and what a repair would do with it. */
typedef struct ws_event_checked {
    const tbe_record *record;
    Tbproto__Event *event;    /* NULL: it was not taken apart, and stays as it is */
    bool is_left_out;         /* the whole record */
    bool has_wrong_time;      /* which time_before replaces */
    double time_before;       /* seconds since 1970: of the last record that had a good one */
    const unsigned *remedies; /* [n_values] of each value of the event: 1 << ws_event_remedy, ... */
    size_t n_values;
    uint64_t first_ordinal; /* of the first value, for ws_event_check_is_replaced() */
} ws_event_checked;

typedef struct ws_event_check_hooks {
    void *user;
    /** Told of each finding; NULL: not interested. */
    void (*found)(void *user, const ws_event_finding *finding);
    /** Given each record that could be read, in their order; NULL: not interested. It may change
     *  the event, but must restore what it puts in. @return WS_OK, or what ends the check */
    ws_status (*take)(void *user, const ws_event_checked *checked, ws_error *err);
} ws_event_check_hooks;

/** The check of one run. */
typedef struct ws_event_check ws_event_check;

/** @return NULL when out of memory */
ws_event_check *ws_event_check_create(const ws_event_check_hooks *hooks);
/** check may be NULL. */
void ws_event_check_destroy(ws_event_check *check);

/**
 * Looks at the next file of the run; to be called in the order in which TensorBoard reads them.
 *
 * @param path  borrowed until the next file or the end
 * @return WS_OK, whatever was found; WS_EIO, WS_ELIMIT or WS_ENOMEM: the file could not be read, or
 *         what a hook gave
 */
WS_MUST_CHECK ws_status ws_event_check_file(ws_event_check *check, const char *path, ws_error *err);

/** The same for a file in memory. @param data [size] */
WS_MUST_CHECK ws_status ws_event_check_bytes(ws_event_check *check, const char *path,
                                             const void *data, size_t size, ws_error *err);

/** After the last file: what only the whole run shows. */
void ws_event_check_end(ws_event_check *check);

/** Whether a later value of its tag, which the check has seen, replaces the value of that ordinal
 *  and step (WS_REMEDY_LEAVE_OLDER). */
bool ws_event_check_is_replaced(const ws_event_check *check, const char *tag, uint64_t ordinal,
                                int64_t step);

#endif
