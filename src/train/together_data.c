/* The data set of several processes. Rank 0 alone lists directories, which takes long for 100,000
 * files of a shared file system. The others get the names, put their own directory before them, and
 * read what they need. A rank whose directory is another one looks whether all files are there. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/path.h"
#include "train/data_set.h"
#include "train/together.h"

static const size_t max_bytes = (size_t)1 << 33; /* of an index: paths have at most half of it */

/** Which directory it is. Several machines see the same numbers of one that they share: so the
 *  device, which each of them numbers for itself, is left out. A copy has its own ctime. */
typedef struct identity {
    uint64_t inode;
    int64_t seconds, nanoseconds; /* of its last change */
} identity;

static identity find_identity(const char *dir)
{
    identity found;
    struct stat about;

    memset(&found, 0, sizeof found); /* gaps, too: these are the bytes that are sent */
    if (stat(dir, &about) == 0) {
        found.inode = (uint64_t)about.st_ino;
        found.seconds = (int64_t)about.st_ctim.tv_sec;
        found.nanoseconds = (int64_t)about.st_ctim.tv_nsec;
    }
    return found;
}

/** Whether this rank's directory is that of rank 0. */
static bool is_shared(ws_ranks *ranks, const char *dir)
{
    const identity own = find_identity(dir);
    identity first = own;

    ws_ranks_broadcast(ranks, &first, sizeof first);
    return own.inode != 0 && memcmp(&own, &first, sizeof own) == 0;
}

/**
 * Everybody gets the bytes of rank 0.
 *
 * @param status  of this rank so far
 * @param bytes   of rank 0: what it sends; of all others: empty, filled
 */
static ws_status share_bytes(ws_ranks *ranks, ws_status status, ws_buf *bytes, ws_error *err)
{
    uint64_t n = bytes->size;

    if (status == WS_OK && bytes->status != WS_OK)
        status = ws_fail_memory(err, "the names of files");
    status = ws_ranks_agree(ranks, status, NULL, err);
    if (status != WS_OK)
        return status;
    ws_ranks_broadcast(ranks, &n, sizeof n);
    status = ws_ranks_check(ranks, err);
    if (status == WS_OK && ws_ranks_rank(ranks) != 0) {
        bytes->data = malloc((size_t)n + 1);
        bytes->size = bytes->capacity = (size_t)n;
        if (bytes->data == NULL)
            status = ws_fail_memory(err, "the names of files");
    }
    status = ws_ranks_agree(ranks, status, NULL, err);
    if (status != WS_OK)
        return status;
    ws_ranks_broadcast(ranks, bytes->data, bytes->size);
    return ws_ranks_check(ranks, err);
}

/** @param flag  that names the directory of which the file is missing */
static ws_status fail_missing(const char *path, const char *flag, ws_error *err)
{
    return ws_fail(err, WS_ENOTFOUND,
                   "%s: there is no such file, but rank 0 has one of that name; a %s of its own "
                   "must have all files that rank 0 has",
                   path, flag);
}

static ws_status check_clips(const ws_index *index, ws_error *err)
{
    for (size_t i = 0; i < ws_index_n_files(index); i++)
        if (!ws_file_exists(ws_index_path(index, i)))
            return fail_missing(ws_index_path(index, i), "--data_dir", err);
    return WS_OK;
}

ws_status ws_together_open_index(ws_run *run, const ws_index_options *options, ws_error *err)
{
    const bool is_first = ws_ranks_rank(run->ranks) == 0;
    ws_status status = is_first ? ws_index_create(options, &run->index, err) : WS_OK;
    ws_buf bytes;

    if (run->ranks == NULL)
        return status;
    ws_buf_init(&bytes, max_bytes);
    if (is_first && status == WS_OK)
        ws_index_write(run->index, &bytes);
    const bool has_same = is_shared(run->ranks, options->data_dir);
    status = share_bytes(run->ranks, status, &bytes, err);
    if (status == WS_OK && !is_first)
        status = ws_index_read(options, bytes.data, bytes.size, &run->index, err);
    if (status == WS_OK && !is_first && !has_same)
        status = check_clips(run->index, err);
    ws_buf_deinit(&bytes);
    return ws_ranks_agree(run->ranks, status, NULL, err);
}

