/** The clips of the golden features, and what TensorFlow made of them. */
#ifndef WS_TESTS_GOLDEN_GOLDEN_CLIPS_H
#define WS_TESTS_GOLDEN_GOLDEN_CLIPS_H

#include <stddef.h>

#include "support/npy.h"

typedef struct golden_clip {
    const char *name;
    int rate_hz;        /* of the settings */
    int header_rate_hz; /* of the file, which mel bands of mfcc follow */
    const char *wav;    /* NULL: NAME.samples.npy */
    size_t n_missing;   /* mel bands of mfcc */
} golden_clip;

enum { N_GOLDEN_CLIPS = 13 };
extern const golden_clip golden_clips[N_GOLDEN_CLIPS];

/** The array folder/NAME.npy; fails the test if it cannot be read. */
void read_golden(const char *folder, const char *name, ws_npy *npy);

/** The samples of a clip, padded or cut: [n] to free(). */
float *read_golden_samples(const char *folder, const golden_clip *clip, size_t n);

/** A second of a tone of 440 Hz at 16 kHz, half of full scale, to 16 bits: the clip sine16k. */
void make_golden_tone(float samples[16000]);

#endif
