/** The way forward of a program of the lanes engine as plain loops in double precision. */
#ifndef WS_TESTS_KERNELS_LANES_REFERENCE_H
#define WS_TESTS_KERNELS_LANES_REFERENCE_H

#include "nn/engine/lanes/program.h"

typedef struct lanes_reference {
    const ws_lanes_program *program;
    size_t n;         /* samples */
    double **values;  /* [nodes of the way forward] [n, h, w, c] */
    double *mean;     /* of the batch, by channel of all normalisations one after the other */
    double *variance; /* likewise, biased */
} lanes_reference;

/** @param features  [n, h, w, c] */
void lanes_reference_init(lanes_reference *reference, const ws_lanes_program *program, size_t n,
                          const float *features);
void lanes_reference_deinit(lanes_reference *reference);

/** @param state  running statistics to normalise with, or NULL: those of the batch */
void lanes_reference_run(lanes_reference *reference, const double *parameters, const float *state);

#endif
