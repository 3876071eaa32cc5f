#include "fetch/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "fetch/archive.h"

#define UNPACKING_DIR ".unpacking"
#define UNPACKED_DIR  ".unpacked"

enum { BUFFER_BYTES = 1 << 16 };

/** Reading an archive from its first entry to its last. */
typedef struct walk {
    ws_archive *archive;
    const char *path; /* of the archive */
    const char *activity;
    const ws_fetch_watch *watch;
    bool is_stopped;
    /* when it is only checked */
    const ws_space *space;
    ws_unpack_size size;
    /* when it is unpacked */
    const char *target_dir; /* NULL: it is only checked */
    char *last_dir;         /* owned: a directory that exists, so that not each file asks again */
    unsigned char buffer[BUFFER_BYTES];
} walk;

static bool go_on(walk *w)
{
    if (w->watch->progress != NULL && !w->is_stopped)
        w->is_stopped =
            !w->watch->progress(w->watch->user, w->activity, ws_archive_n_done(w->archive),
                                ws_archive_n_all(w->archive));
    return !w->is_stopped;
}

/* ---- one entry ---- */

static ws_status write_all(int fd, const unsigned char *bytes, size_t size, const char *path,
                           ws_error *err)
{
    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ws_fail_errno(err, errno, "%s: cannot be written", path);
        bytes += n;
        size -= (size_t)n;
    }
    return WS_OK;
}

/** The bytes of an entry to fd, or, if that is negative, nowhere. */
static ws_status copy_bytes(walk *w, int fd, const char *path, ws_error *err)
{
    size_t n = 0;
    ws_status status;

    do {
        status = ws_archive_read(w->archive, w->buffer, sizeof w->buffer, &n, err);
        if (status == WS_OK && fd >= 0)
            status = write_all(fd, w->buffer, n, path, err);
    } while (status == WS_OK && n > 0 && go_on(w));
    return status;
}

/** Makes the directory unless it was the last one that was made. */
static ws_status make_dir(walk *w, char *dir, ws_error *err)
{
    if (w->last_dir != NULL && strcmp(dir, w->last_dir) == 0) {
        free(dir);
        return WS_OK;
    }
    free(w->last_dir);
    w->last_dir = dir;
    return ws_dir_create_all(dir, err);
}

static ws_status write_file(walk *w, const char *path, ws_error *err)
{
    char *dir = ws_path_dir(path);
    if (dir == NULL)
        return ws_fail_memory(err, path);
    ws_status status = make_dir(w, dir, err);
    if (status != WS_OK)
        return status;
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be written", path);
    status = copy_bytes(w, fd, path, err);
    if (close(fd) != 0 && status == WS_OK)
        status = ws_fail_errno(err, errno, "%s: cannot be written", path);
    return status;
}

/** The archive lies in the directory that its files go to: none may take its place, or one of the
 *  names that fetching and unpacking themselves use. */
static ws_status check_place(const walk *w, const char *path, ws_error *err)
{
    const char *own = ws_path_base(w->path);
    const size_t own_length = strlen(own) - (ws_text_has_suffix(own, ".part") ? 5 : 0);
    const size_t length = strcspn(path, "/");
    const bool is_ours =
        (length >= own_length && strncmp(path, own, own_length) == 0) ||
        (length == strlen(UNPACKING_DIR) && strncmp(path, UNPACKING_DIR, length) == 0) ||
        (length == strlen(UNPACKED_DIR) && strncmp(path, UNPACKED_DIR, length) == 0);

    return !is_ours ? WS_OK
                    : ws_fail(err, WS_EFORMAT,
                              "%s: has an entry \"%.300s\", a name that the unpacking itself needs",
                              w->path, path);
}

/** Adds the entry up. As soon as all so far is more than the disk can take, that is an error. */
static ws_status count_entry(walk *w, const ws_archive_entry *entry, ws_error *err)
{
    w->size.n_files += !entry->is_dir;
    w->size.n_taken += ws_space_round(w->space, entry->is_dir ? 1 : entry->n_bytes);
    return ws_space_check(w->space, w->size.n_taken, "what is in the archive", w->path, err);
}

/** Only looks at the entry, and reads its bytes. */
static ws_status check_entry(walk *w, const ws_archive_entry *entry, ws_error *err)
{
    ws_status status = check_place(w, entry->path, err);

    if (status == WS_OK)
        status = count_entry(w, entry, err);
    return status == WS_OK && !entry->is_dir ? copy_bytes(w, -1, NULL, err) : status;
}

static ws_status write_entry(walk *w, const ws_archive_entry *entry, ws_error *err)
{
    /* once more: the file may have become another one since it was checked */
    ws_status status = check_place(w, entry->path, err);

    if (status != WS_OK)
        return status;
    char *path = ws_path_join(w->target_dir, entry->path);
    if (path == NULL)
        return ws_fail_memory(err, entry->path);
    status = entry->is_dir ? ws_dir_create_all(path, err) : write_file(w, path, err);
    free(path);
    return status;
}

