#include "checkpoint/entry.h"

#include "base/message.h"
#include "tensor_bundle.pb-c.h"

#define FORMAT_VERSION 1 /* ours; 0 (older) reads the same */

typedef Tbproto__BundleEntryProto entry_message;
typedef Tbproto__BundleHeaderProto header_message;
typedef Tbproto__TensorShapeProto__Dim dim_message;

/* Indexed by TensorFlow's type number; size 0: not a fixed number of bytes. */
static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [TBPROTO__DATA_TYPE__DT_FLOAT] = {"float32", 4},
    [TBPROTO__DATA_TYPE__DT_DOUBLE] = {"float64", 8},
    [TBPROTO__DATA_TYPE__DT_INT32] = {"int32", 4},
    [TBPROTO__DATA_TYPE__DT_UINT8] = {"uint8", 1},
    [TBPROTO__DATA_TYPE__DT_INT16] = {"int16", 2},
    [TBPROTO__DATA_TYPE__DT_INT8] = {"int8", 1},
    [TBPROTO__DATA_TYPE__DT_STRING] = {"string", 0},
    [TBPROTO__DATA_TYPE__DT_COMPLEX64] = {"complex64", 8},
    [TBPROTO__DATA_TYPE__DT_INT64] = {"int64", 8},
    [TBPROTO__DATA_TYPE__DT_BOOL] = {"bool", 1},
    [TBPROTO__DATA_TYPE__DT_QINT8] = {"qint8", 1},
    [TBPROTO__DATA_TYPE__DT_QUINT8] = {"quint8", 1},
    [TBPROTO__DATA_TYPE__DT_QINT32] = {"qint32", 4},
    [TBPROTO__DATA_TYPE__DT_BFLOAT16] = {"bfloat16", 2},
    [TBPROTO__DATA_TYPE__DT_QINT16] = {"qint16", 2},
    [TBPROTO__DATA_TYPE__DT_QUINT16] = {"quint16", 2},
    [TBPROTO__DATA_TYPE__DT_UINT16] = {"uint16", 2},
    [TBPROTO__DATA_TYPE__DT_COMPLEX128] = {"complex128", 16},
    [TBPROTO__DATA_TYPE__DT_HALF] = {"float16", 2},
    [TBPROTO__DATA_TYPE__DT_RESOURCE] = {"resource", 0},
    [TBPROTO__DATA_TYPE__DT_VARIANT] = {"variant", 0},
    [TBPROTO__DATA_TYPE__DT_UINT32] = {"uint32", 4},
    [TBPROTO__DATA_TYPE__DT_UINT64] = {"uint64", 8},
};

static bool is_listed(int dtype)
{
    return dtype > 0 && (size_t)dtype < sizeof dtypes / sizeof *dtypes;
}

const char *ws_bundle_dtype_name(int dtype)
{
    return is_listed(dtype) ? dtypes[dtype].name : "an unknown type";
}

size_t ws_bundle_dtype_size(int dtype)
{
    return is_listed(dtype) ? dtypes[dtype].size : 0;
}

size_t ws_bundle_count(const int64_t *dims, size_t n_dims)
{
    size_t count = 1;
    for (size_t i = 0; i < n_dims; i++) {
        const uint64_t dim = (uint64_t)dims[i];
        if (dims[i] < 0 || dim > SIZE_MAX || (dim > 0 && count > (SIZE_MAX - 1) / dim))
            return SIZE_MAX;
        count *= (size_t)dim;
    }
    return count;
}

void ws_bundle_header_push(ws_buf *buf)
{
    header_message header = TBPROTO__BUNDLE_HEADER_PROTO__INIT;
    Tbproto__VersionDef version = TBPROTO__VERSION_DEF__INIT;

    version.producer = FORMAT_VERSION;
    header.num_shards = 1;
    header.version = &version;
    ws_buf_push_message(buf, &header.base);
}

static ws_status check_version(const char *path, const Tbproto__VersionDef *version, ws_error *err)
{
    bool refuses_us = version->min_consumer > FORMAT_VERSION;
    for (size_t i = 0; i < version->n_bad_consumers; i++)
        refuses_us |= version->bad_consumers[i] == FORMAT_VERSION;
    if (refuses_us)
        return ws_fail(err, WS_EFORMAT,
                       "%s: was written in format version %d, which must not be read as version %d",
                       path, version->producer, FORMAT_VERSION);
    return WS_OK;
}

