/**
 * How bytes get from one rank to another: what ws_ranks needs of MPI, or of whatever else carries
 * messages between the processes of a training. Functions are called by one thread at a time.
 */
#ifndef WS_CLUSTER_TRANSPORT_H
#define WS_CLUSTER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum { WS_TRANSPORT_MAX_BYTES = 1 << 30 }; /* of one message */

/** Messages from one rank to another arrive in the order in which they were sent. */
typedef struct ws_transport {
    const char *name; /* of the library that does it */
    size_t n_ranks;   /* at least 1 */
    size_t rank;      /* this process, below n_ranks */
    void *user;       /* handed to the functions */
    /** Begins to send. data is borrowed until the transfer is done.
     *  @param transfer  set: its number, for is_done */
    ws_status (*send)(void *user, size_t to, const void *data, size_t n_bytes, size_t *transfer,
                      ws_error *err);
    /** Begins to receive a message of exactly n_bytes. */
    ws_status (*receive)(void *user, size_t from, void *data, size_t n_bytes, size_t *transfer,
                         ws_error *err);
    /** Whether a transfer is done; once it is, its number is free again. */
    ws_status (*test)(void *user, size_t transfer, bool *is_done, ws_error *err);
    /** Leaves in order, together with all other ranks, and frees what user is. */
    void (*close)(void *user);
    /** Ends the processes of all ranks now: for a training that cannot continue. It may return. */
    void (*abandon)(void *user, int exit_code);
} ws_transport;

/** Transfers that are under way at the same time, for each other rank, at most. */
enum { WS_TRANSPORT_MAX_TRANSFERS = 256 };

#endif
