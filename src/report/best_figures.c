#include "report/best_figures.h"

#include <string.h>

#include "base/buf.h"
#include "report/run_files.h"

enum { MAX_POINTS_BYTES = 1 << 26 };

typedef struct point {
    int64_t step;
    ws_best_figures best;
} point;

/** A later session starts: what is there from its step on was given up. */
static void drop_from(ws_buf *points, int64_t step)
{
    while (points->size > 0) {
        point last;
        memcpy(&last, points->data + points->size - sizeof last, sizeof last);
        if (last.step < step)
            break;
        points->size -= sizeof last;
    }
}

static void push_record(ws_buf *points, const tbe_record *record)
{
    point one = {.step = record->step};
    int n_found = 0;

    for (size_t i = 0; i < record->n_values; i++) {
        const tbe_value *value = &record->values[i];
        const bool is_accuracy = strcmp(value->tag, WS_BEST_ACCURACY_TAG) == 0;
        if (!is_accuracy && strcmp(value->tag, WS_BEST_CROSS_ENTROPY_TAG) != 0)
            continue;
        *(is_accuracy ? &one.best.accuracy : &one.best.cross_entropy) = (float)value->scalar;
        n_found++;
    }
    one.best.is_known = n_found == 2;
    if (one.best.is_known)
        ws_buf_push(points, &one, sizeof one);
}

static ws_status take_record(void *user, const tbe_record *record)
{
    ws_buf *points = user; /* of struct point */

    if (record->kind == TBE_RECORD_START)
        drop_from(points, record->step);
    else
        push_record(points, record);
    return points->status;
}

ws_status ws_best_figures_read(const char *dir, int64_t first_step, ws_best_figures *best,
                               ws_error *err)
{
    ws_buf points;

    *best = (ws_best_figures){.is_known = false};
    ws_buf_init(&points, MAX_POINTS_BYTES);
    const ws_status status = ws_run_files_read(dir, take_record, &points);
    drop_from(&points, first_step);
    if (points.size > 0) {
        point last;
        memcpy(&last, points.data + points.size - sizeof last, sizeof last);
        *best = last.best;
    }
    ws_buf_deinit(&points);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "figures of a resumed run");
}
