#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_STARTED = 127 };

extern char **environ;

static ws_status fail_start(const ws_program *program, int reason, ws_error *err)
{
    const char *name = program->argv[0];

    if (reason == ENOENT && program->package != NULL)
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: no such program; it %s, and on Debian or Ubuntu "
                       "`apt-get install %s` brings it",
                       name, program->purpose, program->package);
    return ws_fail_errno(err, reason, "%s: cannot be started", name);
}

/** Where its input, output and errors go. @param in_fd, out_fd  -1: nowhere */
static int set_streams(posix_spawn_file_actions_t *actions, int in_fd, int out_fd)
{
    static const char nowhere[] = "/dev/null";
    int reason =
        in_fd >= 0 ? posix_spawn_file_actions_adddup2(actions, in_fd, STDIN_FILENO)
                   : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, nowhere, O_RDONLY, 0);

    if (reason == 0 && out_fd >= 0)
        reason = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    else if (reason == 0)
        reason = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, nowhere, O_WRONLY, 0);
    if (reason == 0)
        reason = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, nowhere, O_WRONLY, 0);
    return reason;
}

static int start(const char *const *argv, int in_fd, int out_fd, pid_t *pid)
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
            reason = set_streams(&actions, in_fd, out_fd);
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

/** A pipe that other programs do not inherit by accident. */
static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/** Puts the whole input into a pipe: it fits, so nobody has to read it yet. */
static int open_input(const char *input, size_t size)
{
    int ends[2];

    if (!open_pipe(ends))
        return -1;
    const bool is_written = write(ends[1], input, size) == (ssize_t)size;
    (void)close(ends[1]);
    if (is_written)
        return ends[0];
    (void)close(ends[0]);
    return -1;
}

ws_status ws_program_run(const ws_program *program, int *exit_code, ws_error *err)
{
    const size_t size = program->input != NULL ? strlen(program->input) : 0;
    int in_fd = -1, ends[2] = {-1, -1};
    pid_t pid;

    if (size > WS_PROGRAM_MAX_INPUT_BYTES)
        return ws_fail(err, WS_EINVAL, "%s: an input of %zu bytes; expected at most %d",
                       program->argv[0], size, WS_PROGRAM_MAX_INPUT_BYTES);
    if ((size > 0 && (in_fd = open_input(program->input, size)) < 0) ||
        (program->output != NULL && !open_pipe(ends))) {
        const int reason = errno;
        close_if_open(&in_fd);
        return ws_fail_errno(err, reason, "%s: cannot be started: no pipe", program->argv[0]);
    }
    const int reason = start(program->argv, in_fd, ends[1], &pid);
    close_if_open(&in_fd);
    close_if_open(&ends[1]);
    if (reason == 0 && program->output != NULL)
        program->output[read_to_end(ends[0], program->output, program->capacity)] = '\0';
    close_if_open(&ends[0]);
    if (reason != 0)
        return fail_start(program, reason, err);
    *exit_code = wait_for(pid);
    if (*exit_code == EXIT_NOT_STARTED && program->package != NULL)
        return fail_start(program, ENOENT, err); /* where a missing program is the child's end */
    return WS_OK;
}
