/* events/check: the forms of values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/event_findings.h"

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x02";
static const char wav[] = "RIFF\x24\0\0\0WAVEfmt ";

/** A scalar in the newer form. */
static void init_scalar(made_tensor *made)
{
    made_tensor_init(made, "m/s", "scalars", SCALAR, FLOAT, NULL, 0);
    made->floats[0] = 0.5f;
    made->tensor.n_float_val = 1;
}

/* ---- forms of values ---- */

/** A tensor for a page, with n equal numbers or strings. */
typedef struct form_row {
    const char *plugin;
    Tbproto__DataClass data_class;
    Tbproto__DataType type;
    size_t n_dims;
    int64_t dims[4];
    size_t n;
    ws_event_rule_id rule;
} form_row;

static const form_row form_rows[] = {
    {"scalars", SCALAR, FLOAT, 0, {0}, 1, WS_N_RULES},
    {"scalars", SCALAR, FLOAT, 1, {1}, 1, WS_RULE_SCALAR_FORM},
    {"scalars", SCALAR, DOUBLE, 0, {0}, 1, WS_RULE_SCALAR_FORM},
    {"scalars", SCALAR, FLOAT, 1, {2}, 2, WS_RULE_TENSOR},
    {"scalars", SCALAR, FLOAT, 0, {0}, 2, WS_RULE_TENSOR},
    {"scalars", SCALAR, FLOAT, 0, {0}, 0, WS_RULE_TENSOR},
    {"scalars", SCALAR, STRING, 0, {0}, 1, WS_RULE_TENSOR},
    {"scalars", SCALAR, TBPROTO__DATA_TYPE__DT_HALF, 0, {0}, 0, WS_RULE_TENSOR},
    {"scalars", SCALAR, FLOAT, 1, {-1}, 1, WS_RULE_TENSOR},
    {"scalars", SCALAR, FLOAT, 3, {INT64_MAX, INT64_MAX, 2}, 1, WS_RULE_TENSOR},
    {"images", BLOBS, STRING, 1, {2}, 2, WS_RULE_BLOBS_FORM},
    {"images", BLOBS, STRING, 1, {3}, 3, WS_RULE_BLOBS_FORM},
    {"images", BLOBS, STRING, 1, {4}, 3, WS_RULE_TENSOR},
    {"images", BLOBS, FLOAT, 1, {3}, 3, WS_RULE_BLOBS_FORM},
    {"ours", TENSOR, TBPROTO__DATA_TYPE__DT_HALF, 1, {3}, 0, WS_N_RULES},
    {"ours", TENSOR, STRING, 1, {3}, 2, WS_N_RULES},
    {"graph_keras_model", BLOBS, STRING, 0, {0}, 1, WS_RULE_BLOBS_FORM},
    {"graph_run_metadata", BLOBS, STRING, 1, {1}, 1, WS_N_RULES},
    {"histograms", TENSOR, DOUBLE, 2, {2, 2}, 4, WS_RULE_HISTOGRAM},
    {"histograms", TENSOR, FLOAT, 2, {1, 3}, 3, WS_N_RULES},
    {"histograms", TENSOR, TBPROTO__DATA_TYPE__DT_INT32, 2, {0, 3}, 0, WS_RULE_HISTOGRAM},
    {"histograms", TENSOR, DOUBLE, 2, {4, 3}, 1, WS_N_RULES}, /* one case represents all */
    {"histograms", TENSOR, DOUBLE, 2, {4, 3}, 2, WS_RULE_TENSOR},
    {"histograms", TENSOR, DOUBLE, 2, {2, 3}, 6, WS_N_RULES},
    {"text", TENSOR, STRING, 0, {0}, 1, WS_N_RULES},
    {"text", TENSOR, STRING, 2, {1, 2}, 2, WS_N_RULES},
    {"text", TENSOR, STRING, 2, {5, 2}, 1, WS_N_RULES},
    {"text", TENSOR, STRING, 2, {5, 2}, 2, WS_RULE_TENSOR},
    {"text", TENSOR, STRING, 3, {1, 1, 1}, 1, WS_RULE_TEXT_FORM},
    {"text", TENSOR, FLOAT, 0, {0}, 1, WS_RULE_TEXT_FORM},
    {"pr_curves", TENSOR, FLOAT, 2, {6, 1}, 6, WS_RULE_CURVE}, /* the number is not reported */
    {"pr_curves", TENSOR, FLOAT, 1, {6}, 6, WS_RULE_CURVE},
    {"custom_scalars", TENSOR, STRING, 0, {0}, 1, WS_RULE_LAYOUT}, /* not the tag */
    {"hparams", TENSOR, FLOAT, 0, {0}, 0, WS_RULE_HPARAMS},
    {"mesh", TENSOR, FLOAT, 3, {1, 1, 3}, 3, WS_N_RULES},
    {"mesh", TENSOR, FLOAT, 1, {3}, 3, WS_RULE_MESH},
};

