#include "cmd/events.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "cmd/command.h"
#include "inspect/show.h"

const char *const ws_events_titles[WS_N_FLAG_GROUPS] = {
    [WS_FLAGS_DATA] = "What is read",
    [WS_FLAGS_FEATURES] = "",
    [WS_FLAGS_MODEL] = "",
    [WS_FLAGS_RUN] = "",
    [WS_FLAGS_OUTPUT] = "Output",
};

/** Puts a path in front of the names of the runs from first on. */
static ws_status add_path(ws_event_runs *runs, size_t first, const char *path, ws_error *err)
{
    for (size_t i = first; i < runs->n_items; i++) {
        ws_event_run *run = &runs->items[i];
        char *name =
            strcmp(run->name, ".") == 0 ? ws_text_copy(path) : ws_path_join(path, run->name);
        if (name == NULL)
            return ws_fail_memory(err, path);
        free(run->name);
        run->name = name;
    }
    return WS_OK;
}

ws_status ws_events_find(const ws_operands *paths, const ws_log *log, ws_event_runs *runs,
                         ws_error *err)
{
    ws_status status = WS_OK;

    *runs = (ws_event_runs){.log = log};
    if (paths->n_items == 0)
        return ws_event_runs_find(runs, WS_EVENTS_DEFAULT_PATH, err);
    for (size_t i = 0; status == WS_OK && i < paths->n_items; i++) {
        const size_t n_before = runs->n_items;
        status = ws_event_runs_find(runs, paths->items[i], err);
        if (status == WS_OK && paths->n_items > 1)
            status = add_path(runs, n_before, paths->items[i], err);
    }
    return status;
}

int ws_events_run(const ws_flag_table *table, int n_arguments, char *const *arguments, void *values,
                  ws_status (*act)(const void *values, int *code, ws_error *err))
{
    ws_error err = {.status = WS_OK};
    ws_flags flags;
    int code;

    if (!ws_command_read_flags(&flags, table, n_arguments, arguments, values, &code))
        return code;
    const ws_status status = act(values, &code, &err);
    if (fflush(stdout) != 0 || ferror(stdout)) /* main() tells it of what went well else */
        code = WS_EXIT_OK;
    else if (status != WS_OK)
        code = ws_command_fail(table->command, &err);
    ws_flags_deinit(&flags);
    return code;
}

void ws_events_print(FILE *out, const char *text, size_t width)
{
    char *shown = ws_show_text(text);
    const size_t n = ws_show_width(shown != NULL ? shown : "?");

    fprintf(out, "%s%*s", shown != NULL ? shown : "?", n < width ? (int)(width - n) : 0, "");
    free(shown);
}

void ws_events_print_count(uint64_t n, const char *what)
{
    printf("%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

size_t ws_events_width(const char *text)
{
    char *shown = ws_show_text(text);
    const size_t n = ws_show_width(shown != NULL ? shown : "?");

    free(shown);
    return n;
}
