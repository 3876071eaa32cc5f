/* The manual page, made from the flag tables. */
#include <string.h>

#include "cmd/help.h"
#include "cmd/reference.h"

/** Text with what troff would take for its own: backslashes, and a dot or quote that begins a
 *  line. Hyphens are those of a keyboard, so that a flag can be copied. */
static void print_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\':
            fputs("\\e", out);
            break;
        case '-':
            fputs("\\-", out);
            break;
        case '`': /* `code` */
            fputs("\\(ga", out);
            break;
        case '\n':
            fputc(' ', out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static void print_flag(const ws_flag *flag, FILE *out)
{
    fputs(".TP\n\\fB\\-\\-", out);
    print_text(out, flag->name);
    fputs(flag->traits & WS_FLAG_BARE ? "\\fR[=\\fI" : "\\fR=\\fI", out);
    print_text(out, flag->value_name);
    fputs(flag->traits & WS_FLAG_BARE ? "\\fR]" : "\\fR", out);
    if (flag->initial[0] != '\0') {
        fputs(" (default: ", out);
        print_text(out, flag->initial);
        fputc(')', out);
    }
    fputc('\n', out);
    print_text(out, flag->help);
    fputc('\n', out);
}

static void print_command(const ws_command *command, FILE *out)
{
    const ws_flag_table *table = command->table;

    fputs(".SS wordspot ", out);
    print_text(out, command->name);
    if (table->operands_name != NULL)
        fprintf(out, " [%s ...]", table->operands_name);
    fputc('\n', out);
    print_text(out, table->summary);
    fputc('\n', out);
    for (int group = 0; group < WS_N_FLAG_GROUPS; group++) {
        for (size_t i = 0; i < table->n_flags; i++) {
            const ws_flag flag = ws_flags_get_row(table, i);
            if ((int)flag.group == group)
                print_flag(&flag, out);
        }
    }
}

static void print_names(const ws_command_list *list, FILE *out)
{
    for (size_t i = 0; i < list->n_commands; i++) {
        fputs(".TP\n\\fB", out);
        print_text(out, list->commands[i]->name);
        fputs("\\fR\n", out);
        print_text(out, list->commands[i]->summary);
        fputc('\n', out);
    }
}

void ws_reference_print_manual(const ws_command_list *list, FILE *out)
{
    static const char description[] =
        "Trains small networks that spot spoken words, in the manner of TensorFlow's "
        "speech_commands example, and shows it in TensorBoard.";

    fprintf(out, ".TH WORDSPOT 1 \"\" \"wordspot %s\" \"User Commands\"\n", list->version);
    fputs(".SH NAME\nwordspot \\- train networks that spot spoken words\n", out);
    fputs(".SH SYNOPSIS\n.B wordspot\n.I COMMAND\n[\\fB\\-\\-flag\\fR=\\fIvalue\\fR ...]\n", out);
    fputs(".SH DESCRIPTION\n", out);
    print_text(out, description);
    fputs("\n.SH COMMANDS\n", out);
    print_names(list, out);
    fputs(".SH OPTIONS\n", out);
    print_text(out, ws_help_rules);
    fputc('\n', out);
    for (size_t i = 0; i < list->n_commands; i++)
        print_command(list->commands[i], out);
    fputs(".SH EXIT STATUS\n"
          "0: good. 1: failed, one line says why. 2: wrong usage.\n"
          "128 + n: stopped by signal n, after saving (130 by Ctrl\\-C, 143 by SIGTERM).\n",
          out);
    fputs(".SH SEE ALSO\nThe README that comes with the sources.\n", out);
}