static void pages_want_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof form_rows / sizeof *form_rows; i++) {
        const form_row *row = &form_rows[i];
        made_tensor made;
        made_file file = good();
        made_tensor_init(&made, "m/t", row->plugin, row->data_class, row->type, row->dims,
                         row->n_dims);
        for (size_t k = 0; row->type == STRING && k < row->n; k++)
            made_tensor_push(&made, "abc", 3);
        made.tensor.n_double_val = row->type == DOUBLE ? row->n : 0;
        made.tensor.n_float_val = row->type == FLOAT ? row->n : 0;
        made_push_tensor(&file, 1, &made);
        expect(file, row->rule);
    }
}

/** TensorFlow writes a model, and times of a run, as one string without a class of data. */
static void models_may_be_one_string(void **state)
{
    static const char *const plugins[] = {"graph_keras_model", "graph_run_metadata",
                                          "graph_run_metadata_graph"};
    made_tensor made;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        made_file file = good();
        made_tensor_init(&made, "m/model", plugins[i], NO_CLASS, STRING, NULL, 0);
        made_tensor_push(&made, "{}", 2);
        made_push_tensor(&file, 1, &made);
        expect(file, WS_RULE_NO_CLASS);
        made.tensor.tensor_shape = NULL;
        made_push_tensor(&file, 2, &made);
        expect(file, WS_RULE_NO_CLASS);
    }
    made_file file = good();
    made_tensor_init(&made, "m/graph", "graphs", NO_CLASS, STRING, NULL, 0);
    made_tensor_push(&made, "", 0);
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_NO_CLASS, WS_RULE_BLOBS_FORM);
}

static void there_may_be_no_pictures(void **state)
{
    made_tensor made;
    made_file file = good();
    (void)state;
    made_tensor_init(&made, "m/p", "images", BLOBS, STRING, (const int64_t[]){2}, 1);
    made_tensor_push(&made, "3", 1);
    made_tensor_push(&made, "2", 1);
    made_push_tensor(&file, 1, &made);
    expect(file, nothing);
}

static void texts_are_utf8(void **state)
{
    made_tensor made;
    made_file file = good();
    (void)state;
    made_tensor_init(&made, "m/t", "text", TENSOR, STRING, (const int64_t[]){2}, 1);
    made_tensor_push(&made, "\xc3\xa4", 2);
    made_tensor_push(&made, "\xe4", 1);
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_TEXT_FORM);
}

static void numbers_may_be_bytes(void **state)
{
    uint8_t bytes[] = {0, 0, 0x80, 0x7f, 0};
    made_tensor made;
    made_file file = good();
    (void)state;
    init_scalar(&made);
    made.tensor.n_float_val = 0;
    made.tensor.tensor_content = (ProtobufCBinaryData){4, bytes};
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_NOT_FINITE);
    file = good();
    made.tensor.tensor_content.len = 5;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_TENSOR);
    file = good();
    made_tensor_init(&made, "m/t", "text", TENSOR, STRING, NULL, 0);
    made.tensor.tensor_content = (ProtobufCBinaryData){4, bytes};
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_TENSOR);
}

static void push_picture(made_file *file, const char *width, const char *picture, size_t size,
                         bool has_shape)
{
    made_tensor made;
    made_tensor_init(&made, "m/p", "images", BLOBS, STRING, (const int64_t[]){3}, 1);
    made_tensor_push(&made, width, strlen(width));
    made_tensor_push(&made, "2", 1);
    made_tensor_push(&made, picture, size);
    if (!has_shape)
        made.tensor.tensor_shape = NULL;
    made_push_tensor(file, 1, &made);
}

static void pictures_are_looked_at(void **state)
{
    made_file file = good();
    (void)state;
    push_picture(&file, "1", png, sizeof png - 1, true);
    expect(file, nothing);
    file = good();
    push_picture(&file, "1", png, sizeof png - 1, false);
    expect(file, WS_RULE_NO_SHAPE);
    file = good();
    push_picture(&file, "7", png, sizeof png - 1, true);
    expect(file, WS_RULE_PICTURE_SIZE);
    file = good();
    push_picture(&file, "1", png, 20, true);
    expect(file, WS_RULE_PICTURE);
    file = good();
    push_picture(&file, "1", "GIF89a", 6, true);
    expect(file, nothing);
    file = good();
    push_picture(&file, "1", "<svg>", 5, true);
    expect(file, WS_RULE_PICTURE);
    file = good();
    push_picture(&file, "x", png, sizeof png - 1, true);
    expect(file, WS_RULE_BLOBS_FORM);
}

