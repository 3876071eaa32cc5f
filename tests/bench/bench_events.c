/* Times tbevents: bench_events DIR [n_scalars [rounds]]. Writes an event file of n_scalars scalars
 * in DIR, from opening to closing, with one and with ten scalars an event, and deletes it. A line
 * each: its name, millions of scalars a second of wall time (the best round), the same of the
 * caller's processor time, bytes a scalar. Nothing may be dropped: the caller waits for the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tbevents/tbevents.h"

enum { DEFAULT_SCALARS = 5000000, DEFAULT_ROUNDS = 5, N_TAGS = 10 };

typedef struct result {
    double wall_s, caller_s, n_bytes;
} result;

static const char *const tags[N_TAGS] = {
    "eval/accuracy", "eval/cross_entropy", "eval/rate", "metrics/norm", "metrics/speed",
    "recall/yes",    "recall/no",          "recall/up", "recall/down",  "recall/left"};

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void add_all(tbe_writer *writer, long n_scalars, size_t n_per_event)
{
    float values[N_TAGS] = {0};
    for (long step = 0; step < n_scalars / (long)n_per_event; step++) {
        values[0] = (float)step;
        if (n_per_event == 1)
            (void)tbe_add_scalar(writer, step, tags[0], values[0]);
        else
            (void)tbe_add_scalars(writer, step, n_per_event, tags, values);
    }
}

static result run(const char *dir, long n_scalars, size_t n_per_event)
{
    char path[1024], message[512];
    struct stat info = {.st_size = 0};
    tbe_options options;
    const double wall_s = seconds(CLOCK_MONOTONIC);
    const double caller_s = seconds(CLOCK_THREAD_CPUTIME_ID);

    tbe_options_init(&options, sizeof options);
    options.max_wait_s = 3600.0;
    options.close_wait_s = 3600.0;
    tbe_writer *writer = tbe_open(dir, &options);
    (void)snprintf(path, sizeof path, "%s", tbe_get_path(writer));
    add_all(writer, n_scalars, n_per_event);
    if (tbe_close(writer, message, sizeof message) != TBE_OK) {
        fprintf(stderr, "bench_events: %s\n", message);
        exit(1);
    }
    result took = {seconds(CLOCK_MONOTONIC) - wall_s, seconds(CLOCK_THREAD_CPUTIME_ID) - caller_s,
                   0};
    (void)stat(path, &info);
    took.n_bytes = (double)info.st_size;
    (void)unlink(path);
    return took;
}

static void report(const char *dir, const char *name, long n_scalars, int n_rounds,
                   size_t n_per_event)
{
    result best = run(dir, n_scalars, n_per_event);
    for (int round = 1; round < n_rounds; round++) {
        const result other = run(dir, n_scalars, n_per_event);
        if (other.wall_s < best.wall_s)
            best.wall_s = other.wall_s;
        if (other.caller_s < best.caller_s)
            best.caller_s = other.caller_s;
    }
    const double n = (double)n_scalars;
    printf("%s %.3f %.3f %.1f\n", name, 1e-6 * n / best.wall_s, 1e-6 * n / best.caller_s,
           best.n_bytes / n);
}

int main(int argc, char **argv)
{
    const long n_scalars = argc > 2 ? strtol(argv[2], NULL, 10) : DEFAULT_SCALARS;
    const long n_rounds = argc > 3 ? strtol(argv[3], NULL, 10) : DEFAULT_ROUNDS;

    if (argc < 2 || n_scalars < N_TAGS || n_rounds < 1 || n_rounds > 1000) {
        fputs("bench_events: expected a directory, and perhaps scalars and rounds\n", stderr);
        return 2;
    }
    report(argv[1], "tbevents", n_scalars, (int)n_rounds, 1);
    report(argv[1], "tbevents_by_ten", n_scalars, (int)n_rounds, N_TAGS);
    return 0;
}
