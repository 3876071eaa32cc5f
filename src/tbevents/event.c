#include "tbevents/event.h"

#include <errno.h>
#include <stdlib.h>

#include "event.pb-c.h"

struct tbe_event {
    Tbproto__Event message;
    Tbproto__SourceMetadata source;
    Tbproto__SessionLog session;
    Tbproto__Summary summary;
    /* tensor */
    Tbproto__Summary__Value tensor_value;
    Tbproto__Summary__Value *tensor_value_pointer;
    Tbproto__SummaryMetadata tensor_metadata;
    Tbproto__SummaryMetadata__PluginData plugin;
    Tbproto__TensorProto tensor;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dims[TBE_MAX_DIMS];
    Tbproto__TensorShapeProto__Dim *dim_pointers[TBE_MAX_DIMS];
    ProtobufCBinaryData *strings; /* [n_strings] */
    size_t n_strings;
    Tbproto__TaggedRunMetadata run_metadata;
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

static ProtobufCBinaryData binary(tbe_bytes bytes)
{
    return (ProtobufCBinaryData){bytes.size, (uint8_t *)unconst(bytes.data)};
}

/** What is the same for all tensors. */
static void init_tensor(tbe_event *event)
{
    tbproto__summary_metadata__plugin_data__init(&event->plugin);
    tbproto__summary_metadata__init(&event->tensor_metadata);
    event->tensor_metadata.plugin_data = &event->plugin;
    for (size_t i = 0; i < TBE_MAX_DIMS; i++) {
        tbproto__tensor_shape_proto__dim__init(&event->dims[i]);
        event->dim_pointers[i] = &event->dims[i];
    }
    tbproto__tensor_shape_proto__init(&event->shape);
    event->shape.dim = event->dim_pointers;
    tbproto__summary__value__init(&event->tensor_value);
    event->tensor_value.metadata = &event->tensor_metadata;
    event->tensor_value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
    event->tensor_value.tensor = &event->tensor;
    event->tensor_value_pointer = &event->tensor_value;
}

tbe_event *tbe_event_create(void)
{
    tbe_event *event = calloc(1, sizeof *event);

    if (event == NULL)
        return NULL;
    tbproto__source_metadata__init(&event->source);
    tbproto__session_log__init(&event->session);
    event->session.status = TBPROTO__SESSION_LOG__SESSION_STATUS__START;
    init_tensor(event);
    return event;
}

void tbe_event_destroy(tbe_event *event)
{
    if (event == NULL)
        return;
    free(event->strings);
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

static void set_note(Tbproto__SummaryMetadata *metadata, const tbe_note *note)
{
    char *const none = unconst("");
    metadata->display_name = note->display_name != NULL ? unconst(note->display_name) : none;
    metadata->summary_description = note->description != NULL ? unconst(note->description) : none;
}

static int reserve_strings(tbe_event *event, size_t n)
{
    if (n <= event->n_strings)
        return 0;
    ProtobufCBinaryData *strings = realloc(event->strings, n * sizeof *strings);
    if (strings == NULL)
        return ENOMEM;
    event->strings = strings;
    event->n_strings = n;
    return 0;
}

static void set_tensor(tbe_event *event, const tbe_tensor_value *value)
{
    tbproto__tensor_proto__init(&event->tensor);
    event->tensor.dtype = (Tbproto__DataType)value->type;
    event->tensor.tensor_shape = &event->shape; /* the data server drops a picture without it */
    event->shape.n_dim = value->n_dims;
    for (size_t i = 0; i < value->n_dims; i++)
        event->dims[i].size = (int64_t)value->dims[i];
    if (value->content.size > 0)
        event->tensor.tensor_content = binary(value->content);
    event->tensor.n_string_val = value->n_strings;
    event->tensor.string_val = event->strings;
    for (size_t i = 0; i < value->n_strings; i++)
        event->strings[i] = binary(value->strings[i]);
}

size_t tbe_event_tensor(tbe_event *event, double wall_time, int64_t step,
                        const tbe_tensor_value *value)
{
    static const tbe_note none = {NULL, NULL};

    if (reserve_strings(event, value->n_strings) != 0)
        return 0;
    begin(event, wall_time, step);
    set_tensor(event, value);
    event->tensor_value.tag = unconst(value->tag);
    event->plugin.plugin_name = unconst(value->plugin);
    event->plugin.content = binary(value->plugin_content);
    event->tensor_metadata.data_class = (Tbproto__DataClass)value->data_class;
    set_note(&event->tensor_metadata, value->note != NULL ? value->note : &none);
    return finish_summary(event, 1, &event->tensor_value_pointer);
}

size_t tbe_event_graph(tbe_event *event, double wall_time, tbe_bytes graph)
{
    begin(event, wall_time, 0);
    event->message.what_case = TBPROTO__EVENT__WHAT_GRAPH_DEF;
    event->message.graph_def = binary(graph);
    return tbproto__event__get_packed_size(&event->message);
}

size_t tbe_event_run_metadata(tbe_event *event, double wall_time, int64_t step, const char *tag,
                              tbe_bytes metadata)
{
    begin(event, wall_time, step);
    tbproto__tagged_run_metadata__init(&event->run_metadata);
    event->run_metadata.tag = unconst(tag);
    event->run_metadata.run_metadata = binary(metadata);
    event->message.what_case = TBPROTO__EVENT__WHAT_TAGGED_RUN_METADATA;
    event->message.tagged_run_metadata = &event->run_metadata;
    return tbproto__event__get_packed_size(&event->message);
}

void tbe_event_write(const tbe_event *event, uint8_t *out)
{
    (void)tbproto__event__pack(&event->message, out);
}
