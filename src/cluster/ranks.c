#include "cluster/ranks.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crc32c.h"

/* Tasks that are under way at the same time; one more waits for the oldest. */
enum { MAX_TASKS = WS_TRANSPORT_MAX_TRANSFERS / 2 };

/* How long a rank that waits looks without a pause, and then with short ones. */
static const double spin_seconds = 0.002, pause_seconds = 50e-6;

/* After a stop is wanted, others should answer soon: launchers end ranks about a second later. */
static const double stop_seconds = 0.7;

/** A message on its way. */
typedef struct transfer {
    size_t number;
    size_t other; /* rank */
} transfer;

typedef struct task {
    transfer *transfers; /* [2 n_ranks] */
    size_t n;            /* left */
} task;

struct ws_ranks {
    ws_transport transport;
    ws_ranks_patience patience;
    task *tasks; /* [MAX_TASKS] */
    transfer *transfers;
    size_t n_begun;    /* tasks so far */
    size_t n_finished; /* of them, those that are done and all before them */
    size_t *ends;      /* [n_ranks] for small messages */
    unsigned char *small;
    bool has_warned;
    ws_error fault; /* the first one */
    ws_ranks_traffic traffic;
};

/** What each rank tells the others in ws_ranks_agree. */
typedef struct word {
    int32_t status;
    int32_t stop;
    uint32_t crc;
} word;

size_t ws_ranks_count(const ws_ranks *ranks)
{
    return ranks != NULL ? ranks->transport.n_ranks : 1;
}

size_t ws_ranks_rank(const ws_ranks *ranks)
{
    return ranks != NULL ? ranks->transport.rank : 0;
}

static bool has_failed(const ws_ranks *ranks)
{
    return ranks->fault.status != WS_OK;
}

ws_status ws_ranks_check(const ws_ranks *ranks, ws_error *err)
{
    if (ranks == NULL || !has_failed(ranks))
        return WS_OK;
    return ws_fail(err, ranks->fault.status, "%s", ranks->fault.message);
}

void ws_ranks_set_patience(ws_ranks *ranks, const ws_ranks_patience *patience)
{
    if (ranks != NULL)
        ranks->patience = *patience;
}

ws_ranks_traffic ws_ranks_get_traffic(const ws_ranks *ranks)
{
    return ranks != NULL ? ranks->traffic : (ws_ranks_traffic){.n_bytes = 0};
}

ws_status ws_ranks_create(ws_ranks **ranks, const ws_transport *transport, ws_error *err)
{
    const size_t n = transport->n_ranks;
    ws_ranks *made = calloc(1, sizeof *made);

    *ranks = NULL;
    if (made != NULL) {
        made->transport = *transport;
        made->tasks = calloc(MAX_TASKS, sizeof *made->tasks);
        made->transfers = calloc(MAX_TASKS * 2 * n, sizeof *made->transfers);
        made->ends = calloc(n, sizeof *made->ends);
        made->small = calloc(n, sizeof(word));
    }
    if (made == NULL || made->tasks == NULL || made->transfers == NULL || made->ends == NULL ||
        made->small == NULL) {
        if (made == NULL)
            transport->close(transport->user);
        else
            ws_ranks_close(made);
        return ws_fail_memory(err, "the ranks of a training");
    }
    for (size_t i = 0; i < MAX_TASKS; i++)
        made->tasks[i].transfers = made->transfers + i * 2 * n;
    *ranks = made;
    return WS_OK;
}

void ws_ranks_close(ws_ranks *ranks)
{
    if (ranks == NULL)
        return;
    if (has_failed(ranks))
        ranks->transport.abandon(ranks->transport.user, 1);
    else
        ranks->transport.close(ranks->transport.user);
    free(ranks->small);
    free(ranks->ends);
    free(ranks->transfers);
    free(ranks->tasks);
    free(ranks);
}

/* ---- tasks ---- */

static task *task_at(ws_ranks *ranks, size_t number)
{
    return &ranks->tasks[number % MAX_TASKS];
}

/** Looks at what is left of a task; what is done leaves the list. */
static void test_task(ws_ranks *ranks, task *t)
{
    for (size_t i = 0; i < t->n && !has_failed(ranks);) {
        bool is_done = false;
        if (ranks->transport.test(ranks->transport.user, t->transfers[i].number, &is_done,
                                  &ranks->fault) != WS_OK)
            return;
        if (is_done)
            t->transfers[i] = t->transfers[--t->n];
        else
            i++;
    }
}

void ws_ranks_progress(ws_ranks *ranks)
{
    if (ranks == NULL)
        return;
    for (size_t i = ranks->n_finished; i < ranks->n_begun; i++)
        test_task(ranks, task_at(ranks, i));
}

/** A rank may have died while this one waits: says so where a stop is wanted too, for then this
 *  process has little time left. */
