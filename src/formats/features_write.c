/* The part of a frozen graph that makes features of a WAV file, a row for each kind:
 *
 *     wav_data -> decoded_sample_data -+-> AudioSpectrogram -> Mfcc ------------------+
 *                                      +-> AudioSpectrogram -> mean over frequencies -+-> Reshape
 *                                      +-> whole numbers -> AudioMicrofrontend -------+
 *                                      +-> MirrorPad -> AudioSpectrogram ->
 *                                            MatMul with mel bands -> Log ------------+
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "audio/log_mel.h"
#include "audio/mfcc.h"
#include "formats/graph_write.h"
#include "formats/micro_attrs.h"
#include "formats/rate_attr.h"

enum { MS_PER_SECOND = 1000 };

#define SAMPLES "decoded_sample_data"

static void push_wav(ws_graph_writer *writer)
{
    static const char wav[] = "wav_data", samples[] = SAMPLES;

    ws_graph_writer_take(writer, wav);
    ws_graph_writer_take(writer, samples);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = wav,
                                     .op = "Placeholder",
                                     .attrs = {ws_attr_type("dtype", WS_DTYPE_STRING),
                                               ws_attr_shape("shape", (ws_dims){.n = 0})},
                                 });
    ws_graph_writer_push(
        writer,
        &(ws_node_spec){
            .name = samples,
            .op = "DecodeWav",
            .inputs = {wav},
            .attrs = {ws_attr_whole("desired_channels", 1),
                      ws_attr_whole("desired_samples", (int64_t)writer->settings.desired_samples)},
        });
}

static void push_spectrogram(ws_graph_writer *writer, const char *samples, ws_node_name name)
{
    const ws_feature_settings *settings = &writer->settings;

    ws_graph_writer_name(writer, "AudioSpectrogram", name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = name,
                    .op = "AudioSpectrogram",
                    .inputs = {samples},
                    .attrs = {ws_attr_whole("window_size", (int64_t)settings->window_samples),
                              ws_attr_whole("stride", (int64_t)settings->stride_samples),
                              ws_attr_flag("magnitude_squared", true)},
                });
}

static void write_mfcc(ws_graph_writer *writer, ws_node_name name)
{
    const ws_dims rate_hz = {.n = 1, .sizes = {writer->settings.sample_rate_hz}};
    ws_node_name spectrogram, rate;

    push_spectrogram(writer, SAMPLES, spectrogram);
    ws_graph_writer_name(writer, "Mfcc", name);
    ws_graph_writer_push_wholes(writer, name, "sample_rate", &rate_hz, 0, rate);
    ws_graph_writer_push(
        writer,
        &(ws_node_spec){
            .name = name,
            .op = "Mfcc",
            .inputs = {spectrogram, rate},
            .attrs = {ws_attr_real("upper_frequency_limit", (float)WS_MFCC_UPPER_HZ),
                      ws_attr_real("lower_frequency_limit", (float)WS_MFCC_LOWER_HZ),
                      ws_attr_whole("filterbank_channel_count", WS_MFCC_N_BANDS),
                      ws_attr_whole("dct_coefficient_count", (int64_t)writer->settings.width)},
        });
}

static void write_average(ws_graph_writer *writer, ws_node_name name)
{
    const int64_t n_bins = (int64_t)writer->settings.fft_length / 2 + 1;
    const int64_t n_averaged = n_bins / writer->frozen->features.feature_bin_count;
    const ws_dims last = {.n = 1, .sizes = {-1}};
    const ws_dims window = {.n = 4, .sizes = {1, 1, n_averaged, 1}};
    ws_node_name spectrogram, dim, image;

    push_spectrogram(writer, SAMPLES, spectrogram);
    ws_graph_writer_name(writer, "ExpandDims", image);
    ws_graph_writer_push_wholes(writer, image, "dim", &last, 0, dim);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = image,
                                     .op = "ExpandDims",
                                     .inputs = {spectrogram, dim},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                               ws_attr_type("Tdim", WS_DTYPE_INT32)},
                                 });
    ws_graph_writer_name(writer, "avg_pool", name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = name,
                    .op = "AvgPool",
                    .inputs = {image},
                    .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT), ws_attr_list("ksize", window),
                              ws_attr_list("strides", window), ws_attr_text("padding", "SAME"),
                              ws_attr_whole(WS_RATE_ATTR, writer->settings.sample_rate_hz)},
                });
}

/** x times a constant. */
static void push_scaled(ws_graph_writer *writer, const char *x, float scale, ws_node_name name)
{
    ws_node_name factor;

    ws_graph_writer_name(writer, "Mul", name);
    ws_graph_writer_push_scalar(writer, name, "y", scale, factor);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "Mul",
                                     .inputs = {x, factor},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
}

