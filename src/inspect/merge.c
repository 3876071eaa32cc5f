#include "inspect/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "inspect/csv.h"
#include "tbevents/core.h"

enum { N_STATISTICS = 4, SPREAD = 1, MAX_POINTS = 1 << 26 };

static const char *const statistic_names[N_STATISTICS] = {"mean", "spread", "least", "largest"};

/** A point of one curve of one side. */
typedef struct point {
    int64_t step;
    size_t tag; /* of the run that is merged */
    size_t side;
    uint64_t order; /* of points of a side at the same place, the last counts */
    double wall_time, value;
} point;

/** One run below the sides, "train", while it is merged. */
typedef struct merge {
    const char *run;
    const char **tags; /* [n_tags], borrowed: the curves */
    size_t *n_sides;   /* [n_tags] that have it */
    size_t n_tags;
    point *points; /* [n_points], owned */
    size_t n_points, capacity;
    size_t side;    /* that is read */
    size_t *tag_of; /* [tags of the side's series] number in tags; SIZE_MAX: not merged */
    ws_event_merged *merged;
    bool has_spread; /* is written, too */
} merge;

static ws_status take_point(void *user, const ws_event_point *from, ws_error *err)
{
    merge *into = user;

    if (into->tag_of[from->tag] == SIZE_MAX)
        return WS_OK;
    if (into->n_points >= MAX_POINTS)
        return ws_fail(err, WS_ELIMIT, "run %s: more than %d values to merge", into->run,
                       MAX_POINTS);
    point *points =
        ws_names_grow(into->points, into->n_points, &into->capacity, sizeof *into->points);
    if (points == NULL)
        return ws_fail_memory(err, into->run);
    into->points = points;
    points[into->n_points] = (point){from->step,     into->tag_of[from->tag], into->side,
                                     into->n_points, from->wall_time,         from->number.value};
    into->n_points++;
    return WS_OK;
}

