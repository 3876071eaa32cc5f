#include "synth/voice.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

#define MAX_VERSION_BYTES 255

extern char **environ;

static ws_status fail_start(ws_error *err, int reason, const char *espeak)
{
    if (reason == ENOENT)
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: no such program; it speaks the words, and on Debian or Ubuntu "
                       "`apt-get install espeak-ng` brings it",
                       espeak);
    return ws_fail_errno(err, reason, "%s: cannot be started", espeak);
}

/** Where its input, output and errors go; out_fd -1: nowhere. */
static int set_streams(posix_spawn_file_actions_t *actions, int out_fd)
{
    int reason = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (reason == 0 && out_fd >= 0)
        reason = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    else if (reason == 0)
        reason = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (reason == 0)
        reason = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    return reason;
}

/**
 * Starts a program without a shell, in a process group of its own: a Ctrl-C at the terminal is
 * for us, who finish the clip and stop, and not for the program that speaks it.
 */
static int start(const char *const *argv, int out_fd, pid_t *pid)
{
    /* argv's strings are not written to: the type is older than const */
    const union {
        const char *const *in;
        char *const *out;
    } arguments = {.in = argv};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0)
        return reason;
    reason = posix_spawnattr_init(&attributes);
    if (reason == 0) {
        reason = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        if (reason == 0)
            reason = posix_spawnattr_setpgroup(&attributes, 0);
        if (reason == 0)
            reason = set_streams(&actions, out_fd);
        if (reason == 0)
            reason = posix_spawnp(pid, argv[0], &actions, &attributes, arguments.out, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/** Waits for its end. @return its exit code, 128 + signal if it was killed, -1 if lost. */
static int wait_for(pid_t pid)
{
    int how;
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

/** All that comes, of which the first capacity bytes are kept. */
static size_t read_to_end(int fd, char *text, size_t capacity)
{
    char rest[256];
    size_t n_kept = 0;
    for (;;) {
        const bool is_full = n_kept == capacity;
        const ssize_t n =
            is_full ? read(fd, rest, sizeof rest) : read(fd, text + n_kept, capacity - n_kept);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n_kept;
        if (!is_full)
            n_kept += (size_t)n;
    }
}

ws_status ws_synth_voice_read_version(const char *espeak, char **version, ws_error *err)
{
    const char *const argv[] = {espeak, "--version", NULL};
    char text[MAX_VERSION_BYTES + 1];
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        return ws_fail_errno(err, errno, "%s: cannot be started: no pipe", espeak);
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const int reason = start(argv, ends[1], &pid);
    (void)close(ends[1]);
    if (reason != 0) {
        (void)close(ends[0]);
        return fail_start(err, reason, espeak);
    }
    text[read_to_end(ends[0], text, MAX_VERSION_BYTES)] = '\0';
    (void)close(ends[0]);
    const int exit_code = wait_for(pid);
    text[strcspn(text, "\r\n")] = '\0';
    char *place = strstr(text, "  Data at:"); /* differs between machines, not between voices */
    if (place != NULL)
        *place = '\0';
    if (exit_code != 0 || text[0] == '\0')
        return ws_fail(err, WS_EIO,
                       "%s --version: ended with exit code %d and said \"%s\"; expected eSpeak NG",
                       espeak, exit_code, text);
    *version = ws_text_copy(text);
    return *version != NULL ? WS_OK : ws_fail_memory(err, "a version");
}

ws_status ws_synth_voice_write(const char *espeak, const ws_synth_utterance *what,
                               const char *wav_path, ws_error *err)
{
    char pitch[16], speed[16];
    pid_t pid;
    const char *const argv[] = {espeak, "-v", what->voice, "-p", pitch,      "-s",
                                speed,  "-w", wav_path,    "--", what->text, NULL};

    (void)snprintf(pitch, sizeof pitch, "%d", what->pitch);
    (void)snprintf(speed, sizeof speed, "%d", what->speed_wpm);
    const int reason = start(argv, -1, &pid);
    if (reason != 0)
        return fail_start(err, reason, espeak);
    const int exit_code = wait_for(pid);
    if (exit_code == 127) /* where posix_spawn reports a missing program as the child's end */
        return fail_start(err, ENOENT, espeak);
    if (exit_code != 0)
        return ws_fail(err, WS_EFORMAT, "%s: ended with exit code %d while saying \"%s\" as %s",
                       espeak, exit_code, what->text, what->voice);
    return WS_OK;
}
