#include "synth/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lookup.h"
#include "base/program.h"
#include "base/text.h"
#include "synth/synth.h"

enum { MAX_LINE_BYTES = 255, MAX_MISSING_BYTES = 1024 };

static const ws_synth_engine *const table[] = {&ws_synth_engine_espeak, &ws_synth_engine_flite,
                                               &ws_synth_engine_festival};

#define N_ENGINES (sizeof table / sizeof *table)

static const char *name_at(size_t i)
{
    return table[i]->name;
}

ws_status ws_synth_ask(const ws_synth_engine *engine, const char *program, const char *argument,
                       char **line, ws_error *err)
{
    const char *const argv[] = {program, argument, NULL};
    char text[MAX_LINE_BYTES + 1];
    int exit_code;
    const ws_program asked = {.argv = argv,
                              .package = engine->package,
                              .purpose = "speaks the words",
                              .output = text,
                              .capacity = MAX_LINE_BYTES,
                              .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS};

    const ws_status status = ws_program_run(&asked, &exit_code, err);
    if (status != WS_OK)
        return status;
    char *first = text + strspn(text, "\r\n \t");
    first[strcspn(first, "\r\n")] = '\0';
    if (first[0] == '\0')
        return ws_fail(err, WS_EIO, "%s %s: ended with exit code %d and said nothing; expected %s",
                       program, argument, exit_code, engine->name);
    *line = ws_text_copy(first);
    return *line != NULL ? WS_OK : ws_fail_memory(err, "a version");
}

/** Adds an engine if it is there. */
static ws_status add(ws_synth_engines *engines, const ws_synth_engine *engine, const char *program,
                     ws_error *err)
{
    ws_synth_found *found = &engines->items[engines->n_items];
    bool has_voice[WS_SYNTH_MAX_VOICES] = {false};

    *found = (ws_synth_found){.engine = engine, .program = program};
    const ws_status status = engine->find(program, &found->version, has_voice, err);
    if (status != WS_OK)
        return status;
    for (size_t i = 0; i < engine->n_voices; i++)
        if (has_voice[i])
            found->voices[found->n_voices++] = i;
    engines->n_items++;
    return WS_OK;
}

/** Adds the engines of a list of names. */
static ws_status add_named(ws_synth_engines *engines, const ws_synth_engine_choice *choice,
                           ws_error *err)
{
    ws_text_list names = {0};
    ws_status status = ws_text_list_push_split(&names, choice->names, ',') == WS_OK
                           ? WS_OK
                           : ws_fail_memory(err, "a list of engines");

    for (size_t i = 0; i < names.n_items && status == WS_OK; i++) {
        size_t which = 0;
        status = ws_lookup("--engines", names.items[i], name_at, N_ENGINES, &which, err);
        status = ws_fail_usage(status, err);
        bool is_new = true;
        for (size_t k = 0; k < engines->n_items; k++)
            is_new &= engines->items[k].engine != table[which];
        if (status == WS_OK && is_new)
            status = add(engines, table[which], which == 0 ? choice->espeak : table[which]->program,
                         err);
    }
    ws_text_list_deinit(&names);
    return status;
}

/** Adds the engines that are installed; the others are put into a sentence. */
static ws_status add_installed(ws_synth_engines *engines, const ws_synth_engine_choice *choice,
                               ws_error *err)
{
    ws_buf missing;
    ws_status status = WS_OK;

    ws_buf_init(&missing, MAX_MISSING_BYTES);
    for (size_t i = 0; i < N_ENGINES && status == WS_OK; i++) {
        ws_error fault = {.status = WS_OK};
        status = add(engines, table[i], i == 0 ? choice->espeak : table[i]->program, &fault);
        if (status == WS_ENOTFOUND) {
            ws_buf_push_format(&missing, "%s%s", missing.size > 0 ? " " : "", table[i]->package);
            status = WS_OK;
        } else if (status != WS_OK) {
            (void)ws_fail(err, status, "%s", fault.message);
        }
    }
    char *packages = missing.size > 0 ? ws_buf_take_string(&missing) : NULL;
    ws_buf_deinit(&missing);
    if (packages != NULL)
        engines->missing = ws_text_format(
            "more voices: on Debian or Ubuntu `apt-get install %s` brings them", packages);
    free(packages);
    return status;
}

ws_status ws_synth_engines_init(ws_synth_engines *engines, const ws_synth_engine_choice *choice,
                                ws_error *err)
{
    ws_status status = WS_OK;

    *engines = (ws_synth_engines){0};
    engines->items = calloc(WS_SYNTH_MAX_ENGINES, sizeof *engines->items);
    if (engines->items == NULL)
        return ws_fail_memory(err, "the engines");
    if (choice->command[0] != '\0')
        status = add(engines, &ws_synth_engine_command, choice->command, err);
    if (status == WS_OK)
        status = choice->names[0] != '\0' ? add_named(engines, choice, err)
                                          : add_installed(engines, choice, err);
    if (status == WS_OK && engines->n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND, "no program to speak the phrase; %s",
                         engines->missing != NULL ? engines->missing : "expected one");
    if (status != WS_OK)
        ws_synth_engines_deinit(engines);
    return status;
}

void ws_synth_engines_deinit(ws_synth_engines *engines)
{
    for (size_t i = 0; i < engines->n_items; i++)
        free(engines->items[i].version);
    free(engines->items);
    free(engines->missing);
    *engines = (ws_synth_engines){0};
}
