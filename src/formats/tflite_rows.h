/** Operators as TFLite's schema has them: a row for each. Private to formats/. */
#ifndef WS_FORMATS_TFLITE_ROWS_H
#define WS_FORMATS_TFLITE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "nn/lite/lite.h"

/* Where the fields of the schema's tables are that are written and read. */
enum {
    WS_TFL_VERSION = 3, /* of the schema */
    WS_TFL_CUSTOM = 32, /* the code of operators that are not TFLite's own */

    WS_TFL_MODEL_VERSION = 0,
    WS_TFL_MODEL_CODES = 1,
    WS_TFL_MODEL_GRAPHS = 2,
    WS_TFL_MODEL_DESCRIPTION = 3,
    WS_TFL_MODEL_BUFFERS = 4,
    WS_TFL_MODEL_METADATA = 6,
    WS_TFL_MODEL_SIGNATURES = 7,

    WS_TFL_CODE_OLD = 0, /* one byte; 127: see the other one */
    WS_TFL_CODE_CUSTOM = 1,
    WS_TFL_CODE_VERSION = 2,
    WS_TFL_CODE = 3,

    WS_TFL_GRAPH_TENSORS = 0,
    WS_TFL_GRAPH_INPUTS = 1,
    WS_TFL_GRAPH_OUTPUTS = 2,
    WS_TFL_GRAPH_OPERATORS = 3,
    WS_TFL_GRAPH_NAME = 4,

    WS_TFL_TENSOR_SHAPE = 0,
    WS_TFL_TENSOR_TYPE = 1,
    WS_TFL_TENSOR_BUFFER = 2,
    WS_TFL_TENSOR_NAME = 3,
    WS_TFL_TENSOR_SCALE = 4,
    WS_TFL_TENSOR_SPARSITY = 6,

    WS_TFL_SCALE_SCALES = 2,
    WS_TFL_SCALE_ZERO_POINTS = 3,
    WS_TFL_SCALE_AXIS = 6,

    WS_TFL_OPERATOR_CODE = 0,
    WS_TFL_OPERATOR_INPUTS = 1,
    WS_TFL_OPERATOR_OUTPUTS = 2,
    WS_TFL_OPERATOR_OPTIONS_TYPE = 3,
    WS_TFL_OPERATOR_OPTIONS = 4,
    WS_TFL_OPERATOR_CUSTOM_OPTIONS = 5,

    WS_TFL_BUFFER_DATA = 0,

    WS_TFL_METADATA_NAME = 0,
    WS_TFL_METADATA_BUFFER = 1,

    WS_TFL_SIGNATURE_INPUTS = 0,
    WS_TFL_SIGNATURE_OUTPUTS = 1,
    WS_TFL_SIGNATURE_KEY = 2,
    WS_TFL_SIGNATURE_GRAPH = 4,

    WS_TFL_NAMED_NAME = 0, /* a tensor of a signature */
    WS_TFL_NAMED_TENSOR = 1,

    WS_TFL_VAR_HANDLE_NAME = 1,
};

enum { WS_TFLITE_MAX_FIELDS = 7 };

/** A field of an operator's options. */
typedef struct ws_tflite_field {
    uint8_t slot;
    uint8_t n_bytes; /* 1 or 4 whole; 0: a float */
    uint16_t offset; /* in ws_lite_options */
    int32_t absent;  /* its value if it is not in the file */
    const char *key; /* of operators that are not TFLite's own: the field's name */
} ws_tflite_field;

typedef struct ws_tflite_row {
    int code;                             /* BuiltinOperator */
    unsigned options;                     /* which of BuiltinOptions; 0: none */
    unsigned version_float, version_int8; /* the lowest that says what is written here */
    ws_tflite_field fields[WS_TFLITE_MAX_FIELDS];
    size_t n_fields;
    const char *custom; /* of operators that are not TFLite's own: the name; fields are sorted by
                           their keys, and 1 byte is a bool */
} ws_tflite_row;

extern const ws_tflite_row ws_tflite_rows[WS_LITE_N_KINDS];

/** The kind with that code, and with WS_TFL_CUSTOM that name; WS_LITE_N_KINDS: there is no row. */
ws_lite_kind ws_tflite_kind_find(int code, const char *custom);

#endif
