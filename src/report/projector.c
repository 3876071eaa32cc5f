/* The clips of the validation set as points in space: what the last layer gave them, who said them,
 * and what they look like. Written once, when the run ends, of the last evaluation that it made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/softmax.h"
#include "base/text.h"
#include "base/utf8.h"
#include "report/thumbnails.h"
#include "report/view.h"

enum { MAX_POINTS = 10000 }; /* of more the page takes a part for t-SNE and UMAP */

static const char *const columns[] = {"word", "heard", "result", "confidence", "speaker", "file"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/** The last evaluation, and what is made of it. */
typedef struct projector {
    size_t n_labels;
    size_t n_clips;  /* of the last evaluation; 0: there was none */
    size_t *entries; /* [n_clips] */
    int32_t *labels; /* [n_clips] */
    float *logits;   /* [n_clips, n_labels] */
} projector;

static void destroy(void *state)
{
    projector *view = state;

    if (view == NULL)
        return;
    free(view->entries);
    free(view->labels);
    free(view->logits);
    free(view);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    const size_t n_clips = options->observation->n_clips[WS_REPORT_VALIDATION];
    const size_t n = 1 + (n_clips < MAX_POINTS ? n_clips : MAX_POINTS);
    projector *view = calloc(1, sizeof *view);

    if (view == NULL)
        return ws_fail_memory(err, "the projector's points");
    view->n_labels = options->observation->n_labels;
    view->entries = malloc(n * sizeof *view->entries);
    view->labels = malloc(n * sizeof *view->labels);
    view->logits = malloc(n * view->n_labels * sizeof *view->logits);
    if (view->entries == NULL || view->labels == NULL || view->logits == NULL) {
        destroy(view);
        return ws_fail_memory(err, "the projector's points");
    }
    *state = view;
    return WS_OK;
}

/** Keeps up to MAX_POINTS of the clips, evenly spread over the set. */
static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    projector *view = state;
    const size_t n = evaluation->n_clips < MAX_POINTS ? evaluation->n_clips : MAX_POINTS;

    (void)report;
    if (evaluation->place != WS_REPORT_VALIDATION)
        return;
    for (size_t i = 0; i < n; i++) {
        const size_t from = i * evaluation->n_clips / n;
        view->entries[i] = evaluation->entries[from];
        view->labels[i] = evaluation->labels[from];
        memcpy(view->logits + i * view->n_labels, evaluation->logits + from * view->n_labels,
               view->n_labels * sizeof *view->logits);
    }
    view->n_clips = n;
}

/** Who says it: the file's name up to "_nohash_"; "-" where there is no such part. */
static char *find_speaker(const ws_report_clip *clip)
{
    const char *name = clip->path != NULL ? ws_path_base(clip->path) : "";
    const char *end = strstr(name, "_nohash_");

    return end == NULL || end == name ? ws_text_copy("-")
                                      : ws_text_format("%.*s", (int)(end - name), name);
}

/** Draws point i again, as far as there are arrays for it. */
static ws_status redraw(const ws_report *report, const projector *view, size_t i,
                        ws_report_clip *clip, ws_error *err)
{
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    return sound->redraw(sound->user, WS_REPORT_VALIDATION, view->entries[i], clip, err);
}

/** A cell of the table of labels: names of files are any bytes. @return false without memory */
static bool push_cell(ws_text_list *cells, const char *text)
{
    if (text == NULL || ws_text_list_push(cells, text) != WS_OK)
        return false;
    (void)ws_utf8_clean(cells->items[cells->n_items - 1]);
    return true;
}

/** All cells of a clip, in the order of columns. */
static bool push_row(const ws_report *report, const projector *view, size_t i, ws_text_list *cells)
{
    ws_report_clip clip = {.path = NULL};
    const size_t word = (size_t)view->labels[i];
    const float *logits = view->logits + i * view->n_labels;
    const size_t heard = ws_confusion_predict(logits, view->n_labels);
    double largest; /* that of what was heard, whose share of the sum is therefore 1 */
    const double confidence = 1.0 / ws_softmax_sum(logits, view->n_labels, &largest);
    char number[32];

    (void)redraw(report, view, i, &clip, NULL); /* only its name: cannot fail */
    /* the word, too, since it may be an unknown one to the network */
    const char *file = clip.path == NULL ? "-" : ws_path_tail(clip.path);
    char *speaker = find_speaker(&clip);
    (void)snprintf(number, sizeof number, "%.3f", confidence);
    const bool is_good = push_cell(cells, ws_report_label(report, word)) &&
                         push_cell(cells, ws_report_label(report, heard)) &&
                         push_cell(cells, word == heard ? "right" : "wrong") &&
                         push_cell(cells, number) && push_cell(cells, speaker) &&
                         push_cell(cells, file);
    free(speaker);
    return is_good;
}