/** The front end takes window and stride in whole milliseconds. Training truncates to these too,
 * but never to 0, which would give no features. */
static int64_t whole_ms(const ws_feature_settings *settings, size_t n_samples)
{
    const int64_t ms = (int64_t)n_samples * MS_PER_SECOND / settings->sample_rate_hz;

    assert(ms > 0);
    return ms;
}

static void push_front_end(ws_graph_writer *writer, const char *x, bool is_device,
                           ws_node_name name)
{
    const ws_feature_settings *settings = &writer->settings;
    ws_node_spec node = {
        .name = name,
        .op = "AudioMicrofrontend",
        .inputs = {x},
        .attrs = {ws_attr_whole("sample_rate", settings->sample_rate_hz),
                  ws_attr_whole("window_size", whole_ms(settings, settings->window_samples)),
                  ws_attr_whole("window_step", whole_ms(settings, settings->stride_samples)),
                  ws_attr_whole("num_channels", (int64_t)settings->width),
                  ws_attr_type("out_type", WS_DTYPE_FLOAT)},
    };
    size_t n = 0;

    while (node.attrs[n].kind != WS_ATTR_END)
        n++;
    memcpy(node.attrs + n, ws_micro_attrs, ws_micro_n_attrs * sizeof *node.attrs);
    if (is_device)
        node.attrs[n + ws_micro_n_attrs] = ws_attr_flag(WS_MICRO_DEVICE_ATTR, true);
    ws_graph_writer_name(writer, "AudioMicrofrontend", name);
    ws_graph_writer_push(writer, &node);
}

static void push_micro(ws_graph_writer *writer, float sample_scale, bool is_device,
                       ws_node_name name)
{
    const ws_dims one_row = {.n = 1, .sizes = {-1}};
    ws_node_name scaled, whole, row, front_end;

    push_scaled(writer, SAMPLES, sample_scale, scaled);
    ws_graph_writer_name(writer, "Cast", whole);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = whole,
                                     .op = "Cast",
                                     .inputs = {scaled},
                                     .attrs = {ws_attr_type("SrcT", WS_DTYPE_FLOAT),
                                               ws_attr_type("DstT", WS_DTYPE_INT16)},
                                 });
    ws_graph_writer_push_reshape(writer, whole, WS_DTYPE_INT16, &one_row, row);
    push_front_end(writer, row, is_device, front_end);
    push_scaled(writer, front_end, WS_MICRO_FEATURE_SCALE, name);
}

static void write_micro(ws_graph_writer *writer, ws_node_name name)
{
    const float asked = writer->frozen->micro_sample_scale;

    push_micro(writer, asked > 0.0f ? asked : WS_MICRO_SAMPLE_SCALE, false, name);
}

static void write_micro_device(ws_graph_writer *writer, ws_node_name name)
{
    push_micro(writer, WS_MICRO_DEVICE_SCALE, true, name);
}

/** The clip, mirrored at both ends. */
static void push_mirrored(ws_graph_writer *writer, ws_node_name name)
{
    const ws_log_mel_margins margins = ws_log_mel_find_margins(&writer->settings);
    const ws_dims pairs = {.n = 4,
                           .sizes = {(int64_t)margins.before, (int64_t)margins.after, 0, 0}};
    ws_node_name paddings;

    ws_graph_writer_name(writer, "MirrorPad", name);
    ws_graph_writer_push_wholes(writer, name, "paddings", &pairs, 2, paddings);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = name,
                                     .op = "MirrorPad",
                                     .inputs = {SAMPLES, paddings},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                               ws_attr_type("Tpaddings", WS_DTYPE_INT32),
                                               ws_attr_text("mode", "REFLECT")},
                                 });
}

