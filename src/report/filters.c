/*
 * What the first layer looks for, as a picture of time and frequency a filter:
 *
 *     convolution  its kernels
 *     dense        the weights of each unit; of a label, if it is the only layer
 *     svdf         of each unit the sum of its filters, which are products of a frequency and a
 *                  time part
 */
#include <stdio.h>
#include <stdlib.h>

#include "plot/filter_plot.h"
#include "report/picture.h"

static const char tag[] = "weights/first_layer";

enum { MAX_NUMBERS = 48000 }; /* in the picture: some 40 kB */

/** The first layer, and how its filters become tiles. */
typedef struct filters_view {
    ws_report_filters filters; /* borrowed arrays */
    size_t n_tiles;            /* filters that are shown: the first ones */
    size_t n_joined;           /* numbers each way that are shown as their mean */
    size_t n_columns, n_rows;  /* of a tile: frames and bins, joined */
    float *tiles;              /* [n_tiles, n_columns, n_rows] owned */
    ws_picture_labels labels;  /* empty unless a filter is a label's */
} filters_view;

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/** Makes tiles of the filters that fit into a picture: where there are too many numbers, means of
 *  neighbours, and of very many filters the first ones. */
static void set_tiles(filters_view *view)
{
    const ws_report_filters *filters = &view->filters;
    const size_t n_wanted = filters->n_filters < WS_FILTER_PLOT_MAX_TILES
                                ? filters->n_filters
                                : WS_FILTER_PLOT_MAX_TILES;
    /* blurred filters are worse than fewer of them, but labels should all be there */
    const size_t max_joined = view->labels.names != NULL ? SIZE_MAX : 2;
    size_t tile_size;

    view->n_joined = 0;
    do {
        view->n_joined++;
        view->n_columns = divide_up(filters->n_frames, view->n_joined);
        view->n_rows = divide_up(filters->n_bins, view->n_joined);
        tile_size = view->n_columns * view->n_rows;
    } while (view->n_columns > WS_FILTER_PLOT_MAX_FRAMES ||
             view->n_rows > WS_FILTER_PLOT_MAX_BINS || tile_size > MAX_NUMBERS ||
             (n_wanted * tile_size > MAX_NUMBERS && view->n_joined < max_joined));
    view->n_tiles = MAX_NUMBERS / tile_size < n_wanted ? MAX_NUMBERS / tile_size : n_wanted;
}

static void destroy(void *state)
{
    filters_view *view = state;
    if (view == NULL)
        return;
    free(view->tiles);
    ws_picture_labels_deinit(&view->labels);
    free(view);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    filters_view *view = calloc(1, sizeof *view);
    ws_status status = WS_OK;

    if (view == NULL)
        return ws_fail_memory(err, "the first layer");
    view->filters = options->observation->filters;
    *state = view;
    if (view->filters.n_filters == 0)
        return WS_OK;
    if (view->filters.is_label_each)
        status = ws_picture_labels_init(&view->labels, options->observation, err);
    set_tiles(view);
    view->tiles = calloc(view->n_tiles * view->n_columns * view->n_rows, sizeof *view->tiles);
    if (status == WS_OK && view->tiles == NULL)
        status = ws_fail_memory(err, "the first layer");
    if (status == WS_OK)
        return WS_OK;
    destroy(view);
    *state = NULL;
    return status;
}

/** The weight of a filter for a frame and bin. */
static double get_weight(const ws_report_filters *filters, size_t filter, size_t frame, size_t bin)
{
    const size_t cell = frame * filters->frame_step + bin * filters->bin_step;
    const size_t end = (filter + 1) * filters->rank;
    double sum = 0;

    for (size_t i = filter * filters->rank; i < end; i++)
        sum +=
            (double)filters->weights[cell + i] *
            (filters->times != NULL ? (double)filters->times[i * filters->n_frames + frame] : 1.0);
    return sum;
}

/** A number of a tile: the mean of those that it stands for. */
static double find_mean(const filters_view *view, size_t filter, size_t column, size_t row)
{
    const ws_report_filters *filters = &view->filters;
    const size_t n = view->n_joined;
    double sum = 0;
    size_t n_summed = 0;
    for (size_t frame = column * n; frame < (column + 1) * n && frame < filters->n_frames;
         frame++) {
        for (size_t bin = row * n; bin < (row + 1) * n && bin < filters->n_bins; bin++, n_summed++)
            sum += get_weight(filters, filter, frame, bin);
    }
    return sum / (double)n_summed;
}

static void fill_tiles(const filters_view *view)
{
    float *out = view->tiles;
    for (size_t tile = 0; tile < view->n_tiles; tile++) {
        for (size_t column = 0; column < view->n_columns; column++) {
            for (size_t row = 0; row < view->n_rows; row++)
                *out++ = (float)find_mean(view, tile, column, row);
        }
    }
}

static ws_status draw(const filters_view *view, int64_t step, ws_canvas *canvas, ws_error *err)
{
    const size_t n_filters = view->filters.n_filters;
    char title[128], note[64];

    (void)snprintf(title, sizeof title, "STEP %lld %s", (long long)step, view->filters.name);
    if (view->n_tiles < n_filters)
        (void)snprintf(note, sizeof note, "%zu OF %zu", view->n_tiles, n_filters);
    else
        (void)snprintf(note, sizeof note, "%zu", n_filters);
    return ws_filter_plot_run(
        &(ws_filter_plot_args){
            .values = view->tiles,
            .n_tiles = view->n_tiles,
            .n_frames = view->n_columns,
            .n_bins = view->n_rows,
            .labels = view->labels.names,
            .title = title,
            .note = note,
        },
        canvas, err);
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    const filters_view *view = state;
    ws_canvas canvas;
    ws_error err;

    if (view->filters.n_filters == 0 || evaluation->place != WS_REPORT_VALIDATION)
        return; /* the test sees the weights of the last validation */
    fill_tiles(view);
    if (draw(view, evaluation->step, &canvas, &err) != WS_OK) {
        ws_report_warn(report, err.message);
        return;
    }
    (void)tbe_describe(ws_report_writer(report, WS_REPORT_TRAIN), tag, NULL,
                       "What the filters of the first layer look for: time from left to right, low "
                       "frequencies at the bottom; red above zero, blue below, black: not finite");
    ws_report_add_picture(report, WS_REPORT_TRAIN, evaluation->step, tag, &canvas);
    ws_canvas_deinit(&canvas);
}

const ws_view ws_view_filters = {
    .name = "filters",
    .create = create,
    .destroy = destroy,
    .push_evaluation = push_evaluation,
};
