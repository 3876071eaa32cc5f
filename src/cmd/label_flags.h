/** The flags of `wordspot label_wav`, `label_wav_dir`, `test_streaming_accuracy`, `listen` and
 *  `test`: the original's and a few of our own. */
#ifndef WS_CMD_LABEL_FLAGS_H
#define WS_CMD_LABEL_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "settings/train_flags.h"

typedef struct ws_label_flags {
    ws_train_options train;    /* of a checkpoint, and how to compute; others are not picked */
    const char *wav, *wav_dir; /* one of them, as the command has it; "": not given */
    ws_operands files;         /* or further names of inputs, after --input_names */
    const char *graph, *labels;
    const char *input_name, *output_name; /* of nodes in the graph; "": its own */
    const char *input_names, *input_data_name, *input_rate_name;
    const char *rounding; /* of a TFLite model of 8 bits; NULL: the command has no such flag */
    /* output */
    int64_t how_many_labels;
    bool json;
    /* of a stream */
    const char *ground_truth;
    int64_t clip_stride_ms, average_window_duration_ms, suppression_ms, time_tolerance_ms;
    int64_t minimum_count;
    double detection_threshold;
    bool verbose;
    /* of listening */
    const char *device, *raw_format;
    int64_t raw_rate, raw_channels;
    bool realtime, list_devices, unknown, continuous;
    int64_t mean_of_last; /* 0: averages over time */
    const char *exec;     /* "": none */
    const char *record;   /* "": none */
    double record_above;  /* 1: no near misses */
    /* of a test */
    const char *data_dir;  /* "": the model's */
    const char *noise_dir; /* the same */
    const char *set;
    const char *long_dir; /* "": clips are tested */
    const char *phrases;  /* with long_dir: a folder; "": none */
    const char *snr;      /* the same: a list of dB and "clean" */
    double target_false_accepts;
    const char *text_file; /* with long_dir: "": none */
    int64_t how_many_mistakes;
    const char *test_summaries_dir; /* "": none */
    const char *test_run_name;      /* "": test-<number> */
    const char *json_file;          /* "": none; WS_FLAG_STANDARD_OUTPUT */
} ws_label_flags;

extern const ws_flag_table ws_label_wav_flags;
extern const ws_flag_table ws_label_wav_dir_flags;
extern const ws_flag_table ws_stream_flags;
extern const ws_flag_table ws_listen_flags;
extern const ws_flag_table ws_test_flags;

#endif
