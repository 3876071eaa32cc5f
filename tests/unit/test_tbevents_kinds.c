/* tbevents: sound, text, histograms, precision-recall curves, and the data of a whole run: the
 * bytes of each, and refused values. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"
#include "unit/golden_events.h"

/** The tensor of the only event; free with the file. */
static const Tbproto__TensorProto *tensor_of(const event_file *file, size_t record)
{
    const Tbproto__Event *event = file->events[record];
    assert_int_equal(event->what_case, TBPROTO__EVENT__WHAT_SUMMARY);
    assert_int_equal(event->summary->n_value, 1);
    assert_int_equal(event->summary->value[0]->value_case, TBPROTO__SUMMARY__VALUE__VALUE_TENSOR);
    return event->summary->value[0]->tensor;
}

static double double_at(const Tbproto__TensorProto *tensor, size_t i)
{
    double value;
    assert_true((i + 1) * sizeof value <= tensor->tensor_content.len);
    memcpy(&value, tensor->tensor_content.data + i * sizeof value, sizeof value);
    return value;
}

static float float_at(const Tbproto__TensorProto *tensor, size_t i)
{
    float value;
    assert_true((i + 1) * sizeof value <= tensor->tensor_content.len);
    memcpy(&value, tensor->tensor_content.data + i * sizeof value, sizeof value);
    return value;
}

/* ---- histograms ---- */

static void histograms_are_golden(void **state)
{
    static const double rows[][3] = {{0, 1, 3}, {1, 2, 4}};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_histogram_buckets(writer, 5, "h", 2, rows), TBE_OK);
    golden_assert(
        writer,
        "6400000000000000435f1cdf09000000000000084010052a570a550a0168423e08021208120208021202080322"
        "300000000000000000000000000000f03f0000000000000840000000000000f03f000000000000004000000000"
        "000010404a100a0c0a0a686973746f6772616d7320029c7c8560");
}

static void values_are_counted_in_equal_buckets(void **state)
{
    enum { N = 61 };
    float values[N + 2];
    size_t n_skipped = 7;
    (void)state;
    for (size_t i = 0; i < N; i++) /* 0 to 60: two a bucket, the largest in the last */
        values[i] = (float)((i * 37) % N);
    values[N] = NAN;
    values[N + 1] = -INFINITY;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_histogram(writer, 1, "h", N, values, &n_skipped), TBE_OK);
    assert_int_equal(n_skipped, 0);
    assert_int_equal(tbe_add_histogram(writer, 2, "h", N + 2, values, &n_skipped), TBE_OK);
    assert_int_equal(n_skipped, 2);
    event_file *file = close_and_read(writer, TBE_OK);
    for (size_t record = 2; record < 4; record++) {
        const Tbproto__TensorProto *tensor = tensor_of(file, record);
        assert_int_equal(tensor->tensor_content.len, 30 * 24);
        for (size_t i = 0; i < 30; i++) {
            assert_true(double_at(tensor, 3 * i) == 2.0 * (double)i);
            assert_true(double_at(tensor, 3 * i + 1) == 2.0 * (double)(i + 1));
            assert_true(double_at(tensor, 3 * i + 2) == (i < 29 ? 2.0 : 3.0));
        }
    }
    event_file_destroy(file);
}

static void equal_values_are_all_in_the_last_bucket(void **state)
{
    static const float values[] = {-2.5f, -2.5f, -2.5f};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 3, values, NULL), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    const Tbproto__TensorProto *tensor = tensor_of(file, 2);
    for (size_t i = 0; i < 30; i++) {
        assert_true(double_at(tensor, 3 * i) == -2.5);
        assert_true(double_at(tensor, 3 * i + 1) == -2.5);
        assert_true(double_at(tensor, 3 * i + 2) == (i < 29 ? 0.0 : 3.0));
    }
    event_file_destroy(file);
}

static void extreme_values_have_finite_edges(void **state)
{
    static const float values[] = {-FLT_MAX, FLT_MAX, 0.0f, -0.0f, FLT_MIN / 8};
    static const float near[] = {0.0f, FLT_MIN / 4194304};
    double total = 0;
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 5, values, NULL), TBE_OK);
    assert_int_equal(tbe_add_histogram(writer, 2, "h", 2, near, NULL), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    for (size_t record = 2; record < 4; record++)
        for (size_t i = 0; i < 30; i++) {
            const Tbproto__TensorProto *tensor = tensor_of(file, record);
            assert_true(isfinite(double_at(tensor, 3 * i)));
            assert_true(double_at(tensor, 3 * i) <= double_at(tensor, 3 * i + 1));
            total += double_at(tensor, 3 * i + 2);
        }
    assert_true(total == 7.0);
    event_file_destroy(file);
}

