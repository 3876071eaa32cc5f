#include "support/count_alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

static atomic_size_t n_allocations;

size_t ws_test_n_allocations(void)
{
    return atomic_load(&n_allocations);
}

/* The linker's --wrap=f sends calls of f to __wrap_f; __real_f is f itself. */
extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t n, size_t size);
extern void *__real_realloc(void *old, size_t size);
extern void *__real_aligned_alloc(size_t alignment, size_t size);
extern int __real_posix_memalign(void **to, size_t alignment, size_t size);
extern void *__real_mmap(void *at, size_t size, int access, int flags, int file, off_t offset);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **to, size_t alignment, size_t size);
void *__wrap_mmap(void *at, size_t size, int access, int flags, int file, off_t offset);

void *__wrap_malloc(size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **to, size_t alignment, size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_posix_memalign(to, alignment, size);
}

void *__wrap_mmap(void *at, size_t size, int access, int flags, int file, off_t offset)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_mmap(at, size, access, flags, file, offset);
}
