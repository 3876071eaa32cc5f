/* cmd/label_flags, operands of settings/arguments, and cmd/label_json. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/label_flags.h"
#include "cmd/label_json.h"
#include "settings/arguments.h"
#include "settings/settings.h"

static const ws_flag_table *const tables[] = {&ws_label_wav_flags, &ws_label_wav_dir_flags,
                                              &ws_stream_flags};
enum { N_TABLES = sizeof tables / sizeof *tables };

typedef struct parsed {
    ws_label_flags flags;
    ws_flags all; /* given back at the end of a test, or when it is overwritten */
    bool help;
    ws_error err;
} parsed;

static parsed p;

static ws_status parse(const ws_flag_table *table, char *const *arguments, int n)
{
    ws_flags_deinit(&p.all);
    p = (parsed){.help = false};
    assert_int_equal(ws_flags_init(&p.all, table, &p.flags, &p.err), WS_OK);
    return ws_arguments_read(&p.all, n, arguments, &p.help, &p.err);
}

static int give_back(void **state)
{
    (void)state;
    ws_flags_deinit(&p.all);
    return 0;
}

static void defaults_are_the_originals(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TABLES; t++) {
        const ws_flag_table *table = tables[t];
        assert_int_equal(parse(table, NULL, 0), WS_OK);
        assert_int_equal(p.flags.how_many_labels, table == &ws_stream_flags ? 0 : 3);
        assert_string_equal(p.flags.graph, "");
        assert_string_equal(p.flags.labels, "");
        assert_int_equal(p.flags.files.n_items, 0);
    }
}

/* What a checkpoint is read with are training's own flags, and settings of a run. */
static void flags_of_a_model_are_those_of_training(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TABLES; t++) {
        size_t n = 0;
        for (size_t i = 0; i < tables[t]->n_flags; i++) {
            const ws_flag row = ws_flags_get_row(tables[t], i);
            if (row.group != WS_FLAGS_MODEL && strcmp(row.name, "clip_duration_ms") != 0)
                continue;
            assert_int_equal(tables[t]->flags[i].type, WS_FLAG_PICK);
            assert_true(ws_settings_have(&row));
            n++;
        }
        assert_true(n >= 8);
    }
}

/* The original's Python tool, as its users call it; and its C++ one. */
static void both_streaming_tools_are_understood(void **state)
{
    char *python[] = {(char[]){"--wav=a.wav"},
                      (char[]){"--ground-truth=a.txt"},
                      (char[]){"--verbose"},
                      (char[]){"--model=a.pb"},
                      (char[]){"--input-names"},
                      (char[]){"a:0"},
                      (char[]){"a:1"},
                      (char[]){"--clip-duration-ms"},
                      (char[]){"1000"},
                      (char[]){"--clip-stride-ms=20"},
                      (char[]){"--detection-t=0.75"},
                      (char[]){"--time-tolerance-ms=10"}};
    char *cpp[] = {(char[]){"--graph=b.pb"}, (char[]){"--sample_stride_ms=40"},
                   (char[]){"--average_window=700"}, (char[]){"--verbose=false"}};
    char *stray[] = {(char[]){"--wav=a.wav"}, (char[]){"b.wav"}};
    char *vague[] = {(char[]){"--input=x"}};
    (void)state;
    assert_int_equal(parse(&ws_stream_flags, python, 12), WS_OK);
    assert_string_equal(p.flags.ground_truth, "a.txt");
    assert_string_equal(p.flags.graph, "a.pb");
    assert_string_equal(p.flags.input_names, "a:0");
    assert_int_equal(p.flags.files.n_items, 1);
    assert_string_equal(p.flags.files.items[0], "a:1");
    assert_true(p.flags.verbose);
    assert_int_equal(p.flags.clip_stride_ms, 20);
    assert_true(fabs(p.flags.detection_threshold - 0.75) < 1e-12);
    assert_int_equal(p.flags.time_tolerance_ms, 10);
    assert_int_equal(p.flags.average_window_duration_ms, 500);
    assert_int_equal(p.flags.suppression_ms, 500);
    assert_int_equal(p.flags.minimum_count, 4);
    assert_int_equal(parse(&ws_stream_flags, cpp, 4), WS_OK);
    assert_string_equal(p.flags.graph, "b.pb");
    assert_int_equal(p.flags.clip_stride_ms, 40);
    assert_int_equal(p.flags.average_window_duration_ms, 700);
    assert_false(p.flags.verbose);
    assert_int_equal(parse(&ws_stream_flags, stray, 2), WS_EUSAGE);
    assert_int_equal(parse(&ws_stream_flags, vague, 1), WS_EUSAGE);
    assert_non_null(strstr(p.err.message, "may mean"));
}