static void warn_of_silence(ws_ranks *ranks, size_t other, double *stop_seen)
{
    const ws_ranks_patience *patience = &ranks->patience;

    if (ranks->has_warned || patience->stop_wanted == NULL ||
        !patience->stop_wanted(patience->user))
        return;
    const double now = ws_clock_monotonic();
    if (*stop_seen == 0.0)
        *stop_seen = now;
    if (now - *stop_seen < stop_seconds)
        return;
    ranks->has_warned = true;
    ws_log_write(patience->log, WS_LOG_ERROR,
                 "rank %zu does not answer any more, and this process was told to end: that rank "
                 "has probably died. Earlier checkpoints are unchanged",
                 other);
}

/** Between two looks. */
static void pause_wait(double waited)
{
    const struct timespec pause = {.tv_nsec = (long)(pause_seconds * 1e9)};

    if (waited < spin_seconds)
        (void)sched_yield();
    else
        (void)nanosleep(&pause, NULL);
}

static void wait_task(ws_ranks *ranks, task *t)
{
    const double start = ws_clock_monotonic();
    double waited = 0.0, stop_seen = 0.0;

    test_task(ranks, t);
    while (t->n > 0 && !has_failed(ranks)) {
        const size_t other = t->transfers[0].other;
        if (ranks->patience.seconds > 0.0 && waited > ranks->patience.seconds)
            (void)ws_fail(&ranks->fault, WS_EIO,
                          "rank %zu has not answered for %.0f seconds: it hangs, or its machine is "
                          "gone. Earlier checkpoints are unchanged",
                          other, waited);
        else
            warn_of_silence(ranks, other, &stop_seen);
        pause_wait(waited);
        test_task(ranks, t);
        waited = ws_clock_monotonic() - start;
    }
    ranks->traffic.seconds += waited;
}

void ws_ranks_finish(ws_ranks *ranks, ws_ranks_task which)
{
    if (ranks == NULL)
        return;
    if (which.number >= ranks->n_finished)
        wait_task(ranks, task_at(ranks, which.number));
    while (ranks->n_finished < ranks->n_begun && task_at(ranks, ranks->n_finished)->n == 0)
        ranks->n_finished++;
}

static ws_ranks_task begin_task(ws_ranks *ranks)
{
    const ws_ranks_task made = {ranks->n_begun};

    if (ranks->n_begun - ranks->n_finished == MAX_TASKS)
        ws_ranks_finish(ranks, (ws_ranks_task){ranks->n_finished});
    if (ranks->n_begun - ranks->n_finished == MAX_TASKS) /* a fault: nothing comes any more */
        ranks->n_finished = ranks->n_begun;
    ranks->n_begun++;
    task_at(ranks, made.number)->n = 0;
    return made;
}

/** @param is_sent  by this rank, to the other one */
static void push_transfer(ws_ranks *ranks, ws_ranks_task to, bool is_sent, size_t other, void *data,
                          size_t n_bytes)
{
    task *t = task_at(ranks, to.number);
    transfer *made = &t->transfers[t->n];
    const ws_transport *transport = &ranks->transport;

    if (n_bytes == 0 || has_failed(ranks))
        return;
    if (n_bytes > WS_TRANSPORT_MAX_BYTES) {
        (void)ws_fail(&ranks->fault, WS_ELIMIT,
                      "a message to another rank has %zu bytes, expected at most %d", n_bytes,
                      (int)WS_TRANSPORT_MAX_BYTES);
        return;
    }
    made->other = other;
    const ws_status status = is_sent ? transport->send(transport->user, other, data, n_bytes,
                                                       &made->number, &ranks->fault)
                                     : transport->receive(transport->user, other, data, n_bytes,
                                                          &made->number, &ranks->fault);
    if (status != WS_OK)
        return;
    t->n++;
    if (is_sent) {
        ranks->traffic.n_bytes += n_bytes;
        ranks->traffic.n_messages++;
    }
}

static size_t begin_of(const size_t *ends, size_t rank)
{
    return rank > 0 ? ends[rank - 1] : 0;
}

ws_ranks_task ws_ranks_gather_begin(ws_ranks *ranks, void *data, const size_t *ends)
{
    if (ranks == NULL)
        return (ws_ranks_task){0};
    const ws_ranks_task made = begin_task(ranks);
    const size_t n = ranks->transport.n_ranks, rank = ranks->transport.rank;
    unsigned char *bytes = data;

    for (size_t k = 1; k < n; k++) { /* each rank begins with another one */
        const size_t from = (rank + n - k) % n, begin = begin_of(ends, from);
        push_transfer(ranks, made, false, from, bytes + begin, ends[from] - begin);
    }
    const size_t begin = begin_of(ends, rank);
    for (size_t k = 1; k < n; k++)
        push_transfer(ranks, made, true, (rank + k) % n, bytes + begin, ends[rank] - begin);
    return made;
}

