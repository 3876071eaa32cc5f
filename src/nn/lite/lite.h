/**
 * A model as small runtimes hold it: tensors of whole types with a scale and a zero point, and
 * operators that read and write them. It is what a TFLite file says, without its bytes: files are
 * written from it and read into it (formats/), the executor runs it (run.h), and passes make it of
 * a trained graph (lower.h) and bring it to 8 bits (quantize.h).
 *
 * Images are [n, h, w, c]; a number stands for scale (q - zero_point).
 */
#ifndef WS_NN_LITE_LITE_H
#define WS_NN_LITE_LITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    WS_LITE_MAX_DIMS = 6,
    WS_LITE_MAX_EDGES = 16, /* inputs, or outputs, of a node or graph */
    WS_LITE_MAX_GRAPHS = 4,
    WS_LITE_MAX_NAME = 255,
    WS_LITE_NONE = -1, /* an input that is absent */
};

/** TFLite's numbers. */
typedef enum ws_lite_type {
    WS_LITE_FLOAT32 = 0,
    WS_LITE_INT32 = 2,
    WS_LITE_UINT8 = 3,
    WS_LITE_INT64 = 4,
    WS_LITE_BOOL = 6,
    WS_LITE_INT16 = 7,
    WS_LITE_INT8 = 9,
    WS_LITE_RESOURCE = 13, /* a handle of a variable; has no numbers */
} ws_lite_type;

/** Bytes of a number; 0 for a type that is not named above, and for handles. */
size_t ws_lite_type_bytes(ws_lite_type type);
const char *ws_lite_type_name(ws_lite_type type);

/** What a tensor's whole numbers stand for. */
typedef struct ws_lite_scale {
    float *scales; /* [n]; owned by the tensor */
    size_t n;      /* 0: the numbers are as they are; 1: one for all; else one for each index of
                      `axis` */
    size_t axis;
    int32_t zero_point; /* of all of them */
} ws_lite_scale;

/** Which numbers a tensor takes in use: for passes, not in a file. */
typedef struct ws_lite_range {
    bool is_known;
    float min, max; /* min <= 0 <= max */
} ws_lite_range;

typedef struct ws_lite_tensor {
    char *name; /* owned */
    ws_lite_type type;
    size_t dims[WS_LITE_MAX_DIMS];
    size_t n_dims; /* 0: a scalar */
    ws_lite_scale scale;
    void *data; /* of a constant, owned; NULL: it is computed, or given */
    ws_lite_range range;
} ws_lite_tensor;

/** Numbers in all dims. */
size_t ws_lite_tensor_size(const ws_lite_tensor *tensor);
size_t ws_lite_tensor_bytes(const ws_lite_tensor *tensor);
/** The scale of index i of the axis; 1 without any. */
double ws_lite_tensor_scale(const ws_lite_tensor *tensor, size_t i);

typedef enum ws_lite_kind {
    WS_LITE_ADD,
    WS_LITE_ASSIGN_VARIABLE,
    WS_LITE_AUDIO_SPECTROGRAM, /* only in front of a model, see formats/lite_front.h */
    WS_LITE_AVERAGE_POOL_2D,
    WS_LITE_CALL_ONCE,
    WS_LITE_CONCATENATION,
    WS_LITE_CONV_2D,
    WS_LITE_DEPTHWISE_CONV_2D,
    WS_LITE_DEQUANTIZE,
    WS_LITE_EXPAND_DIMS,
    WS_LITE_FULLY_CONNECTED,
    WS_LITE_LOGISTIC,
    WS_LITE_MAX_POOL_2D,
    WS_LITE_MEAN,
    WS_LITE_MFCC, /* the same */
    WS_LITE_MUL,
    WS_LITE_PACK,
    WS_LITE_PAD,
    WS_LITE_QUANTIZE,
    WS_LITE_READ_VARIABLE,
    WS_LITE_RELU,
    WS_LITE_RELU6,
    WS_LITE_RESHAPE,
    WS_LITE_SLICE, /* only read: our own models have STRIDED_SLICE */
    WS_LITE_SOFTMAX,
    WS_LITE_SPLIT,
    WS_LITE_SPLIT_V,
    WS_LITE_SQUEEZE,
    WS_LITE_STRIDED_SLICE,
    WS_LITE_SUB,
    WS_LITE_TRANSPOSE,
    WS_LITE_VAR_HANDLE,
    WS_LITE_N_KINDS
} ws_lite_kind;

/** TFLite's numbers. */
typedef enum ws_lite_padding { WS_LITE_SAME = 0, WS_LITE_VALID = 1 } ws_lite_padding;

