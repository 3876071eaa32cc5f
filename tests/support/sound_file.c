#include "support/sound_file.h"

#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static const int formats[] = {
    [WS_TEST_WAV_U8] = SF_FORMAT_WAV | SF_FORMAT_PCM_U8,
    [WS_TEST_WAV_16] = SF_FORMAT_WAV | SF_FORMAT_PCM_16,
    [WS_TEST_WAV_24] = SF_FORMAT_WAV | SF_FORMAT_PCM_24,
    [WS_TEST_WAV_FLOAT] = SF_FORMAT_WAV | SF_FORMAT_FLOAT,
    [WS_TEST_FLAC_16] = SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
    [WS_TEST_AIFF] = SF_FORMAT_AIFF | SF_FORMAT_PCM_16,
    [WS_TEST_AU] = SF_FORMAT_AU | SF_FORMAT_PCM_16,
    [WS_TEST_CAF] = SF_FORMAT_CAF | SF_FORMAT_PCM_16,
    [WS_TEST_VORBIS] = SF_FORMAT_OGG | SF_FORMAT_VORBIS,
    [WS_TEST_OPUS] = SF_FORMAT_OGG | SF_FORMAT_OPUS,
    [WS_TEST_MP3] = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III,
};

void ws_test_sound_write(const char *path, const ws_test_sound *sound)
{
    SF_INFO info = {
        .samplerate = sound->sample_rate_hz,
        .channels = (int)sound->n_channels,
        .format = formats[sound->kind],
    };
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    assert_non_null(file);
    (void)sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    assert_int_equal(sf_writef_float(file, sound->samples, (sf_count_t)sound->n_frames),
                     sound->n_frames);
    assert_int_equal(sf_close(file), 0);
}

void ws_test_file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void ws_test_file_cut(const char *path, size_t size)
{
    assert_int_equal(truncate(path, (off_t)size), 0);
}
