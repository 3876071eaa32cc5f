/**
 * tbevents: reads event files of this and any other writer, in old and new forms. tbevents.h has
 * the rules that hold for all.
 *
 *     tbe_reader *reader = tbe_reader_open("events.out.tfevents.1700000000.host.1.0", NULL);
 *     tbe_record record = TBE_RECORD_INIT;
 *     tbe_status status;
 *     while ((status = tbe_reader_read(reader, &record)) == TBE_OK)
 *         for (size_t i = 0; i < record.n_values; i++)
 *             if (record.values[i].kind == TBE_VALUE_SCALAR)
 *                 printf("%lld %s %g\n", (long long)record.step, record.values[i].tag,
 *                        record.values[i].scalar);
 *     if (status != TBE_END)
 *         fprintf(stderr, "%s\n", tbe_reader_get_message(reader));
 *     tbe_reader_close(reader);
 *
 * Threads: one reader is for one thread at a time, different ones are independent. It reads in the
 * calling thread and waits for the disk.
 */
#ifndef TBEVENTS_READER_H
#define TBEVENTS_READER_H

#include <tbevents/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A reader of one event file. Made by tbe_reader_open(), freed by tbe_reader_close(). */
typedef struct tbe_reader tbe_reader;

/** How a file is read. */
typedef struct tbe_reader_options {
    /** sizeof(tbe_reader_options) of the caller; tbe_reader_options_init() sets it. */
    size_t struct_size;
    /** The longest record that is read, in bytes, up to 1 GiB; 0: TBE_MAX_EVENT_BYTES. A longer one
     *  counts as damaged, since its length is most likely wrong. A reader takes at most this
     * memory, and 32 times the size of a record to parse it. */
    size_t max_record_bytes;
    /** The number of tags whose kind is remembered, up to 16777216; 0: 65536. If a tag beyond this
     *  limit names its page only in its first value, later values are TBE_VALUE_TENSOR. */
    size_t max_tags;
} tbe_reader_options;

#define TBE_READER_OPTIONS_INIT TBE_INIT_SIZED(tbe_reader_options)

/** Sets all fields to their defaults; call it as tbe_reader_options_init(&o, sizeof o). */
TBE_API void tbe_reader_options_init(tbe_reader_options *options, size_t struct_size);

/** What a record is. More may be added. */
typedef enum tbe_record_kind {
    TBE_RECORD_OTHER = 0,     /**< empty, or unknown to this library */
    TBE_RECORD_VERSION = 1,   /**< text: "brain.Event:2" */
    TBE_RECORD_VALUES = 2,    /**< values */
    TBE_RECORD_START = 3,     /**< a session starts: drop what earlier files have from step on */
    TBE_RECORD_SESSION = 4,   /**< another state of a session */
    TBE_RECORD_GRAPH = 5,     /**< data: a GraphDef */
    TBE_RECORD_RUN_TIMES = 6, /**< data: a RunMetadata; text: its name */
    TBE_RECORD_META_GRAPH = 7 /**< data: a MetaGraphDef */
} tbe_record_kind;

/** What a value is: by its own form, or by the page that its tag is for. More may be added. */
typedef enum tbe_value_kind {
    TBE_VALUE_NONE = 0,      /**< a tag without a value, or with an invalid one */
    TBE_VALUE_SCALAR = 1,    /**< scalar */
    TBE_VALUE_IMAGE = 2,     /**< blobs: pictures, each a file; width, height */
    TBE_VALUE_HISTOGRAM = 3, /**< numbers: [n_numbers / 3][3] left edge, right edge, count */
    TBE_VALUE_AUDIO = 4,     /**< blobs: sounds, each a file */
    TBE_VALUE_TEXT = 5,      /**< blobs: texts, not ended by a NUL; dims */
    TBE_VALUE_PR_CURVE = 6,  /**< numbers: [6][n_numbers / 6] true positives, false positives, true
                                  negatives, false negatives, precision, recall */
    TBE_VALUE_HPARAMS = 7,   /**< content: a message on hyperparameters */
    TBE_VALUE_LAYOUT = 8,    /**< blobs: one layout of charts */
    TBE_VALUE_TENSOR = 9     /**< any other: numbers or blobs; dims */
} tbe_value_kind;

