/* The forms that TensorBoard's pages want of their tensors. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "hparams.pb-c.h"
#include "inspect/check_tensor.h"
#include "inspect/message.h"
#include "inspect/show.h"
#include "plugins.pb-c.h"

/** A tensor with what its shape says. */
typedef struct tensor_form {
    const Tbproto__TensorProto *tensor;
    const double *numbers; /* [n] as they were read; NULL: of a type that is not read */
    size_t n_dims;
    int64_t dims[8]; /* the first ones */
    uint64_t n;      /* elements by the shape */
    uint64_t n_have; /* elements that are there */
} tensor_form;

static size_t list_size(const Tbproto__TensorProto *tensor)
{
    return tensor->n_float_val + tensor->n_double_val + tensor->n_int_val + tensor->n_int64_val +
           tensor->n_bool_val + tensor->n_half_val + tensor->n_uint32_val + tensor->n_uint64_val;
}

/** @return false: the shape cannot be */
static bool read_shape(const Tbproto__TensorProto *tensor, tensor_form *out)
{
    const Tbproto__TensorShapeProto *shape = tensor->tensor_shape;

    *out = (tensor_form){.tensor = tensor, .n_dims = shape != NULL ? shape->n_dim : 0, .n = 1};
    if (shape != NULL && shape->unknown_rank)
        return false;
    for (size_t i = 0; i < out->n_dims; i++) {
        const int64_t size = shape->dim[i]->size;
        if (size < 0 || (size > 0 && out->n > UINT64_MAX / (uint64_t)size))
            return false;
        out->n *= (uint64_t)size;
        if (i < sizeof out->dims / sizeof *out->dims)
            out->dims[i] = size;
    }
    return true;
}

/** Whether the elements are what the type and shape say. One number may stand for all. */
static bool check_numbers(ws_event_check *check, tensor_form *form, bool may_be_empty)
{
    const Tbproto__TensorProto *tensor = form->tensor;
    const tbe_value *read = &check->record->values[check->value];
    const size_t size = tbe_data_type_size((int)tensor->dtype),
                 n_bytes = tensor->tensor_content.len;

    if (size == 0) /* it cannot be told */
        return true;
    form->numbers = read->numbers;
    form->n_have = n_bytes > 0 ? n_bytes / size : list_size(tensor);
    if (form->n_have == 0 && may_be_empty)
        return true;
    if (read->n_numbers == form->n &&
        (form->n_have == form->n || (form->n_have == 1 && n_bytes == 0)))
        return true;
    ws_check_found(check, WS_RULE_TENSOR, "%" PRIu64 " numbers where the shape has %" PRIu64,
                   form->n_have, form->n);
    return false;
}

static bool is_of_blobs(ws_page page)
{
    return page == WS_PAGE_IMAGES || page == WS_PAGE_AUDIO || page == WS_PAGE_GRAPHS ||
           page == WS_PAGE_MODELS;
}

/** Whether the loaders turn it into the form of today: sounds with labels, or one string. */
static bool is_older_form(const tensor_form *form, const Tbproto__Summary__Value *value,
                          ws_page page)
{
    if (value->metadata != NULL &&
        value->metadata->data_class != TBPROTO__DATA_CLASS__DATA_CLASS_UNKNOWN)
        return false;
    return (page == WS_PAGE_AUDIO && form->n_dims == 2 && form->dims[1] == 2) ||
           (page == WS_PAGE_MODELS && form->n_dims == 0);
}

static bool check_strings(ws_event_check *check, tensor_form *form,
                          const Tbproto__Summary__Value *value, ws_page page)
{
    const Tbproto__TensorProto *tensor = form->tensor;

    form->n_have = tensor->n_string_val;
    if (tensor->tensor_content.len > 0) {
        ws_check_found(check, WS_RULE_TENSOR, "strings in plain bytes");
        return false;
    }
    if (tensor->tensor_shape == NULL &&
        (form->n_have != 1 || (is_of_blobs(page) && !is_older_form(form, value, page)))) {
        ws_check_found(check, WS_RULE_NO_SHAPE, "%" PRIu64 " strings", form->n_have);
        form->n_dims = 1; /* which a repair gives it */
        form->dims[0] = (int64_t)form->n_have;
        return true;
    }
    if (form->n_have == form->n || (form->n_have == 1 && form->n > 1 && !is_of_blobs(page)))
        return true;
    ws_check_found(check, WS_RULE_TENSOR, "%" PRIu64 " strings where the shape has %" PRIu64,
                   form->n_have, form->n);
    return false;
}

