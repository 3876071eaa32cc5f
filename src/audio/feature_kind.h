/** What a kind of features consists of: one constant row in features.c. Private to audio/. */
#ifndef WS_AUDIO_FEATURE_KIND_H
#define WS_AUDIO_FEATURE_KIND_H

#include <stdbool.h>

#include "audio/features.h"

struct ws_feature_kind {
    const char *name; /* as --preprocess says it */
    bool has_memory;  /* a frame depends on its place in the clip */

    /** Sets width (and average_width) from the flags; all else in settings is set, and n_frames for
     *  frames that lie wholly in the clip. */
    ws_status (*prepare)(const ws_feature_options *options, ws_feature_settings *settings,
                         ws_error *err);
    /** Makes the tables; what it gives is handed to the others, and never changed. */
    ws_status (*create)(const ws_feature_settings *settings, const ws_log *log, void **tables,
                        ws_error *err);
    void (*destroy)(void *tables);
    size_t (*scratch_doubles)(const void *tables);
    /** samples [desired_samples] to out [n_frames, width]. */
    void (*run)(const void *tables, const ws_feature_settings *settings, const float *samples,
                double *scratch, float *out);

    /* Of kinds that can continue endless sound and remember something between the frames; else
     * NULL. Contracts as those of features.h. */
    size_t (*memory_bytes)(const void *tables);
    void (*run_on)(const void *tables, const float *samples, void *memory, double *scratch,
                   float *out);
};

extern const ws_feature_kind ws_feature_kind_mfcc;
extern const ws_feature_kind ws_feature_kind_average;
extern const ws_feature_kind ws_feature_kind_micro;
extern const ws_feature_kind ws_feature_kind_micro_device;
extern const ws_feature_kind ws_feature_kind_log_mel;

#endif
