#include "cmd/flags.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/lookup.h"
#include "base/text.h"

/* Names that the original had once and that its own texts still use. */
static const struct {
    const char *old_name, *new_name;
} renamed[] = {
    {"dct_coefficient_count", "feature_bin_count"},
};

static void *value_at(const ws_flag *flag, void *values)
{
    return (unsigned char *)values + flag->offset;
}

static const void *const_value_at(const ws_flag *flag, const void *values)
{
    return (const unsigned char *)values + flag->offset;
}

static bool read_bool(const char *text, bool *value)
{
    static const char *const words[2][3] = {{"false", "no", "0"}, {"true", "yes", "1"}};
    for (int truth = 0; truth < 2; truth++) {
        for (int i = 0; i < 3; i++) {
            if (strcasecmp(text, words[truth][i]) == 0) {
                *value = truth == 1;
                return true;
            }
        }
    }
    return false;
}

static ws_status fail_number(const ws_flag *flag, const char *text, ws_error *err)
{
    const char *kind = flag->type == WS_FLAG_WHOLE ? "a whole number" : "a number";
    if (isinf(flag->max))
        return ws_fail(err, WS_EUSAGE, "--%s=%s: expected %s of at least %g", flag->name, text,
                       kind, flag->min);
    return ws_fail(err, WS_EUSAGE, "--%s=%s: expected %s from %.15g to %.15g", flag->name, text,
                   kind, flag->min, flag->max);
}

static ws_status check_text(const ws_flag *flag, const char *text, ws_error *err)
{
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ')
            return ws_fail(err, WS_EUSAGE,
                           "--%s: has a control character (byte %zu), expected plain text",
                           flag->name, (size_t)(p - text));
    if (strlen(text) >= WS_FLAG_MAX_TEXT)
        return ws_fail(err, WS_EUSAGE, "--%s: has %zu bytes, expected at most %d", flag->name,
                       strlen(text), WS_FLAG_MAX_TEXT - 1);
    return WS_OK;
}

ws_status ws_flags_set(const ws_flag_table *table, size_t index, const char *text, void *values,
                       ws_error *err)
{
    const ws_flag *flag = &table->flags[index];
    void *value = value_at(flag, values);

    switch (flag->type) {
    case WS_FLAG_TEXT:
        if (check_text(flag, text, err) != WS_OK)
            return WS_EUSAGE;
        *(const char **)value = text;
        break;
    case WS_FLAG_WHOLE: {
        int64_t whole = 0;
        if (!ws_text_to_int64(text, &whole) || (double)whole < flag->min ||
            (double)whole > flag->max)
            return fail_number(flag, text, err);
        *(int64_t *)value = whole;
        break;
    }
    case WS_FLAG_REAL: {
        double real = 0;
        if (!ws_text_to_double(text, &real) || !isfinite(real) || real < flag->min ||
            real > flag->max)
            return fail_number(flag, text, err);
        *(double *)value = real;
        break;
    }
    case WS_FLAG_BOOL:
        if (!read_bool(text, (bool *)value))
            return ws_fail(err, WS_EUSAGE,
                           "--%s=%s: expected true or false (yes, no, 1 and 0 will do)", flag->name,
                           text);
        break;
    case WS_FLAG_TEXTS: {
        ws_operands *texts = value;
        if (check_text(flag, text, err) != WS_OK)
            return WS_EUSAGE;
        texts->items[texts->n_items++] = text;
        break;
    }
    }
    return WS_OK;
}

void ws_flags_set_initial(const ws_flag_table *table, void *values)
{
    for (size_t i = 0; i < table->n_flags; i++) {
        if (table->flags[i].type == WS_FLAG_TEXTS)
            continue; /* none, and the caller has made room */
        /* a default is within its own bounds, which a test sees to */
        const ws_status status = ws_flags_set(table, i, table->flags[i].initial, values, NULL);
        (void)status;
    }
}

/* ws_closest_name asks for names by number alone; the table in question stands here meanwhile. */
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

