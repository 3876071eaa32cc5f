/* How a graph makes features of a WAV file: the reverse of features_write.c, a row for each kind.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audio/mfcc.h"
#include "formats/features_read.h"
#include "formats/micro_attrs.h"
#include "formats/rate_attr.h"

enum {
    USUAL_RATE_HZ = 16000,
    MAX_RATE_HZ = 1000000,
    MS_PER_SECOND = 1000,
    MAX_SAMPLES = 1 << 28,
};

/** A required whole number from 1 to most. */
static ws_status get_count(const ws_node_message *node, const char *attr, int64_t most,
                           int64_t *value, ws_error *err)
{
    const ws_status status = ws_node_get_whole(node, attr, -1, value, err);

    if (status != WS_OK)
        return status;
    if (*value < 1 || *value > most)
        return ws_node_fail(node, err, "has %s = %lld, expected 1 to %lld", attr, (long long)*value,
                            (long long)most);
    return WS_OK;
}

ws_status ws_features_read_wav(const ws_graph_reader *reader, const ws_node_message *node,
                               ws_read_geometry *sound, ws_error *err)
{
    ws_frozen *frozen = reader->frozen;
    const ws_node_message *wav = NULL;
    int64_t n_channels = 0;

    ws_status status = ws_node_get_whole(node, "desired_channels", -1, &n_channels, err);
    if (status == WS_OK && n_channels != 1)
        return ws_node_fail(node, err, "has desired_channels = %lld, expected 1",
                            (long long)n_channels);
    if (status == WS_OK)
        status = get_count(node, "desired_samples", MAX_SAMPLES, &sound->desired_samples, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "Placeholder", &wav, err);
    if (status != WS_OK)
        return status;
    (void)snprintf(frozen->wav_input, sizeof frozen->wav_input, "%s", wav->name);
    (void)snprintf(frozen->samples_output, sizeof frozen->samples_output, "%s", node->name);
    return WS_OK;
}

ws_status ws_features_read_frames(const ws_graph_reader *reader, const ws_node_message *node,
                                  ws_read_geometry *sound, const ws_node_message **spectrogram,
                                  ws_error *err)
{
    bool is_squared = false;

    ws_status status =
        ws_graph_reader_follow_to(reader, node, 0, "AudioSpectrogram", spectrogram, err);
    if (status == WS_OK)
        status = ws_node_get_flag(*spectrogram, "magnitude_squared", false, &is_squared, err);
    if (status == WS_OK && !is_squared)
        return ws_node_fail(*spectrogram, err, "has magnitude_squared = false, expected true");
    if (status == WS_OK)
        status = get_count(*spectrogram, "window_size", MAX_SAMPLES, &sound->window_samples, err);
    if (status == WS_OK)
        status = get_count(*spectrogram, "stride", MAX_SAMPLES, &sound->stride_samples, err);
    return status;
}

/** The same, and on to the WAV file. */
static ws_status read_spectrogram(const ws_graph_reader *reader, const ws_node_message *node,
                                  ws_read_geometry *sound, const ws_node_message **samples,
                                  ws_error *err)
{
    const ws_node_message *spectrogram = NULL;

    ws_status status = ws_features_read_frames(reader, node, sound, &spectrogram, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, spectrogram, 0, "DecodeWav", samples, err);
    if (status == WS_OK)
        status = ws_features_read_wav(reader, *samples, sound, err);
    return status;
}

/** For a graph that does not say its rate. */
static int64_t assume_rate(const ws_graph_reader *reader)
{
    reader->frozen->is_rate_assumed = true;
    return reader->assumed_rate_hz > 0 ? reader->assumed_rate_hz : USUAL_RATE_HZ;
}

/** A constant rate, or that of each file. */
static ws_status read_mfcc_rate(const ws_graph_reader *reader, const ws_node_message *node,
                                const ws_node_message *samples, ws_read_geometry *sound,
                                ws_error *err)
{
    const ws_node_message *source = NULL;
    ws_dims rate;
    int output = 0;

    ws_status status = ws_graph_reader_follow(reader, node, 1, &source, &output, err);
    if (status != WS_OK)
        return status;
    if (source == samples && output == 1) {
        sound->rate_hz = assume_rate(reader);
        return WS_OK;
    }
    status = ws_graph_reader_find_wholes(reader, node, 1, &rate, err);
    if (status == WS_OK && (rate.n != 1 || rate.sizes[0] < 1 || rate.sizes[0] > MAX_RATE_HZ))
        return ws_node_fail(node, err, "reads \"%s\", expected a sample rate there", source->name);
    if (status == WS_OK)
        sound->rate_hz = rate.sizes[0];
    return status;
}

