/**
 * Counts calls of malloc, calloc, realloc and aligned_alloc in the whole program, and the blocks
 * that have not been freed. A test that wants it lists support/allocations.c among its sources.
 * Under a sanitizer, which has an allocator of its own, nothing is counted.
 */
#ifndef WS_TESTS_SUPPORT_ALLOCATIONS_H
#define WS_TESTS_SUPPORT_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/** Whether calls are counted in this build. */
bool ws_test_counts_allocations(void);

/** Calls so far, of all threads. */
size_t ws_test_n_allocations(void);

/** Blocks that are held now: allocated by any of these calls, and not freed. */
size_t ws_test_n_held(void);

#endif
