/**
 * Checks the event files of a run for everything that TensorBoard's loaders refuse or misread
 * (rules.h), in one pass over each file. After damage it continues at the next whole record, so
 * that one fault does not hide the next.
 */
#ifndef WS_INSPECT_CHECK_H
#define WS_INSPECT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "event.pb-c.h"
#include "inspect/rules.h"
#include "inspect/runs.h"
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

/** What the check says of one value. */
typedef struct ws_checked_value {
    unsigned remedies;      /* 1 << ws_event_remedy, ... */
    ws_event_rule_id cause; /* with WS_REMEDY_LEAVE_VALUE: the rule that asks for it */
    const char *curve;      /* its tag, with its page where the tag has values of two kinds */
    const char *page;       /* with WS_REMEDY_RENAME: whose value it is, "histograms"; lasts */
    bool has_wrong_page;    /* its metadata names another page than its form */
} ws_checked_value;

static inline bool ws_checked_has(const ws_checked_value *value, ws_event_remedy remedy)
{
    return (value->remedies & 1u << remedy) != 0;
}

/** A record that could be read, and what a repair would do with it. */
typedef struct ws_event_checked {
    const tbe_record *record;
    Tbproto__Event *event;          /* NULL: it was not taken apart, and stays as it is */
    bool is_left_out;               /* the whole record */
    bool has_wrong_time;            /* which time_before replaces */
    double time_before;             /* seconds since 1970: of the last record that had a good one */
    const ws_checked_value *values; /* [n_values] of the event */
    size_t n_values;
    uint64_t first_ordinal; /* of the first value, for ws_event_check_get_fate() */
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

/**
 * @param known  a check that has seen the whole run already, for what only later records tell;
 *               borrowed; NULL: none
 * @return NULL when out of memory
 */
ws_event_check *ws_event_check_create(const ws_event_check_hooks *hooks,
                                      const ws_event_check *known);
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

/**
 * Checks a run: the files of each of its writers (writers.h) as a run of its own.
 *
 * @return as ws_event_check_file()
 */
WS_MUST_CHECK ws_status ws_event_check_run(const ws_event_run *run,
                                           const ws_event_check_hooks *hooks, ws_error *err);

/** How a value stands to the later ones of its curve. */
typedef enum ws_event_fate {
    WS_FATE_IN_ORDER,   /* no later value has the same step or a lower one */
    WS_FATE_DISPLACED,  /* one has: the Rust loader drops this value */
    WS_FATE_TAKEN_BACK, /* one has, and a session started again: no loader shows this value */
} ws_event_fate;

/** The fate of the value of that curve, ordinal and step, after the check has seen the run. */
ws_event_fate ws_event_check_get_fate(const ws_event_check *check, const char *curve,
                                      uint64_t ordinal, int64_t step);

/** Whether some value of the curve is displaced. @param curve  NULL: of any curve */
bool ws_event_check_has_displaced(const ws_event_check *check, const char *curve);

/** Whether the run has values of that tag. */
bool ws_event_check_has_tag(const ws_event_check *check, const char *tag);

/** The metadata that the first value of a curve lacks and a later one has: the check's, not to be
 *  changed; NULL if there is none. */
Tbproto__SummaryMetadata *ws_event_check_get_late(const ws_event_check *check, const char *curve);

#endif
