/** The flags of `wordspot sweep`. */
#ifndef WS_CMD_SWEEP_FLAGS_H
#define WS_CMD_SWEEP_FLAGS_H

#include "settings/flags.h"
#include "sweep/setup.h"

/** Their values; the table's help says what they mean. */
typedef struct ws_sweep_flags {
    const char *dir;
    ws_operands param;
    const char *params; /* a file with more of them */
    const char *search, *seeds, *rank_by;
    int64_t trials, search_seed, reduction;
    int64_t jobs;
    bool retry_failed;
    int64_t run_trial; /* below 0: all */
    bool report;
    const char *print;
    ws_operands train_flags; /* the arguments after "--" */
} ws_sweep_flags;

extern const ws_flag_table ws_sweep_flags_table;

/** What they ask for; borrows from them. The train flags are left out. */
ws_sweep_request ws_sweep_flags_get_request(const ws_flags *flags);

#endif
