#include "tbevents/file_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "events.out.tfevents."
enum { PREFIX_BYTES = sizeof PREFIX - 1, N_DIGITS = 10, MAX_COUNTER = 1000 };
/* room for a name: its parts, two numbers, separators */
#define NAME_BYTES  (PREFIX_BYTES + N_DIGITS + (size_t)2 * (TBE_MAX_NAME_BYTES + 24))
#define MAX_SECONDS INT64_C(9999999999)

void tbe_host_name_get(char host[TBE_MAX_NAME_BYTES + 1])
{
    if (gethostname(host, TBE_MAX_NAME_BYTES + 1) != 0)
        host[0] = '\0';
    host[TBE_MAX_NAME_BYTES] = '\0'; /* a name that was cut need not have an end */
    for (char *p = host; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~' || *p == '/')
            *p = '_';
    if (host[0] == '\0')
        memcpy(host, "localhost", sizeof "localhost");
}

static int make_directory(const char *path)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return 0;
    const int reason = errno; /* of a read-only file system, say, where the directory is there */
    return stat(path, &info) == 0 ? (S_ISDIR(info.st_mode) ? 0 : ENOTDIR) : reason;
}

int tbe_directory_create(const char *dir)
{
    const size_t size = strlen(dir) + 1;
    char *path = malloc(size);
    int reason = 0;

    if (path == NULL)
        return ENOMEM;
    memcpy(path, dir, size);
    for (char *p = path + 1; reason == 0 && *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        reason = make_directory(path);
        *p = '/';
    }
    if (reason == 0)
        reason = make_directory(path);
    free(path);
    return reason;
}

/** The seconds in a name of TensorFlow's form, -1 for another name. Of a longer number (some
 *  writers put milliseconds) the first ten digits decide how it sorts. */
static int64_t seconds_of(const char *name)
{
    int64_t seconds = 0;
    if (strncmp(name, PREFIX, PREFIX_BYTES) != 0)
        return -1;
    for (const char *p = name + PREFIX_BYTES; p < name + PREFIX_BYTES + N_DIGITS; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        seconds = seconds * 10 + (*p - '0');
    }
    return seconds;
}

/** Raises *newest to the largest seconds among the event files in dir. @return 0 or errno */
static int find_newest(const char *dir, int64_t *newest)
{
    const struct dirent *entry;
    DIR *listing = opendir(dir);

    if (listing == NULL)
        return errno;
    errno = 0;
    while ((entry = readdir(listing)) != NULL) {
        const int64_t seconds = seconds_of(entry->d_name);
        if (seconds > *newest)
            *newest = seconds;
        errno = 0;
    }
    const int reason = errno;
    (void)closedir(listing);
    return reason;
}

int tbe_file_create(const tbe_file_name *name, char **path, int *fd)
{
    const size_t dir_length = strlen(name->dir);
    const size_t size = dir_length + NAME_BYTES;
    int64_t newest = -1;
    int reason = find_newest(name->dir, &newest);

    *path = malloc(size);
    if (*path == NULL)
        return ENOMEM;
    (void)snprintf(*path, size, "%s", name->dir);
    if (reason != 0)
        return reason;
    const int64_t seconds = newest >= name->seconds ? newest + 1 : name->seconds;
    if (seconds > MAX_SECONDS)
        return EOVERFLOW;
    for (int counter = 0; counter < MAX_COUNTER; counter++) {
        (void)snprintf(*path, size, "%s%s" PREFIX "%010" PRId64 ".%s.%ld.%d%s", name->dir,
                       name->dir[dir_length - 1] == '/' ? "" : "/", seconds, name->host,
                       (long)getpid(), counter, name->suffix);
        *fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        reason = *fd >= 0 ? 0 : errno;
        if (reason != EEXIST)
            break; /* another writer came in between: the next number */
    }
    return reason;
}