static ws_status read_mfcc(const ws_graph_reader *reader, const ws_node_message *node,
                           ws_read_geometry *sound, ws_error *err)
{
    const ws_node_message *samples = NULL;
    int64_t n_bands = 0;
    double lower = 0.0, upper = 0.0;

    ws_status status = ws_node_get_real(node, "lower_frequency_limit", 20.0, &lower, err);
    if (status == WS_OK)
        status = ws_node_get_real(node, "upper_frequency_limit", 4000.0, &upper, err);
    if (status == WS_OK)
        status = ws_node_get_whole(node, "filterbank_channel_count", 40, &n_bands, err);
    if (status == WS_OK &&
        (lower != WS_MFCC_LOWER_HZ || upper != WS_MFCC_UPPER_HZ || n_bands != WS_MFCC_N_BANDS))
        return ws_node_fail(
            node, err, "has %lld bands from %g to %g Hz, only %d from %g to %g are supported",
            (long long)n_bands, lower, upper, WS_MFCC_N_BANDS, WS_MFCC_LOWER_HZ, WS_MFCC_UPPER_HZ);
    if (status == WS_OK)
        status = ws_node_get_whole(node, "dct_coefficient_count", 13,
                                   &reader->frozen->features.feature_bin_count, err);
    if (status == WS_OK)
        status = read_spectrogram(reader, node, sound, &samples, err);
    if (status == WS_OK)
        status = read_mfcc_rate(reader, node, samples, sound, err);
    return status;
}

/** How many bins are averaged: the window of the pooling, which may only span frequencies. */
static ws_status read_average_window(const ws_node_message *node, int64_t *n_averaged,
                                     ws_error *err)
{
    ws_dims size, strides;

    ws_status status = ws_node_get_list(node, "ksize", &size, err);
    if (status == WS_OK)
        status = ws_node_get_list(node, "strides", &strides, err);
    if (status != WS_OK)
        return status;
    if (size.n != 4 || strides.n != 4 ||
        memcmp(size.sizes, strides.sizes, 4 * sizeof *size.sizes) != 0 || size.sizes[0] != 1 ||
        size.sizes[1] != 1 || size.sizes[3] != 1 || size.sizes[2] < 1 ||
        !ws_node_text_is(node, "padding", "", "SAME") ||
        !ws_node_text_is(node, "data_format", "NHWC", "NHWC"))
        return ws_node_fail(node, err,
                            "is not supported: expected an average of neighbouring "
                            "frequencies within a frame");
    *n_averaged = size.sizes[2];
    return WS_OK;
}

ws_status ws_features_read_rate(const ws_graph_reader *reader, const ws_node_message *node,
                                ws_read_geometry *sound, ws_error *err)
{
    const ws_status status = ws_node_get_whole(node, WS_RATE_ATTR, 0, &sound->rate_hz, err);

    if (status == WS_OK && (sound->rate_hz < 0 || sound->rate_hz > MAX_RATE_HZ))
        return ws_node_fail(node, err, "has an invalid " WS_RATE_ATTR);
    if (status == WS_OK && sound->rate_hz == 0)
        sound->rate_hz = assume_rate(reader);
    return status;
}

static ws_status read_average(const ws_graph_reader *reader, const ws_node_message *node,
                              ws_read_geometry *sound, ws_error *err)
{
    const ws_node_message *image = NULL, *samples = NULL;
    int64_t n_averaged = 0, fft_length = 1;

    ws_status status = read_average_window(node, &n_averaged, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "ExpandDims", &image, err);
    if (status == WS_OK)
        status = read_spectrogram(reader, image, sound, &samples, err);
    if (status == WS_OK)
        status = ws_features_read_rate(reader, node, sound, err);
    if (status != WS_OK)
        return status;
    while (fft_length < sound->window_samples)
        fft_length *= 2;
    const int64_t n_bins = fft_length / 2 + 1;
    const int64_t n_features = n_bins / n_averaged;
    if (n_features < 1 || n_bins / n_features != n_averaged)
        return ws_node_fail(node, err,
                            "averages %lld of %lld frequencies, which no number of features "
                            "(--feature_bin_count) gives",
                            (long long)n_averaged, (long long)n_bins);
    reader->frozen->features.feature_bin_count = n_features;
    return WS_OK;
}

