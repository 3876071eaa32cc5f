/* wordspot events repair */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "cmd/command.h"
#include "cmd/events.h"
#include "cmd/events_report.h"
#include "inspect/new_file.h"
#include "inspect/repair.h"

typedef struct repair_flags {
    const char *output;
    bool in_place;
    ws_operands paths;
} repair_flags;

static const ws_flag flags[] = {
    {"output", WS_FLAG_TEXT, offsetof(repair_flags, output), "", "PATH",
     "The new file; of a directory, the new directory, which gets its runs with all their event "
     "files. What is there already is never written to.",
     0, 0, WS_FLAGS_OUTPUT, 0},
    {"in_place", WS_FLAG_BOOL, offsetof(repair_flags, in_place), "false", "BOOL",
     "Instead: gives the repaired files the names of the damaged ones. These stay beside them with "
     "\"damaged\" in place of \"tfevents\" in their names, so that TensorBoard passes them over. "
     "Not while a run still writes them.",
     0, 0, WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table table = {
    .command = "events repair",
    .summary =
        "Writes event files anew without what TensorBoard trips over: cuts off torn tails, "
        "leaves out damaged records and values that later ones replace, mends forms that only one "
        "of its loaders shows; all else is copied bit by bit. Says what was left out, and "
        "checks the result. The exit code is 1 if a defect remains. PATH is a file, a run "
        "or a directory with runs.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "PATH",
    .operands_offset = offsetof(repair_flags, paths),
    .titles = ws_events_titles,
};

/** Findings of one file of a run, by rule. */
typedef struct file_counts {
    const char *path;
    uint64_t n[WS_N_RULES];
} file_counts;

typedef struct run_counts {
    file_counts *files; /* [n_files], owned */
    size_t n_files;
} run_counts;

static void count(void *user, const ws_event_finding *finding)
{
    run_counts *counts = user;

    for (size_t i = 0; i < counts->n_files; i++)
        if (strcmp(counts->files[i].path, finding->path) == 0)
            counts->files[i].n[finding->id]++;
}

static ws_event_remedy remedy_of(size_t rule)
{
    return ws_event_rule_get((ws_event_rule_id)rule)->remedy;
}

/** Whether the new file is another one than the old. */
static bool needs_repair(const file_counts *counts, const ws_event_repaired *repaired)
{
    bool needed = repaired->n_changed > 0 || repaired->n_records_kept < repaired->n_records ||
                  repaired->has_new_version;

    for (size_t i = 0; i < WS_N_RULES; i++) /* what is replaced may be in an older file */
        needed |= counts->n[i] > 0 && remedy_of(i) != WS_REMEDY_NONE &&
                  remedy_of(i) != WS_REMEDY_LEAVE_OLDER;
    return needed;
}

static void print_counts(const file_counts *counts, const ws_event_repaired *repaired,
                         const char *new_path)
{
    ws_events_print(stdout, counts->path, 0);
    printf(" -> ");
    ws_events_print(stdout, new_path, 0);
    printf("\n  kept %" PRIu64 " of %" PRIu64 " whole records, %" PRIu64 " of %" PRIu64 " values\n",
           repaired->n_records_kept, repaired->n_records, repaired->n_values_kept,
           repaired->n_values);
    if (repaired->has_new_version && counts->n[WS_RULE_NO_VERSION] == 0)
        printf("  put a version record in front\n");
    for (size_t i = 0; i < WS_N_RULES; i++) {
        const ws_event_rule *rule = ws_event_rule_get((ws_event_rule_id)i);
        if (counts->n[i] > 0 && (rule->remedy != WS_REMEDY_NONE || rule->is_defect))
            printf("  %" PRIu64 " x %s (%s): %s\n", counts->n[i], rule->name, rule->what,
                   ws_event_remedy_text(rule->remedy));
    }
}

/** One PATH and where it goes. */
typedef struct repair_job {
    const repair_flags *values;
    bool is_file;      /* the one that was given */
    ws_text_list made; /* paths of new files */
} repair_job;

/** Where the new file goes: beside the old one, or in the new directory. @return NULL: no memory */
static char *new_path_of(const repair_job *job, const ws_event_run *run, const char *path)
{
    const repair_flags *values = job->values;

    if (values->in_place)
        return ws_text_copy(path);
    if (job->is_file && !ws_dir_exists(values->output))
        return ws_text_copy(values->output);
    char *dir = job->is_file || strcmp(run->name, ".") == 0
                    ? ws_text_copy(values->output)
                    : ws_path_join(values->output, run->name);
    char *full = dir != NULL ? ws_path_join(dir, ws_path_base(path)) : NULL;
    free(dir);
    return full;
}

/** Size and time, to see whether a file is written to meanwhile. */
static struct stat look_at_file(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        info = (struct stat){.st_size = -1};
    return info;
}

static ws_status check_unchanged(const char *path, const struct stat *before, ws_error *err)
{
    const struct stat now = look_at_file(path);

    if (now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        return WS_OK;
    return ws_fail(err, WS_EIO, "%s: is being written to, expected a file of a run that has ended",
                   path);
}

/** Gives the whole new file its name. */
static ws_status finish(repair_job *job, ws_new_file *file, const struct stat *before,
                        ws_error *err)
{
    char *kept = NULL;

    if (!job->values->in_place)
        return ws_new_file_finish(file, err);
    ws_status status = check_unchanged(file->path, before, err);
    if (status == WS_OK)
        status = ws_new_file_replace(file, &kept, err);
    if (status == WS_OK) {
        printf("  the old file is ");
        ws_events_print(stdout, kept, 0);
        putchar('\n');
    }
    free(kept);
    return status;
}

static ws_status make_dir_of(const char *path, ws_error *err)
{
    char *dir = ws_path_dir(path);
    const ws_status status = dir != NULL ? ws_dir_create_all(dir, err) : ws_fail_memory(err, path);

    free(dir);
    return status;
}

static ws_status repair_file(repair_job *job, ws_event_repair *repair, const file_counts *counts,
                             const char *new_path, ws_error *err)
{
    const struct stat before = look_at_file(counts->path);
    ws_event_repaired repaired;
    ws_new_file file;

    ws_status status = make_dir_of(new_path, err);
    if (status != WS_OK)
        return status;
    status = ws_new_file_create(&file, new_path, counts->path, job->values->in_place, err);
    if (status == WS_OK)
        status =
            ws_event_repair_file(repair, counts->path, ws_new_file_write, &file, &repaired, err);
    if (status == WS_OK && job->values->in_place && !needs_repair(counts, &repaired)) {
        ws_new_file_destroy(&file); /* it would be the same */
        return WS_OK;
    }
    if (status == WS_OK) {
        print_counts(counts, &repaired, new_path);
        status = finish(job, &file, &before, err);
    }
    if (status == WS_OK && ws_text_list_push(&job->made, new_path) != WS_OK)
        status = ws_fail_memory(err, new_path);
    ws_new_file_destroy(&file);
    return status;
}

static ws_status repair_files(repair_job *job, ws_event_repair *repair, const ws_event_run *run,
                              run_counts *counts, ws_error *err)
{
    ws_status status = ws_event_repair_look(repair, run, count, counts, err);

    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++) {
        char *new_path = new_path_of(job, run, run->files.items[i]);
        status = new_path != NULL ? repair_file(job, repair, &counts->files[i], new_path, err)
                                  : ws_fail_memory(err, run->files.items[i]);
        free(new_path);
    }
    return status;
}

static ws_status repair_run(repair_job *job, const ws_event_run *run, ws_error *err)
{
    run_counts counts = {calloc(run->files.n_items, sizeof(file_counts)), run->files.n_items};
    ws_event_repair *repair = ws_event_repair_create();
    ws_status status = WS_OK;

    if (counts.files == NULL || repair == NULL)
        status = ws_fail_memory(err, run->name);
    for (size_t i = 0; status == WS_OK && i < counts.n_files; i++)
        counts.files[i].path = run->files.items[i];
    if (status == WS_OK)
        status = repair_files(job, repair, run, &counts, err);
    ws_event_repair_destroy(repair);
    free(counts.files);
    return status;
}

/** What is still wrong with what stands there now. */
static ws_status check_again(const char *path, uint64_t *n_defects, ws_error *err)
{
    ws_event_runs runs = {.items = NULL};
    ws_events_report report = {.most = 3, .hides_warnings = true};
    const ws_event_check_hooks hooks = {.user = &report, .found = ws_events_report_push};

    ws_status status = ws_event_runs_find(&runs, path, err);
    for (size_t i = 0; status == WS_OK && i < runs.n_items; i++) {
        ws_event_check *check = ws_event_check_create(&hooks);
        status = check != NULL ? WS_OK : ws_fail_memory(err, path);
        for (size_t k = 0; status == WS_OK && k < runs.items[i].files.n_items; k++)
            status = ws_event_check_file(check, runs.items[i].files.items[k], err);
        ws_events_report_end_file(&report);
        ws_event_check_destroy(check);
    }
    *n_defects = report.n_defects;
    ws_event_runs_deinit(&runs);
    return status;
}

static ws_status check_flags_given(const repair_flags *values, ws_error *err)
{
    if (values->paths.n_items != 1)
        return ws_fail(err, WS_EUSAGE, "expected one path, got %zu", values->paths.n_items);
    if (values->in_place == (values->output[0] != '\0'))
        return ws_fail(err, WS_EUSAGE, "%s, expected either --output=PATH or --in_place",
                       values->in_place ? "both were given" : "nothing says where the result goes");
    return WS_OK;
}

static ws_status check_result(const repair_job *job, int *code, ws_error *err)
{
    const repair_flags *values = job->values;
    const char *path = values->in_place ? values->paths.items[0]
                       : job->is_file   ? job->made.items[0]
                                        : values->output;
    uint64_t n_defects = 0;

    if (job->made.n_items == 0)
        printf("nothing needs a repair\n");
    const ws_status status = check_again(path, &n_defects, err);
    if (status != WS_OK)
        return status;
    if (n_defects > 0)
        printf("checked again: %" PRIu64 " defect%s remain%s\n", n_defects,
               n_defects == 1 ? "" : "s", n_defects == 1 ? "s" : "");
    else
        printf("checked again: no defect\n");
    *code = n_defects > 0 ? WS_EXIT_FAILED : WS_EXIT_OK;
    return WS_OK;
}

static ws_status repair_path(const void *flag_values, int *code, ws_error *err)
{
    repair_job job = {.values = flag_values};
    ws_event_runs runs = {.items = NULL};
    ws_console console;

    ws_status status = check_flags_given(job.values, err);
    if (status == WS_OK)
        status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_events_find(&job.values->paths, &console.log, &runs, err);
    if (status == WS_OK)
        job.is_file = ws_file_exists(job.values->paths.items[0]);
    for (size_t i = 0; status == WS_OK && i < runs.n_items; i++)
        status = repair_run(&job, &runs.items[i], err);
    if (status == WS_OK)
        status = check_result(&job, code, err);
    if (status == WS_OK && runs.n_passed > 0)
        *code = WS_EXIT_FAILED;
    ws_text_list_deinit(&job.made);
    ws_event_runs_deinit(&runs);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    repair_flags values = {.output = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, repair_path);
}

const ws_command ws_command_events_repair = {
    .name = "events repair",
    .summary = "write event files anew without what is damaged",
    .table = &table,
    .run = run,
};
