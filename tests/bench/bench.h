/** What programs that time something have in common: a failure ends them. */
#ifndef WS_TESTS_BENCH_BENCH_H
#define WS_TESTS_BENCH_BENCH_H

#include <stddef.h>

#include "base/status.h"

/** Prints err and ends the program unless the status is WS_OK. */
void bench_check(ws_status status, const ws_error *err);

/** Memory of zeros for any vector (free()); without it the program ends. */
void *bench_memory(size_t n_bytes);

#endif
