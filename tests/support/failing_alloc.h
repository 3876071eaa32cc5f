/**
 * Makes the n-th allocation fail: of malloc, calloc and realloc of everything that is linked
 * statically into a test with this file among its sources and WS_FAILING_ALLOC_OPTIONS
 * (tests/CMakeLists.txt). What shared libraries allocate inside is theirs.
 *
 *     long n = 0;
 *     do {
 *         fail_allocation(n++);
 *         ... the code under test ...
 *         fail_no_allocation();
 *     } while (allocation_has_failed());
 */
#ifndef WS_TESTS_SUPPORT_FAILING_ALLOC_H
#define WS_TESTS_SUPPORT_FAILING_ALLOC_H

#include <stdbool.h>

/** Starts a trial in which allocation n fails, counted from 0, and no other. */
void fail_allocation(long n);

/** From here on none fails. */
void fail_no_allocation(void);

/** Whether the trial came to its allocation. */
bool allocation_has_failed(void);

#endif
