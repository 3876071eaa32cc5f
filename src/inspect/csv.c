#include "inspect/csv.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "inspect/show.h"

bool ws_event_tag_matches(const char *tag, const char *pattern)
{
    return pattern[0] == '\0' || fnmatch(pattern, tag, 0) == 0;
}

static void push_shown(ws_buf *out, const char *text)
{
    const bool is_formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
    const bool is_quoted = is_formula || text[0] == ' ' || strpbrk(text, ",\"") != NULL;

    if (is_quoted)
        ws_buf_push_byte(out, '"');
    if (is_formula)
        ws_buf_push_byte(out, '\'');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"')
            ws_buf_push_byte(out, '"');
        ws_buf_push_byte(out, (unsigned char)*p);
    }
    if (is_quoted)
        ws_buf_push_byte(out, '"');
}

void ws_csv_push_text(ws_buf *out, const char *text)
{
    char *shown = ws_show_text(text);

    if (shown != NULL)
        push_shown(out, shown);
    else if (out->status == WS_OK)
        out->status = WS_ENOMEM;
    free(shown);
}

static ws_status check_written(FILE *out, ws_error *err)
{
    return ferror(out) ? ws_fail_errno(err, errno, "the table cannot be written") : WS_OK;
}

ws_status ws_event_csv_begin(FILE *out, ws_error *err)
{
    (void)fputs("run,tag,step,wall_time,value\n", out);
    return check_written(out, err);
}

/** A visit that writes lines. */
typedef struct long_form {
    FILE *out;
    char **begins; /* [n_tags] owned: "run,tag,"; NULL: not asked for */
    size_t n_tags;
} long_form;

static ws_status write_line(void *user, const ws_event_point *point, ws_error *err)
{
    const long_form *form = user;
    char time[WS_SHOW_NUMBER_BYTES], value[WS_SHOW_NUMBER_BYTES];

    if (form->begins[point->tag] == NULL)
        return WS_OK;
    (void)fprintf(form->out, "%s%" PRId64 ",%s,%s\n", form->begins[point->tag], point->step,
                  ws_show_time(point->wall_time, time), ws_show_stored(&point->number, value));
    return check_written(form->out, err);
}

static ws_status init_long_form(long_form *form, const ws_event_csv_run *run, const char *pattern,
                                ws_error *err)
{
    const ws_names *tags = &run->series->names;

    form->begins = calloc(tags->n_items + 1, sizeof *form->begins);
    if (form->begins == NULL)
        return ws_fail_memory(err, "tags");
    form->n_tags = tags->n_items;
    for (size_t i = 0; i < tags->n_items; i++) {
        ws_buf begin;
        if (!ws_event_tag_matches(tags->items[i], pattern))
            continue;
        ws_buf_init(&begin, SIZE_MAX / 4);
        ws_csv_push_text(&begin, run->name);
        ws_buf_push_byte(&begin, ',');
        ws_csv_push_text(&begin, tags->items[i]);
        ws_buf_push_byte(&begin, ',');
        form->begins[i] = ws_buf_take_string(&begin);
        if (form->begins[i] == NULL) {
            ws_buf_deinit(&begin);
            return ws_fail_memory(err, "tags");
        }
    }
    return WS_OK;
}

ws_status ws_event_csv_write(const ws_event_csv_run *run, const char *pattern, FILE *out,
                             ws_error *err)
{
    long_form form = {.out = out};
    ws_status status = init_long_form(&form, run, pattern, err);

    if (status == WS_OK)
        status = ws_event_series_visit(run->series, write_line, &form, err);
    for (size_t i = 0; i < form.n_tags; i++)
        free(form.begins[i]);
    free(form.begins);
    return status;
}
