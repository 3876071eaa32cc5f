/**
 * The front end inside of a TFLite file: from samples to features, by the custom operators that
 * LiteRT has for TensorFlow's AudioSpectrogram and Mfcc.
 *
 *     samples -> AudioSpectrogram -+-> Mfcc --------------------------------------+-> RESHAPE -> ..
 *                                  +-> RESHAPE -> AVERAGE_POOL_2D (kind average) -+
 *
 * Our executor runs a model from its features on: when a file is read, these nodes are taken off,
 * and what they say becomes the settings of our own features. Private to formats/.
 */
#ifndef WS_FORMATS_LITE_FRONT_H
#define WS_FORMATS_LITE_FRONT_H

#include "formats/frozen.h"

/**
 * Puts the front end before a model, whose input becomes float32 [samples of a clip, 1].
 *
 * @param lite  takes features in float32
 * @return WS_OK; WS_EUSAGE naming a kind of features that has no operators; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_front_push(ws_lite *lite, const ws_feature_options *features,
                                           ws_error *err);

/**
 * Takes a front end off, if there is one: then lite takes features, and frozen->features are those.
 *
 * @param path    for errors
 * @param frozen  its lite is changed; features.sample_rate is the one of a file that does not say
 * it
 * @param is_sound  set: whether there was one
 * @return WS_OK; WS_EFORMAT for one that differs from TensorFlow's training; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_front_take(const char *path, ws_frozen *frozen, bool *is_sound,
                                           ws_error *err);

#endif