/** What an operator does to its sum at the end; TFLite's numbers. */
typedef enum ws_lite_activation {
    WS_LITE_NO_ACTIVATION = 0,
    WS_LITE_ACTIVATION_RELU = 1,
    WS_LITE_ACTIVATION_RELU6 = 3,
} ws_lite_activation;

/** Attributes; those that an operator has are in its row (formats/tflite_rows.c). */
typedef struct ws_lite_options {
    int32_t padding;    /* ws_lite_padding */
    int32_t activation; /* ws_lite_activation */
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t filter_h, filter_w; /* of poolings */
    int32_t depth_multiplier;   /* outputs of an input channel */
    int32_t axis;               /* negative: from the last */
    int32_t keeps_dims;
    int32_t n_parts; /* of PACK, SPLIT, SPLIT_V */
    int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask;
    int32_t graph;                                       /* of CALL_ONCE: the one that is run */
    float beta;                                          /* of SOFTMAX: a factor before exp */
    int32_t window_samples, stride_samples, is_squared;  /* of AUDIO_SPECTROGRAM */
    int32_t lower_hz, upper_hz, n_bands, n_coefficients; /* of MFCC */
} ws_lite_options;

typedef struct ws_lite_node {
    ws_lite_kind kind;
    int inputs[WS_LITE_MAX_EDGES]; /* tensors of the graph, or WS_LITE_NONE */
    size_t n_inputs;
    int outputs[WS_LITE_MAX_EDGES];
    size_t n_outputs;
    ws_lite_options options;
    char variable[WS_LITE_MAX_NAME + 1]; /* of VAR_HANDLE: its shared name */
} ws_lite_node;

typedef struct ws_lite_graph {
    ws_lite_tensor *tensors; /* owned */
    size_t n_tensors;
    ws_lite_node *nodes; /* in an order in which they can run; owned */
    size_t n_nodes;
    int inputs[WS_LITE_MAX_EDGES];
    size_t n_inputs;
    int outputs[WS_LITE_MAX_EDGES];
    size_t n_outputs;
} ws_lite_graph;

/** A text about the model. */
typedef struct ws_lite_note {
    char *name, *text; /* owned */
} ws_lite_note;

/** All zeros is empty. Pushes after a failed one have no effect. */
typedef struct ws_lite {
    ws_lite_graph graphs[WS_LITE_MAX_GRAPHS]; /* the first is run, others by CALL_ONCE */
    size_t n_graphs;
    ws_lite_note *notes;
    size_t n_notes;
    ws_status status; /* WS_ENOMEM after a push without memory */
} ws_lite;

void ws_lite_deinit(ws_lite *lite);

/** Makes `to` (uninitialised before) a copy. @return WS_OK; WS_ENOMEM, `to` is empty */
WS_MUST_CHECK ws_status ws_lite_init_copy(ws_lite *to, const ws_lite *from, ws_error *err);

/** WS_OK, or that memory was lacking. */
WS_MUST_CHECK ws_status ws_lite_status(const ws_lite *lite, ws_error *err);

/** Appends a graph without nodes. @return it; borrowed; NULL after a failure */
ws_lite_graph *ws_lite_push_graph(ws_lite *lite);

/** Appends a tensor of a type, dims, scale and range.
 *
 *  @param graph  one of lite
 *  @param like   its name and data are not read; what it owns is copied
 *  @param data   of a constant, copied; NULL: it is none
 *  @return its number; 0 after a failure */
int ws_lite_push_tensor(ws_lite *lite, ws_lite_graph *graph, const char *name,
                        const ws_lite_tensor *like, const void *data);
/** Appends a copy of a node. @return the same */
int ws_lite_push_node(ws_lite *lite, ws_lite_graph *graph, const ws_lite_node *node);

void ws_lite_push_note(ws_lite *lite, const char *name, const char *text);
/** @return the text; NULL: there is none of that name */
const char *ws_lite_find_note(const ws_lite *lite, const char *name);

/** Replaces a tensor's scale by copies of n of them. */
void ws_lite_set_scales(ws_lite *lite, ws_lite_tensor *tensor, const float *scales, size_t n,
                        size_t axis, int32_t zero_point);

/** The operator's name, as TFLite says it: "CONV_2D". */
const char *ws_lite_kind_name(ws_lite_kind kind);

/** Whether a tensor of the graph is one of its inputs (or outputs). */
bool ws_lite_is_input(const ws_lite_graph *graph, int tensor);
bool ws_lite_is_output(const ws_lite_graph *graph, int tensor);

#endif
