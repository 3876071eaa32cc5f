/**
 * The processes that train one network together, its **ranks**. Each has some rows of a batch; what
 * they make of them is put together here.
 *
 * Bytes are moved, and nothing else: no number is added on the way. Sums are made by those who need
 * them, in an order that depends on the batch alone, so their bits are the same for any number of
 * ranks. (MPI's own sums are not: their order changes with the number of ranks and the size.)
 *
 * All ranks call the same functions in the same order. A null pointer stands for one process alone;
 * every function takes it, and does nothing then. The first fault is kept, and all calls after it
 * return at once: ws_ranks_check tells. So loops over phases need no checks of their own.
 */
#ifndef WS_CLUSTER_RANKS_H
#define WS_CLUSTER_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "cluster/transport.h"

typedef struct ws_ranks ws_ranks;

/**
 * Joins the other ranks if a launcher (mpirun, srun) has started this process as one of several.
 *
 * @param ranks  set; NULL: this process is alone
 * @return WS_OK; WS_EUSAGE if several processes were started, but none knows of the others, or if
 *         this program cannot speak to them: what to do instead is in the sentence
 */
WS_MUST_CHECK ws_status ws_ranks_open(ws_ranks **ranks, ws_error *err);

/** Takes out of the environment what a launcher has said: for a child process that is not one of
 *  the launcher's. */
void ws_launch_forget(void);

/** Whether this wordspot was built with MPI. */
bool ws_ranks_are_possible(void);

enum { WS_LAUNCHER_MAX_WORDS = 5 };

/**
 * The words that start n ranks of the program after them: mpirun's, or srun's inside a job of
 * Slurm.
 *
 * @param number  room for n as text, which words point to
 * @param words   [WS_LAUNCHER_MAX_WORDS] set; the first one is a program to be looked up in PATH
 * @return how many words; 0: this wordspot was built without MPI
 */
size_t ws_ranks_find_launcher(size_t n, char number[24], const char *words[WS_LAUNCHER_MAX_WORDS]);

/**
 * How to start as many ranks again, before the program's name.
 *
 * @param text  filled: "mpirun -n 3 ", or nothing for one process
 */
void ws_ranks_write_launch(const ws_ranks *ranks, char *text, size_t size);

/** Ranks of a transport, which it owns from here on, also after a failure. */
WS_MUST_CHECK ws_status ws_ranks_create(ws_ranks **ranks, const ws_transport *transport,
                                        ws_error *err);

/** Leaves in order; after a fault, ends all ranks: their processes are gone soon. */
void ws_ranks_close(ws_ranks *ranks);

/** 1 and 0 for one process alone. */
size_t ws_ranks_count(const ws_ranks *ranks);
size_t ws_ranks_rank(const ws_ranks *ranks);

/**
 * Threads of this rank where --threads=0 leaves it open: the cores that the launcher has bound it
 * to, or its share of the machine's.
 *
 * @param asked  returned if it is above 0, or without ranks
 */
int64_t ws_ranks_choose_threads(const ws_ranks *ranks, int64_t asked);

/** Warns, on rank 0, if a launcher has bound this process to fewer cores than it wants threads:
 *  Open MPI gives one core to each of one or two processes. asked: as above */
void ws_ranks_warn_of_binding(const ws_ranks *ranks, int64_t asked, const ws_log *log);

/** How ranks wait for each other. */
typedef struct ws_ranks_patience {
    double seconds; /* without an answer until it is a fault; 0: for ever */
    /** Whether the run is to end, so that a rank that does not answer is probably gone: that is
     *  said then. NULL: never. */
    bool (*stop_wanted)(void *user);
    void *user;
    const ws_log *log; /* borrowed; NULL: nothing is said */
} ws_ranks_patience;

void ws_ranks_set_patience(ws_ranks *ranks, const ws_ranks_patience *patience);

/** The first fault. @return WS_OK: no fault yet */
WS_MUST_CHECK ws_status ws_ranks_check(const ws_ranks *ranks, ws_error *err);

/** What is under way; as long as it is, its memory is borrowed. */
typedef struct ws_ranks_task {
    size_t number;
} ws_ranks_task;

/**
 * Every rank gets what all have: rank r has bytes ends[r - 1] .. ends[r] of data (rank 0 from 0
 * on), and gets the others.
 *
 * @param ends  [count] rising
 */
ws_ranks_task ws_ranks_gather_begin(ws_ranks *ranks, void *data, const size_t *ends);

/**
 * Every rank gets its own piece of what all have: piece q is bytes ends[q - 1] .. ends[q] of data.
 *
 * @param own       data of this rank
 * @param received  [count, its piece's bytes] filled but for the place of the rank itself, whose
 *                  piece stays in own
 */
ws_ranks_task ws_ranks_exchange_begin(ws_ranks *ranks, const void *own, const size_t *ends,
                                      void *received);

/** Waits until it is done. */
void ws_ranks_finish(ws_ranks *ranks, ws_ranks_task task);

/** Begins and waits. */
void ws_ranks_gather(ws_ranks *ranks, void *data, const size_t *ends);

/** All ranks get what rank 0 has. */
void ws_ranks_broadcast(ws_ranks *ranks, void *data, size_t n_bytes);

/** Lets messages that are under way come on; called now and then between other work. */
void ws_ranks_progress(ws_ranks *ranks);

/**
 * Whether all ranks are well, and whether one wants to stop.
 *
 * @param status  of this rank; err has its sentence if that is not WS_OK
 * @param stop    whether this rank wants to stop; set: whether any does. NULL: nobody asks
 * @param err     set to the sentence of the first rank that is not well, which it names
 * @return its status; the same on all ranks, unless the ranks have lost each other
 */
WS_MUST_CHECK ws_status ws_ranks_agree(ws_ranks *ranks, ws_status status, bool *stop,
                                       ws_error *err);

/**
 * Whether all ranks have the same bytes.
 *
 * @param what  what they are, as a sentence needs it: "the settings of the run"
 * @return WS_OK, or WS_EINVAL on all ranks, naming the first rank that has others than rank 0
 */
WS_MUST_CHECK ws_status ws_ranks_compare(ws_ranks *ranks, const void *data, size_t n_bytes,
                                         const char *what, ws_error *err);

/** What this rank has sent and waited for since it was opened. */
typedef struct ws_ranks_traffic {
    uint64_t n_bytes, n_messages; /* sent */
    double seconds;               /* spent waiting */
} ws_ranks_traffic;

ws_ranks_traffic ws_ranks_get_traffic(const ws_ranks *ranks);

#endif
