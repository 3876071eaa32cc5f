/** For tests: what the event files of a run's own folder hold for the HParams page. */
#ifndef WS_TESTS_UNIT_RUN_CONTENT_H
#define WS_TESTS_UNIT_RUN_CONTENT_H

#include <stdint.h>

#include "hparams.pb-c.h"
#include "tbevents/tbevents.h"

enum { RUN_CONTENT_MAX_POINTS = 32 };

/** A value. */
typedef struct run_point {
    char tag[64];
    int64_t step;
    double value;                          /* of a scalar */
    Tbproto__SessionEndInfo__Status ended; /* of an end */
} run_point;

/** What the files hold, in the order of their names. */
typedef struct run_content {
    run_point points[RUN_CONTENT_MAX_POINTS];
    size_t n;
    char group[64];
    size_t n_own_files; /* of the hparams view */
} run_content;

/* A directory around each test, for its summaries_dir. */
extern char run_logs[256];
int run_logs_set_up(void **state);
int run_logs_tear_down(void **state);

run_content run_content_read(const char *summaries_dir, const char *run_name);

/** The last value of a tag; NULL: no value. */
const run_point *run_content_last_of(const run_content *found, const char *tag);

void run_content_assert_last(const run_content *found, const char *tag, int64_t step, double value);

/** The number of values of a tag. */
size_t run_content_count(const run_content *found, const char *tag);

#endif
