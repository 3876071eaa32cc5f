/* audio/sound: every kind of file that is read, every kind of broken one, other rates, writing. Odd
 * headers are in test_sound_headers.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/check.h"
#include "unit/sound_fixture.h"

static ws_sound sine(int rate_hz)
{
    ws_sound sound = {.samples = malloc((size_t)rate_hz * sizeof(float)),
                      .n_samples = (size_t)rate_hz,
                      .sample_rate_hz = rate_hz};
    assert_non_null(sound.samples);
    for (int i = 0; i < rate_hz; i++)
        sound.samples[i] = (float)(0.5 * sin(2.0 * 3.14159265358979 * 440.0 * i / rate_hz));
    return sound;
}

static void every_kind_is_read_exactly(void **state)
{
    static const char *const names[] = {"u8.wav",  "16.wav",  "24.wav", "float.wav",
                                        "16.flac", "16.aiff", "16.au",  "16.caf"};
    float samples[N];
    ws_sound sound;
    (void)state;
    sound_fill(samples, N);
    for (int kind = WS_TEST_WAV_U8; kind < WS_TEST_VORBIS; kind++) {
        sound_write_kind(names[kind], (ws_test_sound_kind)kind, samples, N);
        assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.n_samples, N);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        assert_close(names[kind], sound.samples, samples, N, 0.0);
        assert_true(ws_sound_has_name(sound_path));
        ws_sound_deinit(&sound);
    }
}

/* Lossy formats: the length is right, and a tone keeps its sound. */
static void kinds_with_loss_are_read(void **state)
{
    static const char *const names[] = {"a.ogg", "b.opus", "c.mp3"};
    ws_sound tone = sine(RATE_HZ);
    (void)state;
    for (int i = 0; i < 3; i++) {
        ws_sound sound;
        size_t n;
        sound_write_kind(names[i], (ws_test_sound_kind)(WS_TEST_VORBIS + i), tone.samples, RATE_HZ);
        assert_true(ws_sound_has_name(sound_path));
        assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        /* an encoder of MP3 may fill up the last frame */
        assert_in_range(sound.n_samples, RATE_HZ, RATE_HZ + 1152 * 2);
        double same = 0.0, power = 0.0;
        for (size_t k = 4000; k < 12000; k++) {
            same += (double)sound.samples[k] * (double)tone.samples[k];
            power += (double)tone.samples[k] * (double)tone.samples[k];
        }
        assert_true(fabs(same / power - 1.0) < 0.02);
        assert_int_equal(sound_read_pieces(RATE_HZ, 1000, NULL, 2 * RATE_HZ, &n, NULL), WS_OK);
        assert_int_equal(n, sound.n_samples);
        ws_sound_deinit(&sound);
    }
    ws_sound_deinit(&tone);
}

static void names_of_sound_files(void **state)
{
    static const char *const yes[] = {"a.wav",    "a.WAV", "dir.x/a.Wav",
                                      "a.b.flac", "a.MP3", "a.aif"};
    static const char *const no[] = {"a",         "wav",       ".wav",   "a.txt",
                                     "a.wav.tmp", "x/._a.wav", "a.wav/b"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(ws_sound_has_name(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(ws_sound_has_name(no[i]));
}

static void sixteen_bits_are_divided_by_32768(void **state)
{
    float samples[65536];
    ws_sound sound;
    (void)state;
    for (int i = 0; i < 65536; i++)
        samples[i] = (float)(i - 32768) / 32768.0f;
    assert_int_equal(ws_sound_write(sound_file_at("all.wav"), samples, 65536, RATE_HZ, NULL),
                     WS_OK);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, 65536);
    assert_memory_equal(sound.samples, samples, sizeof samples);
    ws_sound_deinit(&sound);
}

static void flac_is_written_without_loss(void **state)
{
    float samples[65536];
    unsigned char *first, *second;
    size_t first_size, second_size;
    ws_sound sound;
    (void)state;

    for (int i = 0; i < 65536; i++)
        samples[i] = (float)(i - 32768) / 32768.0f;
    assert_int_equal(ws_sound_write(sound_file_at("all.flac"), samples, 65536, RATE_HZ, NULL),
                     WS_OK);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, 65536);
    assert_int_equal(sound.sample_rate_hz, RATE_HZ);
    assert_memory_equal(sound.samples, samples, sizeof samples);
    ws_sound_deinit(&sound);
    /* it is FLAC, smaller, and the same bytes each time */
    assert_int_equal(ws_file_read(sound_path, 1 << 20, &first, &first_size, NULL), WS_OK);
    assert_memory_equal(first, "fLaC", 4);
    assert_true(first_size < 65536);
    assert_int_equal(ws_sound_write(sound_path, samples, 65536, RATE_HZ, NULL), WS_OK);
    assert_int_equal(ws_file_read(sound_path, 1 << 20, &second, &second_size, NULL), WS_OK);
    assert_int_equal(second_size, first_size);
    assert_memory_equal(second, first, first_size);
    free(first);
    free(second);
    /* noise, which no prediction makes smaller, and a rate that FLAC does not have */
    for (uint32_t i = 0, x = 1; i < 65536; i++, x = x * 1664525u + 1013904223u)
        samples[i] = (float)((int)(x >> 16) - 32768) / 32768.0f;
    assert_int_equal(ws_sound_write(sound_path, samples, 65536, RATE_HZ, NULL), WS_OK);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_memory_equal(sound.samples, samples, sizeof samples);
    ws_sound_deinit(&sound);
    ws_error err = {.message = ""};
    assert_int_equal(ws_sound_write(sound_path, samples, 4, 2000000, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "FLAC of 2000000 Hz cannot be written"));
}

static void the_first_channel_counts(void **state)
{
    float samples[2 * N], first[N];
    ws_sound sound;
    (void)state;
    sound_fill(samples, 2 * N);
    for (size_t i = 0; i < N; i++)
        first[i] = samples[2 * i];
    ws_test_sound_write(sound_file_at("stereo.wav"),
                        &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 2, samples, N});
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    assert_close("first channel", sound.samples, first, N, 0.0);
    ws_sound_deinit(&sound);
}