/* ---- the whole archive ---- */

static ws_status walk_entries(walk *w, ws_error *err)
{
    ws_archive_entry entry;
    bool is_end = false;
    ws_status status = ws_archive_open(&w->archive, w->path, err);

    while (status == WS_OK && !is_end && go_on(w)) {
        status = ws_archive_next(w->archive, &entry, &is_end, err);
        if (status == WS_OK && !is_end)
            status =
                w->target_dir == NULL ? check_entry(w, &entry, err) : write_entry(w, &entry, err);
    }
    if (status == WS_OK)
        (void)go_on(w); /* to show that all is read */
    ws_archive_close(w->archive);
    free(w->last_dir);
    return status;
}

ws_status ws_unpack_check(const char *archive, const ws_space *space, const ws_fetch_watch *watch,
                          ws_unpack_size *size, bool *is_complete, ws_error *err)
{
    walk w = {.path = archive, .activity = "checking", .watch = watch, .space = space};

    ws_status status = walk_entries(&w, err);
    if (status == WS_OK && !w.is_stopped && w.size.n_files == 0)
        status = ws_fail(err, WS_EFORMAT, "%s: has no files in it, expected a data set", archive);
    *size = w.size;
    *is_complete = status == WS_OK && !w.is_stopped;
    return status;
}

/** Removes what is there, as far as that is possible: what stays is named when it is in the way. */
static void clear(const char *path)
{
    const ws_status removed = ws_dir_remove_all(path, NULL);
    (void)removed;
}

/** Everything that was written is on the disk before it gets its name: one call for all files, as
 *  an fsync for each of 100,000 takes many minutes. */
static void sync_disk_of(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)syncfs(fd);
        (void)close(fd);
    }
}

/** Unpacks into a fresh directory; false in is_complete or a failure leaves nothing of it. */
static ws_status fill_dir(const char *archive, const char *dir, const ws_fetch_watch *watch,
                          bool *is_complete, ws_error *err)
{
    walk w = {.path = archive, .activity = "unpacking", .watch = watch, .target_dir = dir};

    clear(dir); /* what a program that was killed has left */
    ws_status status = ws_dir_create_all(dir, err);
    if (status == WS_OK)
        status = walk_entries(&w, err);
    *is_complete = status == WS_OK && !w.is_stopped;
    if (*is_complete)
        sync_disk_of(dir);
    else
        clear(dir);
    return status;
}

ws_status ws_unpack_run(const char *archive, const char *dir, const ws_fetch_watch *watch,
                        bool *is_complete, ws_error *err)
{
    char *unpacking = ws_path_join(dir, UNPACKING_DIR);
    char *unpacked = ws_path_join(dir, UNPACKED_DIR);
    ws_status status;

    *is_complete = false;
    if (unpacking == NULL || unpacked == NULL)
        status = ws_fail_memory(err, dir);
    else
        status = fill_dir(archive, unpacking, watch, is_complete, err);
    if (*is_complete && rename(unpacking, unpacked) != 0)
        status = ws_fail_errno(err, errno, "%s: cannot be renamed", unpacking);
    if (status == WS_OK && *is_complete)
        status = ws_unpack_finish(dir, err);
    free(unpacking);
    free(unpacked);
    return status;
}

/* ---- up to where they belong ---- */

bool ws_unpack_is_unfinished(const char *dir)
{
    char *unpacked = ws_path_join(dir, UNPACKED_DIR);
    const bool is_there = unpacked != NULL && ws_dir_exists(unpacked);
    free(unpacked);
    return is_there;
}

/** A file that lies there already, a README of the user's own, stays: the archive's is dropped. */
static bool give_way(const char *from, const char *to)
{
    struct stat info;
    return lstat(to, &info) == 0 && !S_ISDIR(info.st_mode) && unlink(from) == 0;
}

static ws_status move_up(const char *unpacked, const char *dir, const char *name, ws_error *err)
{
    char *from = ws_path_join(unpacked, name);
    char *to = ws_path_join(dir, name);
    ws_status status = WS_OK;

    if (from == NULL || to == NULL)
        status = ws_fail_memory(err, name);
    else if (!give_way(from, to) && rename(from, to) != 0)
        status = ws_fail_errno(err, errno, "%s: cannot be moved to %s", from, to);
    free(from);
    free(to);
    return status;
}

ws_status ws_unpack_finish(const char *dir, ws_error *err)
{
    ws_text_list names = {0};
    char *unpacked = ws_path_join(dir, UNPACKED_DIR);
    if (unpacked == NULL)
        return ws_fail_memory(err, dir);
    ws_status status = ws_dir_list(unpacked, &names, err);
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++)
        status = move_up(unpacked, dir, names.items[i], err);
    sync_disk_of(dir); /* the folder that says "unfinished" goes last */
    if (status == WS_OK && rmdir(unpacked) != 0)
        status = ws_fail_errno(err, errno, "%s: cannot be removed", unpacked);
    ws_text_list_deinit(&names);
    free(unpacked);
    return status;
}
