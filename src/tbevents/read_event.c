#include "tbevents/read_event.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "event.pb-c.h"
#include "tbevents/pool.h"
#include "tbevents/read_tensor.h"
#include "tbevents/tag_kinds.h"
#include "tbevents/text.h"

/* Bytes that may be allocated for each byte of a payload, and for any. A scalar takes ten bytes in
 * the file and some two hundred here. */
enum { MEMORY_FACTOR = 32, MEMORY_LEAST = 4096 };

struct tbe_decoder {
    tbe_memory memory;
    ProtobufCAllocator allocator;
    Tbproto__Event *event; /* of the last call */
    tbe_tag_kinds kinds;
};

static void *allocate(void *data, size_t size)
{
    return tbe_memory_take(data, size) ? malloc(size) : NULL;
}

static void release(void *data, void *memory)
{
    (void)data;
    free(memory);
}

tbe_decoder *tbe_decoder_create(size_t max_tags)
{
    tbe_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return NULL;
    decoder->kinds.max_tags = max_tags;
    decoder->allocator = (ProtobufCAllocator){allocate, release, &decoder->memory};
    return decoder;
}

static void forget_event(tbe_decoder *decoder)
{
    if (decoder->event != NULL)
        tbproto__event__free_unpacked(decoder->event, &decoder->allocator);
    decoder->event = NULL;
    tbe_pool_deinit(&decoder->memory.pool);
}

void tbe_decoder_destroy(tbe_decoder *decoder)
{
    if (decoder == NULL)
        return;
    forget_event(decoder);
    tbe_tag_kinds_deinit(&decoder->kinds);
    free(decoder);
}

static bool is_text(const char *text)
{
    return tbe_text_is_utf8((const unsigned char *)text, strlen(text));
}

static tbe_blob blob_of(ProtobufCBinaryData bytes)
{
    return (tbe_blob){bytes.data, bytes.len};
}

/** The name of the page that shows a tag: by what the first value of the tag said. */
static const char *plugin_of(tbe_decoder *decoder, const char *tag, const char *told)
{
    const tbe_tag_kind known = tbe_tag_kinds_find(&decoder->kinds, tag);
    if (known.plugin != NULL)
        return known.plugin;
    if (told[0] != '\0')
        (void)tbe_tag_kinds_push(&decoder->kinds, tag, told);
    return told; /* of the event, which lasts as long as what is given out */
}

/** A histogram of the older form: only upper edges, the outermost far away. */
static bool set_legacy_histogram(tbe_decoder *decoder, const Tbproto__HistogramProto *histogram,
                                 tbe_value *value)
{
    const size_t n = histogram->n_bucket;
    if (histogram->n_bucket_limit != n)
        return true; /* a value that makes no sense: the loaders drop it */
    double *rows = tbe_memory_new(&decoder->memory, 3 * n, sizeof *rows);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        rows[3 * i] = i == 0 ? histogram->min : histogram->bucket_limit[i - 1];
        rows[3 * i + 1] = i + 1 < n ? histogram->bucket_limit[i] : histogram->max;
        rows[3 * i + 2] = histogram->bucket[i];
    }
    value->kind = TBE_VALUE_HISTOGRAM;
    value->numbers = rows;
    value->n_numbers = 3 * n;
    return true;
}

static bool set_legacy_blob(tbe_decoder *decoder, ProtobufCBinaryData bytes, tbe_value *value)
{
    tbe_blob *blob = tbe_memory_new(&decoder->memory, 1, sizeof *blob);
    if (blob == NULL)
        return false;
    *blob = blob_of(bytes);
    value->blobs = blob;
    value->n_blobs = 1;
    return true;
}

static bool set_image(tbe_decoder *decoder, const Tbproto__Summary__Image *image, tbe_value *value)
{
    value->kind = TBE_VALUE_IMAGE;
    value->width = image->width > 0 ? (uint32_t)image->width : 0;
    value->height = image->height > 0 ? (uint32_t)image->height : 0;
    return set_legacy_blob(decoder, image->encoded_image_string, value);
}

/** @return whether there was memory */
static bool set_content(tbe_decoder *decoder, const Tbproto__Summary__Value *in, tbe_value *value)
{
    value->is_legacy = in->value_case != TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
    switch (in->value_case) {
    case TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE:
        value->kind = TBE_VALUE_SCALAR;
        value->scalar = (double)in->simple_value;
        return true;
    case TBPROTO__SUMMARY__VALUE__VALUE_IMAGE:
        return set_image(decoder, in->image, value);
    case TBPROTO__SUMMARY__VALUE__VALUE_HISTO:
        return set_legacy_histogram(decoder, in->histo, value);
    case TBPROTO__SUMMARY__VALUE__VALUE_AUDIO:
        value->kind = TBE_VALUE_AUDIO;
        return set_legacy_blob(decoder, in->audio->encoded_audio_string, value);
    case TBPROTO__SUMMARY__VALUE__VALUE_TENSOR:
        return tbe_read_tensor(&decoder->memory, in->tensor, value);
    default: /* other writers give hyperparameters no value: their message says all */
        value->is_legacy = false;
        value->kind = strcmp(value->plugin, "hparams") == 0 ? TBE_VALUE_HPARAMS : TBE_VALUE_NONE;
        return true;
    }
}

