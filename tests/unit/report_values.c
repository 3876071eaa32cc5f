#include "unit/report_values.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void keep_value(const tbe_value *value, int64_t step, report_values *values)
{
    assert_true(values->n < sizeof values->items / sizeof *values->items);
    report_value *kept = &values->items[values->n++];
    *kept = (report_value){
        .tag = strdup(value->tag),
        .description = strdup(value->description),
        .kind = value->kind,
        .step = step,
        .scalar = value->scalar,
        .width = value->width,
        .height = value->height,
        .n_numbers = value->n_numbers,
        .numbers = malloc((value->n_numbers + 1) * sizeof(double)),
    };
    assert_true(kept->tag != NULL && kept->description != NULL && kept->numbers != NULL);
    for (size_t i = 0; i < value->n_numbers; i++)
        kept->numbers[i] = value->numbers[i];
    if (value->n_blobs > 0) {
        kept->n_bytes = value->blobs[0].size;
        kept->blob = calloc(kept->n_bytes + 1, 1);
        assert_non_null(kept->blob);
        memcpy(kept->blob, value->blobs[0].data, kept->n_bytes);
    }
}

static void read_file(const char *path, report_values *values)
{
    tbe_reader *reader = tbe_reader_open(path, NULL);
    tbe_record record;
    tbe_status status;
    tbe_record_init(&record, sizeof record);
    while ((status = tbe_reader_read(reader, &record)) == TBE_OK) {
        values->n_bytes += record.size;
        for (size_t i = 0; i < record.n_values; i++)
            keep_value(&record.values[i], record.step, values);
    }
    assert_int_equal(status, TBE_END);
    assert_int_equal(tbe_reader_get_n_torn(reader), 0);
    tbe_reader_close(reader);
}

static int is_event_file(const struct dirent *entry)
{
    return strstr(entry->d_name, "tfevents") != NULL;
}

void report_values_read(report_values *values, const char *dir)
{
    char path[1024];
    struct dirent **names = NULL;
    const int n = scandir(dir, &names, is_event_file, alphasort);
    memset(values, 0, sizeof *values);
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        read_file(path, values);
        values->n_files++;
        free(names[i]);
    }
    free(names);
}

void report_values_deinit(report_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        free(values->items[i].tag);
        free(values->items[i].description);
        free(values->items[i].blob);
        free(values->items[i].numbers);
    }
    values->n = 0;
}

const report_value *report_values_find(const report_values *values, const char *tag, int64_t step)
{
    const report_value *found = NULL;
    for (size_t i = 0; i < values->n; i++) {
        if (strcmp(values->items[i].tag, tag) != 0 || values->items[i].step != step)
            continue;
        if (found != NULL)
            fail_msg("%s is there twice at step %lld", tag, (long long)step);
        found = &values->items[i];
    }
    if (found == NULL)
        fail_msg("there is no %s at step %lld", tag, (long long)step);
    return found;
}

size_t report_values_n_of_kind(const report_values *values, tbe_value_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < values->n; i++)
        n += values->items[i].kind == kind;
    return n;
}

size_t report_values_n_of_tag(const report_values *values, const char *tag)
{
    size_t n = 0;
    for (size_t i = 0; i < values->n; i++)
        n += strcmp(values->items[i].tag, tag) == 0;
    return n;
}
