#include "unit/sound_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/check.h"

char sound_path[512];

const char *sound_file_at(const char *name)
{
    (void)snprintf(sound_path, sizeof sound_path, "%s/%s", ws_test_dir, name);
    return sound_path;
}

void sound_fill(float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)((int)(i * 37 % 255) - 127) / 128.0f;
}

void sound_write_kind(const char *name, ws_test_sound_kind kind, const float *samples, size_t n)
{
    ws_test_sound_write(sound_file_at(name), &(ws_test_sound){kind, RATE_HZ, 1, samples, n});
}

ws_status sound_read_pieces(int rate_hz, size_t n, float *samples, size_t max, size_t *n_read,
                            ws_error *err)
{
    static float piece[70000];
    ws_sound_reader *reader;
    size_t n_now = 1;

    *n_read = 0;
    ws_status status = ws_sound_reader_open(sound_path, rate_hz, &reader, err);
    while (status == WS_OK && n_now > 0) {
        status = ws_sound_reader_read(reader, piece, n, &n_now, err);
        assert_true(n_now <= n && *n_read + n_now <= max);
        if (samples != NULL)
            memcpy(samples + *n_read, piece, n_now * sizeof *samples);
        *n_read += n_now;
    }
    ws_sound_reader_close(reader);
    return status;
}

void sound_expect_fault(ws_status status, const char *part)
{
    ws_error in_pieces = {0};
    size_t n_read;

    ws_sound sound;
    ws_error err = {0};
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, &err), status);
    assert_null(sound.samples);
    if (strstr(err.message, part) == NULL || strstr(err.message, sound_path) == NULL)
        fail_msg("\"%s\" does not name %s and \"%s\"", err.message, sound_path, part);
    assert_int_equal(sound_read_pieces(RATE_HZ, 64, NULL, N, &n_read, &in_pieces), status);
    assert_string_equal(in_pieces.message, err.message);
}
