/** Shared by the files that write ONNX. Private to formats/. */
#ifndef WS_FORMATS_ONNX_WRITER_H
#define WS_FORMATS_ONNX_WRITER_H

#include <stdbool.h>

#include "base/text.h"
#include "formats/onnx_message.h"
#include "nn/lite/lite.h"

enum { WS_ONNX_IMAGE_DIMS = 4 };

/** What stands for a tensor of the graph. */
typedef struct ws_onnx_value {
    const char *name; /* as it is stored; NULL: not yet there */
    const char *real; /* the same in floating point; NULL: not yet there */
    int64_t zeros[4]; /* around its image, that its readers add: before h and w, after h and w */
} ws_onnx_value;

typedef struct ws_onnx_writer {
    const ws_lite_graph *from;
    ws_onnx_graph to;
    ws_onnx_value *values; /* [from->n_tensors] */
    ws_text_list names;    /* of all values so far */
    ws_status status;      /* the first failure */
    ws_error *err;
} ws_onnx_writer;

/** Writes node i and those after it that belong to it. @return how many */
typedef size_t ws_onnx_row(ws_onnx_writer *w, size_t i);

/** The row of an operator; NULL: it cannot be said. */
ws_onnx_row *ws_onnx_row_find(ws_lite_kind kind);

/* For rows. A failed writer takes all calls, which then have no effect. */

/** An image of several channels and several places: its order matters. */
bool ws_onnx_has_order(const ws_lite_tensor *image);

/** A name that no other value has. @return borrowed until the file is written */
const char *ws_onnx_writer_name(ws_onnx_writer *w, const char *wanted, const char *suffix);

/** The floating-point numbers of a tensor that is computed: an image is [n, c, h, w]. */
const char *ws_onnx_writer_read(ws_onnx_writer *w, int tensor);

/** A constant of images [a, b, c, d], its axes in another order, in floating point.
 *  @param order  new axis k is axis order[k]
 *  @param dims   what the result is seen as */
const char *ws_onnx_writer_weights(ws_onnx_writer *w, int tensor, const size_t from[4],
                                   const size_t order[4], const int64_t *dims, size_t n_dims);
/** The same with the scale of each number in it, for products with them that have no
 * DequantizeLinear of their own: a scale for each number, or one for all. */
const char *ws_onnx_writer_reals(ws_onnx_writer *w, int tensor, const size_t from[4],
                                 const size_t order[4], const int64_t *dims, size_t n_dims);
/** A constant without another order, with other dims, in floating point. */
const char *ws_onnx_writer_constant(ws_onnx_writer *w, int tensor, const int64_t *dims,
                                    size_t n_dims);
const char *ws_onnx_writer_wholes(ws_onnx_writer *w, const char *name, const int64_t *wholes,
                                  size_t n);

/** Appends an operator whose result is a tensor of the graph, with the activation and the rounding
 *  that belong to it. @param node  output is not read */
void ws_onnx_writer_give(ws_onnx_writer *w, const ws_lite_node *from, const ws_onnx_node *node);
/** The same for an operator that moves the numbers of its input as they are stored. */
void ws_onnx_writer_move(ws_onnx_writer *w, const ws_lite_node *from, const ws_onnx_node *node);
/** Rounds a value to the levels of a tensor of the graph, which it becomes. */
void ws_onnx_writer_round(ws_onnx_writer *w, int tensor, const char *real, const char *name);
/** The floating-point numbers of a rounded tensor, under a name. */
void ws_onnx_writer_unround(ws_onnx_writer *w, int tensor, const char *name);
/** Appends an operator in between. @return its output */
const char *ws_onnx_writer_push(ws_onnx_writer *w, const char *name, const ws_onnx_node *node);

/** From [n, h, w, c] to [n, c, h, w], or back. @return the new value */
const char *ws_onnx_writer_turn(ws_onnx_writer *w, const char *value, bool is_to_channels_first);

void ws_onnx_writer_fail(ws_onnx_writer *w, const ws_lite_node *node, const char *why);

#endif
