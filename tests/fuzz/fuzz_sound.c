/* audio/sound: any bytes as a WAV file. What is read as a whole is read in pieces, too, to the bit,
 * or both fail with the same sentence.
 *
 * Only WAV files: their chunks are walked by code of ours, other formats by libsndfile alone. */
#define _GNU_SOURCE /* memfd_create() */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audio/sound.h"

enum { MAX_SAMPLES = 1 << 20, PIECE = 777 };

/** Reads the file in pieces. @return whether they are the whole, or both end with one sentence */
static bool are_the_same(const char *path, const ws_sound *whole, ws_status status,
                         const ws_error *err)
{
    float piece[PIECE];
    ws_sound_reader *reader;
    ws_error fault = {0};
    size_t n_read = 1, n = 0;
    bool is_same = true;

    ws_status in_pieces = ws_sound_reader_open(
        path, status == WS_OK ? whole->sample_rate_hz : 16000, &reader, &fault);
    if (in_pieces == WS_OK && status == WS_OK)
        is_same = ws_sound_reader_oddity(reader) == whole->oddity;
    while (in_pieces == WS_OK && n_read > 0 && is_same) {
        in_pieces = ws_sound_reader_read(reader, piece, PIECE, &n_read, &fault);
        if (in_pieces == WS_OK && status == WS_OK)
            is_same = n + n_read <= whole->n_samples &&
                      memcmp(piece, whole->samples + n, n_read * sizeof *piece) == 0;
        n += n_read;
    }
    ws_sound_reader_close(reader);
    if (status != WS_OK) /* what is converted to another rate may fail for that */
        return in_pieces != WS_OK || n > 0 || strcmp(fault.message, err->message) == 0;
    return is_same && in_pieces == WS_OK && n == whole->n_samples;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    ws_sound sound;
    ws_error err = {0};

    if (size < 12 || memcmp(data, "RIFF", 4) != 0 || memcmp(data + 8, "WAVE", 4) != 0)
        return 0;
    const int fd = memfd_create("sound.wav", MFD_CLOEXEC);
    if (fd < 0)
        return 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, data, size) == (ssize_t)size) {
        const ws_status status = ws_sound_read(path, 0, &sound, &err);
        if (status == WS_OK && (sound.n_samples == 0 || sound.n_samples > MAX_SAMPLES * size ||
                                sound.sample_rate_hz < 1))
            abort();
        if (!are_the_same(path, &sound, status, &err))
            abort();
        ws_sound_deinit(&sound);
    }
    (void)close(fd);
    return 0;
}
