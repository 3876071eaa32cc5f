/* Checkpoints that TensorFlow wrote: read bit for bit, and written again byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/locate.h"
#include "support/bundle_copy.h"
#include "support/bundle_file.h"
#include "support/check.h"

static void assert_same_file(const char *a_prefix, const char *b_prefix, const char *suffix)
{
    char *a = ws_text_format("%s%s", a_prefix, suffix);
    char *b = ws_text_format("%s%s", b_prefix, suffix);
    ws_test_assert_same_bytes(a, b);
    free(a);
    free(b);
}

/** Reads a checkpoint of TensorFlow and asserts that writing it again gives the same two files. */
static void assert_written_again_the_same(const char *prefix)
{
    char dir[256];
    ws_error err = {.message = ""};
    ws_test_make_dir(dir, sizeof dir);
    char *copy = ws_path_join(dir, "copy");
    if (ws_test_bundle_copy(prefix, copy, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_same_file(prefix, copy, WS_BUNDLE_INDEX_SUFFIX);
    assert_same_file(prefix, copy, WS_BUNDLE_DATA_SUFFIX);
    free(copy);
    ws_test_remove_dir(dir);
}

static void small_checkpoints_are_written_again_the_same(void **state)
{
    (void)state;
    assert_written_again_the_same(WS_TESTS_DIR "/golden/data/bundle/mixed");
    assert_written_again_the_same(WS_TESTS_DIR "/golden/data/bundle/many");
}

static void models_are_written_again_the_same(void **state)
{
    static const char *const prefixes[] = {
        "tiny_conv20/tiny_conv.ckpt-20",
        "tiny_conv20/saved_model/variables/variables",
        "tiny_conv_trained/tiny_conv.ckpt-2000",
        "tiny_conv_trained/saved_model/variables/variables",
    };
    char models[4096];
    (void)state;
    if (!ws_test_shared(models, sizeof models, "golden/tensorflow/models"))
        skip();
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        char *prefix = ws_path_join(models, prefixes[i]);
        assert_written_again_the_same(prefix);
        free(prefix);
    }
}

static void assert_string(const ws_bundle *bundle, const char *name, const char *want,
                          size_t want_size)
{
    ws_error err = {.message = ""};
    char *text = NULL;
    size_t size = 0;
    if (ws_bundle_read_string(bundle, name, 1000, &text, &size, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(size, want_size);
    assert_memory_equal(text, want, want_size);
    free(text);
}

/** Reads an array of numbers that is wanted in this form. */
static void read_array(const ws_bundle *bundle, ws_bundle_wanted wanted, void *data)
{
    ws_error err = {.message = ""};
    if (ws_bundle_read_wanted(bundle, &wanted, data, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static void all_kinds_of_values_are_read(void **state)
{
    static const char settings[] = "architecture=conv\nwords=\xc3\xa4\n\0end";
    static const float bias[4] = {0.5f, -1.25f, 3e-8f, 1e20f};
    static const int32_t counts[2][2] = {{1, -2}, {3, INT32_MAX}};
    ws_bundle *bundle = NULL;
    ws_error err;
    float floats[24];
    int32_t whole[4];
    int64_t step = 0;
    char bytes[512];
    (void)state;
    assert_int_equal(ws_bundle_open(&bundle, WS_TESTS_DIR "/golden/data/bundle/mixed", &err),
                     WS_OK);
    read_array(bundle, (ws_bundle_wanted){"first_bias", WS_BUNDLE_FLOAT32, 1, {4}}, floats);
    assert_memory_equal(floats, bias, sizeof bias);
    read_array(bundle, (ws_bundle_wanted){"first_weights", WS_BUNDLE_FLOAT32, 3, {2, 3, 4}},
               floats);
    for (int i = 0; i < 24; i++)
        assert_true(floats[i] == ((float)i - 11.5f) / 7);
    read_array(bundle, (ws_bundle_wanted){"empty", WS_BUNDLE_FLOAT32, 2, {0, 3}}, floats);
    read_array(bundle, (ws_bundle_wanted){"counts", WS_BUNDLE_INT32, 2, {2, 2}}, whole);
    assert_memory_equal(whole, counts, sizeof counts);
    read_array(bundle, (ws_bundle_wanted){"first_time_flag", WS_BUNDLE_INT32, 0, {0}}, whole);
    assert_int_equal(whole[0], -1);
    read_array(bundle, (ws_bundle_wanted){"global_step", WS_BUNDLE_INT64, 0, {0}}, &step);
    assert_true(step == INT64_C(1234567890123));
    assert_string(bundle, "wordspot/settings", settings, sizeof settings - 1);
    assert_string(bundle, "wordspot/none", "", 0);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    assert_string(bundle, "wordspot/long", bytes, sizeof bytes);
    ws_bundle_close(bundle);
}

/** From variables.json: what TensorFlow's own reader says of the trained model. */
static void a_trained_model_has_its_figures(void **state)
{
    char dir[4096];
    char *prefix = NULL;
    ws_bundle *bundle = NULL;
    ws_error err = {.message = ""};
    int64_t step = 0;
    float bias[10];
    double sum = 0;
    (void)state;
    if (!ws_test_shared(dir, sizeof dir, "golden/tensorflow/models/tiny_conv_trained"))
        skip();
    if (ws_checkpoint_locate(dir, &prefix, &err) != WS_OK ||
        ws_bundle_open(&bundle, prefix, &err) != WS_OK)
        fail_msg("%s", err.message);
    free(prefix);
    read_array(bundle, (ws_bundle_wanted){"global_step", WS_BUNDLE_INT64, 0, {0}}, &step);
    assert_int_equal(step, 2000);
    read_array(bundle, (ws_bundle_wanted){"final_fc_bias", WS_BUNDLE_FLOAT32, 1, {10}}, bias);
    assert_true(bias[0] == 0.09899335354566574f && bias[1] == -0.032260436564683914f);
    assert_true(bias[9] == -0.03984343260526657f);
    float *weights = calloc(78400, sizeof *weights);
    read_array(bundle, (ws_bundle_wanted){"final_fc_weights", WS_BUNDLE_FLOAT32, 2, {7840, 10}},
               weights);
    assert_true(weights[0] == 0.003797000739723444f);
    for (size_t i = 0; i < 78400; i++)
        sum += (double)weights[i];
    assert_true(sum > 0.11004320076 - 1e-9 && sum < 0.11004320076 + 1e-9);
    free(weights);
    ws_bundle_close(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_checkpoints_are_written_again_the_same),
        cmocka_unit_test(models_are_written_again_the_same),
        cmocka_unit_test(all_kinds_of_values_are_read),
        cmocka_unit_test(a_trained_model_has_its_figures),
    };
    return cmocka_run_group_tests_name("golden bundle", tests, NULL, NULL);
}
