/** The flags of `wordspot label_wav`, `label_wav_dir` and `test_streaming_accuracy`: the original's
 *  and a few of our own. */
#ifndef WS_CMD_LABEL_FLAGS_H
#define WS_CMD_LABEL_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/flags.h"

typedef struct ws_label_flags {
    const char *wav, *wav_dir; /* one of them, as the command has it; "": not given */
    ws_operands files;         /* or further names of inputs, behind --input_names */
    const char *graph, *start_checkpoint, *labels;
    const char *input_name, *output_name; /* of nodes in the graph; "": its own */
    const char *input_names, *input_data_name, *input_rate_name;
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
    /* of a stream */
    const char *ground_truth;
    int64_t clip_stride_ms, average_window_duration_ms, suppression_ms, time_tolerance_ms;
    int64_t minimum_count;
    double detection_threshold;
    bool verbose;
} ws_label_flags;

enum { WS_LABEL_MAX_FLAGS = 32 };

/** The work of a command. @param flags  its operands have room for one more. @return its code */
typedef int ws_label_work(const ws_flag_table *table, ws_label_flags *flags, const bool *given);

/** Runs a command that takes operands: reads its flags and, unless there was something wrong with
 *  them or only help was wanted, does its work. @return the exit code */
int ws_label_flags_run(const ws_flag_table *table, int n_arguments, char *const *arguments,
                       ws_label_work *work);

extern const ws_flag_table ws_label_wav_flags;
extern const ws_flag_table ws_label_wav_dir_flags;
extern const ws_flag_table ws_stream_flags;

#endif
