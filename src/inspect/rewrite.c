#include "inspect/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "base/path.h"
#include "event.pb-c.h"
#include "inspect/csv.h"
#include "inspect/frame.h"
#include "inspect/new_file.h"
#include "inspect/read.h"

static size_t count_stars(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '*';
    return n;
}

ws_status ws_event_renaming_check(const ws_event_renaming *renaming, const char *what,
                                  ws_error *err)
{
    const size_t n = count_stars(renaming->from);

    if ((renaming->from[0] == '\0') != (renaming->to[0] == '\0'))
        return ws_fail(err, WS_EUSAGE, "--%s and --new_%s: expected both or none", what, what);
    if (n > 1 || count_stars(renaming->to) != n)
        return ws_fail(
            err, WS_EUSAGE,
            "--%s=%s --new_%s=%s: expected at most one * in the old name, and as many in "
            "the new one",
            what, renaming->from, what, renaming->to);
    return WS_OK;
}

char *ws_event_renaming_apply(const ws_event_renaming *renaming, const char *name)
{
    const char *star = strchr(renaming->from, '*'), *new_star = strchr(renaming->to, '*');
    const size_t n = strlen(name), n_from = strlen(renaming->from);

    if (star == NULL)
        return ws_text_copy(strcmp(name, renaming->from) == 0 && n > 0 ? renaming->to : name);
    const size_t n_before = (size_t)(star - renaming->from), n_after = n_from - n_before - 1;
    if (n < n_before + n_after || strncmp(name, renaming->from, n_before) != 0 ||
        strcmp(name + n - n_after, star + 1) != 0)
        return ws_text_copy(name);
    return ws_text_format("%.*s%.*s%s", (int)(new_star - renaming->to), renaming->to,
                          (int)(n - n_before - n_after), name + n_before, new_star + 1);
}

/** A run, or a directory with runs below it. */
static char *rename_run(const ws_event_renaming *renaming, const char *name)
{
    const size_t n = strlen(renaming->from);

    return n > 0 && strncmp(name, renaming->from, n) == 0 && name[n] == '/'
               ? ws_text_format("%s%s", renaming->to, name + n)
               : ws_event_renaming_apply(renaming, name);
}

/** Whether a run, or a directory that it is in, is asked for. */
static bool is_run_named(const char *name, const char *pattern)
{
    bool is_named = ws_event_tag_matches(name, pattern);
    char *part = ws_text_copy(name);

    for (char *end = part; part != NULL && !is_named && (end = strrchr(part, '/')) != NULL;) {
        *end = '\0';
        is_named = ws_event_tag_matches(part, pattern);
    }
    free(part);
    return is_named;
}

/** A file on its way. */
typedef struct copy {
    const ws_event_rewriting *what;
    const ws_event_run *run;
    ws_event_rewritten *done;
    ws_names *old_tags, *new_tags; /* of the run: what became what, by number */
    ws_new_file file;
} copy;

static bool is_tag_dropped(const copy *into, const char *tag)
{
    const ws_event_rewriting *what = into->what;

    return what->drop_tag != NULL && ws_event_tag_matches(tag, what->drop_tag) &&
           (what->drop_run == NULL || is_run_named(into->run->name, what->drop_run));
}

/** Two tags of a run must not become one. */
static ws_status check_new_tag(const copy *into, const char *old, const char *new, ws_error *err)
{
    size_t number = 0, new_number = 0;

    ws_status status = ws_names_push(into->old_tags, old, &number, err);
    if (status == WS_OK)
        status = ws_names_push(into->new_tags, new, &new_number, err);
    return status != WS_OK || number == new_number
               ? status
               : ws_fail(err, WS_EEXISTS, "run %s: its tags \"%s\" and \"%s\" would both be \"%s\"",
                         into->run->name, into->old_tags->items[new_number], old, new);
}

static ws_status write_payload(copy *into, const uint8_t *payload, size_t size, ws_error *err)
{
    return ws_event_write_record(ws_new_file_write, &into->file, payload, size, err);
}

/** Renames and drops values. Afterwards the values that stay come first, then the dropped ones.
 *  @param n_kept  set  @param is_changed  set to whether any is not as it was */
static ws_status change_values(copy *into, Tbproto__Summary *summary, size_t *n_kept,
                               bool *is_changed, ws_error *err)
{
    *n_kept = 0;
    for (size_t i = 0; i < summary->n_value; i++) {
        Tbproto__Summary__Value *value = summary->value[i];
        if (is_tag_dropped(into, value->tag)) {
            into->done->n_values_dropped++;
            *is_changed = true;
            continue;
        }
        char *new_tag = ws_event_renaming_apply(&into->what->tag, value->tag);
        if (new_tag == NULL)
            return ws_fail_memory(err, "tags");
        const ws_status status = check_new_tag(into, value->tag, new_tag, err);
        if (status == WS_OK && strcmp(new_tag, value->tag) != 0) {
            into->done->n_values_renamed++;
            *is_changed = true;
            free(value->tag); /* the message's, which frees the new one */
            value->tag = new_tag;
            new_tag = NULL;
        }
        free(new_tag);
        if (status != WS_OK)
            return status;
        summary->value[i] = summary->value[*n_kept];
        summary->value[(*n_kept)++] = value;
    }
    return WS_OK;
}

