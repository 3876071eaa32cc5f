/* Sound from a file of any format, at the rate that is wanted. */
#include <stdio.h>
#include <stdlib.h>

#include "audio/sound.h"
#include "cmd/intake.h"
#include "cmd/stop.h"

typedef struct file_intake {
    ws_intake base;
    ws_sound_reader *reader;
} file_intake;

static void close_file(ws_intake *intake)
{
    file_intake *own = (file_intake *)intake;
    ws_sound_reader_close(own->reader);
    free(own);
}

static ws_status read_file(ws_intake *intake, float *samples, size_t n, size_t *n_read,
                           ws_error *err)
{
    return ws_sound_reader_read(((file_intake *)intake)->reader, samples, n, n_read, err);
}

static const ws_intake_kind file_kind = {close_file, read_file};

ws_status ws_intake_open_file(const char *path, int rate_hz, ws_intake **intake, ws_error *err)
{
    file_intake *made = calloc(1, sizeof *made);

    *intake = NULL;
    if (made == NULL)
        return ws_fail_memory(err, "a sound file");
    const ws_status status = ws_sound_reader_open(path, rate_hz, &made->reader, err);
    if (status != WS_OK) {
        free(made);
        return status;
    }
    made->base.kind = &file_kind;
    made->base.rate_hz = rate_hz;
    (void)snprintf(made->base.name, sizeof made->base.name, "%s", path);
    *intake = &made->base;
    return WS_OK;
}

void ws_intake_close(ws_intake *intake)
{
    if (intake != NULL)
        intake->kind->close(intake);
}

ws_status ws_intake_read(ws_intake *intake, float *samples, size_t n, size_t *n_read, ws_error *err)
{
    *n_read = 0;
    return ws_stop_wanted(NULL) ? WS_OK : intake->kind->read(intake, samples, n, n_read, err);
}
