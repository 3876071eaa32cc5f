/** The report of `wordspot wake`: what was made, how good it is, and where all its sound is from.
 */
#ifndef WS_CMD_WAKE_REPORT_H
#define WS_CMD_WAKE_REPORT_H

#include "base/text.h"

/** All is borrowed. */
typedef struct ws_wake_report {
    const char *path; /* to write, Markdown */
    const char *word, *program;
    const ws_text_list *commands;  /* that were run */
    const ws_text_list *manifests; /* manifest.tsv of voices; a missing one is left out */
    const ws_text_list *own;       /* folders of the user's recordings */
    const ws_text_list *files;     /* that were made */
    const char *figures;           /* [n_figures] bytes that `test` printed */
    size_t n_figures;
} ws_wake_report;

/** @return WS_OK; WS_EIO if it cannot be written; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_wake_report_write(const ws_wake_report *report, ws_error *err);

#endif
