/** What the executor knows of an operator. Private to nn/lite. */
#ifndef WS_NN_LITE_KERNEL_H
#define WS_NN_LITE_KERNEL_H

#include "base/cpu.h"
#include "nn/lite/run.h"

/** One operator applied. */
typedef struct ws_lite_args {
    const ws_lite_node *node;
    const ws_lite_tensor *in[WS_LITE_MAX_EDGES]; /* NULL: absent */
    const ws_lite_tensor *out[WS_LITE_MAX_EDGES];
    const void *x[WS_LITE_MAX_EDGES]; /* numbers of the inputs; constants before a run, too */
    void *y[WS_LITE_MAX_EDGES];
    ws_lite_rounding rounding;
    /* Of operators that compute: whole numbers less their zero point. */
    const double *v[3]; /* [size of the input] of the first three; NULL: absent */
    double *r;          /* [size of the output], to be filled */
} ws_lite_args;

/** Which operators are done alike. */
typedef struct ws_lite_kernel {
    size_t min_inputs, max_inputs, n_outputs; /* n_outputs 0: at least one */
    /** What does not fit, in words; NULL: all fits. NULL: there is nothing to check. */
    const char *(*check)(const ws_lite_args *args);
    /** Copies bytes; NULL: the operator computes. */
    void (*copy)(const ws_lite_args *args);
    /** Fills args->r with real numbers, but sums of products for the next. */
    void (*compute)(const ws_lite_args *args);
    /** The result are whole sums, in units of the product of the first two scales; they are
     *  clamped by the activation afterwards. Otherwise the results are real numbers. */
    bool gives_sums;
    /** Fills the output of int8 from args->v (with gives_sums from args->r) as TFLM rounds; NULL:
     *  it rounds as all do. */
    void (*round_as_tflm)(const ws_lite_args *args);
} ws_lite_kernel;

/** The row of an operator; all NULL for those on variables, which the executor does itself. */
const ws_lite_kernel *ws_lite_kernel_get(ws_lite_kind kind);

/* Rows' functions (kernels_*.c). */
const char *ws_lite_check_conv(const ws_lite_args *args);
const char *ws_lite_check_depthwise(const ws_lite_args *args);
const char *ws_lite_check_dense(const ws_lite_args *args);
const char *ws_lite_check_pool(const ws_lite_args *args);
const char *ws_lite_check_mean(const ws_lite_args *args);
void ws_lite_compute_conv(const ws_lite_args *args);
void ws_lite_compute_depthwise(const ws_lite_args *args);
void ws_lite_compute_dense(const ws_lite_args *args);
void ws_lite_compute_average_pool(const ws_lite_args *args);
void ws_lite_compute_max_pool(const ws_lite_args *args);
void ws_lite_compute_mean(const ws_lite_args *args);

const char *ws_lite_check_pair(const ws_lite_args *args);
const char *ws_lite_check_each(const ws_lite_args *args);
void ws_lite_compute_add(const ws_lite_args *args);
void ws_lite_compute_sub(const ws_lite_args *args);
void ws_lite_compute_mul(const ws_lite_args *args);
void ws_lite_compute_logistic(const ws_lite_args *args);
void ws_lite_compute_relu(const ws_lite_args *args);
void ws_lite_compute_relu6(const ws_lite_args *args);
void ws_lite_compute_same(const ws_lite_args *args);
void ws_lite_compute_softmax(const ws_lite_args *args);

/** An operator on pairs whose tensors are all int8, many numbers at a time (byte_pairs.c).
 *  @param level  of its kernels
 *  @return true: the output is filled; false: it is not such an operator */
bool ws_lite_compute_byte_pairs(const ws_lite_args *args, ws_cpu_level level);

