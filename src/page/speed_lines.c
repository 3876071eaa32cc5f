#include "page/speed_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/** A line that is being read. */
typedef struct line_place {
    const char *path;
    size_t number; /* from 1 */
    bool has_source;
    size_t source; /* of figures without a machine of their own */
} line_place;

/** A figure, and its place among others. */
typedef struct placed_figure {
    ws_speed_figure figure;
    size_t what, model, order; /* the first figure that has the same; its own place */
} placed_figure;

bool ws_speed_lines_is_name(const char *path)
{
    return ws_text_has_suffix(path, ".jsonl");
}

/* ---- keeping ---- */

/** A copy that lives as long as the lines. @return NULL without memory */
static const char *keep(ws_speed_lines *lines, const char *text)
{
    return ws_text_list_push(&lines->texts, text) == WS_OK
               ? lines->texts.items[lines->texts.n_items - 1]
               : NULL;
}

static ws_status find_source(ws_speed_lines *lines, const ws_speed_source *wanted, size_t *found,
                             ws_error *err)
{
    for (*found = 0; *found < lines->n_sources; ++*found) {
        const ws_speed_source *one = &lines->sources[*found];
        if (strcmp(one->machine, wanted->machine) == 0 && strcmp(one->date, wanted->date) == 0 &&
            strcmp(one->version, wanted->version) == 0)
            return WS_OK;
    }
    ws_speed_source *longer =
        realloc(lines->sources, (lines->n_sources + 1) * sizeof *lines->sources);
    if (longer == NULL)
        return ws_fail_memory(err, "a machine");
    lines->sources = longer;
    const ws_speed_source made = {keep(lines, wanted->machine), keep(lines, wanted->date),
                                  keep(lines, wanted->version)};
    if (made.machine == NULL || made.date == NULL || made.version == NULL)
        return ws_fail_memory(err, "a machine");
    lines->sources[lines->n_sources++] = made;
    return WS_OK;
}

/** Whether two figures are of the same program, and so on, with the same time. */
static bool is_same(const ws_speed_figure *a, const ws_speed_figure *b)
{
    return strcmp(a->what, b->what) == 0 && strcmp(a->model, b->model) == 0 &&
           strcmp(a->unit, b->unit) == 0 && strcmp(a->program, b->program) == 0 &&
           strcmp(a->version, b->version) == 0 && strcmp(a->note, b->note) == 0 &&
           a->source == b->source && !(a->value < b->value || a->value > b->value);
}

/** Adds a figure, whose texts are copied. Wordspot's own time stands beside each of its peers, and
 *  is kept once. */
static ws_status push_figure(ws_speed_lines *lines, ws_speed_figure figure, const line_place *place,
                             ws_error *err)
{
    for (size_t i = 0; i < lines->n_figures; i++)
        if (is_same(&lines->figures[i], &figure))
            return WS_OK;
    if (lines->n_figures == WS_SPEED_MAX_FIGURES)
        return ws_fail(err, WS_ELIMIT, "%s:%zu: more than %d figures; expected fewer lines",
                       place->path, place->number, (int)WS_SPEED_MAX_FIGURES);
    ws_speed_figure *longer =
        realloc(lines->figures, (lines->n_figures + 1) * sizeof *lines->figures);
    if (longer == NULL)
        return ws_fail_memory(err, "a figure");
    lines->figures = longer;
    const char **texts[] = {&figure.what,    &figure.model,   &figure.unit,
                            &figure.program, &figure.version, &figure.note};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = keep(lines, *texts[i]);
        if (*texts[i] == NULL)
            return ws_fail_memory(err, "a figure");
    }
    lines->figures[lines->n_figures++] = figure;
    return WS_OK;
}

/* ---- members of a line ---- */

static ws_status find_text(const ws_json *json, const char *key, const line_place *place,
                           const char **text, ws_error *err)
{
    *text = ws_json_get_text(json, key);
    return *text != NULL && **text != '\0'
               ? WS_OK
               : ws_fail(err, WS_EFORMAT, "%s:%zu: \"%s\" is missing; expected a text", place->path,
                         place->number, key);
}

static ws_status find_number(const ws_json *json, const char *key, const line_place *place,
                             double *number, ws_error *err)
{
    *number = (double)NAN;
    (void)ws_json_get_number(json, key, number);
    return *number > 0 && isfinite(*number)
               ? WS_OK
               : ws_fail(err, WS_EFORMAT,
                         "%s:%zu: \"%s\" is missing or invalid; expected a number above 0",
                         place->path, place->number, key);
}

