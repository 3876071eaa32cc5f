/** Files for the tests of audio/sound, in the directory of support/check.h. */
#ifndef WS_TESTS_UNIT_SOUND_FIXTURE_H
#define WS_TESTS_UNIT_SOUND_FIXTURE_H

#include "audio/sound.h"
#include "support/sound_file.h"

enum { N = 1000, RATE_HZ = 16000 };

/** The file that a test works on. */
extern char sound_path[512];

/** Makes sound_path that of a name in the directory. @return sound_path */
const char *sound_file_at(const char *name);

/** Multiples of 1/128, which every format from 8 bits on holds exactly. */
void sound_fill(float *samples, size_t n);

/** Writes samples [n] to sound_path, with that name. */
void sound_write_kind(const char *name, ws_test_sound_kind kind, const float *samples, size_t n);

/**
 * Reads sound_path in pieces of n samples.
 *
 * @param samples  [max] or NULL: samples are only counted
 * @return how it ended; *n_read samples were read
 */
ws_status sound_read_pieces(int rate_hz, size_t n, float *samples, size_t max, size_t *n_read,
                            ws_error *err);

/** Asserts that sound_path is refused with a sentence that has this part, read as a whole and in
 *  pieces. */
void sound_expect_fault(ws_status status, const char *part);

#endif
