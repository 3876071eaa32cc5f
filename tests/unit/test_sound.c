/* audio/sound: every kind of file that is read, every kind of broken one, other rates, writing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/file.h"
#include "support/check.h"
#include "support/sound_file.h"

enum { N = 1000, RATE_HZ = 16000 };

static char dir[256];
static char path[512];

static int make_dir(void **state)
{
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static const char *file(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/** Multiples of 1/128, which every format from 8 bits on holds exactly. */
static void fill(float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)((int)(i * 37 % 255) - 127) / 128.0f;
}

static void write_kind(const char *name, ws_test_sound_kind kind, const float *samples, size_t n)
{
    ws_test_sound_write(file(name), &(ws_test_sound){kind, RATE_HZ, 1, samples, n});
}

static void every_kind_is_read_exactly(void **state)
{
    static const char *const names[] = {"u8.wav", "16.wav", "24.wav", "float.wav", "16.flac"};
    float samples[N];
    ws_sound sound;
    (void)state;
    fill(samples, N);
    for (int kind = WS_TEST_WAV_U8; kind <= WS_TEST_FLAC_16; kind++) {
        write_kind(names[kind], (ws_test_sound_kind)kind, samples, N);
        assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.n_samples, N);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        assert_close(names[kind], sound.samples, samples, N, 0.0);
        ws_sound_deinit(&sound);
    }
}

static void sixteen_bits_are_divided_by_32768(void **state)
{
    float samples[65536];
    ws_sound sound;
    (void)state;
    for (int i = 0; i < 65536; i++)
        samples[i] = (float)(i - 32768) / 32768.0f;
    assert_int_equal(ws_sound_write(file("all.wav"), samples, 65536, RATE_HZ, NULL), WS_OK);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, 65536);
    assert_memory_equal(sound.samples, samples, sizeof samples);
    ws_sound_deinit(&sound);
}

static void the_first_channel_counts(void **state)
{
    float samples[2 * N], first[N];
    ws_sound sound;
    (void)state;
    fill(samples, 2 * N);
    for (size_t i = 0; i < N; i++)
        first[i] = samples[2 * i];
    ws_test_sound_write(file("stereo.wav"),
                        &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 2, samples, N});
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    assert_close("first channel", sound.samples, first, N, 0.0);
    ws_sound_deinit(&sound);
}

static void floats_beyond_full_scale_stay(void **state)
{
    const float samples[] = {0.0f, 1.5f, -2.0f, 1.0f, 40.0f};
    ws_sound sound;
    (void)state;
    write_kind("loud.wav", WS_TEST_WAV_FLOAT, samples, 5);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_close("loud", sound.samples, samples, 5, 0.0);
    ws_sound_deinit(&sound);
}

