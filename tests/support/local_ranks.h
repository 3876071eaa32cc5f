/** Ranks without MPI: processes of this machine that speak through sockets. */
#ifndef WS_TESTS_SUPPORT_LOCAL_RANKS_H
#define WS_TESTS_SUPPORT_LOCAL_RANKS_H

#include <stddef.h>

#include "cluster/ranks.h"

/** What a rank does. @return its exit code, 0 to 100 */
typedef int local_rank(ws_ranks *ranks, void *user);

/**
 * Starts n processes (forks: the caller must not have used threads before), waits for all of them.
 *
 * @param codes  [n] filled: exit codes; 128 plus the signal of a process that one has ended
 */
void local_ranks_run(size_t n, local_rank *run, void *user, int *codes);

/** Zeroed memory that forked processes share with this one. */
void *local_ranks_memory(size_t n_bytes);
void local_ranks_free(void *memory, size_t n_bytes);

#endif
