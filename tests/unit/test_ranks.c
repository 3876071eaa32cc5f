/* The ranks of a training: bytes come to their places, ranks agree on faults and stops, a rank that
 * dies or is silent is named, and processes that do not know of each other are refused. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cluster/launch.h"
#include "cluster/ranks.h"
#include "support/local_ranks.h"

enum { MAX_RANKS = 5, N_ROUNDS = 40, MAX_NUMBERS = 1100000 };

static const size_t counts[] = {2, 3, 5};
enum { N_COUNTS = sizeof counts / sizeof *counts };

static void run_on(size_t n, local_rank *run, void *user)
{
    int codes[MAX_RANKS];

    local_ranks_run(n, run, user, codes);
    for (size_t r = 0; r < n; r++)
        assert_int_equal(codes[r], 0);
}

/** Number i of what rank r has in a round. */
static uint32_t number_of(size_t r, size_t round, size_t i)
{
    return (uint32_t)(r * 1000003 + round * 10007 + i);
}

/** Numbers of a rank in a round; some have none, and some many. */
static size_t count_of(size_t r, size_t round)
{
    return (r + round) % 3 == 0 ? 0 : (r + 1) * (round == 7 ? 70000 : 5 + round);
}

/** Gathers of odd sizes, begun before earlier ones are finished. */
static int gather(ws_ranks *ranks, void *user)
{
    const size_t n = ws_ranks_count(ranks), rank = ws_ranks_rank(ranks);
    uint32_t *arrays[2] = {calloc(MAX_NUMBERS, sizeof(uint32_t)),
                           calloc(MAX_NUMBERS, sizeof(uint32_t))};
    int code = arrays[0] == NULL || arrays[1] == NULL ? 1 : 0;
    ws_ranks_task tasks[2] = {{0}, {0}};
    size_t ends[MAX_RANKS];

    (void)user;
    for (size_t round = 0; code == 0 && round <= N_ROUNDS; round++) {
        uint32_t *array = arrays[round % 2];
        size_t at = 0;
        for (size_t r = 0; round < N_ROUNDS && r < n; r++) {
            for (size_t i = 0; i < count_of(r, round); i++, at++)
                array[at] = r == rank ? number_of(r, round, i) : 0;
            ends[r] = at * sizeof *array;
        }
        if (round < N_ROUNDS)
            tasks[round % 2] = ws_ranks_gather_begin(ranks, array, ends);
        if (round == 0)
            continue;
        ws_ranks_finish(ranks, tasks[(round + 1) % 2]);
        at = 0;
        for (size_t r = 0; r < n; r++)
            for (size_t i = 0; i < count_of(r, round - 1); i++, at++)
                if (arrays[(round + 1) % 2][at] != number_of(r, round - 1, i))
                    code = 2;
    }
    free(arrays[0]);
    free(arrays[1]);
    return ws_ranks_check(ranks, NULL) == WS_OK ? code : 3;
}

static void test_gather(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COUNTS; i++)
        run_on(counts[i], gather, NULL);
    assert_int_equal(gather(NULL, NULL), 0);
}

/** Rank r has numbers 0 .. 11 of its own; pieces are of r + 1 numbers. */
static int exchange(ws_ranks *ranks, void *user)
{
    const size_t n = ws_ranks_count(ranks), rank = ws_ranks_rank(ranks);
    uint32_t own[15], received[MAX_RANKS * MAX_RANKS];
    size_t ends[MAX_RANKS], at = 0;
    const ws_ranks_traffic before = ws_ranks_get_traffic(ranks);

    (void)user;
    for (size_t i = 0; i < 15; i++)
        own[i] = number_of(rank, 0, i);
    for (size_t r = 0; r < n; r++)
        ends[r] = (at += r + 1) * sizeof *own;
    ws_ranks_finish(ranks, ws_ranks_exchange_begin(ranks, own, ends, received));
    const size_t first = rank * (rank + 1) / 2;
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i <= rank && r != rank; i++)
            if (received[r * (rank + 1) + i] != number_of(r, 0, first + i))
                return 1;
    /* what is counted as sent: all pieces but the own one */
    const ws_ranks_traffic after = ws_ranks_get_traffic(ranks);
    return after.n_bytes - before.n_bytes == (at - rank - 1) * sizeof *own ? 0 : 2;
}

static void test_exchange(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COUNTS; i++)
        run_on(counts[i], exchange, NULL);
}

static int broadcast(ws_ranks *ranks, void *user)
{
    char text[100] = "other";

    (void)user;
    if (ws_ranks_rank(ranks) == 0)
        strcpy(text, "what rank 0 says");
    ws_ranks_broadcast(ranks, text, sizeof text);
    return strcmp(text, "what rank 0 says") == 0 ? 0 : 1;
}

static void test_broadcast(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COUNTS; i++)
        run_on(counts[i], broadcast, NULL);
}

