#include "unit/keeper_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/path.h"
#include "support/bundle_file.h"
#include "support/check.h"

static void keep_line(void *user, ws_log_level level, const char *line)
{
    keeper_folder *f = user;
    if (level >= WS_LOG_WARN)
        (void)snprintf(f->warning, sizeof f->warning, "%s", line);
}

int keeper_folder_open(void **state)
{
    keeper_folder *f = calloc(1, sizeof *f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    f->best = ws_path_join(f->dir, "best");
    *state = f;
    return 0;
}

int keeper_folder_close(void **state)
{
    keeper_folder *f = *state;
    ws_test_remove_dir(f->dir);
    free(f->best);
    free(f);
    return 0;
}

ws_keeper *keeper_folder_create_at(keeper_folder *f, const char *dir, bool is_resumed,
                                   int64_t last_step)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = keep_line, .user = f};
    static ws_log kept_log; /* outlives the keepers of one test */
    ws_error err = {.message = ""};
    ws_keeper *keeper = NULL;
    kept_log = log;
    const ws_keeper_options options = {.dir = dir,
                                       .name = "conv",
                                       .is_resumed = is_resumed,
                                       .last_step = last_step,
                                       .log = &kept_log};
    if (ws_keeper_create(&keeper, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return keeper;
}

ws_keeper *keeper_folder_create_in(keeper_folder *f, const char *dir, bool is_resumed)
{
    return keeper_folder_create_at(f, dir, is_resumed, 0);
}

ws_keeper *keeper_folder_create(keeper_folder *f, bool is_resumed)
{
    return keeper_folder_create_in(f, f->dir, is_resumed);
}

ws_status keeper_write_step(ws_keeper *keeper, int64_t step, ws_error *err)
{
    const float weights[2] = {(float)step, 1};
    const ws_bundle_tensor tensors[] = {
        {"weights", WS_BUNDLE_FLOAT32, 1, {2}, weights, sizeof weights},
        {"global_step", WS_BUNDLE_INT64, 0, {0}, &step, sizeof step},
    };
    return ws_keeper_write(keeper, step, tensors, 2, err);
}

ws_status keeper_write_best(ws_keeper *keeper, int64_t step, float score, ws_error *err)
{
    const ws_bundle_tensor tensor = {"global_step", WS_BUNDLE_INT64, 0, {0}, &step, sizeof step};
    return ws_keeper_write_best(keeper, step, score, &tensor, 1, err);
}

void keeper_must(ws_status status, const ws_error *err)
{
    if (status != WS_OK)
        fail_msg("%s", err->message);
}

void keeper_write_steps(ws_keeper *keeper, int64_t first, int64_t last)
{
    ws_error err = {.message = ""};
    for (int64_t step = first; step <= last; step += 100)
        keeper_must(keeper_write_step(keeper, step, &err), &err);
}

void keeper_assert_names(const char *dir, const char *want)
{
    char *names = ws_test_names(dir);
    assert_string_equal(names, want);
    free(names);
}

void keeper_assert_file(const char *dir, const char *name, const char *want)
{
    size_t size;
    char *path = ws_path_join(dir, name);
    unsigned char *bytes = ws_test_bytes_read(path, &size);
    assert_string_equal((char *)bytes, want);
    free(bytes);
    free(path);
}
