/**
 * Devices and programs that run a model: what their files have to look like, one constant row each.
 */
#ifndef WS_FORMATS_TARGET_H
#define WS_FORMATS_TARGET_H

#include "formats/frozen.h"
#include "nn/lite/lower.h"

/** Makes the text of a file that the target wants beside a model.
 *
 *  @param name  of the model's file, without its directory
 *  @param text  set; free() it
 *  @return WS_OK; WS_EINVAL, WS_EUSAGE naming what the target does not take; WS_ENOMEM */
typedef ws_status ws_target_manifest(const char *name, const ws_frozen *frozen,
                                     const ws_frozen_write_options *options, const ws_lite *lite,
                                     char **text, ws_error *err);

typedef struct ws_target {
    const char *name; /* as --target says it */
    ws_lite_input input;
    bool is_one_channel_depthwise;
    bool is_stream; /* a file takes the next few frames, and gives the score of the last label */
    size_t n_frames, width;    /* of the features; 0: any */
    const ws_lite_kind *kinds; /* [n_kinds] the operators that it has */
    size_t n_kinds;
    /** All features lie from 0 to this, and the input's scale is this / 255; 0: by calibration. */
    float input_max;
    ws_lite_type output_type;
    ws_target_manifest *manifest; /* of a file NAME.json; NULL: none */
} ws_target;

/** @return WS_OK; WS_ENOTFOUND with a sentence that lists the names */
WS_MUST_CHECK ws_status ws_target_find(const ws_target **target, const char *name, ws_error *err);

/**
 * Whether the target can run a model.
 *
 * @return WS_OK; WS_EINVAL naming the target, and the operator that it has not or what else it
 *         does not take
 */
WS_MUST_CHECK ws_status ws_target_check(const ws_target *target, const ws_lite *lite,
                                        ws_error *err);

#endif
