/* The flag tables of all sub-commands: what must hold for every row. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/command.h"

/** Fails the test with the flag's name before a sentence. */
#define EXPECT(condition, command, flag, sentence)                                       \
    do {                                                                                 \
        if (!(condition))                                                                \
            fail_msg("wordspot %s --%s: %s", (command)->name, (flag)->name, (sentence)); \
    } while (false)

/** Calls a check for each row, as its command sees it. */
static void for_each_row(void (*check)(const ws_command *command, const ws_flag *row, size_t index))
{
    assert_true(ws_n_commands > 10);
    for (size_t i = 0; i < ws_n_commands; i++) {
        for (size_t k = 0; k < ws_commands[i]->table->n_flags; k++) {
            const ws_flag row = ws_flags_get_row(ws_commands[i]->table, k);
            check(ws_commands[i], &row, k);
        }
    }
}

static bool is_name(const char *name)
{
    return islower((unsigned char)name[0]) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static void check_name(const ws_command *command, const ws_flag *row, size_t index)
{
    const ws_flag_table *table = command->table;

    EXPECT(is_name(row->name), command, row, "expected lower case, digits and underscores");
    EXPECT(strcmp(row->name, "help") != 0, command, row, "is in every command already");
    EXPECT(ws_flags_find(table, row->name) == index, command, row, "is there twice");
    for (size_t i = 0; i < table->n_aliases; i++)
        EXPECT(strcmp(table->aliases[i].name, row->name) != 0, command, row, "is an alias, too");
}

static void names_are_unique_and_well_formed(void **state)
{
    (void)state;
    for_each_row(check_name);
    for (size_t i = 0; i < ws_n_commands; i++) {
        const ws_flag_table *table = ws_commands[i]->table;
        for (size_t k = 0; k < table->n_aliases; k++) {
            assert_true(is_name(table->aliases[k].name));
            assert_true(ws_flags_find(table, table->aliases[k].flag) < table->n_flags);
        }
    }
}

static bool is_any_of(const char *text, const char *const *texts)
{
    while (*texts != NULL && strcmp(*texts, text) != 0)
        texts++;
    return *texts != NULL;
}

/* ~/ is understood, and the shell completes names, wherever --help promises a file. */
static void check_type(const ws_command *command, const ws_flag *row, size_t index)
{
    static const char *const paths[] = {"DIR", "FILE", "PATH", "PROGRAM", NULL};
    const bool is_path = is_any_of(row->value_name, paths);
    (void)index;

    EXPECT(is_path == (row->type == WS_FLAG_PATH), command, row,
           "DIR, FILE, PATH or PROGRAM is the value's name of every WS_FLAG_PATH, and of no other");
    EXPECT((strcmp(row->value_name, "BOOL") == 0) == (row->type == WS_FLAG_BOOL), command, row,
           "BOOL is the value's name of every WS_FLAG_BOOL, and of no other");
    EXPECT(row->value_name[0] != '\0', command, row, "its value has no name");
    for (const char *p = row->value_name; *p != '\0'; p++)
        EXPECT(!islower((unsigned char)*p), command, row, "the value's name is in capitals");
}

static void names_of_values_say_their_types(void **state)
{
    (void)state;
    for_each_row(check_type);
}

/** Whether it is made of sentences: a capital or a value with a colon first, a full stop last,
 * single spaces. */
static bool is_prose(const char *text)
{
    const size_t n = strlen(text);
    const bool begins_well = !islower((unsigned char)text[0]) || text[strcspn(text, " :")] == ':';
    return n > 1 && begins_well && text[n - 1] == '.' && text[n - 2] != '.' &&
           strstr(text, "  ") == NULL && strchr(text, '\n') == NULL;
}

static void check_help(const ws_command *command, const ws_flag *row, size_t index)
{
    (void)index;
    EXPECT(is_prose(row->help), command, row, "its help is not made of sentences");
    EXPECT(row->group < WS_N_FLAG_GROUPS, command, row, "has no section");
}

static void help_is_made_of_sentences(void **state)
{
    (void)state;
    for_each_row(check_help);
    for (size_t i = 0; i < ws_n_commands; i++) {
        const ws_command *command = ws_commands[i];
        if (strcmp(command->table->command, command->name) != 0)
            fail_msg("wordspot %s: its table says \"%s\"", command->name, command->table->command);
        if (!is_prose(command->table->summary))
            fail_msg("wordspot %s: \"%s\"", command->name, command->table->summary);
        if (command->summary[strlen(command->summary) - 1] == '.')
            fail_msg("wordspot %s: \"%s\"", command->name, command->summary);
    }
}

enum { MAX_VALUES = 1 << 14 }; /* bytes of a struct of values */

static void check_default(const ws_command *command, const ws_flag *row, size_t index)
{
    static _Alignas(16) char values[MAX_VALUES];
    static char text[WS_FLAG_MAX_TEXT], again[WS_FLAG_MAX_TEXT];
    const char *initial = row->initial;
    ws_text_list texts = {.items = NULL};
    ws_error err = {0};
    (void)index;

    if (row->type == WS_FLAG_TEXTS)
        return;
    EXPECT(row->offset + sizeof(ws_operands) <= MAX_VALUES, command, row, "lies too far");
    EXPECT(row->min <= row->max, command, row, "has no value within its bounds");
    EXPECT(ws_flag_normalise(row, &initial, &texts, &err) == WS_OK, command, row, err.message);
    EXPECT(strcmp(initial, row->initial) == 0, command, row, "its default is not in normal form");
    EXPECT(ws_flag_put(row, initial, values, &err) == WS_OK, command, row, err.message);
    ws_flag_get_text(row, values, text, sizeof text);
    EXPECT(strlen(text) + 1 < sizeof text, command, row, "its default is too long");
    EXPECT(ws_flag_put(row, text, values, &err) == WS_OK, command, row, err.message);
    ws_flag_get_text(row, values, again, sizeof again);
    EXPECT(strcmp(text, again) == 0, command, row, "its default does not read back as the same");
    ws_text_list_deinit(&texts);
}

static void defaults_are_values(void **state)
{
    (void)state;
    for_each_row(check_default);
}

/* A copied row that keeps the old field would set another flag's value. */
static void check_place(const ws_command *command, const ws_flag *row, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        const ws_flag other = ws_flags_get_row(command->table, i);
        EXPECT(other.offset != row->offset, command, row, other.name);
    }
}

static void no_two_flags_share_a_value(void **state)
{
    (void)state;
    for_each_row(check_place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_well_formed),
        cmocka_unit_test(names_of_values_say_their_types),
        cmocka_unit_test(help_is_made_of_sentences),
        cmocka_unit_test(defaults_are_values),
        cmocka_unit_test(no_two_flags_share_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
