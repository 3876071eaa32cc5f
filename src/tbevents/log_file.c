#include "tbevents/log_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tbevents/frame.h"

static char *join(const char *a, const char *separator, const char *b)
{
    const size_t size = strlen(a) + strlen(separator) + strlen(b) + 1;
    char *joined = malloc(size);
    if (joined != NULL)
        (void)snprintf(joined, size, "%s%s%s", a, separator, b);
    return joined;
}

/** A directory that stays the same when the process changes its working directory. */
static char *find_absolute(const char *dir)
{
    char cwd[PATH_MAX];
    return dir[0] == '/' || getcwd(cwd, sizeof cwd) == NULL ? join(dir, "", "")
                                                            : join(cwd, "/", dir);
}

int tbe_log_file_init(tbe_log_file *file, const tbe_log_file_options *options)
{
    *file = (tbe_log_file){.fd = -1, .wall_time = options->wall_time};
    if (options->host != NULL)
        (void)snprintf(file->host, sizeof file->host, "%s", options->host);
    else
        tbe_host_name_get(file->host);
    if (options->suffix != NULL)
        (void)snprintf(file->suffix, sizeof file->suffix, "%s", options->suffix);
    file->dir = join(options->dir, "", "");
    file->absolute = find_absolute(options->dir);
    return file->dir != NULL && file->absolute != NULL ? 0 : ENOMEM;
}

void tbe_log_file_deinit(tbe_log_file *file)
{
    free(file->dir);
    free(file->absolute);
    free(file->path);
    free(file->beginning);
    *file = (tbe_log_file){.fd = -1};
}

int tbe_log_file_make_dir(const tbe_log_file *file)
{
    return tbe_directory_create(file->absolute);
}

/** Seconds since 1970, for the name. */
static int64_t find_seconds(const tbe_log_file *file)
{
    struct timespec now = {0, 0};
    if (file->wall_time > 0.0)
        return (int64_t)file->wall_time; /* not negative: rounds down */
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec < 0 ? 0 : now.tv_sec;
}

int tbe_log_file_create(tbe_log_file *file)
{
    const tbe_file_name name = {
        .dir = file->absolute,
        .seconds = find_seconds(file),
        .host = file->host,
        .suffix = file->suffix,
    };
    struct stat found;
    char *path = NULL;
    int fd = -1;
    int reason = tbe_file_create(&name, &path, &fd);

    if (reason == 0 && fstat(fd, &found) != 0) {
        reason = errno;
        (void)close(fd);
    }
    if (reason != 0) {
        /* for a message: where the file was to be */
        if (file->path == NULL)
            file->path = path;
        else
            free(path);
        return reason;
    }
    free(file->path);
    file->path = path;
    file->fd = fd;
    file->device = found.st_dev;
    file->inode = found.st_ino;
    file->n_written = 0;
    return 0;
}

char *tbe_log_file_copy_path(const tbe_log_file *file)
{
    const char *name = file->path != NULL ? strrchr(file->path, '/') : NULL;
    const size_t length = strlen(file->dir);

    if (name == NULL)
        return join("", "", "");
    return join(file->dir, length > 0 && file->dir[length - 1] == '/' ? "" : "/", name + 1);
}

int tbe_log_file_set_beginning(tbe_log_file *file, const uint8_t *bytes, size_t size)
{
    file->beginning = malloc(size);
    if (file->beginning == NULL)
        return ENOMEM;
    memcpy(file->beginning, bytes, size);
    file->n_beginning = size;
    return 0;
}

bool tbe_log_file_is_there(const tbe_log_file *file)
{
    struct stat found;
    if (stat(file->path, &found) == 0)
        return found.st_dev == file->device && found.st_ino == file->inode;
    return errno != ENOENT && errno != ENOTDIR;
}

int tbe_log_file_begin_again(tbe_log_file *file)
{
    const int old = file->fd;
    const int64_t n_written = file->n_written;
    int reason = tbe_log_file_make_dir(file);

    if (reason == 0)
        reason = tbe_log_file_create(file);
    if (reason != 0)
        return reason;
    reason = tbe_log_file_write(file, file->beginning, file->n_beginning);
    if (reason == 0) {
        (void)close(old);
        return 0;
    }
    (void)unlink(file->path); /* it is no whole file; its name and number stay until the next try */
    (void)close(file->fd);
    file->fd = old;
    file->n_written = n_written;
    return reason;
}

/** How many of the first n_bytes make whole records. */
static size_t count_whole(const uint8_t *bytes, size_t n_bytes)
{
    size_t end = 0;
    for (;;) {
        const size_t size = tbe_frame_size(bytes + end, n_bytes - end);
        if (size == 0)
            return end;
        end += size;
    }
}

int tbe_log_file_write(tbe_log_file *file, const uint8_t *bytes, size_t size)
{
    size_t n_done = 0;
    int reason = 0;

    while (reason == 0 && n_done < size) {
        const ssize_t n = write(file->fd, bytes + n_done, size - n_done);
        if (n >= 0)
            n_done += (size_t)n;
        else if (errno != EINTR)
            reason = errno;
    }
    const size_t n_whole = n_done == size ? n_done : count_whole(bytes, n_done);
    file->n_written += (int64_t)n_whole;
    if (n_whole < n_done && ftruncate(file->fd, (off_t)file->n_written) != 0 && reason == 0)
        reason = errno;
    return reason;
}

int tbe_log_file_close(tbe_log_file *file)
{
    const int fd = file->fd;
    file->fd = -1;
    return fd < 0 || close(fd) == 0 || errno == EINTR /* which closes it too */ ? 0 : errno;
}