/** A number that may be missing, but not wrong. @param number  set; as it was if missing */
static ws_status find_optional(const ws_json *json, const char *key, const line_place *place,
                               double *number, ws_error *err)
{
    return ws_json_has(json, key) ? find_number(json, key, place, number, err) : WS_OK;
}

/* ---- lines ---- */

static ws_status read_source(ws_speed_lines *lines, const ws_json *json, line_place *place,
                             ws_error *err)
{
    ws_speed_source source;
    ws_status status = find_text(json, "machine", place, &source.machine, err);

    if (status == WS_OK)
        status = find_text(json, "date", place, &source.date, err);
    if (status == WS_OK)
        status = find_text(json, "version", place, &source.version, err);
    if (status == WS_OK)
        status = find_source(lines, &source, &place->source, err);
    place->has_source = status == WS_OK;
    return status;
}

/** A figure of Wordspot that has no texts of its own yet. */
static ws_speed_figure start_own(const ws_speed_lines *lines, const line_place *place)
{
    return (ws_speed_figure){
        .program = "Wordspot",
        .version = lines->sources[place->source].version,
        .note = "",
        .ratio = (double)NAN,
        .ratio_least = (double)NAN,
        .ratio_most = (double)NAN,
        .source = place->source,
    };
}

static ws_status read_measurement(ws_speed_lines *lines, const ws_json *json,
                                  const line_place *place, ws_error *err)
{
    ws_speed_figure own = start_own(lines, place);
    ws_status status = find_text(json, "what", place, &own.what, err);

    if (status == WS_OK)
        status = find_text(json, "model", place, &own.model, err);
    if (status == WS_OK)
        status = find_text(json, "unit", place, &own.unit, err);
    if (status == WS_OK)
        status = find_number(json, "own", place, &own.value, err);
    if (status == WS_OK)
        status = push_figure(lines, own, place, err);
    if (status != WS_OK || !ws_json_has(json, "peer"))
        return status;

    ws_speed_figure peer = own;
    const char *version = ws_json_get_text(json, "peer_version");
    const char *note = ws_json_get_text(json, "peer_note");
    peer.version = version != NULL ? version : "";
    peer.note = note != NULL ? note : "";
    status = find_text(json, "peer_name", place, &peer.program, err);
    if (status == WS_OK)
        status = find_number(json, "peer", place, &peer.value, err);
    peer.ratio = peer.value / own.value;
    if (status == WS_OK)
        status = find_optional(json, "ratio", place, &peer.ratio, err);
    if (status == WS_OK)
        status = find_optional(json, "ratio_least", place, &peer.ratio_least, err);
    if (status == WS_OK)
        status = find_optional(json, "ratio_most", place, &peer.ratio_most, err);
    return status == WS_OK ? push_figure(lines, peer, place, err) : status;
}

/** A time of `wordspot bench --json`. */
static ws_status push_bench(ws_speed_lines *lines, const ws_json *json, const char *key,
                            const char *what, const line_place *place, ws_error *err)
{
    ws_speed_figure figure = start_own(lines, place);
    double n_threads = 0;

    figure.unit = "ms";
    ws_status status = find_text(json, "model", place, &figure.model, err);

    if (status == WS_OK)
        status = find_number(json, key, place, &figure.value, err);
    if (status == WS_OK)
        status = find_optional(json, "threads", place, &n_threads, err);
    if (status != WS_OK)
        return status;
    char *title = n_threads > 0 ? ws_text_format("%s, %.0f thread%s", what, n_threads,
                                                 n_threads > 1 ? "s" : "")
                                : ws_text_copy(what);
    if (title == NULL)
        return ws_fail_memory(err, "a figure");
    figure.what = title;
    status = push_figure(lines, figure, place, err);
    free(title);
    return status;
}

static ws_status read_bench(ws_speed_lines *lines, const ws_json *json, const line_place *place,
                            ws_error *err)
{
    const char *call = ws_json_get_text(json, "call");

    if (ws_json_has(json, "call_ms"))
        return push_bench(lines, json, "call_ms",
                          call != NULL && strcmp(call, "step") == 0
                              ? "step of a stream, from samples to scores"
                              : "clip, from samples to scores",
                          place, err);
    const ws_status status =
        push_bench(lines, json, "step_ms", "training step on made-up clips", place, err);
    return status == WS_OK
               ? push_bench(lines, json, "network_ms", "network of a training step", place, err)
               : status;
}

