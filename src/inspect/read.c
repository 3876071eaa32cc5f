#include "inspect/read.h"

/* As much as the library reads: what is good must not be lost for its length. */
static const tbe_reader_options long_records = {
    .struct_size = sizeof long_records,
    .max_record_bytes = (size_t)1 << 30,
};

tbe_reader *ws_event_reader_open(const char *path)
{
    return tbe_reader_open(path, &long_records);
}

tbe_reader *ws_event_reader_open_memory(const void *data, size_t size)
{
    return tbe_reader_open_memory(data, size, &long_records);
}

ws_status ws_event_reader_fail(const tbe_reader *reader, tbe_status status, ws_error *err)
{
    const ws_status own = status == TBE_ENOMEM   ? WS_ENOMEM
                          : status == TBE_ELIMIT ? WS_ELIMIT
                          : status == TBE_EDATA  ? WS_EFORMAT
                                                 : WS_EIO;
    return ws_fail(err, own, "%s", tbe_reader_get_message(reader));
}

ws_status ws_event_file_read(const char *path, ws_event_visit_record visit, void *user,
                             bool *is_damaged, ws_error *err)
{
    tbe_record record;
    tbe_status read = TBE_OK;
    ws_status status = WS_OK;
    tbe_reader *reader = ws_event_reader_open(path);

    tbe_record_init(&record, sizeof record);
    while (status == WS_OK && (read = tbe_reader_read(reader, &record)) != TBE_END) {
        if (read == TBE_OK) {
            status = visit(user, &record, err);
        } else if (read == TBE_EDATA || read == TBE_ELIMIT) {
            *is_damaged = true;
            if (record.size == 0)
                break;
        } else {
            status = ws_event_reader_fail(reader, read, err);
        }
    }
    tbe_reader_close(reader);
    return status;
}