static void operands_stand_anywhere(void **state)
{
    char *arguments[] = {(char[]){"a.wav"},    (char[]){"--json"}, (char[]){"b.wav"},
                         (char[]){"--labels"}, (char[]){"l.txt"},  (char[]){"-"},
                         (char[]){"--"},       (char[]){"--wav"},  (char[]){"-x"}};
    static const char *const want[] = {"a.wav", "b.wav", "-", "--wav", "-x"};
    (void)state;
    assert_int_equal(parse(&ws_label_wav_flags, arguments, 9), WS_OK);
    assert_true(p.flags.json);
    assert_string_equal(p.flags.labels, "l.txt");
    assert_string_equal(p.flags.wav, "");
    assert_int_equal(p.flags.files.n_items, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(p.flags.files.items[i], want[i]);
}

static void other_operands_are_refused(void **state)
{
    char *single_dash[] = {(char[]){"-wav=a.wav"}}, *stray[] = {(char[]){"a.wav"}},
         *dashes[] = {(char[]){"--"}, (char[]){"a.wav"}};
    (void)state;
    assert_int_equal(parse(&ws_label_wav_flags, single_dash, 1), WS_EUSAGE);
    assert_string_equal(p.err.message, "unexpected argument \"-wav=a.wav\", expected flags such as "
                                       "--wav=FILE");
    assert_int_equal(parse(&ws_label_wav_dir_flags, stray, 1), WS_EUSAGE);
    assert_string_equal(p.err.message,
                        "unexpected argument \"a.wav\", expected flags such as --wav_dir=DIR");
    assert_int_equal(parse(&ws_label_wav_dir_flags, dashes, 2), WS_EUSAGE);
}

/** The line as it is printed. */
static void print(const ws_label_line *line, char *text, size_t size)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(ws_label_json_write(line, file, NULL), WS_OK);
    rewind(file);
    const size_t n = fread(text, 1, size - 1, file);
    text[n] = '\0';
    assert_int_equal(fclose(file), 0);
}

static void json_lines_are_as_documented(void **state)
{
    static const char *const labels[] = {"_silence_", "n\303\266", "a \"b\"\\"};
    static const float scores[] = {4.00244244e-05f, 0.803861141f, 0.0f};
    ws_label_line line = {
        .path = "a b/\303\244.wav", .labels = labels, .scores = scores, .n_labels = 3, .best = 1};
    char text[512];
    (void)state;
    print(&line, text, sizeof text);
    assert_string_equal(text, "{\"file\":\"a b/\303\244.wav\",\"label\":\"n\303\266\",\"scores\":"
                              "{\"_silence_\":4.00244244e-5,\"n\303\266\":0.803861141,"
                              "\"a \\\"b\\\"\\\\\":0.0}}\n");
    line.fault = "it is\tempty";
    line.path = "\377\303\244.wav";
    print(&line, text, sizeof text);
    assert_string_equal(text, "{\"file\":\"???.wav\",\"error\":\"it is\\tempty\"}\n");
}

static void json_says_when_it_cannot_be_written(void **state)
{
    const ws_label_line line = {.path = "a.wav", .fault = "none"};
    ws_error err = {.status = WS_OK};
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (full == NULL)
        skip();
    assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
    assert_int_equal(ws_label_json_write(&line, full, &err), WS_EIO);
    assert_non_null(strstr(err.message, "the labels cannot be written"));
    (void)fclose(full);
}

static void labels_that_cannot_be_keys_are_refused(void **state)
{
    ws_text_list labels = {0};
    ws_error err = {.status = WS_OK};
    (void)state;
    assert_int_equal(ws_text_list_push_split(&labels, "a,b,c,b,\377", ','), WS_OK);
    assert_int_equal(ws_label_json_check(&labels, 3, &err), WS_OK);
    assert_int_equal(ws_label_json_check(&labels, 4, &err), WS_EFORMAT);
    assert_string_equal(err.message, "--json: the label \"b\" is there twice, expected each once");
    labels.items[3][0] = 'd';
    assert_int_equal(ws_label_json_check(&labels, 5, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "--json: label 5"));
    ws_text_list_deinit(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(defaults_are_the_originals, give_back),
        cmocka_unit_test_teardown(flags_of_a_model_are_those_of_training, give_back),
        cmocka_unit_test_teardown(both_streaming_tools_are_understood, give_back),
        cmocka_unit_test_teardown(operands_stand_anywhere, give_back),
        cmocka_unit_test_teardown(other_operands_are_refused, give_back),
        cmocka_unit_test_teardown(json_lines_are_as_documented, give_back),
        cmocka_unit_test_teardown(json_says_when_it_cannot_be_written, give_back),
        cmocka_unit_test_teardown(labels_that_cannot_be_keys_are_refused, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
