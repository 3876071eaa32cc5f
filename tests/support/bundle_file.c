#include "support/bundle_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "support/check.h"

void ws_test_bundle_write(const char *prefix, float first, size_t n)
{
    ws_error err = {.message = ""};
    float *values = malloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = first + (float)i;
    const ws_bundle_tensor tensor = {
        .name = "weights",
        .dtype = WS_BUNDLE_FLOAT32,
        .n_dims = 1,
        .dims = {(int64_t)n},
        .data = values,
        .size = n * sizeof *values,
    };
    const ws_status status = ws_bundle_write(prefix, &tensor, 1, &err);
    free(values);
    if (status != WS_OK)
        fail_msg("%s", err.message);
}

void ws_test_bytes_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

unsigned char *ws_test_bytes_read(const char *path, size_t *size)
{
    unsigned char *bytes = NULL;
    ws_error err = {.message = ""};
    if (ws_file_read(path, (size_t)1 << 28, &bytes, size, &err) != WS_OK)
        fail_msg("%s", err.message);
    return bytes;
}

void ws_test_assert_same_bytes(const char *a_path, const char *b_path)
{
    size_t a_size, b_size;
    unsigned char *a = ws_test_bytes_read(a_path, &a_size);
    unsigned char *b = ws_test_bytes_read(b_path, &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    free(a);
    free(b);
}

char *ws_test_names(const char *dir)
{
    ws_text_list names = {.items = NULL};
    ws_buf buf;
    ws_buf_init(&buf, 65536);
    assert_int_equal(ws_dir_list(dir, &names, NULL), WS_OK);
    for (size_t i = 0; i < names.n_items; i++)
        ws_buf_push_format(&buf, i > 0 ? " %s" : "%s", names.items[i]);
    ws_text_list_deinit(&names);
    char *joined = ws_buf_take_string(&buf);
    assert_non_null(joined);
    return joined;
}

void ws_test_limit_files(size_t max_bytes)
{
    struct rlimit limit;
    (void)signal(SIGXFSZ, SIG_IGN); /* so that write fails instead */
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = max_bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void ws_test_unlimit_files(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static ws_status append_entry(const ws_bundle *bundle, const ws_bundle_entry *entry, ws_buf *all,
                              ws_error *err)
{
    char *bytes = NULL;
    size_t size = 0;
    ws_status status;

    if (entry->dtype == WS_BUNDLE_STRING) {
        status = ws_bundle_read_string(bundle, entry->name, 65536, &bytes, &size, err);
    } else {
        size = (size_t)entry->size;
        bytes = malloc(size + 1);
        status = ws_bundle_read(bundle, entry, bytes, size, err);
        if (status != WS_OK)
            free(bytes);
    }
    if (status != WS_OK)
        return status;
    ws_buf_push_string(all, entry->name);
    ws_buf_push_format(all, " %d %zu ", entry->dtype, entry->n_dims);
    ws_buf_push(all, entry->dims, entry->n_dims * sizeof *entry->dims);
    ws_buf_push(all, bytes, size);
    free(bytes);
    return all->status;
}

ws_status ws_test_bundle_read_all(const char *prefix, ws_buf *all, ws_error *err)
{
    ws_bundle *bundle = NULL;
    size_t n_entries;

    ws_status status = ws_bundle_open(&bundle, prefix, err);
    if (status != WS_OK)
        return status;
    const ws_bundle_entry *entries = ws_bundle_entries(bundle, &n_entries);
    for (size_t i = 0; status == WS_OK && i < n_entries; i++)
        status = append_entry(bundle, &entries[i], all, err);
    ws_bundle_close(bundle);
    return status;
}

int ws_test_bundle_folder_open(void **state)
{
    ws_test_bundle_folder *f = calloc(1, sizeof *f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    f->prefix = ws_path_join(f->dir, "conv.ckpt-1");
    f->index = ws_text_format("%s.index", f->prefix);
    f->data = ws_text_format("%s.data-00000-of-00001", f->prefix);
    *state = f;
    return 0;
}

int ws_test_bundle_folder_close(void **state)
{
    ws_test_bundle_folder *f = *state;
    ws_test_remove_dir(f->dir);
    free(f->prefix);
    free(f->index);
    free(f->data);
    free(f);
    return 0;
}
