/** How a graph makes features, in parts: private to features_read.c and the files of its rows. */
#ifndef WS_FORMATS_FEATURES_READ_H
#define WS_FORMATS_FEATURES_READ_H

#include "formats/graph_read.h"

/** The front end's sizes, in samples. */
typedef struct ws_read_geometry {
    int64_t rate_hz;
    int64_t desired_samples;
    int64_t window_samples, stride_samples;
} ws_read_geometry;

/** @param node  the node that gives the samples */
WS_MUST_CHECK ws_status ws_features_read_wav(const ws_graph_reader *reader,
                                             const ws_node_message *node, ws_read_geometry *sound,
                                             ws_error *err);

/** From a node whose input 0 is the spectrogram to that. */
WS_MUST_CHECK ws_status ws_features_read_frames(const ws_graph_reader *reader,
                                                const ws_node_message *node,
                                                ws_read_geometry *sound,
                                                const ws_node_message **spectrogram, ws_error *err);

/** The rate that only our own graphs say, see rate_attr.h; else one is assumed. */
WS_MUST_CHECK ws_status ws_features_read_rate(const ws_graph_reader *reader,
                                              const ws_node_message *node, ws_read_geometry *sound,
                                              ws_error *err);

/** Converts samples to values of the flags, and checks that these give the same samples.
 *  frozen->features has its kind and bin count before. */
WS_MUST_CHECK ws_status ws_features_set(ws_frozen *frozen, const char *path,
                                        const ws_read_geometry *sound,
                                        ws_feature_settings *settings, ws_error *err);

/** @param node  the logarithm */
WS_MUST_CHECK ws_status ws_log_mel_read(const ws_graph_reader *reader, const ws_node_message *node,
                                        ws_read_geometry *sound, ws_error *err);

/** Whether mirror and bands are those of the settings: others are refused. */
WS_MUST_CHECK ws_status ws_log_mel_check(const ws_graph_reader *reader, const ws_node_message *node,
                                         const ws_feature_settings *settings, ws_error *err);

#endif
