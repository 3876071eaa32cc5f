#include "unit/event_findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void findings_take(void *user, const ws_event_finding *finding)
{
    findings *all = user;
    all->n[finding->id]++;
    all->last = *finding;
    assert_true(strlen(finding->detail) < 256);
}

findings findings_of(const made_file *const *files, size_t n_files, const char *name)
{
    findings all = {{0}, {.path = NULL}};
    const ws_event_check_hooks hooks = {.user = &all, .found = findings_take};
    ws_event_check *check = ws_event_check_create(&hooks, NULL);
    ws_error err = {.message = ""};
    for (size_t i = 0; i < n_files; i++)
        assert_int_equal(ws_event_check_bytes(check, name, files[i]->bytes, files[i]->size, &err),
                         WS_OK);
    ws_event_check_end(check);
    ws_event_check_destroy(check);
    return all;
}

void expect_in(const findings *all, const ws_event_rule_id *expected)
{
    uint64_t n[WS_N_RULES] = {0};
    for (; *expected != WS_N_RULES; expected++)
        n[*expected]++;
    for (size_t i = 0; i < WS_N_RULES; i++)
        if (all->n[i] != n[i])
            fail_msg("%s: found %d times, expected %d",
                     ws_event_rule_get((ws_event_rule_id)i)->name, (int)all->n[i], (int)n[i]);
}

void expect_findings(const made_file *file, const ws_event_rule_id *expected)
{
    const findings all = findings_of(&file, 1, GOOD_NAME);
    expect_in(&all, expected);
}

made_file good(void)
{
    made_file file = {.size = 0};
    made_begin(&file);
    for (int step = 1; step <= 3; step++)
        made_push_scalar(&file, "m/good", step, (float)step);
    return file;
}
