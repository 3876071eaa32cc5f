/**
 * Fingerprints: what a network sees of a clip, one row of numbers a frame of time.
 *
 *     options (flags) -> settings (arithmetic, checked) -> ws_features (tables) -> run (a clip)
 *
 * A ws_features does not change after it was made: threads share it, each with scratch of its own.
 * A fingerprint has the same bits in any thread; between instruction sets the last may differ, but
 * not of micro, which works with whole numbers.
 */
#ifndef WS_AUDIO_FEATURES_H
#define WS_AUDIO_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/log.h"
#include "base/status.h"

/** The flags that say how a clip is looked at; names are the flags'. */
typedef struct ws_feature_options {
    const char *preprocess; /* the kind: mfcc, average, micro, micro_device or log_mel */
    int64_t sample_rate;    /* Hz */
    int64_t clip_duration_ms;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
} ws_feature_options;

typedef struct ws_feature_kind ws_feature_kind;

/* What micro takes a sample of 1.0 for: training says so, but the graph that the original freezes
 * multiplies by one less. Whoever runs such a graph changes sample_scale of the settings before
 * making the features; a checkpoint's weights go with training's. */
#define WS_SAMPLE_SCALE_TRAINING 32768.0f
#define WS_SAMPLE_SCALE_FROZEN   32767.0f

/** What follows from the flags, by the original's arithmetic. */
typedef struct ws_feature_settings {
    const ws_feature_kind *kind; /* a row of a constant table */
    int sample_rate_hz;
    size_t desired_samples; /* of a clip */
    size_t window_samples, stride_samples;
    size_t fft_length;    /* the window padded with zeros to a power of two */
    size_t n_frames;      /* that fit into a clip, at least 1 */
    size_t width;         /* numbers a frame */
    size_t size;          /* n_frames * width: of a fingerprint */
    size_t average_width; /* bins that average makes one number of; 0 for other kinds */
    float sample_scale;   /* for micro, as above; WS_SAMPLE_SCALE_TRAINING unless changed */
    ws_cpu_level level;   /* of the kernels; the processor's best unless lowered */
} ws_feature_settings;

/**
 * Works the settings out. @return WS_OK, or WS_EUSAGE with a sentence that names the flag at fault:
 * an unknown kind, a window longer than the clip, a stride below one sample, more bins or another
 * sample rate or stride than the kind can have
 */
WS_MUST_CHECK ws_status ws_feature_settings_init(const ws_feature_options *options,
                                                 ws_feature_settings *settings, ws_error *err);

/** The name of the kind, as the flag says it. */
const char *ws_feature_settings_name(const ws_feature_settings *settings);

/** Whether a frame depends on its place in the clip: with micro, which follows the noise, on the
 *  frames before it; with log_mel, which mirrors the clip at its ends, on how near those are.
 *  Where it does not, it has the same bits in any clip. */
bool ws_feature_settings_has_memory(const ws_feature_settings *settings);

/** Whether ws_features_run_on() can make the frames of endless sound a few at a time: all kinds but
 *  log_mel, if window and stride of micro are whole milliseconds. */
bool ws_feature_settings_can_run_on(const ws_feature_settings *settings);

/** Changes the length of the clip to what n_frames frames need, at least 1. Not for kinds with
 *  memory, unless they are used with ws_features_run_on(). */
void ws_feature_settings_set_frames(ws_feature_settings *settings, size_t n_frames);

typedef struct ws_features ws_features;

/**
 * Makes the tables for one kind and geometry.
 *
 * @param log  gets a warning if the geometry leaves mel bands without a frequency; NULL: nobody
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_features_create(const ws_feature_settings *settings, const ws_log *log,
                                           ws_features **features, ws_error *err);

/** NULL is fine. */
void ws_features_destroy(ws_features *features);

const ws_feature_settings *ws_features_settings(const ws_features *features);

/** How much scratch a run needs, in bytes; it is aligned to WS_FFT_ALIGNMENT. */
size_t ws_features_scratch_bytes(const ws_features *features);

/**
 * The fingerprint of a clip; allocates nothing.
 *
 * @param samples  [desired_samples], usually within +-1
 * @param scratch  the thread's own
 * @param out      [n_frames, width]
 */
void ws_features_run(const ws_features *features, const float *samples, void *scratch, float *out);

/** Bytes of what frames of endless sound leave for those after them; 0 for kinds without memory. */
size_t ws_features_memory_bytes(const ws_features *features);

/**
 * As ws_features_run() for the next desired_samples of endless sound, as a device makes its frames:
 * micro keeps its estimate of the noise.
 *
 * @param memory  [ws_features_memory_bytes()] what earlier calls left; zeros at first. Aligned as
 *                scratch; NULL if it has no bytes
 */
void ws_features_run_on(const ws_features *features, const float *samples, void *memory,
                        void *scratch, float *out);

#endif
