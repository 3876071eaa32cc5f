/* cmd/feature_source: names, comments and figures as C has them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/feature_source.h"

static const float features[] = {-247.0f, 30.0f, 0.0f,   1e-9f, 1.5f,    -3.25f,
                                 100.0f,  -1e6f, 0.125f, 2.0f,  -0.001f, 29.0f};

/** The source for a sound file (free()). */
static char *source_of(const char *input_wav, bool is_quantized)
{
    const ws_feature_options options = {"mfcc", 16000, 1000, 30.0, 12.5, 40};
    const ws_feature_source source = {
        .options = &options,
        .is_quantized = is_quantized,
        .input_wav = input_wav,
        .output_c_file = "x.c",
        .features = features,
        .width = 4,
        .height = 3,
    };
    ws_buf text;

    ws_buf_init(&text, WS_FEATURE_SOURCE_MAX_BYTES);
    assert_int_equal(ws_feature_source_write(&source, &text, NULL), WS_OK);
    return ws_buf_take_string(&text);
}

static void whole_texts(void **state)
{
    static const char head[] = "/* File automatically created by\n"
                               " * tensorflow/examples/speech_commands/wav_to_features.py \\\n"
                               " * --sample_rate=16000 \\\n"
                               " * --clip_duration_ms=1000 \\\n"
                               " * --window_size_ms=30 \\\n"
                               " * --window_stride_ms=12.5 \\\n"
                               " * --feature_bin_count=40 \\\n";
    static const char tail[] = " * --preprocess=\"mfcc\" \\\n"
                               " * --input_wav=\"a/Clip.WAV\" \\\n"
                               " * --output_c_file=\"x.c\" \\\n"
                               " */\n\n"
                               "const int g_clip_width = 4;\n"
                               "const int g_clip_height = 3;\n";
    static const char floats[] = "const float g_clip_data[] = {\n\n"
                                 "  -247.000000, 30.000000, 0.000000, 0.000000, 1.500000, "
                                 "-3.250000, 100.000000, -1000000.000000, 0.125000, 2.000000, \n"
                                 "  -0.001000, 29.000000, \n};\n";
    /* 255 (v + 247) / 277: 0 is 227.38, 1.5 is 228.76, -3.25 is 224.39, 29 is 254.08 */
    static const char bytes[] = "const unsigned char g_clip_data[] = {\n"
                                "  0, 255, 227, 227, 229, 224, 255, 0, 227, 229, \n"
                                "  227, 254, \n};\n";

    (void)state;
    for (int is_quantized = 0; is_quantized < 2; is_quantized++) {
        const char *const parts[] = {head, is_quantized ? " * --quantize=1 \\\n" : "", tail,
                                     is_quantized ? bytes : floats};
        char *text = source_of("a/Clip.WAV", is_quantized);
        const char *rest = text;
        for (size_t i = 0; i < 4; i++) {
            if (strncmp(rest, parts[i], strlen(parts[i])) != 0)
                fail_msg("expected \"%s\", not \"%s\"", parts[i], rest);
            rest += strlen(parts[i]);
        }
        assert_string_equal(rest, "");
        free(text);
    }
}

static void too_long_a_text_is_refused(void **state)
{
    const ws_feature_options options = {"mfcc", 16000, 1000, 30.0, 10.0, 40};
    const ws_feature_source source = {.options = &options,
                                      .input_wav = "a.wav",
                                      .output_c_file = "x.c",
                                      .features = features,
                                      .width = 4,
                                      .height = 3};
    ws_error err;
    ws_buf text;

    (void)state;
    ws_buf_init(&text, 500);
    assert_int_equal(ws_feature_source_write(&source, &text, &err), WS_ELIMIT);
    assert_non_null(strstr(err.message, "a.wav: its 3 x 4 features take more than 500 bytes"));
    ws_buf_deinit(&text);
}

static void nan_is_refused(void **state)
{
    static const float infinite[] = {1.0f, HUGE_VALF}, no_number[] = {NAN, 1.0f};
    static const ws_feature_options options = {"average", 16000, 1000, 30.0, 10.0, 40};
    ws_feature_source source = {.options = &options,
                                .input_wav = "a.wav",
                                .output_c_file = "x.c",
                                .features = infinite,
                                .width = 2,
                                .height = 1};
    ws_error err;
    ws_buf text;

    (void)state;
    ws_buf_init(&text, WS_FEATURE_SOURCE_MAX_BYTES);
    assert_int_equal(ws_feature_source_write(&source, &text, &err), WS_ENUMERIC);
    assert_non_null(strstr(err.message, "a.wav: feature 1 is not a finite number"));
    source.features = no_number;
    source.is_quantized = true;
    assert_int_equal(ws_feature_source_write(&source, &text, &err), WS_ENUMERIC);
    assert_non_null(strstr(err.message, "a.wav: feature 0 is not a finite number"));
    assert_int_equal(text.size, 0);
    ws_buf_deinit(&text);
}

