#include "cmd/listen_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_RUNNING = 8 };

/** Notes the commands that have ended, until at most n run. @param flags  of waitpid() */
static void collect(ws_listen_runner *runner, size_t n, int flags)
{
    while (runner->n_running > n) {
        const pid_t child = waitpid(-1, NULL, flags);
        if (child < 0 && errno == EINTR)
            continue;
        if (child <= 0)
            break;
        runner->n_running--;
    }
}

static _Noreturn void run_child(const char *command, const wordspot_heard *heard)
{
    char score[32], time[32];
    const int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        (void)dup2(nothing, STDIN_FILENO); /* the sound may come from there */
    (void)snprintf(score, sizeof score, "%.4f", heard->score);
    (void)snprintf(time, sizeof time, "%.3f", heard->start_s);
    if (setenv("WORDSPOT_WORD", heard->word, 1) == 0 && setenv("WORDSPOT_SCORE", score, 1) == 0 &&
        setenv("WORDSPOT_TIME", time, 1) == 0)
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

void ws_listen_runner_start(ws_listen_runner *runner, const wordspot_heard *heard)
{
    if (runner->command[0] == '\0')
        return;
    collect(runner, 0, WNOHANG);
    if (runner->waits)
        collect(runner, MAX_RUNNING - 1, 0);
    if (runner->n_running == MAX_RUNNING) {
        ws_log_write(runner->log, WS_LOG_WARN,
                     "--exec: not run for \"%s\": %d commands are still running", heard->word,
                     MAX_RUNNING);
        return;
    }
    (void)fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        run_child(runner->command, heard);
    if (child > 0)
        runner->n_running++;
    else
        ws_log_write(runner->log, WS_LOG_WARN, "--exec: not run for \"%s\": %s", heard->word,
                     strerror(errno));
}

void ws_listen_runner_finish(ws_listen_runner *runner)
{
    collect(runner, 0, 0);
}