static int compare_points(const void *a, const void *b)
{
    const point *left = a, *right = b;

    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    if (left->tag != right->tag)
        return left->tag < right->tag ? -1 : 1;
    if (left->side != right->side)
        return left->side < right->side ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

/** Reads what a side has of the curves. */
static ws_status read_side(merge *into, const ws_event_series *series, ws_error *err)
{
    into->tag_of = malloc((series->names.n_items + 1) * sizeof *into->tag_of);
    if (into->tag_of == NULL)
        return ws_fail_memory(err, into->run);
    for (size_t i = 0; i < series->names.n_items; i++) {
        into->tag_of[i] = SIZE_MAX;
        for (size_t k = 0; k < into->n_tags && series->tags[i].kind == TBE_VALUE_SCALAR; k++)
            if (strcmp(into->tags[k], series->names.items[i]) == 0)
                into->tag_of[i] = k;
    }
    const ws_status status = ws_event_series_visit(series, take_point, into, err);
    free(into->tag_of);
    into->tag_of = NULL;
    return status;
}

static ws_status read_sides(merge *into, const ws_event_side *sides, size_t n_sides, ws_error *err)
{
    ws_status status = WS_OK;

    for (into->side = 0; status == WS_OK && into->side < n_sides; into->side++) {
        const ws_event_side *side = &sides[into->side];
        for (size_t i = 0; status == WS_OK && i < side->n_series; i++)
            if (strcmp(side->runs.items[i].name, into->run) == 0)
                status = read_side(into, &side->series[i], err);
    }
    if (into->n_points > 1)
        qsort(into->points, into->n_points, sizeof *into->points, compare_points);
    return status;
}

/** The points of one curve at one step, one a side, are [first, first + n). */
static void find_statistics(const point *points, size_t n, float out[N_STATISTICS])
{
    double mean = 0, squares = 0, least = points[0].value, largest = points[0].value;

    for (size_t i = 0; i < n; i++) {
        const double value = points[i].value, distance = value - mean;
        mean += distance / (double)(i + 1); /* Welford's way: no large sums */
        squares += distance * (value - mean);
        least = value < least ? value : least;
        largest = value > largest ? value : largest;
    }
    const bool is_nan = isnan(mean);
    const double values[N_STATISTICS] = {mean, sqrt(squares / (double)(n - 1)), least, largest};
    for (int i = 0; i < N_STATISTICS; i++)
        out[i] = is_nan ? NAN : (float)values[i];
}

/** Drops all but the last point of a side at a place. @return how many are left */
static size_t drop_repeated(point *points, size_t n)
{
    size_t n_left = 0;

    for (size_t i = 0; i < n; i++) {
        const bool is_last = i + 1 == n || points[i + 1].step != points[i].step ||
                             points[i + 1].tag != points[i].tag ||
                             points[i + 1].side != points[i].side;
        if (is_last)
            points[n_left++] = points[i];
    }
    return n_left;
}

/** The curves of one step. */
typedef struct step_values {
    const char **tags;
    float *values[N_STATISTICS]; /* each [n] */
    size_t n;
    double wall_time;
} step_values;

/** @return the number of the first point of the next step */
static size_t gather_step(merge *from, size_t first, step_values *out)
{
    size_t i = first;

    out->n = 0;
    out->wall_time = from->points[first].wall_time;
    while (i < from->n_points && from->points[i].step == from->points[first].step) {
        const size_t tag = from->points[i].tag;
        size_t n = 1;
        while (i + n < from->n_points && from->points[i + n].step == from->points[first].step &&
               from->points[i + n].tag == tag)
            n++;
        if (n == from->n_sides[tag]) {
            float found[N_STATISTICS];
            find_statistics(&from->points[i], n, found);
            for (int k = 0; k < N_STATISTICS; k++)
                out->values[k][out->n] = found[k];
            out->tags[out->n++] = from->tags[tag];
            from->merged->n_points++;
        } else {
            from->merged->n_points_alone++;
        }
        i += n;
    }
    return i;
}

static ws_status fail_writer(const tbe_writer *writer, tbe_status status, ws_error *err)
{
    const ws_status own = status == TBE_ENOMEM   ? WS_ENOMEM
                          : status == TBE_EEXIST ? WS_EEXISTS
                          : status == TBE_ELIMIT ? WS_ELIMIT
                                                 : WS_EIO;
    return ws_fail(err, own, "%s", tbe_get_message(writer));
}

static ws_status write_steps(merge *from, tbe_writer *const *writers, step_values *values,
                             ws_error *err)
{
    tbe_status status = TBE_OK;
    size_t next = 0;

    for (size_t i = 0; i < from->n_points; i = next) {
        next = gather_step(from, i, values);
        const double time =
            values->wall_time > 0 && values->wall_time <= TBE_MAX_WALL_TIME ? values->wall_time : 0;
        for (int k = 0; k < N_STATISTICS && values->n > 0; k++) {
            if (writers[k] == NULL)
                continue;
            status = tbe_set_wall_time(writers[k], time);
            if (status == TBE_OK)
                status = tbe_add_scalars(writers[k], from->points[i].step, values->n, values->tags,
                                         values->values[k]);
            if (status != TBE_OK)
                return fail_writer(writers[k], status, err);
        }
    }
    return WS_OK;
}

static ws_status check_free(const char *path, ws_error *err)
{
    ws_event_runs runs = {.items = NULL};
    ws_error none;

    if (!ws_dir_exists(path))
        return WS_OK;
    const ws_status status = ws_event_runs_find(&runs, path, &none);
    ws_event_runs_deinit(&runs);
    return status == WS_ENOTFOUND
               ? WS_OK
               : ws_fail(err, WS_EEXISTS, "%s: has event files already; expected a new directory",
                         path);
}

static ws_status open_writer(tbe_writer **writer, const char *output, const char *statistic,
                             const merge *from, ws_error *err)
{
    tbe_options options;
    char *top = ws_path_join(output, statistic);
    char *path = top == NULL                   ? NULL
                 : strcmp(from->run, ".") == 0 ? ws_text_copy(top)
                                               : ws_path_join(top, from->run);

    tbe_options_init(&options, sizeof options);
    options.start_step = from->points[0].step;
    options.writer_name = "wordspot events merge";
    options.max_wait_s = 86400; /* nothing is dropped because the disk is slow */
    options.close_wait_s = 86400;
    ws_status status = path != NULL ? check_free(path, err) : ws_fail_memory(err, output);
    if (status == WS_OK) {
        *writer = tbe_open(path, &options);
        if (tbe_get_status(*writer) != TBE_OK)
            status = fail_writer(*writer, tbe_get_status(*writer), err);
    }
    free(top);
    free(path);
    return status;
}

static ws_status close_writer(tbe_writer *writer, ws_error *err)
{
    char message[512];
    return tbe_close(writer, message, sizeof message) == TBE_OK
               ? WS_OK
               : ws_fail(err, WS_EIO, "%s", message);
}

static ws_status write_run(merge *from, const char *output, ws_error *err)
{
    tbe_writer *writers[N_STATISTICS] = {NULL};
    step_values values = {.tags = malloc((from->n_tags + 1) * sizeof *values.tags)};
    ws_status status = values.tags != NULL ? WS_OK : ws_fail_memory(err, from->run);

    for (int i = 0; i < N_STATISTICS; i++) {
        values.values[i] = malloc((from->n_tags + 1) * sizeof *values.values[i]);
        if (status == WS_OK && values.values[i] == NULL)
            status = ws_fail_memory(err, from->run);
        if (status == WS_OK && (i != SPREAD || from->has_spread))
            status = open_writer(&writers[i], output, statistic_names[i], from, err);
    }
    if (status == WS_OK)
        status = write_steps(from, writers, &values, err);
    for (int i = 0; i < N_STATISTICS; i++) {
        if (status == WS_OK && writers[i] != NULL)
            status = close_writer(writers[i], err);
        else if (writers[i] != NULL)
            (void)tbe_close(writers[i], NULL, 0);
        free(values.values[i]);
    }
    free(values.tags);
    return status;
}

/** How many sides have a curve. */
static size_t count_sides(const ws_event_side *sides, size_t n_sides, const char *run,
                          const char *tag)
{
    size_t n = 0;
    for (size_t i = 0; i < n_sides; i++)
        n += ws_event_side_find(&sides[i], run, tag).series != NULL;
    return n;
}

/** Merges the curves [first, first + n) of the list, which are of one run. */
static ws_status merge_run(const ws_event_shared *shared, size_t n, const ws_event_side *sides,
                           size_t n_sides, bool has_spread, const char *output,
                           ws_event_merged *merged, ws_error *err)
{
    merge into = {.run = shared[0].run, .merged = merged, .has_spread = has_spread};
    ws_status status = WS_OK;

    into.tags = malloc(n * sizeof *into.tags);
    into.n_sides = malloc(n * sizeof *into.n_sides);
    if (into.tags == NULL || into.n_sides == NULL)
        status = ws_fail_memory(err, into.run);
    for (size_t i = 0; status == WS_OK && i < n; i++) {
        into.tags[i] = shared[i].tag;
        into.n_sides[i] = count_sides(sides, n_sides, into.run, shared[i].tag);
        into.n_tags++;
    }
    if (status == WS_OK)
        status = read_sides(&into, sides, n_sides, err);
    into.n_points = drop_repeated(into.points, into.n_points);
    if (status == WS_OK && into.n_points > 0)
        status = write_run(&into, output, err);
    merged->n_curves += n;
    free(into.tags);
    free(into.n_sides);
    free(into.points);
    return status;
}

/** Curves that match and are in one side only. */
static size_t count_alone(const ws_event_side *sides, size_t n_sides, const char *pattern)
{
    size_t n = 0;

    for (size_t i = 0; i < n_sides; i++)
        for (size_t k = 0; k < sides[i].n_series; k++) {
            const ws_event_series *series = &sides[i].series[k];
            const char *run = sides[i].runs.items[k].name;
            for (size_t t = 0; t < series->names.n_items; t++)
                n += series->tags[t].kind == TBE_VALUE_SCALAR &&
                     ws_event_tag_matches(series->names.items[t], pattern) &&
                     count_sides(sides, n_sides, run, series->names.items[t]) == 1;
        }
    return n;
}

ws_status ws_event_merge(const ws_event_side *sides, size_t n_sides, const char *pattern,
                         bool has_spread, const char *output, ws_event_merged *merged,
                         ws_error *err)
{
    ws_event_shared_list list = {.items = NULL};

    *merged = (ws_event_merged){.n_curves = 0};
    ws_status status = ws_event_shared_find(&list, sides, n_sides, pattern, err);
    if (status == WS_OK && list.n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "no scalar is in two of the runs under the same name; `wordspot events "
                         "list` shows what they have");
    size_t n = 1;
    for (size_t i = 0; status == WS_OK && i < list.n_items; i += n) {
        n = 1;
        while (i + n < list.n_items && strcmp(list.items[i + n].run, list.items[i].run) == 0)
            n++;
        status = merge_run(&list.items[i], n, sides, n_sides, has_spread, output, merged, err);
    }
    merged->n_curves_alone = count_alone(sides, n_sides, pattern);
    free(list.items);
    return status;
}
