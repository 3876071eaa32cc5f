#include "tbevents/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "event.pb-c.h"

enum { DIGITS_BYTES = 12 }; /* a number of pixels as text */

struct tbe_event {
    Tbproto__Event message;
    Tbproto__SourceMetadata source;
    Tbproto__SessionLog session;
    Tbproto__Summary summary;
    /* scalars */
    size_t capacity;
    Tbproto__Summary__Value *values;    /* [capacity], all but tag, value and metadata set */
    Tbproto__Summary__Value **pointers; /* [capacity], to the values */
    Tbproto__SummaryMetadata *metadata; /* [capacity] */
    Tbproto__SummaryMetadata__PluginData scalars_plugin;
    /* picture */
    Tbproto__Summary__Value image;
    Tbproto__Summary__Value *image_pointer;
    Tbproto__SummaryMetadata image_metadata;
    Tbproto__SummaryMetadata__PluginData images_plugin;
    Tbproto__TensorProto tensor;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dim;
    Tbproto__TensorShapeProto__Dim *dim_pointer;
    ProtobufCBinaryData strings[3]; /* width, height, file */
    char width[DIGITS_BYTES], height[DIGITS_BYTES];
};

/** protobuf-c's strings are not const, though packing only reads them. */
static char *unconst(const char *text)
{
    union {
        const char *in;
        char *out;
    } pointer = {.in = text};
    return pointer.out;
}

static void init_picture(tbe_event *event)
{
    tbproto__summary_metadata__plugin_data__init(&event->images_plugin);
    event->images_plugin.plugin_name = unconst("images");
    tbproto__summary_metadata__init(&event->image_metadata);
    event->image_metadata.plugin_data = &event->images_plugin;
    event->image_metadata.data_class = TBPROTO__DATA_CLASS__DATA_CLASS_BLOB_SEQUENCE;

    tbproto__tensor_shape_proto__dim__init(&event->dim);
    event->dim.size = 3;
    event->dim_pointer = &event->dim;
    tbproto__tensor_shape_proto__init(&event->shape);
    event->shape.n_dim = 1;
    event->shape.dim = &event->dim_pointer;
    tbproto__tensor_proto__init(&event->tensor);
    event->tensor.dtype = TBPROTO__DATA_TYPE__DT_STRING;
    event->tensor.tensor_shape = &event->shape; /* the data server drops a picture without it */
    event->tensor.n_string_val = 3;
    event->tensor.string_val = event->strings;

    tbproto__summary__value__init(&event->image);
    event->image.metadata = &event->image_metadata;
    event->image.value_case = TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
    event->image.tensor = &event->tensor;
    event->image_pointer = &event->image;
}

tbe_event *tbe_event_create(void)
{
    tbe_event *event = calloc(1, sizeof *event);

    if (event == NULL)
        return NULL;
    tbproto__source_metadata__init(&event->source);
    tbproto__session_log__init(&event->session);
    event->session.status = TBPROTO__SESSION_LOG__SESSION_STATUS__START;
    tbproto__summary_metadata__plugin_data__init(&event->scalars_plugin);
    event->scalars_plugin.plugin_name = unconst("scalars");
    init_picture(event);
    return event;
}

void tbe_event_destroy(tbe_event *event)
{
    if (event == NULL)
        return;
    free(event->values);
    free(event->pointers);
    free(event->metadata);
    free(event);
}

static void begin(tbe_event *event, double wall_time, int64_t step)
{
    tbproto__event__init(&event->message);
    event->message.wall_time = wall_time;
    event->message.step = step;
}

static size_t finish_summary(tbe_event *event, size_t n, Tbproto__Summary__Value **values)
{
    tbproto__summary__init(&event->summary);
    event->summary.n_value = n;
    event->summary.value = values;
    event->message.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event->message.summary = &event->summary;
    return tbproto__event__get_packed_size(&event->message);
}

