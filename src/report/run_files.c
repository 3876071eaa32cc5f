#include "report/run_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

/** Up to its end or to what cannot be read. */
static ws_status read_file(const char *path, ws_run_record_taker take, void *user)
{
    tbe_record record;
    tbe_status found;
    ws_status status = WS_OK;
    tbe_reader *reader = tbe_reader_open(path, NULL);

    tbe_record_init(&record, sizeof record);
    while (status == WS_OK && (found = tbe_reader_read(reader, &record)) != TBE_END) {
        if (found != TBE_OK) {
            status = found == TBE_ENOMEM ? WS_ENOMEM : WS_OK;
            break;
        }
        status = take(user, &record);
    }
    tbe_reader_close(reader);
    return status;
}

ws_status ws_run_files_read(const char *dir, ws_run_record_taker take, void *user)
{
    ws_text_list names = {.items = NULL};
    ws_status status = ws_dir_list(dir, &names, NULL);

    if (status != WS_ENOMEM)
        status = WS_OK; /* no such folder: it has nothing */
    for (size_t i = 0; status == WS_OK && i < names.n_items; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        status = path == NULL                                 ? WS_ENOMEM
                 : strstr(names.items[i], "tfevents") != NULL ? read_file(path, take, user)
                                                              : WS_OK;
        free(path);
    }
    ws_text_list_deinit(&names);
    return status;
}
