#include "unit/event_file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char scratch[256];

const char *scratch_create(void)
{
    const char *parent = getenv("TMPDIR");
    const int n = snprintf(scratch, sizeof scratch, "%s/ws_tbevents_XXXXXX",
                           parent != NULL ? parent : "/tmp");
    assert_true(n > 0 && (size_t)n < sizeof scratch);
    assert_non_null(mkdtemp(scratch));
    return scratch;
}

static void remove_tree(const char *path)
{
    size_t n_names = 0;
    struct stat info;

    assert_int_equal(lstat(path, &info), 0);
    if (!S_ISDIR(info.st_mode)) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    char **names = names_read(path, &n_names);
    for (size_t i = 0; i < n_names; i++) {
        char inside[1024];
        (void)snprintf(inside, sizeof inside, "%s/%s", path, names[i]);
        remove_tree(inside);
    }
    names_destroy(names, n_names);
    assert_int_equal(rmdir(path), 0);
}

void scratch_destroy(void)
{
    remove_tree(scratch);
}

const char *scratch_dir;

int scratch_set_up(void **state)
{
    (void)state;
    scratch_dir = scratch_create();
    return 0;
}

int scratch_tear_down(void **state)
{
    (void)state;
    scratch_destroy();
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **names_read(const char *dir, size_t *n_names)
{
    enum { MAX_NAMES = 2048 };
    const struct dirent *entry;
    char **names = malloc(MAX_NAMES * sizeof *names);
    DIR *listing = opendir(dir);

    assert_non_null(names);
    assert_non_null(listing);
    *n_names = 0;
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        assert_true(*n_names < MAX_NAMES);
        names[(*n_names)++] = strdup(entry->d_name);
    }
    (void)closedir(listing);
    qsort(names, *n_names, sizeof *names, compare_names);
    return names;
}

void names_destroy(char **names, size_t n_names)
{
    for (size_t i = 0; i < n_names; i++)
        free(names[i]);
    free(names);
}

static uint32_t masked_crc(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static uint64_t get_le(const uint8_t *bytes, int n)
{
    uint64_t value = 0;
    for (int i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static void put_le(uint8_t *out, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

size_t event_frame(const Tbproto__Event *event, uint8_t *out)
{
    return bytes_frame(out, tbproto__event__pack(event, out + 12));
}

size_t bytes_frame(uint8_t *out, size_t size)
{
    put_le(out, size, 8);
    put_le(out + 8, masked_crc(out, 8), 4);
    put_le(out + 12 + size, masked_crc(out + 12, size), 4);
    return size + 16;
}

static void read_whole(const char *path, event_file *file)
{
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    assert_int_equal(fseek(stream, 0, SEEK_END), 0);
    file->size = (size_t)ftell(stream);
    rewind(stream);
    file->bytes = malloc(file->size + 1);
    assert_non_null(file->bytes);
    assert_int_equal(fread(file->bytes, 1, file->size, stream), file->size);
    (void)fclose(stream);
}

event_file *event_file_read(const char *path)
{
    size_t n_torn;
    event_file *file = event_file_read_torn(path, &n_torn);
    assert_int_equal(n_torn, 0);
    return file;
}

event_file *event_file_read_torn(const char *path, size_t *n_torn)
{
    event_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    read_whole(path, file);
    const size_t most = file->size / 16 + 1;
    file->records = calloc(most, sizeof *file->records);
    file->events = calloc(most, sizeof(Tbproto__Event *));
    assert_non_null(file->records);
    assert_non_null(file->events);
    size_t at = 0;
    while (at < file->size) {
        const uint8_t *record = file->bytes + at;
        if (file->size - at < 16)
            break;
        const uint64_t n = get_le(record, 8);
        if (n > file->size - at - 16)
            break;
        assert_int_equal(get_le(record + 8, 4), masked_crc(record, 8));
        assert_int_equal(get_le(record + 12 + n, 4), masked_crc(record + 12, (size_t)n));
        file->records[file->n_records] = record;
        file->events[file->n_records] = tbproto__event__unpack(NULL, (size_t)n, record + 12);
        assert_non_null(file->events[file->n_records]);
        file->n_records++;
        at += (size_t)n + 16;
    }
    file->records[file->n_records] = file->bytes + at;
    *n_torn = file->size - at;
    return file;
}

void event_file_destroy(event_file *file)
{
    for (size_t i = 0; i < file->n_records; i++)
        tbproto__event__free_unpacked(file->events[i], NULL);
    free(file->events);
    free(file->records);
    free(file->bytes);
    free(file);
}

uint8_t *bytes_of_hex(const char *hex, size_t *size)
{
    *size = strlen(hex) / 2;
    uint8_t *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < *size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return bytes;
}

void assert_record(const event_file *file, size_t i, const char *hex)
{
    size_t size;
    uint8_t *expected = bytes_of_hex(hex, &size);
    assert_true(i < file->n_records);
    assert_int_equal(file->records[i + 1] - file->records[i], size);
    assert_memory_equal(file->records[i], expected, size);
    free(expected);
}

tbe_options fixed_options(double wall_time)
{
    tbe_options options;
    tbe_options_init(&options, sizeof options);
    options.wall_time = wall_time;
    options.host_name = "host";
    return options;
}

event_file *close_and_read(tbe_writer *writer, tbe_status expected)
{
    char message[1024];
    char *path = strdup(tbe_get_path(writer));
    const tbe_status status = tbe_close(writer, message, sizeof message);
    if (status != expected)
        print_error("%s: %s\n", path, message);
    assert_int_equal(status, expected);
    event_file *file = event_file_read(path);
    free(path);
    return file;
}
