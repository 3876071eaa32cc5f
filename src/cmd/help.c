#include "cmd/help.h"

#include <string.h>

#include "settings/preset.h"

const char ws_help_rules[] =
    "A flag may be written --flag=value or --flag value, with hyphens instead of underscores. Its "
    "name may be shortened as long as no other flag starts the same. Booleans take true, false, "
    "yes, no, 1 and 0. A path may start with ~/, the home directory.";

/** Prints text in lines of at most 80 columns, each after indent blanks. */
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

static void print_flag(const ws_flag *flag, FILE *out)
{
    fprintf(out, flag->traits & WS_FLAG_BARE ? "  --%s[=%s]" : "  --%s=%s", flag->name,
            flag->value_name);
    if (flag->initial[0] != '\0')
        fprintf(out, "  (default: %s)", flag->initial);
    fputc('\n', out);
    print_wrapped(out, flag->help, 6);
}

void ws_help_print(const ws_flag_table *table, FILE *out)
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
        bool has_title = false;
        for (size_t i = 0; i < table->n_flags; i++) {
            const ws_flag flag = ws_flags_get_row(table, i);
            if ((int)flag.group != group)
                continue;
            if (!has_title)
                fprintf(out, "\n%s\n", titles[group]);
            has_title = true;
            print_flag(&flag, out);
        }
    }
    fputc('\n', out);
    print_wrapped(out, ws_help_rules, 0);
    fputc('\n', out);
    print_wrapped(out,
                  "Exit codes: 0 success; 1 failure, one line says why; 2 wrong flags; 128 + n "
                  "stopped by signal n, after saving (130 by Ctrl-C, 143 by SIGTERM).",
                  0);
}

void ws_help_print_presets(FILE *out)
{
    size_t n = 0;
    const ws_preset *presets = ws_presets_get(&n);

    print_wrapped(out,
                  "Presets of `wordspot train --preset=NAME`. A flag that is given on the command "
                  "line wins over the preset's value.",
                  0);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "\n%s\n", presets[i].name);
        print_wrapped(out, presets[i].summary, 2);
        for (const char *const *flag = presets[i].flags; *flag != NULL; flag++)
            fprintf(out, "      --%s\n", *flag);
    }
}
