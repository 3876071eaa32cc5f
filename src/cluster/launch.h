/** Private: what a launcher tells the processes that it starts. */
#ifndef WS_CLUSTER_LAUNCH_H
#define WS_CLUSTER_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "cluster/transport.h"

typedef struct ws_launch {
    bool is_by_launcher;  /* something must be asked of MPI */
    size_t n_ranks;       /* that were started, 1 if it is not said */
    const char *launcher; /* "mpirun" or "srun" */
    const char *variable; /* that says so; NULL: none */
} ws_launch;

/** Reads the environment. */
ws_launch ws_launch_read(void);

/**
 * Whether the launcher speaks the language in which an MPI asks for the other processes. To start
 * an MPI without it ends in a process that takes itself for the only one, or crashes.
 *
 * @param is_pmix  PMIx, as Open MPI; else PMI, as MPICH
 */
bool ws_launch_has_manager(bool is_pmix);

/**
 * Refuses processes that were started together but do not know of each other: each would train a
 * network of its own, all of them into the same directory.
 *
 * @param n_found  ranks that MPI knows of; 0: this program was built without MPI
 * @return WS_OK or WS_EUSAGE
 */
WS_MUST_CHECK ws_status ws_launch_check(const ws_launch *launch, size_t n_found, ws_error *err);

/** "pmix" or "pmi": how this program's MPI asks for the other processes; NULL: there is no MPI. */
const char *ws_transport_get_manager(void);

/** Joins the others: mpi.c, or no_mpi.c where there is no MPI.
 *  @param transport  set, if *is_found; else this process is alone
 *  @return WS_OK; what ws_launch_check says; WS_EIO, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_transport_open(ws_transport *transport, bool *is_found, ws_error *err);

#endif
