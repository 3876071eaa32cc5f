#include "fetch/space.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "base/text.h"

ws_status ws_space_get(const char *path, ws_space *space, ws_error *err)
{
    struct statvfs info;

    if (statvfs(path, &info) != 0)
        return ws_fail_errno(err, errno, "%s: how much room is there cannot be found out", path);
    *space = (ws_space){
        .n_free = (uint64_t)info.f_bavail * info.f_frsize,
        .n_block = info.f_frsize > 0 ? info.f_frsize : 1,
    };
    return WS_OK;
}

uint64_t ws_space_round(const ws_space *space, uint64_t n_bytes)
{
    return (n_bytes + space->n_block - 1) / space->n_block * space->n_block;
}

ws_status ws_space_check(const ws_space *space, uint64_t n_needed, const char *what,
                         const char *path, ws_error *err)
{
    char needed[WS_TEXT_SIZE_BYTES], available[WS_TEXT_SIZE_BYTES];

    if (n_needed <= space->n_free)
        return WS_OK;
    ws_text_write_size(needed, sizeof needed, n_needed);
    ws_text_write_size(available, sizeof available, space->n_free);
    return ws_fail(err, WS_EIO, "%.300s needs at least %s on the disk of %.300s, which has %s free",
                   what, needed, path, available);
}
