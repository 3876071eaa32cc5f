/**
 * What a run shows of itself: arrays and names, filled by the program that trains and read by the
 * views. A view knows nothing else of the data set or the network.
 *
 * All pointers are borrowed until the report is destroyed. The contents of the arrays of weights
 * and gradients may change between two calls of the report; everything else stays as it is.
 */
#ifndef WS_REPORT_OBSERVATION_H
#define WS_REPORT_OBSERVATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ws_node_list; /* report/node_list.h */

/** The parts of a run. Each has a folder and an event file; the last three are sets of clips, too.
 */
typedef enum ws_report_place {
    WS_REPORT_RUN, /* the run's own folder: what is known of it as a whole */
    WS_REPORT_TRAIN,
    WS_REPORT_VALIDATION,
    WS_REPORT_TEST,
    WS_N_REPORT_PLACES
} ws_report_place;

/** A clip of a set, again. The arrays are the caller's; NULL: not wanted. Sizes: ws_report_sound.
 */
typedef struct ws_report_clip {
    const char *path;   /* filled: its file; NULL: it is made of background noise. Borrowed. */
    float *samples;     /* [n_samples] as the network heard them, -1 to 1 */
    float *decibels;    /* [n_spectrum_frames, n_spectrum_bands] of the samples; 0 is a sine at full
                           scale */
    float *fingerprint; /* [n_frames, width] what the network sees */
} ws_report_clip;

/** How a run hears its clips. */
typedef struct ws_report_sound {
    size_t sample_rate_hz;
    size_t n_samples;                           /* of a clip */
    size_t n_spectrum_frames, n_spectrum_bands; /* of its spectrogram */
    size_t n_frames, width;                     /* of its fingerprint */
    size_t n_bands; /* frequency bands that a frame of the fingerprint tells of, low to high */
    /** [width, n_bands] what one number of a frame adds to each band; NULL: number k is band k, and
     *  n_bands is width. */
    const float *bands;
    /**
     * Draws a clip again, as the evaluations of its set do.
     *
     * @param place  WS_REPORT_VALIDATION or WS_REPORT_TEST
     * @param entry  place of the clip in the set, as in ws_evaluation
     * @param clip   its arrays are filled as far as they are wanted
     * @return WS_OK; WS_EFORMAT if its file cannot be read (any more), WS_ENOMEM. Always WS_OK
     *         where no array is wanted.
     */
    ws_status (*redraw)(void *user, ws_report_place place, size_t entry, ws_report_clip *clip,
                        ws_error *err);
    void *user; /* passed to redraw */
} ws_report_sound;

/** A trained array of the network. */
typedef struct ws_report_variable {
    const char *name;
    size_t offset, size; /* its numbers are [offset, offset + size) of weights and gradients */
} ws_report_variable;

/**
 * The filters of the first layer, each a picture of time and frequency. The weight of filter f for
 * frame t and bin b is the sum over r = 0 .. rank - 1 of
 *
 *     weights[t * frame_step + b * bin_step + f * rank + r] * times[(f * rank + r) * n_frames + t]
 *
 * without the second factor where times is NULL.
 */
typedef struct ws_report_filters {
    const char *name;  /* of the variable with the weights */
    size_t n_filters;  /* 0: the network has no such layer */
    size_t n_frames;   /* of a filter */
    size_t n_bins;     /* of a filter */
    size_t frame_step; /* in weights */
    size_t bin_step;   /* in weights */
    size_t rank;       /* at least 1 */
    int is_label_each; /* filter f is the whole of what the network knows of label f */
    const float *weights;
    const float *times; /* NULL: none */
} ws_report_filters;

/** A training step as a graph. */
typedef struct ws_report_graph {
    const struct ws_node_list *list;
    /** [n_timed] the nodes that take the time of a step, in the order in which they run, as places
     *  in the list. */
    const size_t *timed;
    size_t n_timed;
} ws_report_graph;

typedef struct ws_observation {
    /* the data set */
    const char *const *labels; /* [n_labels] any bytes */
    size_t n_labels;
    size_t n_fixed_labels;              /* the first ones, which are not wanted words */
    size_t n_clips[WS_N_REPORT_PLACES]; /* of each set; of WS_REPORT_RUN: 0 */
    const size_t (*n_label_clips)[WS_N_REPORT_PLACES]; /* [n_labels] of these, of each label */
    size_t n_files;                                    /* with words, that were found */
    size_t n_noise;                                    /* recordings of background noise */
    ws_report_sound sound;
    /* the network */
    const ws_report_variable *variables; /* [n_variables] */
    size_t n_variables;
    const float *weights;   /* [n_weights] */
    const float *gradients; /* [n_weights] of the loss, in the last step */
    size_t n_weights;
    ws_report_filters filters;
    ws_report_graph graph;
    size_t batch_size; /* clips of a training step */
    int64_t n_steps;   /* that the run is planned to have; 0: not known */
} ws_observation;

#endif
