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

static char path[512];

static const char *file(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", ws_test_dir, name);
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

/**
 * Reads the file in pieces of n samples.
 *
 * @param samples  [max] or NULL: samples are only counted
 * @return how it ended; *n_read samples were read
 */
static ws_status read_pieces(int rate_hz, size_t n, float *samples, size_t max, size_t *n_read,
                             ws_error *err)
{
    static float piece[70000];
    ws_sound_reader *reader;
    size_t n_now = 1;

    *n_read = 0;
    ws_status status = ws_sound_reader_open(path, rate_hz, &reader, err);
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

static void every_kind_is_read_exactly(void **state)
{
    static const char *const names[] = {"u8.wav",  "16.wav",  "24.wav", "float.wav",
                                        "16.flac", "16.aiff", "16.au",  "16.caf"};
    float samples[N];
    ws_sound sound;
    (void)state;
    fill(samples, N);
    for (int kind = WS_TEST_WAV_U8; kind < WS_TEST_VORBIS; kind++) {
        write_kind(names[kind], (ws_test_sound_kind)kind, samples, N);
        assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.n_samples, N);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        assert_close(names[kind], sound.samples, samples, N, 0.0);
        assert_true(ws_sound_has_name(path));
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
        write_kind(names[i], (ws_test_sound_kind)(WS_TEST_VORBIS + i), tone.samples, RATE_HZ);
        assert_true(ws_sound_has_name(path));
        assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.sample_rate_hz, RATE_HZ);
        /* an encoder of MP3 may fill up the last frame */
        assert_in_range(sound.n_samples, RATE_HZ, RATE_HZ + 1152 * 2);
        double same = 0.0, power = 0.0;
        for (size_t k = 4000; k < 12000; k++) {
            same += (double)sound.samples[k] * (double)tone.samples[k];
            power += (double)tone.samples[k] * (double)tone.samples[k];
        }
        assert_true(fabs(same / power - 1.0) < 0.02);
        assert_int_equal(read_pieces(RATE_HZ, 1000, NULL, 2 * RATE_HZ, &n, NULL), WS_OK);
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

/** The fault of the file at path, read as a whole and in pieces. */
static void expect_fault(ws_status status, const char *part)
{
    ws_error in_pieces = {0};
    size_t n_read;

    ws_sound sound;
    ws_error err = {0};
    assert_int_equal(ws_sound_read(path, 0, &sound, &err), status);
    assert_null(sound.samples);
    if (strstr(err.message, part) == NULL || strstr(err.message, path) == NULL)
        fail_msg("\"%s\" does not name %s and \"%s\"", err.message, path, part);
    assert_int_equal(read_pieces(RATE_HZ, 64, NULL, N, &n_read, &in_pieces), status);
    assert_string_equal(in_pieces.message, err.message);
}

static void broken_files_are_named(void **state)
{
    float samples[N];
    (void)state;
    fill(samples, N);

    file("none.wav");
    expect_fault(WS_ENOTFOUND, "cannot be opened");
    (void)snprintf(path, sizeof path, "%s", ws_test_dir);
    expect_fault(WS_EIO, "not a regular file");
    ws_test_file_write(file("empty.wav"), "", 0);
    expect_fault(WS_EFORMAT, "the file is empty");
    ws_test_file_write(file("text.wav"), "this is no sound at all, it is a text\n", 38);
    expect_fault(WS_EFORMAT, "not a sound file, expected WAV, FLAC, Ogg, Opus, MP3 or AIFF");
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
    ws_test_file_cut(path, 44);
    expect_fault(WS_EFORMAT, "holds no samples");
    ws_test_file_cut(path, 30);
    expect_fault(WS_EFORMAT, "cut off: ends before any sound");
    ws_test_file_cut(path, 16);
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

/** The bytes of a WAV file that is put together chunk by chunk. */
typedef struct wav {
    unsigned char bytes[8192];
    size_t n;
} wav;

static void push_chunk(wav *w, const char *id, uint32_t n_claimed, const void *content, size_t n)
{
    memcpy(w->bytes + w->n, id, 4);
    for (int i = 0; i < 4; i++)
        w->bytes[w->n + 4 + (size_t)i] = (unsigned char)(n_claimed >> (8 * i));
    memcpy(w->bytes + w->n + 8, content, n);
    w->n += 8 + n;
}

/** The start of a mono 16-bit file. */
static wav begin_wav(uint32_t rate_hz)
{
    unsigned char format[16] = {1, 0, 1, 0, [12] = 2, [14] = 16};
    wav w = {.n = 0};

    for (int i = 0; i < 4; i++) {
        format[4 + i] = (unsigned char)(rate_hz >> (8 * i));
        format[8 + i] = (unsigned char)(2 * rate_hz >> (8 * i));
    }
    push_chunk(&w, "RIFF", 0, "WAVE", 4);
    push_chunk(&w, "fmt ", sizeof format, format, sizeof format);
    return w;
}

/** Reads w as a whole and in pieces: both give the samples [N], and the oddity. */
static void expect_sound(const wav *w, const float *samples, ws_sound_oddity oddity)
{
    float in_pieces[N];
    ws_sound sound;
    ws_error err = {0};
    size_t n;

    ws_test_file_write(file("odd.wav"), w->bytes, w->n);
    if (ws_sound_read(path, 0, &sound, &err) != WS_OK)
        fail_msg("%s: %s", ws_sound_oddity_text(oddity), err.message);
    assert_int_equal(sound.n_samples, N);
    assert_close("whole", sound.samples, samples, N, 0.0);
    assert_int_equal(sound.oddity, oddity);
    ws_sound_deinit(&sound);
    assert_int_equal(read_pieces(RATE_HZ, 77, in_pieces, N, &n, NULL), WS_OK);
    assert_int_equal(n, N);
    assert_close("in pieces", in_pieces, samples, N, 0.0);
}

/* What recorders and converters leave: see riff.c. */
static void odd_headers_do_not_cost_a_sample(void **state)
{
    enum { BYTES = 2 * N };
    static const uint32_t too_many[] = {1, 16, 44, 1000000};
    unsigned char pcm[BYTES];
    float samples[N];
    wav w;
    (void)state;
    fill(samples, N);
    for (size_t i = 0; i < N; i++) {
        const int value = (int)(samples[i] * 32768.0f);
        pcm[2 * i] = (unsigned char)(value & 0xff);
        pcm[2 * i + 1] = (unsigned char)(value >> 8 & 0xff);
    }
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        w = begin_wav(RATE_HZ);
        push_chunk(&w, "data", BYTES + too_many[i], pcm, BYTES);
        expect_sound(&w, samples, WS_SOUND_SHORTER);
    }
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "data", 0, pcm, BYTES);
    expect_sound(&w, samples, WS_SOUND_LENGTH_0);
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "note", 3, "abc", 3);
    push_chunk(&w, "data", BYTES, pcm, BYTES);
    expect_sound(&w, samples, WS_SOUND_WITHOUT_PAD);
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "note", 3, "abc\0", 4);
    push_chunk(&w, "data", BYTES, pcm, BYTES);
    push_chunk(&w, "LIST", 4, "INFO", 4);
    expect_sound(&w, samples, WS_SOUND_AS_PROMISED);
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "data", 600, pcm, 600);
    push_chunk(&w, "LIST", 4, "INFO", 4);
    push_chunk(&w, "data", 2, pcm + 600, 2);
    push_chunk(&w, "data", BYTES, pcm + 602, BYTES - 602);
    expect_sound(&w, samples, WS_SOUND_IN_PARTS);
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "data", UINT32_MAX, pcm, BYTES); /* as a program writes into a pipe */
    expect_sound(&w, samples, WS_SOUND_AS_PROMISED);
}

