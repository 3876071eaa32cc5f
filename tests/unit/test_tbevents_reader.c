/* tbevents: reading event files, whole, torn and damaged, of this and of other writers. */
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
#include "unit/event_kinds.h"

/* "accuracy" = 0.5 at step 1: in the older form, as a tensor, and as a tensor in plain bytes */
#define VERSION "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a"
#define LEGACY                                                                                   \
    "1e00000000000000d9dc123209000000000000004010012a110a0f0a086163637572616379150000003fecd031" \
    "12"
#define MODERN                                                                               \
    "34000000000000005e33175c09000000000000004010012a270a250a086163637572616379420a08011200" \
    "2a040000003f4a0d0a090a077363616c617273200131db38bb"

static tbe_reader *read_hex(const char *hex, uint8_t **bytes)
{
    size_t size;
    *bytes = bytes_of_hex(hex, &size);
    tbe_reader *reader = tbe_reader_open_memory(*bytes, size, NULL);
    assert_non_null(reader);
    return reader;
}

static tbe_record new_record(void)
{
    tbe_record record;
    tbe_record_init(&record, sizeof record);
    return record;
}

/* ---- forms ---- */

static void scalars_are_read_in_all_forms(void **state)
{
    static const char *const forms[] = {LEGACY, MODERN};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t *bytes;
        tbe_reader *reader = read_hex(forms[i], &bytes);
        tbe_record record = new_record();
        assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
        assert_int_equal(record.kind, TBE_RECORD_VALUES);
        assert_int_equal(record.offset, 0);
        assert_int_equal(record.size, strlen(forms[i]) / 2);
        assert_int_equal(record.payload.size, record.size - 16);
        assert_true(record.step == 1 && record.wall_time == 2.0);
        assert_int_equal(record.n_values, 1);
        assert_string_equal(record.values[0].tag, "accuracy");
        assert_string_equal(record.values[0].plugin, i == 0 ? "" : "scalars");
        assert_int_equal(record.values[0].kind, TBE_VALUE_SCALAR);
        assert_int_equal(record.values[0].is_legacy, i == 0);
        assert_true(record.values[0].scalar == 0.5);
        assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
        assert_int_equal(tbe_reader_get_n_torn(reader), 0);
        assert_int_equal(tbe_reader_get_offset(reader), strlen(forms[i]) / 2);
        tbe_reader_close(reader);
        free(bytes);
    }
}

/** Reads a value made by hand, after a record that names its plugin. */
static tbe_value read_value(Tbproto__Summary__Value *value, uint8_t *file, tbe_reader **reader)
{
    Tbproto__Event event;
    Tbproto__Summary summary;
    tbe_record record = new_record();
    tbproto__event__init(&event);
    tbproto__summary__init(&summary);
    summary.n_value = 1;
    summary.value = &value;
    event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    event.step = 9;
    const size_t size = event_frame(&event, file);
    *reader = tbe_reader_open_memory(file, size, NULL);
    assert_int_equal(tbe_reader_read(*reader, &record), TBE_OK);
    assert_int_equal(record.n_values, 1);
    return record.values[0];
}

/** As PyTorch writes them. */
static void hyperparameters_need_no_value(void **state)
{
    char tag[] = "_hparams_/session_end_info", plugin_name[] = "hparams";
    uint8_t file[256];
    tbe_reader *reader;
    Tbproto__SummaryMetadata metadata;
    Tbproto__SummaryMetadata__PluginData plugin;
    Tbproto__Summary__Value value;
    (void)state;
    tbproto__summary_metadata__init(&metadata);
    tbproto__summary_metadata__plugin_data__init(&plugin);
    tbproto__summary__value__init(&value);
    plugin.plugin_name = plugin_name;
    metadata.plugin_data = &plugin;
    value.tag = tag;
    value.metadata = &metadata;
    assert_int_equal(read_value(&value, file, &reader).kind, TBE_VALUE_HPARAMS);
    tbe_reader_close(reader);
}

