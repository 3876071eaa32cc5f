/* bench_ranks [ROUNDS]: what it takes that ranks meet and that they sum an array, by mpirun.
 *
 * A meeting: every rank sends 8 bytes to each other one and waits for theirs. A sum: every rank
 * sends each other one its piece of an array, and gets the summed pieces (cluster/ranks.h); here
 * nothing is added, only moved. The least and the median of ROUNDS are printed, and the bytes that
 * a rank sends in that time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "cluster/ranks.h"

enum { MAX_RANKS = 256, MAX_ROUNDS = 10000 };

static const size_t sizes[] = {4096, 65536, 1 << 20, 1 << 22, 14 << 20};

typedef struct bench {
    ws_ranks *ranks;
    size_t n_ranks, n_rounds;
    unsigned char *own, *received;
    size_t ends[MAX_RANKS];
    double seconds[MAX_ROUNDS];
} bench;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Cuts an array into a piece for each rank. */
static void cut(bench *b, size_t n_bytes)
{
    for (size_t r = 0; r < b->n_ranks; r++)
        b->ends[r] = n_bytes * (r + 1) / b->n_ranks;
}

static void sum(bench *b)
{
    ws_ranks_finish(b->ranks, ws_ranks_exchange_begin(b->ranks, b->own, b->ends, b->received));
    ws_ranks_gather(b->ranks, b->own, b->ends);
}

static void meet(bench *b)
{
    ws_ranks_gather(b->ranks, b->own, b->ends);
}

static void time_rounds(bench *b, void (*run)(bench *b), const char *what)
{
    ws_error err;
    uint64_t before = 0;

    for (size_t i = 0; i < b->n_rounds + 3; i++) { /* the first ones open connections */
        const size_t at = i < 3 ? 0 : i - 3;
        before = i < 4 ? ws_ranks_get_traffic(b->ranks).n_bytes : before;
        const double start = ws_clock_monotonic();
        run(b);
        b->seconds[at] = ws_clock_monotonic() - start;
    }
    bench_check(ws_ranks_check(b->ranks, &err), &err);
    const double n_bytes =
        (double)(ws_ranks_get_traffic(b->ranks).n_bytes - before) / (double)b->n_rounds;
    qsort(b->seconds, b->n_rounds, sizeof *b->seconds, compare);
    const double least = b->seconds[0], median = b->seconds[b->n_rounds / 2];
    if (ws_ranks_rank(b->ranks) == 0)
        printf("%-16s least %9.1f us, median %9.1f us; %9.0f bytes from each, %.3f GB/s\n", what,
               least * 1e6, median * 1e6, n_bytes, n_bytes / median * 1e-9);
}

int main(int argc, char **argv)
{
    static bench b;
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 200;
    const size_t most = sizes[sizeof sizes / sizeof *sizes - 1];
    char what[32];
    ws_error err;

    bench_check(ws_ranks_open(&b.ranks, &err), &err);
    b.n_ranks = ws_ranks_count(b.ranks);
    b.n_rounds = rounds >= 1 && rounds <= MAX_ROUNDS ? (size_t)rounds : 200;
    if (b.n_ranks < 2 || b.n_ranks > MAX_RANKS) {
        fprintf(stderr,
                "bench_ranks: expected 2 to %d ranks: mpirun -n 2 bench_ranks, of a build with "
                "-DWS_MPI=ON\n",
                (int)MAX_RANKS);
        return 2;
    }
    b.own = bench_memory(most);
    b.received = bench_memory(most);
    for (size_t r = 0; r < b.n_ranks; r++)
        b.ends[r] = 8 * (r + 1);
    time_rounds(&b, meet, "a meeting");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cut(&b, sizes[i]);
        (void)snprintf(what, sizeof what, "sum of %zu kB", sizes[i] / 1024);
        time_rounds(&b, sum, what);
    }
    free(b.received);
    free(b.own);
    ws_ranks_close(b.ranks);
    return 0;
}
