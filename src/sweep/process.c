#include "sweep/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The running executable, even if its file was replaced in the meantime. */
static const char this_program[] = "/proc/self/exe";

/** In the child: only functions that a signal handler may call are allowed here. */
static _Noreturn void become(pid_t parent, const char *launcher, char *const *argv, int log_fd,
                             int null_fd, int inherit)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    enum { EXIT_NOT_STARTED = 127 };

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(EXIT_NOT_STARTED);
    (void)setpgid(0, 0);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        (void)signal(signals[i], SIG_DFL); /* ignored ones are inherited; a child must stop */
    if (inherit >= 0)
        (void)fcntl(inherit, F_SETFD, 0);
    if (dup2(null_fd, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 ||
        dup2(log_fd, STDERR_FILENO) < 0)
        _exit(EXIT_NOT_STARTED);
    if (launcher != NULL)
        (void)execvp(launcher, argv);
    else
        (void)execv(this_program, argv);
    _exit(EXIT_NOT_STARTED);
}

ws_status ws_sweep_process_start(ws_sweep_process *process, const char *launcher, char *const *argv,
                                 const char *log_path, int inherit, ws_error *err)
{
    const pid_t parent = getpid();
    ws_status status = WS_OK;
    const int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

    if (log_fd < 0)
        return ws_fail_errno(err, errno, "%s: cannot be opened", log_path);
    const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const pid_t pid = null_fd >= 0 ? fork() : -1;
    if (pid == 0)
        become(parent, launcher, argv, log_fd, null_fd, inherit);
    if (pid < 0)
        status = ws_fail_errno(err, errno, "a trial cannot be started");
    else
        *process = (ws_sweep_process){.pid = pid};
    if (null_fd >= 0)
        (void)close(null_fd);
    (void)close(log_fd);
    return status;
}

bool ws_sweep_process_has_ended(ws_sweep_process *process)
{
    int how = 0;
    const pid_t pid = waitpid((pid_t)process->pid, &how, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return false;
    process->signal = pid > 0 && WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    process->code = process->signal != 0 ? 128 + process->signal : WEXITSTATUS(how);
    process->pid = 0;
    return true;
}

void ws_sweep_process_stop(const ws_sweep_process *process)
{
    if (process->pid > 0)
        (void)kill((pid_t)process->pid, SIGTERM);
}
