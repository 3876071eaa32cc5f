/** The flags of `wordspot sweep`. */
#ifndef WS_CMD_SWEEP_FLAGS_H
#define WS_CMD_SWEEP_FLAGS_H

#include "base/lookup.h"
#include "settings/flags.h"

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

/** Whether a flag is given that says what the sweep is. If none is, the directory says it. */
bool ws_sweep_flags_define(const ws_flags *flags);

/** Finds the name that a flag has as its value, as ws_lookup does. @return WS_OK or WS_EUSAGE */
WS_MUST_CHECK ws_status ws_sweep_name_find(const char *flag, const char *name, ws_name_at name_at,
                                           size_t n, size_t *index, ws_error *err);

#endif
