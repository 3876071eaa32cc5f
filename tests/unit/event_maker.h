/** For the tests of src/events: event files in memory, good and bad, record by record. */
#ifndef WS_TESTS_EVENT_MAKER_H
#define WS_TESTS_EVENT_MAKER_H

#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"

enum { MADE_BYTES = 1 << 15 };

/** A file that is made. All zeros is an empty one. */
typedef struct made_file {
    uint8_t bytes[MADE_BYTES];
    size_t size;
    double wall_time; /* of the next record; grows by a second with each */
} made_file;

/** A version record and the start of a session at step 0. */
void made_begin(made_file *file);

/** Appends any event; its wall time is set unless it has one. */
void made_push_event(made_file *file, Tbproto__Event *event);
void made_push_version(made_file *file, const char *text);
void made_push_start(made_file *file, int64_t step);
/** Appends n values at a step. */
void made_push_values(made_file *file, int64_t step, Tbproto__Summary__Value *const *values,
                      size_t n);
/** Appends a scalar of the older form. */
void made_push_scalar(made_file *file, const char *tag, int64_t step, float value);
/** Appends bytes as they are. */
void made_push_raw(made_file *file, const void *bytes, size_t size);
/** Appends a payload as a record with right checksums. */
void made_push_payload(made_file *file, const void *payload, size_t size);

/** A value with all that belongs to it, in one place; made_tensor_init() connects the parts. */
typedef struct made_tensor {
    Tbproto__Summary__Value value;
    Tbproto__SummaryMetadata metadata;
    Tbproto__SummaryMetadata__PluginData plugin;
    Tbproto__TensorProto tensor;
    Tbproto__TensorShapeProto shape;
    Tbproto__TensorShapeProto__Dim dims[4];
    Tbproto__TensorShapeProto__Dim *dim_list[4];
    ProtobufCBinaryData strings[8];
    double doubles[16];
    float floats[16];
} made_tensor;

/** A tensor of that type and shape without elements, for a page. @param dims  [n_dims] */
void made_tensor_init(made_tensor *made, const char *tag, const char *plugin,
                      Tbproto__DataClass data_class, Tbproto__DataType type, const int64_t *dims,
                      size_t n_dims);

/** Adds a string, borrowed. */
void made_tensor_push(made_tensor *made, const void *bytes, size_t size);

/** Appends it as the only value of a record. */
void made_push_tensor(made_file *file, int64_t step, made_tensor *made);

#endif