static ws_status copy_values(copy *into, const tbe_record *record, Tbproto__Event *event,
                             ws_error *err)
{
    const size_t n_values = event->summary->n_value;
    size_t n_kept = 0;
    bool is_changed = false;

    ws_status status = change_values(into, event->summary, &n_kept, &is_changed, err);
    if (status != WS_OK)
        return status;
    if (!is_changed)
        return write_payload(into, record->payload.data, record->payload.size, err);
    if (n_kept == 0)
        return WS_OK;
    event->summary->n_value = n_kept;
    const size_t size = tbproto__event__get_packed_size(event);
    uint8_t *payload = malloc(size + 1);
    if (payload != NULL) {
        (void)tbproto__event__pack(event, payload);
        status = write_payload(into, payload, size, err);
    }
    event->summary->n_value = n_values; /* all are freed */
    free(payload);
    return payload != NULL ? status : ws_fail_memory(err, "a record");
}

static ws_status copy_record(void *user, const tbe_record *record, ws_error *err)
{
    copy *into = user;

    for (size_t i = 0; i < record->n_values; i++)
        into->done->names_tags |= record->values[i].kind == TBE_VALUE_LAYOUT ||
                                  strcmp(record->values[i].tag, "_hparams_/experiment") == 0;
    if (record->n_values == 0)
        return write_payload(into, record->payload.data, record->payload.size, err);
    Tbproto__Event *event =
        tbproto__event__unpack(NULL, record->payload.size, record->payload.data);
    if (event == NULL)
        return ws_fail_memory(err, "a record");
    const ws_status status = copy_values(into, record, event, err);
    tbproto__event__free_unpacked(event, NULL);
    return status;
}

static ws_status copy_file(copy *into, const char *path, const char *dir, ws_error *err)
{
    char *new_path = ws_path_join(dir, ws_path_base(path));
    bool is_damaged = false;

    if (new_path == NULL)
        return ws_fail_memory(err, path);
    into->file = (ws_new_file){.path = NULL};
    ws_status status = ws_dir_create_all(dir, err);
    if (status == WS_OK)
        status = ws_new_file_create(&into->file, new_path, path, false, err);
    if (status == WS_OK)
        status = ws_event_file_read(path, copy_record, into, &is_damaged, err);
    if (status == WS_OK && is_damaged)
        status = ws_fail(
            err, WS_EFORMAT,
            "%s: is damaged; expected a whole file, as `wordspot events repair` writes", path);
    if (status == WS_OK)
        status = ws_new_file_finish(&into->file, err);
    ws_new_file_destroy(&into->file);
    free(new_path);
    into->done->n_files += status == WS_OK;
    return status;
}

static ws_status copy_run(const ws_event_run *run, const char *dir,
                          const ws_event_rewriting *rewriting, ws_event_rewritten *done,
                          ws_error *err)
{
    ws_names old_tags = {.items = NULL}, new_tags = {.items = NULL};
    copy into = {rewriting, run, done, &old_tags, &new_tags, {.path = NULL}};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++)
        status = copy_file(&into, run->files.items[i], dir, err);
    done->n_runs += status == WS_OK;
    ws_names_deinit(&old_tags);
    ws_names_deinit(&new_tags);
    return status;
}

/** A name from a flag becomes a path below the output, not out of it. */
static ws_status check_run_name(const char *name, ws_error *err)
{
    bool is_good = name[0] != '\0' && name[0] != '/';

    for (const char *p = name; is_good && *p != '\0'; p += strcspn(p, "/"), p += *p == '/') {
        const size_t n = strcspn(p, "/");
        is_good = !(n == 2 && strncmp(p, "..", 2) == 0);
    }
    return is_good
               ? WS_OK
               : ws_fail(err, WS_EUSAGE,
                         "run name \"%s\": expected a path below the output, without \"..\"", name);
}

static ws_status rewrite_run(const ws_event_run *run, const char *output, ws_names *new_runs,
                             const ws_event_rewriting *rewriting, ws_event_rewritten *done,
                             ws_error *err)
{
    char *name = rename_run(&rewriting->run, run->name), *dir = NULL;
    const size_t n_before = new_runs->n_items;
    size_t number = 0;

    ws_status status = name != NULL ? check_run_name(name, err) : ws_fail_memory(err, run->name);
    if (status == WS_OK)
        status = ws_names_push(new_runs, name, &number, err);
    if (status == WS_OK && number < n_before)
        status = ws_fail(err, WS_EEXISTS, "run %s: two runs would have the name \"%s\"", run->name,
                         name);
    if (status == WS_OK) {
        done->n_runs_renamed += strcmp(name, run->name) != 0;
        dir = strcmp(name, ".") == 0 ? ws_text_copy(output) : ws_path_join(output, name);
        status = dir != NULL ? copy_run(run, dir, rewriting, done, err) : ws_fail_memory(err, name);
    }
    free(name);
    free(dir);
    return status;
}

ws_status ws_event_rewrite(const ws_event_runs *runs, const char *output,
                           const ws_event_rewriting *rewriting, ws_event_rewritten *done,
                           ws_error *err)
{
    ws_names new_runs = {.items = NULL};
    ws_status status = WS_OK;

    *done = (ws_event_rewritten){.n_runs = 0};
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++) {
        const ws_event_run *run = &runs->items[i];
        if (rewriting->drop_run != NULL && rewriting->drop_tag == NULL &&
            is_run_named(run->name, rewriting->drop_run))
            done->n_runs_dropped++;
        else
            status = rewrite_run(run, output, &new_runs, rewriting, done, err);
    }
    ws_names_deinit(&new_runs);
    return status;
}
