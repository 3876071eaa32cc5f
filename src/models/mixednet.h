/** The settings of the network `mixednet`; flags have the same names, with `mixednet_` in front. */
#ifndef WS_MODELS_MIXEDNET_H
#define WS_MODELS_MIXEDNET_H

#include <stdbool.h>
#include <stdint.h>

/** Texts are borrowed. */
typedef struct ws_mixednet_settings {
    int64_t first_filters; /* channels of the first convolution, at least 1 */
    int64_t first_kernel;  /* frames that it sees, at least 1 */
    int64_t stride;        /* frames from one of its steps to the next, at least 1 */
    const char *kernels;   /* a list in brackets for each block: "[5],[7,11],[9,15],[23]" */
    const char *filters;   /* channels of each block: "64,64,64,64" */
    const char *residuals; /* 1 for each block with a residual connection, else 0: "0,0,0,0" */
    bool is_pooled;        /* the mean over the last frames is read, not all of them */
} ws_mixednet_settings;

/** The settings of ESPHome's models of these years. */
extern const ws_mixednet_settings ws_mixednet_2024, ws_mixednet_2026;

#endif
