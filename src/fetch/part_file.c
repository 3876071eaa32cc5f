#include "fetch/part_file.h"

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

enum { MAX_INFO_BYTES = 1 << 16 };

#define URL_KEY      "url: "
#define ETAG_KEY     "etag: "
#define MODIFIED_KEY "last modified: "
#define SIZE_KEY     "bytes: "

/** The text after the key if the line starts with it, else NULL. */
static const char *value_of(const char *line, const char *key)
{
    const size_t length = strlen(key);
    return strncmp(line, key, length) == 0 ? line + length : NULL;
}

static void take(char *place, size_t size, const char *value)
{
    if (strlen(value) < size)
        memcpy(place, value, strlen(value) + 1);
}

static void read_line(ws_part_file *part, const char *line)
{
    const char *value;
    int64_t n_all;

    if ((value = value_of(line, URL_KEY)) != NULL)
        part->is_known = strcmp(value, part->url) == 0;
    else if ((value = value_of(line, ETAG_KEY)) != NULL)
        take(part->source.etag, sizeof part->source.etag, value);
    else if ((value = value_of(line, MODIFIED_KEY)) != NULL)
        take(part->source.last_modified, sizeof part->source.last_modified, value);
    else if ((value = value_of(line, SIZE_KEY)) != NULL && ws_text_to_int64(value, &n_all) &&
             n_all >= 0)
        part->source.n_all = n_all;
}

/** Without a readable info the bytes are useless; that is not an error. */
static ws_status read_info(ws_part_file *part, ws_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;
    ws_text_list lines = {0};

    part->source = (ws_part_source){.n_all = -1};
    if (ws_file_read(part->info_path, MAX_INFO_BYTES, &text, &size, NULL) != WS_OK)
        return WS_OK;
    ws_status status = ws_text_list_push_split(&lines, (const char *)text, '\n');
    for (size_t i = 0; status == WS_OK && i < lines.n_items; i++)
        read_line(part, lines.items[i]);
    ws_text_list_deinit(&lines);
    free(text);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, part->info_path);
}

static ws_status write_info(const ws_part_file *part, ws_error *err)
{
    const ws_part_source *source = &part->source;
    char *text =
        ws_text_format(URL_KEY "%s\n" ETAG_KEY "%s\n" MODIFIED_KEY "%s\n" SIZE_KEY "%" PRId64 "\n",
                       part->url, source->etag, source->last_modified, source->n_all);
    if (text == NULL)
        return ws_fail_memory(err, part->info_path);
    const ws_status status = ws_file_write(part->info_path, text, strlen(text), err);
    free(text);
    return status;
}

/** What is left of an info that was being written when its process was killed. Nobody writes now:
 * the directory is locked. */
static ws_status remove_unfinished_infos(const ws_part_file *part, ws_error *err)
{
    ws_text_list names = {0};
    const char *base = ws_path_base(part->info_path);
    char *dir = ws_path_dir(part->info_path);
    ws_status status =
        dir != NULL ? ws_dir_list(dir, &names, err) : ws_fail_memory(err, part->info_path);

    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        const char *name = names.items[i];
        if (strncmp(name, base, strlen(base)) != 0 || ws_file_staged_by(name) == 0)
            continue;
        char *path = ws_path_join(dir, name);
        if (path != NULL)
            (void)unlink(path);
        free(path);
    }
    ws_text_list_deinit(&names);
    free(dir);
    return status;
}

static ws_status open_bytes(ws_part_file *part, ws_error *err)
{
    struct stat info;

    part->fd = open(part->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (part->fd < 0 || fstat(part->fd, &info) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", part->path);
    if (!S_ISREG(info.st_mode))
        return ws_fail(err, WS_EIO, "%s: not a plain file, expected one or nothing there",
                       part->path);
    part->n_bytes = (uint64_t)info.st_size;
    return WS_OK;
}

ws_status ws_part_file_open(ws_part_file *part, const char *target, const char *url, ws_error *err)
{
    *part = (ws_part_file){
        .target = ws_text_copy(target),
        .path = ws_text_format("%s.part", target),
        .info_path = ws_text_format("%s.part.info", target),
        .url = url,
        .fd = -1,
    };
    if (part->target == NULL || part->path == NULL || part->info_path == NULL)
        return ws_fail_memory(err, target);
    ws_status status = open_bytes(part, err);
    if (status == WS_OK)
        status = remove_unfinished_infos(part, err);
    return status == WS_OK ? read_info(part, err) : status;
}

void ws_part_file_close(ws_part_file *part)
{
    if (part->fd >= 0) {
        (void)close(part->fd);
        if (part->n_bytes == 0)
            ws_part_file_discard(part);
    }
    free(part->target);
    free(part->path);
    free(part->info_path);
    *part = (ws_part_file){.fd = -1};
}

bool ws_part_file_is_complete(const ws_part_file *part)
{
    return part->is_known && part->source.n_all > 0 &&
           part->n_bytes == (uint64_t)part->source.n_all;
}

uint64_t ws_part_file_offset(const ws_part_file *part)
{
    const ws_part_source *source = &part->source;
    const bool can_be_told =
        source->etag[0] != '\0' || source->last_modified[0] != '\0' || source->n_all > 0;
    const bool is_too_long = source->n_all >= 0 && part->n_bytes > (uint64_t)source->n_all;
    return part->is_known && can_be_told && !is_too_long ? part->n_bytes : 0;
}

ws_status ws_part_file_restart(ws_part_file *part, const ws_part_source *source, ws_error *err)
{
    /* in this order: whatever ends us in between, old bytes are never taken for the new file's */
    if (ftruncate(part->fd, 0) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be written", part->path);
    part->n_bytes = 0;
    part->source = *source;
    part->is_known = true;
    return write_info(part, err);
}

ws_status ws_part_file_write(ws_part_file *part, const void *bytes, size_t n_bytes, ws_error *err)
{
    const unsigned char *next = bytes;

    while (n_bytes > 0) {
        const ssize_t n = write(part->fd, next, n_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ws_fail_errno(err, errno,
                                 "%s: cannot be written after %" PRIu64
                                 " bytes (once there is room, the same command resumes there)",
                                 part->path, part->n_bytes);
        next += n;
        n_bytes -= (size_t)n;
        part->n_bytes += (uint64_t)n;
    }
    return WS_OK;
}

ws_status ws_part_file_commit(ws_part_file *part, ws_error *err)
{
    if (fsync(part->fd) != 0 || rename(part->path, part->target) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be written", part->target);
    (void)unlink(part->info_path);
    (void)close(part->fd);
    part->fd = -1;
    return WS_OK;
}

void ws_part_file_discard(ws_part_file *part)
{
    (void)unlink(part->path);
    (void)unlink(part->info_path);
}