static bool is_string(const tensor_form *form)
{
    return form->tensor->dtype == TBPROTO__DATA_TYPE__DT_STRING;
}

static bool begins(ProtobufCBinaryData file, const char *magic, size_t n)
{
    return file.len >= n && memcmp(file.data, magic, n) == 0;
}

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void ws_check_picture(ws_event_check *check, ProtobufCBinaryData file, int64_t width,
                      int64_t height)
{
    if (begins(file, "\x89PNG\r\n\x1a\n", 8)) {
        if (file.len < 24)
            ws_check_found_plain(check, WS_RULE_PICTURE);
        else if (get_be32(file.data + 16) != width || get_be32(file.data + 20) != height)
            ws_check_found(check, WS_RULE_PICTURE_SIZE,
                           "said to be %" PRId64 "x%" PRId64 ", is %" PRIu32 "x%" PRIu32, width,
                           height, get_be32(file.data + 16), get_be32(file.data + 20));
    } else if (!begins(file, "\xff\xd8\xff", 3) && !begins(file, "GIF8", 4) &&
               !begins(file, "BM", 2)) {
        ws_check_found_plain(check, WS_RULE_PICTURE);
    }
}

void ws_check_old_histogram(ws_event_check *check, const Tbproto__HistogramProto *histogram)
{
    const size_t n = histogram->n_bucket_limit;

    if (n != histogram->n_bucket) {
        ws_check_found(check,
                       n + 1 >= histogram->n_bucket ? WS_RULE_HISTOGRAM_COUNTS
                                                    : WS_RULE_HISTOGRAM_EDGES,
                       "%zu counts, %zu edges", histogram->n_bucket, n);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        if (histogram->bucket_limit[i - 1] < histogram->bucket_limit[i])
            continue;
        ws_check_found(check, WS_RULE_HISTOGRAM, "edge %zu is not above the one before", i);
        return;
    }
}

static void check_scalar(ws_event_check *check, const tensor_form *form)
{
    const Tbproto__DataType type = form->tensor->dtype;

    if (is_string(form) || form->n != 1)
        ws_check_found(check, WS_RULE_TENSOR, "a scalar of %" PRIu64 " %s", form->n,
                       is_string(form) ? "strings" : "numbers");
    else if (form->numbers == NULL ||
             (isfinite(form->numbers[0]) && isinf((float)form->numbers[0])))
        ws_check_found(check, WS_RULE_SCALAR_TYPE, "data type %d", (int)type);
    else if (type != TBPROTO__DATA_TYPE__DT_FLOAT || form->n_dims > 0)
        ws_check_found(check, WS_RULE_SCALAR_FORM, "data type %d, rank %zu", (int)type,
                       form->n_dims);
    else if (!isfinite(form->numbers[0]))
        ws_check_found(check, WS_RULE_NOT_FINITE, "%g", form->numbers[0]);
}

/** A number of pixels as decimal digits; -1: it is not a number. */
static int64_t pixels_of(ProtobufCBinaryData digits)
{
    int64_t number = 0;

    for (size_t i = 0; i < digits.len && i < 10; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return -1;
        number = 10 * number + (digits.data[i] - '0');
    }
    return digits.len > 0 && digits.len < 10 ? number : -1;
}

static void check_pictures(ws_event_check *check, const tensor_form *form)
{
    const ProtobufCBinaryData *strings = form->tensor->string_val;

    if (form->n_have < 2 || pixels_of(strings[0]) < 0 || pixels_of(strings[1]) < 0) {
        ws_check_found(check, WS_RULE_BLOBS_FORM, "no width, height and files");
        return;
    }
    for (size_t i = 2; i < form->n_have; i++)
        ws_check_picture(check, strings[i], pixels_of(strings[0]), pixels_of(strings[1]));
}

static bool has_content(const Tbproto__Summary__Value *value)
{
    return value->metadata != NULL && value->metadata->plugin_data != NULL;
}

void ws_check_read_content(const Tbproto__Summary__Value *value, ws_checked_tag *tag)
{
    const ProtobufCMessageDescriptor *descriptor = tag->page == WS_PAGE_AUDIO
                                                       ? &tbproto__audio_plugin_data__descriptor
                                                       : &tbproto__pr_curve_plugin_data__descriptor;
    bool too_large;

    tag->n_thresholds = -1;
    if (!has_content(value) || (tag->page != WS_PAGE_AUDIO && tag->page != WS_PAGE_CURVES))
        return;
    ProtobufCMessage *message =
        ws_message_decode(descriptor, value->metadata->plugin_data->content, &too_large);
    if (message == NULL)
        return;
    if (tag->page == WS_PAGE_AUDIO)
        tag->is_wav = ((const Tbproto__AudioPluginData *)(const void *)message)->encoding ==
                      TBPROTO__AUDIO_PLUGIN_DATA__ENCODING__WAV;
    else
        tag->n_thresholds =
            ((const Tbproto__PrCurvePluginData *)(const void *)message)->num_thresholds;
    protobuf_c_message_free_unpacked(message, NULL);
}