static void names_are_identifiers(void **state)
{
    static const struct {
        const char *path, *name;
    } cases[] = {
        {"yes/422d3197_nohash_0.wav", "g_422d3197_nohash_0_width"},
        {"LEFT.Wav", "g_left_width"},
        {"/tmp/my-clip 1.wav", "g_my_clip_1_width"},
        {"a.b/c.d.flac", "g_c_d_width"},
        {"no_suffix", "g_no_suffix_width"},
        {"x/.wav", "g__wav_width"},   /* a name of its own, as in Python */
        {"x/..wav", "g___wav_width"}, /* likewise */
        {"x/...", "g_____width"},
        {"double", "g_double_width"},
        {"\xc3\xa4h\xe2\x82\xac.wav", "g__h__width"}, /* a letter each, of two and three bytes */
        {"\xf0\x9f\x90\x81.wav", "g___width"},
        {"\xff\x80.wav", "g____width"}, /* no UTF-8 */
        {"semi;colon*/.wav", "g__wav_width"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        char *text = source_of(cases[i].path, false);
        (void)snprintf(want, sizeof want, "\nconst int %s = 4;\n", cases[i].name);
        if (strstr(text, want) == NULL)
            fail_msg("%s is not called %s in %s", cases[i].path, cases[i].name, text);
        free(text);
    }
}

static void comments_end_where_they_should(void **state)
{
    static const struct {
        const char *path, *written;
    } cases[] = {
        {"a*/b.wav", "a*\"\"/b.wav"},
        {"a/*/b.wav", "a/\"\"*\"\"/b.wav"},
        {"*/*/*", "*\"\"/\"\"*\"\"/\"\"*"},
        {"a//b**c.wav", "a//b**c.wav"},
        {"back\\slash\\.wav", "back\\slash\\.wav"},
        {"end\\", "end\\"},
        {"\xc3\xa4.wav", "\xc3\xa4.wav"},
        {"\xc3.wav\xff", "?.wav?"},
        {"\xc0\xaf\xed\xa0\x80", "?????"}, /* a slash in two bytes, half of a pair */
        {"\xe0\x80\xaf\xf4\x90\x80\x80", "???????"},
        {"\xf0\x9f\x90\x81\xf0\x9f\x90", "\xf0\x9f\x90\x81???"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[128];
        char *text = source_of(cases[i].path, false);
        (void)snprintf(want, sizeof want, " * --input_wav=\"%s\" \\\n", cases[i].written);
        if (strstr(text, want) == NULL)
            fail_msg("expected %s in %s", want, text);
        const char *end = strstr(text, "*/");
        assert_int_equal(strncmp(end, "*/\n\nconst int ", 14), 0);
        assert_null(strstr(text + 2, "/*"));
        free(text);
    }
}

static void bytes_are_rounded_and_cut(void **state)
{
    (void)state;
    assert_int_equal(ws_feature_source_quantize(0.0f, 0.0f, 255.0f), 0);
    assert_int_equal(ws_feature_source_quantize(0.5f, 0.0f, 255.0f), 0); /* halves to even */
    assert_int_equal(ws_feature_source_quantize(1.5f, 0.0f, 255.0f), 2);
    assert_int_equal(ws_feature_source_quantize(2.5f, 0.0f, 255.0f), 2);
    assert_int_equal(ws_feature_source_quantize(254.6f, 0.0f, 255.0f), 255);
    assert_int_equal(ws_feature_source_quantize(-1.0f, 0.0f, 26.0f), 0);
    assert_int_equal(ws_feature_source_quantize(1e30f, 0.0f, 26.0f), 255);
    assert_int_equal(ws_feature_source_quantize(-1e30f, -247.0f, 30.0f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_texts),
        cmocka_unit_test(too_long_a_text_is_refused),
        cmocka_unit_test(nan_is_refused),
        cmocka_unit_test(names_are_identifiers),
        cmocka_unit_test(comments_end_where_they_should),
        cmocka_unit_test(bytes_are_rounded_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
