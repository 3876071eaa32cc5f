/** Networks as programs of the lanes engine, for its tests and benchmarks. */
#ifndef WS_TESTS_SUPPORT_LANES_NETWORKS_H
#define WS_TESTS_SUPPORT_LANES_NETWORKS_H

#include "nn/engine/lanes/program.h"

typedef struct lanes_network {
    ws_lanes_program program;
    size_t n_parameters, n_state;
    size_t out; /* the last node pushed */
} lanes_network;

/** By name; NULL ends the list. */
typedef struct lanes_network_kind {
    const char *name;
    void (*build)(lanes_network *network);
    size_t n_bands; /* as a graph of it gets */
} lanes_network_kind;

/** The networks of papers. */
extern const lanes_network_kind lanes_networks[];
/** Small ones for tests: all operators, and shapes that fit nothing. */
extern const lanes_network_kind lanes_small_networks[];

/** Builds the forward part of a network of that row and differentiates it. */
void lanes_network_init(lanes_network *network, const lanes_network_kind *kind);
void lanes_network_deinit(lanes_network *network);

#endif
