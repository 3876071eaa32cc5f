/** Makes sound files of kinds that the program itself does not write, and broken ones. */
#ifndef WS_TESTS_SUPPORT_SOUND_FILE_H
#define WS_TESTS_SUPPORT_SOUND_FILE_H

#include <stddef.h>

typedef enum ws_test_sound_kind {
    WS_TEST_WAV_U8,
    WS_TEST_WAV_16,
    WS_TEST_WAV_24,
    WS_TEST_WAV_FLOAT,
    WS_TEST_FLAC_16,
    WS_TEST_AIFF,
    WS_TEST_AU,
    WS_TEST_CAF,
    WS_TEST_VORBIS, /* from here on with loss */
    WS_TEST_OPUS,
    WS_TEST_MP3,
    WS_TEST_N_SOUND_KINDS,
} ws_test_sound_kind;

typedef struct ws_test_sound {
    ws_test_sound_kind kind;
    int sample_rate_hz;
    size_t n_channels;
    const float *samples; /* [n_frames, n_channels] */
    size_t n_frames;
} ws_test_sound;

/** Writes the file; asserts that it worked. */
void ws_test_sound_write(const char *path, const ws_test_sound *sound);

/** Writes any bytes; asserts that it worked. */
void ws_test_file_write(const char *path, const void *bytes, size_t size);

/** Cuts the file to its first size bytes. */
void ws_test_file_cut(const char *path, size_t size);

#endif
