/** What `wordspot label_wav` and `label_wav_dir` have in common: labelling a list of files. */
#ifndef WS_CMD_LABEL_H
#define WS_CMD_LABEL_H

#include "base/text.h"
#include "cmd/label_flags.h"

/** How a file is called above its scores. */
typedef enum ws_label_heading {
    WS_LABEL_NO_HEADING, /* as the original's label_wav, of the only file */
    WS_LABEL_PATHS,      /* an empty line and the path */
    WS_LABEL_BASE_NAMES, /* an empty line and the last part of the path, as label_wav_dir */
} ws_label_heading;

typedef struct ws_label_job {
    ws_flags *flags;          /* whose values are a ws_label_flags */
    const char *const *paths; /* [n_files] */
    size_t n_files;           /* at least 1 */
    ws_label_heading heading; /* without --json */
} ws_label_job;

/**
 * Labels the files and prints their scores on standard output, a line on standard error for each
 * that cannot be labelled.
 *
 * @return the exit code: good only if all files were labelled
 */
int ws_label_run(const ws_label_job *job);

#endif