static ws_status push_names(const ws_text_list *names, ws_buf *bytes, ws_error *err)
{
    for (size_t i = 0; i < names->n_items; i++)
        ws_buf_push(bytes, names->items[i], strlen(names->items[i]) + 1);
    return bytes->status == WS_OK ? WS_OK : ws_fail_memory(err, "background noise");
}

/** @param bytes  names, each with its NUL */
static ws_status take_names(ws_buf *bytes, ws_text_list *names, ws_error *err)
{
    ws_status status = WS_OK;

    bytes->data[bytes->size] = '\0';
    for (size_t at = 0; status == WS_OK && at < bytes->size;) {
        const char *name = (const char *)bytes->data + at;
        at += strlen(name) + 1;
        if (ws_text_list_push(names, name) != WS_OK)
            status = ws_fail_memory(err, "background noise");
    }
    return status;
}

static ws_status check_noise(const char *dir, const ws_text_list *names, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        char *path = ws_path_join(dir, names->items[i]);
        if (path == NULL)
            status = ws_fail_memory(err, "background noise");
        else if (!ws_file_exists(path))
            status = fail_missing(path, "directory of noise", err);
        free(path);
    }
    return status;
}

/** The names of the recordings that rank 0 has. */
static ws_status share_noise_names(ws_run *run, const char *dir, ws_text_list *names, ws_error *err)
{
    const bool is_first = ws_ranks_rank(run->ranks) == 0;
    ws_status status = WS_OK;
    ws_buf bytes;

    ws_buf_init(&bytes, max_bytes);
    if (is_first)
        status = ws_data_set_list_noise(&run->options, run->hooks->log, names, err);
    if (is_first && status == WS_OK)
        status = push_names(names, &bytes, err);
    const bool has_same = is_shared(run->ranks, dir);
    status = share_bytes(run->ranks, status, &bytes, err);
    if (status == WS_OK && !is_first)
        status = take_names(&bytes, names, err);
    if (status == WS_OK && !is_first && !has_same)
        status = check_noise(dir, names, err);
    ws_buf_deinit(&bytes);
    return ws_ranks_agree(run->ranks, status, NULL, err);
}

/** Ranks with other recordings would train something that no one process can repeat. */
static ws_status compare_noise(const ws_run *run, ws_error *err)
{
    uint32_t crc = 0;

    for (size_t i = 0; i < ws_noise_n_sounds(run->noise); i++) {
        size_t n;
        const float *samples = ws_noise_sound(run->noise, i, &n);
        crc = ws_crc32c(crc, &n, sizeof n);
        crc = ws_crc32c(crc, samples, n * sizeof *samples);
    }
    return ws_ranks_compare(run->ranks, &crc, sizeof crc, "the background noise", err);
}

ws_status ws_together_open_noise(ws_run *run, ws_error *err)
{
    const ws_train_options *o = &run->options;
    ws_text_list names = {0};

    if (run->ranks == NULL)
        return ws_data_set_open_noise(o, &run->feature_settings, run->hooks->log, &run->noise, err);
    char *dir = ws_data_set_noise_dir(o);
    ws_status status = dir != NULL ? WS_OK : ws_fail_memory(err, "background noise");
    status = ws_ranks_agree(run->ranks, status, NULL, err);
    if (status == WS_OK)
        status = share_noise_names(run, dir, &names, err);
    if (status == WS_OK)
        status = ws_data_set_read_noise(o, &run->feature_settings, &names, run->hooks->log,
                                        &run->noise, err);
    free(dir);
    ws_text_list_deinit(&names);
    status = ws_ranks_agree(run->ranks, status, NULL, err);
    return status == WS_OK ? compare_noise(run, err) : status;
}