/** Refuses a front end with other settings than those of the original's scripts. */
static ws_status check_micro_attrs(const ws_node_message *node, ws_error *err)
{
    for (size_t i = 0; i < ws_micro_n_attrs; i++) {
        const ws_attr *attr = &ws_micro_attrs[i];
        const bool by_default = strcmp(attr->name, "enable_pcan") == 0 ? false : attr->whole != 0;
        int64_t whole = attr->whole;
        double real = (double)attr->real;
        bool flag = by_default;
        ws_status status = WS_OK;

        if (attr->kind == WS_ATTR_WHOLE)
            status = ws_node_get_whole(node, attr->name, whole, &whole, err);
        else if (attr->kind == WS_ATTR_REAL)
            status = ws_node_get_real(node, attr->name, real, &real, err);
        else
            status = ws_node_get_flag(node, attr->name, by_default, &flag, err);
        if (status != WS_OK)
            return status;
        if (whole != attr->whole || real != (double)attr->real ||
            (attr->kind == WS_ATTR_FLAG && flag != (attr->whole != 0)))
            return ws_node_fail(node, err, "has a setting %s that is not supported", attr->name);
    }
    return WS_OK;
}

/** The least number of samples that micro truncates to this many milliseconds. Its own number of
 * samples can be one less, which would be truncated to a millisecond less. */
static int64_t samples_of_ms(int64_t ms, int64_t rate_hz)
{
    return (ms * rate_hz + MS_PER_SECOND - 1) / MS_PER_SECOND;
}

/** The window and stride of this node are in milliseconds. */
static ws_status read_front_end(const ws_graph_reader *reader, const ws_node_message *node,
                                ws_read_geometry *sound, ws_error *err)
{
    int64_t window_ms = 0, stride_ms = 0;

    ws_status status = ws_node_get_whole(node, "sample_rate", USUAL_RATE_HZ, &sound->rate_hz, err);
    if (status == WS_OK && (sound->rate_hz < 1 || sound->rate_hz > MAX_RATE_HZ))
        return ws_node_fail(node, err, "has an invalid sample_rate");
    if (status == WS_OK)
        status = ws_node_get_whole(node, "window_size", 25, &window_ms, err);
    if (status == WS_OK)
        status = ws_node_get_whole(node, "window_step", 10, &stride_ms, err);
    if (status == WS_OK)
        status = ws_node_get_whole(node, "num_channels", 32,
                                   &reader->frozen->features.feature_bin_count, err);
    if (status == WS_OK &&
        (window_ms < 1 || window_ms > INT16_MAX || stride_ms < 1 || stride_ms > INT16_MAX))
        return ws_node_fail(node, err, "has an invalid window_size or window_step");
    if (status == WS_OK)
        status = check_micro_attrs(node, err);
    sound->window_samples = samples_of_ms(window_ms, sound->rate_hz);
    sound->stride_samples = samples_of_ms(stride_ms, sound->rate_hz);
    return status;
}

/** samples * scale -> whole numbers -> one row -> front end -> * scale. */
static ws_status read_micro(const ws_graph_reader *reader, const ws_node_message *node,
                            ws_read_geometry *sound, ws_error *err)
{
    const ws_node_message *front_end = NULL, *row = NULL, *scaled = NULL, *samples = NULL;
    float scale = 0.0f;
    bool is_device = false;

    ws_status status = ws_graph_reader_find_scalar(reader, node, 1, &scale, err);
    if (status == WS_OK && scale != WS_MICRO_FEATURE_SCALE)
        return ws_node_fail(node, err, "scales features by %g, only %g is supported", (double)scale,
                            (double)WS_MICRO_FEATURE_SCALE);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, node, 0, "AudioMicrofrontend", &front_end, err);
    if (status == WS_OK)
        status = read_front_end(reader, front_end, sound, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, front_end, 0, "Reshape", &row, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, row, 0, "Cast", &row, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, row, 0, "Mul", &scaled, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_scalar(reader, scaled, 1, &scale, err);
    if (status == WS_OK)
        status = ws_node_get_flag(front_end, WS_MICRO_DEVICE_ATTR, false, &is_device, err);
    if (status == WS_OK && is_device && scale != WS_MICRO_DEVICE_SCALE)
        return ws_node_fail(scaled, err, "scales samples by %g, expected %g for micro_device",
                            (double)scale, (double)WS_MICRO_DEVICE_SCALE);
    if (status == WS_OK && !(scale > 0.0f && scale <= 32768.0f))
        return ws_node_fail(scaled, err, "scales samples by %g, expected at most 32768",
                            (double)scale);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, scaled, 0, "DecodeWav", &samples, err);
    if (status == WS_OK)
        status = ws_features_read_wav(reader, samples, sound, err);
    if (is_device)
        reader->frozen->features.preprocess = "micro_device";
    else
        reader->frozen->micro_sample_scale = scale;
    return status;
}