/** @return TBE_OK; TBE_EDATA: a text is not UTF-8; TBE_ENOMEM: there was no memory, or no more
 * allowed
 */
static tbe_status set_value(tbe_decoder *decoder, const Tbproto__Summary__Value *in,
                            tbe_value *value)
{
    const Tbproto__SummaryMetadata *metadata = in->metadata;
    const char *told = "";

    *value = (tbe_value){.tag = in->tag, .display_name = "", .description = ""};
    if (metadata != NULL) {
        value->display_name = metadata->display_name;
        value->description = metadata->summary_description;
        if (metadata->plugin_data != NULL) {
            told = metadata->plugin_data->plugin_name;
            value->content = blob_of(metadata->plugin_data->content);
        }
    }
    if (!is_text(value->tag) || !is_text(value->display_name) || !is_text(value->description) ||
        !is_text(told))
        return TBE_EDATA;
    value->plugin = plugin_of(decoder, value->tag, told);
    return set_content(decoder, in, value) ? TBE_OK : TBE_ENOMEM;
}

static tbe_status set_values(tbe_decoder *decoder, const Tbproto__Summary *summary,
                             tbe_record *record)
{
    tbe_value *values = tbe_memory_new(&decoder->memory, summary->n_value, sizeof *values);
    tbe_status status = values != NULL ? TBE_OK : TBE_ENOMEM;

    for (size_t i = 0; status == TBE_OK && i < summary->n_value; i++)
        status = set_value(decoder, summary->value[i], &values[i]);
    record->kind = TBE_RECORD_VALUES;
    record->values = values;
    record->n_values = summary->n_value;
    return status;
}

static tbe_status set_text(tbe_record *record, tbe_record_kind kind, const char *text)
{
    record->kind = kind;
    record->text = text;
    return is_text(text) ? TBE_OK : TBE_EDATA;
}

static tbe_status set_data(tbe_record *record, tbe_record_kind kind, ProtobufCBinaryData data)
{
    record->kind = kind;
    record->data = blob_of(data);
    return TBE_OK;
}

static tbe_status set_record(tbe_decoder *decoder, tbe_record *record)
{
    const Tbproto__Event *event = decoder->event;

    record->wall_time = event->wall_time;
    record->step = event->step;
    switch (event->what_case) {
    case TBPROTO__EVENT__WHAT_FILE_VERSION:
        return set_text(record, TBE_RECORD_VERSION, event->file_version);
    case TBPROTO__EVENT__WHAT_GRAPH_DEF:
        return set_data(record, TBE_RECORD_GRAPH, event->graph_def);
    case TBPROTO__EVENT__WHAT_META_GRAPH_DEF:
        return set_data(record, TBE_RECORD_META_GRAPH, event->meta_graph_def);
    case TBPROTO__EVENT__WHAT_SUMMARY:
        return set_values(decoder, event->summary, record);
    case TBPROTO__EVENT__WHAT_SESSION_LOG:
        record->kind = event->session_log->status == TBPROTO__SESSION_LOG__SESSION_STATUS__START
                           ? TBE_RECORD_START
                           : TBE_RECORD_SESSION;
        return TBE_OK;
    case TBPROTO__EVENT__WHAT_TAGGED_RUN_METADATA:
        (void)set_data(record, TBE_RECORD_RUN_TIMES, event->tagged_run_metadata->run_metadata);
        return set_text(record, TBE_RECORD_RUN_TIMES, event->tagged_run_metadata->tag);
    default:
        return TBE_OK;
    }
}

tbe_status tbe_decoder_run(tbe_decoder *decoder, const uint8_t *payload, size_t size,
                           tbe_record *record, const char **complaint)
{
    tbe_status status = TBE_EDATA;

    forget_event(decoder);
    decoder->memory.n_left = MEMORY_LEAST + MEMORY_FACTOR * size;
    decoder->memory.was_exceeded = false;
    record->text = "";
    decoder->event = tbproto__event__unpack(&decoder->allocator, size, payload);
    if (decoder->event != NULL)
        status = set_record(decoder, record);
    if (status == TBE_OK)
        return TBE_OK;
    if (decoder->memory.was_exceeded)
        status = TBE_ELIMIT;
    *complaint = status == TBE_ELIMIT   ? "needs more memory than its size allows"
                 : status == TBE_ENOMEM ? "needs more memory than there is"
                                        : "is not an event, or has a text that is not UTF-8";
    return status;
}
