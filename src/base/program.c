#include "base/program.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { EXIT_NOT_STARTED = 127, EXIT_KILLED = -2 };

/* The child has one end of a pipe under this number, which closes when it ends. */
enum { ALIVE_FD = STDERR_FILENO + 1 };

/* While something that the child started still holds the pipe, its end is looked for this often. */
enum { MAX_WAIT_MS = 200, MAX_NAP_MS = 50 };

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

/** Where its input, output and errors go. @param in_fd, out_fd  -1: nowhere; alive_fd last: the
 *  others may have its number here */
static int set_streams(posix_spawn_file_actions_t *actions, int in_fd, int out_fd, int alive_fd)
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
    if (reason == 0)
        reason = posix_spawn_file_actions_adddup2(actions, alive_fd, ALIVE_FD);
    return reason;
}

static int start(const char *const *argv, int in_fd, int out_fd, int alive_fd, pid_t *pid)
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
            reason = set_streams(&actions, in_fd, out_fd, alive_fd);
        if (reason == 0)
            reason = posix_spawnp(pid, argv[0], &actions, &attributes, arguments.out, environ);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/** Milliseconds until the deadline, at most `most`, at least 0. */
static int left_ms(double deadline, int most)
{
    const double left = ceil(1000.0 * (deadline - ws_clock_monotonic()));

    return left <= 0.0 ? 0 : left < most ? (int)left : most;
}

/** Waits until the file can be read or is at its end. @return whether it is */
static bool wait_for_file(int fd, double deadline)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    for (;;) {
        const int ms = left_ms(deadline, INT_MAX);
        const int n = poll(&one, 1, ms);
        if (n > 0 || ms == 0)
            return n > 0;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

/** Kills the program and all that it started in its process group. */
static int kill_all(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return EXIT_KILLED;
}

/** Waits for its end. @return its exit code, 128 + signal if it was killed, -1 if lost,
 *  EXIT_KILLED after the deadline */
static int wait_for(pid_t pid, int alive_fd, double deadline)
{
    struct pollfd alive = {.fd = alive_fd, .events = POLLIN};

    for (int nap_ms = 1;;) {
        int how;
        const pid_t ended = waitpid(pid, &how, WNOHANG);
        if (ended == pid)
            return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
        if (ended < 0 && errno != EINTR)
            return -1;
        if (left_ms(deadline, 1) == 0)
            return kill_all(pid);
        if (alive.fd < 0 && nap_ms < MAX_NAP_MS)
            nap_ms *= 2;
        /* without a file it only waits */
        if (poll(&alive, 1, left_ms(deadline, alive.fd < 0 ? nap_ms : MAX_WAIT_MS)) > 0)
            alive.fd = -1; /* its end of the pipe is closed: it ends */
    }
}

/** All that comes until the deadline, of which the first capacity bytes are kept. */
static size_t read_to_end(int fd, char *text, size_t capacity, double deadline)
{
    char rest[256];
    size_t n_kept = 0;

    while (wait_for_file(fd, deadline)) {
        const bool is_full = n_kept == capacity;
        const ssize_t n =
            is_full ? read(fd, rest, sizeof rest) : read(fd, text + n_kept, capacity - n_kept);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        if (!is_full)
            n_kept += (size_t)n;
    }
    return n_kept;
}

/** A pipe that no program inherits which another thread starts meanwhile: it would keep it open. */
static bool open_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0;
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

/** The files of a run on our side; -1: none. */
typedef struct ends {
    int in;       /* the child reads it */
    int out[2];   /* what it writes */
    int alive[2]; /* nothing is written; it ends when the child does */
} ends;

static bool open_ends(const ws_program *program, size_t input_size, ends *e)
{
    *e = (ends){.in = -1, .out = {-1, -1}, .alive = {-1, -1}};
    if (!open_pipe(e->alive))
        return false;
    if (input_size > 0 && (e->in = open_input(program->input, input_size)) < 0)
        return false;
    return program->output == NULL || open_pipe(e->out);
}

static void close_ends(ends *e)
{
    close_if_open(&e->in);
    for (size_t i = 0; i < 2; i++) {
        close_if_open(&e->out[i]);
        close_if_open(&e->alive[i]);
    }
}

/** Starts the program, hears it and waits for its end. @return as posix_spawn */
static int start_and_wait(const ws_program *program, ends *e, int *exit_code)
{
    const double deadline = ws_clock_monotonic() + program->max_seconds;
    pid_t pid;

    const int reason = start(program->argv, e->in, e->out[1], e->alive[1], &pid);
    close_if_open(&e->in);
    close_if_open(&e->out[1]);
    close_if_open(&e->alive[1]);
    if (reason != 0)
        return reason;
    if (program->output != NULL)
        program->output[read_to_end(e->out[0], program->output, program->capacity, deadline)] =
            '\0';
    close_if_open(&e->out[0]);
    *exit_code = wait_for(pid, e->alive[0], deadline);
    return 0;
}

ws_status ws_program_run(const ws_program *program, int *exit_code, ws_error *err)
{
    const size_t size = program->input != NULL ? strlen(program->input) : 0;
    ends e;

    assert(program->max_seconds > 0.0);
    if (size > WS_PROGRAM_MAX_INPUT_BYTES)
        return ws_fail(err, WS_EINVAL, "%s: an input of %zu bytes; expected at most %d",
                       program->argv[0], size, WS_PROGRAM_MAX_INPUT_BYTES);
    if (!open_ends(program, size, &e)) {
        const int reason = errno;
        close_ends(&e);
        return ws_fail_errno(err, reason, "%s: cannot be started: no pipe", program->argv[0]);
    }
    const int reason = start_and_wait(program, &e, exit_code);
    close_ends(&e);
    if (reason != 0)
        return fail_start(program, reason, err);
    if (*exit_code == EXIT_KILLED)
        return ws_fail(err, WS_ELIMIT,
                       "%s: still running after %g s, and stopped; expected it to end by then",
                       program->argv[0], program->max_seconds);
    if (*exit_code == EXIT_NOT_STARTED && program->package != NULL)
        return fail_start(program, ENOENT, err); /* where a missing program is the child's end */
    return WS_OK;
}
