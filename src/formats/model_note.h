/**
 * What a file that takes features says of them: a JSON object, among its metadata, under the name
 * "wordspot":
 *
 *     {"labels": "_silence_,_unknown_,yes,no", "preprocess": "micro", "sample_rate": 16000,
 *      "clip_duration_ms": 1000, "window_size_ms": 30, "window_stride_ms": 20,
 *      "feature_bin_count": 40, "sample_scale": 32768, "n_frames": 49, "frame_width": 40,
 *      "window_samples": 480, "stride_samples": 320, "fft_length": 512,
 *      "recipe": "how each frame is made, in words"}
 *
 * Private to formats/.
 */
#ifndef WS_FORMATS_MODEL_NOTE_H
#define WS_FORMATS_MODEL_NOTE_H

#include "formats/frozen.h"

#define WS_MODEL_NOTE_NAME "wordspot"

/** @param labels       NULL: they are left out
 *  @param takes_sound  the file makes the features itself
 *  @param text         set; free() it
 *  @return WS_OK; WS_EUSAGE naming a feature flag; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_model_note_write(const ws_frozen *frozen, const ws_text_list *labels,
                                            bool takes_sound, char **text, ws_error *err);

/** The name of a kind of features as a constant; NULL: it is not known. */
const char *ws_model_note_find_kind(const char *name);

/**
 * Reads a note.
 *
 * @param path    of the file, for errors
 * @param frozen  its features, sample scale and labels are set
 * @return WS_OK; WS_EFORMAT naming what is missing or unknown; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_model_note_read(const char *path, const char *text, ws_frozen *frozen,
                                           ws_error *err);

#endif
