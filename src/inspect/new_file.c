#include "inspect/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

enum { MAX_KEPT = 1000, MAX_STAGED = 100000 };

/** "<dir>/.wordspot-<pid>-<number>": without "tfevents", and hidden. */
static char *stage_name(const char *path, int number)
{
    char *dir = ws_path_dir(path);
    char *name = ws_text_format(".wordspot-%ld-%d", (long)getpid(), number);
    char *staged = dir != NULL && name != NULL ? ws_path_join(dir, name) : NULL;

    free(dir);
    free(name);
    return staged;
}

/** Opens a file beside path under the first free name. @return the descriptor; -1: errno says why
 */
static int open_staged(ws_new_file *file, mode_t mode)
{
    int fd = -1;

    for (int number = 0; fd < 0 && number < MAX_STAGED; number++) {
        free(file->staged);
        file->staged = stage_name(file->path, number);
        if (file->staged == NULL) {
            errno = ENOMEM;
            return -1;
        }
        fd = open(file->staged, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

ws_status ws_new_file_create(ws_new_file *file, const char *path, const char *like, bool may_exist,
                             ws_error *err)
{
    struct stat info = {.st_mode = 0666};

    *file = (ws_new_file){.path = ws_text_copy(path), .may_exist = may_exist};
    if (file->path == NULL)
        return ws_fail_memory(err, path);
    if (!may_exist && (ws_file_exists(path) || ws_dir_exists(path)))
        return ws_fail(err, WS_EEXISTS, "%s: is there already, expected the name of a new file",
                       path);
    (void)stat(like, &info);
    const int fd = open_staged(file, info.st_mode & 0777);
    if (fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be written", path);
    file->stream = fdopen(fd, "wb");
    if (file->stream != NULL)
        return WS_OK;
    (void)close(fd);
    (void)unlink(file->staged);
    return ws_fail_memory(err, path);
}

ws_status ws_new_file_write(void *user, const void *bytes, size_t n_bytes, ws_error *err)
{
    const ws_new_file *file = user;

    if (fwrite(bytes, 1, n_bytes, file->stream) == n_bytes)
        return WS_OK;
    return ws_fail_errno(err, errno, "%s: cannot be written", file->path);
}

/** All bytes on the disk. */
static ws_status sync_and_close(ws_new_file *file, ws_error *err)
{
    FILE *stream = file->stream;
    int reason = 0;

    if (fflush(stream) != 0 || fsync(fileno(stream)) != 0)
        reason = errno;
    file->stream = NULL;
    if (fclose(stream) != 0 && reason == 0)
        reason = errno;
    if (reason == 0)
        return WS_OK;
    (void)unlink(file->staged);
    return ws_fail_errno(err, reason, "%s: cannot be written", file->path);
}

ws_status ws_new_file_finish(ws_new_file *file, ws_error *err)
{
    const ws_status status = sync_and_close(file, err);

    if (status != WS_OK)
        return status;
    int reason = 0;
    if (!file->may_exist)
        reason = ws_file_rename_new(file->staged, file->path);
    else if (rename(file->staged, file->path) != 0)
        reason = errno;
    if (reason == 0)
        return WS_OK;
    (void)unlink(file->staged);
    return ws_fail_errno(err, reason, "%s: cannot be written", file->path);
}

/** The path with "tfevents" in its last part replaced, and after it a number if that is above 0. */
static char *kept_name(const char *path, int number)
{
    static const char mark[] = "tfevents", other[] = "damaged";
    const char *base = ws_path_base(path);
    ws_buf name;

    ws_buf_init(&name, 4 * strlen(path) + 64);
    ws_buf_push(&name, path, (size_t)(base - path));
    for (const char *p = base; *p != '\0';) {
        const bool is_mark = strncmp(p, mark, sizeof mark - 1) == 0;
        ws_buf_push(&name, is_mark ? other : p, is_mark ? sizeof other - 1 : 1);
        p += is_mark ? sizeof mark - 1 : 1;
    }
    if (strstr(base, mark) == NULL)
        ws_buf_push_string(&name, ".damaged");
    if (number > 0)
        ws_buf_push_format(&name, ".%d", number);
    char *text = ws_buf_take_string(&name);
    if (text == NULL)
        ws_buf_deinit(&name);
    return text;
}

/** Gives the old file a second name; where there are no such, another one. @return 0 or errno */
static int keep_old(const char *path, char **kept)
{
    int reason = EEXIST;

    for (int number = 0; reason == EEXIST && number < MAX_KEPT; number++) {
        free(*kept);
        *kept = kept_name(path, number);
        if (*kept == NULL)
            return ENOMEM;
        reason = link(path, *kept) == 0 ? 0 : errno;
        if (reason != 0 && reason != EEXIST)
            reason = ws_file_rename_new(path, *kept);
    }
    return reason;
}

ws_status ws_new_file_replace(ws_new_file *file, char **kept, ws_error *err)
{
    const ws_status status = sync_and_close(file, err);

    *kept = NULL;
    if (status != WS_OK)
        return status;
    int reason = keep_old(file->path, kept);
    if (reason == 0 && rename(file->staged, file->path) != 0)
        reason = errno;
    if (reason == 0)
        return WS_OK;
    (void)unlink(file->staged);
    return ws_fail_errno(err, reason, "%s: cannot be replaced", file->path);
}

ws_status ws_new_file_retire(const char *path, char **kept, ws_error *err)
{
    *kept = NULL;
    int reason = keep_old(path, kept);
    if (reason == 0 && unlink(path) != 0 && errno != ENOENT) /* it was renamed already */
        reason = errno;
    return reason == 0 ? WS_OK : ws_fail_errno(err, reason, "%s: cannot be renamed", path);
}

void ws_new_file_destroy(ws_new_file *file)
{
    if (file->stream != NULL) {
        (void)fclose(file->stream);
        (void)unlink(file->staged);
    }
    free(file->path);
    free(file->staged);
    *file = (ws_new_file){.path = NULL};
}
