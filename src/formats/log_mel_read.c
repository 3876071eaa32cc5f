/* How a graph makes log_mel features: the reverse of its row in features_write.c. The bands and the
 * mirror have to be those that the settings give. */
#include <math.h>
#include <stdlib.h>

#include "audio/log_mel.h"
#include "formats/features_read.h"

/** The nodes between the logarithm and the spectrogram, and the mirror before that. */
typedef struct log_mel_nodes {
    const ws_node_message *product, *pad;
    ws_stored_array bands; /* [n_bins, n_bands] */
} log_mel_nodes;

/** log(spectrogram of the mirrored clip * bands + offset). */
static ws_status find_log_mel(const ws_graph_reader *reader, const ws_node_message *node,
                              ws_read_geometry *sound, log_mel_nodes *found, ws_error *err)
{
    const ws_node_message *sum = NULL, *rows = NULL, *spectrogram = NULL;
    float offset = 0.0f;

    ws_status status = ws_graph_reader_follow_to(reader, node, 0, "AddV2", &sum, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_scalar(reader, sum, 1, &offset, err);
    if (status == WS_OK && offset != (float)WS_LOG_MEL_OFFSET)
        return ws_node_fail(sum, err, "adds %g before a logarithm, only %g is supported",
                            (double)offset, WS_LOG_MEL_OFFSET);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, sum, 0, "MatMul", &found->product, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_array(reader, found->product, 1, &found->bands, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, found->product, 0, "Reshape", &rows, err);
    if (status == WS_OK)
        status = ws_features_read_frames(reader, rows, sound, &spectrogram, err);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, spectrogram, 0, "MirrorPad", &found->pad, err);
    return status;
}

ws_status ws_log_mel_read(const ws_graph_reader *reader, const ws_node_message *node,
                          ws_read_geometry *sound, ws_error *err)
{
    const ws_node_message *samples = NULL;
    log_mel_nodes found;

    ws_status status = find_log_mel(reader, node, sound, &found, err);
    if (status == WS_OK && found.bands.dims.n != 2)
        return ws_node_fail(found.product, err, "reads \"%s\", expected a matrix of mel bands",
                            found.bands.name);
    if (status == WS_OK)
        status = ws_graph_reader_follow_to(reader, found.pad, 0, "DecodeWav", &samples, err);
    if (status == WS_OK)
        status = ws_features_read_wav(reader, samples, sound, err);
    if (status == WS_OK)
        status = ws_features_read_rate(reader, node, sound, err);
    if (status == WS_OK)
        reader->frozen->features.feature_bin_count = found.bands.dims.sizes[1];
    return status;
}

/** Whether the matrix of a graph is that of the settings. */
static ws_status check_bands(const ws_graph_reader *reader, const log_mel_nodes *found,
                             const ws_feature_settings *settings, ws_error *err)
{
    const size_t n_bins = settings->fft_length / 2 + 1, n = n_bins * settings->width;
    const ws_dims *dims = &found->bands.dims;
    float *want = calloc(2 * n, sizeof *want);

    if (want == NULL)
        return ws_fail_memory(err, "mel bands");
    float *got = want + n;
    size_t n_other = 0;
    ws_status status = WS_OK;
    if ((size_t)dims->sizes[0] != n_bins || (size_t)dims->sizes[1] != settings->width)
        status = ws_node_fail(
            found->product, err, "has %lld x %lld mel weights, expected %zu x %zu",
            (long long)dims->sizes[0], (long long)dims->sizes[1], n_bins, settings->width);
    if (status == WS_OK)
        status = ws_log_mel_make_matrix(settings, want, err);
    if (status == WS_OK)
        status = ws_graph_reader_copy_array(reader, &found->bands, got, err);
    for (size_t i = 0; i < n && status == WS_OK; i++)
        n_other += !(fabsf(got[i] - want[i]) <= 1e-5f); /* NaNs, too */
    free(want);
    if (status == WS_OK && n_other > 0)
        status = ws_node_fail(found->product, err,
                              "has other bands than the HTK mel bands from 0 to 8000 Hz that are "
                              "supported: %zu weights differ",
                              n_other);
    return status;
}

ws_status ws_log_mel_check(const ws_graph_reader *reader, const ws_node_message *node,
                           const ws_feature_settings *settings, ws_error *err)
{
    const ws_log_mel_margins margins = ws_log_mel_find_margins(settings);
    ws_read_geometry sound;
    log_mel_nodes found;
    ws_dims pairs;
    bool is_turned = false, is_other_turned = false;

    ws_status status = find_log_mel(reader, node, &sound, &found, err);
    if (status == WS_OK)
        status = ws_graph_reader_find_pairs(reader, found.pad, 1, &pairs, err);
    if (status == WS_OK &&
        (pairs.n != 4 || (size_t)pairs.sizes[0] != margins.before ||
         (size_t)pairs.sizes[1] != margins.after || pairs.sizes[2] != 0 || pairs.sizes[3] != 0 ||
         !ws_node_text_is(found.pad, "mode", "", "REFLECT")))
        return ws_node_fail(found.pad, err,
                            "is not supported: expected %zu samples mirrored before a clip and %zu "
                            "after it, with mode REFLECT",
                            margins.before, margins.after);
    if (status == WS_OK)
        status = ws_node_get_flag(found.product, "transpose_a", false, &is_turned, err);
    if (status == WS_OK)
        status = ws_node_get_flag(found.product, "transpose_b", false, &is_other_turned, err);
    if (status == WS_OK && (is_turned || is_other_turned))
        return ws_node_fail(found.product, err, "transposes, which is not supported for mel bands");
    return status == WS_OK ? check_bands(reader, &found, settings, err) : status;
}