static void legacy_histograms_get_lower_edges(void **state)
{
    double limits[] = {1, 2, 1e300}, counts[] = {3, 4, 5};
    uint8_t file[256];
    tbe_reader *reader;
    Tbproto__HistogramProto histogram;
    Tbproto__Summary__Value value;
    char tag[] = "h";
    tbproto__histogram_proto__init(&histogram);
    tbproto__summary__value__init(&value);
    (void)state;
    histogram.min = -7;
    histogram.max = 8;
    histogram.n_bucket_limit = histogram.n_bucket = 3;
    histogram.bucket_limit = limits;
    histogram.bucket = counts;
    value.tag = tag;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_HISTO;
    value.histo = &histogram;
    tbe_value read = read_value(&value, file, &reader);
    static const double expected[] = {-7, 1, 3, 1, 2, 4, 2, 8, 5};
    assert_int_equal(read.kind, TBE_VALUE_HISTOGRAM);
    assert_int_equal(read.n_numbers, 9);
    assert_memory_equal(read.numbers, expected, sizeof expected);
    tbe_reader_close(reader);

    histogram.n_bucket = 2; /* the loaders drop it */
    read = read_value(&value, file, &reader);
    assert_int_equal(read.kind, TBE_VALUE_NONE);
    tbe_reader_close(reader);
}

static void legacy_pictures_and_sounds_are_read(void **state)
{
    uint8_t file[256], content[] = "file";
    tbe_reader *reader;
    Tbproto__Summary__Image image;
    Tbproto__Summary__Audio audio;
    Tbproto__Summary__Value value;
    tbproto__summary__image__init(&image);
    tbproto__summary__audio__init(&audio);
    tbproto__summary__value__init(&value);
    (void)state;
    image.width = 3;
    image.height = 2;
    image.encoded_image_string = (ProtobufCBinaryData){4, content};
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_IMAGE;
    value.image = &image;
    tbe_value read = read_value(&value, file, &reader);
    assert_int_equal(read.kind, TBE_VALUE_IMAGE);
    assert_true(read.width == 3 && read.height == 2 && read.n_blobs == 1);
    assert_int_equal(read.blobs[0].size, 4);
    assert_memory_equal(read.blobs[0].data, "file", 4);
    tbe_reader_close(reader);

    audio.encoded_audio_string = (ProtobufCBinaryData){4, content};
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_AUDIO;
    value.audio = &audio;
    read = read_value(&value, file, &reader);
    assert_int_equal(read.kind, TBE_VALUE_AUDIO);
    assert_int_equal(read.n_blobs, 1);
    assert_memory_equal(read.blobs[0].data, "file", 4);
    tbe_reader_close(reader);
}

static void short_lists_repeat_their_last_element(void **state)
{
    uint8_t file[256];
    float floats[] = {1, 2};
    tbe_reader *reader;
    Tbproto__TensorShapeProto__Dim dim;
    Tbproto__TensorShapeProto__Dim *dims = &dim;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorProto tensor;
    Tbproto__Summary__Value value;
    tbproto__tensor_shape_proto__dim__init(&dim);
    tbproto__tensor_shape_proto__init(&shape);
    tbproto__tensor_proto__init(&tensor);
    tbproto__summary__value__init(&value);
    (void)state;
    dim.size = 4;
    shape.n_dim = 1;
    shape.dim = &dims;
    tensor.dtype = TBPROTO__DATA_TYPE__DT_FLOAT;
    tensor.tensor_shape = &shape;
    tensor.n_float_val = 2;
    tensor.float_val = floats;
    value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
    value.tensor = &tensor;
    tbe_value read = read_value(&value, file, &reader);
    static const double expected[] = {1, 2, 2, 2};
    assert_int_equal(read.kind, TBE_VALUE_TENSOR); /* of no page */
    assert_int_equal(read.n_numbers, 4);
    assert_memory_equal(read.numbers, expected, sizeof expected);
    assert_true(read.n_dims == 1 && read.dims[0] == 4);
    tbe_reader_close(reader);

    for (size_t i = 0; i < 3; i++) { /* shapes that cannot be */
        dim.size = (const int64_t[]){-1, INT64_MAX, 1}[i];
        Tbproto__Event event;
        Tbproto__Summary summary;
        Tbproto__Summary__Value *values = &value;
        tbe_record record = new_record();
        tbproto__event__init(&event);
        tbproto__summary__init(&summary);
        summary.n_value = 1;
        summary.value = &values;
        event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
        event.summary = &summary;
        reader = tbe_reader_open_memory(file, event_frame(&event, file), NULL);
        const tbe_status status = tbe_reader_read(reader, &record);
        assert_int_equal(status, i == 1 ? TBE_ELIMIT : TBE_OK); /* an exabyte */
        assert_int_equal(status == TBE_OK ? record.values[0].n_numbers : 0, 0);
        tbe_reader_close(reader);
    }
}

