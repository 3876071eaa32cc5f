/* The reader of tbevents: any bytes as a file, or as the payload of one record with right
 * checksums.
 *
 * First byte even: the rest is the file. Odd: the rest is a payload. With 2 in it: damage is passed
 * by tbe_reader_resync(). */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "tbevents/tbevents.h"

enum { HEAD_BYTES = 12, FRAME_BYTES = 16, MAX_RECORD_BYTES = 1 << 16, MAX_TAGS = 4 };

static void put_le(uint8_t *out, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

/** @return the payload as a record (free()) */
static uint8_t *frame(const uint8_t *payload, size_t size)
{
    uint8_t *record = malloc(size + FRAME_BYTES);
    if (record == NULL)
        abort();
    put_le(record, size, 8);
    put_le(record + 8, ws_crc32c_mask(ws_crc32c(0, record, 8)), 4);
    memcpy(record + HEAD_BYTES, payload, size);
    put_le(record + HEAD_BYTES + size, ws_crc32c_mask(ws_crc32c(0, payload, size)), 4);
    return record;
}

/** Reads every byte, so that a sanitizer sees one that is not there. */
static unsigned long sum_of(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    unsigned long sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return sum;
}

static unsigned long look_at_value(const tbe_value *value)
{
    unsigned long sum = strlen(value->tag) + strlen(value->plugin) + strlen(value->display_name) +
                        strlen(value->description);
    sum += sum_of(value->content.data, value->content.size);
    sum += sum_of(value->numbers, value->n_numbers * sizeof *value->numbers);
    sum += sum_of(value->dims, value->n_dims * sizeof *value->dims);
    for (size_t i = 0; i < value->n_blobs; i++)
        sum += sum_of(value->blobs[i].data, value->blobs[i].size);
    if (value->kind == TBE_VALUE_HISTOGRAM && value->n_numbers % 3 != 0)
        abort();
    if (value->kind == TBE_VALUE_PR_CURVE && value->n_numbers % 6 != 0)
        abort();
    return sum;
}

static unsigned long look_at_record(const tbe_record *record)
{
    unsigned long sum = strlen(record->text) + sum_of(record->data.data, record->data.size) +
                        sum_of(record->payload.data, record->payload.size);
    if (record->payload.size > MAX_RECORD_BYTES || record->size != record->payload.size + 16)
        abort();
    for (size_t i = 0; i < record->n_values; i++)
        sum += look_at_value(&record->values[i]);
    return sum;
}

/** Reads to the end. What is read must get on, and never beyond the file. */
static void read_all(const uint8_t *file, size_t size, bool resyncs)
{
    tbe_reader_options options;
    tbe_record record;
    tbe_status status;
    uint64_t offset = 0;

    tbe_reader_options_init(&options, sizeof options);
    options.max_record_bytes = MAX_RECORD_BYTES;
    options.max_tags = MAX_TAGS;
    tbe_reader *reader = tbe_reader_open_memory(file, size, &options);
    tbe_record_init(&record, sizeof record);
    do {
        status = tbe_reader_read(reader, &record);
        const uint64_t now = tbe_reader_get_offset(reader);
        if (status == TBE_OK && (now <= offset || look_at_record(&record) == ~0ul))
            abort();
        if (status != TBE_OK && status != TBE_END && tbe_reader_get_message(reader)[0] == '\0')
            abort();
        if (resyncs && status != TBE_OK && tbe_reader_resync(reader) == TBE_OK &&
            tbe_reader_get_offset(reader) <= offset)
            abort();
        if (tbe_reader_get_offset(reader) == offset)
            break;
        offset = tbe_reader_get_offset(reader);
    } while (status != TBE_END || resyncs);
    if (offset > size || tbe_reader_get_n_torn(reader) > size - offset)
        abort();
    tbe_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) {
        read_all(data + 1, size - 1, (data[0] & 2) != 0);
        return 0;
    }
    uint8_t *record = frame(data + 1, size - 1);
    read_all(record, size - 1 + FRAME_BYTES, (data[0] & 2) != 0);
    free(record);
    return 0;
}
