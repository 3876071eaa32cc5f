#include "support/fault_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void ws_test_server_start_at(const char *tests_dir, ws_test_server *server, const char *dir,
                             const char *certificate)
{
    char script[4096];
    int to_server[2], from_server[2];

    (void)snprintf(script, sizeof script, "%s/support/fault_server.py", tests_dir);
    assert_int_equal(pipe(to_server), 0);
    assert_int_equal(pipe(from_server), 0);
    server->process = fork();
    assert_true(server->process >= 0);
    if (server->process == 0) {
        (void)dup2(to_server[0], STDIN_FILENO);
        (void)dup2(from_server[1], STDOUT_FILENO);
        (void)close(to_server[1]);
        (void)execlp("python3", "python3", script, dir, certificate, (char *)NULL);
        _exit(127);
    }
    (void)close(to_server[0]);
    (void)close(from_server[1]);
    server->input = to_server[1];
    FILE *lines = fdopen(from_server[0], "r");
    assert_non_null(lines);
    assert_int_equal(fscanf(lines, "%d", &server->port), 1);
    (void)fclose(lines);
}

void ws_test_server_stop(ws_test_server *server)
{
    (void)close(server->input);
    (void)kill(server->process, SIGTERM);
    assert_int_equal(waitpid(server->process, NULL, 0), server->process);
}
