#include "settings/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/lookup.h"

/* Names that the original had once and that its own texts still use. */
static const struct {
    const char *old_name, *new_name;
} renamed[] = {
    {"dct_coefficient_count", "feature_bin_count"},
};

/* ws_closest_name asks for names by number alone; the table in question is kept here meanwhile. */
static _Thread_local const ws_flag_table *suggesting;

static const char *flag_name_at(size_t i)
{
    return suggesting->flags[i].name;
}

static ws_status fail_unknown(const ws_flag_table *table, const char *name, ws_error *err)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(name, renamed[i].old_name) == 0)
            return ws_fail(err, WS_EUSAGE, "unknown flag --%s: it is called --%s now", name,
                           renamed[i].new_name);
    suggesting = table;
    const char *closest = ws_closest_name(name, flag_name_at, table->n_flags);
    if (closest != NULL)
        return ws_fail(err, WS_EUSAGE, "unknown flag --%s, did you mean --%s?", name, closest);
    return ws_fail(err, WS_EUSAGE, "unknown flag --%s; `wordspot %s --help` lists the flags", name,
                   table->command);
}

/** The i-th name of a table: those of the flags, then aliases. @return the index of its flag */
static size_t name_at(const ws_flag_table *table, size_t i, const char **name)
{
    if (i < table->n_flags) {
        *name = table->flags[i].name;
        return i;
    }
    *name = table->aliases[i - table->n_flags].name;
    return ws_flags_find(table, table->aliases[i - table->n_flags].flag);
}

ws_status ws_arguments_find(const ws_flag_table *table, const char *name, size_t *index,
                            ws_error *err)
{
    size_t first = table->n_flags;
    const char *second = NULL;
    const size_t length = strlen(name);

    for (size_t i = 0; i < table->n_flags + table->n_aliases; i++) {
        const char *candidate;
        const size_t flag = name_at(table, i, &candidate);
        if (strcmp(candidate, name) == 0) {
            *index = flag;
            return WS_OK;
        }
        if (length == 0 || strncmp(candidate, name, length) != 0 || flag == first)
            continue;
        if (first == table->n_flags)
            first = flag;
        else
            second = candidate;
    }
    if (first == table->n_flags)
        return fail_unknown(table, name, err);
    if (second != NULL)
        return ws_fail(err, WS_EUSAGE, "--%s may mean --%s or --%s: write more of the name", name,
                       table->flags[first].name, second);
    *index = first;
    return WS_OK;
}

/** Splits "--name=value" or "--name" into a name and the value after the sign (or NULL). */
static ws_status split_argument(const ws_flag_table *table, const char *argument, char *name,
                                size_t size, const char **value, ws_error *err)
{
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0') {
        const ws_flag example = ws_flags_get_row(table, 0);
        return ws_fail(err, WS_EUSAGE,
                       "unexpected argument \"%.200s\", expected flags such as --%s=%s", argument,
                       example.name, example.value_name);
    }
    const char *sign = strchr(argument, '=');
    const size_t length = sign != NULL ? (size_t)(sign - argument) - 2 : strlen(argument) - 2;
    if (length >= size)
        return ws_fail(err, WS_EUSAGE, "unknown flag %.40s...", argument);
    memcpy(name, argument + 2, length);
    name[length] = '\0';
    for (char *hyphen = name; (hyphen = strchr(hyphen, '-')) != NULL;)
        *hyphen = '_';
    *value = sign != NULL ? sign + 1 : NULL;
    return WS_OK;
}

/** The value of a flag without "=": the next argument, or `true` for a boolean that has none. */
static ws_status take_value(const ws_flag *flag, const char *next, const char **value, int *n_taken,
                            ws_error *err)
{
    bool unused;
    *n_taken = 1;
    if (flag->type == WS_FLAG_BOOL && (next == NULL || !ws_flag_read_bool(next, &unused))) {
        *value = "true";
        return WS_OK;
    }
    if (flag->traits & WS_FLAG_BARE) {
        *value = WS_FLAG_STANDARD_OUTPUT;
        return WS_OK;
    }
    if (next == NULL || strncmp(next, "--", 2) == 0)
        return ws_fail(err, WS_EUSAGE, "--%s needs a value, as in --%s=%s", flag->name, flag->name,
                       flag->value_name);
    *value = next;
    *n_taken = 2;
    return WS_OK;
}

