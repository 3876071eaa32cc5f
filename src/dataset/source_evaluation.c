/* Evaluation batches: made once, in order, then copied. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/source_internal.h"

enum { NOT_MADE, MADE, BROKEN };

static ws_status make_cache(ws_source *source, ws_set set, ws_error *err)
{
    ws_evaluation_cache *cache = &source->evaluation[set];
    const size_t n_clips = ws_index_n_clips(source->options.index, set);

    if (cache->features != NULL)
        return WS_OK;
    free(cache->states); /* of an attempt that failed */
    cache->states = calloc(n_clips + 1, 1);
    cache->features = malloc((n_clips * source->settings->size + 1) * sizeof *cache->features);
    if (cache->states != NULL && cache->features != NULL)
        return WS_OK;
    free(cache->features);
    cache->features = NULL;
    return ws_fail_memory(err, "the fingerprints of an evaluation set");
}

static bool are_all_made(const unsigned char *states, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        if (states[i] == NOT_MADE)
            return false;
    }
    return true;
}

/** Makes the entries from first to end that are not there yet. @return what they met */
static unsigned make_missing(ws_source *source, ws_set set, size_t first, size_t end)
{
    const ws_evaluation_cache cache = source->evaluation[set];
    const size_t size = source->settings->size;
    unsigned met = WS_ROW_GOOD;

    if (are_all_made(cache.states, first, end)) /* waking the threads would take longer */
        return WS_ROW_GOOD;
#pragma omp parallel for schedule(static) num_threads(source->options.n_threads) reduction(| : met)
    for (size_t i = first; i < end; i++) {
        if (cache.states[i] != NOT_MADE)
            continue;
        const ws_row_result result = ws_source_make_evaluation_row(
            source, &source->workers[omp_get_thread_num()], set, i, cache.features + i * size);
        met |= result;
        if (result == WS_ROW_MET_BROKEN)
            cache.states[i] = BROKEN;
        else if (result != WS_ROW_NO_MEMORY)
            cache.states[i] = MADE;
    }
    return met;
}

static ws_status report_entries(ws_source *source, ws_set set, size_t first, size_t end,
                                ws_error *err)
{
    ws_status status = WS_OK;
    for (size_t i = first; status == WS_OK && i < end; i++) {
        const ws_clip clip = ws_index_clip(source->options.index, set, i);
        status = ws_source_report_clip(source, &clip, err);
    }
    return status;
}

ws_status ws_source_read_evaluation(ws_source *source, ws_set set, size_t offset, size_t n,
                                    ws_evaluation_rows *rows, ws_error *err)
{
    const size_t n_clips = ws_index_n_clips(source->options.index, set);
    const size_t first = offset < n_clips ? offset : n_clips;
    const size_t end = n < n_clips - first ? first + n : n_clips;
    const size_t size = source->settings->size;
    const ws_evaluation_cache *cache = &source->evaluation[set];

    rows->n = 0;
    ws_status status = make_cache(source, set, err);
    if (status != WS_OK)
        return status;
    const unsigned met = make_missing(source, set, first, end);
    if ((met & WS_ROW_NO_MEMORY) != 0)
        return ws_fail_memory(err, "a clip");
    if (met != WS_ROW_GOOD)
        status = report_entries(source, set, first, end, err);
    for (size_t i = first; status == WS_OK && i < end; i++) {
        if (cache->states[i] != MADE)
            continue;
        memcpy(rows->features + rows->n * size, cache->features + i * size,
               size * sizeof *rows->features);
        rows->labels[rows->n] = ws_index_clip(source->options.index, set, i).label;
        if (rows->entries != NULL)
            rows->entries[rows->n] = i;
        rows->n++;
    }
    return status;
}

ws_status ws_source_read_samples(ws_source *source, ws_set set, size_t i, float *samples,
                                 ws_error *err)
{
    const ws_row_result made =
        ws_source_make_evaluation_samples(source, &source->workers[0], set, i, samples);
    const ws_clip clip = ws_index_clip(source->options.index, set, i);

    if (made == WS_ROW_NO_MEMORY)
        return ws_fail_memory(err, "a clip");
    if (made == WS_ROW_MET_BROKEN)
        return ws_fail(err, WS_EFORMAT, "%s", ws_clip_store_fault(source->clips, clip.file));
    return WS_OK;
}