static void odd_histograms_are_refused(void **state)
{
    const double falling[][3] = {{0, 1, 3}, {0.5, 2, 4}}, upside_down[][3] = {{1, 0, 3}},
                 negative[][3] = {{0, 1, -1}}, infinite[][3] = {{0, HUGE_VAL, 1}},
                 undefined[][3] = {{0, 1, (double)NAN}},
                 many[][3] = {{0, 1, 1e308}, {1, 2, 1.7e308}}, fine[][3] = {{0, 1, 1}};
    const float nothing[] = {NAN, INFINITY};
    size_t n_skipped = 0;
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 2, falling), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 1, upside_down), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 1, negative), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 1, infinite), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 1, undefined), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 2, many), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 0, fine), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", 1, NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h\n", 1, fine), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram_buckets(writer, 1, "h", TBE_MAX_BUCKETS + 1, fine),
                     TBE_ELIMIT);
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 2, nothing, NULL), TBE_EINVAL);
    assert_non_null(strstr(tbe_get_message(writer), "2 values"));
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 2, nothing, &n_skipped), TBE_OK);
    assert_int_equal(n_skipped, 2);
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 0, nothing, NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram(writer, 1, "h", 1, NULL, NULL), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

/* ---- text ---- */

static void texts_are_golden(void **state)
{
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_text(writer, 1, "note", "hi"), TBE_OK);
    golden_assert(writer, "2b00000000000000861bc34b09000000000000084010012a1e0a1c0a046e6f7465420808"
                          "071200420268694a0a0a060a04746578742002e2537d2f");
}

static void tables_have_their_shape(void **state)
{
    static const char *const cells[] = {"a", "", "c\nd", "\xc3\xa4", "e", "f"};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 2, 3, cells), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    const Tbproto__TensorProto *tensor = tensor_of(file, 2);
    assert_int_equal(tensor->tensor_shape->n_dim, 2);
    assert_int_equal(tensor->tensor_shape->dim[0]->size, 2);
    assert_int_equal(tensor->tensor_shape->dim[1]->size, 3);
    assert_int_equal(tensor->n_string_val, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(tensor->string_val[i].len, strlen(cells[i]));
        assert_memory_equal(tensor->string_val[i].data, cells[i], strlen(cells[i]));
    }
    event_file_destroy(file);
}

static void odd_texts_are_refused(void **state)
{
    static const char *const bad[] = {"fine", "\xff"};
    static const char *const missing[] = {"fine", NULL};
    char *large = malloc(TBE_MAX_BODY_BYTES + 2);
    (void)state;
    assert_non_null(large);
    memset(large, 'x', TBE_MAX_BODY_BYTES + 1);
    large[TBE_MAX_BODY_BYTES + 1] = '\0';
    const char *const halves[] = {large + TBE_MAX_BODY_BYTES / 2, large + TBE_MAX_BODY_BYTES / 2};
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_text(writer, 1, "t", "\xff"), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "t", "a\033[1m"), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "t", ""), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "t", NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "", "x"), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "t", large), TBE_ELIMIT);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 1, 2, halves), TBE_ELIMIT);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 1, 2, bad), TBE_EINVAL);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 2, 1, missing), TBE_EINVAL);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 0, 2, bad), TBE_EINVAL);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 2, 2, NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", SIZE_MAX, 2, bad), TBE_ELIMIT);
    assert_int_equal(tbe_add_text_table(writer, 1, "t", 2, SIZE_MAX, bad), TBE_ELIMIT);
    assert_int_equal(tbe_add_text(writer, 1, "t", large + 1), TBE_OK);
    golden_assert_n(writer, TBE_EINVAL, 1);
    free(large);
}

/* ---- sound ---- */

static tbe_audio sound(tbe_sample_format format, size_t n_frames, const void *samples)
{
    tbe_audio audio;
    tbe_audio_init(&audio, sizeof audio);
    audio.format = format;
    audio.sample_rate_hz = 16000;
    audio.n_frames = n_frames;
    audio.samples = samples;
    return audio;
}

static void sounds_are_golden(void **state)
{
    static const int16_t samples[] = {0, 1};
    const tbe_audio audio = sound(TBE_SAMPLES_INT16, 2, samples);
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_OK);
    golden_assert(writer, "60000000000000002821c6da09000000000000084010012a530a510a026175423a080712"
                          "0412020801423052494646"
                          "2800000057415645666d74201000000001000100803e0000007d00000200100064617461"
                          "04000000000001004a0f0a"
                          "0b0a05617564696f1202100b20032ef54bd0");
}

