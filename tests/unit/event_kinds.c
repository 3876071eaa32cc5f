#include "unit/event_kinds.h"

void event_kinds_write(tbe_writer *writer)
{
    static const uint8_t pixels[] = {0, 1}, palette[] = {1, 2, 3, 4, 5, 6};
    static const int16_t samples[] = {1, 2, 3};
    static const float numbers[] = {0.25f, 0.75f};
    static const uint8_t is_positive[] = {0, 1};
    static const char *const cells[] = {"a", "bc"};
    static const tbe_chart chart = {"c", "t", TBE_CHART_LINES, cells, 1};
    tbe_image image;
    tbe_audio audio;
    tbe_graph graph;
    tbe_run_times times;
    tbe_layout layout;
    tbe_image_init(&image, sizeof image);
    image.format = TBE_PIXELS_PALETTE;
    image.width = 2;
    image.height = 1;
    image.pixels = pixels;
    image.palette = palette;
    image.n_colours = 2;
    tbe_audio_init(&audio, sizeof audio);
    audio.format = TBE_SAMPLES_INT16;
    audio.sample_rate_hz = 8000;
    audio.n_frames = 3;
    audio.samples = samples;
    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute));
    tbe_run_times_init(&times, sizeof times, sizeof(tbe_node_time));
    tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart));
    layout.charts = &chart;
    layout.n_charts = 1;
    (void)tbe_describe(writer, "image", "Picture", "two *pixels*");
    (void)tbe_add_image(writer, 1, "image", &image);
    (void)tbe_add_audio(writer, 2, "audio", &audio);
    (void)tbe_add_text_table(writer, 3, "text", 1, 2, cells);
    (void)tbe_add_histogram(writer, 4, "histogram", 2, numbers, NULL);
    (void)tbe_add_pr_scores(writer, 5, "curve", 2, numbers, is_positive, 3);
    (void)tbe_add_layout(writer, &layout);
    (void)tbe_add_session_end(writer, TBE_SESSION_SUCCESS, 0);
    (void)tbe_add_graph(writer, &graph);
    (void)tbe_add_run_times(writer, 6, "times", &times);
}
