#include "tbevents/sink.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SPARE = 4 }; /* chunks kept for the next ones: in steady state nothing is allocated */

struct tbe_sink {
    pid_t pid; /* the process that may write */
    size_t max_bytes;
    bool has_thread;   /* else calls write for themselves, and all below is theirs */
    tbe_log_file file; /* the thread's, but for its path */
    bool is_gone;      /* the thread's: the file was found missing, and there is no other one yet */
    _Atomic int reason;
    _Atomic uint64_t n_lost; /* files that were found missing */

    pthread_t thread;
    pthread_mutex_t mutex;   /* guards all below */
    pthread_cond_t work;     /* something was pushed, or the end has come */
    pthread_cond_t progress; /* a chunk was written, or all is done */
    char *path;              /* of the file, as its user names it; owned */
    tbe_chunk *first, *last; /* pushed, not begun */
    tbe_chunk *spare;        /* [n_spare] empty ones of the usual capacity */
    size_t n_spare;
    size_t n_bytes;    /* capacity of what was pushed and is not written */
    bool has_stalled;  /* a wait was without success */
    bool is_ending;    /* nothing more will be pushed */
    bool is_done;      /* the file is closed */
    bool is_abandoned; /* the thread frees the sink */
};

static void free_chunks(tbe_chunk *chunk)
{
    while (chunk != NULL) {
        tbe_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

static void free_sink(tbe_sink *sink)
{
    free_chunks(sink->first);
    free_chunks(sink->spare);
    tbe_log_file_deinit(&sink->file);
    free(sink->path);
    (void)pthread_cond_destroy(&sink->progress);
    (void)pthread_cond_destroy(&sink->work);
    (void)pthread_mutex_destroy(&sink->mutex);
    free(sink);
}

/** Of a chunk that was written or dropped; the mutex is held. */
static void retire_chunk(tbe_sink *sink, tbe_chunk *chunk)
{
    sink->n_bytes -= chunk->capacity;
    if (sink->n_bytes <= sink->max_bytes / 2)
        sink->has_stalled = false;
    if (chunk->capacity == TBE_CHUNK_BYTES && sink->n_spare < MAX_SPARE) {
        chunk->next = sink->spare;
        sink->spare = chunk;
        sink->n_spare++;
    } else {
        free(chunk);
    }
    (void)pthread_cond_broadcast(&sink->progress);
}

static void keep_reason(tbe_sink *sink, int reason)
{
    if (reason != 0 && atomic_load(&sink->reason) == 0)
        atomic_store(&sink->reason, reason);
}

static void publish_path(tbe_sink *sink)
{
    char *path = tbe_log_file_copy_path(&sink->file);

    if (path == NULL)
        return;
    (void)pthread_mutex_lock(&sink->mutex);
    free(sink->path);
    sink->path = path;
    (void)pthread_mutex_unlock(&sink->mutex);
}

/** Looks whether the file still has its name, and begins another one where it has not. Where that
 *  fails the old one is written further, in case that its name comes back. */
static void look_after(tbe_sink *sink, bool begins_again)
{
    const bool was_gone = sink->is_gone;

    sink->is_gone = !tbe_log_file_is_there(&sink->file);
    if (!sink->is_gone)
        return;
    if (begins_again && tbe_log_file_begin_again(&sink->file) == 0) {
        sink->is_gone = false;
        publish_path(sink);
    }
    if (!was_gone) /* last, so that a caller who learns of it finds the new path */
        atomic_fetch_add(&sink->n_lost, 1);
}

static void write_chunk(tbe_sink *sink, const tbe_chunk *chunk)
{
    if (atomic_load(&sink->reason) != 0)
        return;
    if (sink->file.n_beginning > 0)
        look_after(sink, true);
    keep_reason(sink, tbe_log_file_write(&sink->file, chunk->bytes, chunk->size));
}

static void end_file(tbe_sink *sink)
{
    if (sink->file.n_beginning > 0 && atomic_load(&sink->reason) == 0)
        look_after(sink, false);
    keep_reason(sink, tbe_log_file_close(&sink->file));
}

static void *run_thread(void *argument)
{
    tbe_sink *sink = argument;

    (void)pthread_mutex_lock(&sink->mutex);
    for (;;) {
        while (sink->first == NULL && !sink->is_ending)
            (void)pthread_cond_wait(&sink->work, &sink->mutex);
        tbe_chunk *chunk = sink->first;
        if (chunk == NULL)
            break;
        sink->first = chunk->next;
        (void)pthread_mutex_unlock(&sink->mutex);
        write_chunk(sink, chunk);
        (void)pthread_mutex_lock(&sink->mutex);
        retire_chunk(sink, chunk);
    }
    (void)pthread_mutex_unlock(&sink->mutex);
    end_file(sink);
    (void)pthread_mutex_lock(&sink->mutex);
    sink->is_done = true;
    (void)pthread_cond_broadcast(&sink->progress);
    const bool is_mine = sink->is_abandoned;
    (void)pthread_mutex_unlock(&sink->mutex);
    if (is_mine)
        free_sink(sink);
    return NULL;
}

/** With all signals blocked: the program's handlers run on its own threads, and a write beyond a
 *  size limit fails instead of ending the process. */
static int start_thread(tbe_sink *sink)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    int reason = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (reason != 0)
        return reason;
    reason = pthread_create(&sink->thread, NULL, run_thread, sink);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reason;
}

tbe_sink *tbe_sink_create(tbe_log_file *file, const tbe_sink_options *options)
{
    pthread_condattr_t monotonic;
    tbe_sink *sink = calloc(1, sizeof *sink);

    if (sink == NULL) {
        (void)tbe_log_file_close(file);
        tbe_log_file_deinit(file);
        return NULL;
    }
    sink->file = *file;
    *file = (tbe_log_file){.fd = -1};
    sink->pid = getpid();
    sink->max_bytes = options->max_bytes;
    sink->has_thread = !options->no_thread;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&sink->mutex, NULL);
    (void)pthread_cond_init(&sink->work, NULL);
    (void)pthread_cond_init(&sink->progress, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    sink->path = tbe_log_file_copy_path(&sink->file);
    if (sink->path != NULL && (!sink->has_thread || start_thread(sink) == 0))
        return sink;
    (void)tbe_log_file_close(&sink->file);
    free_sink(sink);
    return NULL;
}

int tbe_sink_set_beginning(tbe_sink *sink, const uint8_t *bytes, size_t size)
{
    return tbe_log_file_set_beginning(&sink->file, bytes, size);
}

char *tbe_sink_copy_path(tbe_sink *sink)
{
    (void)pthread_mutex_lock(&sink->mutex);
    char *path = strdup(sink->path);
    (void)pthread_mutex_unlock(&sink->mutex);
    return path;
}

uint64_t tbe_sink_get_n_lost(const tbe_sink *sink)
{
    return atomic_load_explicit(&sink->n_lost, memory_order_relaxed);
}

tbe_chunk *tbe_sink_get_chunk(tbe_sink *sink, size_t capacity)
{
    tbe_chunk *chunk = NULL;

    if (capacity <= TBE_CHUNK_BYTES && getpid() == sink->pid) {
        (void)pthread_mutex_lock(&sink->mutex);
        chunk = sink->spare;
        if (chunk != NULL) {
            sink->spare = chunk->next;
            sink->n_spare--;
        }
        (void)pthread_mutex_unlock(&sink->mutex);
    }
    if (chunk == NULL) {
        const size_t n_bytes = capacity <= TBE_CHUNK_BYTES ? TBE_CHUNK_BYTES : capacity;
        chunk = malloc(sizeof *chunk + n_bytes);
        if (chunk == NULL)
            return NULL;
        chunk->capacity = n_bytes;
    }
    chunk->next = NULL;
    chunk->size = 0;
    return chunk;
}

static struct timespec time_after(double seconds)
{
    struct timespec time = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    const time_t whole = (time_t)seconds;
    time.tv_sec += whole;
    time.tv_nsec += (long)(1e9 * (seconds - (double)whole));
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

/** Waits until at most n_bytes are on their way; the mutex is held. @return whether it is so */
static bool wait_for_room(tbe_sink *sink, size_t n_bytes, double max_wait_s)
{
    if (sink->n_bytes <= n_bytes)
        return true;
    if (sink->has_stalled || !(max_wait_s > 0.0))
        return false;
    const struct timespec end = time_after(max_wait_s);
    while (sink->n_bytes > n_bytes)
        if (pthread_cond_timedwait(&sink->progress, &sink->mutex, &end) == ETIMEDOUT)
            break;
    sink->has_stalled = sink->n_bytes > n_bytes;
    return !sink->has_stalled;
}

/** Puts a chunk at the end of the queue; the mutex is held. */
static void enqueue(tbe_sink *sink, tbe_chunk *chunk)
{
    if (sink->first == NULL)
        sink->first = chunk;
    else
        sink->last->next = chunk;
    sink->last = chunk;
    sink->n_bytes += chunk->capacity;
    (void)pthread_cond_signal(&sink->work);
}

int tbe_sink_push(tbe_sink *sink, tbe_chunk *chunk, double max_wait_s)
{
    if (getpid() != sink->pid)
        return ECHILD;
    int reason = atomic_load(&sink->reason);
    if (reason != 0)
        return reason;
    if (!sink->has_thread) {
        write_chunk(sink, chunk);
        (void)pthread_mutex_lock(&sink->mutex);
        sink->n_bytes += chunk->capacity;
        retire_chunk(sink, chunk);
        (void)pthread_mutex_unlock(&sink->mutex);
        return atomic_load(&sink->reason);
    }
    (void)pthread_mutex_lock(&sink->mutex);
    const size_t room = chunk->capacity < sink->max_bytes ? sink->max_bytes - chunk->capacity : 0;
    if (wait_for_room(sink, room, max_wait_s))
        enqueue(sink, chunk);
    else
        reason = EAGAIN;
    (void)pthread_mutex_unlock(&sink->mutex);
    return reason;
}

int tbe_sink_wait(tbe_sink *sink, double max_wait_s)
{
    if (getpid() != sink->pid)
        return ECHILD;
    (void)pthread_mutex_lock(&sink->mutex);
    const bool is_idle = wait_for_room(sink, 0, max_wait_s);
    (void)pthread_mutex_unlock(&sink->mutex);
    const int reason = atomic_load(&sink->reason);
    return reason != 0 || is_idle ? reason : EAGAIN;
}

bool tbe_sink_is_idle(tbe_sink *sink)
{
    if (getpid() != sink->pid)
        return true; /* nothing of ours; the push then tells */
    (void)pthread_mutex_lock(&sink->mutex);
    const bool is_idle = sink->n_bytes == 0;
    (void)pthread_mutex_unlock(&sink->mutex);
    return is_idle;
}

int tbe_sink_get_reason(const tbe_sink *sink)
{
    return atomic_load_explicit(&sink->reason, memory_order_relaxed);
}

/** Waits until the thread has closed the file; the mutex is held. @return whether it has */
static bool wait_for_end(tbe_sink *sink, double max_wait_s)
{
    const struct timespec end = time_after(max_wait_s);
    while (!sink->is_done)
        if (pthread_cond_timedwait(&sink->progress, &sink->mutex, &end) == ETIMEDOUT)
            break;
    return sink->is_done;
}

/** Frees a sink whose file is closed. @return errno of a write or of the close; 0 */
static int free_ended(tbe_sink *sink, uint64_t *n_lost)
{
    const int reason = atomic_load(&sink->reason);
    *n_lost = atomic_load(&sink->n_lost);
    free_sink(sink);
    return reason;
}

/** Ends a sink that has no thread. */
static void end_directly(tbe_sink *sink, tbe_chunk *last)
{
    if (last != NULL)
        write_chunk(sink, last);
    free(last);
    end_file(sink);
}

int tbe_sink_destroy(tbe_sink *sink, tbe_chunk *last, double max_wait_s, uint64_t *n_lost)
{
    if (sink == NULL || getpid() != sink->pid) {
        free(last);
        if (sink != NULL) /* the rest may be half changed, and has no thread: it stays */
            (void)close(sink->file.fd);
        return sink != NULL ? ECHILD : 0;
    }
    if (!sink->has_thread) {
        end_directly(sink, last);
        return free_ended(sink, n_lost);
    }
    (void)pthread_mutex_lock(&sink->mutex);
    if (last != NULL)
        enqueue(sink, last);
    sink->is_ending = true;
    (void)pthread_cond_signal(&sink->work);
    const bool has_ended = wait_for_end(sink, max_wait_s);
    sink->is_abandoned = !has_ended;
    if (!has_ended)
        (void)pthread_detach(sink->thread);
    (void)pthread_mutex_unlock(&sink->mutex);
    if (!has_ended)
        return EAGAIN;
    (void)pthread_join(sink->thread, NULL);
    return free_ended(sink, n_lost);
}