/** Rows of a power spectrum to rows of mel bands. */
static void push_bands(ws_graph_writer *writer, const char *rows, ws_node_name name)
{
    const size_t n_bins = writer->settings.fft_length / 2 + 1, n_bands = writer->settings.width;
    const ws_dims dims = {.n = 2, .sizes = {(int64_t)n_bins, (int64_t)n_bands}};
    ws_node_name weights;
    float *matrix = calloc(n_bins * n_bands, sizeof *matrix);

    if (writer->status == WS_OK)
        writer->status = matrix == NULL
                             ? ws_fail_memory(writer->err, "mel bands")
                             : ws_log_mel_make_matrix(&writer->settings, matrix, writer->err);
    if (writer->status == WS_OK) {
        ws_graph_writer_name(writer, "mel_bands", weights);
        ws_graph_writer_push_floats(writer, weights, &dims, matrix);
        ws_graph_writer_name(writer, "MatMul", name);
        ws_graph_writer_push(writer, &(ws_node_spec){
                                         .name = name,
                                         .op = "MatMul",
                                         .inputs = {rows, weights},
                                         .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                                                   ws_attr_flag("transpose_a", false),
                                                   ws_attr_flag("transpose_b", false)},
                                     });
    }
    free(matrix);
}

static void write_log_mel(ws_graph_writer *writer, ws_node_name name)
{
    const ws_dims shape = {.n = 2, .sizes = {-1, (int64_t)writer->settings.fft_length / 2 + 1}};
    ws_node_name mirrored, spectrogram, rows, bands = "", offset, sum;

    push_mirrored(writer, mirrored);
    push_spectrogram(writer, mirrored, spectrogram);
    ws_graph_writer_push_reshape(writer, spectrogram, WS_DTYPE_FLOAT, &shape, rows);
    push_bands(writer, rows, bands);
    ws_graph_writer_name(writer, "AddV2", sum);
    ws_graph_writer_push_scalar(writer, sum, "y", (float)WS_LOG_MEL_OFFSET, offset);
    ws_graph_writer_push(writer, &(ws_node_spec){
                                     .name = sum,
                                     .op = "AddV2",
                                     .inputs = {bands, offset},
                                     .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT)},
                                 });
    ws_graph_writer_name(writer, "Log", name);
    ws_graph_writer_push(
        writer, &(ws_node_spec){
                    .name = name,
                    .op = "Log",
                    .inputs = {sum},
                    .attrs = {ws_attr_type("T", WS_DTYPE_FLOAT),
                              ws_attr_whole(WS_RATE_ATTR, writer->settings.sample_rate_hz)},
                });
}

/** Features of one kind, of any shape that holds them in their order. */
static const struct {
    const char *kind;
    void (*write)(ws_graph_writer *writer, ws_node_name name);
} rows[] = {
    {"mfcc", write_mfcc},       {"average", write_average},
    {"micro", write_micro},     {"micro_device", write_micro_device},
    {"log_mel", write_log_mel},
};

void ws_features_write(ws_graph_writer *writer, ws_node_name features)
{
    const char *kind = ws_feature_settings_name(&writer->settings);
    const ws_dims shape = {.n = 2, .sizes = {-1, (int64_t)writer->settings.size}};
    ws_node_name made = "";

    push_wav(writer);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].kind, kind) == 0)
            rows[i].write(writer, made);
    if (made[0] == '\0' && writer->status == WS_OK)
        writer->status = ws_fail(writer->err, WS_EUSAGE,
                                 "--preprocess=%s: a frozen graph cannot hold such features", kind);
    ws_graph_writer_push_reshape(writer, made, WS_DTYPE_FLOAT, &shape, features);
}
