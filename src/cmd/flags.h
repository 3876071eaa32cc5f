/**
 * Flags of a sub-command: one table, from which follow parsing, --help, the settings that a
 * checkpoint carries, and what a resumed run may change.
 *
 * A flag is written --name=value or --name value; any unique prefix of its name will do, as in the
 * original's argparse, and hyphens are as good as underscores, as the original has both. Unlike
 * there, an unknown flag is an error, and booleans mean what they say.
 * A command may take operands besides: arguments without a dash, and all behind a lone "--".
 */
#ifndef WS_CMD_FLAGS_H
#define WS_CMD_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef enum ws_flag_type {
    WS_FLAG_TEXT,  /* const char *, borrowed from the command line or the table */
    WS_FLAG_WHOLE, /* int64_t */
    WS_FLAG_REAL,  /* double */
    WS_FLAG_BOOL,  /* bool */
    WS_FLAG_TEXTS, /* ws_operands: it may stand there more than once */
} ws_flag_type;

/** What a flag is a part of; also the order of the sections in --help. */
typedef enum ws_flag_group {
    WS_FLAGS_DATA,
    WS_FLAGS_FEATURES,
    WS_FLAGS_MODEL,
    WS_FLAGS_RUN,
    WS_FLAGS_OUTPUT,
    WS_N_FLAG_GROUPS,
} ws_flag_group;

enum {
    /** Part of the experiment: a resumed run takes it from the checkpoint and may not change it. */
    WS_FLAG_FIXED = 1,
    /** A resumed run takes it from the checkpoint unless it is given. */
    WS_FLAG_KEPT = 2,
    /** It decides what comes out, so it is one of the settings by which runs are compared. */
    WS_FLAG_HPARAM = 4,
    /** A text that further ones may follow as arguments of their own; those become operands. */
    WS_FLAG_MANY = 8,
    /** May stand without a value, which then is WS_FLAG_STANDARD_OUTPUT. */
    WS_FLAG_BARE = 16,
};

#define WS_FLAG_STANDARD_OUTPUT "-"

/** Room for a value as text, its NUL included; longer ones are refused. */
enum { WS_FLAG_MAX_TEXT = 1 << 14 };

typedef struct ws_flag {
    const char *name; /* without dashes */
    ws_flag_type type;
    size_t offset;          /* of its value in the struct of values */
    const char *initial;    /* the default, as one would write it */
    const char *value_name; /* for --help: "DIR", "N", "MS" */
    const char *help;       /* one or more sentences; lines are broken when printed */
    double min, max;        /* bounds of a number, both included */
    ws_flag_group group;
    unsigned traits; /* WS_FLAG_FIXED | ... */
} ws_flag;

/** Another name that a flag may be given by. */
typedef struct ws_flag_alias {
    const char *name;
    const char *flag;
} ws_flag_alias;

/** Arguments that are no flags, or all values of one flag, in their order. */
typedef struct ws_operands {
    const char **items; /* room for as many as there are arguments; the caller's */
    size_t n_items;
} ws_operands;

typedef struct ws_flag_table {
    const char *command; /* "train" */
    const char *summary; /* for --help, what it does, one sentence */
    const ws_flag *flags;
    size_t n_flags;
    const ws_flag_alias *aliases;
    size_t n_aliases;
    const char *operands_name; /* for --help: "FILE"; NULL if there may be none */
    size_t operands_offset;    /* of a ws_operands in the struct of values; also for WS_FLAG_MANY */
    const char *const *titles; /* [WS_N_FLAG_GROUPS] of the sections of --help; NULL: train's */
} ws_flag_table;

/** Sets every value of the struct at values to its default. */
void ws_flags_set_initial(const ws_flag_table *table, void *values);

/**
 * Sets one value from text.
 *
 * @return WS_OK, or WS_EUSAGE with err naming the flag, the text and what was expected
 */
WS_MUST_CHECK ws_status ws_flags_set(const ws_flag_table *table, size_t index, const char *text,
                                     void *values, ws_error *err);

/**
 * Reads the arguments behind the sub-command's name.
 *
 * @param arguments  [n_arguments] borrowed as long as the values
 * @param values     the struct of values, already holding the defaults, and room for operands
 * @param given      [n_flags] set to true for each flag that stands there
 * @param help       set to true if --help or -h stands there; the rest is then not looked at
 * @return WS_OK, or WS_EUSAGE with err naming the argument and what would be right
 */
WS_MUST_CHECK ws_status ws_flags_read(const ws_flag_table *table, int n_arguments,
                                      char *const *arguments, void *values, bool *given, bool *help,
                                      ws_error *err);

/** The index of the flag of exactly that name; n_flags if there is none. */
size_t ws_flags_find(const ws_flag_table *table, const char *name);

/** Copies a value from one struct of values to another, between flags of the same type. Texts stay
 *  where they are. */
void ws_flags_copy(const ws_flag *from, const void *from_values, const ws_flag *to, void *values);

/** The value of a flag as one would write it, into text; always NUL-terminated. */
void ws_flags_get_text(const ws_flag *flag, const void *values, char *text, size_t size);

/** Prints the sub-command's --help. */
void ws_flags_print_help(const ws_flag_table *table, FILE *out);

#endif
