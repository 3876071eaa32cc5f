#include "support/failing_alloc.h"

#include <stddef.h>

static long n_left = -1; /* allocations until one fails; -1: none does */
static bool has_failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void)
{
    if (n_left < 0 || n_left-- > 0)
        return false;
    has_failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void fail_allocation(long n)
{
    has_failed = false;
    n_left = n;
}

void fail_no_allocation(void)
{
    n_left = -1;
}

bool allocation_has_failed(void)
{
    return has_failed;
}
