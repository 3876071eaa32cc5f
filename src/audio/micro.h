/**
 * TensorFlow's fixed-point front end for microcontrollers (AudioMicrofrontend), bit for bit:
 *
 *     16-bit samples -> window -> FFT -> energies in mel channels -> roots
 *         -> noise reduction -> automatic gain -> logarithm
 *
 * All of it in the integers and rounding of the original, so that a network meets on a device what
 * it was trained on. There are two originals: TensorFlow's operator works out its tables in double
 * precision, the C code for microcontrollers in single precision. Some of their numbers differ by
 * one, and so do some features. The noise that is taken off a frame is estimated from the frames
 * before it: a clip is run as a whole, and starts without any.
 */
#ifndef WS_AUDIO_MICRO_H
#define WS_AUDIO_MICRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/columns.h"
#include "audio/micro_bank.h"
#include "audio/micro_fft.h"
#include "audio/micro_gain.h"
#include "base/cpu.h"
#include "base/status.h"

/* What the original takes, whatever the sample rate. */
#define WS_MICRO_LOWER_HZ 125.0f
#define WS_MICRO_UPPER_HZ 7500.0f

/* One unit of the front end's output as a feature. */
#define WS_MICRO_UNIT (10.0f / 256.0f)

enum {
    WS_MICRO_MIN_WINDOW = 3,     /* samples */
    WS_MICRO_MAX_WINDOW = 32768, /* beyond it the original shifts by negative counts */
    WS_MICRO_MAX_CHANNELS = 4096,
    WS_MICRO_LANES = 16, /* frames side by side */
};

typedef struct ws_micro_options {
    size_t n_samples;      /* of a clip; at least a window */
    size_t window_samples; /* WS_MICRO_MIN_WINDOW to WS_MICRO_MAX_WINDOW */
    size_t stride_samples; /* 1 or more */
    int sample_rate_hz;
    size_t n_channels; /* 1 to WS_MICRO_MAX_CHANNELS */
    float lower_hz, upper_hz;
    float sample_scale; /* of a sample of 1.0; at most 32768 */
    bool is_device;     /* tables as the C code for microcontrollers has them */
} ws_micro_options;

typedef struct ws_micro {
    size_t n_samples, n_frames, n_channels;
    size_t n_pairs; /* of samples in a window, the last perhaps with a zero */
    float sample_scale;
    int32_t *window; /* [fft.half * 2] owned; in units of 1/4096, then zeros */
    ws_columns columns;
    ws_micro_fft fft;
    ws_micro_bank bank;
    ws_micro_gain gain;
    ws_cpu_level level; /* of the kernels; the processor's best unless lowered */
} ws_micro;

/** @return WS_OK; WS_EINVAL if upper_hz is not below half the sample rate, or for a geometry that
 *          the options' comments exclude; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_micro_init(ws_micro *micro, const ws_micro_options *options,
                                      ws_error *err);

/** All zeros is fine. */
void ws_micro_deinit(ws_micro *micro);

/** Bytes of scratch that a clip needs, a multiple of WS_FFT_ALIGNMENT. */
size_t ws_micro_scratch_bytes(const ws_micro *micro);

/**
 * The features of a clip, whole multiples of WS_MICRO_UNIT up to 65535; the same bits on every
 * instruction set.
 *
 * @param samples  [n_samples]; times the scale they are cut to whole numbers and saturate at 16
 *                 bits, so that +1 counts 32767 (as where TensorFlow's cast uses vectors)
 * @param scratch  aligned to WS_FFT_ALIGNMENT
 * @param out      [n_frames, n_channels]
 */
void ws_micro_run(const ws_micro *micro, const float *samples, void *scratch, float *out);

/** Bytes of the estimates of noise that frames leave for those after them. */
size_t ws_micro_memory_bytes(const ws_micro *micro);

/**
 * The same for a clip that is the next part of endless sound.
 *
 * @param memory  [ws_micro_memory_bytes()] what the frames before left; zeros at first. Aligned to
 *                WS_FFT_ALIGNMENT
 */
void ws_micro_run_on(const ws_micro *micro, const float *samples, void *memory, void *scratch,
                     float *out);

#endif