static const struct {
    const char *op; /* of the node that gives the features */
    const char *kind;
    ws_status (*read)(const ws_graph_reader *reader, const ws_node_message *node,
                      ws_read_geometry *sound, ws_error *err);
    /* or NULL: what can only be seen once the settings are known */
    ws_status (*check)(const ws_graph_reader *reader, const ws_node_message *node,
                       const ws_feature_settings *settings, ws_error *err);
} rows[] = {
    {"Mfcc", "mfcc", read_mfcc, NULL},
    {"AvgPool", "average", read_average, NULL},
    {"Mul", "micro", read_micro, NULL},
    {"Log", "log_mel", ws_log_mel_read, ws_log_mel_check},
};

/** Milliseconds that the flags' arithmetic turns back into exactly this many samples. */
static double ms_of_samples(int64_t n_samples, int64_t rate_hz)
{
    double ms = (double)n_samples * MS_PER_SECOND / (double)rate_hz;

    while ((double)rate_hz * ms / 1000.0 < (double)n_samples)
        ms = nextafter(ms, HUGE_VAL);
    return ms;
}

ws_status ws_features_set(ws_frozen *frozen, const char *path, const ws_read_geometry *sound,
                          ws_feature_settings *settings, ws_error *err)
{
    ws_feature_options *features = &frozen->features;
    ws_error reason = {.status = WS_OK};

    features->sample_rate = sound->rate_hz;
    features->clip_duration_ms =
        (sound->desired_samples * MS_PER_SECOND + sound->rate_hz - 1) / sound->rate_hz;
    features->window_size_ms = ms_of_samples(sound->window_samples, sound->rate_hz);
    features->window_stride_ms = ms_of_samples(sound->stride_samples, sound->rate_hz);
    const ws_status status = ws_feature_settings_init(features, settings, &reason);
    if (status != WS_OK)
        return ws_fail(err, status == WS_ENOMEM ? status : WS_EFORMAT,
                       "%s: its features cannot be made here (%s)", path, reason.message);
    if (settings->desired_samples != (size_t)sound->desired_samples)
        return ws_fail(
            err, WS_EFORMAT,
            "%s: takes clips of %lld samples, which at %lld Hz are not a whole number of "
            "milliseconds%s",
            path, (long long)sound->desired_samples, (long long)sound->rate_hz,
            frozen->is_rate_assumed ? "; it does not say its sample rate: set --sample_rate" : "");
    if (settings->window_samples != (size_t)sound->window_samples ||
        settings->stride_samples != (size_t)sound->stride_samples ||
        settings->size > WS_GRAPH_READ_MAX_NUMBERS)
        return ws_fail(err, WS_EFORMAT, "%s: has frames that are not supported", path);
    return WS_OK;
}

bool ws_features_has_node(const ws_graph_reader *reader, const ws_node_message *node)
{
    const ws_node_message *source = NULL;
    int output = 0;

    if (ws_graph_reader_follow(reader, node, 0, &source, &output, NULL) != WS_OK)
        return false;
    return strcmp(node->op, "AvgPool") == 0 ? strcmp(source->op, "ExpandDims") == 0
           : strcmp(node->op, "Mul") == 0   ? strcmp(source->op, "AudioMicrofrontend") == 0
                                            : false;
}

ws_status ws_features_read(const ws_graph_reader *reader, const ws_node_message *node,
                           ws_shape *shape, ws_error *err)
{
    ws_read_geometry sound = {.rate_hz = USUAL_RATE_HZ};
    ws_feature_settings settings;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].op, node->op) != 0)
            continue;
        reader->frozen->features.preprocess = rows[i].kind;
        ws_status status = rows[i].read(reader, node, &sound, err);
        if (status == WS_OK)
            status = ws_features_set(reader->frozen, ws_graph_message_path(reader->message), &sound,
                                     &settings, err);
        if (status == WS_OK && rows[i].check != NULL)
            status = rows[i].check(reader, node, &settings, err);
        if (status == WS_OK)
            *shape = (ws_shape){settings.n_frames, settings.width, 1};
        return status;
    }
    if (strcmp(node->op, "Placeholder") == 0)
        return ws_node_fail(node, err,
                            "is the input of the graph, expected a WAV file (DecodeWav) "
                            "and the operators that make features of it");
    return ws_node_fail(node, err, "is an operator that is not supported here");
}
