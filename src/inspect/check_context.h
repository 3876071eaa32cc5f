/** What the parts of the check share: what is known so far, and reporting. Private to check*.c. */
#ifndef WS_INSPECT_CHECK_CONTEXT_H
#define WS_INSPECT_CHECK_CONTEXT_H

#include "base/names.h"
#include "inspect/check.h"
#include "inspect/cuts.h"

/** TensorBoard's pages, as far as they want different things. */
typedef enum ws_page {
    WS_PAGE_NONE, /* nobody said */
    WS_PAGE_OTHER,
    WS_PAGE_SCALARS,
    WS_PAGE_IMAGES,
    WS_PAGE_AUDIO,
    WS_PAGE_GRAPHS,
    WS_PAGE_MODELS, /* also run times: of the Graphs page, but written as one string too */
    WS_PAGE_HISTOGRAMS,
    WS_PAGE_TEXT,
    WS_PAGE_CURVES,
    WS_PAGE_LAYOUT,
    WS_PAGE_HPARAMS,
    WS_PAGE_MESH,
} ws_page;

/** What is known of a tag so far, in the run. */
typedef struct ws_checked_tag {
    ws_page page; /* that its first metadata names */
    uint64_t metadata_hash;
    uint64_t n_values;
    size_t metadata_file; /* number of the last file that has some, from 1; 0: none */
    size_t noted_file;    /* the same, of the last one where it was said that it has none */
    int32_t n_thresholds; /* of a curve; -1: not told */
    bool is_wav;          /* its sounds are said to be */

    Tbproto__SummaryMetadata *late; /* owned: its first metadata, if an earlier value has none */

    bool has_step; /* the following are set: of the last value that a repair keeps */
    int64_t last_step;
    uint64_t last_ordinal, last_record;
    ws_cuts older; /* values that stand in the way of later ones: their steps go back */
} ws_checked_tag;

struct ws_event_check {
    ws_event_check_hooks hooks;
    const ws_event_check *known; /* borrowed: has seen the whole run before; NULL: none */
    ws_names names;
    ws_checked_tag *tags; /* [names.n_items] */
    size_t capacity;
    ws_cuts starts; /* those that Python's loader obeys */
    bool has_start;
    uint64_t n_ordinals; /* given out, one a value and one a START */
    uint64_t n_all_records;

    /* The file. */
    const char *path;
    size_t n_files;
    uint64_t n_records; /* passed, damaged ones too */
    uint64_t n_good;
    uint64_t n_graphs;
    bool has_version, file_has_start;
    double last_time; /* of the last record with a good one; 0: none yet */
    bool has_time;
    double older_time; /* last_time of the file before */
    const char *older_path;

    /* The record. */
    const tbe_record *record;
    bool is_of_file; /* what is found now */
    ws_event_checked checked;
    ws_checked_value *values;
    size_t n_values; /* room */
    size_t value;    /* that is looked at */
    const char *tag; /* its tag; NULL: none is looked at */
};

/** Reports a finding at the present record and value, and notes the remedy. */
void ws_check_found(ws_event_check *check, ws_event_rule_id id, const char *format, ...)
    WS_PRINTF(3, 4);

/** The same without figures. */
void ws_check_found_plain(ws_event_check *check, ws_event_rule_id id);

/** Whether a START that Python's loader obeys takes back the value of that ordinal and step. */
bool ws_check_is_taken_back(const ws_event_check *check, uint64_t ordinal, int64_t step);

#endif
