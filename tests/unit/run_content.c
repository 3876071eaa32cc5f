#include "unit/run_content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "support/check.h"

char run_logs[256];

int run_logs_set_up(void **state)
{
    (void)state;
    ws_test_make_dir(run_logs, sizeof run_logs);
    return 0;
}

int run_logs_tear_down(void **state)
{
    (void)state;
    ws_test_remove_dir(run_logs);
    return 0;
}

static void push_value(run_content *found, int64_t step, const tbe_value *value)
{
    run_point *one = &found->points[found->n++];
    assert_true(found->n < RUN_CONTENT_MAX_POINTS);
    *one = (run_point){.step = step, .value = value->scalar};
    (void)snprintf(one->tag, sizeof one->tag, "%s", value->tag);
    if (value->kind != TBE_VALUE_HPARAMS)
        return;
    Tbproto__HParamsPluginData *message =
        tbproto__hparams_plugin_data__unpack(NULL, value->content.size, value->content.data);
    assert_non_null(message);
    if (message->session_end_info != NULL &&
        message->data_case == TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_END_INFO)
        one->ended = message->session_end_info->status;
    else
        (void)snprintf(found->group, sizeof found->group, "%s",
                       message->session_start_info->group_name);
    tbproto__hparams_plugin_data__free_unpacked(message, NULL);
}

static void read_file(const char *path, run_content *found)
{
    tbe_reader *reader = tbe_reader_open(path, NULL);
    tbe_record record;
    tbe_status status;

    tbe_record_init(&record, sizeof record);
    while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
        for (size_t i = 0; i < record.n_values; i++)
            push_value(found, record.step, &record.values[i]);
    assert_int_equal(status, TBE_END);
    tbe_reader_close(reader);
}

run_content run_content_read(const char *summaries_dir, const char *run_name)
{
    run_content found = {.n = 0};
    ws_text_list names = {.items = NULL};
    char *dir = ws_path_join(summaries_dir, run_name);

    assert_int_equal(ws_dir_list(dir, &names, NULL), WS_OK);
    for (size_t i = 0; i < names.n_items; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        if (strstr(names.items[i], "tfevents") != NULL)
            read_file(path, &found);
        found.n_own_files += ws_text_has_suffix(names.items[i], ".hparams");
        free(path);
    }
    ws_text_list_deinit(&names);
    free(dir);
    return found;
}

const run_point *run_content_last_of(const run_content *found, const char *tag)
{
    for (size_t i = found->n; i-- > 0;)
        if (strcmp(found->points[i].tag, tag) == 0)
            return &found->points[i];
    return NULL;
}

void run_content_assert_last(const run_content *found, const char *tag, int64_t step, double value)
{
    const run_point *last = run_content_last_of(found, tag);
    assert_non_null(last);
    assert_int_equal(last->step, step);
    assert_true((float)last->value == (float)value);
}

size_t run_content_count(const run_content *found, const char *tag)
{
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++)
        n += strcmp(found->points[i].tag, tag) == 0;
    return n;
}