/** An element of a type: its bits, and what it is. */
typedef struct element {
    int type;
    uint64_t bits;
    double number;
    int64_t integer;
} element;

static const element elements[] = {
    {TBE_TYPE_FLOAT, 0x3FC00000, 1.5, 0},
    {TBE_TYPE_DOUBLE, 0x3FD5555555555555, 1.0 / 3, 0},
    {TBE_TYPE_HALF, 0x3C00, 1, 0},
    {TBE_TYPE_HALF, 0x2E66, 0.0999755859375, 0},
    {TBE_TYPE_HALF, 0x0001, 1.0 / (1 << 24), 0},
    {TBE_TYPE_HALF, 0x03FF, 1023.0 / (1 << 24), 0},
    {TBE_TYPE_HALF, 0x0400, 1.0 / (1 << 14), 0},
    {TBE_TYPE_HALF, 0xFBFF, -65504, 0},
    {TBE_TYPE_HALF, 0xFC00, -(double)INFINITY, 0},
    {TBE_TYPE_BFLOAT16, 0x3DCD, 0.10009765625, 0},
    {TBE_TYPE_BFLOAT16, 0xFF80, -(double)INFINITY, 0},
    {TBE_TYPE_INT8, 0xFF, -1, -1},
    {TBE_TYPE_UINT8, 0xFF, 255, 255},
    {TBE_TYPE_INT16, 0x8000, -32768, -32768},
    {TBE_TYPE_UINT16, 0x8000, 32768, 32768},
    {TBE_TYPE_INT32, 0x80000000, -2147483648.0, INT32_MIN},
    {TBE_TYPE_UINT32, 0x80000000, 2147483648.0, 2147483648},
    {TBE_TYPE_INT64, 0x10000000001, 1099511627777.0, 1099511627777},
    {TBE_TYPE_INT64, 0x8000000000000001, -9223372036854775808.0, INT64_MIN + 1},
    {TBE_TYPE_UINT64, 0xFFFFFFFFFFFFFFFF, 18446744073709551616.0, -1},
    {TBE_TYPE_BOOL, 1, 1, 1},
};

/** The list of a tensor that holds elements of a type, with one in it. */
static void set_list(Tbproto__TensorProto *tensor, const element *from, void *room)
{
    const uint32_t low = (uint32_t)from->bits;
    switch (from->type) {
    case TBE_TYPE_FLOAT:
        tensor->n_float_val = 1;
        tensor->float_val = memcpy(room, &low, sizeof low);
        break;
    case TBE_TYPE_DOUBLE:
        tensor->n_double_val = 1;
        tensor->double_val = memcpy(room, &from->bits, 8);
        break;
    case TBE_TYPE_HALF:
    case TBE_TYPE_BFLOAT16:
        tensor->n_half_val = 1;
        tensor->half_val = memcpy(room, &low, sizeof low);
        break;
    case TBE_TYPE_INT64:
        tensor->n_int64_val = 1;
        tensor->int64_val = memcpy(room, &from->bits, 8);
        break;
    case TBE_TYPE_UINT64:
        tensor->n_uint64_val = 1;
        tensor->uint64_val = memcpy(room, &from->bits, 8);
        break;
    case TBE_TYPE_UINT32:
        tensor->n_uint32_val = 1;
        tensor->uint32_val = memcpy(room, &low, sizeof low);
        break;
    case TBE_TYPE_BOOL:
        tensor->n_bool_val = 1;
        tensor->bool_val = memset(room, 1, sizeof(protobuf_c_boolean));
        break;
    default:
        tensor->n_int_val = 1;
        tensor->int_val = memcpy(room, &(int32_t){(int32_t)from->integer}, 4);
    }
}

