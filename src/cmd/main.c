/* The program `wordspot`: finds the sub-command and hands the rest of the arguments to it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lookup.h"
#include "cmd/command.h"
#include "cmd/reference.h"

static const char *command_name_at(size_t i)
{
    return ws_commands[i]->name;
}

static int print_help(void)
{
    printf("Usage: wordspot COMMAND [--flag=value ...]\n\n"
           "Trains small networks that spot spoken words, and shows it in TensorBoard.\n\n");
    for (size_t i = 0; i < ws_n_commands; i++)
        printf("  %-28s %s\n", ws_commands[i]->name, ws_commands[i]->summary);
    printf("\n`wordspot COMMAND --help` lists its flags.\n");
    return WS_EXIT_OK;
}

/** For packagers: what follows from the flag tables. */
static int generate(const char *what)
{
    const ws_command_list list = {ws_commands, ws_n_commands, WS_VERSION};

    if (strcmp(what, "man") == 0) {
        ws_reference_print_manual(&list, stdout);
        return WS_EXIT_OK;
    }
    if (strcmp(what, "complete-bash") == 0) {
        ws_reference_print_bash(&list, stdout);
        return WS_EXIT_OK;
    }
    fprintf(stderr, "wordspot: --generate=%s: expected man or complete-bash\n", what);
    return WS_EXIT_USAGE;
}

/** Whether a command's name is this word and another one after it. */
static bool is_first_word(const ws_command *command, const char *word)
{
    const size_t length = strlen(word);
    return strncmp(command->name, word, length) == 0 && command->name[length] == ' ';
}

/** The command that the first arguments name: one word or two. @param n_words  set to how many
 *  @return NULL: there is no such command; then n_words is 1, or 2 if the first one is known */
static const ws_command *find_command(int argc, char **argv, int *n_words)
{
    *n_words = 1;
    for (size_t i = 0; i < ws_n_commands; i++) {
        if (strcmp(argv[1], ws_commands[i]->name) == 0)
            return ws_commands[i];
        if (!is_first_word(ws_commands[i], argv[1]))
            continue;
        *n_words = 2;
        if (argc > 2 && strcmp(argv[2], ws_commands[i]->name + strlen(argv[1]) + 1) == 0)
            return ws_commands[i];
    }
    return NULL;
}

/** `wordspot events --help`: the commands whose names begin with that word. */
static int print_group_help(const char *word)
{
    printf("Usage: wordspot %s ACTION [--flag=value ...]\n\n", word);
    for (size_t i = 0; i < ws_n_commands; i++)
        if (is_first_word(ws_commands[i], word))
            printf("  %-14s %s\n", ws_commands[i]->name + strlen(word) + 1,
                   ws_commands[i]->summary);
    printf("\n`wordspot %s ACTION --help` lists its flags.\n", word);
    return WS_EXIT_OK;
}

/** @param action  the second word, which names no command of the group; NULL: it is missing */
static int fail_action(const char *word, const char *action)
{
    const char *separator = " ";

    if (action != NULL)
        fprintf(stderr, "wordspot %s: unknown action \"%s\", expected one of:", word, action);
    else
        fprintf(stderr, "wordspot %s: an action is missing, expected one of:", word);
    for (size_t i = 0; i < ws_n_commands; i++) {
        if (!is_first_word(ws_commands[i], word))
            continue;
        fprintf(stderr, "%s%s", separator, ws_commands[i]->name + strlen(word) + 1);
        separator = ", ";
    }
    fputc('\n', stderr);
    return WS_EXIT_USAGE;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int fail_unknown(const char *name)
{
    const char *closest = ws_closest_name(name, command_name_at, ws_n_commands);
    fprintf(stderr, "wordspot: unknown command \"%s\"", name);
    if (closest != NULL)
        fprintf(stderr, ", did you mean \"%s\"?\n", closest);
    else
        fprintf(stderr, "; `wordspot --help` lists them\n");
    return WS_EXIT_USAGE;
}

/** A standard stream that the caller has closed would lend its number to the next file that is
 *  opened, and what is printed would end up in there. */
static void open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            _Exit(WS_EXIT_FAILED);
}

/** What a command has printed must have got to where it should; one that failed has said why. A
 *  reader that has gone (`head`) is told nothing. @return the exit code */
static int close_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code == WS_EXIT_OK && errno != EPIPE)
        fprintf(stderr, "wordspot: cannot write to standard output: %s\n", strerror(errno));
    return code == WS_EXIT_OK ? WS_EXIT_FAILED : code;
}

/** `wordspot help train`: what `wordspot train --help` prints. An unknown name is an error, as
 * it is without "help". */
static int print_help_of(int argc, char **argv)
{
    char flag[] = "--help";
    char *const arguments[] = {flag};
    int n_words;

    const ws_command *command = find_command(argc - 1, argv + 1, &n_words);
    if (command != NULL)
        return command->run(argv[0], 1, arguments);
    if (n_words == 1)
        return fail_unknown(argv[2]);
    return argc > 3 && !is_help(argv[3]) ? fail_action(argv[2], argv[3])
                                         : print_group_help(argv[2]);
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "wordspot: a command is missing; `wordspot --help` lists them\n");
        return WS_EXIT_USAGE;
    }
    const bool is_word = strcmp(argv[1], "help") == 0;
    if (is_word && argc > 2)
        return print_help_of(argc, argv);
    if (is_word || is_help(argv[1]))
        return print_help();
    if (strncmp(argv[1], "--generate=", strlen("--generate=")) == 0)
        return generate(argv[1] + strlen("--generate="));
    if (strcmp(argv[1], "--version") == 0) {
        printf("wordspot %s\n", WS_VERSION);
        return WS_EXIT_OK;
    }
    int n_words;
    const ws_command *command = find_command(argc, argv, &n_words);
    if (command != NULL)
        return command->run(argv[0], argc - 1 - n_words, argv + 1 + n_words);
    if (n_words == 1)
        return fail_unknown(argv[1]);
    return argc > 2 && is_help(argv[2]) ? print_group_help(argv[1])
                                        : fail_action(argv[1], argc > 2 ? argv[2] : NULL);
}

int main(int argc, char **argv)
{
    open_standard_streams();
    /* a file that grows too large, or a reader of our lines that has gone (Ctrl-C ends `tee` too),
     * shall be no sudden end of a run that has something to save */
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    return close_output(run_command(argc, argv));
}