static void floats_beyond_full_scale_stay(void **state)
{
    const float samples[] = {0.0f, 1.5f, -2.0f, 1.0f, 40.0f};
    ws_sound sound;
    (void)state;
    sound_write_kind("loud.wav", WS_TEST_WAV_FLOAT, samples, 5);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_close("loud", sound.samples, samples, 5, 0.0);
    ws_sound_deinit(&sound);
}

static void no_more_than_asked_is_read(void **state)
{
    float samples[N];
    ws_sound sound;
    (void)state;
    sound_fill(samples, N);
    sound_write_kind("long.wav", WS_TEST_WAV_16, samples, N);
    assert_int_equal(ws_sound_read(sound_path, 300, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, 300);
    assert_close("its start", sound.samples, samples, 300, 0.0);
    ws_sound_deinit(&sound);
    assert_int_equal(ws_sound_read(sound_path, N + 1, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    ws_sound_deinit(&sound);
}

static void broken_files_are_named(void **state)
{
    float samples[N];
    (void)state;
    sound_fill(samples, N);

    sound_file_at("none.wav");
    sound_expect_fault(WS_ENOTFOUND, "cannot be opened");
    (void)snprintf(sound_path, sizeof sound_path, "%s", ws_test_dir);
    sound_expect_fault(WS_EIO, "not a regular file");
    ws_test_file_write(sound_file_at("empty.wav"), "", 0);
    sound_expect_fault(WS_EFORMAT, "the file is empty");
    ws_test_file_write(sound_file_at("text.wav"), "this is no sound at all, it is a text\n", 38);
    sound_expect_fault(WS_EFORMAT, "not a sound file, expected WAV, FLAC, Ogg, Opus, MP3 or AIFF");
    assert_int_equal(ws_sound_write(sound_file_at("nothing.wav"), samples, 0, RATE_HZ, NULL),
                     WS_OK);
    sound_expect_fault(WS_EFORMAT, "holds no samples");
    sound_write_kind("nothing.flac", WS_TEST_FLAC_16, samples, 0);
    sound_expect_fault(WS_EFORMAT, "");
    samples[17] = NAN;
    sound_write_kind("nan.wav", WS_TEST_WAV_FLOAT, samples, N);
    sound_expect_fault(WS_EFORMAT, "sample 17 is not a finite number");
}

static void cut_off_files_are_named(void **state)
{
    float samples[N];
    (void)state;
    sound_fill(samples, N);
    sound_write_kind("cut.wav", WS_TEST_WAV_16, samples, N);
    ws_test_file_cut(sound_path, 44);
    sound_expect_fault(WS_EFORMAT, "holds no samples");
    ws_test_file_cut(sound_path, 30);
    sound_expect_fault(WS_EFORMAT, "cut off: ends before any sound");
    ws_test_file_cut(sound_path, 16);
    sound_expect_fault(WS_EFORMAT, "cut off: ends before any sound");
    ws_test_file_cut(sound_path, 10);
    sound_expect_fault(WS_EFORMAT, "not a");
    /* noise, which FLAC cannot make small */
    for (uint32_t i = 0, x = 1; i < N; i++) {
        x = x * 1664525u + 1013904223u;
        samples[i] = (float)(x >> 16) / 32768.0f - 1.0f;
    }
    sound_write_kind("cut.flac", WS_TEST_FLAC_16, samples, N);
    ws_test_file_cut(sound_path, 1000);
    sound_expect_fault(WS_EFORMAT, "cut off: ");
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

/* Longer than a block; two channels, of which the first counts. */
static void pieces_are_those_of_the_whole(void **state)
{
    enum { LONG = 150001, MAX = 310000 };
    static const size_t pieces[] = {70000, 4096, 77};
    static const int rates[] = {RATE_HZ, 8000, 44100};
    float *samples = malloc(2 * LONG * sizeof *samples), *read = malloc(MAX * sizeof *read);
    (void)state;
    assert_true(samples != NULL && read != NULL);
    sound_fill(samples, (size_t)2 * LONG);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        ws_sound whole;
        size_t n;
        ws_test_sound_write(sound_file_at("long.flac"),
                            &(ws_test_sound){WS_TEST_FLAC_16, rates[r], 2, samples, LONG});
        assert_int_equal(ws_sound_read_at(sound_path, RATE_HZ, 0, &whole, NULL), WS_OK);
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            assert_int_equal(sound_read_pieces(RATE_HZ, pieces[i], read, MAX, &n, NULL), WS_OK);
            assert_in_range(n, whole.n_samples - 1, whole.n_samples + 1);
            const size_t n_both = n < whole.n_samples ? n : whole.n_samples;
            assert_close("pieces", read, whole.samples, n_both, 0.0);
        }
        ws_sound_deinit(&whole);
    }
    free(samples);
    free(read);
}

/* Of a long file of another rate only the start is read, and gives the bits that all of it does. */
static void the_start_is_that_of_the_whole(void **state)
{
    enum { LONG = 150001 };
    static const int rates[] = {1000, 8000, 15999, 16001, 44100, 192000};
    static const size_t lengths[] = {1, 100, 3000, 12345};
    float *samples = malloc(LONG * sizeof *samples);
    (void)state;
    assert_non_null(samples);
    sound_fill(samples, LONG);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        ws_sound whole, start;
        ws_test_sound_write(sound_file_at("long.wav"),
                            &(ws_test_sound){WS_TEST_WAV_16, rates[r], 1, samples, LONG});
        assert_int_equal(ws_sound_read_at(sound_path, RATE_HZ, 0, &whole, NULL), WS_OK);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            assert_int_equal(ws_sound_read_at(sound_path, RATE_HZ, lengths[i], &start, NULL),
                             WS_OK);
            assert_true(ws_sound_is_converted(&start));
            assert_int_equal(start.n_samples, lengths[i]);
            assert_memory_equal(start.samples, whole.samples, lengths[i] * sizeof(float));
            ws_sound_deinit(&start);
        }
        ws_sound_deinit(&whole);
    }
    free(samples);
}