ws_ranks_task ws_ranks_exchange_begin(ws_ranks *ranks, const void *own, const size_t *ends,
                                      void *received)
{
    if (ranks == NULL)
        return (ws_ranks_task){0};
    const ws_ranks_task made = begin_task(ranks);
    const size_t n = ranks->transport.n_ranks, rank = ranks->transport.rank;
    const size_t n_piece = ends[rank] - begin_of(ends, rank);
    unsigned char *to = received;
    const unsigned char *from = own;

    for (size_t k = 1; k < n; k++) {
        const size_t other = (rank + n - k) % n;
        push_transfer(ranks, made, false, other, to + other * n_piece, n_piece);
    }
    for (size_t k = 1; k < n; k++) {
        const size_t other = (rank + k) % n, begin = begin_of(ends, other);
        push_transfer(ranks, made, true, other, (void *)(uintptr_t)(from + begin),
                      ends[other] - begin);
    }
    return made;
}

void ws_ranks_gather(ws_ranks *ranks, void *data, const size_t *ends)
{
    if (ranks != NULL)
        ws_ranks_finish(ranks, ws_ranks_gather_begin(ranks, data, ends));
}

/* ---- small messages ---- */

void ws_ranks_broadcast(ws_ranks *ranks, void *data, size_t n_bytes)
{
    unsigned char *bytes = data;

    if (ranks == NULL)
        return;
    for (size_t done = 0; done < n_bytes && !has_failed(ranks);) {
        const size_t left = n_bytes - done;
        const size_t n = left < WS_TRANSPORT_MAX_BYTES ? left : WS_TRANSPORT_MAX_BYTES;
        for (size_t r = 0; r < ranks->transport.n_ranks; r++)
            ranks->ends[r] = n; /* all of it is rank 0's */
        ws_ranks_gather(ranks, bytes + done, ranks->ends);
        done += n;
    }
}

/** All ranks' words, which are valid until the next call. */
static const word *gather_words(ws_ranks *ranks, word own)
{
    word *words = (word *)(void *)ranks->small;

    for (size_t r = 0; r < ranks->transport.n_ranks; r++)
        ranks->ends[r] = (r + 1) * sizeof *words;
    words[ranks->transport.rank] = own;
    ws_ranks_gather(ranks, words, ranks->ends);
    return words;
}

/** Everybody gets the sentence of one rank. */
static ws_status share_sentence(ws_ranks *ranks, size_t from, ws_error *err)
{
    const size_t n = ranks->transport.n_ranks;
    ws_error said = {.status = WS_OK};

    if (from == ranks->transport.rank && err != NULL)
        said = *err;
    for (size_t r = 0; r < n; r++)
        ranks->ends[r] = r >= from ? sizeof said : 0;
    ws_ranks_gather(ranks, &said, ranks->ends);
    const ws_status status = ws_ranks_check(ranks, err);
    if (status != WS_OK)
        return status;
    said.message[sizeof said.message - 1] = '\0';
    if (from == 0)
        return ws_fail(err, said.status, "%s", said.message);
    return ws_fail(err, said.status, "rank %zu: %s", from, said.message);
}

ws_status ws_ranks_agree(ws_ranks *ranks, ws_status status, bool *stop, ws_error *err)
{
    ws_error own = {.status = status};

    if (ranks == NULL)
        return status;
    if (status != WS_OK && err != NULL)
        own = *err;
    own.status = status;
    const bool wants_stop = stop != NULL && *stop;
    const word *words =
        gather_words(ranks, (word){.status = (int32_t)status, .stop = wants_stop ? 1 : 0});
    const ws_status lost = ws_ranks_check(ranks, err);
    if (lost != WS_OK)
        return status != WS_OK ? ws_fail(err, status, "%s", own.message) : lost;
    for (size_t r = 0; r < ranks->transport.n_ranks; r++) {
        if (words[r].status == WS_OK)
            continue;
        ws_error said = own;
        const ws_status agreed = share_sentence(ranks, r, &said);
        if (err != NULL)
            *err = said;
        return agreed;
    }
    for (size_t r = 0; stop != NULL && r < ranks->transport.n_ranks; r++)
        *stop = *stop || words[r].stop != 0;
    return WS_OK;
}

ws_status ws_ranks_compare(ws_ranks *ranks, const void *data, size_t n_bytes, const char *what,
                           ws_error *err)
{
    if (ranks == NULL)
        return WS_OK;
    const word *words = gather_words(ranks, (word){.crc = ws_crc32c(0, data, n_bytes)});
    const ws_status status = ws_ranks_check(ranks, err);
    if (status != WS_OK)
        return status;
    for (size_t r = 1; r < ranks->transport.n_ranks; r++)
        if (words[r].crc != words[0].crc)
            return ws_fail(
                err, WS_EINVAL,
                "rank %zu and rank 0 differ in %s. All ranks must be given the same flags "
                "and files",
                r, what);
    return WS_OK;
}
