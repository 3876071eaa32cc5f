#include "support/local_ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4096 }; /* transfers under way */

typedef struct transfer {
    bool is_used, is_sent;
    size_t other;
    unsigned char *data;
    size_t n, n_done;
    size_t order; /* of its beginning */
} transfer;

typedef struct mesh {
    int *sockets; /* [n_ranks] */
    transfer transfers[MOST];
    size_t n_begun;
} mesh;

static ws_status begin(mesh *m, bool is_sent, size_t other, void *data, size_t n, size_t *number,
                       ws_error *err)
{
    for (size_t i = 0; i < MOST; i++) {
        if (m->transfers[i].is_used)
            continue;
        m->transfers[i] = (transfer){.is_used = true,
                                     .is_sent = is_sent,
                                     .other = other,
                                     .data = data,
                                     .n = n,
                                     .order = m->n_begun++};
        *number = i;
        return WS_OK;
    }
    return ws_fail(err, WS_ELIMIT, "more than %d transfers", (int)MOST);
}

static ws_status send_to(void *user, size_t to, const void *data, size_t n, size_t *number,
                         ws_error *err)
{
    return begin(user, true, to, (void *)(uintptr_t)data, n, number, err);
}

static ws_status receive_from(void *user, size_t from, void *data, size_t n, size_t *number,
                              ws_error *err)
{
    return begin(user, false, from, data, n, number, err);
}

/** The first transfer to or from a rank that is not through; NULL: there is none. */
static transfer *first_of(mesh *m, bool is_sent, size_t other)
{
    transfer *first = NULL;

    for (size_t i = 0; i < MOST; i++) {
        transfer *t = &m->transfers[i];
        if (t->is_used && t->is_sent == is_sent && t->other == other && t->n_done < t->n &&
            (first == NULL || t->order < first->order))
            first = t;
    }
    return first;
}

/** Moves what can be moved without waiting. */
static ws_status pump(mesh *m, bool is_sent, size_t other, ws_error *err)
{
    for (transfer *t = first_of(m, is_sent, other); t != NULL; t = first_of(m, is_sent, other)) {
        unsigned char *at = t->data + t->n_done;
        const ssize_t n = is_sent ? send(m->sockets[other], at, t->n - t->n_done, MSG_NOSIGNAL)
                                  : recv(m->sockets[other], at, t->n - t->n_done, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return WS_OK;
        if (n <= 0)
            return ws_fail(err, WS_EIO, "rank %zu is gone", other);
        t->n_done += (size_t)n;
    }
    return WS_OK;
}

static ws_status test(void *user, size_t number, bool *is_done, ws_error *err)
{
    mesh *m = user;
    transfer *t = &m->transfers[number];
    const ws_status status = t->n_done < t->n ? pump(m, t->is_sent, t->other, err) : WS_OK;

    *is_done = t->n_done == t->n;
    if (*is_done)
        t->is_used = false;
    return status;
}

static void close_mesh(void *user)
{
    (void)user; /* the process ends next */
}

static void abandon(void *user, int exit_code)
{
    (void)user;
    (void)exit_code;
}

static int run_rank(size_t n, size_t rank, int *sockets, local_rank *run, void *user)
{
    static mesh m;
    ws_ranks *ranks = NULL;

    m.sockets = sockets;
    for (size_t r = 0; r < n; r++)
        if (r != rank)
            (void)fcntl(sockets[r], F_SETFL, O_NONBLOCK);
    if (n > 1 && ws_ranks_create(&ranks,
                                 &(ws_transport){.name = "sockets",
                                                 .n_ranks = n,
                                                 .rank = rank,
                                                 .user = &m,
                                                 .send = send_to,
                                                 .receive = receive_from,
                                                 .test = test,
                                                 .close = close_mesh,
                                                 .abandon = abandon},
                                 NULL) != WS_OK)
        return 101;
    const int code = run(ranks, user);
    ws_ranks_close(ranks);
    return code;
}

void local_ranks_run(size_t n, local_rank *run, void *user, int *codes)
{
    int *sockets = calloc(n * n, sizeof *sockets);
    pid_t *children = calloc(n, sizeof *children);

    if (sockets == NULL || children == NULL)
        abort();
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            int pair[2];
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
                abort();
            sockets[a * n + b] = pair[0];
            sockets[b * n + a] = pair[1];
        }
    for (size_t r = 0; r < n; r++) {
        children[r] = fork();
        if (children[r] < 0)
            abort();
        if (children[r] > 0)
            continue;
        for (size_t i = 0; i < n * n; i++) /* the others' ends: so that a death is seen */
            if (i / n != r && i / n != i % n)
                (void)close(sockets[i]);
        _exit(run_rank(n, r, sockets + r * n, run, user));
    }
    for (size_t i = 0; i < n * n; i++)
        if (i / n != i % n)
            (void)close(sockets[i]);
    for (size_t r = 0; r < n; r++) {
        int status = 0;
        (void)waitpid(children[r], &status, 0);
        codes[r] = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    free(children);
    free(sockets);
}

void *local_ranks_memory(size_t n_bytes)
{
    void *memory = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

void local_ranks_free(void *memory, size_t n_bytes)
{
    (void)munmap(memory, n_bytes);
}