/** Each type as a list and as plain bytes. */
static void scalars_of_all_types_are_read(void **state)
{
    uint8_t file[256], content[8];
    uint64_t room;
    char scalars[] = "scalars";
    tbe_reader *reader;
    Tbproto__SummaryMetadata metadata;
    Tbproto__SummaryMetadata__PluginData plugin;
    (void)state;
    tbproto__summary_metadata__init(&metadata);
    tbproto__summary_metadata__plugin_data__init(&plugin);
    plugin.plugin_name = scalars;
    metadata.plugin_data = &plugin;
    for (size_t i = 0; i < 2 * sizeof elements / sizeof *elements; i++) {
        const element *from = &elements[i / 2];
        Tbproto__TensorProto tensor;
        Tbproto__Summary__Value value;
        tbproto__tensor_proto__init(&tensor);
        tbproto__summary__value__init(&value);
        tensor.dtype = (Tbproto__DataType)from->type;
        for (int k = 0; k < 8; k++)
            content[k] = (uint8_t)(from->bits >> 8 * k);
        if (i % 2 == 0)
            set_list(&tensor, from, &room);
        else
            tensor.tensor_content = (ProtobufCBinaryData){tbe_data_type_size(from->type), content};
        value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
        value.tensor = &tensor;
        value.metadata = &metadata;
        const tbe_value read = read_value(&value, file, &reader);
        assert_int_equal(read.kind, TBE_VALUE_SCALAR);
        assert_int_equal(read.data_type, from->type);
        assert_memory_equal(&read.scalar, &from->number, sizeof read.scalar);
        assert_int_equal(read.integer, from->integer);
        tbe_reader_close(reader);
    }
}

/** A payload between the head and the tail that are made for it is the record again. */
static void a_record_is_framed(void **state)
{
    uint8_t *bytes, head[TBE_FRAME_HEAD_BYTES], tail[TBE_FRAME_TAIL_BYTES];
    tbe_reader *reader = read_hex(LEGACY, &bytes);
    tbe_record record = new_record();
    (void)state;
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    tbe_frame_record(record.payload.data, record.payload.size, head, tail);
    assert_memory_equal(head, bytes, sizeof head);
    assert_memory_equal(tail, bytes + record.size - sizeof tail, sizeof tail);
    tbe_reader_close(reader);
    free(bytes);
}

/* ---- what we write ---- */

static tbe_record next(tbe_reader *reader, tbe_record_kind kind)
{
    tbe_record record = new_record();
    assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
    assert_int_equal(record.kind, kind);
    return record;
}

static tbe_value next_value(tbe_reader *reader, const char *tag, tbe_value_kind kind)
{
    const tbe_record record = next(reader, TBE_RECORD_VALUES);
    assert_int_equal(record.n_values, 1);
    assert_string_equal(record.values[0].tag, tag);
    assert_int_equal(record.values[0].kind, kind);
    return record.values[0];
}