static ws_operands *operands_at(const ws_flags *flags, size_t offset)
{
    return (void *)((unsigned char *)flags->values + offset);
}

static bool takes_operands(const ws_flag_table *table)
{
    bool takes = table->operands_name != NULL;
    for (size_t i = 0; i < table->n_flags; i++)
        takes = takes || (table->flags[i].traits & WS_FLAG_MANY) != 0;
    return takes;
}

/** Gives every ws_operands of the values room for all arguments and one more. */
static ws_status make_room(ws_flags *flags, size_t n_arguments, ws_error *err)
{
    const ws_flag_table *table = flags->table;
    const size_t n_items = n_arguments + 1;
    size_t n_lists = takes_operands(table) ? 1 : 0;

    for (size_t i = 0; i < table->n_flags; i++)
        n_lists += table->flags[i].type == WS_FLAG_TEXTS;
    flags->room = calloc(n_lists * n_items + 1, sizeof *flags->room);
    if (flags->room == NULL)
        return ws_fail_memory(err, "arguments");
    const char **next = flags->room;
    for (size_t i = 0; i < table->n_flags; i++) {
        if (table->flags[i].type != WS_FLAG_TEXTS)
            continue;
        *operands_at(flags, table->flags[i].offset) = (ws_operands){.items = next};
        next += n_items;
    }
    if (takes_operands(table))
        *operands_at(flags, table->operands_offset) = (ws_operands){.items = next};
    return WS_OK;
}

static void push_operand(const ws_flags *flags, const char *argument)
{
    ws_operands *operands = operands_at(flags, flags->table->operands_offset);
    operands->items[operands->n_items++] = argument;
}

/**
 * Takes argument i, and all that follow if it is "--", if the command takes operands.
 *
 * @return how many were taken, 0 if it is a flag
 */
static int take_operands(const ws_flags *flags, int n_arguments, char *const *arguments, int i)
{
    if (flags->table->operands_name == NULL)
        return 0;
    if (strcmp(arguments[i], "--") == 0) {
        for (int k = i + 1; k < n_arguments; k++)
            push_operand(flags, arguments[k]);
        return n_arguments - i;
    }
    if (arguments[i][0] == '-' && arguments[i][1] != '\0')
        return 0;
    push_operand(flags, arguments[i]);
    return 1;
}

/** Takes the further texts of a WS_FLAG_MANY. @return how many */
static int take_more(const ws_flags *flags, int n_arguments, char *const *arguments)
{
    int n = 0;
    while (n < n_arguments && strncmp(arguments[n], "--", 2) != 0)
        push_operand(flags, arguments[n++]);
    return n;
}

/** Reads the flag that arguments[0] is. @param n_taken  set to the number of arguments it takes */
static ws_status read_flag(ws_flags *flags, int n_arguments, char *const *arguments, int *n_taken,
                           ws_error *err)
{
    char name[64];
    const char *text = NULL;
    size_t index = 0;

    *n_taken = 1;
    if (strncmp(arguments[0], "--help=", 7) == 0)
        return ws_fail(err, WS_EUSAGE, "%s: expected --help, or --help=presets after train",
                       arguments[0]);
    ws_status status = split_argument(flags->table, arguments[0], name, sizeof name, &text, err);
    if (status == WS_OK)
        status = ws_arguments_find(flags->table, name, &index, err);
    if (status != WS_OK)
        return status;
    const ws_flag flag = ws_flags_get_row(flags->table, index);
    if (text == NULL)
        status = take_value(&flag, n_arguments > 1 ? arguments[1] : NULL, &text, n_taken, err);
    if (status == WS_OK)
        status = ws_flags_set(flags, index, text, err);
    if (status != WS_OK)
        return status;
    flags->given[index] = true;
    if (flag.traits & WS_FLAG_MANY)
        *n_taken += take_more(flags, n_arguments - *n_taken, arguments + *n_taken);
    return WS_OK;
}

ws_status ws_arguments_read(ws_flags *flags, int n_arguments, char *const *arguments, bool *help,
                            ws_error *err)
{
    *help = false;
    ws_status status = make_room(flags, (size_t)n_arguments, err);
    for (int i = 0; status == WS_OK && i < n_arguments;) {
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
            *help = true;
            return WS_OK;
        }
        int n_taken = take_operands(flags, n_arguments, arguments, i);
        if (n_taken == 0)
            status = read_flag(flags, n_arguments - i, arguments + i, &n_taken, err);
        i += n_taken;
    }
    return status;
}
