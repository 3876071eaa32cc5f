#include "cmd/stop.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"

static volatile sig_atomic_t stop_signal; /* 0: none so far */
static const char *stop_note;

static void note_signal(int signal_number)
{
    if (stop_signal != 0)
        _exit(WS_EXIT_SIGNAL + signal_number);
    stop_signal = signal_number;
    /* the step may take a while, so say at once that the key was heard */
    const ssize_t n_written = write(STDERR_FILENO, stop_note, strlen(stop_note));
    (void)n_written;
}

void ws_stop_watch(const char *note)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};

    stop_note = note;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction old;
        /* what a parent has switched off (nohup, a shell's background jobs) stays off */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(signals[i], &action, NULL);
    }
}

bool ws_stop_wanted(void *user)
{
    (void)user;
    return stop_signal != 0;
}

int ws_stop_exit_code(void)
{
    return WS_EXIT_SIGNAL + (int)stop_signal;
}