static ws_status push_rows(const ws_report *report, const projector *view, ws_text_list *cells,
                           ws_error *err)
{
    for (size_t i = 0; i < view->n_clips; i++)
        if (!push_row(report, view, i, cells))
            return ws_fail_memory(err, "the projector's labels");
    return WS_OK;
}

/** Thumbnails of all clips. */
static ws_status draw(const ws_report *report, const projector *view, ws_thumbnails *thumbnails,
                      ws_error *err)
{
    const ws_report_sound *sound = &ws_report_get_observation(report)->sound;
    ws_report_clip clip = {.fingerprint =
                               malloc(sound->n_frames * sound->width * sizeof *clip.fingerprint)};
    ws_status status = clip.fingerprint == NULL
                           ? ws_fail_memory(err, "thumbnails")
                           : ws_thumbnails_init(thumbnails, sound, view->n_clips, err);

    for (size_t i = 0; status == WS_OK && i < view->n_clips; i++) {
        status = redraw(report, view, i, &clip, err);
        if (status == WS_OK)
            ws_thumbnails_set(thumbnails, i, clip.fingerprint);
    }
    if (status == WS_OK)
        ws_thumbnails_finish(thumbnails);
    free(clip.fingerprint);
    return status;
}

static ws_status write_files(const ws_report *report, const projector *view,
                             const ws_thumbnails *thumbnails, const ws_text_list *cells,
                             ws_error *err)
{
    uint8_t palette[WS_THUMBNAIL_N_SHADES][3];
    char message[512];
    tbe_embedding points;
    char *dir = ws_report_place_dir(report, WS_REPORT_VALIDATION);

    if (dir == NULL)
        return ws_fail_memory(err, "the projector's files");
    ws_thumbnails_get_palette(palette);
    tbe_embedding_init(&points, sizeof points);
    points.name = "logits";
    points.format = TBE_VECTORS_BYTES;
    points.vectors = view->logits;
    points.n_points = view->n_clips;
    points.n_dims = view->n_labels;
    points.columns = columns;
    points.n_columns = N_COLUMNS;
    points.labels = (const char *const *)cells->items;
    points.thumbs = thumbnails->pixels;
    points.thumb_format = TBE_PIXELS_PALETTE;
    points.thumb_width = (uint32_t)thumbnails->width;
    points.thumb_height = (uint32_t)thumbnails->height;
    points.palette = &palette[0][0];
    points.n_colours = WS_THUMBNAIL_N_SHADES;
    const tbe_embedding *const all[] = {&points};
    const tbe_status status = tbe_projector_write(dir, 1, all, message, sizeof message);
    free(dir);
    if (status == TBE_OK)
        return WS_OK;
    return ws_fail(err, status == TBE_EIO ? WS_EIO : WS_EINVAL,
                   "the projector gets no new files: %s", message);
}

static void push_end(ws_report *report, void *state, const ws_report_end *end)
{
    const projector *view = state;
    ws_thumbnails thumbnails = {.sound = NULL};
    ws_text_list cells = {.items = NULL};
    ws_error err;

    (void)end;
    if (view->n_clips == 0)
        return;
    ws_status status = push_rows(report, view, &cells, &err);
    if (status == WS_OK)
        status = draw(report, view, &thumbnails, &err);
    if (status == WS_OK)
        status = write_files(report, view, &thumbnails, &cells, &err);
    if (status == WS_EIO)
        ws_report_warn_lost(report, err.message);
    else if (status != WS_OK)
        ws_report_warn(report, err.message);
    ws_thumbnails_deinit(&thumbnails);
    ws_text_list_deinit(&cells);
}

const ws_view ws_view_projector = {
    .name = "projector",
    .create = create,
    .destroy = destroy,
    .push_evaluation = push_evaluation,
    .push_end = push_end,
};
