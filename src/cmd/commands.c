/* The table of sub-commands. */
#include "cmd/command.h"

const ws_command *const ws_commands[] = {
    &ws_command_train,
    &ws_command_freeze,
    &ws_command_label_wav,
    &ws_command_label_wav_dir,
    &ws_command_test,
    &ws_command_generate_streaming_test_wav,
    &ws_command_test_streaming_accuracy,
    &ws_command_listen,
    &ws_command_wav_to_features,
    &ws_command_wake,
    &ws_command_sweep,
    &ws_command_synth,
    &ws_command_bench,
    &ws_command_report,
    &ws_command_events_list,
    &ws_command_events_check,
    &ws_command_events_csv,
    &ws_command_events_tables,
    &ws_command_events_diff,
    &ws_command_events_repair,
    &ws_command_events_merge,
    &ws_command_events_rename,
    &ws_command_events_drop,
};
const size_t ws_n_commands = sizeof ws_commands / sizeof *ws_commands;
