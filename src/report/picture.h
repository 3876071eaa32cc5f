/** A canvas as a picture in an event file. */
#ifndef WS_REPORT_PICTURE_H
#define WS_REPORT_PICTURE_H

#include "plot/canvas.h"
#include "report/view.h"

/** A failure is told as ws_report_check does. */
void ws_report_add_picture(ws_report *report, ws_report_place place, int64_t step, const char *tag,
                           const ws_canvas *canvas);

/** What labels are called in pictures. */
typedef struct ws_picture_labels {
    const char **names; /* [n_labels]: the label itself, where the font has all of it, else ... */
    char (*numbers)[8]; /* [n_labels]: "#3", its number, to be looked up on the page of texts */
} ws_picture_labels;

/** @param observation  borrowed; it has at most WS_CONFUSION_MAX_LABELS labels
 *  @return WS_OK or WS_ENOMEM, then there is nothing to deinit */
WS_MUST_CHECK ws_status ws_picture_labels_init(ws_picture_labels *labels,
                                               const ws_observation *observation, ws_error *err);
/** All zeros is fine. */
void ws_picture_labels_deinit(ws_picture_labels *labels);

#endif
