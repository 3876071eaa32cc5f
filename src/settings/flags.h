/**
 * Flags as data: a table with one row per flag. Parsing, --help, the manual page, the settings in a
 * checkpoint and the HParams table all follow from it.
 *
 * A command has a table of its own. A row of it either describes a flag of that command or picks a
 * flag of a base table by name (train_flags.h lists those of a training run), so that no flag is
 * described twice.
 */
#ifndef WS_SETTINGS_FLAGS_H
#define WS_SETTINGS_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef enum ws_flag_type {
    WS_FLAG_TEXT, /* const char * */
    WS_FLAG_PATH, /* const char *: a file or directory; ~ or a leading ~/ is the home directory */
    WS_FLAG_NUMBERS, /* const char *: comma list of numbers; blanks around numbers are removed */
    WS_FLAG_WHOLE,   /* int64_t */
    WS_FLAG_REAL,    /* double */
    WS_FLAG_BOOL,    /* bool */
    WS_FLAG_TEXTS,   /* ws_operands: the flag may be given more than once */
    WS_FLAG_PICK,    /* the base table's flag of this name; see ws_flags_get_row */
} ws_flag_type;

/** The section of --help that a flag belongs to, in the order of the sections. */
typedef enum ws_flag_group {
    WS_FLAGS_DATA,
    WS_FLAGS_FEATURES,
    WS_FLAGS_MODEL,
    WS_FLAGS_RUN,
    WS_FLAGS_OUTPUT,
    WS_N_FLAG_GROUPS,
} ws_flag_group;

enum {
    /** Part of the experiment: a resumed run takes it from the checkpoint and must not change it.
     */
    WS_FLAG_FIXED = 1,
    /** A resumed run takes it from the checkpoint unless it is given. */
    WS_FLAG_KEPT = 2,
    /** It influences the result, so runs are compared by it. */
    WS_FLAG_HPARAM = 4,
    /** A text that may be followed by further ones as separate arguments; those become operands. */
    WS_FLAG_MANY = 8,
    /** May be given without a value, which is then WS_FLAG_STANDARD_OUTPUT. */
    WS_FLAG_BARE = 16,
    /** In addition to WS_FLAG_FIXED: a new run that starts from the weights of a checkpoint may
     * change it.
     */
    WS_FLAG_OF_ONE_RUN = 32,
    /** Only the network whose name its own name begins with reads it, as mixednet_stride: runs of
     *  other networks are not compared by it. */
    WS_FLAG_OF_NETWORK = 64,
    /** Only read if the flag whose name its own name begins with differs from its default, as
     *  spec_augment_time_masks: other runs are not compared by it. */
    WS_FLAG_OF_SWITCH = 128,
    /** Only the optimisers whose name has the first word of its own name read it, as adam_beta1 or
     *  momentum: runs of others are not compared by it. */
    WS_FLAG_OF_OPTIMIZER = 256,
};

#define WS_FLAG_STANDARD_OUTPUT "-"

/** Room for a value as text, its NUL included; longer ones are refused. */
enum { WS_FLAG_MAX_TEXT = 1 << 14 };

/** One row. rows.h has macros that write them. */
typedef struct ws_flag {
    const char *name; /* without dashes */
    ws_flag_type type;
    size_t offset;          /* of its value in the struct of values */
    const char *initial;    /* the default, as a user would write it */
    const char *value_name; /* for --help: "DIR", "N", "MS". NULL where libwordspot is by itself */
    const char *help;       /* sentences; lines are broken when printed. NULL as above */
    double min, max;        /* bounds of a number, both included */
    ws_flag_group group;
    unsigned traits; /* WS_FLAG_FIXED | ... */
} ws_flag;

/** Another name for a flag. */
typedef struct ws_flag_alias {
    const char *name;
    const char *flag;
} ws_flag_alias;