static void floats_are_scaled_and_clipped(void **state)
{
    static const float samples[] = {0.0f, 0.5f, -0.5f, 1.0f, -1.0f, 7.0f, -INFINITY, INFINITY};
    static const int16_t expected[] = {0, 16384, -16384, 32767, -32768, 32767, -32768, 32767};
    tbe_audio audio = sound(TBE_SAMPLES_FLOAT, 4, samples);
    (void)state;
    audio.n_channels = 2;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    const ProtobufCBinaryData wav = tensor_of(file, 2)->string_val[0];
    assert_int_equal(wav.len, 44 + sizeof expected);
    assert_int_equal(wav.data[22], 2); /* channels */
    assert_memory_equal(wav.data + 28, "\x00\xfa\x00\x00\x04\x00",
                        6); /* 64000 bytes/s, 4 a frame */
    assert_memory_equal(wav.data + 44, expected, sizeof expected);
    event_file_destroy(file);
}

static void odd_sounds_are_refused(void **state)
{
    static const float samples[] = {0.0f, NAN};
    tbe_audio audio = sound(TBE_SAMPLES_FLOAT, 2, samples);
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    assert_int_equal(tbe_add_audio(writer, 1, "au", NULL), TBE_EINVAL);
    audio = sound((tbe_sample_format)0, 1, samples);
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    audio = sound(TBE_SAMPLES_FLOAT, 0, samples);
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    audio = sound(TBE_SAMPLES_FLOAT, 1, NULL);
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    audio = sound(TBE_SAMPLES_FLOAT, 1, samples);
    audio.sample_rate_hz = 0;
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    audio = sound(TBE_SAMPLES_FLOAT, SIZE_MAX, samples);
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_ELIMIT);
    audio = sound(TBE_SAMPLES_FLOAT, 1, samples);
    audio.n_channels = TBE_MAX_CHANNELS + 1;
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_ELIMIT);
    audio = sound(TBE_SAMPLES_FLOAT, 1, samples);
    audio.struct_size = 0;
    assert_int_equal(tbe_add_audio(writer, 1, "au", &audio), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

/* ---- precision-recall curves ---- */

static tbe_pr_curve curve_of(const float counts[4][3])
{
    tbe_pr_curve curve;
    tbe_pr_curve_init(&curve, sizeof curve);
    curve.n_thresholds = 3;
    curve.true_positives = counts[0];
    curve.false_positives = counts[1];
    curve.true_negatives = counts[2];
    curve.false_negatives = counts[3];
    return curve;
}

#define GOLDEN_CURVE                                                                               \
    "80000000000000002a5b60ec09000000000000084010012a730a710a027072425608011208120208061202080322" \
    "48"                                                                                           \
    "0000804000004040000000000000c040000000400000000000000000000080400000c040000000000000803f0000" \
    "80"                                                                                           \
    "40cdcccc3e9a99193f000000000000803f0000403f000000004a130a0f0a0970725f637572766573120210032002" \
    "e2"                                                                                           \
    "d346f4"

static void curves_are_golden(void **state)
{
    static const float counts[4][3] = {{4, 3, 0}, {6, 2, 0}, {0, 4, 6}, {0, 1, 4}};
    const tbe_pr_curve curve = curve_of(counts);
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", &curve), TBE_OK);
    golden_assert(writer, GOLDEN_CURVE);
}

static void scores_make_the_same_curve(void **state)
{
    /* four positives of which three reach 0.5, six negatives of which two do, none reaches 1 */
    static const float scores[] = {0.5f, 0.7f, 0.99f, 0.2f, 0.6f, 0.5f, 0.0f, 0.1f, 0.49f, 0.3f};
    static const uint8_t is_positive[] = {1, 1, 255, 1, 0, 0, 0, 0, 0, 0};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 10, scores, is_positive, 3), TBE_OK);
    golden_assert(writer, GOLDEN_CURVE);
}

static void a_curve_has_two_hundred_thresholds(void **state)
{
    static const float scores[] = {1.0f, 0.0f};
    static const uint8_t is_positive[] = {1, 0};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 2, scores, is_positive, 0), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    const Tbproto__TensorProto *tensor = tensor_of(file, 2);
    assert_int_equal(tensor->tensor_content.len, 6 * 201 * 4);
    assert_true(float_at(tensor, 0) == 1.0f);       /* true positives at 0 */
    assert_true(float_at(tensor, 200) == 1.0f);     /* and at 1 */
    assert_true(float_at(tensor, 201) == 1.0f);     /* false positives at 0 */
    assert_true(float_at(tensor, 202) == 0.0f);     /* and above */
    assert_true(float_at(tensor, 4 * 201) == 0.5f); /* precision */
    assert_true(float_at(tensor, 4 * 201 + 1) == 1.0f);
    event_file_destroy(file);
}

