/* make_events DIR: event files with all that tbevents can write, for the tests that look at them in
 * TensorBoard. DIR/all has one of each kind; DIR/first and DIR/second are two runs of an
 * experiment, told of in DIR itself; DIR/resumed was resumed. Exit code 1 if anything failed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tbevents/tbevents.h"

enum {
    N_STEPS = 5,
    RATE_HZ = 16000,
    N_FRAMES = RATE_HZ / 2,
    SIDE = 350,
    N_POINTS = 200,
    N_DIMS = 8,
    THUMB = 16,
    N_VALUES = 1000
};

static void check(tbe_writer *writer, tbe_status status)
{
    if (status == TBE_OK)
        return;
    fprintf(stderr, "make_events: %s\n", tbe_get_message(writer));
    exit(1);
}

static tbe_writer *open_run(const char *dir, const char *run, int64_t start_step)
{
    char path[1024];
    tbe_options options;
    (void)snprintf(path, sizeof path, "%s/%s", dir, run);
    tbe_options_init(&options, sizeof options);
    options.start_step = start_step;
    options.writer_name = "make_events";
    tbe_writer *writer = tbe_open(path, &options);
    check(writer, tbe_get_status(writer));
    return writer;
}

static void close_run(tbe_writer *writer)
{
    char message[512];
    if (tbe_close(writer, message, sizeof message) == TBE_OK)
        return;
    fprintf(stderr, "make_events: %s\n", message);
    exit(1);
}

/** A reproducible number from -1 to 1. */
static float noise(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1.0f;
}

static void add_scalars(tbe_writer *writer)
{
    static const char *const tags[] = {"metrics/loss", "metrics/accuracy",
                                       "odd/gr\xc3\xbc\xc3\x9f"};
    check(writer, tbe_describe(writer, tags[0], "The loss", "Mean of `-log(p)`"));
    for (int64_t step = 1; step <= N_STEPS; step++) {
        const float values[] = {1.0f / (float)step, 1.0f - 0.5f / (float)step,
                                step == 3 ? NAN : (float)step};
        check(writer, tbe_add_scalars(writer, step, 3, tags, values));
    }
}

static void add_picture(tbe_writer *writer, int64_t step)
{
    static uint8_t pixels[SIDE * SIDE * 3];
    tbe_image image;
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++) {
            uint8_t *pixel = pixels + 3 * (y * SIDE + x);
            pixel[0] = (uint8_t)(x * 255 / SIDE);
            pixel[1] = (uint8_t)(y * 255 / SIDE);
            pixel[2] = (uint8_t)(50 * step);
        }
    tbe_image_init(&image, sizeof image);
    image.format = TBE_PIXELS_RGB;
    image.width = SIDE;
    image.height = SIDE;
    image.pixels = pixels;
    check(writer, tbe_add_image(writer, step, "pictures/shades", &image));
}

static void add_sound(tbe_writer *writer, int64_t step)
{
    static float samples[N_FRAMES][2];
    tbe_audio audio;
    for (size_t i = 0; i < N_FRAMES; i++) {
        samples[i][0] = 0.5f * sinf(6.2831853f * 440.0f * (float)i / RATE_HZ);
        samples[i][1] = 0.25f * (float)step / N_STEPS;
    }
    tbe_audio_init(&audio, sizeof audio);
    audio.format = TBE_SAMPLES_FLOAT;
    audio.sample_rate_hz = RATE_HZ;
    audio.n_channels = 2;
    audio.n_frames = N_FRAMES;
    audio.samples = &samples[0][0];
    check(writer, tbe_describe(writer, "sounds/tone", NULL, "A tone of 440 Hz"));
    check(writer, tbe_add_audio(writer, step, "sounds/tone", &audio));
}

static void add_numbers(tbe_writer *writer, int64_t step)
{
    static const double buckets[][3] = {{0, 1, 30}, {1, 2, 10}, {2, 4, 5}};
    float values[N_VALUES], scores[N_VALUES];
    uint8_t is_positive[N_VALUES];
    unsigned state = (unsigned)step;
    for (size_t i = 0; i < N_VALUES; i++) {
        values[i] = (float)step * noise(&state) * noise(&state);
        is_positive[i] = i % 3 == 0;
        scores[i] = 0.5f + 0.3f * noise(&state) + (is_positive[i] ? 0.2f : -0.2f);
    }
    check(writer, tbe_add_histogram(writer, step, "weights/dense", N_VALUES, values, NULL));
    check(writer, tbe_add_histogram_buckets(writer, step, "weights/counted", 3, buckets));
    check(writer, tbe_add_pr_scores(writer, step, "words/yes", N_VALUES, scores, is_positive, 0));
}