/** The type of a tensor's elements, numbered as TensorFlow's DataType. A file may hold others. */
typedef enum tbe_data_type {
    TBE_TYPE_NONE = 0, /**< the value is no tensor */
    TBE_TYPE_FLOAT = 1,
    TBE_TYPE_DOUBLE = 2,
    TBE_TYPE_INT32 = 3,
    TBE_TYPE_UINT8 = 4,
    TBE_TYPE_INT16 = 5,
    TBE_TYPE_INT8 = 6,
    TBE_TYPE_STRING = 7,
    TBE_TYPE_INT64 = 9,
    TBE_TYPE_BOOL = 10,
    TBE_TYPE_BFLOAT16 = 14,
    TBE_TYPE_UINT16 = 17,
    TBE_TYPE_HALF = 19,
    TBE_TYPE_UINT32 = 22,
    TBE_TYPE_UINT64 = 23
} tbe_data_type;

/** Bytes of one element where a tensor holds plain bytes; 0: the reader does not turn elements of
 *  this type into numbers (strings, complex numbers, quantised ones). */
TBE_API size_t tbe_data_type_size(int data_type);

/** Bytes that belong to the reader. */
typedef struct tbe_blob {
    const uint8_t *data;
    size_t size;
} tbe_blob;

/** A value of a record. All that it points to belongs to the reader and is valid until its next
 *  call. Texts are UTF-8; a record with other text is damaged. */
typedef struct tbe_value {
    const char *tag; /**< never NULL */
    tbe_value_kind kind;
    const char *plugin;       /**< name of the page, by the first value of the tag that told one;
                                   "": none did. Never NULL. */
    const char *display_name; /**< of this value; "": none. Never NULL. */
    const char *description;  /**< the same */
    tbe_blob content;         /**< what this value tells its page */
    int is_legacy;            /**< in the form before tensors */
    double scalar;            /**< of a scalar; otherwise 0 */
    uint32_t width, height;   /**< of an image as the file says it; 0: it does not */
    const double *numbers;    /**< [n_numbers]; an older histogram is given in the newer form */
    size_t n_numbers;
    const tbe_blob *blobs; /**< [n_blobs] */
    size_t n_blobs;
    const int64_t *dims; /**< [n_dims] shape of the tensor as the file has it */
    size_t n_dims;
    int data_type;   /**< of the tensor, as the file has it: a tbe_data_type, or a number that
                          later versions of TensorFlow add */
    int64_t integer; /**< of a scalar of an integer type: its exact value, which scalar may not
                          hold; of TBE_TYPE_UINT64 the same 64 bits; 0 otherwise */
} tbe_value;

/** A record: one event. */
typedef struct tbe_record {
    /** sizeof(tbe_record) of the caller; tbe_record_init() sets it. */
    size_t struct_size;
    /** Where the record begins, and its bytes with framing. */
    uint64_t offset;
    uint64_t size;
    tbe_record_kind kind;
    /** Seconds since 1970, as the file has it, so check it before use. */
    double wall_time;
    int64_t step;
    /** Of some kinds; "" otherwise; the reader's. */
    const char *text;
    tbe_blob data;
    /** [n_values]; the reader's. */
    const tbe_value *values;
    size_t n_values;
    /** The whole event as it is in the file, to be copied; the reader's. */
    tbe_blob payload;
} tbe_record;

#define TBE_RECORD_INIT TBE_INIT_SIZED(tbe_record)

