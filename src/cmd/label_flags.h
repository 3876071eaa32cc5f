/** The flags of `wordspot label_wav` and `label_wav_dir`: the original's and a few of our own. */
#ifndef WS_CMD_LABEL_FLAGS_H
#define WS_CMD_LABEL_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/flags.h"

typedef struct ws_label_flags {
    const char *wav, *wav_dir; /* one of them, as the command has it; "": not given */
    ws_operands files;
    const char *graph, *start_checkpoint, *labels;
    const char *input_name, *output_name; /* of nodes in the graph; "": its own */
    /* what a checkpoint that TensorFlow wrote does not say */
    const char *model_architecture, *wanted_words;
    const char *preprocess;
    int64_t sample_rate; /* Hz */
    int64_t clip_duration_ms;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
    bool quantize;
    /* the run */
    int64_t threads;
    const char *engine, *isa;
    /* output */
    int64_t how_many_labels;
    bool json;
} ws_label_flags;

enum { WS_LABEL_MAX_FLAGS = 32 };

extern const ws_flag_table ws_label_wav_flags;
extern const ws_flag_table ws_label_wav_dir_flags;

#endif
