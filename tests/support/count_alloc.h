/**
 * Counts the allocations of our own code: everything that is linked statically into a test with
 * WS_COUNT_ALLOC_OPTIONS (tests/CMakeLists.txt), so also that of its threads. What shared
 * libraries allocate inside is theirs: OpenBLAS takes scratch for some small products.
 */
#ifndef WS_TESTS_SUPPORT_COUNT_ALLOC_H
#define WS_TESTS_SUPPORT_COUNT_ALLOC_H

#include <stddef.h>

/** Calls of malloc, calloc, realloc, aligned_alloc, posix_memalign and mmap so far. */
size_t ws_test_n_allocations(void);

#endif
