/** Hears clips of an evaluation again, to show them: their samples, spectrogram and fingerprint. */
#ifndef WS_TRAIN_LISTENER_H
#define WS_TRAIN_LISTENER_H

#include "audio/spectrogram.h"
#include "dataset/source.h"
#include "report/observation.h"
#include "train/wake_set.h"

/** What is heard again; all borrowed. */
typedef struct ws_listener_clips {
    const ws_index *index;
    ws_source *source;      /* of its clips */
    const ws_wake_set *set; /* instead of these, the recordings of a wake word; NULL: those */
} ws_listener_clips;

typedef struct ws_listener {
    ws_listener_clips clips;
    const ws_feature_settings *settings; /* of a clip, borrowed */
    ws_features *features;               /* of the recordings of a wake word, owned; else NULL */
    void *feature_scratch;               /* the features', owned */
    ws_spectrogram spectrogram;
    double *scratch;    /* the spectrogram's, owned */
    float *samples;     /* [desired_samples of the settings] of the last clip, owned */
    float *fingerprint; /* [n_frames, width of the settings] of the last clip, owned */
    size_t n_bands;     /* into which its frequencies are joined, all equally wide */
} ws_listener;

/** @return WS_OK or WS_ENOMEM; then there is nothing to deinit */
WS_MUST_CHECK ws_status ws_listener_init(ws_listener *listener, const ws_listener_clips *clips,
                                         const ws_feature_settings *settings, ws_error *err);
/** All zeros is fine. */
void ws_listener_deinit(ws_listener *listener);

/** Draws a clip again, as the network heard it: redraw of ws_report_sound.
 *  @param user  a ws_listener */
WS_MUST_CHECK ws_status ws_listener_redraw(void *user, ws_report_place place, size_t entry,
                                           ws_report_clip *clip, ws_error *err);

#endif
