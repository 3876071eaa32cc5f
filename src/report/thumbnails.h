/**
 * Clips as small grey pictures, all of one size: time from left to right, frequency upwards, the
 * louder the darker. The projector draws each as a square. They are made of fingerprints, because
 * those are there: of cepstra the cosine transform is undone first, which gives the mel bands back.
 */
#ifndef WS_REPORT_THUMBNAILS_H
#define WS_REPORT_THUMBNAILS_H

#include <stdint.h>

#include "report/observation.h"

enum { WS_THUMBNAIL_N_SHADES = 16 }; /* four bits a pixel in a PNG */

typedef struct ws_thumbnails {
    const ws_report_sound *sound; /* borrowed */
    size_t n_clips;
    size_t width, height; /* pixels of each: the more clips the fewer, so that the sheet of all has
                             a few megabytes at most */
    float *weights;       /* [sound->width, height] what a row shows of a frame's number */
    float *frame;         /* [sound->width] room for a mean of frames */
    float *values;        /* [n_clips, height, width] */
    uint8_t *pixels;      /* [n_clips, height, width] shades; made by ws_thumbnails_finish */
} ws_thumbnails;

/** @param n_clips  1 or more @return WS_OK or WS_ENOMEM, then there is nothing to deinit */
WS_MUST_CHECK ws_status ws_thumbnails_init(ws_thumbnails *thumbnails, const ws_report_sound *sound,
                                           size_t n_clips, ws_error *err);
/** All zeros is fine. */
void ws_thumbnails_deinit(ws_thumbnails *thumbnails);

/** Makes one. @param i  below n_clips @param fingerprint  [n_frames, width] of the sound */
void ws_thumbnails_set(ws_thumbnails *thumbnails, size_t i, const float *fingerprint);

/** Shades for all of them, from one scale: quiet clips look quiet. */
void ws_thumbnails_finish(ws_thumbnails *thumbnails);

/** White to near black. @param palette  [WS_THUMBNAIL_N_SHADES][3] filled */
void ws_thumbnails_get_palette(uint8_t (*palette)[3]);

#endif