static void odd_curves_are_refused(void **state)
{
    static const float counts[4][3] = {{4, 3, 0}, {6, -2, 0}, {0, 4, 6}, {0, 1, 4}};
    static const float bad_scores[] = {-0.1f, 1.1f, NAN};
    static const uint8_t is_positive[] = {1};
    tbe_pr_curve curve = curve_of(counts);
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", &curve), TBE_EINVAL);
    curve.false_positives = NULL;
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", &curve), TBE_EINVAL);
    curve.n_thresholds = 1;
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", &curve), TBE_EINVAL);
    curve.n_thresholds = TBE_MAX_THRESHOLDS + 1;
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", &curve), TBE_ELIMIT);
    assert_int_equal(tbe_add_pr_curve(writer, 1, "pr", NULL), TBE_EINVAL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 1, bad_scores + i, is_positive, 0),
                         TBE_EINVAL);
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 0, bad_scores, is_positive, 0), TBE_EINVAL);
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 1, NULL, is_positive, 0), TBE_EINVAL);
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", 1, bad_scores, NULL, 0), TBE_EINVAL);
    assert_int_equal(tbe_add_pr_scores(writer, 1, "pr", SIZE_MAX, bad_scores, is_positive, 0),
                     TBE_ELIMIT);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

/* ---- descriptions ---- */

static void every_kind_takes_its_description_along(void **state)
{
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_describe(writer, "note", "A note", "said **so**"), TBE_OK);
    assert_int_equal(tbe_add_text(writer, 1, "note", "hi"), TBE_OK);
    assert_int_equal(tbe_add_text(writer, 2, "note", "hi"), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    for (size_t i = 2; i < 4; i++) {
        const Tbproto__SummaryMetadata *metadata = file->events[i]->summary->value[0]->metadata;
        assert_string_equal(metadata->display_name, "A note");
        assert_string_equal(metadata->summary_description, "said **so**");
    }
    event_file_destroy(file);
}

/* ---- tags ---- */

static void a_tag_is_of_one_kind(void **state)
{
    static const float values[] = {1, 2};
    static const char *const tags[] = {"new", "text"};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_text(writer, 1, "text", "hi"), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 1, "scalar", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 1, "text", 1), TBE_EINVAL);
    assert_non_null(strstr(tbe_get_message(writer), "\"text\" belongs to the page text"));
    assert_int_equal(tbe_add_text(writer, 1, "scalar", "hi"), TBE_EINVAL);
    assert_int_equal(tbe_add_histogram(writer, 1, "text", 2, values, NULL), TBE_EINVAL);
    assert_int_equal(tbe_add_scalars(writer, 1, 2, tags, values), TBE_EINVAL);
    assert_int_equal(tbe_add_text(writer, 1, "new", "hi"), TBE_OK); /* nothing took it before */
    assert_int_equal(tbe_add_scalar(writer, 2, "scalar", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 2, "other", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 2, "bad\n", 1), TBE_EINVAL);
    assert_int_equal(tbe_add_scalar(writer, 3, "scalar", 1), TBE_OK);
    assert_int_equal(tbe_add_text(writer, 2, "other", "hi"), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(histograms_are_golden),
        SCRATCH_TEST(values_are_counted_in_equal_buckets),
        SCRATCH_TEST(equal_values_are_all_in_the_last_bucket),
        SCRATCH_TEST(extreme_values_have_finite_edges),
        SCRATCH_TEST(odd_histograms_are_refused),
        SCRATCH_TEST(texts_are_golden),
        SCRATCH_TEST(tables_have_their_shape),
        SCRATCH_TEST(odd_texts_are_refused),
        SCRATCH_TEST(sounds_are_golden),
        SCRATCH_TEST(floats_are_scaled_and_clipped),
        SCRATCH_TEST(odd_sounds_are_refused),
        SCRATCH_TEST(curves_are_golden),
        SCRATCH_TEST(scores_make_the_same_curve),
        SCRATCH_TEST(a_curve_has_two_hundred_thresholds),
        SCRATCH_TEST(odd_curves_are_refused),
        SCRATCH_TEST(every_kind_takes_its_description_along),
        SCRATCH_TEST(a_tag_is_of_one_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