static void add_texts(tbe_writer *writer)
{
    static const char *const cells[] = {"word", "clips", "`_silence_`", "257", "`yes`", "**419**"};
    check(writer, tbe_add_text(writer, 0, "notes/command",
                               "A *run* of `make_events`:\n\n| a | b |\n|---|---|\n| 1 | 2 |"));
    check(writer, tbe_add_text_table(writer, 0, "notes/table", 3, 2, cells));
}

static void add_graph(tbe_writer *writer)
{
    static const char *const to_conv[] = {"clip"}, *const to_dense[] = {"conv/relu"},
                             *const to_relu[] = {"conv/conv"};
    static const int64_t clip[] = {-1, 98, 40}, maps[] = {-1, 98, 40, 64}, logits[] = {-1, 12};
    static const tbe_attribute attributes[] = {
        {"parameters", TBE_ATTRIBUTE_INTEGER, 10240, 0, NULL},
        {"dropout", TBE_ATTRIBUTE_NUMBER, 0, 0.5, NULL},
        {"padding", TBE_ATTRIBUTE_TEXT, 0, 0, "SAME"},
        {"trains", TBE_ATTRIBUTE_BOOL, 1, 0, NULL}};
    static const tbe_node nodes[] = {
        {"clip", "Placeholder", NULL, NULL, 0, clip, 3, NULL, 0},
        {"conv/conv", "Conv2D", NULL, to_conv, 1, maps, 4, attributes, 4},
        {"conv/relu", "Relu", NULL, to_relu, 1, maps, 4, NULL, 0},
        {"logits/dense", "MatMul", NULL, to_dense, 1, logits, 2, NULL, 0},
    };
    static const tbe_node_time times[] = {{"clip", 0, 10, 0},
                                          {"conv/conv", 10, 2500, 1003520},
                                          {"conv/relu", 2510, 40, 1003520},
                                          {"logits/dense", 2550, 700, 4800}};
    tbe_graph graph;
    tbe_run_times run_times;
    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute));
    graph.nodes = nodes;
    graph.n_nodes = 4;
    check(writer, tbe_add_graph(writer, &graph));
    tbe_run_times_init(&run_times, sizeof run_times, sizeof(tbe_node_time));
    run_times.nodes = times;
    run_times.n_nodes = 4;
    check(writer, tbe_add_run_times(writer, 5, "step 5", &run_times));
}

static void add_layout(tbe_writer *writer)
{
    static const char *const lines[] = {"metrics/.*"}, *const band[] = {"metrics/accuracy",
                                                                        "metrics/loss",
                                                                        "odd/gr\xc3\xbc\xc3\x9f"};
    static const tbe_chart charts[] = {{"progress", "both", TBE_CHART_LINES, lines, 1},
                                       {"progress", "band", TBE_CHART_BAND, band, 3}};
    tbe_layout layout;
    tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart));
    layout.charts = charts;
    layout.n_charts = 2;
    check(writer, tbe_add_layout(writer, &layout));
}

static void write_projector(const char *dir)
{
    static float vectors[N_POINTS * N_DIMS];
    static uint8_t thumbs[N_POINTS][THUMB][THUMB];
    static const uint8_t palette[] = {255, 255, 255, 30, 60, 160};
    static const char *labels[N_POINTS * 2];
    static const char *const columns[] = {"word", "speaker"}, *const words[] = {"yes", "no"};
    tbe_embedding text, bytes;
    char path[1024], message[512];
    unsigned state = 1;
    for (size_t i = 0; i < N_POINTS; i++) {
        for (size_t j = 0; j < N_DIMS; j++)
            vectors[i * N_DIMS + j] = noise(&state) + (j == i % 2 ? 3.0f : 0.0f);
        for (size_t j = 0; j < THUMB; j++)
            thumbs[i][j][i % THUMB] = 1;
        labels[2 * i] = words[i % 2];
        labels[2 * i + 1] = i % 5 == 0 ? "a" : "b";
    }
    tbe_embedding_init(&text, sizeof text);
    text.name = "as_text";
    text.vectors = vectors;
    text.n_points = N_POINTS;
    text.n_dims = N_DIMS;
    text.columns = columns;
    text.n_columns = 2;
    text.labels = labels;
    text.thumbs = &thumbs[0][0][0];
    text.thumb_format = TBE_PIXELS_PALETTE;
    text.thumb_width = THUMB;
    text.thumb_height = THUMB;
    text.palette = palette;
    text.n_colours = 2;
    bytes = text;
    bytes.name = "as_bytes";
    bytes.format = TBE_VECTORS_BYTES;
    const tbe_embedding *const both[] = {&text, &bytes};
    (void)snprintf(path, sizeof path, "%s/all", dir);
    if (tbe_projector_write(path, 2, both, message, sizeof message) != TBE_OK) {
        fprintf(stderr, "make_events: %s\n", message);
        exit(1);
    }
}