static void no_more_than_asked_is_read(void **state)
{
    float samples[N];
    ws_sound sound;
    (void)state;
    fill(samples, N);
    write_kind("long.wav", WS_TEST_WAV_16, samples, N);
    assert_int_equal(ws_sound_read(path, 300, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, 300);
    assert_close("its start", sound.samples, samples, 300, 0.0);
    ws_sound_deinit(&sound);
    assert_int_equal(ws_sound_read(path, N + 1, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    ws_sound_deinit(&sound);
}

static void expect_fault(ws_status status, const char *part)
{
    ws_sound sound;
    ws_error err = {0};
    assert_int_equal(ws_sound_read(path, 0, &sound, &err), status);
    assert_null(sound.samples);
    if (strstr(err.message, part) == NULL || strstr(err.message, path) == NULL)
        fail_msg("\"%s\" does not name %s and \"%s\"", err.message, path, part);
}

static void broken_files_are_named(void **state)
{
    float samples[N];
    (void)state;
    fill(samples, N);

    file("none.wav");
    expect_fault(WS_ENOTFOUND, "cannot be opened");
    (void)snprintf(path, sizeof path, "%s", dir);
    expect_fault(WS_EIO, "not a regular file");
    ws_test_file_write(file("empty.wav"), "", 0);
    expect_fault(WS_EFORMAT, "the file is empty");
    ws_test_file_write(file("text.wav"), "this is no sound at all, it is a text\n", 38);
    expect_fault(WS_EFORMAT, "not a sound file, expected WAV or FLAC");
    assert_int_equal(ws_sound_write(file("nothing.wav"), samples, 0, RATE_HZ, NULL), WS_OK);
    expect_fault(WS_EFORMAT, "holds no samples");
    write_kind("nothing.flac", WS_TEST_FLAC_16, samples, 0);
    expect_fault(WS_EFORMAT, "");
    samples[17] = NAN;
    write_kind("nan.wav", WS_TEST_WAV_FLOAT, samples, N);
    expect_fault(WS_EFORMAT, "sample 17 is not a finite number");
}

static void cut_off_files_are_named(void **state)
{
    float samples[N];
    (void)state;
    fill(samples, N);
    write_kind("cut.wav", WS_TEST_WAV_16, samples, N);
    ws_test_file_cut(path, 44 + 600);
    expect_fault(WS_EFORMAT, "cut off: 600 of 2000 bytes");
    ws_test_file_cut(path, 44);
    expect_fault(WS_EFORMAT, "cut off: 0 of 2000 bytes");
    ws_test_file_cut(path, 30);
    expect_fault(WS_EFORMAT, "cut off: ends before any sound");
    ws_test_file_cut(path, 10);
    expect_fault(WS_EFORMAT, "not a");
    /* noise, which FLAC cannot make small */
    for (uint32_t i = 0, x = 1; i < N; i++) {
        x = x * 1664525u + 1013904223u;
        samples[i] = (float)(x >> 16) / 32768.0f - 1.0f;
    }
    write_kind("cut.flac", WS_TEST_FLAC_16, samples, N);
    ws_test_file_cut(path, 1000);
    expect_fault(WS_EFORMAT, "cut off: ");
}

/* The data set's noise recordings have chunks behind the sound; programs that record into a pipe
 * leave a length of "all that there is". */
static void odd_but_whole_wavs_are_read(void **state)
{
    static const char trailer[] = "LIST\x04\0\0\0INFOid3 \x03\0\0\0abc";
    float samples[N];
    unsigned char *bytes, *longer;
    size_t size;
    ws_sound sound;
    (void)state;
    fill(samples, N);
    write_kind("trailer.wav", WS_TEST_WAV_16, samples, N);
    assert_int_equal(ws_file_read(path, 1 << 20, &bytes, &size, NULL), WS_OK);
    longer = malloc(size + sizeof trailer);
    assert_non_null(longer);
    memcpy(longer, bytes, size);
    memcpy(longer + size, trailer, sizeof trailer);
    ws_test_file_write(path, longer, size + sizeof trailer);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    assert_close("before the trailer", sound.samples, samples, N, 0.0);
    ws_sound_deinit(&sound);
    memset(bytes + 40, 0xff, 4);
    ws_test_file_write(path, bytes, size);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    ws_sound_deinit(&sound);
    free(bytes);
    free(longer);
}

static ws_sound sine(int rate_hz)
{
    ws_sound sound = {malloc((size_t)rate_hz * sizeof(float)), (size_t)rate_hz, rate_hz};
    assert_non_null(sound.samples);
    for (int i = 0; i < rate_hz; i++)
        sound.samples[i] = (float)(0.5 * sin(2.0 * 3.14159265358979 * 440.0 * i / rate_hz));
    return sound;
}

static void resampling_keeps_the_tone(void **state)
{
    static const int rates[] = {8000, 11025, 22050, 44100, 48000};
    ws_sound want = sine(RATE_HZ);
    ws_sound same = sine(RATE_HZ);
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        ws_sound sound = sine(rates[i]);
        assert_int_equal(ws_sound_resample(&sound, RATE_HZ, NULL), WS_OK);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        assert_in_range(sound.n_samples, RATE_HZ - 1, RATE_HZ);
        assert_close("tone", sound.samples + 2000, want.samples + 2000, 12000, 1e-4);
        ws_sound_deinit(&sound);
    }
    assert_int_equal(ws_sound_resample(&same, RATE_HZ, NULL), WS_OK);
    assert_memory_equal(same.samples, want.samples, RATE_HZ * sizeof(float));
    ws_sound_deinit(&same);
    same = sine(100);
    ws_error err;
    assert_int_equal(ws_sound_resample(&same, 48000, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "256"));
    ws_sound_deinit(&same);
    ws_sound_deinit(&want);
}

static void written_bytes_are_tensorflows(void **state)
{
    static const unsigned char want[] = {
        'R', 'I', 'F', 'F', 44, 0, 0,    0,    'W', 'A', 'V',  'E',  'f', 'm', 't', ' ', 16, 0,
        0,   0,   1,   0,   1,  0, 0x44, 0xac, 0,   0,   0x88, 0x58, 1,   0,   2,   0,   16, 0,
        'd', 'a', 't', 'a', 8,  0, 0,    0,    0,   0,   0xff, 0x7f, 0,   0,   0,   0x80};
    const float samples[] = {0.0f, 1.0f, 0.0f, -1.0f};
    const float odd[] = {1e30f, -1e30f, NAN, 0.5f / 32768.0f, -0.5f / 32768.0f, 0.49f / 32768.0f};
    const float back[] = {32767.0f / 32768.0f, -1.0f, 0.0f, 1.0f / 32768.0f, -1.0f / 32768.0f, 0};
    unsigned char *bytes;
    size_t size;
    ws_sound sound;
    (void)state;
    assert_int_equal(ws_sound_write(file("out.wav"), samples, 4, 44100, NULL), WS_OK);
    assert_int_equal(ws_file_read(path, 1000, &bytes, &size, NULL), WS_OK);
    assert_int_equal(size, sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
    free(bytes);
    assert_int_equal(ws_sound_write(path, odd, 6, 44100, NULL), WS_OK);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_close("rounded and saturated", sound.samples, back, 6, 0.0);
    ws_sound_deinit(&sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read_exactly),
        cmocka_unit_test(sixteen_bits_are_divided_by_32768),
        cmocka_unit_test(the_first_channel_counts),
        cmocka_unit_test(floats_beyond_full_scale_stay),
        cmocka_unit_test(no_more_than_asked_is_read),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(cut_off_files_are_named),
        cmocka_unit_test(odd_but_whole_wavs_are_read),
        cmocka_unit_test(resampling_keeps_the_tone),
        cmocka_unit_test(written_bytes_are_tensorflows),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
