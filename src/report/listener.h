/** Hears clips of an evaluation once more: their samples, spectrogram and fingerprint. */
#ifndef WS_REPORT_LISTENER_H
#define WS_REPORT_LISTENER_H

#include "audio/spectrogram.h"
#include "dataset/source.h"

typedef struct ws_listener {
    ws_source *source;                   /* borrowed */
    const ws_feature_settings *settings; /* of the source */
    ws_spectrogram spectrogram;
    double *scratch; /* owned, the spectrogram's */
    size_t n_bands;  /* into which its frequencies are joined, all equally wide */
    /* of the last clip, owned */
    float *samples;     /* [desired_samples of the settings] */
    float *decibels;    /* [n_frames of the spectrogram, n_bands] 0 for a sine at full scale */
    float *fingerprint; /* [n_frames, width of the settings] */
} ws_listener;

/** @return WS_OK or WS_ENOMEM; then there is nothing to deinit */
WS_MUST_CHECK ws_status ws_listener_init(ws_listener *listener, ws_source *source, ws_error *err);
/** All zeros is fine. */
void ws_listener_deinit(ws_listener *listener);

/** Hears entry i of a set, as the network did. @return WS_OK; WS_EFORMAT if its clip cannot be read
 *  (any more), WS_ENOMEM */
WS_MUST_CHECK ws_status ws_listener_read(ws_listener *listener, ws_set set, size_t i,
                                         ws_error *err);

#endif