/** Finds the flag of that name or the only one that starts so. */
static ws_status find_flag(const ws_flag_table *table, const char *name, size_t *index,
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
        return ws_fail(err, WS_EUSAGE, "--%s may stand for --%s and --%s: write more of it", name,
                       table->flags[first].name, second);
    *index = first;
    return WS_OK;
}

/** Parts "--name=value" or "--name" into a name and the value behind the sign (or NULL). */
static ws_status part_argument(const ws_flag_table *table, const char *argument, char *name,
                               size_t size, const char **value, ws_error *err)
{
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0')
        return ws_fail(err, WS_EUSAGE, "unexpected argument \"%s\", expected flags such as --%s=%s",
                       argument, table->flags[0].name, table->flags[0].value_name);
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
    if (flag->type == WS_FLAG_BOOL && (next == NULL || !read_bool(next, &unused))) {
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

static void push_operand(const ws_flag_table *table, void *values, const char *argument)
{
    ws_operands *operands = (void *)((unsigned char *)values + table->operands_offset);
    operands->items[operands->n_items++] = argument;
}

/**
 * Takes argument i, and all behind it if it is "--", if the command takes such.
 *
 * @return how many were taken, 0 if it is a flag
 */
static int take_operands(const ws_flag_table *table, int n_arguments, char *const *arguments, int i,
                         void *values)
{
    if (table->operands_name == NULL)
        return 0;
    if (strcmp(arguments[i], "--") == 0) {
        for (int k = i + 1; k < n_arguments; k++)
            push_operand(table, values, arguments[k]);
        return n_arguments - i;
    }
    if (arguments[i][0] == '-' && arguments[i][1] != '\0')
        return 0;
    push_operand(table, values, arguments[i]);
    return 1;
}

/** Takes the further texts of a WS_FLAG_MANY. @return how many */
static int take_more(const ws_flag_table *table, int n_arguments, char *const *arguments,
                     void *values)
{
    int n = 0;
    while (n < n_arguments && strncmp(arguments[n], "--", 2) != 0)
        push_operand(table, values, arguments[n++]);
    return n;
}

ws_status ws_flags_read(const ws_flag_table *table, int n_arguments, char *const *arguments,
                        void *values, bool *given, bool *help, ws_error *err)
{
    int i = 0;
    *help = false;
    while (i < n_arguments) {
        char name[64];
        const char *text = NULL;
        size_t index = 0;
        int n_taken = 1;

        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
            *help = true;
            return WS_OK;
        }
        const int n_operands = take_operands(table, n_arguments, arguments, i, values);
        if (n_operands > 0) {
            i += n_operands;
            continue;
        }
        ws_status status = part_argument(table, arguments[i], name, sizeof name, &text, err);
        if (status == WS_OK)
            status = find_flag(table, name, &index, err);
        if (status == WS_OK && text == NULL)
            status = take_value(&table->flags[index], i + 1 < n_arguments ? arguments[i + 1] : NULL,
                                &text, &n_taken, err);
        if (status == WS_OK)
            status = ws_flags_set(table, index, text, values, err);
        if (status != WS_OK)
            return status;
        given[index] = true;
        i += n_taken;
        if (table->flags[index].traits & WS_FLAG_MANY)
            i += take_more(table, n_arguments - i, arguments + i, values);
    }
    return WS_OK;
}

size_t ws_flags_find(const ws_flag_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_flags && strcmp(table->flags[i].name, name) != 0)
        i++;
    return i;
}

void ws_flags_copy(const ws_flag *from, const void *from_values, const ws_flag *to, void *values)
{
    const void *value = const_value_at(from, from_values);

    assert(from->type == to->type);
    switch (to->type) {
    case WS_FLAG_TEXT:
        *(const char **)value_at(to, values) = *(const char *const *)value;
        break;
    case WS_FLAG_WHOLE:
        *(int64_t *)value_at(to, values) = *(const int64_t *)value;
        break;
    case WS_FLAG_REAL:
        *(double *)value_at(to, values) = *(const double *)value;
        break;
    case WS_FLAG_BOOL:
        *(bool *)value_at(to, values) = *(const bool *)value;
        break;
    case WS_FLAG_TEXTS:
        *(ws_operands *)value_at(to, values) = *(const ws_operands *)value;
        break;
    }
}

