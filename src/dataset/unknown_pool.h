/** The training clips of all words that are not wanted, to draw from. Private to dataset/. */
#ifndef WS_DATASET_UNKNOWN_POOL_H
#define WS_DATASET_UNKNOWN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"

typedef struct ws_unknown_pool {
    uint32_t *files; /* [n_files] word by word; owned */
    size_t n_files;
    size_t *ends; /* [n_words] of each word's files; owned */
    size_t n_words;
    uint32_t last_word; /* pushed */
} ws_unknown_pool;

/** @param pool  overwritten; ws_unknown_pool_deinit() it, also after a failure
 *  @param n     files that will be pushed at most */
WS_MUST_CHECK ws_status ws_unknown_pool_init(ws_unknown_pool *pool, size_t n, ws_error *err);
void ws_unknown_pool_deinit(ws_unknown_pool *pool);

/** Appends a file; files of a word come one after the other. */
void ws_unknown_pool_push(ws_unknown_pool *pool, size_t file, uint32_t word);

/** Draws a file: each clip, or each word and then each of its clips, equally likely. The pool is
 *  not empty. */
size_t ws_unknown_pool_draw(const ws_unknown_pool *pool, bool by_words, ws_random *random);

#endif