/** Arguments that are not flags, or all values of one flag, in their order. */
typedef struct ws_operands {
    const char **items; /* [n_items] with room for one more; owned by the ws_flags they are from */
    size_t n_items;
} ws_operands;

typedef struct ws_flag_table {
    const char *command; /* "train" */
    const char *summary; /* for --help: what the command does, one sentence */
    const ws_flag *flags;
    size_t n_flags;
    const ws_flag_alias *aliases;
    size_t n_aliases;
    const struct ws_flag_table *base; /* what WS_FLAG_PICK picks from; NULL without such rows */
    size_t base_offset;               /* of the base table's struct of values in this one */
    const char *operands_name;        /* for --help: "FILE"; NULL: the command takes no operands */
    size_t operands_offset;    /* of a ws_operands in the struct of values; also for WS_FLAG_MANY */
    const char *const *titles; /* [WS_N_FLAG_GROUPS] of the sections of --help; NULL: train's */
} ws_flag_table;

/** Flags that were read: their values, which of them were given, and the memory for both. */
typedef struct ws_flags {
    const ws_flag_table *table;
    void *values;       /* the struct that the table's offsets are for; borrowed */
    bool *given;        /* [table->n_flags] whether the user gave the flag; owned */
    ws_text_list texts; /* values that had to be rewritten, such as a path with ~/ */
    const char **room;  /* the items of all ws_operands; owned; NULL: nothing was read */
} ws_flags;

/**
 * Sets every value to its default and notes that no flag was given.
 *
 * @param flags   overwritten; ws_flags_deinit() it when its values are no longer used, also after a
 *                failure
 * @param values  the struct of values; members without a row stay as they are. Borrowed
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_flags_init(ws_flags *flags, const ws_flag_table *table, void *values,
                                      ws_error *err);
void ws_flags_deinit(ws_flags *flags);

/** The index of the flag of exactly that name; table->n_flags if the table lacks it. */
size_t ws_flags_find(const ws_flag_table *table, const char *name);

/** A row of a table. A WS_FLAG_PICK becomes the row that it picks; its group, and the default,
 * value name and help if it has any, replace those of the base table. */
ws_flag ws_flags_get_row(const ws_flag_table *table, size_t index);

/** Whether the flag of that name was given; false if the table has no such flag. */
bool ws_flags_is_given(const ws_flags *flags, const char *name);

/**
 * Sets one value from text as a user writes it: ~/ in paths and blanks around numbers are
 * understood. Does not mark the flag as given.
 *
 * @param text  borrowed as long as the values
 * @return WS_OK; WS_EUSAGE with err naming the flag, the text and what was expected; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_flags_set(ws_flags *flags, size_t index, const char *text,
                                     ws_error *err);

/**
 * A user's text for one flag in the form in which it is kept: see WS_FLAG_PATH and WS_FLAG_NUMBERS.
 *
 * @param flag   a row, not a WS_FLAG_PICK
 * @param text   replaced by an item of texts if it has to be rewritten
 * @param texts  owns what was rewritten
 * @return WS_OK; WS_EUSAGE if there is no home directory; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_flag_normalise(const ws_flag *flag, const char **text,
                                          ws_text_list *texts, ws_error *err);

/**
 * Sets one value from text that is in the form of ws_flag_normalise.
 *
 * @param flag    a row, not a WS_FLAG_PICK
 * @param text    borrowed as long as the values
 * @param values  the struct of values
 * @return WS_OK, or WS_EUSAGE with err naming the flag, the text and what was expected
 */
WS_MUST_CHECK ws_status ws_flag_put(const ws_flag *flag, const char *text, void *values,
                                    ws_error *err);

/** The value of a flag as a user would write it, into text; always NUL-terminated. The row must not
 *  be a WS_FLAG_PICK. */
void ws_flag_get_text(const ws_flag *flag, const void *values, char *text, size_t size);

/** Reads a boolean: true, yes, 1, false, no or 0, in any case. @return whether it is one */
bool ws_flag_read_bool(const char *text, bool *value);

#endif
