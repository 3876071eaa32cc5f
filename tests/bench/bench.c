#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_check(ws_status status, const ws_error *err)
{
    if (status != WS_OK) {
        fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
}

void *bench_memory(size_t n_bytes)
{
    enum { ALIGNMENT = 64 };
    void *memory = aligned_alloc(ALIGNMENT, (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);

    if (memory == NULL) {
        fprintf(stderr, "no memory for %zu bytes\n", n_bytes);
        exit(1);
    }
    memset(memory, 0, n_bytes);
    return memory;
}
