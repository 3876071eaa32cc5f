/* Completion for bash, made from the flag tables. */
#include <stdbool.h>
#include <string.h>

#include "cmd/reference.h"

/** What completes a flag's value: a bash command that lists words. */
static const char *value_source(const ws_flag *flag)
{
    if (flag->type == WS_FLAG_PATH)
        return strcmp(flag->value_name, "DIR") == 0 ? "compgen -d -- \"$value\""
                                                    : "compgen -f -- \"$value\"";
    if (flag->type == WS_FLAG_BOOL)
        return "compgen -W 'true false' -- \"$value\"";
    return NULL;
}

/** The flags of a command, and how their values are completed. */
static void print_command(const ws_command *command, FILE *out)
{
    const ws_flag_table *table = command->table;

    fprintf(out, "    '%s')\n        operands=%s\n        flags='--help", command->name,
            table->operands_name != NULL ? "yes" : "");
    for (size_t i = 0; i < table->n_flags; i++)
        fprintf(out, " --%s=", table->flags[i].name);
    fputs("'\n        case $flag in\n", out);
    for (size_t i = 0; i < table->n_flags; i++) {
        const ws_flag flag = ws_flags_get_row(table, i);
        const char *source = value_source(&flag);
        if (source != NULL)
            fprintf(out, "        --%s) words=$(%s) ;;\n", flag.name, source);
    }
    fputs("        esac\n        ;;\n", out);
}

/** Length of the first word of a command's name. */
static int first_word(const ws_command *command)
{
    return (int)strcspn(command->name, " ");
}

/** Whether it is the first command of the list whose name begins with that word. */
static bool begins_group(const ws_command_list *list, size_t i)
{
    const int length = first_word(list->commands[i]);

    for (size_t k = 0; k < i; k++)
        if (first_word(list->commands[k]) == length &&
            strncmp(list->commands[k]->name, list->commands[i]->name, (size_t)length) == 0)
            return false;
    return true;
}

/** The second word, of those groups of commands that have one. */
static void print_groups(const ws_command_list *list, FILE *out)
{
    for (size_t i = 0; i < list->n_commands; i++) {
        const char *name = list->commands[i]->name;
        const int length = first_word(list->commands[i]);
        if (name[length] == '\0' || !begins_group(list, i))
            continue;
        fprintf(out, "    if [ \"$command\" = %.*s ]; then\n", length, name);
        fputs("        [ \"$COMP_CWORD\" -eq 2 ] && flags='--help", out);
        for (size_t k = i; k < list->n_commands; k++)
            if (strncmp(list->commands[k]->name, name, (size_t)length + 1) == 0)
                fprintf(out, " %s", list->commands[k]->name + length + 1);
        fputs("'\n        command=\"$command ${COMP_WORDS[2]}\"\n    fi\n", out);
    }
}

void ws_reference_print_bash(const ws_command_list *list, FILE *out)
{
    /* bash breaks a line at "=" too, so that --flag=value are three words; both ways are met */
    static const char start[] =
        "# bash completion for wordspot, made by `wordspot --generate=complete-bash`\n"
        "_wordspot()\n"
        "{\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    local flag= value=$current flags= words= operands=\n"
        "    COMPREPLY=()\n"
        "    if [ \"$current\" = = ]; then\n"
        "        flag=$before value=\n"
        "    elif [ \"$before\" = = ]; then\n"
        "        flag=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "    elif [ \"${before#--}\" != \"$before\" ]; then\n"
        "        flag=$before\n"
        "    fi\n";
    static const char end[] =
        "    esac\n"
        "    if [ -n \"$words\" ]; then\n"
        "        mapfile -t COMPREPLY <<<\"$words\"\n"
        "        compopt -o filenames 2>/dev/null\n"
        "    elif [ -z \"$flag\" ] || [ \"$flag\" = \"$before\" ] && [ \"$current\" != = ]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
        "        if [ -n \"$operands\" ] && [ \"${current#-}\" = \"$current\" ]; then\n"
        "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
        "            compopt -o filenames 2>/dev/null\n"
        "            return 0\n"
        "        fi\n"
        "        [ \"${COMPREPLY[0]: -1}\" = = ] && compopt -o nospace 2>/dev/null\n"
        "    fi\n"
        "    return 0\n"
        "}\n"
        "complete -F _wordspot wordspot\n";

    fputs(start, out);
    fputs("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        flags='--help --version", out);
    for (size_t i = 0; i < list->n_commands; i++)
        if (begins_group(list, i))
            fprintf(out, " %.*s", first_word(list->commands[i]), list->commands[i]->name);
    fputs("'\n    fi\n    local command=${COMP_WORDS[1]}\n", out);
    print_groups(list, out);
    fputs("    case $command in\n", out);
    for (size_t i = 0; i < list->n_commands; i++)
        print_command(list->commands[i], out);
    fputs(end, out);
}
