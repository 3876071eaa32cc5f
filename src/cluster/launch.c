#include "cluster/launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cluster/ranks.h"

/** Variables that launchers set to the number of processes. */
static const struct size_variable {
    const char *name, *launcher;
} size_variables[] = {
    {"OMPI_COMM_WORLD_SIZE", "mpirun"}, /* Open MPI */
    {"PMI_SIZE", "mpirun"},             /* MPICH, and srun --mpi=pmi2 */
    {"SLURM_STEP_NUM_TASKS", "srun"},
};

bool ws_launch_has_manager(bool is_pmix)
{
    if (is_pmix)
        return getenv("PMIX_RANK") != NULL;
    return getenv("PMI_RANK") != NULL || getenv("PMI_FD") != NULL;
}

void ws_launch_forget(void)
{
    static const char *const others[] = {"PMIX_RANK", "PMIX_NAMESPACE", "PMI_RANK", "PMI_FD",
                                         "OMPI_COMM_WORLD_RANK"};

    for (size_t i = 0; i < sizeof size_variables / sizeof *size_variables; i++)
        (void)unsetenv(size_variables[i].name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        (void)unsetenv(others[i]);
}

ws_launch ws_launch_read(void)
{
    ws_launch launch = {.n_ranks = 1, .launcher = "mpirun"};
    const size_t n = sizeof size_variables / sizeof *size_variables;

    for (size_t i = 0; i < n; i++) {
        const char *text = getenv(size_variables[i].name);
        int64_t size = 0;
        if (text == NULL || !ws_text_to_int64(text, &size) || size < 1)
            continue;
        launch = (ws_launch){.is_by_launcher = true,
                             .n_ranks = (size_t)size,
                             .launcher = size_variables[i].launcher,
                             .variable = size_variables[i].name};
        if (size > 1)
            break;
    }
    if (getenv("PMIX_RANK") != NULL || getenv("PMI_RANK") != NULL)
        launch.is_by_launcher = true;
    if (launch.variable != NULL && getenv("SLURM_STEP_NUM_TASKS") != NULL &&
        getenv("OMPI_COMM_WORLD_SIZE") == NULL)
        launch.launcher = "srun";
    return launch;
}

ws_status ws_launch_check(const ws_launch *launch, size_t n_found, ws_error *err)
{
    const bool is_srun = strcmp(launch->launcher, "srun") == 0;

    if (launch->n_ranks <= 1 || n_found > 1)
        return WS_OK;
    if (n_found == 0)
        return ws_fail(err, WS_EUSAGE,
                       "%s started %zu processes (%s), but this wordspot was built without MPI and "
                       "each would train a network of its own; build it with -DWS_MPI=ON, or start "
                       "one process",
                       launch->launcher, launch->n_ranks, launch->variable);
    if (is_srun)
        return ws_fail(
            err, WS_EUSAGE,
            "srun started %zu processes (%s), but MPI knows of this one only, and each "
            "would train a network of its own; use srun --mpi=pmix -n %zu wordspot train "
            "(--mpi=pmi2 with MPICH; srun --mpi=list shows what there is)",
            launch->n_ranks, launch->variable, launch->n_ranks);
    return ws_fail(err, WS_EUSAGE,
                   "%s started %zu processes (%s), but MPI knows of this one only, and each would "
                   "train a network of its own; use the mpirun of the MPI that this wordspot was "
                   "built with",
                   launch->launcher, launch->n_ranks, launch->variable);
}

ws_status ws_ranks_open(ws_ranks **ranks, ws_error *err)
{
    const ws_launch launch = ws_launch_read();
    ws_transport transport;
    bool is_found = false;

    *ranks = NULL;
    if (!launch.is_by_launcher)
        return WS_OK;
    ws_status status = ws_transport_open(&transport, &is_found, err);
    if (status != WS_OK)
        return status;
    if (!is_found)
        return WS_OK;
    status = ws_launch_check(&launch, transport.n_ranks, err);
    if (status == WS_OK && transport.n_ranks > 1)
        return ws_ranks_create(ranks, &transport, err);
    transport.close(transport.user);
    return status;
}

void ws_ranks_write_launch(const ws_ranks *ranks, char *text, size_t size)
{
    const ws_launch launch = ws_launch_read();
    const bool is_srun = strcmp(launch.launcher, "srun") == 0;

    text[0] = '\0';
    if (ranks != NULL)
        (void)snprintf(text, size, "%s -n %zu%s ", launch.launcher, ws_ranks_count(ranks),
                       !is_srun                      ? ""
                       : ws_launch_has_manager(true) ? " --mpi=pmix"
                                                     : " --mpi=pmi2");
}

size_t ws_ranks_find_launcher(size_t n, char number[24], const char *words[WS_LAUNCHER_MAX_WORDS])
{
    const char *manager = ws_transport_get_manager();
    size_t n_words = 0;

    if (manager == NULL)
        return 0;
    (void)snprintf(number, 24, "%zu", n);
    if (getenv("SLURM_JOB_ID") != NULL) {
        words[n_words++] = "srun";
        words[n_words++] = strcmp(manager, "pmix") == 0 ? "--mpi=pmix" : "--mpi=pmi2";
    } else {
        words[n_words++] = "mpirun";
    }
    words[n_words++] = "-n";
    words[n_words++] = number;
    return n_words;
}

bool ws_ranks_are_possible(void)
{
    return ws_transport_get_manager() != NULL;
}
