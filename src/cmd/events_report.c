#include "cmd/events_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/events.h"

static const char *level_of(const ws_event_rule *rule)
{
    return rule->is_defect ? "defect" : "warning";
}

static void print_for_script(const ws_event_finding *finding)
{
    ws_events_print(stdout, finding->path, 0);
    printf("\t%s\t%s\t", level_of(finding->rule), finding->rule->name);
    if (finding->is_of_file)
        printf("\t\t");
    else
        printf("%" PRIu64 "\t%" PRIu64 "\t", finding->offset, finding->record);
    ws_events_print(stdout, finding->tag != NULL ? finding->tag : "", 0);
    putchar('\t');
    if (finding->tag != NULL)
        printf("%" PRId64, finding->step);
    putchar('\t');
    ws_events_print(stdout, finding->detail, 0);
    putchar('\n');
}

/** What each loader does about it, where that is not the same as nothing. */
static void print_loaders(const ws_event_rule *rule)
{
    if (rule->rust[0] != '\0' && strcmp(rule->rust, rule->python) == 0) {
        printf("      each loader: %s\n", rule->rust);
        return;
    }
    if (rule->rust[0] != '\0')
        printf("      Rust loader (the default): %s\n", rule->rust);
    if (rule->python[0] != '\0')
        printf("      Python loader: %s\n", rule->python);
}

static void print_finding(const ws_event_finding *finding, bool is_first)
{
    printf("  %s %s", level_of(finding->rule), finding->rule->name);
    if (!finding->is_of_file)
        printf(" at byte %" PRIu64 ", record %" PRIu64, finding->offset, finding->record);
    if (finding->tag != NULL) {
        printf(", tag \"");
        ws_events_print(stdout, finding->tag, 0);
        printf("\", step %" PRId64, finding->step);
    }
    if (is_first)
        printf(": %s", finding->rule->what);
    if (finding->detail[0] != '\0') {
        printf(is_first ? " (" : ": ");
        ws_events_print(stdout, finding->detail, 0);
        printf(is_first ? ")" : "");
    }
    putchar('\n');
    if (is_first)
        print_loaders(finding->rule);
}

static void begin_file(ws_events_report *report, const char *path)
{
    ws_events_report_end_file(report);
    report->path = path;
    report->is_quiet = true;
}

void ws_events_report_push(void *user, const ws_event_finding *finding)
{
    ws_events_report *report = user;
    uint64_t *n = &report->n_of_rule[finding->id];

    if (report->path == NULL || strcmp(report->path, finding->path) != 0)
        begin_file(report, finding->path);
    ++*n;
    *(finding->rule->is_defect ? &report->n_defects : &report->n_warnings) += 1;
    if ((report->hides_warnings && !finding->rule->is_defect) ||
        (report->most > 0 && *n > report->most))
        return;
    if (report->for_script) {
        print_for_script(finding);
        return;
    }
    if (report->is_quiet) {
        ws_events_print(stdout, finding->path, 0);
        printf(":\n");
    }
    report->is_quiet = false;
    print_finding(finding, *n == 1);
}

void ws_events_report_end_file(ws_events_report *report)
{
    for (size_t i = 0; i < WS_N_RULES; i++) {
        const ws_event_rule *rule = ws_event_rule_get((ws_event_rule_id)i);
        const uint64_t n = report->n_of_rule[i];
        if (report->most > 0 && n > report->most && !report->for_script &&
            !(report->hides_warnings && !rule->is_defect))
            printf("  ... and %" PRIu64 " more %s %s\n", n - report->most, level_of(rule),
                   rule->name);
        report->n_of_rule[i] = 0;
    }
    report->path = NULL;
}
