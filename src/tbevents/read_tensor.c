#include "tbevents/read_tensor.h"

#include <string.h>

#include "tbevents/little_endian.h"
#include "tensor.pb-c.h"

bool tbe_memory_take(tbe_memory *memory, size_t n_bytes)
{
    if (n_bytes > memory->n_left) {
        memory->was_exceeded = true;
        return false;
    }
    memory->n_left -= n_bytes;
    return true;
}

void *tbe_memory_new(tbe_memory *memory, size_t n, size_t size)
{
    if (n > memory->n_left / size) {
        memory->was_exceeded = true;
        return NULL;
    }
    /* what malloc() needs beside counts too, lest a million empty ones are taken for nothing */
    return tbe_memory_take(memory, n * size + 16) ? tbe_pool_new(&memory->pool, n, size) : NULL;
}

/** Bytes of an element in tensor_content; 0: of a type that is not turned into numbers. */
static size_t element_size(Tbproto__DataType type)
{
    switch (type) {
    case TBPROTO__DATA_TYPE__DT_FLOAT:
    case TBPROTO__DATA_TYPE__DT_INT32:
        return 4;
    case TBPROTO__DATA_TYPE__DT_DOUBLE:
    case TBPROTO__DATA_TYPE__DT_INT64:
        return 8;
    case TBPROTO__DATA_TYPE__DT_UINT8:
    case TBPROTO__DATA_TYPE__DT_INT8:
    case TBPROTO__DATA_TYPE__DT_BOOL:
        return 1;
    default:
        return 0;
    }
}

static double from_content(Tbproto__DataType type, const uint8_t *bytes)
{
    switch (type) {
    case TBPROTO__DATA_TYPE__DT_FLOAT:
        return (double)tbe_get_float(bytes);
    case TBPROTO__DATA_TYPE__DT_DOUBLE:
        return tbe_get_double(bytes);
    case TBPROTO__DATA_TYPE__DT_INT32:
        return (double)(int32_t)tbe_get_le(bytes, 4);
    case TBPROTO__DATA_TYPE__DT_INT64:
        return (double)(int64_t)tbe_get_le(bytes, 8);
    case TBPROTO__DATA_TYPE__DT_INT8:
        return (double)(int8_t)bytes[0];
    default:
        return (double)bytes[0];
    }
}

/** Elements in the list of the tensor's type. */
static size_t list_size(const Tbproto__TensorProto *tensor)
{
    switch (tensor->dtype) {
    case TBPROTO__DATA_TYPE__DT_FLOAT:
        return tensor->n_float_val;
    case TBPROTO__DATA_TYPE__DT_DOUBLE:
        return tensor->n_double_val;
    case TBPROTO__DATA_TYPE__DT_INT64:
        return tensor->n_int64_val;
    case TBPROTO__DATA_TYPE__DT_BOOL:
        return tensor->n_bool_val;
    default:
        return tensor->n_int_val;
    }
}

static double from_list(const Tbproto__TensorProto *tensor, size_t i)
{
    switch (tensor->dtype) {
    case TBPROTO__DATA_TYPE__DT_FLOAT:
        return (double)tensor->float_val[i];
    case TBPROTO__DATA_TYPE__DT_DOUBLE:
        return tensor->double_val[i];
    case TBPROTO__DATA_TYPE__DT_INT64:
        return (double)tensor->int64_val[i];
    case TBPROTO__DATA_TYPE__DT_BOOL:
        return tensor->bool_val[i] ? 1.0 : 0.0;
    default:
        return (double)tensor->int_val[i];
    }
}

/** Elements by the shape; SIZE_MAX: it cannot be. No shape is that of a scalar. */
static size_t shape_size(const Tbproto__TensorProto *tensor)
{
    const Tbproto__TensorShapeProto *shape = tensor->tensor_shape;
    size_t n = 1;

    if (shape != NULL && shape->unknown_rank)
        return SIZE_MAX;
    for (size_t i = 0; shape != NULL && i < shape->n_dim; i++) {
        const int64_t size = shape->dim[i]->size;
        if (size < 0 || (size > 0 && n > (SIZE_MAX - 1) / (uint64_t)size))
            return SIZE_MAX;
        n *= (size_t)size;
    }
    return n;
}

/** Numbers of a tensor; none if it is not what its shape says. A list that is shorter than that
 *  repeats its last element. */
