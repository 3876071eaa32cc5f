#include "train/run_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "base/utf8.h"

enum { MAX_NUMBER = 1000000 };

/* The data server cannot serve pictures and sound of a run with one of the first two; the page of
 * the projector puts the name into a URL as it is. */
static const char unserved[] = "\"\\#&+%";

/** Whether a name is text without control characters. */
static bool is_plain(const char *name)
{
    uint32_t code;
    for (size_t n; *name != '\0'; name += n) {
        n = ws_utf8_read(name, &code);
        if (n == 0 || ws_utf8_is_control(code))
            return false;
    }
    return true;
}

ws_status ws_run_name_check(const char *name, bool is_new, ws_error *err)
{
    if (strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return ws_fail(err, WS_EUSAGE,
                       "--run_name=%s: expected the name of one folder, without slashes", name);
    if (is_new && (strpbrk(name, unserved) != NULL || !is_plain(name)))
        return ws_fail(err, WS_EUSAGE,
                       "--run_name=%s: expected UTF-8 text without control characters and without "
                       "any of %s: some pages of TensorBoard cannot show such a run",
                       name, unserved);
    return WS_OK;
}

/** Makes the folder of a run; WS_EEXISTS (without a sentence) if it is there already. */
static ws_status take(const char *summaries_dir, const char *name, ws_error *err)
{
    char *path = ws_path_join(summaries_dir, name);
    ws_status status = WS_OK;

    if (path == NULL)
        return ws_fail_memory(err, "the name of the run");
    if (mkdir(path, 0777) != 0)
        status = errno == EEXIST
                     ? WS_EEXISTS
                     : ws_fail_errno(err, errno, "%s: the run's directory cannot be made", path);
    free(path);
    return status;
}

static ws_status take_first_free(const char *summaries_dir, const char *architecture,
                                 char **claimed, ws_error *err)
{
    for (int number = 1; number <= MAX_NUMBER; number++) {
        char *name = ws_text_format("%s-%d", architecture, number);
        if (name == NULL)
            return ws_fail_memory(err, "the name of the run");
        const ws_status status = take(summaries_dir, name, err);
        if (status == WS_OK) {
            *claimed = name;
            return WS_OK;
        }
        free(name);
        if (status != WS_EEXISTS)
            return status;
    }
    return ws_fail(err, WS_ELIMIT, "%s: has %d runs of %s; give this one a --run_name",
                   summaries_dir, MAX_NUMBER, architecture);
}

ws_status ws_run_name_claim(const char *summaries_dir, const char *architecture, const char *name,
                            bool resumed, char **claimed, ws_error *err)
{
    ws_status status = ws_dir_create_all(summaries_dir, err);
    if (status != WS_OK)
        return status;
    if (name[0] == '\0')
        return take_first_free(summaries_dir, architecture, claimed, err);
    status = ws_run_name_check(name, !resumed, err);
    if (status != WS_OK)
        return status;
    status = take(summaries_dir, name, err);
    if (status == WS_EEXISTS && resumed)
        status = WS_OK;
    else if (status == WS_EEXISTS)
        return ws_fail(err, WS_EEXISTS,
                       "%s/%s: a run of that name exists; choose another --run_name, or resume a "
                       "training run with --start_checkpoint",
                       summaries_dir, name);
    if (status != WS_OK)
        return status;
    *claimed = ws_text_copy(name);
    return *claimed != NULL ? WS_OK : ws_fail_memory(err, "the name of the run");
}

void ws_run_name_release(const char *summaries_dir, const char *name)
{
    char *path = ws_path_join(summaries_dir, name);
    if (path != NULL)
        (void)rmdir(path); /* refuses if anything is in it, as it should */
    free(path);
}
