#include "fetch/fetch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/dir_lock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "fetch/space.h"
#include "fetch/unpack.h"

typedef struct fetch {
    const ws_fetch_options *options;
    const ws_fetch_watch *watch;
    char *archive; /* owned: where it lies, or will */
    ws_space space;
    ws_unpack_size size;
} fetch;

/** Whether there is a folder that is not hidden. What cannot be listed is the index's business. */
static bool has_folders(const char *data_dir)
{
    ws_text_list names = {0};
    bool has_one = false;

    if (!ws_dir_exists(data_dir))
        return false;
    const ws_status status = ws_dir_list(data_dir, &names, NULL);
    for (size_t i = 0; status == WS_OK && !has_one && i < names.n_items; i++) {
        char *path = names.items[i][0] != '.' ? ws_path_join(data_dir, names.items[i]) : NULL;
        has_one = path != NULL && ws_dir_exists(path);
        free(path);
    }
    ws_text_list_deinit(&names);
    return has_one || status != WS_OK;
}

static ws_status check_archive(fetch *f, const char *path, bool *is_complete, ws_error *err)
{
    const ws_status status = ws_space_get(f->options->data_dir, &f->space, err);
    return status != WS_OK ? status
                           : ws_unpack_check(path, &f->space, f->watch, &f->size, is_complete, err);
}

/** Checks what was downloaded before it gets the archive's name. One that is of no use is deleted:
 *  to go on with it would never make it better. */
static ws_status take_part(fetch *f, ws_part_file *part, bool *is_complete, ws_error *err)
{
    const uint64_t n_bytes = part->n_bytes;
    ws_error reason = {.message = ""};
    ws_status status = check_archive(f, part->path, is_complete, &reason);

    if (status == WS_EFORMAT || status == WS_ELIMIT) {
        ws_part_file_discard(part);
        return ws_fail(err, status, "%.600s (what came from %.300s, %" PRIu64 " bytes, is deleted)",
                       reason.message, part->url, n_bytes);
    }
    if (status != WS_OK)
        return ws_fail(err, status, "%s", reason.message);
    if (!*is_complete)
        return WS_OK;
    status = ws_part_file_commit(part, err);
    if (status == WS_OK)
        ws_log_write(f->watch->log, WS_LOG_INFO, "Successfully downloaded %s (%" PRIu64 " bytes)",
                     ws_path_base(f->archive), n_bytes);
    return status;
}

/** An archive that lies there already, from an earlier start or by hand: it is not ours to delete.
 */
static ws_status take_found(fetch *f, bool *is_complete, ws_error *err)
{
    ws_error reason = {.message = ""};

    ws_log_write(f->watch->log, WS_LOG_INFO, "No data set in %s yet, but its archive is there",
                 f->options->data_dir);
    const ws_status status = check_archive(f, f->archive, is_complete, &reason);
    if (status == WS_EFORMAT || status == WS_ELIMIT)
        return ws_fail(err, status, "%.900s (if you remove it, it is downloaded again)",
                       reason.message);
    return status == WS_OK ? WS_OK : ws_fail(err, status, "%s", reason.message);
}

static ws_status download(fetch *f, bool *is_complete, ws_error *err)
{
    const ws_fetch_options *options = f->options;
    ws_part_file part;

    ws_log_write(f->watch->log, WS_LOG_INFO,
                 "No data set in %s: downloading %s (--data_url= downloads nothing)",
                 options->data_dir, options->url);
    ws_status status = ws_part_file_open(&part, f->archive, options->url, err);
    if (status == WS_OK)
        status = ws_download_run(&part, &options->patience, f->watch, is_complete, err);
    if (status == WS_OK && *is_complete)
        status = take_part(f, &part, is_complete, err);
    ws_part_file_close(&part);
    return status;
}

static ws_status unpack(fetch *f, bool *is_complete, ws_error *err)
{
    const char *data_dir = f->options->data_dir;
    char needed[WS_TEXT_SIZE_BYTES], available[WS_TEXT_SIZE_BYTES];

    ws_text_write_size(needed, sizeof needed, f->size.n_taken);
    ws_text_write_size(available, sizeof available, f->space.n_free);
    ws_log_write(f->watch->log, WS_LOG_INFO, "Unpacking %" PRIu64 " files: %s, %s are free",
                 f->size.n_files, needed, available);
    const ws_status status = ws_unpack_run(f->archive, data_dir, f->watch, is_complete, err);
    if (status == WS_OK && *is_complete)
        ws_log_write(f->watch->log, WS_LOG_INFO, "Unpacked into %s", data_dir);
    return status;
}

static ws_status fetch_locked(fetch *f, bool *is_complete, ws_error *err)
{
    const char *data_dir = f->options->data_dir;
    ws_status status = WS_OK;

    if (ws_unpack_is_unfinished(data_dir))
        return ws_unpack_finish(data_dir, err);
    if (has_folders(data_dir))
        return WS_OK; /* another process was faster */
    status = ws_file_exists(f->archive) ? take_found(f, is_complete, err)
                                        : download(f, is_complete, err);
    return status == WS_OK && *is_complete ? unpack(f, is_complete, err) : status;
}

ws_status ws_fetch_run(const ws_fetch_options *options, const ws_fetch_watch *watch,
                       bool *is_complete, ws_error *err)
{
    fetch f = {.options = options, .watch = watch};
    int lock = -1;

    *is_complete = true;
    if (!ws_unpack_is_unfinished(options->data_dir) &&
        (options->url[0] == '\0' || has_folders(options->data_dir)))
        return WS_OK;
    char *name = ws_download_file_name(options->url);
    f.archive = name != NULL ? ws_path_join(options->data_dir, name) : NULL;
    free(name);
    if (f.archive == NULL)
        return ws_fail_memory(err, options->data_dir);
    ws_status status = ws_dir_create_all(options->data_dir, err);
    if (status == WS_OK)
        status = ws_dir_lock_open(options->data_dir, "wordspot", &lock, err);
    if (status == WS_OK) {
        status = fetch_locked(&f, is_complete, err);
        (void)close(lock);
    }
    free(f.archive);
    return status;
}
