#include "support/raw_table.h"

#include <string.h>

#include "base/crc32c.h"

static void push_varint(ws_buf *buf, size_t value)
{
    for (; value >= 0x80; value >>= 7)
        ws_buf_push_byte(buf, (unsigned char)(value | 0x80));
    ws_buf_push_byte(buf, (unsigned char)value);
}

/** Appends block, type and checksum to the file and its place to handles. */
static void push_block(ws_buf *file, const void *block, size_t size, unsigned char type,
                       ws_buf *handles)
{
    const size_t start = file->size;
    ws_buf_push(file, block, size);
    ws_buf_push_byte(file, type);
    const uint32_t crc = ws_crc32c(ws_crc32c(0, block, size), &type, 1);
    ws_buf_push_u32le(file, ws_crc32c_mask(crc));
    push_varint(handles, start);
    push_varint(handles, size);
}

void ws_test_table_wrap(ws_buf *file, const unsigned char *block, size_t size, unsigned char type)
{
    static const unsigned char empty_block[8] = {0, 0, 0, 0, 1};
    static const unsigned char magic[8] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};
    static const unsigned char zeros[40] = {0};
    ws_buf data_handle, handles, index;

    ws_buf_init(&data_handle, 64);
    ws_buf_init(&handles, 64);
    ws_buf_init(&index, 256);
    push_block(file, block, size, type, &data_handle);
    push_block(file, empty_block, sizeof empty_block, 0, &handles);
    ws_buf_push(&index, "\0\4", 2);
    ws_buf_push_byte(&index, (unsigned char)data_handle.size);
    ws_buf_push(&index, "\xff\xff\xff\xff", 4);
    ws_buf_push(&index, data_handle.data, data_handle.size);
    ws_buf_push_u32le(&index, 0);
    ws_buf_push_u32le(&index, 1);
    push_block(file, index.data, index.size, 0, &handles);
    ws_buf_push(file, handles.data, handles.size);
    ws_buf_push(file, zeros, sizeof zeros - handles.size);
    ws_buf_push(file, magic, sizeof magic);
    ws_buf_deinit(&data_handle);
    ws_buf_deinit(&handles);
    ws_buf_deinit(&index);
}
