#include "cmd/wake_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/shell.h"
#include "cmd/command.h"
#include "cmd/stop.h"

enum { MAX_RECORD_BYTES = 1 << 20 };

static const char done[] = "done\t", begun[] = "begun\t";

ws_status ws_wake_steps_open(ws_wake_steps *steps, const char *program, const char *dir,
                             ws_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;

    *steps = (ws_wake_steps){.program = program, .path = ws_path_join(dir, "steps.txt")};
    if (steps->path == NULL)
        return ws_fail_memory(err, "the steps of a wake word");
    if (!ws_file_exists(steps->path))
        return WS_OK;
    ws_status status = ws_file_read(steps->path, MAX_RECORD_BYTES, &data, &size, err);
    char *text = status == WS_OK ? ws_text_format("%.*s", (int)size, (const char *)data) : NULL;
    if (status == WS_OK &&
        (text == NULL || ws_text_list_push_split(&steps->record, text, '\n') != WS_OK))
        status = ws_fail_memory(err, "the steps of a wake word");
    free(text);
    free(data);
    return status;
}

void ws_wake_steps_close(ws_wake_steps *steps)
{
    free(steps->path);
    ws_text_list_deinit(&steps->record);
    ws_text_list_deinit(&steps->written);
    *steps = (ws_wake_steps){.program = NULL};
}

/** Whether a line of the record is this step with that mark. */
static bool is_line(const char *line, const char *mark, const char *name)
{
    const size_t n = strlen(mark);

    return strncmp(line, mark, n) == 0 && strcmp(line + n, name) == 0;
}

/** The step in the record (free()); NULL without memory. */
static char *name_of(const ws_wake_step *step)
{
    char *command = ws_shell_join(step->words->n_items, step->words->items);
    char *name = NULL;

    if (command != NULL)
        name = ws_text_format("%s%s%s", command, step->stamp[0] != '\0' ? "\t" : "", step->stamp);
    free(command);
    return name;
}

static bool has_outputs(const ws_wake_step *step)
{
    for (size_t i = 0; i < step->outputs->n_items; i++)
        if (!ws_file_exists(step->outputs->items[i]))
            return false;
    return true;
}

ws_wake_state ws_wake_steps_look(const ws_wake_steps *steps, const ws_wake_step *step)
{
    const size_t i = steps->written.n_items;
    char *name = name_of(step);
    ws_wake_state state = WS_WAKE_NEW;

    if (name != NULL && !steps->is_new && i < steps->record.n_items) {
        const char *line = steps->record.items[i];
        state = is_line(line, done, name)    ? WS_WAKE_DONE
                : is_line(line, begun, name) ? WS_WAKE_BEGUN
                                             : WS_WAKE_NEW;
    }
    free(name);
    return state == WS_WAKE_DONE && !has_outputs(step) ? WS_WAKE_BEGUN : state;
}

/** What this call has noted, and what it has not come to yet and may still find done. */
static ws_status write_record(const ws_wake_steps *steps, ws_error *err)
{
    const size_t n_written = steps->written.n_items;
    ws_buf text;

    ws_buf_init(&text, MAX_RECORD_BYTES);
    for (size_t i = 0; i < n_written; i++)
        ws_buf_push_format(&text, "%s\n", steps->written.items[i]);
    for (size_t i = n_written; i < steps->record.n_items && !steps->is_new; i++)
        if (steps->record.items[i][0] != '\0')
            ws_buf_push_format(&text, "%s\n", steps->record.items[i]);
    const ws_status status = text.status != WS_OK
                                 ? ws_fail_memory(err, "the steps of a wake word")
                                 : ws_file_write(steps->path, text.data, text.size, err);
    ws_buf_deinit(&text);
    return status;
}

/** Adds a line to the record, or sets its last one. */
static ws_status note(ws_wake_steps *steps, const char *mark, const char *name, bool is_same,
                      ws_error *err)
{
    char *line = ws_text_format("%s%s", mark, name);

    if (line != NULL && is_same) {
        free(steps->written.items[steps->written.n_items - 1]);
        steps->written.items[steps->written.n_items - 1] = line;
        return write_record(steps, err);
    }
    const ws_status status = line == NULL ? WS_ENOMEM : ws_text_list_push(&steps->written, line);
    free(line);
    return status == WS_OK ? write_record(steps, err)
                           : ws_fail_memory(err, "the steps of a wake word");
}

static int run_words(const char *program, const ws_text_list *words)
{
    for (size_t i = 0; i < ws_n_commands; i++)
        if (strcmp(ws_commands[i]->name, words->items[0]) == 0)
            return ws_commands[i]->run(program, (int)words->n_items - 1, words->items + 1);
    return WS_EXIT_FAILED;
}

ws_status ws_wake_steps_run(ws_wake_steps *steps, const ws_wake_step *step,
                            const ws_text_list *actual, ws_error *err)
{
    const ws_wake_state state = ws_wake_steps_look(steps, step);
    const ws_text_list *run = actual != NULL ? actual : step->words;
    const bool is_noted = state == WS_WAKE_DONE || !step->keeps_itself;
    char *name = name_of(step);
    char *shown = ws_shell_join(run->n_items, run->items);
    ws_status status =
        name == NULL || shown == NULL ? ws_fail_memory(err, "the steps of a wake word") : WS_OK;

    steps->is_new = steps->is_new || state == WS_WAKE_NEW;
    if (status == WS_OK) {
        printf("%s%s %s\n", state == WS_WAKE_DONE ? "(done) " : "", steps->program, shown);
        (void)fflush(stdout);
    }
    if (status == WS_OK && is_noted)
        status = note(steps, state == WS_WAKE_DONE ? done : begun, name, false, err);
    if (status == WS_OK && state != WS_WAKE_DONE) {
        steps->code = run_words(steps->program, run);
        if (steps->code == WS_EXIT_OK && ws_stop_wanted(NULL))
            steps->code = ws_stop_exit_code();
        if (steps->code == WS_EXIT_OK)
            status = note(steps, done, name, is_noted, err);
    }
    free(shown);
    free(name);
    return status;
}
