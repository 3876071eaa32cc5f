/** For the tests of events/check: what it finds in files that were made. */
#ifndef WS_TESTS_EVENT_FINDINGS_H
#define WS_TESTS_EVENT_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

#include "inspect/check.h"
#include "unit/event_maker.h"

/** A name that no rule has anything against. */
#define GOOD_NAME "events.out.tfevents.1700000000.host"

/* Shorter names of what tensors are. */
#define SCALAR   TBPROTO__DATA_CLASS__DATA_CLASS_SCALAR
#define TENSOR   TBPROTO__DATA_CLASS__DATA_CLASS_TENSOR
#define BLOBS    TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE
#define NO_CLASS TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN
#define FLOAT    TBPROTO__DATA_TYPE__DT_FLOAT
#define DOUBLE   TBPROTO__DATA_TYPE__DT_DOUBLE
#define STRING   TBPROTO__DATA_TYPE__DT_STRING

/** What a check found. */
typedef struct findings {
    uint64_t n[WS_N_RULES];
    ws_event_finding last; /* its texts are gone */
} findings;

/** Counts a finding; of the form of ws_event_check_hooks. @param user  the findings */
void findings_take(void *user, const ws_event_finding *finding);

/** Checks the files of one run, all under that name. */
findings findings_of(const made_file *const *files, size_t n_files, const char *name);

/** Fails the test unless exactly these rules were found. @param expected  ended by WS_N_RULES */
void expect_in(const findings *all, const ws_event_rule_id *expected);

/** The same for a run of one file. */
void expect_findings(const made_file *file, const ws_event_rule_id *expected);
#define expect(file, ...) \
    expect_findings(&(file), (const ws_event_rule_id[]){__VA_ARGS__, WS_N_RULES})

/** A file with a version, a START and "m/good" at steps 1 to 3. */
made_file good(void);

/** For expect(): no rule. */
#define nothing WS_N_RULES

#endif
