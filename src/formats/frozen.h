/**
 * A model outside a training run: its graph, the weights, and how sound becomes its features.
 * `wordspot freeze` writes it and labelling reads it; every file format here is written from it or
 * read into it.
 *
 * Formats (one a file, see format.h):
 *
 *     graph_def    one binary GraphDef of TensorFlow, from the bytes of a WAV file to the scores
 *     saved_model  a directory with the same graph and a signature for tf.saved_model.load
 *     tflite       a TFLite file from features to scores, for LiteRT and for microcontrollers, or
 *                  from samples, for LiteRT; for ESPHome with its manifest beside it, NAME.json for
 *                  NAME.tflite
 *     onnx         an ONNX file from features to scores
 *     c            the TFLite file as an array in C, with headers and a manifest
 */
#ifndef WS_FORMATS_FROZEN_H
#define WS_FORMATS_FROZEN_H

#include <stdbool.h>

#include "audio/features.h"
#include "base/status.h"
#include "base/text.h"
#include "nn/graph.h"
#include "nn/lite/calibrate.h"
#include "nn/lite/lite.h"
#include "nn/lite/run.h"

enum { WS_FROZEN_MAX_NAME = 255 }; /* characters in a node's name */

/** Some 45 kB: better in a struct on the heap or static than in a deep stack. */
typedef struct ws_frozen {
    ws_graph graph; /* its output are the logits, before softmax; dropout in it is not written */
    ws_feature_options features; /* .preprocess points to a constant */
    /** The factor for samples before the micro features: 32767 in every frozen graph
     *  of the original, though it trains with 32768. 0 for other kinds. */
    float micro_sample_scale;
    /** The graph does not say its sample rate (TensorFlow's of average; old mfcc graphs, which take
     *  each file's own): features.sample_rate is then the one given to ws_frozen_read(). */
    bool is_rate_assumed;
    float *parameters; /* [graph.n_weights] at the graph's offsets; owned, unless only written */
    float *states;     /* [graph.n_state_numbers] likewise; NULL without states */
    /** Names of nodes, without ":0": bytes of a WAV file, decoded samples, scores after softmax.
     *  For information: written files have the original's names `wav_data`,
     *  `decoded_sample_data` and `labels_softmax`. */
    char wav_input[WS_FROZEN_MAX_NAME + 1];
    char samples_output[WS_FROZEN_MAX_NAME + 1];
    char scores_output[WS_FROZEN_MAX_NAME + 1];
    /** A model of small runtimes (a TFLite file), from features to scores; owned. Then the graph is
     *  empty, and there are no parameters. NULL: a graph. */
    ws_lite *lite;
    ws_lite_rounding rounding; /* of lite; exact unless changed */
    ws_text_list labels;       /* names of the scores, if the file says them; owned. Not written:
                                  ws_frozen_write_options has those */
    /** What the manifest beside a TFLite file says of its scores; 0: nothing. Not written. */
    double cutoff;
    size_t n_last; /* scores whose mean is compared with the cutoff */
} ws_frozen;

/** Numbers of a fingerprint that the model takes, and scores that it gives. */
size_t ws_frozen_n_features(const ws_frozen *frozen);
size_t ws_frozen_n_labels(const ws_frozen *frozen);

/** Whether it is a TFLite model of streams: it takes the next few frames of a stream a call, and
 *  keeps what it needs of earlier ones. */
bool ws_frozen_is_stream(const ws_frozen *frozen);

/**
 * Reads a TFLite file, a binary GraphDef, or a SavedModel directory or the saved_model.pb in it
 * (with constants, or with variables beside it), ours or one that TensorFlow's freeze.py wrote:
 * from the scores back to the sound.
 *
 * @param assumed_rate_hz  sample rate of a graph that does not say its own, above 0; 0: 16000, the
 *                         usual one
 * @param frozen           overwritten; on success ws_frozen_deinit() it
 * @return WS_OK; WS_ENOTFOUND, WS_EIO; WS_EFORMAT naming the file, the node and its operator, if
 *         the graph is damaged or this program cannot run it; WS_ELIMIT; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_frozen_read(const char *path, int64_t assumed_rate_hz, ws_frozen *frozen,
                                       ws_error *err);

/** Frees the parameters; all zeros is fine. */
void ws_frozen_deinit(ws_frozen *frozen);

/** What a format writes, for people: "frozen graph"; "model" for an unknown one. */
const char *ws_frozen_format_title(const char *format);

/** What the manifest of a wake word says besides the model: --save_format=tflite with
 *  --target=esphome. NULL is as "". All is borrowed. */
typedef struct ws_frozen_manifest {
    const char *wake_word; /* "": the last label */
    const char *author;    /* "": unknown */
    const char *website;   /* "": none */
    const char *languages; /* a comma list of codes, such as en; "": en */
    double cutoff;         /* above 0 and up to 1; 0: WS_FROZEN_DEFAULT_CUTOFF */
} ws_frozen_manifest;

/** The probability above which a word counts as heard, until somebody has found a better one. */
#define WS_FROZEN_DEFAULT_CUTOFF 0.5

/** What a format needs in addition to the model; all zeros will do. All is borrowed. */
typedef struct ws_frozen_write_options {
    const ws_text_list *labels; /* names of the scores; NULL: they are not in the file */
    const char *c_name;         /* of c: the array's; NULL or empty: g_model */
    bool takes_sound;           /* of tflite: from samples to scores, not from features; with
                                   is_int8 the input_type is WS_LITE_FLOAT32 */
    /* Of tflite, c and, but for the target, onnx: */
    const struct ws_target *target; /* what the file is for; NULL: nothing special */
    ws_frozen_manifest manifest;
    bool is_int8;                         /* inside; otherwise in floating point */
    ws_lite_type input_type, output_type; /* with is_int8: WS_LITE_INT8, _UINT8 or _FLOAT32 */
    const float
        *clips; /* [n_clips, features of a clip] that show the ranges of tensors for is_int8;
                   without any only a model trained with fake quantisation has them */
    size_t n_clips;
    ws_lite_calibration calibration;
} ws_frozen_write_options;

/**
 * Writes one model file or directory. It is complete and synced under another name before
 * it is renamed.
 *
 * @param path     a file, which is replaced; for saved_model a directory that must be empty or
 *                 absent; for c a name that ends in .c, .cc or .cpp: NAME.h, NAME_settings.h and
 *                 NAME.json are written beside it
 * @param format   one of those above
 * @param options  NULL: all zeros
 * @return WS_OK; WS_EUSAGE naming --save_format (with the list), a feature flag, or a path that
 *         ends as files of another format do; WS_EEXISTS for a directory that is not empty; WS_EIO,
 *         WS_ENOTFOUND, WS_ENOMEM; WS_EINVAL for an operator that the format has no row for
 */
WS_MUST_CHECK ws_status ws_frozen_write(const char *path, const char *format,
                                        const ws_frozen *frozen,
                                        const ws_frozen_write_options *options, ws_error *err);

#endif
