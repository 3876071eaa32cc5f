#include "settings/flags.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *value_at(const ws_flag *flag, void *values)
{
    return (unsigned char *)values + flag->offset;
}

static const void *const_value_at(const ws_flag *flag, const void *values)
{
    return (const unsigned char *)values + flag->offset;
}

bool ws_flag_read_bool(const char *text, bool *value)
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

/* -- from text to values */

static ws_status fail_number(const ws_flag *flag, const char *text, ws_error *err)
{
    const char *kind = flag->type == WS_FLAG_WHOLE ? "a whole number" : "a number";
    if (isinf(flag->max))
        return ws_fail(err, WS_EUSAGE, "--%s=%.200s: expected %s of at least %g", flag->name, text,
                       kind, flag->min);
    return ws_fail(err, WS_EUSAGE, "--%s=%.200s: expected %s from %.15g to %.15g", flag->name, text,
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

static ws_status put_number(const ws_flag *flag, const char *text, void *value, ws_error *err)
{
    char number[512]; /* the longest double in plain digits has 309, and more after the point */
    int64_t whole = 0;
    double real = 0;

    if ((size_t)snprintf(number, sizeof number, "%s", text) >= sizeof number)
        return fail_number(flag, text, err);
    ws_text_drop_blanks(number, "");
    const bool is_whole = flag->type == WS_FLAG_WHOLE;
    const bool is_number =
        is_whole ? ws_text_to_int64(number, &whole) : ws_text_to_double(number, &real);
    if (is_whole)
        real = (double)whole;
    if (!is_number || !isfinite(real) || real < flag->min || real > flag->max)
        return fail_number(flag, text, err);
    if (is_whole)
        *(int64_t *)value = whole;
    else
        *(double *)value = real;
    return WS_OK;
}

ws_status ws_flag_put(const ws_flag *flag, const char *text, void *values, ws_error *err)
{
    void *value = value_at(flag, values);

    switch (flag->type) {
    case WS_FLAG_TEXT:
    case WS_FLAG_PATH:
    case WS_FLAG_NUMBERS:
        if (check_text(flag, text, err) != WS_OK)
            return WS_EUSAGE;
        *(const char **)value = text;
        break;
    case WS_FLAG_WHOLE:
    case WS_FLAG_REAL:
        return put_number(flag, text, value, err);
    case WS_FLAG_BOOL:
        if (!ws_flag_read_bool(text, (bool *)value))
            return ws_fail(err, WS_EUSAGE,
                           "--%s=%.200s: expected true or false (yes, no, 1 and 0 also work)",
                           flag->name, text);
        break;
    case WS_FLAG_TEXTS: {
        ws_operands *texts = value;
        if (check_text(flag, text, err) != WS_OK)
            return WS_EUSAGE;
        texts->items[texts->n_items++] = text;
        break;
    }
    case WS_FLAG_PICK:
        assert(false && "a pick has no value of its own");
        break;
    }
    return WS_OK;
}

/** Makes a text the last item of texts; takes it over. */
static ws_status keep(char *made, const char **text, ws_text_list *texts, ws_error *err)
{
    const ws_status status = made != NULL ? ws_text_list_push(texts, made) : WS_ENOMEM;

    free(made);
    if (status != WS_OK)
        return ws_fail_memory(err, "the value of a flag");
    *text = texts->items[texts->n_items - 1];
    return WS_OK;
}

static ws_status expand_home(const ws_flag *flag, const char **text, ws_text_list *texts,
                             ws_error *err)
{
    const char *path = *text;
    const char *home = getenv("HOME");

    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0'))
        return WS_OK;
    if (home == NULL || home[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--%s=%.200s: the environment variable HOME is not set, so there is no home "
                       "directory; write the whole path",
                       flag->name, path);
    size_t n = strlen(home);
    while (n > 1 && home[n - 1] == '/')
        n--;
    if (n == 1 && home[0] == '/' && path[1] == '/')
        n = 0; /* "/" and "/a" make "/a" */
    return keep(ws_text_format("%.*s%s", (int)n, home, path + 1), text, texts, err);
}

/** Drops blanks at the ends of the list and beside its commas; others stay, to be refused. */
static ws_status drop_blanks(const char **text, ws_text_list *texts, ws_error *err)
{
    char *made = ws_text_copy(*text);

    if (made != NULL)
        ws_text_drop_blanks(made, ",");
    if (made == NULL || strcmp(made, *text) != 0)
        return keep(made, text, texts, err);
    free(made);
    return WS_OK;
}

ws_status ws_flag_normalise(const ws_flag *flag, const char **text, ws_text_list *texts,
                            ws_error *err)
{
    if (flag->type == WS_FLAG_PATH)
        return expand_home(flag, text, texts, err);
    if (flag->type == WS_FLAG_NUMBERS)
        return drop_blanks(text, texts, err);
    return WS_OK;
}

/* -- from values to text */

static const char *last_text(const ws_operands *texts)
{
    return texts->n_items > 0 ? texts->items[texts->n_items - 1] : "";
}

/** Six digits, or as many as read back as the same number. */
static void write_real(double value, char *text, size_t size)
{
    for (int digits = 6; digits <= 17; digits++) {
        double back = 0;
        (void)snprintf(text, size, "%.*g", digits, value);
        if (ws_text_to_double(text, &back) && !(back < value) && !(back > value))
            break;
    }
}

void ws_flag_get_text(const ws_flag *flag, const void *values, char *text, size_t size)
{
    const void *value = const_value_at(flag, values);

    text[0] = '\0';
    switch (flag->type) {
    case WS_FLAG_TEXT:
    case WS_FLAG_PATH:
    case WS_FLAG_NUMBERS:
        (void)snprintf(text, size, "%s", *(const char *const *)value);
        break;
    case WS_FLAG_WHOLE:
        (void)snprintf(text, size, "%" PRId64, *(const int64_t *)value);
        break;
    case WS_FLAG_REAL:
        write_real(*(const double *)value, text, size);
        break;
    case WS_FLAG_BOOL:
        (void)snprintf(text, size, "%s", *(const bool *)value ? "true" : "false");
        break;
    case WS_FLAG_TEXTS: /* the last one: to be shown, not to be read again */
        (void)snprintf(text, size, "%s", last_text(value));
        break;
    case WS_FLAG_PICK:
        assert(false && "a pick has no value of its own");
        break;
    }
}

/* -- tables */

size_t ws_flags_find(const ws_flag_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_flags && strcmp(table->flags[i].name, name) != 0)
        i++;
    return i;
}

ws_flag ws_flags_get_row(const ws_flag_table *table, size_t index)
{
    const ws_flag *own = &table->flags[index];
    if (own->type != WS_FLAG_PICK)
        return *own;
    const size_t picked = ws_flags_find(table->base, own->name);
    assert(picked < table->base->n_flags);
    ws_flag row = table->base->flags[picked];
    row.offset += table->base_offset;
    row.group = own->group;
    if (own->initial != NULL)
        row.initial = own->initial;
    if (own->value_name != NULL)
        row.value_name = own->value_name;
    if (own->help != NULL)
        row.help = own->help;
    return row;
}

/** @param offset  of the table's struct of values in values */
static void set_initial(const ws_flag_table *table, void *values, size_t offset)
{
    if (table->base != NULL)
        set_initial(table->base, values, offset + table->base_offset);
    for (size_t i = 0; i < table->n_flags; i++) {
        ws_flag flag = ws_flags_get_row(table, i);
        flag.offset += offset;
        if (flag.type == WS_FLAG_TEXTS) {
            *(ws_operands *)value_at(&flag, values) = (ws_operands){.items = NULL};
            continue;
        }
        /* a default is within its own bounds, and in normal form; a test makes sure */
        const ws_status status = ws_flag_put(&flag, flag.initial, values, NULL);
        (void)status;
    }
}

ws_status ws_flags_init(ws_flags *flags, const ws_flag_table *table, void *values, ws_error *err)
{
    *flags = (ws_flags){.table = table, .values = values};
    set_initial(table, values, 0);
    flags->given = calloc(table->n_flags + 1, sizeof *flags->given);
    return flags->given != NULL ? WS_OK : ws_fail_memory(err, "flags");
}

void ws_flags_deinit(ws_flags *flags)
{
    free(flags->given);
    free(flags->room);
    ws_text_list_deinit(&flags->texts);
    *flags = (ws_flags){.table = NULL};
}

bool ws_flags_is_given(const ws_flags *flags, const char *name)
{
    const size_t i = ws_flags_find(flags->table, name);
    return i < flags->table->n_flags && flags->given[i];
}

ws_status ws_flags_set(ws_flags *flags, size_t index, const char *text, ws_error *err)
{
    const ws_flag flag = ws_flags_get_row(flags->table, index);
    const ws_status status = ws_flag_normalise(&flag, &text, &flags->texts, err);

    return status == WS_OK ? ws_flag_put(&flag, text, flags->values, err) : status;
}
