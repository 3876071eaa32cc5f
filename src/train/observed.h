/** What the views of a run see of it (report/observation.h), made of the parts of the run. */
#ifndef WS_TRAIN_OBSERVED_H
#define WS_TRAIN_OBSERVED_H

#include "dataset/index.h"
#include "dataset/noise.h"
#include "dataset/source.h"
#include "nn/network.h"
#include "report/report.h"
#include "train/wake_data.h"

typedef struct ws_observed ws_observed;

/** The parts; all borrowed until the observed run is destroyed. */
typedef struct ws_observed_parts {
    const ws_index *index; /* its labels are those of the network */
    const ws_noise *noise; /* recordings of background noise; NULL: there are none */
    ws_source *source;     /* of its clips */
    const char *wake_word; /* instead of the three above, with its data; NULL: they are there */
    const ws_wake_data *wake;
    const ws_graph *graph;
    ws_network *network;   /* made of the graph */
    size_t batch_size;     /* clips of a training step */
    int64_t n_steps;       /* of the run */
    const char *update_op; /* TensorFlow's name of the optimiser's update */
} ws_observed_parts;

/** @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_observed_create(ws_observed **observed, const ws_observed_parts *parts,
                                           ws_error *err);
/** NULL is fine. */
void ws_observed_destroy(ws_observed *observed);

/** The observation, valid as long as the observed run. */
const ws_observation *ws_observed_get(const ws_observed *observed);

/** Sets node_seconds of a step that the network has just made, from its other times. Valid until
 *  the next call. */
void ws_observed_time_step(ws_observed *observed, ws_report_step *step);

/** The number of clips of each set. @param n_clips  [WS_N_REPORT_PLACES] filled */
void ws_observed_count_clips(const ws_index *index, size_t n_clips[WS_N_REPORT_PLACES]);

#endif