static void all_that_we_write_is_read(void **state)
{
    tbe_options options = fixed_options(3.0);
    (void)state;
    options.start_step = 1;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    event_kinds_write(writer);
    char *path = strdup(tbe_get_path(writer));
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);

    tbe_reader *reader = tbe_reader_open(path, NULL);
    assert_string_equal(next(reader, TBE_RECORD_VERSION).text, "brain.Event:2");
    assert_int_equal(next(reader, TBE_RECORD_START).step, 1);
    tbe_value value = next_value(reader, "image", TBE_VALUE_IMAGE);
    assert_true(value.width == 2 && value.height == 1 && value.n_blobs == 1);
    assert_memory_equal(value.blobs[0].data, "\x89PNG", 4);
    assert_string_equal(value.display_name, "Picture");
    assert_string_equal(value.description, "two *pixels*");
    value = next_value(reader, "audio", TBE_VALUE_AUDIO);
    assert_int_equal(value.n_blobs, 1);
    assert_int_equal(value.blobs[0].size, 44 + 6);
    assert_int_equal(value.content.size, 2);
    value = next_value(reader, "text", TBE_VALUE_TEXT);
    assert_true(value.n_blobs == 2 && value.n_dims == 2 && value.dims[1] == 2);
    assert_memory_equal(value.blobs[1].data, "bc", 2);
    value = next_value(reader, "histogram", TBE_VALUE_HISTOGRAM);
    assert_int_equal(value.n_numbers, 90);
    assert_true(value.numbers[0] == 0.25 && value.numbers[88] == 0.75 && value.numbers[89] == 1);
    value = next_value(reader, "curve", TBE_VALUE_PR_CURVE);
    assert_int_equal(value.n_numbers, 18);
    assert_true(value.numbers[0] == 1 && value.numbers[3] == 1 && value.numbers[4] == 0);
    value = next_value(reader, "custom_scalars__config__", TBE_VALUE_LAYOUT);
    assert_int_equal(value.n_blobs, 1);
    value = next_value(reader, "_hparams_/session_end_info", TBE_VALUE_HPARAMS);
    assert_int_equal(value.content.size, 13);
    (void)next(reader, TBE_RECORD_GRAPH);
    assert_string_equal(next(reader, TBE_RECORD_RUN_TIMES).text, "times");
    tbe_record record = new_record();
    assert_int_equal(tbe_reader_read(reader, &record), TBE_END);
    assert_string_equal(tbe_reader_get_message(reader), "");
    tbe_reader_close(reader);
    free(path);
}

/* ---- what callers and files may lack ---- */

static void older_and_newer_records_are_filled(void **state)
{
    struct {
        tbe_record known;
        double later;
    } newer;
    uint8_t *bytes;
    tbe_record older = new_record();
    (void)state;
    tbe_record_init(&newer.known, sizeof newer);
    newer.later = 7;
    tbe_reader *reader = read_hex(LEGACY LEGACY, &bytes);
    assert_int_equal(tbe_reader_read(reader, &newer.known), TBE_OK);
    assert_true(newer.known.step == 1 && newer.later == 0);
    older.struct_size = offsetof(tbe_record, text);
    older.n_values = 99;
    assert_int_equal(tbe_reader_read(reader, &older), TBE_OK);
    assert_true(older.step == 1 && older.n_values == 99);
    tbe_reader_close(reader);
    free(bytes);
}

static void the_first_page_of_a_tag_counts(void **state)
{
    size_t size;
    uint8_t file[512];
    tbe_record record = new_record();
    uint8_t *bytes = bytes_of_hex(MODERN, &size);
    Tbproto__Event *event = tbproto__event__unpack(NULL, size - 16, bytes + 12);
    (void)state;
    memcpy(file, bytes, size);
    tbproto__summary_metadata__free_unpacked(event->summary->value[0]->metadata, NULL);
    event->summary->value[0]->metadata = NULL;
    size += event_frame(event, file + size);
    tbe_reader *reader = tbe_reader_open_memory(file, size, NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tbe_reader_read(reader, &record), TBE_OK);
        assert_int_equal(record.values[0].kind, TBE_VALUE_SCALAR);
        assert_string_equal(record.values[0].plugin, "scalars");
    }
    tbe_reader_close(reader);
    tbproto__event__free_unpacked(event, NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_read_in_all_forms),
        cmocka_unit_test(hyperparameters_need_no_value),
        cmocka_unit_test(legacy_histograms_get_lower_edges),
        cmocka_unit_test(legacy_pictures_and_sounds_are_read),
        cmocka_unit_test(short_lists_repeat_their_last_element),
        cmocka_unit_test(scalars_of_all_types_are_read),
        cmocka_unit_test(a_record_is_framed),
        SCRATCH_TEST(all_that_we_write_is_read),
        cmocka_unit_test(older_and_newer_records_are_filled),
        cmocka_unit_test(the_first_page_of_a_tag_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