static void sounds_are_looked_at(void **state)
{
    uint8_t content[] = {0x10, 0x0b};
    made_tensor made;
    made_file file = good();
    (void)state;
    made_tensor_init(&made, "m/a", "audio", BLOBS, STRING, (const int64_t[]){1}, 1);
    made_tensor_push(&made, wav, sizeof wav - 1);
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_SOUND_KIND);
    file = good();
    made.plugin.content = (ProtobufCBinaryData){2, content};
    made_push_tensor(&file, 1, &made);
    made.value.metadata = NULL;
    made_push_tensor(&file, 2, &made);
    expect(file, nothing);
    file = good();
    made.value.metadata = &made.metadata;
    made.strings[0].len = 8;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_SOUND);
    file = good(); /* as TensorFlow writes it, with labels */
    made_tensor_init(&made, "m/a", "audio", TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN, STRING,
                     (const int64_t[]){1, 2}, 2);
    made.plugin.content = (ProtobufCBinaryData){2, content};
    made_tensor_push(&made, wav, sizeof wav - 1);
    made_tensor_push(&made, "label", 5);
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_SOUND_OLD, WS_RULE_NO_CLASS);
}

static void push_histogram(made_file *file, const double *numbers)
{
    made_tensor made;
    made_tensor_init(&made, "m/h", "histograms", TENSOR, DOUBLE, (const int64_t[]){2, 3}, 2);
    memcpy(made.doubles, numbers, 6 * sizeof *numbers);
    made.tensor.n_double_val = 6;
    made_push_tensor(file, 1, &made);
}

static void buckets_are_looked_at(void **state)
{
    static const double bad[][6] = {{0, 1, 5, 2, 3, 4},
                                    {1, 0, 5, 0, 3, 4},
                                    {0, 1, -5, 1, 3, 4},
                                    {0, 1, 5, 1, (double)INFINITY, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        made_file file = good();
        push_histogram(&file, bad[i]);
        expect(file, WS_RULE_HISTOGRAM);
    }
    made_file file = good();
    push_histogram(&file, (const double[]){0, 1, 5, 1, 3, 4});
    expect(file, nothing);
}

static void older_values_are_looked_at(void **state)
{
    Tbproto__HistogramProto histogram;
    Tbproto__Summary__Audio audio;
    Tbproto__Summary__Image image;
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value *const list[] = {&value};
    double edges[] = {1, 2}, counts[] = {3, 4};
    uint8_t sound[] = "OggS";
    char tag[] = "m/old";
    made_file file = good();
    (void)state;
    tbproto__histogram_proto__init(&histogram);
    tbproto__summary__audio__init(&audio);
    tbproto__summary__image__init(&image);
    tbproto__summary__value__init(&value);
    value.tag = tag;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_HISTO;
    value.histo = &histogram;
    histogram.bucket_limit = edges;
    histogram.bucket = counts;
    histogram.n_bucket_limit = histogram.n_bucket = 2;
    made_push_values(&file, 1, list, 1);
    histogram.n_bucket = 1;
    made_push_values(&file, 2, list, 1);
    expect(file, WS_RULE_HISTOGRAM_COUNTS);
    histogram.n_bucket = 2;
    edges[1] = 1;
    made_push_values(&file, 3, list, 1);
    expect(file, WS_RULE_HISTOGRAM_COUNTS, WS_RULE_HISTOGRAM);
    file = good();
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_AUDIO;
    value.audio = &audio;
    audio.encoded_audio_string = (ProtobufCBinaryData){4, sound};
    made_push_values(&file, 1, list, 1);
    tag[0] = 'n';
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_IMAGE;
    value.image = &image;
    image.encoded_image_string = (ProtobufCBinaryData){4, sound};
    made_push_values(&file, 2, list, 1);
    expect(file, WS_RULE_SOUND_OLD, WS_RULE_PICTURE);
}

/** The first value of a tag says which page it is for, in an older form too. */
static void forms_of_a_tag_are_alike(void **state)
{
    Tbproto__HistogramProto histogram;
    Tbproto__Summary__Value value;
    Tbproto__Summary__Value *const list[] = {&value};
    char tag[] = "m/s", images[] = "images";
    made_tensor made;
    made_file file = good();
    (void)state;
    tbproto__histogram_proto__init(&histogram);
    tbproto__summary__value__init(&value);
    value.tag = tag;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_HISTO;
    value.histo = &histogram;
    init_scalar(&made);
    made_push_scalar(&file, "m/s", 1, 1);
    made_push_values(&file, 2, list, 1);
    expect(file, WS_RULE_OTHER_FORM);
    file = good();
    made_push_tensor(&file, 1, &made);
    made_push_values(&file, 2, list, 1);
    expect(file, WS_RULE_OTHER_FORM);

    file = good(); /* a number is a number */
    made_push_scalar(&file, "m/s", 1, 1);
    made.value.metadata = NULL;
    made_push_tensor(&file, 2, &made);
    made_push_scalar(&file, "m/s", 3, 1);
    expect(file, nothing);

    file = good(); /* what it says of itself counts, not what it is */
    made.value.metadata = &made.metadata;
    made.value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    made.value.simple_value = 0.5f; /* in place of a part of a pointer */
    made.metadata.data_class = TENSOR;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_WRONG_CLASS);
    file = good();
    made.metadata.data_class = NO_CLASS;
    made.plugin.plugin_name = images;
    made_push_tensor(&file, 1, &made);
    expect(file, WS_RULE_OTHER_FORM);
}

