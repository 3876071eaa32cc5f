/** What the tests of dataset/wake_source and of its windows work on: folders of tones, one for each
 *  kind of recording, so that one can tell what is in a window. */
#ifndef WS_TESTS_UNIT_WAKE_FIXTURE_H
#define WS_TESTS_UNIT_WAKE_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "dataset/wake_source.h"

enum {
    WAKE_RATE_HZ = 16000,
    WAKE_WINDOW = 2 * WAKE_RATE_HZ, /* samples, as are the next two */
    WAKE_MOST_LAG = 4000,
    WAKE_LONG = 5 * WAKE_RATE_HZ,
    WAKE_N_ROWS = 400,
    WAKE_N_PHRASES = 20,
};

extern const double wake_phrase_hz, wake_near_hz, wake_speech_hz, wake_noise_hz;

extern float wake_sound[WAKE_LONG];     /* to make a file of */
extern float wake_samples[WAKE_WINDOW]; /* what wake_make() fills */
extern char wake_dirs[4][512];          /* phrases, near misses, speech, noise */
extern ws_wake_folder wake_folders[4];  /* of wake_make_options() */

/** Fixture of cmocka: the folders, in a directory that ws_test_dir_tear_down() removes. */
int wake_make_folders(void **state);

/* A test in such a directory. */
#define ON_FOLDERS(test) \
    cmocka_unit_test_setup_teardown(test, wake_make_folders, ws_test_dir_tear_down)

void wake_add_tone(float *out, size_t start, size_t end, double hz, double amplitude);

/** Writes the first n samples of wake_sound as a file of 16 bits. */
void wake_write_sound(const char *dir, const char *name, int rate_hz, size_t n);

/** Clean phrases and the rest, without any change of speed. */
ws_wake_options wake_make_options(void);

ws_wake_source *wake_open(const ws_wake_options *options);

/** Makes a window in wake_samples. */
ws_wake_window wake_make(ws_wake_source *source, uint64_t step, uint32_t row);

/** The power of a tone in samples [n]. */
double wake_tone_power(const float *samples, size_t n, double hz);

#endif
