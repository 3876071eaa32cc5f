#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

static ws_status read_open_file(int fd, const char *path, size_t max_size, unsigned char **data,
                                size_t *size, ws_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be read", path);
    if (S_ISDIR(info.st_mode))
        return ws_fail(err, WS_EIO, "%s: is a directory, expected a file", path);
    if (!S_ISREG(info.st_mode)) /* a pipe or device has no size to be read by */
        return ws_fail(err, WS_EIO, "%s: is a pipe or a device, expected a plain file", path);
    if ((uintmax_t)info.st_size > max_size)
        return ws_fail(err, WS_ELIMIT, "%s: has %jd bytes, at most %zu are read", path,
                       (intmax_t)info.st_size, max_size);
    const size_t wanted = (size_t)info.st_size;
    unsigned char *bytes = malloc(wanted + 1);
    if (bytes == NULL)
        return ws_fail_memory(err, path);
    size_t n_read = 0;
    while (n_read < wanted) {
        const ssize_t n = read(fd, bytes + n_read, wanted - n_read);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            const int reason = errno;
            free(bytes);
            return ws_fail_errno(err, reason, "%s: cannot be read", path);
        }
        if (n == 0)
            break; /* shorter than it was a moment ago: what is there counts */
        n_read += (size_t)n;
    }
    bytes[n_read] = '\0';
    *data = bytes;
    *size = n_read;
    return WS_OK;
}

