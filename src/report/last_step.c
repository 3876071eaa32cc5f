#include "report/last_step.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tbevents/reader.h"

/** Reads on from the step at which the earlier files end. */
static int64_t read_file(const char *path, int64_t last)
{
    tbe_reader *reader = tbe_reader_open(path, NULL);
    tbe_record record;
    tbe_status status = TBE_OK;

    tbe_record_init(&record, sizeof record);
    while (reader != NULL && (status == TBE_OK || status == TBE_EDATA || status == TBE_ELIMIT)) {
        status = tbe_reader_read(reader, &record);
        if (status == TBE_EDATA && tbe_reader_get_damage(reader) == TBE_DAMAGE_LENGTH)
            status = tbe_reader_resync(reader);
        else if (status == TBE_OK && record.kind == TBE_RECORD_START && record.step <= last)
            last = record.step - 1;
        else if (status == TBE_OK && record.kind == TBE_RECORD_VALUES && record.step > last)
            last = record.step;
    }
    tbe_reader_close(reader);
    return last;
}

int64_t ws_report_find_last_step(const char *summaries_dir, const char *run_name)
{
    char *dir = ws_text_format("%s/%s/train", summaries_dir, run_name);
    ws_text_list names = {.items = NULL};
    int64_t last = 0;

    if (dir == NULL || !ws_dir_exists(dir) || ws_dir_list(dir, &names, NULL) != WS_OK)
        names.n_items = 0;
    for (size_t i = 0; i < names.n_items; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        if (path != NULL && strstr(names.items[i], "tfevents") != NULL)
            last = read_file(path, last);
        free(path);
    }
    ws_text_list_deinit(&names);
    free(dir);
    return last > 0 ? last : 0;
}
