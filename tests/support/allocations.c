#include "support/allocations.h"

#include <stdatomic.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

#if defined(IS_SANITIZED) || !defined(__GLIBC__)

bool ws_test_counts_allocations(void)
{
    return false;
}

size_t ws_test_n_allocations(void)
{
    return 0;
}

#else

static atomic_size_t n_calls;

/* glibc's own allocator under its other names; a program may define the usual ones itself. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* The whole program's, libraries included, wherever they are. */
#define EXPORTED __attribute__((visibility("default")))

EXPORTED void *malloc(size_t size)
{
    atomic_fetch_add(&n_calls, 1);
    return __libc_malloc(size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
    atomic_fetch_add(&n_calls, 1);
    return __libc_calloc(n, size);
}

EXPORTED void *realloc(void *old, size_t size)
{
    atomic_fetch_add(&n_calls, 1);
    return __libc_realloc(old, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&n_calls, 1);
    return __libc_memalign(alignment, size);
}

bool ws_test_counts_allocations(void)
{
    return true;
}

size_t ws_test_n_allocations(void)
{
    return atomic_load(&n_calls);
}

#endif