static void readers_say_what_is_coming(void **state)
{
    float samples[N];
    ws_sound_reader *reader;
    ws_error err;
    (void)state;
    sound_fill(samples, N);
    ws_test_sound_write(sound_file_at("slow.wav"),
                        &(ws_test_sound){WS_TEST_WAV_16, 8000, 1, samples, N});
    assert_int_equal(ws_sound_reader_open(sound_path, RATE_HZ, &reader, NULL), WS_OK);
    assert_int_equal(ws_sound_reader_rate(reader), 8000);
    assert_int_equal(ws_sound_reader_n_promised(reader), 2 * N);
    ws_sound_reader_close(reader);
    ws_sound_reader_close(NULL);
    assert_int_equal(ws_sound_reader_open(sound_path, 8000 * 257, &reader, &err), WS_EFORMAT);
    assert_null(reader);
    assert_non_null(strstr(err.message, "slow.wav: cannot convert from 8000 to 2056000"));
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
    assert_int_equal(ws_sound_write(sound_file_at("out.wav"), samples, 4, 44100, NULL), WS_OK);
    assert_int_equal(ws_file_read(sound_path, 1000, &bytes, &size, NULL), WS_OK);
    assert_int_equal(size, sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
    free(bytes);
    assert_int_equal(ws_sound_write(sound_path, odd, 6, 44100, NULL), WS_OK);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_close("rounded and saturated", sound.samples, back, 6, 0.0);
    ws_sound_deinit(&sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read_exactly),
        cmocka_unit_test(sixteen_bits_are_divided_by_32768),
        cmocka_unit_test(flac_is_written_without_loss),
        cmocka_unit_test(the_first_channel_counts),
        cmocka_unit_test(floats_beyond_full_scale_stay),
        cmocka_unit_test(no_more_than_asked_is_read),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(cut_off_files_are_named),
        cmocka_unit_test(kinds_with_loss_are_read),
        cmocka_unit_test(names_of_sound_files),
        cmocka_unit_test(resampling_keeps_the_tone),
        cmocka_unit_test(pieces_are_those_of_the_whole),
        cmocka_unit_test(the_start_is_that_of_the_whole),
        cmocka_unit_test(readers_say_what_is_coming),
        cmocka_unit_test(written_bytes_are_tensorflows),
    };
    return cmocka_run_group_tests(tests, ws_test_dir_set_up, ws_test_dir_tear_down);
}
