/* Messages by MPI: the only file that sees mpi.h. */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/launch.h"

#ifdef OPEN_MPI
enum { IS_PMIX = 1 };
#else
enum { IS_PMIX = 0 };
#endif

enum { TAG = 1 };

/** Requests by number; a free one points to the next. */
typedef struct requests {
    MPI_Request *requests;
    size_t *next_free;
    size_t n, first_free; /* n: none is free */
    char name[MPI_MAX_LIBRARY_VERSION_STRING];
} requests;

static ws_status fail(int code, const char *what, ws_error *err)
{
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length = 0;

    (void)MPI_Error_string(code, text, &length);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return ws_fail(err, WS_EIO, "MPI: %s: %s", what, text);
}

static ws_status take_request(requests *r, size_t *number, ws_error *err)
{
    if (r->first_free == r->n)
        return ws_fail(err, WS_ELIMIT, "more than %zu messages between ranks are under way", r->n);
    *number = r->first_free;
    r->first_free = r->next_free[*number];
    return WS_OK;
}

static void free_request(requests *r, size_t number)
{
    r->next_free[number] = r->first_free;
    r->first_free = number;
}

static ws_status send_message(void *user, size_t to, const void *data, size_t n_bytes,
                              size_t *transfer, ws_error *err)
{
    requests *r = user;
    const ws_status status = take_request(r, transfer, err);

    if (status != WS_OK)
        return status;
    const int code = MPI_Isend(data, (int)n_bytes, MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD,
                               &r->requests[*transfer]);
    return code == MPI_SUCCESS ? WS_OK : fail(code, "a message could not be sent", err);
}

static ws_status receive_message(void *user, size_t from, void *data, size_t n_bytes,
                                 size_t *transfer, ws_error *err)
{
    requests *r = user;
    const ws_status status = take_request(r, transfer, err);

    if (status != WS_OK)
        return status;
    const int code = MPI_Irecv(data, (int)n_bytes, MPI_BYTE, (int)from, TAG, MPI_COMM_WORLD,
                               &r->requests[*transfer]);
    return code == MPI_SUCCESS ? WS_OK : fail(code, "a message could not be awaited", err);
}

static ws_status test_message(void *user, size_t transfer, bool *is_done, ws_error *err)
{
    requests *r = user;
    int flag = 0;
    const int code = MPI_Test(&r->requests[transfer], &flag, MPI_STATUS_IGNORE);

    if (code != MPI_SUCCESS)
        return fail(code, "a message was lost", err);
    *is_done = flag != 0;
    if (*is_done)
        free_request(r, transfer);
    return WS_OK;
}

static void free_requests(requests *r)
{
    if (r == NULL)
        return;
    free(r->next_free);
    free(r->requests);
    free(r);
}

static void close_mpi(void *user)
{
    (void)MPI_Finalize();
    free_requests(user);
}

static void abandon_mpi(void *user, int exit_code)
{
    (void)MPI_Abort(MPI_COMM_WORLD, exit_code);
    free_requests(user);
}

static requests *make_requests(size_t n_ranks)
{
    requests *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->n = 2 * n_ranks * WS_TRANSPORT_MAX_TRANSFERS;
    r->requests = calloc(r->n, sizeof(MPI_Request));
    r->next_free = calloc(r->n, sizeof *r->next_free);
    if (r->requests == NULL || r->next_free == NULL) {
        free_requests(r);
        return NULL;
    }
    for (size_t i = 0; i < r->n; i++)
        r->next_free[i] = i + 1;
    return r;
}

/** The first words of what MPI calls itself. */
static void write_name(requests *r)
{
    int length = 0;

    if (MPI_Get_library_version(r->name, &length) != MPI_SUCCESS)
        strcpy(r->name, "MPI");
    r->name[strcspn(r->name, ",\n")] = '\0';
}

const char *ws_transport_get_manager(void)
{
    return IS_PMIX != 0 ? "pmix" : "pmi";
}

ws_status ws_transport_open(ws_transport *transport, bool *is_found, ws_error *err)
{
    int provided = MPI_THREAD_SINGLE, n_ranks = 1, rank = 0;

    const ws_launch launch = ws_launch_read();

    *is_found = false;
    if (!ws_launch_has_manager(IS_PMIX != 0))
        return ws_launch_check(&launch, 1, err);
    /* messages are sent by one thread at a time, but not always the same */
    const int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code != MPI_SUCCESS)
        return fail(code, "it could not start", err);
    if (provided < MPI_THREAD_SERIALIZED) {
        (void)MPI_Finalize();
        return ws_fail(err, WS_EINVAL,
                       "this MPI was built without threads, expected MPI_THREAD_SERIALIZED");
    }
    (void)MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    (void)MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    requests *r = make_requests((size_t)n_ranks);
    if (r == NULL) {
        (void)MPI_Finalize();
        return ws_fail_memory(err, "messages between ranks");
    }
    write_name(r);
    *transport = (ws_transport){.name = r->name,
                                .n_ranks = (size_t)n_ranks,
                                .rank = (size_t)rank,
                                .user = r,
                                .send = send_message,
                                .receive = receive_message,
                                .test = test_message,
                                .close = close_mpi,
                                .abandon = abandon_mpi};
    *is_found = true;
    return WS_OK;
}
