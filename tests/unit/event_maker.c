#include "unit/event_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "unit/event_file.h"

static char *text_of(const char *text)
{
    union {
        const char *in;
        char *out;
    } pointer = {.in = text};
    return pointer.out;
}

void made_push_raw(made_file *file, const void *bytes, size_t size)
{
    assert_true(size <= MADE_BYTES - file->size);
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

void made_push_event(made_file *file, Tbproto__Event *event)
{
    uint8_t record[MADE_BYTES];

    file->wall_time = file->wall_time > 0 ? file->wall_time + 1 : 1000;
    if (event->wall_time == 0)
        event->wall_time = file->wall_time;
    assert_true(tbproto__event__get_packed_size(event) + 16 <= sizeof record);
    made_push_raw(file, record, event_frame(event, record));
}

void made_push_payload(made_file *file, const void *payload, size_t size)
{
    uint8_t record[MADE_BYTES];
    assert_true(size <= sizeof record - 16);
    memcpy(record + 12, payload, size);
    made_push_raw(file, record, bytes_frame(record, size));
}

void made_push_version(made_file *file, const char *text)
{
    Tbproto__Event event;
    tbproto__event__init(&event);
    event.what_case = TBPROTO__EVENT__WHAT_FILE_VERSION;
    event.file_version = text_of(text);
    made_push_event(file, &event);
}

void made_push_start(made_file *file, int64_t step)
{
    Tbproto__Event event;
    Tbproto__SessionLog log;
    tbproto__event__init(&event);
    tbproto__session_log__init(&log);
    log.status = TBPROTO__SESSION_LOG__SESSION_STATUS__START;
    event.step = step;
    event.what_case = TBPROTO__EVENT__WHAT_SESSION_LOG;
    event.session_log = &log;
    made_push_event(file, &event);
}

void made_begin(made_file *file)
{
    made_push_version(file, "brain.Event:2");
    made_push_start(file, 0);
}

void made_push_values(made_file *file, int64_t step, Tbproto__Summary__Value *const *values,
                      size_t n)
{
    Tbproto__Event event;
    Tbproto__Summary summary;
    Tbproto__Summary__Value *list[8];
    assert_true(n <= 8);
    tbproto__event__init(&event);
    tbproto__summary__init(&summary);
    if (n > 0)
        memcpy(list, values, n * sizeof *list);
    summary.n_value = n;
    summary.value = list;
    event.step = step;
    event.what_case = TBPROTO__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    made_push_event(file, &event);
}

void made_push_scalar(made_file *file, const char *tag, int64_t step, float value)
{
    Tbproto__Summary__Value made;
    Tbproto__Summary__Value *const list[] = {&made};
    tbproto__summary__value__init(&made);
    made.tag = text_of(tag);
    made.value_case = TBPROTO__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    made.simple_value = value;
    made_push_values(file, step, list, 1);
}

void made_tensor_init(made_tensor *made, const char *tag, const char *plugin,
                      Tbproto__DataClass data_class, Tbproto__DataType type, const int64_t *dims,
                      size_t n_dims)
{
    memset(made, 0, sizeof *made);
    tbproto__summary__value__init(&made->value);
    tbproto__summary_metadata__init(&made->metadata);
    tbproto__summary_metadata__plugin_data__init(&made->plugin);
    tbproto__tensor_proto__init(&made->tensor);
    tbproto__tensor_shape_proto__init(&made->shape);
    for (size_t i = 0; i < n_dims; i++) {
        tbproto__tensor_shape_proto__dim__init(&made->dims[i]);
        made->dims[i].size = dims[i];
        made->dim_list[i] = &made->dims[i];
    }
    made->shape.n_dim = n_dims;
    made->shape.dim = made->dim_list;
    made->tensor.dtype = type;
    made->tensor.tensor_shape = &made->shape;
    made->tensor.string_val = made->strings;
    made->tensor.double_val = made->doubles;
    made->tensor.float_val = made->floats;
    made->plugin.plugin_name = text_of(plugin);
    made->metadata.plugin_data = &made->plugin;
    made->metadata.data_class = data_class;
    made->value.tag = text_of(tag);
    made->value.metadata = &made->metadata;
    made->value.value_case = TBPROTO__SUMMARY__VALUE__VALUE_TENSOR;
    made->value.tensor = &made->tensor;
}

void made_tensor_push(made_tensor *made, const void *bytes, size_t size)
{
    union {
        const void *in;
        uint8_t *out;
    } pointer = {.in = bytes};
    assert_true(made->tensor.n_string_val < 8);
    made->strings[made->tensor.n_string_val++] = (ProtobufCBinaryData){size, pointer.out};
}

void made_push_tensor(made_file *file, int64_t step, made_tensor *made)
{
    Tbproto__Summary__Value *const list[] = {&made->value};
    made_push_values(file, step, list, 1);
}
