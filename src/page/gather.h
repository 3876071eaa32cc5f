/**
 * What runs have shown, read back from their event files for a page: curves with few points, the
 * last text, picture, sound and precision-recall curve of each tag, the graph, the settings.
 *
 * A run has parts, each a folder with event files: itself (""), "train", "validation" and "test".
 * Files of any writer are read; what is missing in them is missing here.
 */
#ifndef WS_PAGE_GATHER_H
#define WS_PAGE_GATHER_H

#include "base/log.h"
#include "base/status.h"
#include "base/text.h"
#include "inspect/runs.h"
#include "tbevents/reader.h"

enum {
    WS_PAGE_CURVE_POINTS = 300,         /* of a curve at most */
    WS_PAGE_MAX_ITEM_BYTES = 1 << 20,   /* a larger picture, sound or text is left out */
    WS_PAGE_MAX_GRAPH_BYTES = 64 << 20, /* the same of a graph */
};

/** A point of a curve: the mean of the values of some neighbouring steps. */
typedef struct ws_page_point {
    double step, value;
} ws_page_point;

typedef struct ws_page_curve {
    char *tag;             /* owned */
    ws_page_point *points; /* [n] owned, by rising step; only finite ones */
    size_t n;
    uint64_t n_values;        /* that the points stand for, those that are not finite included */
    double least, most, last; /* of the finite values */
    int64_t least_step, most_step, last_step;
} ws_page_curve;

/** The last value of a tag that is no scalar. */
typedef struct ws_page_item {
    char *tag; /* owned */
    tbe_value_kind kind;
    int64_t step;
    uint8_t *data; /* [size] owned: the first picture, sound or text, with a NUL after it; NULL */
    size_t size;
    double *numbers; /* [n_numbers] owned: of a precision-recall curve, as tbe_value has them */
    size_t n_numbers;
} ws_page_item;

typedef struct ws_page_part {
    char *name;            /* owned */
    ws_page_curve *curves; /* [n_curves] owned, by name */
    size_t n_curves;
    ws_page_item *items; /* [n_items] owned */
    size_t n_items, item_capacity;
    uint8_t *graph, *times; /* [n_..._bytes] owned: a GraphDef, a RunMetadata; NULL */
    size_t n_graph_bytes, n_times_bytes;
} ws_page_part;

typedef enum ws_page_end {
    WS_PAGE_END_NONE,    /* its program does not log that a run begins and ends */
    WS_PAGE_END_UNKNOWN, /* it runs, or it was killed */
    WS_PAGE_END_SUCCESS,
    WS_PAGE_END_FAILURE,
} ws_page_end;

typedef struct ws_page_run {
    char *name;          /* owned */
    char *group;         /* owned: equal for runs that differ in the seed alone; "": not known */
    ws_page_part *parts; /* [n_parts] owned */
    size_t n_parts, part_capacity;
    ws_text_list names, values; /* settings */
    ws_page_end end;
    double wall_time; /* of the newest value, seconds since 1970; 0: there is no scalar */
} ws_page_run;

typedef struct ws_page_runs {
    ws_page_run *items; /* [n_items] owned */
    size_t n_items, capacity;
    uint64_t n_damaged; /* files that could not be read to their end */
} ws_page_runs;

/**
 * Reads all runs.
 *
 * @param runs  set; for ws_page_runs_deinit(), also after a failure
 * @param log   told of damage
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_runs_read(ws_page_runs *runs, const ws_event_runs *found,
                                          const ws_log *log, ws_error *err);
void ws_page_runs_deinit(ws_page_runs *runs);

/** NULL if nothing has the name. */
const ws_page_part *ws_page_part_find(const ws_page_run *run, const char *name);
const ws_page_curve *ws_page_curve_find(const ws_page_part *part, const char *tag);
/** @param part  NULL: has none */
const ws_page_item *ws_page_item_find(const ws_page_part *part, const char *tag,
                                      tbe_value_kind kind);
/** The text of a tag in the run's own part; NULL. */
const char *ws_page_text_find(const ws_page_run *run, const char *tag);
/** The value of a setting; NULL. */
const char *ws_page_setting_find(const ws_page_run *run, const char *name);

#endif
