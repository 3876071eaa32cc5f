/**
 * Sound as it comes in for `wordspot listen`: from a device, from standard input or from a file.
 * One channel, in pieces.
 */
#ifndef WS_CMD_INTAKE_H
#define WS_CMD_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/status.h"

/** Samples in +-1. */
typedef struct ws_intake ws_intake;

/** What a kind of intake does; one constant table a kind, in a file of its own. */
typedef struct ws_intake_kind {
    void (*close)(ws_intake *intake);
    /** As ws_intake_read. */
    ws_status (*read)(ws_intake *intake, float *samples, size_t n, size_t *n_read, ws_error *err);
} ws_intake_kind;

/** The first member of each kind's own struct. */
struct ws_intake {
    const ws_intake_kind *kind;
    int rate_hz;    /* of the samples */
    char name[300]; /* for people: "default, 48000 Hz" */
};

/** How sound in raw bytes is to be read; WAV files say it themselves. */
typedef struct ws_raw_format {
    const char *encoding; /* s16, s24, s32, f32, f64 or u8, little-endian */
    int rate_hz, n_channels;
} ws_raw_format;

/**
 * Opens a device of ALSA (intake_alsa.c). Its own rate that is nearest to the wanted one is taken,
 * without a conversion by ALSA.
 *
 * @param log  gets a line for each overrun, and when the device is gone or is back; borrowed
 * @return WS_OK; WS_ENOTFOUND, WS_EIO with a sentence that says what can be done
 */
WS_MUST_CHECK ws_status ws_intake_open_device(const char *device, int rate_hz, const ws_log *log,
                                              ws_intake **intake, ws_error *err);

/** Prints the devices that record, a line each, on standard output. @return WS_OK; WS_ENOTFOUND
 *  without any such device */
WS_MUST_CHECK ws_status ws_intake_list_devices(ws_error *err);

/**
 * Reads a file descriptor (intake_stream.c): a WAV file (RF64 too), or else raw samples. A length
 * of 0 or of about 2^31 and more in a header means an unknown one: programs that write to a pipe do
 * not know it. What follows the sound in the file, such as its title, is skipped.
 *
 * @param raw  borrowed for the call
 * @return WS_OK; WS_EUSAGE for an unknown encoding; WS_EFORMAT for a WAV file of a kind that is not
 *         read, for another sound file, and without any sound; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_intake_open_stream(int fd, const ws_raw_format *raw, ws_intake **intake,
                                              ws_error *err);

/** Reads a sound file of any format (intake_file.c), converted to rate_hz. */
WS_MUST_CHECK ws_status ws_intake_open_file(const char *path, int rate_hz, ws_intake **intake,
                                            ws_error *err);

/** NULL is fine. */
void ws_intake_close(ws_intake *intake);

/**
 * Waits for sound, some 10 ms of it from a device.
 *
 * @param samples  [n], of which *n_read are filled
 * @param n_read   0 at the end, and when a signal asked the program to stop
 * @return WS_OK; WS_EIO, WS_EFORMAT
 */
WS_MUST_CHECK ws_status ws_intake_read(ws_intake *intake, float *samples, size_t n, size_t *n_read,
                                       ws_error *err);

#endif
