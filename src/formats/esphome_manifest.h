/** The manifest of ESPHome's component micro_wake_word. Private to formats/. */
#ifndef WS_FORMATS_ESPHOME_MANIFEST_H
#define WS_FORMATS_ESPHOME_MANIFEST_H

#include "formats/target.h"

/**
 * Version 2: the word, where the model is, and how its scores are used:
 *
 *     {"type": "micro", "wake_word": "yes", "author": "unknown", "model": "yes.tflite",
 *      "trained_languages": ["en"], "version": 2,
 *      "micro": {"probability_cutoff": 0.5, "feature_step_size": 10, "sliding_window_size": 5,
 *                "tensor_arena_size": 34000, "minimum_esphome_version": "2024.7.0"}}
 *
 * "website" is there if it was given. Also fails for features that a device does not make.
 */
ws_target_manifest ws_esphome_manifest;

/** The manifest beside a model: NAME.json for NAME.tflite. @return free() it; NULL without memory
 */
char *ws_esphome_manifest_name(const char *path);

/**
 * Reads a manifest of version 1 or 2: the word, if the model gives a single score; the cutoff, the
 * number of scores in a mean and the distance of frames, where it says them.
 *
 * @param frozen  the model beside it, with its features, which are changed
 * @return WS_OK; WS_EFORMAT for what is not such an object or a number outside its range;
 *         WS_ENOTFOUND, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_esphome_manifest_read(const char *path, ws_frozen *frozen,
                                                 ws_error *err);

#endif
