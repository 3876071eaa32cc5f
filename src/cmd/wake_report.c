#include "cmd/wake_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

static const size_t max_manifest_bytes = (size_t)1 << 28;

enum { MAX_REPORT_BYTES = 1 << 24, MAX_COLUMNS = 16 };

/** Files of one kind, source and licence. */
typedef struct source {
    char *text; /* owned */
    size_t n;
} source;

typedef struct sources {
    source *items;
    size_t n;
    bool has_no_memory;
} sources;

static void count(sources *all, char *text)
{
    for (size_t i = 0; i < all->n && text != NULL; i++)
        if (strcmp(all->items[i].text, text) == 0) {
            all->items[i].n++;
            free(text);
            return;
        }
    source *grown = text == NULL ? NULL : realloc(all->items, (all->n + 1) * sizeof *grown);
    all->has_no_memory = all->has_no_memory || grown == NULL;
    if (grown == NULL) {
        free(text);
        return;
    }
    all->items = grown;
    all->items[all->n++] = (source){text, 1};
}

/** A line of a manifest: file, phrase, engine, voice, kind, source, licence. */
static void count_line(sources *all, char *line)
{
    enum { KIND = 4, SOURCE = 5, LICENCE = 6 };
    const char *columns[MAX_COLUMNS] = {NULL};
    size_t n = 0;

    for (char *at = line; at != NULL && n < MAX_COLUMNS;) {
        columns[n++] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
    }
    if (n > LICENCE)
        count(all, ws_text_format("%s: %s; %s", columns[KIND], columns[SOURCE], columns[LICENCE]));
}

static ws_status count_manifest(sources *all, const char *path, ws_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;

    if (!ws_file_exists(path))
        return WS_OK;
    const ws_status status = ws_file_read(path, max_manifest_bytes, &data, &size, err);
    if (status != WS_OK)
        return status;
    ws_text_list lines = {0};
    char *text = ws_text_format("%.*s", (int)size, (const char *)data);
    if (text == NULL || ws_text_list_push_split(&lines, text, '\n') != WS_OK)
        all->has_no_memory = true;
    for (size_t i = 1; i < lines.n_items; i++) /* after the names of the columns */
        count_line(all, lines.items[i]);
    ws_text_list_deinit(&lines);
    free(text);
    free(data);
    return all->has_no_memory ? ws_fail_memory(err, "a report") : WS_OK;
}

static void push_list(ws_buf *text, const char *title, const ws_text_list *list)
{
    ws_buf_push_format(text, "\n## %s\n\n", title);
    for (size_t i = 0; i < list->n_items; i++)
        ws_buf_push_format(text, "* %s\n", list->items[i]);
}

static void push_sources(ws_buf *text, const sources *all, const ws_text_list *own)
{
    ws_buf_push_string(text, "\n## Sound that went into the model\n\n");
    for (size_t i = 0; i < all->n; i++)
        ws_buf_push_format(text, "* %zu files, %s\n", all->items[i].n, all->items[i].text);
    for (size_t i = 0; i < own->n_items; i++)
        ws_buf_push_format(text, "* %s: your own folder; its licence is not known here\n",
                           own->items[i]);
}

ws_status ws_wake_report_write(const ws_wake_report *report, ws_error *err)
{
    sources all = {.n = 0};
    ws_buf text;
    ws_status status = WS_OK;

    for (size_t i = 0; i < report->manifests->n_items && status == WS_OK; i++)
        status = count_manifest(&all, report->manifests->items[i], err);
    ws_buf_init(&text, MAX_REPORT_BYTES);
    ws_buf_push_format(&text, "# A detector of \"%s\"\n", report->word);
    push_list(&text, "Files", report->files);
    ws_buf_push_format(&text, "\n## How good it is\n\n```\n%.*s```\n", (int)report->n_figures,
                       report->figures);
    push_sources(&text, &all, report->own);
    ws_buf_push_string(&text, "\n## What was run\n\n```\n");
    for (size_t i = 0; i < report->commands->n_items; i++)
        ws_buf_push_format(&text, "%s %s\n", report->program, report->commands->items[i]);
    ws_buf_push_string(&text, "```\n");
    if (status == WS_OK)
        status = text.status != WS_OK ? ws_fail_memory(err, "a report")
                                      : ws_file_write(report->path, text.data, text.size, err);
    ws_buf_deinit(&text);
    for (size_t i = 0; i < all.n; i++)
        free(all.items[i].text);
    free(all.items);
    return status;
}