/** One rank has a fault: all get its sentence. */
static int agree(ws_ranks *ranks, void *user)
{
    const size_t bad = *(const size_t *)user, rank = ws_ranks_rank(ranks);
    ws_error err = {.status = WS_OK};
    bool stop = rank == 1;
    char expected[100];

    if (ws_ranks_agree(ranks, WS_OK, &stop, &err) != WS_OK || !stop)
        return 1;
    stop = false;
    if (ws_ranks_agree(ranks, WS_OK, &stop, NULL) != WS_OK || stop)
        return 2;
    ws_status status = WS_OK;
    if (rank == bad)
        status = ws_fail(&err, WS_EFORMAT, "clip.wav: it is broken");
    status = ws_ranks_agree(ranks, status, NULL, &err);
    if (bad == 0)
        strcpy(expected, "clip.wav: it is broken");
    else
        (void)snprintf(expected, sizeof expected, "rank %zu: clip.wav: it is broken", bad);
    return status == WS_EFORMAT && strcmp(err.message, expected) == 0 ? 0 : 3;
}

static void test_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COUNTS; i++)
        for (size_t bad = 0; bad < counts[i]; bad++)
            run_on(counts[i], agree, &bad);
}

static int compare(ws_ranks *ranks, void *user)
{
    const uint32_t number = ws_ranks_rank(ranks) == 1 ? 3 : 4, same = 5;
    ws_error err;

    (void)user;
    if (ws_ranks_compare(ranks, &same, sizeof same, "the number", &err) != WS_OK)
        return 1;
    if (ws_ranks_compare(ranks, &number, sizeof number, "the number", &err) != WS_EINVAL)
        return 2;
    return strstr(err.message, "rank 1 and rank 0 differ in the number") != NULL ? 0 : 3;
}

static void test_compare(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COUNTS; i++)
        run_on(counts[i], compare, NULL);
}

/** Rank 1 never answers. @return 0 if that is seen, with a sentence that names it */
static int meet_silence(ws_ranks *ranks, void *user)
{
    const bool dies = *(const bool *)user;
    ws_error err;

    if (ws_ranks_rank(ranks) == 1) {
        if (dies)
            (void)raise(SIGKILL);
        (void)sleep(2);
        return 0;
    }
    ws_ranks_set_patience(ranks, &(ws_ranks_patience){.seconds = 0.3});
    bool stop = false;
    if (ws_ranks_agree(ranks, WS_OK, &stop, &err) != WS_EIO)
        return 1;
    if (strstr(err.message, "rank 1") == NULL)
        return 2;
    /* from here on nothing waits any more */
    unsigned char bytes[MAX_RANKS] = {0};
    ws_ranks_broadcast(ranks, bytes, sizeof bytes);
    return ws_ranks_check(ranks, NULL) == WS_EIO ? 0 : 3;
}

static void test_silence(void **state)
{
    int codes[MAX_RANKS];

    (void)state;
    for (int dies = 0; dies < 2; dies++) {
        /* of three, the third one may be gone before it is asked, too */
        const size_t n = dies > 0 ? 2 : 3;
        bool user = dies > 0;
        local_ranks_run(n, meet_silence, &user, codes);
        for (size_t r = 0; r < n; r++)
            assert_int_equal(codes[r], r == 1 && dies > 0 ? 128 + SIGKILL : 0);
    }
}

/* What launchers set, and what follows from it. */
static void test_launch(void **state)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS",
                                        "PMIX_RANK", "PMI_RANK"};
    static const struct {
        const char *name, *value;
        bool is_by_launcher;
        size_t n_ranks;
        const char *advice;
    } cases[] = {
        {"OMPI_COMM_WORLD_SIZE", "4", true, 4, "the mpirun of the MPI"},
        {"PMI_SIZE", "3", true, 3, "the mpirun of the MPI"},
        {"SLURM_STEP_NUM_TASKS", "2", true, 2, "srun --mpi=pmix -n 2 wordspot train"},
        {"SLURM_STEP_NUM_TASKS", "1", true, 1, NULL},
        {"OMPI_COMM_WORLD_SIZE", "what", false, 1, NULL},
        {"PMIX_RANK", "0", true, 1, NULL},
        {"HOME", "/", false, 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_error err;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            (void)unsetenv(names[k]);
        (void)setenv(cases[i].name, cases[i].value, 1);
        const ws_launch launch = ws_launch_read();
        assert_int_equal(launch.is_by_launcher, cases[i].is_by_launcher);
        assert_int_equal(launch.n_ranks, cases[i].n_ranks);
        assert_int_equal(ws_launch_check(&launch, cases[i].n_ranks, &err), WS_OK);
        if (cases[i].advice == NULL) {
            assert_int_equal(ws_launch_check(&launch, 1, &err), WS_OK);
            continue;
        }
        assert_int_equal(ws_launch_check(&launch, 1, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, cases[i].advice));
        assert_int_equal(ws_launch_check(&launch, 0, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "-DWS_MPI=ON"));
    }
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        (void)unsetenv(names[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),    cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_broadcast), cmocka_unit_test(test_agree),
        cmocka_unit_test(test_compare),   cmocka_unit_test(test_silence),
        cmocka_unit_test(test_launch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