ws_status ws_file_read(const char *path, size_t max_size, unsigned char **data, size_t *size,
                       ws_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* else a pipe may make us wait */
    if (fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", path);
    const ws_status status = read_open_file(fd, path, max_size, data, size, err);
    (void)close(fd);
    return status;
}

static int write_all(int fd, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/** Makes the rename itself survive a power cut. A directory that cannot be synced is not an error:
 * some file systems refuse it. */
static void sync_dir_of(const char *path)
{
    char *dir = ws_path_dir(path);
    if (dir == NULL)
        return;
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(dir);
}

/** Writes and syncs a new file; 0 or errno. */
static int write_new_file(const char *path, const void *data, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    int reason = write_all(fd, data, size);
    if (reason == 0 && fsync(fd) != 0)
        reason = errno;
    if (close(fd) != 0 && reason == 0)
        reason = errno;
    return reason;
}

static const char staged_mark[] = ".tmp-";

static char *staged_name(const char *path)
{
    return ws_text_format("%s%s%ld", path, staged_mark, (long)getpid());
}

ws_status ws_file_stage(const char *path, const void *data, size_t size, ws_error *err)
{
    if (ws_file_is_special(path)) /* renaming would put a file in its place: root may, in /dev */
        return ws_file_check_replaceable(path, err);
    char *staged = staged_name(path);
    if (staged == NULL)
        return ws_fail_memory(err, path);
    const int reason = write_new_file(staged, data, size);
    if (reason != 0)
        (void)unlink(staged);
    free(staged);
    return reason == 0 ? WS_OK : ws_fail_errno(err, reason, "%s: cannot be written", path);
}

ws_status ws_file_commit(const char *path, ws_error *err)
{
    char *staged = staged_name(path);
    if (staged == NULL)
        return ws_fail_memory(err, path);
    const int reason = rename(staged, path) == 0 ? 0 : errno;
    if (reason != 0)
        (void)unlink(staged);
    else
        sync_dir_of(path);
    free(staged);
    return reason == 0 ? WS_OK : ws_fail_errno(err, reason, "%s: cannot be written", path);
}

/** Renames staged files. Those that are new are deleted again if one cannot be renamed. */
static ws_status commit_all(const ws_file_part *parts, size_t n, ws_error *err)
{
    bool was_there[WS_FILE_MAX_PARTS];
    ws_status status = WS_OK;
    size_t n_done = 0;

    for (; n_done < n && status == WS_OK; n_done++) {
        was_there[n_done] = ws_file_exists(parts[n_done].path);
        status = ws_file_commit(parts[n_done].path, err);
    }
    for (size_t i = 0; status != WS_OK && i < n; i++) {
        if (i >= n_done)
            ws_file_discard(parts[i].path);
        else if (i + 1 < n_done && !was_there[i])
            (void)unlink(parts[i].path);
    }
    return status;
}

ws_status ws_file_write_all(const ws_file_part *parts, size_t n, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n_staged = 0;

    assert(n >= 1 && n <= WS_FILE_MAX_PARTS);
    for (; n_staged < n && status == WS_OK; n_staged++)
        status =
            ws_file_stage(parts[n_staged].path, parts[n_staged].data, parts[n_staged].size, err);
    if (status == WS_OK)
        return commit_all(parts, n, err);
    for (size_t i = 0; i + 1 < n_staged; i++)
        ws_file_discard(parts[i].path);
    return status;
}

int ws_file_rename_new(const char *from, const char *to)
{
    if (link(from, to) == 0)
        return unlink(from) == 0 ? 0 : errno;
    if (errno == EEXIST)
        return EEXIST;
    if (ws_file_exists(to) || ws_dir_exists(to))
        return EEXIST;
    return rename(from, to) == 0 ? 0 : errno;
}

ws_status ws_file_commit_new(const char *path, ws_error *err)
{
    char *staged = staged_name(path);
    if (staged == NULL)
        return ws_fail_memory(err, path);
    const int reason = ws_file_rename_new(staged, path);
    if (reason != 0)
        (void)unlink(staged);
    else
        sync_dir_of(path);
    free(staged);
    if (reason == EEXIST)
        return ws_fail(err, WS_EEXISTS, "%s: is there already", path);
    return reason == 0 ? WS_OK : ws_fail_errno(err, reason, "%s: cannot be written", path);
}

void ws_file_discard(const char *path)
{
    char *staged = staged_name(path);
    if (staged != NULL)
        (void)unlink(staged);
    free(staged);
}

long ws_file_staged_by(const char *name)
{
    const char *dot = strrchr(name, '.');
    int64_t pid = 0;
    if (dot == NULL || strncmp(dot, staged_mark, sizeof staged_mark - 1) != 0 ||
        !ws_text_to_int64(dot + sizeof staged_mark - 1, &pid) || pid <= 0)
        return 0;
    return (long)pid;
}

ws_status ws_file_write(const char *path, const void *data, size_t size, ws_error *err)
{
    const ws_status status = ws_file_stage(path, data, size, err);
    return status == WS_OK ? ws_file_commit(path, err) : status;
}

ws_status ws_file_check_replaceable(const char *path, ws_error *err)
{
    struct stat info;

    if (path[0] != '\0' && path[strlen(path) - 1] == '/')
        return ws_fail(err, WS_EUSAGE, "%s: is the name of a directory, expected that of a file",
                       path);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return ws_fail(err, WS_EEXISTS, "%s: is %s, expected a file to replace or nothing", path,
                       S_ISDIR(info.st_mode) ? "a directory" : "a device or a pipe");
    return WS_OK;
}

bool ws_file_is_same(const char *path, const char *other)
{
    struct stat one, two;
    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_dev == two.st_dev &&
           one.st_ino == two.st_ino;
}

bool ws_file_is_same_place(const char *path, const char *other)
{
    char *dir = ws_path_dir(path), *other_dir = ws_path_dir(other);
    const bool is_same = ws_file_is_same(path, other) ||
                         (dir != NULL && other_dir != NULL && ws_file_is_same(dir, other_dir) &&
                          strcmp(ws_path_base(path), ws_path_base(other)) == 0);

    free(dir);
    free(other_dir);
    return is_same;
}

bool ws_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

bool ws_file_is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

bool ws_dir_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *ws_dir_fault(const char *path)
{
    struct stat info;

    if (stat(path, &info) == 0)
        return "is a file, not a directory";
    return errno == EACCES ? "may not be looked at (permission denied)"
                           : "there is no such directory";
}

static int make_dir(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno != EEXIST)
        return errno;
    return ws_dir_exists(path) ? 0 : ENOTDIR; /* a file is in the way */
}

ws_status ws_dir_create_all(const char *path, ws_error *err)
{
    char *partial = ws_text_copy(path);
    int reason = 0;

    if (partial == NULL)
        return ws_fail_memory(err, path);
    for (char *p = partial + 1; reason == 0 && partial[0] != '\0' && *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        reason = make_dir(partial);
        *p = '/';
    }
    if (reason == 0)
        reason = make_dir(partial);
    free(partial);
    if (reason == ENOTDIR)
        return ws_fail(err, WS_EEXISTS, "%s: the directory cannot be made: a file is in the way",
                       path);
    return reason == 0 ? WS_OK
                       : ws_fail_errno(err, reason, "%s: the directory cannot be made", path);
}

ws_status ws_dir_create_parent(const char *path, ws_error *err)
{
    char *dir = ws_path_dir(path);
    const ws_status status =
        dir != NULL ? ws_dir_create_all(dir, err) : ws_fail_memory(err, "the name of a directory");

    free(dir);
    return status;
}

ws_status ws_dir_list(const char *path, ws_text_list *names, ws_error *err)
{
    ws_status status = WS_OK;
    const struct dirent *entry;

    DIR *dir = opendir(path);
    if (dir == NULL)
        return ws_fail_errno(err, errno, "%s: the directory cannot be read", path);
    errno = 0;
    while (status == WS_OK && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = ws_text_list_push(names, entry->d_name);
        errno = 0;
    }
    const int reason = errno;
    (void)closedir(dir);
    if (status != WS_OK)
        return ws_fail_memory(err, path);
    if (reason != 0)
        return ws_fail_errno(err, reason, "%s: the directory cannot be read", path);
    ws_text_list_sort(names);
    return WS_OK;
}

/** Deletes all that a directory holds, as far as that is possible. @return the first failure */
static ws_status remove_content(const char *dir, ws_error *err)
{
    ws_text_list names = {.items = NULL};
    ws_status status = ws_dir_list(dir, &names, err);
    const size_t n = names.n_items;

    for (size_t i = 0; i < n; i++) {
        ws_error *first = status == WS_OK ? err : NULL;
        char *path = ws_path_join(dir, names.items[i]);
        const ws_status removed =
            path != NULL ? ws_dir_remove_all(path, first) : ws_fail_memory(first, dir);
        if (status == WS_OK)
            status = removed;
        free(path);
    }
    ws_text_list_deinit(&names);
    return status;
}

ws_status ws_dir_remove_all(const char *path, ws_error *err)
{
    struct stat info;
    ws_status status = WS_OK;

    if (lstat(path, &info) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? WS_OK
                   : ws_fail_errno(err, errno, "%s: cannot be deleted", path);
    const bool is_dir = S_ISDIR(info.st_mode);
    if (is_dir)
        status = remove_content(path, err);
    if ((is_dir ? rmdir(path) : unlink(path)) != 0 && errno != ENOENT && status == WS_OK)
        status = ws_fail_errno(err, errno, "%s: cannot be deleted", path);
    return status;
}
