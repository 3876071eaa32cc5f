/**
 * A small graph for tests of its readers: a dense model over mfcc features of one frame of two.
 * Case by case one node is put in the place of the one of its name, or added.
 */
#ifndef WS_TESTS_GRAPH_FIXTURE_H
#define WS_TESTS_GRAPH_FIXTURE_H

#include "formats/frozen.h"
#include "formats/graph_message.h"

#define FLOAT       ws_attr_type("T", WS_DTYPE_FLOAT)
#define SPECTROGRAM "AudioSpectrogram"

#define VALUES(type, values)                                                                \
    .dtype = (type), .elements = (values), .n_elements = sizeof(values) / sizeof *(values), \
    .n_stored = sizeof(values) / sizeof *(values)

enum { MAX_NODES = 32 };

typedef struct graph {
    ws_node_spec nodes[MAX_NODES];
    size_t n;
} graph;

/* Constants: sample rate, shapes, weights [2, 3] and [3, 2] of the numbers 1 to 6, kernel
 * [1, 2, 1, 3], bias [3] of the numbers 7 to 9. */
extern const ws_tensor graph_rate, graph_to_flat, graph_to_image;
extern const ws_tensor graph_weights, graph_turned, graph_kernel, graph_bias;

void graph_put(graph *g, ws_node_spec node);

/* Nodes. */
ws_node_spec graph_constant(const char *name, const ws_tensor *value);
/** With the attributes of Mfcc; the original's graphs say all. */
ws_node_spec graph_mfcc(int64_t n_bands, int64_t n_features, const char *rate_input);
ws_node_spec graph_decode_wav(int64_t n_samples, int64_t n_channels);
ws_node_spec graph_spectrogram(int64_t window, int64_t stride, bool squared);
ws_node_spec graph_reshape(const char *name, const char *x, const char *shape);
/** @param y  may be NULL */
ws_node_spec graph_node(const char *name, const char *op, const char *x, const char *y);

graph graph_usual(void);

/** Reads it as if from the file "model.pb". @return the status; the sentence in err */
ws_status graph_read(const graph *g, ws_frozen *frozen, ws_error *err);
ws_status graph_read_at(const graph *g, int64_t assumed_rate_hz, ws_frozen *frozen, ws_error *err);

/** Room for one (free()). */
ws_frozen *graph_frozen_new(void);

/** Fails the test unless it is read as graph_usual() is. */
void graph_expect_understood(const graph *g);

/** Fails the test unless it is refused with a sentence that has this part. */
void graph_expect_refused(const graph *g, const char *reason);

/** The same of graph_usual() with one node changed. */
void graph_expect_refused_with(ws_node_spec changed, const char *reason);

#endif