/** What is wrong after a read returned TBE_EDATA. More may be added. */
typedef enum tbe_damage {
    TBE_DAMAGE_NONE = 0,
    TBE_DAMAGE_LENGTH = 1,   /**< the checksum of a record's length is wrong */
    TBE_DAMAGE_LONG = 2,     /**< the length is above max_record_bytes */
    TBE_DAMAGE_CHECKSUM = 3, /**< the checksum of the payload is wrong */
    TBE_DAMAGE_EVENT = 4     /**< the payload is not an event, or has text that is not UTF-8 */
} tbe_damage;

/** Sets all fields to 0 and struct_size; call it as tbe_record_init(&record, sizeof record). */
TBE_API void tbe_record_init(tbe_record *record, size_t struct_size);

/**
 * Opens a file.
 *
 * @param path     of any file; "" is refused
 * @param options  NULL: the defaults; borrowed
 * @return a reader for tbe_reader_close(). After a failure, too: the first read returns it. NULL:
 * out of memory
 */
TBE_API tbe_reader *tbe_reader_open(const char *path, const tbe_reader_options *options);

/** The same for a file in memory. @param data  [size] borrowed until the reader is closed */
TBE_API tbe_reader *tbe_reader_open_memory(const void *data, size_t size,
                                           const tbe_reader_options *options);

/**
 * Reads the next record.
 *
 * @param record  filled; what it points to is valid until the next call with this reader. After
 *                TBE_EDATA and TBE_ELIMIT only offset, size and payload are, and 0 if the length is
 *                what is damaged.
 * @return TBE_OK;
 *         TBE_END: the file ends here, or in the middle of a record. A writer leaves half a record
 * if it was killed, or while it writes: a later call continues once the file has grown. TBE_EDATA:
 * the record is damaged. The next call reads the record after it, unless the length is damaged:
 * then every call returns this, until tbe_reader_resync(). TBE_ELIMIT: parsing it needs more memory
 * than allowed. The next call reads the next record. TBE_EINVAL, TBE_EIO, TBE_ENOMEM
 */
TBE_API tbe_status tbe_reader_read(tbe_reader *reader, tbe_record *record);

/**
 * After damage or a torn end: searches for the next whole record, whose length and payload both
 * have correct checksums. The search begins at the second byte of the record at which the last read
 * failed, since whole records may follow within the length of a record that was cut off.
 *
 * @return TBE_OK: the next read returns it; TBE_END: no record was found, and the reader is at the
 *         end of the file; TBE_ELIMIT: too many bytes look like the head of a record but are not;
 *         TBE_EIO, TBE_ENOMEM
 */
TBE_API tbe_status tbe_reader_resync(tbe_reader *reader);

/** What the last read found wrong; TBE_DAMAGE_NONE unless it returned TBE_EDATA. */
TBE_API tbe_damage tbe_reader_get_damage(const tbe_reader *reader);

/** Bytes from the start of the file to the end of the last record whose length was right: where a
 *  torn file may be truncated. */
TBE_API uint64_t tbe_reader_get_offset(const tbe_reader *reader);

/** Bytes of half a record after that, as the last TBE_END saw them; 0: none. */
TBE_API uint64_t tbe_reader_get_n_torn(const tbe_reader *reader);

/** One sentence on the last failure, naming file and byte; "" if nothing failed. Never NULL; valid
 *  until the next call with this reader. */
TBE_API const char *tbe_reader_get_message(const tbe_reader *reader);

/** Bytes of a record before and after its payload. */
enum { TBE_FRAME_HEAD_BYTES = 12, TBE_FRAME_TAIL_BYTES = 4 };

/**
 * Makes what stands around a payload in an event file, for a program that copies records or writes
 * its own: head, payload and tail together are one record.
 *
 * @param payload  [size], the bytes of one Event message
 */
TBE_API void tbe_frame_record(const void *payload, size_t size, uint8_t head[TBE_FRAME_HEAD_BYTES],
                              uint8_t tail[TBE_FRAME_TAIL_BYTES]);

/** Closes the file and frees the reader, which may be NULL. */
TBE_API void tbe_reader_close(tbe_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