static const char *last_text(const ws_operands *texts)
{
    return texts->n_items > 0 ? texts->items[texts->n_items - 1] : "";
}

void ws_flags_get_text(const ws_flag *flag, const void *values, char *text, size_t size)
{
    const void *value = const_value_at(flag, values);
    switch (flag->type) {
    case WS_FLAG_TEXT:
        (void)snprintf(text, size, "%s", *(const char *const *)value);
        break;
    case WS_FLAG_WHOLE:
        (void)snprintf(text, size, "%" PRId64, *(const int64_t *)value);
        break;
    case WS_FLAG_REAL: /* six digits, or as many as read back as the same number */
        for (int digits = 6; digits <= 17; digits++) {
            double back = 0;
            (void)snprintf(text, size, "%.*g", digits, *(const double *)value);
            if (ws_text_to_double(text, &back) && !(back < *(const double *)value) &&
                !(back > *(const double *)value))
                break;
        }
        break;
    case WS_FLAG_BOOL:
        (void)snprintf(text, size, "%s", *(const bool *)value ? "true" : "false");
        break;
    case WS_FLAG_TEXTS: /* the last one: to be shown, not to be read again */
        (void)snprintf(text, size, "%s", last_text(value));
        break;
    }
}

/** Prints text in lines of at most 80 columns, each behind indent blanks. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
    int column = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        if (column > 0 && column + 1 + (int)length > 80) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            column = fprintf(out, "%*s%.*s", indent, "", (int)length, text);
        else
            column += fprintf(out, " %.*s", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void ws_flags_print_help(const ws_flag_table *table, FILE *out)
{
    static const char *const usual_titles[WS_N_FLAG_GROUPS] = {
        [WS_FLAGS_DATA] = "Data",
        [WS_FLAGS_FEATURES] = "Features",
        [WS_FLAGS_MODEL] = "Model and training",
        [WS_FLAGS_RUN] = "The run",
        [WS_FLAGS_OUTPUT] = "Output",
    };
    const char *const *titles = table->titles != NULL ? table->titles : usual_titles;

    fprintf(out, "Usage: wordspot %s [--flag=value ...]", table->command);
    if (table->operands_name != NULL)
        fprintf(out, " [%s ...]", table->operands_name);
    fprintf(out, "\n\n");
    print_wrapped(out, table->summary, 0);
    for (int group = 0; group < WS_N_FLAG_GROUPS; group++) {
        bool titled = false;
        for (size_t i = 0; i < table->n_flags; i++) {
            const ws_flag *flag = &table->flags[i];
            if ((int)flag->group != group)
                continue;
            if (!titled)
                fprintf(out, "\n%s\n", titles[group]);
            titled = true;
            fprintf(out, flag->traits & WS_FLAG_BARE ? "  --%s[=%s]" : "  --%s=%s", flag->name,
                    flag->value_name);
            if (flag->initial[0] != '\0')
                fprintf(out, "  (default: %s)", flag->initial);
            fputc('\n', out);
            print_wrapped(out, flag->help, 6);
        }
    }
    fputc('\n', out);
    print_wrapped(
        out,
        "A flag may be written --flag=value or --flag value, with hyphens for underscores, "
        "and cut short as long as it stays unmistakable. Booleans take true, false, yes, no, 1 and "
        "0.",
        0);
    fputc('\n', out);
    print_wrapped(out,
                  "Exit codes: 0 good; 1 failed, one line says why; 2 wrong flags; 128 + n stopped "
                  "by signal n, after saving (130 by Ctrl-C, 143 by SIGTERM).",
                  0);
}
