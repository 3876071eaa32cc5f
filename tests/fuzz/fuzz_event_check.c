/* The check and the repair of event files: any bytes as a file, or cut into the payloads of records
 * with right checksums.
 *
 * First byte even: the rest is the file. Odd: the rest is payloads, each after a byte with its
 * length. Whatever the file is, a repaired one has no defect that a repair can mend, and a second
 * repair does not change it. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "inspect/repair.h"

enum { MAX_BYTES = 1 << 26 };

static void push_record(ws_buf *file, const uint8_t *payload, size_t size)
{
    ws_buf head;

    ws_buf_init(&head, 16);
    ws_buf_push_u64le(&head, size);
    ws_buf_push_u32le(&head, ws_crc32c_mask(ws_crc32c(0, head.data, 8)));
    ws_buf_push(file, head.data, head.size);
    ws_buf_push(file, payload, size);
    ws_buf_push_u32le(file, ws_crc32c_mask(ws_crc32c(0, payload, size)));
    ws_buf_deinit(&head);
}

static void push_records(ws_buf *file, const uint8_t *data, size_t size)
{
    while (size > 0) {
        const size_t n = data[0] < size - 1 ? data[0] : size - 1;
        push_record(file, data + 1, n);
        data += n + 1;
        size -= n + 1;
    }
}

static ws_status append(void *user, const void *bytes, size_t n_bytes, ws_error *err)
{
    ws_buf *file = user;
    ws_buf_push(file, bytes, n_bytes);
    return file->status == WS_OK ? WS_OK : ws_fail(err, file->status, "too long");
}

static void expect_mended(void *user, const ws_event_finding *finding)
{
    (void)user;
    if (finding->rule->is_defect && finding->rule->remedy != WS_REMEDY_NONE)
        abort();
}

/** @return false: it could not be read, for want of memory */
static bool repair(const ws_buf *from, ws_buf *to)
{
    ws_event_repair *repair = ws_event_repair_create();
    ws_event_repaired repaired;
    ws_error err;

    const ws_status status =
        ws_event_repair_bytes(repair, from->data, from->size, append, to, &repaired, &err);
    uint64_t n_values = repaired.n_values_kept + repaired.n_in_left_records + repaired.n_replaced +
                        repaired.n_taken_back;
    for (size_t i = 0; i < WS_N_RULES; i++)
        n_values += repaired.n_left_out[i];
    if (status == WS_OK &&
        (repaired.n_records_kept > repaired.n_records || n_values != repaired.n_values ||
         repaired.n_moved != repaired.n_received))
        abort();
    ws_event_repair_destroy(repair);
    return status == WS_OK;
}

static void check(const ws_buf *file)
{
    const ws_event_check_hooks hooks = {.found = expect_mended};
    ws_event_check *check = ws_event_check_create(&hooks, NULL);
    ws_error err;

    if (ws_event_check_bytes(check, "memory", file->data, file->size, &err) != WS_OK)
        abort();
    ws_event_check_end(check);
    ws_event_check_destroy(check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ws_buf file, repaired, again;

    if (size < 2)
        return 0;
    ws_buf_init(&file, MAX_BYTES);
    ws_buf_init(&repaired, MAX_BYTES);
    ws_buf_init(&again, MAX_BYTES);
    if (data[0] % 2 == 0)
        ws_buf_push(&file, data + 1, size - 1);
    else
        push_records(&file, data + 1, size - 1);
    if (repair(&file, &repaired)) {
        check(&repaired);
        if (!repair(&repaired, &again) || again.size != repaired.size ||
            memcmp(again.data, repaired.data, again.size) != 0)
            abort();
    }
    ws_buf_deinit(&file);
    ws_buf_deinit(&repaired);
    ws_buf_deinit(&again);
    return 0;
}