static ws_status read_object(ws_speed_lines *lines, const ws_json *json, line_place *place,
                             ws_error *err)
{
    const bool is_bench = ws_json_has(json, "step_ms") || ws_json_has(json, "call_ms");
    const bool is_measurement = ws_json_has(json, "own");
    ws_status status = WS_OK;

    if (ws_json_has(json, "machine"))
        status = read_source(lines, json, place, err);
    else if (!is_bench && !is_measurement)
        return ws_fail(
            err, WS_EFORMAT,
            "%s:%zu: has no \"machine\", \"own\", \"step_ms\" or \"call_ms\"; expected a "
            "line of wordspot bench --json or of tests/bench/compare.sh",
            place->path, place->number);
    else if (!place->has_source)
        return ws_fail(err, WS_EFORMAT,
                       "%s:%zu: comes before the machine; expected \"machine\", \"date\" and "
                       "\"version\" in this line or in one before it",
                       place->path, place->number);
    if (status == WS_OK && is_measurement)
        status = read_measurement(lines, json, place, err);
    else if (status == WS_OK && is_bench)
        status = read_bench(lines, json, place, err);
    return status;
}

static ws_status read_line(ws_speed_lines *lines, const char *text, size_t size, line_place *place,
                           ws_error *err)
{
    ws_json *json = NULL;
    ws_error fault = {.status = WS_OK};
    ws_status status = ws_json_read(text, size, place->path, &json, &fault);

    if (status == WS_EFORMAT)
        return ws_fail(err, WS_EFORMAT, "%s:%zu: is not a JSON object; expected one in each line",
                       place->path, place->number);
    if (status != WS_OK)
        return ws_fail_memory(err, place->path);
    status = read_object(lines, json, place, err);
    ws_json_destroy(json);
    return status;
}

static ws_status read_file(ws_speed_lines *lines, const char *path, ws_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    line_place place = {.path = path};
    ws_status status = ws_file_read(path, WS_SPEED_MAX_FILE_BYTES, &data, &size, err);

    for (size_t at = 0; status == WS_OK && at < size;) {
        const char *line = (const char *)data + at;
        const char *end = memchr(line, '\n', size - at);
        const size_t n = end != NULL ? (size_t)(end - line) : size - at;
        place.number++;
        /* a copied file can have blank lines, and those of another system end in "\r\n" */
        if (strspn(line, " \t\r") < n)
            status = read_line(lines, line, n, &place, err);
        at += n + 1;
    }
    free(data);
    return status;
}

/* ---- order ---- */

static int compare_placed(const void *a, const void *b)
{
    const placed_figure *one = a, *other = b;
    const size_t keys[2][3] = {{one->what, one->model, one->order},
                               {other->what, other->model, other->order}};

    for (size_t i = 0; i < 3; i++)
        if (keys[0][i] != keys[1][i])
            return keys[0][i] < keys[1][i] ? -1 : 1;
    return 0;
}

/** Brings figures of one thing together, and among these those of one network; both in the order
 *  in which the first of them came. */
static ws_status sort_figures(ws_speed_lines *lines, ws_error *err)
{
    placed_figure *placed = calloc(lines->n_figures, sizeof *placed);

    if (placed == NULL)
        return ws_fail_memory(err, "figures");
    for (size_t i = 0; i < lines->n_figures; i++) {
        const ws_speed_figure *one = &lines->figures[i];
        placed[i] = (placed_figure){.figure = *one, .what = i, .model = i, .order = i};
        for (size_t k = i; k-- > 0;) {
            const ws_speed_figure *other = &lines->figures[k];
            if (strcmp(one->what, other->what) != 0 || strcmp(one->unit, other->unit) != 0)
                continue;
            placed[i].what = k;
            if (strcmp(one->model, other->model) == 0)
                placed[i].model = k;
        }
    }
    qsort(placed, lines->n_figures, sizeof *placed, compare_placed);
    for (size_t i = 0; i < lines->n_figures; i++)
        lines->figures[i] = placed[i].figure;
    free(placed);
    return WS_OK;
}

ws_status ws_speed_lines_read(ws_speed_lines *lines, const char *const *paths, size_t n_paths,
                              ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < n_paths; i++)
        status = read_file(lines, paths[i], err);
    if (status == WS_OK && lines->n_figures == 0)
        return ws_fail(err, WS_EFORMAT,
                       "%s: has no figures; expected lines of wordspot bench --json or of "
                       "tests/bench/compare.sh",
                       paths[0]);
    return status == WS_OK ? sort_figures(lines, err) : status;
}

void ws_speed_lines_deinit(ws_speed_lines *lines)
{
    free(lines->sources);
    free(lines->figures);
    ws_text_list_deinit(&lines->texts);
    *lines = (ws_speed_lines){.sources = NULL};
}
