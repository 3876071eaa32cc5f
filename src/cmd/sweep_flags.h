/** The flags of `wordspot sweep`. */
#ifndef WS_CMD_SWEEP_FLAGS_H
#define WS_CMD_SWEEP_FLAGS_H

#include "settings/flags.h"
#include "sweep/setup.h"

/** Their values; help in the table explains them. */
typedef struct ws_sweep_flags {
    const char *dir;
    ws_operands param;
    const char *params; /* a file with more of them */
    const char *search, *seeds, *rank_by;
    int64_t trials, search_seed, reduction;
    int64_t jobs, ranks;
    bool retry_failed;
    int64_t run_trial; /* below 0: all */
    bool report, aggregate;
    const char *print;
    ws_operands train_flags; /* the arguments after "--" */
} ws_sweep_flags;

extern const ws_flag_table ws_sweep_flags_table;

/** The request that they make, without the train flags; borrows from them. */
ws_sweep_request ws_sweep_flags_get_request(const ws_flags *flags);

#endif
