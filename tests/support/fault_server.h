/** The HTTP server of fault_server.py, as a child process of a test. */
#ifndef WS_TESTS_SUPPORT_FAULT_SERVER_H
#define WS_TESTS_SUPPORT_FAULT_SERVER_H

#include <stddef.h>
#include <sys/types.h>

typedef struct ws_test_server {
    pid_t process;
    int input; /* it ends when this is closed */
    int port;
} ws_test_server;

/**
 * Starts it and waits until it listens; asserts that it does.
 *
 * @param dir          whose files it serves
 * @param certificate  a file with a certificate and its key, for HTTPS; NULL: HTTP
 */
void ws_test_server_start_at(const char *tests_dir, ws_test_server *server, const char *dir,
                             const char *certificate);
#define ws_test_server_start(server, dir, certificate) \
    ws_test_server_start_at(WS_TESTS_DIR, (server), (dir), (certificate))

void ws_test_server_stop(ws_test_server *server);

#endif