static void write_all_kinds(const char *dir)
{
    tbe_writer *writer = open_run(dir, "all", 0);
    add_scalars(writer);
    for (int64_t step = 1; step <= N_STEPS; step++) {
        add_picture(writer, step);
        add_sound(writer, step);
        add_numbers(writer, step);
    }
    add_texts(writer);
    add_graph(writer);
    add_layout(writer);
    close_run(writer);
}

static void write_experiment(const char *dir)
{
    static const char *const models[] = {"conv", "fc"};
    static const tbe_hparam_info infos[] = {
        {"learning_rate", TBE_HPARAM_NUMBER, NULL, "of the optimiser", NULL, NULL, 0, 1e-4, 1e-1},
        {"model", TBE_HPARAM_TEXT, "Model", NULL, NULL, models, 2, 0, 0},
        {"augment", TBE_HPARAM_BOOL, NULL, NULL, NULL, NULL, 0, 0, 0}};
    static const tbe_metric_info metrics[] = {
        {"best_accuracy", NULL, "Best accuracy", NULL, TBE_METRIC_VALIDATION},
        {"accuracy", "validation", NULL, NULL, TBE_METRIC_VALIDATION}};
    tbe_experiment experiment;
    tbe_writer *writer = open_run(dir, ".", 0);
    tbe_experiment_init(&experiment, sizeof experiment, sizeof(tbe_hparam_info),
                        sizeof(tbe_metric_info));
    experiment.name = "two models";
    experiment.description = "Which is *better*?";
    experiment.hparams = infos;
    experiment.n_hparams = 3;
    experiment.metrics = metrics;
    experiment.n_metrics = 2;
    check(writer, tbe_add_experiment(writer, &experiment));
    close_run(writer);
}

static void write_trial(const char *dir, const char *run, double rate, const char *model,
                        float best)
{
    const tbe_hparam hparams[] = {{"learning_rate", TBE_HPARAM_NUMBER, rate, NULL},
                                  {"model", TBE_HPARAM_TEXT, 0, model},
                                  {"augment", TBE_HPARAM_BOOL, best > 0.5f, NULL}};
    char below[64];
    tbe_session session;
    tbe_writer *writer = open_run(dir, run, 0);
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    session.hparams = hparams;
    session.n_hparams = 3;
    session.group_name = run;
    check(writer, tbe_add_session_start(writer, &session));
    check(writer, tbe_add_scalar(writer, 1, "best_accuracy", best));
    check(writer,
          tbe_add_session_end(writer, best > 0.5f ? TBE_SESSION_SUCCESS : TBE_SESSION_FAILURE, 0));
    close_run(writer);
    (void)snprintf(below, sizeof below, "%s/validation", run);
    writer = open_run(dir, below, 0);
    for (int64_t step = 1; step <= N_STEPS; step++)
        check(writer, tbe_add_scalar(writer, step, "accuracy", best * (float)step / N_STEPS));
    close_run(writer);
}

/** A run that got to step 5, and was resumed at 3. */
static void write_resumed(const char *dir)
{
    for (int part = 0; part < 2; part++) {
        const int64_t start = part == 0 ? 1 : 3, end = part == 0 ? 5 : 7;
        tbe_writer *writer = open_run(dir, "resumed", start);
        for (int64_t step = start; step <= end; step++)
            check(writer, tbe_add_scalar(writer, step, "metrics/loss", (float)(10 * part + step)));
        close_run(writer);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("make_events: expected a directory\n", stderr);
        return 2;
    }
    write_all_kinds(argv[1]);
    write_projector(argv[1]);
    write_experiment(argv[1]);
    write_trial(argv[1], "first", 0.01, "conv", 0.75f);
    write_trial(argv[1], "second", 0.001, "fc", 0.25f);
    write_resumed(argv[1]);
    return 0;
}
