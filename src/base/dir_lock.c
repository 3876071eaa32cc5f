#include "base/dir_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

ws_status ws_dir_lock_open(const char *dir, const char *who, int *fd, ws_error *err)
{
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", dir);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return WS_OK; /* a file system without locks: then it is up to the user */
    (void)close(*fd);
    return ws_fail(err, WS_EEXISTS, "%s: another %s is at work in it", dir, who);
}
