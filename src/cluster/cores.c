/* Which cores the ranks of one machine have. */
#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "cluster/launch.h"
#include "cluster/ranks.h"

/** Ranks on this machine; 1 if no launcher says so. */
static int64_t count_local_ranks(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                        "SLURM_NTASKS_PER_NODE"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        int64_t n = 0;
        if (text != NULL && ws_text_to_int64(text, &n) && n > 0)
            return n;
    }
    return 1;
}

/** Cores of the machine. */
static int64_t count_all_cores(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int64_t)n : 1;
}

int64_t ws_ranks_choose_threads(const ws_ranks *ranks, int64_t asked)
{
    const int64_t own = omp_get_num_procs(), n_local = count_local_ranks();

    if (ranks == NULL || asked > 0)
        return asked;
    if (own < count_all_cores()) /* the launcher has given each rank its own */
        return own;
    return own > n_local ? own / n_local : 1;
}

void ws_ranks_warn_of_binding(const ws_ranks *ranks, int64_t asked, const ws_log *log)
{
    const int64_t own = omp_get_num_procs(), all = count_all_cores();
    const int64_t share = all / count_local_ranks();
    const int64_t wanted = asked > 0 ? asked : share;

    if (!ws_launch_read().is_by_launcher || ws_ranks_rank(ranks) > 0 || own >= wanted || own >= all)
        return;
    ws_log_write(log, WS_LOG_WARN,
                 "the launcher has bound this process to %lld of %lld cores, but %lld threads are "
                 "wanted; mpirun --bind-to none (srun --cpus-per-task=%lld) lets it use more",
                 (long long)own, (long long)all, (long long)wanted, (long long)wanted);
}