ws_status ws_bundle_header_check(const char *path, const unsigned char *bytes, size_t size,
                                 ws_error *err)
{
    header_message *header = tbproto__bundle_header_proto__unpack(NULL, size, bytes);
    ws_status status = WS_OK;

    if (header == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: the header is malformed", path);
    if (header->num_shards != 1)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: belongs to %d data files, only checkpoints with one are supported",
                         path, header->num_shards);
    else if (header->endianness != TBPROTO__BUNDLE_HEADER_PROTO__ENDIANNESS__LITTLE)
        status =
            ws_fail(err, WS_EFORMAT, "%s: its arrays are big-endian, which is not supported", path);
    else if (header->version != NULL)
        status = check_version(path, header->version, err);
    tbproto__bundle_header_proto__free_unpacked(header, NULL);
    return status;
}

void ws_bundle_entry_push(ws_buf *buf, const ws_bundle_entry *entry)
{
    entry_message message = TBPROTO__BUNDLE_ENTRY_PROTO__INIT;
    Tbproto__TensorShapeProto shape = TBPROTO__TENSOR_SHAPE_PROTO__INIT;
    dim_message dims[WS_BUNDLE_MAX_DIMS];
    dim_message *dim_pointers[WS_BUNDLE_MAX_DIMS];

    for (size_t i = 0; i < entry->n_dims; i++) {
        tbproto__tensor_shape_proto__dim__init(&dims[i]);
        dims[i].size = entry->dims[i];
        dim_pointers[i] = &dims[i];
    }
    shape.n_dim = entry->n_dims;
    shape.dim = dim_pointers;
    message.dtype = (Tbproto__DataType)entry->dtype;
    message.shape = &shape;
    message.offset = (int64_t)entry->offset;
    message.size = (int64_t)entry->size;
    message.crc32c = entry->masked_crc;
    ws_buf_push_message(buf, &message.base);
}

static ws_status decode_shape(const char *path, const Tbproto__TensorShapeProto *shape,
                              ws_bundle_entry *entry, ws_error *err)
{
    if (shape == NULL || shape->unknown_rank)
        return ws_fail(err, WS_EFORMAT, "%s: \"%s\" has no shape", path, entry->name);
    if (shape->n_dim > WS_BUNDLE_MAX_DIMS)
        return ws_fail(err, WS_ELIMIT, "%s: \"%s\" has %zu dimensions, at most %d are supported",
                       path, entry->name, shape->n_dim, WS_BUNDLE_MAX_DIMS);
    entry->n_dims = shape->n_dim;
    for (size_t i = 0; i < shape->n_dim; i++)
        entry->dims[i] = shape->dim[i]->size;
    if (ws_bundle_count(entry->dims, entry->n_dims) == SIZE_MAX)
        return ws_fail(err, WS_EFORMAT, "%s: \"%s\" has an invalid shape", path, entry->name);
    return WS_OK;
}

/** Checks an entry that has bytes of its own. */
static ws_status check_size(const char *path, const entry_message *message,
                            const ws_bundle_entry *entry, ws_error *err)
{
    const size_t element = ws_bundle_dtype_size(entry->dtype);
    const size_t count = ws_bundle_count(entry->dims, entry->n_dims);

    if (message->shard_id != 0 || message->offset < 0 || message->size < 0)
        return ws_fail(err, WS_EFORMAT, "%s: \"%s\" does not lie in the data file", path,
                       entry->name);
    /* compared by division: a shape may claim more bytes than there are numbers for */
    if (element > 0 && (entry->size % element != 0 || entry->size / element != count))
        return ws_fail(err, WS_EFORMAT, "%s: \"%s\" has %ju bytes for %zu elements of %s", path,
                       entry->name, (uintmax_t)entry->size, count,
                       ws_bundle_dtype_name(entry->dtype));
    return WS_OK;
}

ws_status ws_bundle_entry_decode(const char *path, const unsigned char *bytes, size_t size,
                                 ws_bundle_entry *entry, ws_error *err)
{
    entry_message *message = tbproto__bundle_entry_proto__unpack(NULL, size, bytes);
    if (message == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: the entry of \"%s\" is malformed", path, entry->name);
    entry->dtype = (int)message->dtype;
    entry->offset = (uint64_t)message->offset;
    entry->size = (uint64_t)message->size;
    entry->masked_crc = message->crc32c;
    entry->is_partitioned = message->n_slices > 0;
    ws_status status = decode_shape(path, message->shape, entry, err);
    if (status == WS_OK && !entry->is_partitioned)
        status = check_size(path, message, entry, err);
    tbproto__bundle_entry_proto__free_unpacked(message, NULL);
    return status;
}
