/** Samples that a model hears one after the other. Private to nn/lite. */
#ifndef WS_NN_LITE_SAMPLES_H
#define WS_NN_LITE_SAMPLES_H

#include "nn/lite/run.h"

/** What is read: samples of `size` numbers, each as steps that follow each other. */
typedef struct ws_lite_samples {
    const float *numbers;
    size_t n, size;
} ws_lite_samples;

/** Looks at the tensors of a run after a step. */
typedef void ws_lite_look(void *context, const ws_lite_run *run);

/** Runs all samples, each from the beginning, and lets `look` see each step. */
void ws_lite_run_samples(ws_lite_run *run, const ws_lite_samples *samples, ws_lite_look *look,
                         void *context);

/** Numbers of the largest tensor of the first graph; at least 1. */
size_t ws_lite_largest_tensor(const ws_lite *lite);

#endif