static void curves_are_looked_at(void **state)
{
    uint8_t content[] = {0x10, 1};
    made_tensor made;
    made_file file = good();
    (void)state;
    made_tensor_init(&made, "m/c", "pr_curves", TENSOR, FLOAT, (const int64_t[]){6, 1}, 2);
    made.plugin.content = (ProtobufCBinaryData){2, content};
    made.tensor.n_float_val = 6;
    made_push_tensor(&file, 1, &made);
    expect(file, nothing);
    made.floats[5] = NAN;
    made_push_tensor(&file, 2, &made);
    expect(file, WS_RULE_CURVE);
}

static void messages_of_pages_are_looked_at(void **state)
{
    uint8_t running[] = {0x22, 2, 0x08, 3}, version[] = {0x08, 1, 0x22, 2, 0x08, 1};
    uint8_t bad_title[] = {0x12, 3, 0x0a, 1, 0xff};
    uint8_t done[] = {0x22, 2, 0x08, 1}, not_utf8[] = {0x1a, 3, 0x12, 1, 0xff};
    made_tensor made;
    made_file file = good();
    (void)state;
    made_tensor_init(&made, "_hparams_/session_end_info", "hparams", TENSOR, FLOAT, NULL, 0);
    made.plugin.content = (ProtobufCBinaryData){4, done};
    made_push_tensor(&file, 0, &made);
    made_push_tensor(&file, 0, &made); /* of a resumed run: the page does not care for steps */
    expect(file, nothing);
    file = good();
    made.plugin.content.data = running;
    made_push_tensor(&file, 0, &made);
    expect(file, WS_RULE_HPARAMS_RUNNING);
    file = good();
    made.plugin.content = (ProtobufCBinaryData){6, version};
    made_push_tensor(&file, 0, &made);
    expect(file, WS_RULE_HPARAMS);
    file = good();
    made_tensor_init(&made, "_hparams_/session_start_info", "hparams", TENSOR, FLOAT, NULL, 0);
    made.plugin.content = (ProtobufCBinaryData){5, not_utf8};
    made_push_tensor(&file, 0, &made);
    expect(file, WS_RULE_HPARAMS);
    file = good();
    made_tensor_init(&made, "custom_scalars__config__", "custom_scalars", TENSOR, STRING, NULL, 0);
    made_tensor_push(&made, "", 0);
    made_push_tensor(&file, 0, &made);
    expect(file, nothing);
    file = good();
    made.strings[0] = (ProtobufCBinaryData){5, bad_title};
    made_push_tensor(&file, 0, &made);
    expect(file, WS_RULE_LAYOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_want_forms),
        cmocka_unit_test(numbers_may_be_bytes),
        cmocka_unit_test(pictures_are_looked_at),
        cmocka_unit_test(sounds_are_looked_at),
        cmocka_unit_test(buckets_are_looked_at),
        cmocka_unit_test(older_values_are_looked_at),
        cmocka_unit_test(curves_are_looked_at),
        cmocka_unit_test(messages_of_pages_are_looked_at),
        cmocka_unit_test(models_may_be_one_string),
        cmocka_unit_test(there_may_be_no_pictures),
        cmocka_unit_test(texts_are_utf8),
        cmocka_unit_test(forms_of_a_tag_are_alike),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
