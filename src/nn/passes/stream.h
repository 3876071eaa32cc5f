/**
 * A network that judges clips, as one that follows a stream: it gets the next few frames, keeps the
 * rows of earlier ones that it needs (WS_OP_HISTORY), and computes each row once.
 *
 *     [204, w, c] -> conv 5 stride 3 -> [67, ..] -> depthwise 5 -> [63, ..] -> ... -> logits
 *     [3, w, c] -> history 2 -> conv 5 stride 3 -> [1, ..] -> history 4 -> depthwise 5 -> ...
 *
 * What it gives equals what the clip's network gives for the same frames. So a layer must not know
 * where a clip begins and ends: zeros before its first row or after its last one are refused.
 */
#ifndef WS_NN_PASSES_STREAM_H
#define WS_NN_PASSES_STREAM_H

#include "nn/graph.h"
#include "nn/passes/fold_batch_norm.h"

typedef struct ws_stream_form {
    ws_folded model; /* a sample is `step` frames; states of histories are zeros */
    size_t step;     /* frames: as few as move each layer on by whole rows */
    size_t n_frames; /* the newest frames that logits depend on: those of a clip that the clip's
                        network reads, without what it leaves unread at the end */
} ws_stream_form;

/**
 * After call number k the logits are those of a clip that begins with frame k step - n_frames
 * (counted from 0, the first of the stream); before there are n_frames frames, part of what they
 * depend on are the zeros that histories begin with.
 *
 * @param from        of clips, its last node one row; without an error in it
 * @param parameters  [from->n_weights]
 * @param states      [from->n_state_numbers]; NULL without states
 * @param form        uninitialised before; after success ws_stream_form_deinit() it
 * @return WS_OK; WS_EINVAL naming the operator and why it cannot stream; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_stream_form_init(ws_stream_form *form, const ws_graph *from,
                                            const float *parameters, const float *states,
                                            ws_error *err);

void ws_stream_form_deinit(ws_stream_form *form);

#endif
