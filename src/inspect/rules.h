/**
 * What can be wrong with an event file, and what TensorBoard's two loaders then refuse: the Rust
 * data server (the default) and the Python one (--load_fast=false). One row per rule; no other file
 * has these sentences. They come from TensorBoard's source and from trials with both loaders.
 */
#ifndef WS_INSPECT_RULES_H
#define WS_INSPECT_RULES_H

#include <stdbool.h>

typedef enum ws_event_rule_id {
    /* Framing. */
    WS_RULE_BAD_LENGTH,
    WS_RULE_ZEROS,
    WS_RULE_BAD_CHECKSUM,
    WS_RULE_APPENDED,
    WS_RULE_NOT_EVENT,
    WS_RULE_NOT_UTF8,
    WS_RULE_TORN_TAIL,
    WS_RULE_LONG_RECORD,
    WS_RULE_MANY_PARTS,
    /* The file. */
    WS_RULE_NO_RECORD,
    WS_RULE_FILE_NAME,
    WS_RULE_NO_VERSION,
    WS_RULE_VERSION_AGAIN,
    WS_RULE_NO_START,
    WS_RULE_LATE_START,
    WS_RULE_FILES_OVERLAP,
    WS_RULE_TWO_WRITERS,
    /* An event. */
    WS_RULE_NAN_TIME,
    WS_RULE_INFINITE_TIME,
    WS_RULE_TIME_BACK,
    WS_RULE_UNKNOWN_FIELD,
    WS_RULE_OTHER_EVENT,
    WS_RULE_NO_VALUES,
    /* Steps. */
    WS_RULE_STEPS_BACK,
    WS_RULE_SAME_STEP,
    WS_RULE_TAG_TWICE,
    WS_RULE_STALE_TAIL,
    /* Tags. */
    WS_RULE_EMPTY_TAG,
    WS_RULE_CONTROL_IN_TAG,
    WS_RULE_NAMELESS_GROUP,
    WS_RULE_NO_GROUP,
    WS_RULE_BLOB_NAME,
    WS_RULE_BLOB_RUN,
    /* What a tag's page is told. */
    WS_RULE_NO_METADATA,
    WS_RULE_LATE_METADATA,
    WS_RULE_METADATA_CHANGES,
    WS_RULE_METADATA_NOT_REPEATED,
    WS_RULE_UNKNOWN_PAGE,
    WS_RULE_WRONG_CLASS,
    WS_RULE_NO_CLASS,
    WS_RULE_OTHER_FORM,
    /* Values. */
    WS_RULE_NO_VALUE,
    WS_RULE_HPARAMS_NO_VALUE,
    WS_RULE_NO_SHAPE,
    WS_RULE_TENSOR,
    WS_RULE_SCALAR_FORM,
    WS_RULE_SCALAR_TYPE,
    WS_RULE_NOT_FINITE,
    WS_RULE_BLOBS_FORM,
    WS_RULE_PICTURE,
    WS_RULE_PICTURE_SIZE,
    WS_RULE_SOUND,
    WS_RULE_SOUND_KIND,
    WS_RULE_SOUND_OLD,
    WS_RULE_HISTOGRAM_COUNTS,
    WS_RULE_HISTOGRAM_EDGES,
    WS_RULE_HISTOGRAM,
    WS_RULE_TEXT_FORM,
    WS_RULE_CURVE,
    WS_RULE_LAYOUT,
    WS_RULE_HPARAMS,
    WS_RULE_HPARAMS_RUNNING,
    WS_RULE_MESH,
    /* Graphs and times. */
    WS_RULE_GRAPH,
    WS_RULE_GRAPH_NODES,
    WS_RULE_GRAPH_INPUT,
    WS_RULE_GRAPH_AGAIN,
    WS_RULE_META_GRAPH,
    WS_RULE_BAD_META_GRAPH,
    WS_RULE_RUN_TIMES,
    WS_RULE_DEVICE_NAME,
    WS_RULE_TIME_ZERO,
    /* All runs of a log directory together. */
    WS_RULE_TWO_EXPERIMENTS,
    WS_RULE_METRIC_MISSING,
    WS_RULE_HPARAM_HIDDEN,
    WS_RULE_CHART_TAG,
    WS_N_RULES
} ws_event_rule_id;

/** What a repair does about it. */
typedef enum ws_event_remedy {
    WS_REMEDY_NONE,         /* nothing: the record stays as it is */
    WS_REMEDY_LEAVE_RECORD, /* leaves it out */
    WS_REMEDY_LEAVE_VALUE,  /* leaves out this one value */
    WS_REMEDY_ORDER,        /* puts values in the order of their steps; of several values at one
                               step keeps the last */
    WS_REMEDY_SPLIT,        /* makes a run of its own for each writer */
    WS_REMEDY_RENAME,       /* gives the value another tag */
    WS_REMEDY_ADD_VERSION,  /* puts a version record in front */
    WS_REMEDY_SET_TIME,     /* takes the time of the record before */
    WS_REMEDY_ADD_METADATA, /* gives the first value of the tag what a later one says of its page */
    WS_REMEDY_ADD_SHAPE,    /* adds the shape that the strings have */
    WS_REMEDY_FIT_EDGES,    /* gives a histogram an edge for each count, the last its maximum */
    WS_REMEDY_AS_SCALAR,    /* writes the number as a plain scalar, a 32-bit float */
    WS_REMEDY_CLEAR_CLASS,  /* takes the class away, which the loaders then fill in */
} ws_event_remedy;

typedef struct ws_event_rule {
    const char *name; /* "bad-length", as it is printed */
    bool is_defect;   /* a loader refuses or misreads something; otherwise only worth knowing */
    ws_event_remedy remedy;
    const char *what;   /* is wrong, one sentence */
    const char *rust;   /* what that loader refuses or shows; "" where it does nothing special */
    const char *python; /* the same */
} ws_event_rule;

/** The row of a rule; lasts. */
const ws_event_rule *ws_event_rule_get(ws_event_rule_id id);

/** What the remedy does, for a report: "left out"; never NULL. */
const char *ws_event_remedy_text(ws_event_remedy remedy);

#endif
