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

size_t ws_test_n_held(void)
{
    return 0;
}

#else

static atomic_size_t n_calls, n_held;

/* glibc's own allocator under its other names; a program may define the usual ones itself. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* The whole program's, libraries included, wherever they are. */
#define EXPORTED __attribute__((visibility("default")))

static void *count(void *block)
{
    atomic_fetch_add(&n_calls, 1);
    atomic_fetch_add(&n_held, block != NULL);
    return block;
}

EXPORTED void *malloc(size_t size)
{
    return count(__libc_malloc(size));
}

EXPORTED void *calloc(size_t n, size_t size)
{
    return count(__libc_calloc(n, size));
}

/* Frees a block that it makes 0 bytes long. */
EXPORTED void *realloc(void *old, size_t size)
{
    const bool is_freed = old != NULL && size == 0;
    void *block = __libc_realloc(old, size);

    atomic_fetch_add(&n_calls, 1);
    if (old == NULL)
        atomic_fetch_add(&n_held, block != NULL);
    else if (is_freed && block == NULL)
        atomic_fetch_sub(&n_held, 1);
    return block;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    return count(__libc_memalign(alignment, size));
}

/* Also blocks of posix_memalign() and the like, of which none may be held when one is counted. */
EXPORTED void free(void *block)
{
    atomic_fetch_sub(&n_held, block != NULL);
    __libc_free(block);
}

bool ws_test_counts_allocations(void)
{
    return true;
}

size_t ws_test_n_allocations(void)
{
    return atomic_load(&n_calls);
}

size_t ws_test_n_held(void)
{
    return atomic_load(&n_held);
}

#endif
