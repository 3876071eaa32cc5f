/* checkpoint/bundle: any values in a well-formed index, and any data beside it.
 *
 * Input: number of rows, then of each row the size of its key, the key, the size of its value, the
 * value; what is left is the data file. The first row's key is taken as "". */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/table.h"

#define MAX_STRING_BYTES ((size_t)65536)

static const char *folder; /* made at the first input, removed at exit */
static char *index_path, *data_path, *prefix;

static void remove_folder(void)
{
    (void)unlink(index_path);
    (void)unlink(data_path);
    (void)rmdir(folder);
    free(prefix);
    free(index_path);
    free(data_path);
}

static void make_folder(void)
{
    static char name[64];
    (void)snprintf(name, sizeof name, "%s/ws_fuzz_bundle_XXXXXX",
                   ws_dir_exists("/dev/shm") ? "/dev/shm" : "/tmp"); /* memory is faster */
    folder = mkdtemp(name);
    prefix = ws_text_format("%s/x", name);
    index_path = ws_text_format("%s%s", prefix, WS_BUNDLE_INDEX_SUFFIX);
    data_path = ws_text_format("%s%s", prefix, WS_BUNDLE_DATA_SUFFIX);
    if (folder == NULL || index_path == NULL || data_path == NULL || atexit(remove_folder) != 0)
        abort();
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/** A run of bytes of the input, after its size; shorter if the input ends. */
static const uint8_t *take_run(const uint8_t **p, const uint8_t *end, size_t *size)
{
    *size = 0;
    if (*p < end)
        *size = *(*p)++;
    if (*size > (size_t)(end - *p))
        *size = (size_t)(end - *p);
    const uint8_t *run = *p;
    *p += *size;
    return run;
}

/** Writes both files; false if the rows cannot be those of a table. */
static bool write_bundle(const uint8_t *p, const uint8_t *end)
{
    ws_table_writer writer;
    const unsigned n_rows = p < end ? *p++ : 0;

    ws_table_writer_init(&writer);
    for (unsigned i = 0; i < n_rows && p < end; i++) {
        size_t key_size, value_size;
        const uint8_t *key = take_run(&p, end, &key_size);
        const uint8_t *value = take_run(&p, end, &value_size);
        ws_table_push(&writer, key, i == 0 ? 0 : key_size, value, value_size);
    }
    const bool is_table = ws_table_finish(&writer, "rows", NULL) == WS_OK;
    if (is_table) {
        write_file(index_path, writer.file.data, writer.file.size);
        write_file(data_path, p, (size_t)(end - p));
    }
    ws_table_writer_deinit(&writer);
    return is_table;
}

static void read_entry(const ws_bundle *bundle, const ws_bundle_entry *entry, size_t data_size)
{
    ws_error err;
    char *text = NULL;
    size_t size = 0;

    if (ws_bundle_find(bundle, entry->name) != entry)
        abort();
    if (ws_bundle_read_string(bundle, entry->name, MAX_STRING_BYTES, &text, &size, &err) == WS_OK) {
        if (size > data_size || text[size] != '\0')
            abort();
        free(text);
    }
    if (entry->is_partitioned)
        return;
    if (entry->size > data_size)
        abort(); /* opening should have refused it */
    char *bytes = malloc((size_t)entry->size + 1);
    if (bytes != NULL && ws_bundle_read(bundle, entry, bytes, (size_t)entry->size, &err) == WS_OK)
        (void)ws_bundle_dtype_name(entry->dtype);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ws_bundle *bundle = NULL;
    ws_error err;
    size_t n_entries;

    if (folder == NULL)
        make_folder();
    if (!write_bundle(data, data + size))
        return 0;
    if (ws_bundle_open(&bundle, prefix, &err) != WS_OK)
        return 0;
    const ws_bundle_entry *entries = ws_bundle_entries(bundle, &n_entries);
    for (size_t i = 0; i < n_entries; i++)
        read_entry(bundle, &entries[i], size);
    ws_bundle_close(bundle);
    return 0;
}