/** Sounds, each with a label in an older form. */
static void check_sounds(ws_event_check *check, const tensor_form *form, const ws_checked_tag *tag)
{
    const size_t stride = form->n_dims == 2 ? 2 : 1;

    if (!tag->is_wav)
        ws_check_found_plain(check, WS_RULE_SOUND_KIND);
    for (size_t i = 0; i < form->n_have; i += stride) {
        const ProtobufCBinaryData file = form->tensor->string_val[i];
        if (begins(file, "RIFF", 4) && file.len >= 12 && memcmp(file.data + 8, "WAVE", 4) == 0)
            continue;
        ws_check_found(check, WS_RULE_SOUND, "sound %zu", i / stride);
        return;
    }
}

static void check_blobs(ws_event_check *check, const tensor_form *form,
                        const Tbproto__Summary__Value *value, const ws_checked_tag *tag)
{
    const bool is_older = is_older_form(form, value, tag->page);

    if (!is_string(form) || (form->n_dims != 1 && !is_older)) {
        ws_check_found(check, WS_RULE_BLOBS_FORM, "data type %d, rank %zu",
                       (int)form->tensor->dtype, form->n_dims);
        return;
    }
    if (is_older && tag->page == WS_PAGE_AUDIO)
        ws_check_found(check, WS_RULE_SOUND_OLD, "with labels");
    if (tag->page == WS_PAGE_IMAGES)
        check_pictures(check, form);
    else if (tag->page == WS_PAGE_AUDIO)
        check_sounds(check, form, tag);
}

static bool all_finite(const tensor_form *form)
{
    for (size_t i = 0; form->numbers != NULL && i < form->n; i++)
        if (!isfinite(form->numbers[i]))
            return false;
    return true;
}

/** What is wrong with rows of left edge, right edge, count; NULL: nothing. */
static const char *find_bad_bucket(const tensor_form *form)
{
    if (!all_finite(form))
        return "a number is not finite";
    for (size_t i = 0; form->numbers != NULL && i + 2 < form->n; i += 3) {
        const double *row = form->numbers + i;
        if (row[0] > row[1])
            return "a left edge is above the right one";
        if (row[2] < 0)
            return "a count is below 0";
        if (i > 0 && (row[-2] < row[0] || row[-2] > row[0]))
            return "buckets do not adjoin";
    }
    return NULL;
}

static void check_histogram(ws_event_check *check, const tensor_form *form)
{
    if ((form->tensor->dtype != TBPROTO__DATA_TYPE__DT_DOUBLE &&
         form->tensor->dtype != TBPROTO__DATA_TYPE__DT_FLOAT) ||
        form->n_dims != 2 || form->dims[1] != 3) {
        ws_check_found(check, WS_RULE_HISTOGRAM, "data type %d, rank %zu", (int)form->tensor->dtype,
                       form->n_dims);
        return;
    }
    const char *complaint = find_bad_bucket(form);
    if (complaint != NULL)
        ws_check_found(check, WS_RULE_HISTOGRAM, "%s", complaint);
}

static void check_text(ws_event_check *check, const tensor_form *form)
{
    if (!is_string(form) || form->n_dims > 2) {
        ws_check_found(check, WS_RULE_TEXT_FORM, "data type %d, rank %zu", (int)form->tensor->dtype,
                       form->n_dims);
        return;
    }
    for (size_t i = 0; i < form->n_have; i++) {
        const ProtobufCBinaryData text = form->tensor->string_val[i];
        if (ws_show_is_utf8(text.data, text.len))
            continue;
        ws_check_found(check, WS_RULE_TEXT_FORM, "string %zu is not UTF-8", i);
        return;
    }
}

static void check_curve(ws_event_check *check, const tensor_form *form, const ws_checked_tag *tag)
{
    if (form->tensor->dtype != TBPROTO__DATA_TYPE__DT_FLOAT || form->n_dims != 2 ||
        form->dims[0] != 6)
        ws_check_found(check, WS_RULE_CURVE, "data type %d, rank %zu", (int)form->tensor->dtype,
                       form->n_dims);
    else if (tag->n_thresholds != form->dims[1])
        ws_check_found(check, WS_RULE_CURVE, "%" PRId64 " thresholds, the page is told %" PRId32,
                       form->dims[1], tag->n_thresholds);
    else if (!all_finite(form))
        ws_check_found(check, WS_RULE_CURVE, "a number is not finite");
}

