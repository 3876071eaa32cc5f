#include "dataset/unknown_pool.h"

#include <stdlib.h>

ws_status ws_unknown_pool_init(ws_unknown_pool *pool, size_t n, ws_error *err)
{
    *pool = (ws_unknown_pool){.files = malloc((n + 1) * sizeof *pool->files),
                              .ends = malloc((n + 1) * sizeof *pool->ends)};
    return pool->files != NULL && pool->ends != NULL ? WS_OK : ws_fail_memory(err, "the index");
}

void ws_unknown_pool_deinit(ws_unknown_pool *pool)
{
    free(pool->files);
    free(pool->ends);
    *pool = (ws_unknown_pool){.n_files = 0};
}

void ws_unknown_pool_push(ws_unknown_pool *pool, size_t file, uint32_t word)
{
    if (pool->n_words == 0 || word != pool->last_word)
        pool->n_words++;
    pool->last_word = word;
    pool->files[pool->n_files++] = (uint32_t)file;
    pool->ends[pool->n_words - 1] = pool->n_files;
}

size_t ws_unknown_pool_draw(const ws_unknown_pool *pool, bool by_words, ws_random *random)
{
    size_t first = 0, end = pool->n_files;

    if (by_words) {
        const size_t word = ws_random_below(random, (uint32_t)pool->n_words);
        first = word > 0 ? pool->ends[word - 1] : 0;
        end = pool->ends[word];
    }
    return pool->files[first + ws_random_below(random, (uint32_t)(end - first))];
}
