/* checkpoint/table: any bytes as a file, or as a block with right checksums around it.
 *
 * First byte even: the rest is the file. Odd: the rest is its data block (of that type / 2). */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/table.h"
#include "support/raw_table.h"

/** What was read must be in order, and the same after writing and reading it once more. */
static void check_table(const ws_table *table)
{
    ws_table_writer writer;
    ws_table again;

    ws_table_writer_init(&writer);
    for (size_t i = 0; i < table->n_entries; i++) {
        const ws_table_entry *entry = &table->entries[i];
        ws_table_push(&writer, ws_table_key(table, entry), entry->key_size, entry->value,
                      entry->value_size);
    }
    if (ws_table_finish(&writer, "copy", NULL) != WS_OK ||
        ws_table_init(&again, "copy", writer.file.data, writer.file.size, NULL) != WS_OK ||
        again.n_entries != table->n_entries)
        abort();
    for (size_t i = 0; i < table->n_entries; i++) {
        const ws_table_entry *a = &table->entries[i], *b = &again.entries[i];
        if (a->key_size != b->key_size || a->value_size != b->value_size ||
            memcmp(ws_table_key(table, a), ws_table_key(&again, b), a->key_size) != 0 ||
            memcmp(a->value, b->value, a->value_size) != 0)
            abort();
    }
    ws_table_deinit(&again);
    ws_table_writer_deinit(&writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ws_buf file;
    ws_table table;
    ws_error err;

    if (size == 0)
        return 0;
    ws_buf_init(&file, size + 1024);
    if (data[0] % 2 == 0)
        ws_buf_push(&file, data + 1, size - 1);
    else
        ws_test_table_wrap(&file, data + 1, size - 1, data[0] / 2);
    if (ws_table_init(&table, "input", file.data, file.size, &err) == WS_OK)
        check_table(&table);
    ws_table_deinit(&table);
    ws_buf_deinit(&file);
    return 0;
}
