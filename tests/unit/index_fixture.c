#include "unit/index_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/check.h"
#include "support/sound_file.h"

/* As in data/make_small_index.py. */
static const struct {
    const char *name;
    unsigned n;
    const char *extension;
} folders[] = {
    {"yes", 30, "wav"}, {"no", 25, "wav"}, {"Up", 22, "flac"}, {"up", 6, "wav"},
    {"bed", 20, "wav"}, {"a-b", 8, "wav"}, {"a", 9, "wav"},    {"_background_noise_", 2, "wav"},
};

char index_dir[256];

void index_make_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", index_dir, name);
    assert_int_equal(mkdir(path, 0777), 0);
}

void index_make_file(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", index_dir, name);
    ws_test_file_write(path, "", 0); /* the index opens no clip */
}

int index_make_data_set(void **state)
{
    uint32_t x = 1;
    char name[256];
    (void)state;
    ws_test_make_dir(index_dir, sizeof index_dir);
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        index_make_folder(folders[f].name);
        for (unsigned i = 0; i < folders[f].n; i++) {
            x = x * 1664525u + 1013904223u;
            (void)snprintf(name, sizeof name, "%s/%08x_nohash_%u.%s", folders[f].name, x, i % 3,
                           folders[f].extension);
            index_make_file(name);
        }
    }
    /* files that are not clips */
    index_make_file("README.wav");
    index_make_file("yes/notes.txt");
    index_make_file("yes/._00000000_nohash_0.wav");
    index_make_file("yes/00000000_nohash_0.wav.tmp");
    index_make_folder("empty");
    index_make_folder("yes/deeper.wav");
    index_make_file("yes/deeper.wav/00000000_nohash_0.wav");
    return 0;
}

int index_remove_data_set(void **state)
{
    (void)state;
    ws_test_remove_dir(index_dir);
    return 0;
}

ws_index_options index_small_options(void)
{
    return (ws_index_options){.data_dir = index_dir,
                              .wanted_words = "yes,no,up",
                              .silence_percentage = 15.0,
                              .unknown_percentage = 35.0,
                              .validation_percentage = 20,
                              .testing_percentage = 15};
}

void index_expect_fault(const ws_index_options *options, ws_status status, const char *part)
{
    ws_error err = {0};
    ws_index *index;
    assert_int_equal(ws_index_create(options, &index, &err), status);
    assert_null(index);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

/** Counts the clips of an unknown word in a set. */
char index_logged[4096];

static void keep_line(void *user, ws_log_level level, const char *line)
{
    const size_t used = strlen(index_logged);
    (void)user;
    (void)level;
    (void)snprintf(index_logged + used, sizeof index_logged - used, "%s\n", line);
}

const ws_log index_log_to_text = {WS_LOG_INFO, keep_line, NULL};