static void check_layout(ws_event_check *check, const tensor_form *form)
{
    bool too_large = false;

    if (strcmp(check->tag, "custom_scalars__config__") != 0 || !is_string(form) ||
        form->n_dims != 0 || form->n_have != 1) {
        ws_check_found_plain(check, WS_RULE_LAYOUT);
        return;
    }
    ProtobufCMessage *layout =
        ws_message_decode(&tbproto__layout__descriptor, form->tensor->string_val[0], &too_large);
    if (layout != NULL)
        protobuf_c_message_free_unpacked(layout, NULL);
    else if (!too_large)
        ws_check_found(check, WS_RULE_LAYOUT, "the string is no layout");
}

/** Which message belongs under which tag; NOT_SET: none. */
static Tbproto__HParamsPluginData__DataCase case_of(const char *tag)
{
    if (strcmp(tag, "_hparams_/experiment") == 0)
        return TBPROTO__HPARAMS_PLUGIN_DATA__DATA_EXPERIMENT;
    if (strcmp(tag, "_hparams_/session_start_info") == 0)
        return TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_START_INFO;
    if (strcmp(tag, "_hparams_/session_end_info") == 0)
        return TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_END_INFO;
    return TBPROTO__HPARAMS_PLUGIN_DATA__DATA__NOT_SET;
}

static void check_hparams(ws_event_check *check, const Tbproto__Summary__Value *value)
{
    bool too_large = false;
    const ProtobufCBinaryData none = {0, NULL};
    ProtobufCMessage *message = ws_message_decode(
        &tbproto__hparams_plugin_data__descriptor,
        has_content(value) ? value->metadata->plugin_data->content : none, &too_large);

    if (message == NULL) {
        if (!too_large)
            ws_check_found(check, WS_RULE_HPARAMS, "it cannot be decoded");
        return;
    }
    const Tbproto__HParamsPluginData *data = (const void *)message;
    if (data->data_case != case_of(check->tag) ||
        data->data_case == TBPROTO__HPARAMS_PLUGIN_DATA__DATA__NOT_SET)
        ws_check_found(check, WS_RULE_HPARAMS, "it is not the one of this tag");
    else if (data->version != 0)
        ws_check_found(check, WS_RULE_HPARAMS, "version %" PRId32, data->version);
    else if (data->data_case == TBPROTO__HPARAMS_PLUGIN_DATA__DATA_SESSION_END_INFO &&
             data->session_end_info->status == TBPROTO__SESSION_END_INFO__STATUS__RUNNING)
        ws_check_found_plain(check, WS_RULE_HPARAMS_RUNNING);
    protobuf_c_message_free_unpacked(message, NULL);
}

static void check_for_page(ws_event_check *check, const tensor_form *form,
                           const Tbproto__Summary__Value *value, const ws_checked_tag *tag)
{
    switch (tag->page) {
    case WS_PAGE_SCALARS:
        check_scalar(check, form);
        break;
    case WS_PAGE_IMAGES:
    case WS_PAGE_AUDIO:
    case WS_PAGE_GRAPHS:
    case WS_PAGE_MODELS:
        check_blobs(check, form, value, tag);
        break;
    case WS_PAGE_HISTOGRAMS:
        check_histogram(check, form);
        break;
    case WS_PAGE_TEXT:
        check_text(check, form);
        break;
    case WS_PAGE_CURVES:
        check_curve(check, form, tag);
        break;
    case WS_PAGE_LAYOUT:
        check_layout(check, form);
        break;
    case WS_PAGE_HPARAMS:
        check_hparams(check, value);
        break;
    case WS_PAGE_MESH:
        if (form->n_dims != 3)
            ws_check_found(check, WS_RULE_MESH, "rank %zu", form->n_dims);
        break;
    default:
        break;
    }
}

void ws_check_tensor(ws_event_check *check, const Tbproto__Summary__Value *value,
                     const ws_checked_tag *tag)
{
    tensor_form form;

    if (tag->page == WS_PAGE_OTHER) /* what it wants only its own program knows */
        return;
    if (!read_shape(value->tensor, &form)) {
        ws_check_found(check, WS_RULE_TENSOR, "the shape cannot be");
        return;
    }
    const bool fits = is_string(&form) ? check_strings(check, &form, value, tag->page)
                                       : check_numbers(check, &form, tag->page == WS_PAGE_HPARAMS);
    if (fits)
        check_for_page(check, &form, value, tag);
}