static void hopeless_headers_are_named(void **state)
{
    wav w = begin_wav(0);
    (void)state;
    push_chunk(&w, "data", 4, "abcd", 4);
    ws_test_file_write(file("rate.wav"), w.bytes, w.n);
    expect_fault(WS_EFORMAT, "a sample rate of 0 Hz, expected at least 1");
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "data", 0, "", 0);
    push_chunk(&w, "LIST", 4, "INFO", 4);
    ws_test_file_write(file("nothing.wav"), w.bytes, w.n);
    expect_fault(WS_EFORMAT, "holds no samples");
    w.n = 0;
    push_chunk(&w, "RIFF", 0, "WAVE", 4);
    push_chunk(&w, "data", 4, "abcd", 4);
    ws_test_file_write(file("format.wav"), w.bytes, w.n);
    expect_fault(WS_EFORMAT, "has no chunk \"fmt \" before its sound");
    w = begin_wav(RATE_HZ);
    for (int i = 0; i < 65; i++)
        push_chunk(&w, "data", 2, "ab", 2);
    ws_test_file_write(file("parts.wav"), w.bytes, w.n);
    expect_fault(WS_ELIMIT, "more than 64 chunks of sound");
}

/* The data set's noise recordings have chunks after the sound; programs that record into a pipe
 * write the length "all the rest". */
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
    fill(samples, (size_t)2 * LONG);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        ws_sound whole;
        size_t n;
        ws_test_sound_write(file("long.flac"),
                            &(ws_test_sound){WS_TEST_FLAC_16, rates[r], 2, samples, LONG});
        assert_int_equal(ws_sound_read_at(path, RATE_HZ, 0, &whole, NULL), WS_OK);
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            assert_int_equal(read_pieces(RATE_HZ, pieces[i], read, MAX, &n, NULL), WS_OK);
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
    fill(samples, LONG);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        ws_sound whole, start;
        ws_test_sound_write(file("long.wav"),
                            &(ws_test_sound){WS_TEST_WAV_16, rates[r], 1, samples, LONG});
        assert_int_equal(ws_sound_read_at(path, RATE_HZ, 0, &whole, NULL), WS_OK);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            assert_int_equal(ws_sound_read_at(path, RATE_HZ, lengths[i], &start, NULL), WS_OK);
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
    fill(samples, N);
    ws_test_sound_write(file("slow.wav"), &(ws_test_sound){WS_TEST_WAV_16, 8000, 1, samples, N});
    assert_int_equal(ws_sound_reader_open(path, RATE_HZ, &reader, NULL), WS_OK);
    assert_int_equal(ws_sound_reader_rate(reader), 8000);
    assert_int_equal(ws_sound_reader_n_promised(reader), 2 * N);
    ws_sound_reader_close(reader);
    ws_sound_reader_close(NULL);
    assert_int_equal(ws_sound_reader_open(path, 8000 * 257, &reader, &err), WS_EFORMAT);
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
        cmocka_unit_test(odd_headers_do_not_cost_a_sample),
        cmocka_unit_test(hopeless_headers_are_named),
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
