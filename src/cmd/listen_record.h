/**
 * Keeps the sound of words that `wordspot listen` hears, and of near misses, as WAV files:
 *
 *     DIR/yes/20261130-152800_12340ms_0.87.wav               heard at 12.34 s
 *     DIR/near_misses/yes_20261130-152800_20010ms_0.55.wav   a score of 0.55, but not heard
 *
 * The date is that of the start of listening.
 */
#ifndef WS_CMD_LISTEN_RECORD_H
#define WS_CMD_LISTEN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wordspot/wordspot.h>

#include "base/status.h"

typedef struct ws_listen_record_options {
    const char *dir;         /* borrowed as long as the recorder */
    double above;            /* scores above it are near misses; 1: none are kept */
    int rate_hz;             /* of the sound */
    double window_s;         /* that a file has */
    const wordspot *spotter; /* for the names of labels; borrowed */
} ws_listen_record_options;

typedef struct ws_listen_recorder ws_listen_recorder;

/** @return WS_OK; WS_EIO if the directory cannot be made; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_listen_recorder_create(const ws_listen_record_options *options,
                                                  ws_listen_recorder **recorder, ws_error *err);

/** NULL is fine, here and below. */
void ws_listen_recorder_destroy(ws_listen_recorder *recorder);

/** Takes the sound before it is pushed to the spotter. */
void ws_listen_recorder_push_sound(ws_listen_recorder *recorder, const float *samples, size_t n);

/** Notes what was heard; the file is written by ws_listen_recorder_write(). */
void ws_listen_recorder_push_word(ws_listen_recorder *recorder, const wordspot_heard *heard);

/** Notes scores. @param scores  [n_labels] */
void ws_listen_recorder_push_scores(ws_listen_recorder *recorder, const float *scores,
                                    double start_s);

/** Writes what is due. @param is_end  no more sound follows. @return WS_OK; WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_listen_recorder_write(ws_listen_recorder *recorder, bool is_end,
                                                 ws_error *err);

#endif
