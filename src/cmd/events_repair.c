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
#include "inspect/writers.h"

typedef struct repair_flags {
    const char *output;
    bool in_place;
    ws_operands paths;
} repair_flags;

static const ws_flag flags[] = {
    {"output", WS_FLAG_PATH, offsetof(repair_flags, output), "", "PATH",
     "The new file; for a directory, the new directory, which gets all its runs. Existing files "
     "are "
     "never written to.",
     0, 0, WS_FLAGS_OUTPUT, 0},
    {"in_place", WS_FLAG_BOOL, offsetof(repair_flags, in_place), "false", "BOOL",
     "Instead of --output: gives the repaired files the names of the old ones. The old files stay "
     "beside them, with \"damaged\" in place of \"tfevents\" in their names, so that TensorBoard "
     "ignores them. Not while a run still writes them.",
     0, 0, WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table table = {
    .command = "events repair",
    .summary =
        "Copies event files without what TensorBoard refuses: removes damaged records, puts values "
        "in the order of their steps, makes a run for each writer where two wrote into one "
        "directory, and converts forms that only one of the loaders shows. No value is lost that a "
        "loader shows; each one that is left out is counted with the reason. The result is "
        "checked; "
        "the exit code is 1 if a defect remains. PATH is a file, a run or a directory with runs.",
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

static ws_event_remedy remedy_of(size_t rule)
{
    return ws_event_rule_get((ws_event_rule_id)rule)->remedy;
}

/** Whether the new file is another one than the old. */
static bool needs_repair(const file_counts *counts, const ws_event_repaired *repaired)
{
    bool needed = repaired->n_changed > 0 || repaired->n_records_kept < repaired->n_records ||
                  repaired->n_received > 0 || repaired->has_new_version;

    for (size_t i = 0; i < WS_N_RULES; i++) /* values are counted above, file by file */
        needed |= counts->n[i] > 0 &&
                  (remedy_of(i) == WS_REMEDY_LEAVE_RECORD || remedy_of(i) == WS_REMEDY_SPLIT);
    return needed;
}

static void print_count_of(uint64_t n, const char *what)
{
    if (n > 0)
        printf("  %" PRIu64 " value%s %s\n", n, n == 1 ? "" : "s", what);
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
    print_count_of(repaired->n_in_left_records, "left out with their records");
    print_count_of(repaired->n_replaced, "left out: a later value has the same tag and step");
    print_count_of(repaired->n_taken_back, "left out: the run took it back by a restart, and no "
                                           "loader shows it");
    print_count_of(repaired->n_moved, "moved to a later record, where its step belongs");
    print_count_of(repaired->n_received, "of earlier records put in by its step");
    print_count_of(repaired->n_rounded, "rounded to a 32-bit float, the only scalar that both "
                                        "loaders show");
}

/** One PATH and where it goes. */
typedef struct repair_job {
    const repair_flags *values;
    bool is_file;      /* the one that was given */
    ws_text_list made; /* paths of new files */
} repair_job;

/** A file on its way. */
typedef struct file_work {
    file_counts counts;
    ws_event_repaired repaired;
    struct stat before; /* of the old file */
    ws_new_file file;
    char *new_path;   /* owned */
    bool is_replaced; /* the new file gets the name of the old one */
} file_work;

/** The files of a run. */
typedef struct run_counts {
    file_work *files; /* [n_files] */
    size_t n_files;
} run_counts;

static void count(void *user, const ws_event_finding *finding)
{
    run_counts *counts = user;

    for (size_t i = 0; i < counts->n_files; i++)
        if (strcmp(counts->files[i].counts.path, finding->path) == 0)
            counts->files[i].counts.n[finding->id]++;
}

/** Where the new file goes: beside the old one, or in the new directory, there in a folder for each
 *  writer but the first. @param folder  ""; "writer_2" and so on  @return NULL: no memory */
static char *new_path_of(const repair_job *job, const ws_event_run *run, const char *path,
                         const char *folder)
{
    const repair_flags *values = job->values;
    char *dir = NULL, *inner = NULL, *full = NULL;

    if (values->in_place && folder[0] == '\0')
        return ws_text_copy(path);
    if (!values->in_place && job->is_file && !ws_dir_exists(values->output))
        return ws_text_copy(values->output);
    if (values->in_place)
        dir = ws_path_dir(path);
    else if (job->is_file || strcmp(run->name, ".") == 0)
        dir = ws_text_copy(values->output);
    else
        dir = ws_path_join(values->output, run->name);
    if (dir != NULL)
        inner = folder[0] != '\0' ? ws_path_join(dir, folder) : ws_text_copy(dir);
    if (inner != NULL)
        full = ws_path_join(inner, ws_path_base(path));
    free(dir);
    free(inner);
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
    return ws_fail(err, WS_EIO, "%s: is being written to; expected a file of a run that has ended",
                   path);
}

/** Gives the whole new file its name. */
static ws_status finish(const repair_job *job, file_work *work, ws_error *err)
{
    char *kept = NULL;
    ws_status status = WS_OK;

    print_counts(&work->counts, &work->repaired, work->new_path);
    if (job->values->in_place)
        status = check_unchanged(work->counts.path, &work->before, err);
    if (status == WS_OK)
        status = work->is_replaced ? ws_new_file_replace(&work->file, &kept, err)
                                   : ws_new_file_finish(&work->file, err);
    if (status == WS_OK && job->values->in_place && !work->is_replaced)
        status = ws_new_file_retire(work->counts.path, &kept, err);
    if (status == WS_OK && kept != NULL) {
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

/** Writes the new file, without its name. */
static ws_status write_file(const repair_job *job, ws_event_repair *repair, file_work *work,
                            ws_error *err)
{
    const char *path = work->counts.path;

    work->is_replaced = job->values->in_place && strcmp(work->new_path, path) == 0;
    work->before = look_at_file(path);
    ws_status status = make_dir_of(work->new_path, err);
    if (status == WS_OK)
        status = ws_new_file_create(&work->file, work->new_path, path, work->is_replaced, err);
    if (status == WS_OK)
        status = ws_event_repair_file(repair, path, ws_new_file_write, &work->file, &work->repaired,
                                      err);
    return status;
}

/** Gives the new files of a run their names; one that would be the same is not needed. */
static ws_status finish_files(repair_job *job, file_work *works, size_t n_works, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < n_works; i++) {
        file_work *work = &works[i];
        if (work->is_replaced && !needs_repair(&work->counts, &work->repaired))
            continue;
        status = finish(job, work, err);
        if (status == WS_OK && ws_text_list_push(&job->made, work->new_path) != WS_OK)
            status = ws_fail_memory(err, work->new_path);
    }
    return status;
}

/** A value may move from one file to a later one, so all are written before one gets its name. */
static ws_status repair_files(repair_job *job, ws_event_repair *repair, const ws_event_part *part,
                              const char *folder, file_work *works, ws_error *err)
{
    const ws_event_run *run = &part->run;
    run_counts counts = {works, run->files.n_items};

    for (size_t i = 0; i < run->files.n_items; i++)
        works[i].counts.path = run->files.items[i];
    ws_status status = ws_event_repair_look(repair, run, count, &counts, err);
    works[0].counts.n[WS_RULE_TWO_WRITERS] = part->with != NULL;
    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++) {
        works[i].new_path = new_path_of(job, run, run->files.items[i], folder);
        status = works[i].new_path != NULL ? write_file(job, repair, &works[i], err)
                                           : ws_fail_memory(err, run->files.items[i]);
    }
    return status == WS_OK ? finish_files(job, works, run->files.n_items, err) : status;
}

static ws_status repair_part(repair_job *job, const ws_event_part *part, const char *folder,
                             ws_error *err)
{
    const size_t n_files = part->run.files.n_items;
    file_work *works = calloc(n_files, sizeof *works);
    ws_event_repair *repair = ws_event_repair_create();

    const ws_status status = works != NULL && repair != NULL
                                 ? repair_files(job, repair, part, folder, works, err)
                                 : ws_fail_memory(err, part->run.name);
    for (size_t i = 0; works != NULL && i < n_files; i++) {
        ws_new_file_destroy(&works[i].file);
        free(works[i].new_path);
    }
    free(works);
    ws_event_repair_destroy(repair);
    return status;
}

/** The folder of a further writer, "writer_2" and so on: one that no run has yet. */
static ws_status find_folder(const ws_event_runs *runs, const ws_event_run *run, int *number,
                             char folder[32], ws_error *err)
{
    bool is_taken = true;

    while (is_taken) {
        (void)snprintf(folder, 32, "writer_%d", ++*number);
        char *name =
            strcmp(run->name, ".") == 0 ? ws_text_copy(folder) : ws_path_join(run->name, folder);
        if (name == NULL)
            return ws_fail_memory(err, run->name);
        is_taken = false;
        for (size_t i = 0; i < runs->n_items; i++)
            is_taken |= strcmp(runs->items[i].name, name) == 0;
        free(name);
    }
    return WS_OK;
}

static ws_status repair_run(repair_job *job, const ws_event_runs *runs, const ws_event_run *run,
                            ws_error *err)
{
    ws_event_parts parts;
    int number = 1;

    ws_status status = ws_event_parts_find(&parts, run, err);
    for (size_t i = 0; status == WS_OK && i < parts.n_items; i++) {
        char folder[32] = "";
        if (i > 0)
            status = find_folder(runs, run, &number, folder, err);
        if (status == WS_OK)
            status = repair_part(job, &parts.items[i], folder, err);
    }
    ws_event_parts_deinit(&parts);
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
        status = ws_event_check_run(&runs.items[i], &hooks, err);
        ws_events_report_end_file(&report);
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
        status = repair_run(&job, &runs, &runs.items[i], err);
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
    .summary = "copy event files without what is damaged",
    .table = &table,
    .run = run,
};