const char *ws_lite_check_same_bytes(const ws_lite_args *args);
const char *ws_lite_check_front(const ws_lite_args *args); /* refuses */
const char *ws_lite_check_concatenation(const ws_lite_args *args);
const char *ws_lite_check_pad(const ws_lite_args *args);
const char *ws_lite_check_part(const ws_lite_args *args);
const char *ws_lite_check_slice(const ws_lite_args *args);
const char *ws_lite_check_split(const ws_lite_args *args);
const char *ws_lite_check_transpose(const ws_lite_args *args);
void ws_lite_copy_all(const ws_lite_args *args);
void ws_lite_copy_concatenation(const ws_lite_args *args);
void ws_lite_copy_pad(const ws_lite_args *args);
void ws_lite_copy_part(const ws_lite_args *args);
void ws_lite_copy_slice(const ws_lite_args *args);
void ws_lite_copy_split(const ws_lite_args *args);
void ws_lite_copy_transpose(const ws_lite_args *args);

/** A factor as TensorFlow Lite Micro holds it: multiplier times 2^(shift - 31). */
typedef struct ws_lite_factor {
    int32_t multiplier; /* >= 0 */
    int shift;          /* >= -31 */
} ws_lite_factor;

enum { WS_LITE_TFLM_ADD_SHIFT = 20 }; /* of what ADD and SUB scale */

/** What makes an output of a layer's sum, of a channel. */
ws_lite_factor ws_lite_tflm_factor(const ws_lite_args *args, size_t channel);
/** The factors of both inputs of ADD and SUB, and of the output; MUL has only the last. */
void ws_lite_tflm_pair_factors(const ws_lite_args *args, ws_lite_factor factors[3]);
void ws_lite_tflm_sums(const ws_lite_args *args);
void ws_lite_tflm_add(const ws_lite_args *args);
void ws_lite_tflm_mul(const ws_lite_args *args);
void ws_lite_tflm_logistic(const ws_lite_args *args);
void ws_lite_tflm_same(const ws_lite_args *args);

/* For rows. */

/** A dim counted from the last one; 1 before the first. */
size_t ws_lite_dim_from_last(const ws_lite_tensor *tensor, size_t i);

/** Of an operator on pairs: the number of input k that goes with number i of the output. */
double ws_lite_number_at(const ws_lite_args *args, size_t k, size_t i);

/** A window's geometry on images, and the zeros before the image. */
typedef struct ws_lite_window {
    size_t in_h, in_w, out_h, out_w, h, w, stride_h, stride_w, dilation_h, dilation_w;
    size_t before_h, before_w;
} ws_lite_window;

/** @param h, w  of the window
 *  @return what does not fit; NULL: all fits */
const char *ws_lite_window_init(const ws_lite_args *args, size_t h, size_t w, ws_lite_window *win);

/** The axis that an option or a constant says, from the last if negative.
 *  @return n_dims if there is no such axis */
size_t ws_lite_axis(int64_t axis, size_t n_dims);

/** Number i of a constant of int32, int64 or 8 bits. */
int64_t ws_lite_whole(const ws_lite_tensor *tensor, const void *data, size_t i);

/* Numbers (numbers.c). */

/** Whole numbers less the zero point, or floats, as doubles. */
void ws_lite_load(const ws_lite_tensor *tensor, const void *data, double *to);
/** Real numbers to the nearest of the type. */
void ws_lite_store(const ws_lite_tensor *tensor, const double *reals, void *data);
/** args->r, whole sums of a layer: times the scales, then the activation, then as ws_lite_store. */
void ws_lite_store_sums(const ws_lite_args *args);
/** The scales of the first two inputs multiplied, of a channel of the second. */
double ws_lite_scale_of_sum(const ws_lite_args *args, size_t channel);
/** What a whole sum is multiplied with to become a whole output: that over the output's scale, in
 *  floats, as LiteRT and ONNX Runtime do it. */
float ws_lite_step_of_sum(const ws_lite_args *args, size_t channel);

/** Between which whole numbers an output lies: those of its type, and its activation. */
typedef struct ws_lite_clamp {
    double zero, least, most; /* as they are stored */
} ws_lite_clamp;

ws_lite_clamp ws_lite_clamp_of(const ws_lite_args *args);
/** The same between a whole tensor and real numbers. Halves go to the even level. */
void ws_lite_load_floats(const ws_lite_tensor *tensor, const void *data, float *reals);
void ws_lite_store_floats(const ws_lite_tensor *tensor, const float *reals, void *data);
double ws_lite_activate(double real, int32_t activation);

#endif
