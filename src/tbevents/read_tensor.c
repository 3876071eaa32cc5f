#include "tbevents/read_tensor.h"

#include <math.h>
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

size_t tbe_data_type_size(int data_type)
{
    switch (data_type) {
    case TBE_TYPE_UINT8:
    case TBE_TYPE_INT8:
    case TBE_TYPE_BOOL:
        return 1;
    case TBE_TYPE_INT16:
    case TBE_TYPE_UINT16:
    case TBE_TYPE_HALF:
    case TBE_TYPE_BFLOAT16:
        return 2;
    case TBE_TYPE_FLOAT:
    case TBE_TYPE_INT32:
    case TBE_TYPE_UINT32:
        return 4;
    case TBE_TYPE_DOUBLE:
    case TBE_TYPE_INT64:
    case TBE_TYPE_UINT64:
        return 8;
    default:
        return 0;
    }
}

static bool is_real(int type)
{
    return type == TBE_TYPE_FLOAT || type == TBE_TYPE_DOUBLE || type == TBE_TYPE_HALF ||
           type == TBE_TYPE_BFLOAT16;
}

/** An IEEE 754 half: 1 bit of sign, 5 of exponent, 10 of fraction. */
static double from_half(uint32_t bits)
{
    const int exponent = (int)(bits >> 10 & 31);
    const double fraction = (double)(bits & 1023);
    double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);

    if (exponent == 31)
        value = (double)(fraction > 0 ? NAN : INFINITY);
    return (bits & 0x8000) != 0 ? -value : value;
}

/** The upper half of a float's bits. */
static double from_bfloat16(uint32_t bits)
{
    uint8_t bytes[4];

    (void)tbe_put_le(bytes, (uint64_t)bits << 16, sizeof bytes);
    return (double)tbe_get_float(bytes);
}

static double real_from_bits(int type, const uint8_t *bytes)
{
    switch (type) {
    case TBE_TYPE_FLOAT:
        return (double)tbe_get_float(bytes);
    case TBE_TYPE_DOUBLE:
        return tbe_get_double(bytes);
    case TBE_TYPE_HALF:
        return from_half((uint32_t)tbe_get_le(bytes, 2));
    default:
        return from_bfloat16((uint32_t)tbe_get_le(bytes, 2));
    }
}

/** An integer of that type; the bits of one of 64 without a sign. */
static int64_t integer_from_bits(int type, const uint8_t *bytes)
{
    const uint64_t bits = tbe_get_le(bytes, (int)tbe_data_type_size(type));

    switch (type) {
    case TBE_TYPE_INT8:
        return (int8_t)bits;
    case TBE_TYPE_INT16:
        return (int16_t)bits;
    case TBE_TYPE_INT32:
        return (int32_t)bits;
    default:
        return (int64_t)bits;
    }
}

/** Elements in the list of the tensor's type. */
static size_t list_size(const Tbproto__TensorProto *tensor)
{
    switch ((int)tensor->dtype) {
    case TBE_TYPE_FLOAT:
        return tensor->n_float_val;
    case TBE_TYPE_DOUBLE:
        return tensor->n_double_val;
    case TBE_TYPE_HALF:
    case TBE_TYPE_BFLOAT16:
        return tensor->n_half_val;
    case TBE_TYPE_INT64:
        return tensor->n_int64_val;
    case TBE_TYPE_UINT64:
        return tensor->n_uint64_val;
    case TBE_TYPE_UINT32:
        return tensor->n_uint32_val;
    case TBE_TYPE_BOOL:
        return tensor->n_bool_val;
    default:
        return tensor->n_int_val;
    }
}

static double real_from_list(const Tbproto__TensorProto *tensor, size_t i)
{
    switch ((int)tensor->dtype) {
    case TBE_TYPE_FLOAT:
        return (double)tensor->float_val[i];
    case TBE_TYPE_DOUBLE:
        return tensor->double_val[i];
    case TBE_TYPE_HALF:
        return from_half((uint32_t)tensor->half_val[i] & 0xFFFF);
    default:
        return from_bfloat16((uint32_t)tensor->half_val[i] & 0xFFFF);
    }
}

static int64_t integer_from_list(const Tbproto__TensorProto *tensor, size_t i)
{
    switch ((int)tensor->dtype) {
    case TBE_TYPE_INT64:
        return tensor->int64_val[i];
    case TBE_TYPE_UINT64:
        return (int64_t)tensor->uint64_val[i];
    case TBE_TYPE_UINT32:
        return tensor->uint32_val[i];
    case TBE_TYPE_BOOL:
        return tensor->bool_val[i] ? 1 : 0;
    default:
        return tensor->int_val[i];
    }
}

/** Element i of n; a list that is shorter repeats its last one. */
static double number_at(const Tbproto__TensorProto *tensor, size_t i, int64_t *integer)
{
    const int type = (int)tensor->dtype;
    const uint8_t *content = tensor->tensor_content.len > 0
                                 ? tensor->tensor_content.data + i * tbe_data_type_size(type)
                                 : NULL;
    const size_t n_list = list_size(tensor);
    const size_t at = i < n_list ? i : n_list - 1;

    *integer = 0;
    if (is_real(type))
        return content != NULL ? real_from_bits(type, content) : real_from_list(tensor, at);
    *integer = content != NULL ? integer_from_bits(type, content) : integer_from_list(tensor, at);
    return type == TBE_TYPE_UINT64 ? (double)(uint64_t)*integer : (double)*integer;
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

/** Numbers of a tensor; none if there are more or fewer than its shape says. */
static bool set_numbers(tbe_memory *memory, const Tbproto__TensorProto *tensor, tbe_value *value)
{
    const size_t n = shape_size(tensor), size = tbe_data_type_size((int)tensor->dtype);
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
        numbers[i] = number_at(tensor, i, &value->integer);
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

/** A number of pixels as decimal digits; 0 if it is not a number. */
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
        return;
    }
    value->integer = 0;
    if (strcmp(value->plugin, "histograms") == 0 && value->n_dims == 2 && value->dims[1] == 3) {
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
    value->data_type = (int)tensor->dtype;
    if (!set_dims(memory, tensor, value))
        return false;
    if (tensor->dtype == TBPROTO__DATA_TYPE__DT_STRING)
        return read_strings(memory, tensor, value);
    if (!set_numbers(memory, tensor, value))
        return false;
    name_numbers(value);
    return true;
}