size_t tbe_event_version(tbe_event *event, double wall_time, const char *writer_name)
{
    begin(event, wall_time, 0);
    event->message.what_case = TBPROTO__EVENT__WHAT_FILE_VERSION;
    event->message.file_version = unconst("brain.Event:2");
    if (writer_name != NULL) {
        event->source.writer = unconst(writer_name);
        event->message.source_metadata = &event->source;
    }
    return tbproto__event__get_packed_size(&event->message);
}

size_t tbe_event_start(tbe_event *event, double wall_time, int64_t step)
{
    begin(event, wall_time, step);
    event->message.what_case = TBPROTO__EVENT__WHAT_SESSION_LOG;
    event->message.session_log = &event->session;
    return tbproto__event__get_packed_size(&event->message);
}

int tbe_event_reserve_scalars(tbe_event *event, size_t n)
{
    if (n <= event->capacity)
        return 0;
    Tbproto__Summary__Value *values = malloc(n * sizeof *values);
    Tbproto__Summary__Value **pointers = malloc(n * sizeof(Tbproto__Summary__Value *));
    Tbproto__SummaryMetadata *metadata = malloc(n * sizeof *metadata);
    if (values == NULL || pointers == NULL || metadata == NULL) {
        free(values);
        free(pointers);
        free(metadata);
        return ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        tbproto__summary__value__init(&values[i]);
        values[i].value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        pointers[i] = &values[i];
    }
    free(event->values);
    free(event->pointers);
    free(event->metadata);
    event->values = values;
    event->pointers = pointers;
    event->metadata = metadata;
    event->capacity = n;
    return 0;
}

static void set_note(Tbproto__SummaryMetadata *metadata, const tbe_note *note)
{
    char *const none = unconst("");
    metadata->display_name = note->display_name != NULL ? unconst(note->display_name) : none;
    metadata->summary_description = note->description != NULL ? unconst(note->description) : none;
}

size_t tbe_event_scalars(tbe_event *event, double wall_time, int64_t step, size_t n,
                         const char *const *tags, const float *values, const tbe_note *const *notes)
{
    begin(event, wall_time, step);
    for (size_t i = 0; i < n; i++) {
        Tbproto__Summary__Value *value = &event->values[i];
        value->tag = unconst(tags[i]);
        value->simple_value = values[i];
        value->metadata = NULL;
        if (notes == NULL || notes[i] == NULL)
            continue;
        value->metadata = &event->metadata[i];
        tbproto__summary_metadata__init(value->metadata);
        value->metadata->plugin_data = &event->scalars_plugin;
        /* without the class the data server drops the texts of a value in the older form */
        value->metadata->data_class = TBPROTO__DATA_CLASS__DATA_CLASS_SCALAR;
        set_note(value->metadata, notes[i]);
    }
    return finish_summary(event, n, event->pointers);
}

size_t tbe_event_image(tbe_event *event, double wall_time, int64_t step,
                       const tbe_event_picture *picture)
{
    const tbe_note *const note = picture->note;
    const int n_width = snprintf(event->width, DIGITS_BYTES, "%lu", (unsigned long)picture->width);
    const int n_height =
        snprintf(event->height, DIGITS_BYTES, "%lu", (unsigned long)picture->height);

    begin(event, wall_time, step);
    event->strings[0] = (ProtobufCBinaryData){(size_t)n_width, (uint8_t *)event->width};
    event->strings[1] = (ProtobufCBinaryData){(size_t)n_height, (uint8_t *)event->height};
    event->strings[2].len = picture->png_size;
    event->strings[2].data = (uint8_t *)unconst((const char *)picture->png);
    event->image.tag = unconst(picture->tag);
    set_note(&event->image_metadata, note != NULL ? note : &(const tbe_note){NULL, NULL});
    return finish_summary(event, 1, &event->image_pointer);
}

void tbe_event_write(const tbe_event *event, uint8_t *out)
{
    (void)tbproto__event__pack(&event->message, out);
}
