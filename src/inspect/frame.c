#include "inspect/frame.h"

#include "tbevents/reader.h"

ws_status ws_event_write_record(ws_event_write write, void *user, const uint8_t *payload,
                                size_t size, ws_error *err)
{
    uint8_t head[TBE_FRAME_HEAD_BYTES], tail[TBE_FRAME_TAIL_BYTES];

    tbe_frame_record(payload, size, head, tail);
    ws_status status = write(user, head, sizeof head, err);
    if (status == WS_OK && size > 0)
        status = write(user, payload, size, err);
    return status == WS_OK ? write(user, tail, sizeof tail, err) : status;
}
