#include "faults/fetch_fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/check.h"
#include "support/fault_server.h"

enum { MAX_FILE_BYTES = 1 << 20 };

fetch_fixture fixture;
static ws_test_server server;

static void take_line(void *user, ws_log_level level, const char *line)
{
    const size_t n = strlen(fixture.log);
    (void)user;
    (void)snprintf(fixture.log + n, sizeof fixture.log - n, "%s%s\n",
                   level == WS_LOG_WARN ? "warning: " : "", line);
}

static bool take_progress(void *user, const char *activity, uint64_t n_done, uint64_t n_all)
{
    (void)user;
    fixture.n_done = n_done;
    fixture.n_all = n_all;
    return fixture.stop_activity == NULL || strcmp(activity, fixture.stop_activity) != 0 ||
           n_done < fixture.stop_at;
}

void fetch_shell(const char *format, ...)
{
    char command[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/** A user who runs the tests may need a proxy; the server here must not be reached through it. */
static void forget_proxies(void)
{
    static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                            "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        assert_int_equal(unsetenv(variables[i]), 0);
}

int fetch_make_archives(void **state)
{
    const char *dir = fixture.archives_dir;
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN); /* as main() does */
    forget_proxies();
    ws_test_make_dir(fixture.archives_dir, sizeof fixture.archives_dir);
    fetch_shell("python3 '%s/support/make_archives.py' '%s'", WS_TESTS_DIR, dir);
    fetch_shell("cd '%s' && mkdir good other && tar -xzf good.tar.gz -C good && "
                "tar -xzf other.tar.gz -C other && touch -d 2020-01-01 *.gz",
                dir);
    ws_test_server_start(&server, dir, NULL);
    fixture.port = server.port;
    return 0;
}

int fetch_remove_archives(void **state)
{
    (void)state;
    ws_test_server_stop(&server);
    ws_test_remove_dir(fixture.archives_dir);
    return 0;
}

int fetch_begin(void **state)
{
    (void)state;
    ws_test_make_dir(fixture.scratch, sizeof fixture.scratch);
    (void)snprintf(fixture.data_dir, sizeof fixture.data_dir, "%s/deep/data", fixture.scratch);
    fixture.log[0] = '\0';
    fixture.stop_activity = NULL;
    fixture.patience = (ws_patience){.stall_seconds = 10, .n_tries = 4, .wait_seconds = 0.01};
    return 0;
}

int fetch_end(void **state)
{
    (void)state;
    ws_test_remove_dir(fixture.scratch);
    return 0;
}

const char *fetch_url(const char *path)
{
    static char url[512];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", fixture.port, path);
    return url;
}

bool fetch_from(const char *url, ws_status wanted, ws_error *err)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = take_line};
    const ws_fetch_watch watch = {.log = &log, .progress = take_progress};
    bool is_complete = false;

    *err = (ws_error){.message = ""};
    const ws_status status = ws_fetch_run(
        &(ws_fetch_options){.url = url, .data_dir = fixture.data_dir, .patience = fixture.patience},
        &watch, &is_complete, err);
    if (status != wanted)
        fail_msg("status %d, expected %d: %s\n%s", status, wanted, err->message, fixture.log);
    assert_int_equal(strlen(err->message) > 0 && wanted == WS_OK, 0);
    return status == WS_OK && is_complete;
}

bool fetch_path(const char *path)
{
    ws_error err;
    return fetch_from(fetch_url(path), WS_OK, &err);
}

void fetch_fails(const char *url, ws_status wanted, const char *const *texts)
{
    ws_error err;
    (void)fetch_from(url, wanted, &err);
    for (; *texts != NULL; texts++)
        if (strstr(err.message, *texts) == NULL)
            fail_msg("\"%s\" is not in: %s", *texts, err.message);
    assert_null(strchr(err.message, '\n'));
}

bool fetch_has(const char *name)
{
    char path[1024];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", fixture.data_dir, name);
    return lstat(path, &info) == 0;
}

long long fetch_size(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        fail_msg("%s is not there", path);
    return info.st_size;
}

void fetch_assert_data(const char *name)
{
    fetch_shell("diff -r --exclude='*.tar.gz' '%s/%s' '%s'", fixture.archives_dir, name,
                fixture.data_dir);
    fetch_shell("cmp '%s/%s.tar.gz' '%s'/*.tar.gz", fixture.archives_dir, name, fixture.data_dir);
}

void fetch_assert_nothing(void)
{
    fetch_shell("test -z \"$(ls -A '%s')\"", fixture.data_dir);
    fetch_shell("test \"$(ls -A '%s')\" = deep && test \"$(ls -A '%s/deep')\" = data",
                fixture.scratch, fixture.scratch);
}

void fetch_assert_logged(const char *text)
{
    if (strstr(fixture.log, text) == NULL)
        fail_msg("\"%s\" is not among:\n%s", text, fixture.log);
}

/** Puts the half of good.tar.gz in the place of HALF. */
static void fill_half(const char *wanted, char *text, size_t size)
{
    char path[512];
    size_t n = 0;

    (void)snprintf(path, sizeof path, "%s/good.tar.gz", fixture.archives_dir);
    for (const char *half; (half = strstr(wanted, "HALF")) != NULL; wanted = half + 4)
        n += (size_t)snprintf(text + n, size - n, "%.*s%lld", (int)(half - wanted), wanted,
                              fetch_size(path) / 2);
    (void)snprintf(text + n, size - n, "%s", wanted);
}

void fetch_assert_requests(const char *path, const char *wanted)
{
    char log[512], filled[512], answers[2048] = "";
    unsigned char *text = NULL;
    size_t size = 0, n = 0;
    const size_t length = strlen(path);

    (void)snprintf(log, sizeof log, "%s/requests.log", fixture.archives_dir);
    assert_int_equal(ws_file_read(log, MAX_FILE_BYTES, &text, &size, NULL), WS_OK);
    for (char *line = strtok((char *)text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strncmp(line, path, length) == 0 && line[length] == ' ')
            n += (size_t)snprintf(answers + n, sizeof answers - n, "%s%s", n > 0 ? "; " : "",
                                  line + length + 1);
    free(text);
    fill_half(wanted, filled, sizeof filled);
    assert_string_equal(answers, filled);
}