static bool set_numbers(tbe_memory *memory, const Tbproto__TensorProto *tensor, tbe_value *value)
{
    const size_t n = shape_size(tensor), size = element_size(tensor->dtype);
    const size_t n_list = list_size(tensor);
    const bool is_content = tensor->tensor_content.len > 0;

    if (size == 0 || n == 0 || n == SIZE_MAX)
        return true;
    if (is_content
            ? tensor->tensor_content.len / size != n || tensor->tensor_content.len % size != 0
            : n_list == 0 || n_list > n)
        return true;
    double *numbers = tbe_memory_new(memory, n, sizeof *numbers);
    if (numbers == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        numbers[i] = is_content
                         ? from_content(tensor->dtype, tensor->tensor_content.data + i * size)
                         : from_list(tensor, i < n_list ? i : n_list - 1);
    value->numbers = numbers;
    value->n_numbers = n;
    return true;
}

/** Strings of a tensor, of which every stride-th from the first on are wanted. */
static bool set_blobs(tbe_memory *memory, const Tbproto__TensorProto *tensor, size_t first,
                      size_t stride, tbe_value *value)
{
    const size_t n_strings = tensor->n_string_val;
    const size_t n = n_strings > first ? (n_strings - first + stride - 1) / stride : 0;
    tbe_blob *blobs = tbe_memory_new(memory, n, sizeof *blobs);

    if (blobs == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        const ProtobufCBinaryData *string = &tensor->string_val[first + i * stride];
        blobs[i] = (tbe_blob){string->data, string->len};
    }
    value->blobs = blobs;
    value->n_blobs = n;
    return true;
}

static bool set_dims(tbe_memory *memory, const Tbproto__TensorProto *tensor, tbe_value *value)
{
    const Tbproto__TensorShapeProto *shape = tensor->tensor_shape;
    const size_t n = shape != NULL ? shape->n_dim : 0;
    int64_t *dims = tbe_memory_new(memory, n, sizeof *dims);

    if (dims == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        dims[i] = shape->dim[i]->size;
    value->dims = dims;
    value->n_dims = n;
    return true;
}

/** A number of pixels as decimal digits; 0 if it is none. */
static uint32_t number_of(const ProtobufCBinaryData *digits)
{
    uint32_t number = 0;
    if (digits->len == 0 || digits->len > 9)
        return 0;
    for (size_t i = 0; i < digits->len; i++) {
        if (digits->data[i] < '0' || digits->data[i] > '9')
            return 0;
        number = 10 * number + (digits->data[i] - '0');
    }
    return number;
}

static bool read_strings(tbe_memory *memory, const Tbproto__TensorProto *tensor, tbe_value *value)
{
    size_t first = 0, stride = 1;

    if (strcmp(value->plugin, "images") == 0 && tensor->n_string_val >= 2) {
        value->kind = TBE_VALUE_IMAGE;
        value->width = number_of(&tensor->string_val[0]);
        value->height = number_of(&tensor->string_val[1]);
        first = 2;
    } else if (strcmp(value->plugin, "audio") == 0) {
        value->kind = TBE_VALUE_AUDIO;
        stride = value->n_dims == 2 && value->dims[1] == 2 ? 2 : 1; /* each with a label */
    } else if (strcmp(value->plugin, "text") == 0) {
        value->kind = TBE_VALUE_TEXT;
    } else if (strcmp(value->plugin, "custom_scalars") == 0 && tensor->n_string_val == 1) {
        value->kind = TBE_VALUE_LAYOUT;
    }
    return set_blobs(memory, tensor, first, stride, value);
}

static void name_numbers(tbe_value *value)
{
    if (strcmp(value->plugin, "scalars") == 0 && value->n_numbers == 1) {
        value->kind = TBE_VALUE_SCALAR;
        value->scalar = value->numbers[0];
    } else if (strcmp(value->plugin, "histograms") == 0 && value->n_dims == 2 &&
               value->dims[1] == 3) {
        value->kind = TBE_VALUE_HISTOGRAM;
    } else if (strcmp(value->plugin, "pr_curves") == 0 && value->n_dims == 2 &&
               value->dims[0] == 6) {
        value->kind = TBE_VALUE_PR_CURVE;
    } else if (strcmp(value->plugin, "hparams") == 0) {
        value->kind = TBE_VALUE_HPARAMS;
    }
}

bool tbe_read_tensor(tbe_memory *memory, const struct Tbproto__TensorProto *tensor,
                     tbe_value *value)
{
    value->kind = TBE_VALUE_TENSOR;
    if (!set_dims(memory, tensor, value))
        return false;
    if (tensor->dtype == TBPROTO__DATA_TYPE__DT_STRING)
        return read_strings(memory, tensor, value);
    if (!set_numbers(memory, tensor, value))
        return false;
    name_numbers(value);
    return true;
}
