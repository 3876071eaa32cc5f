/* The index of the real data set beside the project, line for line as TensorFlow's example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "dataset/index.h"
#include "dataset/labels.h"
#include "support/check.h"
#include "support/set_name.h"

static char data[512], splits[512];

static ws_index *make_index(void)
{
    const ws_index_options options = {.data_dir = data,
                                      .wanted_words = "yes,no,up,down,left,right,stop,go",
                                      .silence_percentage = 10.0,
                                      .unknown_percentage = 10.0,
                                      .testing_percentage = 10,
                                      .validation_percentage = 10};
    ws_index *index;
    ws_error err;
    if (ws_index_create(&options, &index, &err) != WS_OK)
        fail_msg("%s", err.message);
    return index;
}

static char *read_text(const char *name)
{
    char path[1024];
    unsigned char *text;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/%s", splits, name);
    assert_int_equal(ws_file_read(path, 1 << 24, &text, &size, NULL), WS_OK);
    return (char *)text;
}

/** One line of the golden lists: the clip's own word, or _silence_, and the path. */
static int write_line(char *line, size_t size, const ws_clip *clip)
{
    const char *path = clip->path + strlen(data) + 1;
    if (clip->label == WS_SILENCE_INDEX)
        return snprintf(line, size, "_silence_ %s\n", path);
    return snprintf(line, size, "%.*s %s\n", (int)(strchr(path, '/') - path), path, path);
}

static void lists_line_for_line(void **state)
{
    char name[128], line[512];
    (void)state;
    if (!ws_test_shared(data, sizeof data, "data/speech_commands") ||
        !ws_test_shared(splits, sizeof splits, "golden/tensorflow/splits"))
        skip();
    ws_index *index = make_index();
    for (size_t set = 0; set < WS_N_SETS; set++) {
        (void)snprintf(name, sizeof name, "sorted_then_shuffled_%s.txt",
                       ws_test_set_name((ws_set)set));
        char *text = read_text(name);
        const char *at = text;
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++) {
            const ws_clip clip = ws_index_clip(index, (ws_set)set, i);
            const int length = write_line(line, sizeof line, &clip);
            if (strncmp(at, line, (size_t)length) != 0)
                fail_msg("%s, line %zu: \"%s\", expected \"%.80s\"", name, i + 1, line, at);
            at += length;
        }
        assert_true(*at == '\0' || strcmp(at, "\n") == 0);
        free(text);
    }
    ws_index_destroy(index);
}

static void sizes_of_sets_and_labels(void **state)
{
    char line[1024];
    (void)state;
    if (!ws_test_shared(data, sizeof data, "data/speech_commands") ||
        !ws_test_shared(splits, sizeof splits, "golden/tensorflow/splits"))
        skip();
    ws_index *index = make_index();
    char *text = read_text("set_sizes.txt");
    for (size_t set = 0; set < WS_N_SETS; set++) {
        const size_t n = ws_index_n_clips(index, (ws_set)set);
        size_t counts[16] = {0};
        int length = snprintf(line, sizeof line, "%s %zu", ws_test_set_name((ws_set)set), n);
        for (size_t i = 0; i < n; i++)
            counts[ws_index_clip(index, (ws_set)set, i).label]++;
        for (size_t i = 0; i < ws_index_n_labels(index); i++)
            length += snprintf(line + length, sizeof line - (size_t)length, " %s=%zu",
                               ws_index_label(index, i), counts[i]);
        if (strstr(text, line) == NULL)
            fail_msg("\"%s\" is not in set_sizes.txt", line);
    }
    free(text);
    ws_index_destroy(index);
}

static void every_file_is_in_its_set(void **state)
{
    (void)state;
    if (!ws_test_shared(splits, sizeof splits, "golden/tensorflow/splits"))
        skip();
    char *text = read_text("file_to_set.txt");
    size_t n = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), n++) {
        char *space = strchr(line, ' ');
        assert_non_null(space);
        *space = '\0';
        assert_string_equal(ws_test_set_name(ws_split_find(line, 10, 10)), space + 1);
    }
    assert_int_equal(n, 7959);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_line_for_line),
        cmocka_unit_test(sizes_of_sets_and_labels),
        cmocka_unit_test(every_file_is_in_its_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
