/* audio/sound: WAV files with odd headers. */
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

    ws_test_file_write(sound_file_at("odd.wav"), w->bytes, w->n);
    if (ws_sound_read(sound_path, 0, &sound, &err) != WS_OK)
        fail_msg("%s: %s", ws_sound_oddity_text(oddity), err.message);
    assert_int_equal(sound.n_samples, N);
    assert_close("whole", sound.samples, samples, N, 0.0);
    assert_int_equal(sound.oddity, oddity);
    ws_sound_deinit(&sound);
    assert_int_equal(sound_read_pieces(RATE_HZ, 77, in_pieces, N, &n, NULL), WS_OK);
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
    sound_fill(samples, N);
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
    ws_test_file_write(sound_file_at("rate.wav"), w.bytes, w.n);
    sound_expect_fault(WS_EFORMAT, "a sample rate of 0 Hz, expected at least 1");
    w = begin_wav(RATE_HZ);
    push_chunk(&w, "data", 0, "", 0);
    push_chunk(&w, "LIST", 4, "INFO", 4);
    ws_test_file_write(sound_file_at("nothing.wav"), w.bytes, w.n);
    sound_expect_fault(WS_EFORMAT, "holds no samples");
    w.n = 0;
    push_chunk(&w, "RIFF", 0, "WAVE", 4);
    push_chunk(&w, "data", 4, "abcd", 4);
    ws_test_file_write(sound_file_at("format.wav"), w.bytes, w.n);
    sound_expect_fault(WS_EFORMAT, "has no chunk \"fmt \" before its sound");
    w = begin_wav(RATE_HZ);
    for (int i = 0; i < 65; i++)
        push_chunk(&w, "data", 2, "ab", 2);
    ws_test_file_write(sound_file_at("parts.wav"), w.bytes, w.n);
    sound_expect_fault(WS_ELIMIT, "more than 64 chunks of sound");
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
    sound_fill(samples, N);
    sound_write_kind("trailer.wav", WS_TEST_WAV_16, samples, N);
    assert_int_equal(ws_file_read(sound_path, 1 << 20, &bytes, &size, NULL), WS_OK);
    longer = malloc(size + sizeof trailer);
    assert_non_null(longer);
    memcpy(longer, bytes, size);
    memcpy(longer + size, trailer, sizeof trailer);
    ws_test_file_write(sound_path, longer, size + sizeof trailer);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    assert_close("before the trailer", sound.samples, samples, N, 0.0);
    ws_sound_deinit(&sound);
    memset(bytes + 40, 0xff, 4);
    ws_test_file_write(sound_path, bytes, size);
    assert_int_equal(ws_sound_read(sound_path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, N);
    ws_sound_deinit(&sound);
    free(bytes);
    free(longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_but_whole_wavs_are_read),
        cmocka_unit_test(odd_headers_do_not_cost_a_sample),
        cmocka_unit_test(hopeless_headers_are_named),
    };
    return cmocka_run_group_tests(tests, ws_test_dir_set_up, ws_test_dir_tear_down);
}
