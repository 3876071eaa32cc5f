/* An index as bytes, for other processes that have the same clips. Paths are written from the data
 * set's directory on; the reader puts its own directory before them. All numbers are little-endian:
 *
 *   u64  format, files, words, then the entries of each set, files of the pool, words of the pool
 *   text each word, and each file as "<folder>/<clip>", with a NUL
 *   u32  the word of each file
 *   u64  the entries of each set
 *   u32  the files of the pool;  u64  the end of each of its words
 *
 * The bytes come from a program of the same version. They are checked all the same: no number in
 * them leads outside of an array. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "dataset/index_internal.h"
#include "dataset/labels.h"

enum { FORMAT = 1 };

void ws_index_write(const ws_index *index, ws_buf *bytes)
{
    const ws_clip_list *clips = &index->clips;
    const ws_unknown_pool *pool = &index->pool;

    ws_buf_push_u64le(bytes, FORMAT);
    ws_buf_push_u64le(bytes, clips->n_files);
    ws_buf_push_u64le(bytes, clips->words.n_items);
    for (size_t set = 0; set < WS_N_SETS; set++)
        ws_buf_push_u64le(bytes, index->sets[set].n);
    ws_buf_push_u64le(bytes, pool->n_files);
    ws_buf_push_u64le(bytes, pool->n_words);
    for (size_t i = 0; i < clips->words.n_items; i++)
        ws_buf_push(bytes, clips->words.items[i], strlen(clips->words.items[i]) + 1);
    for (size_t i = 0; i < clips->n_files; i++) {
        const char *name = ws_path_tail(ws_clip_list_path(clips, i));
        ws_buf_push(bytes, name, strlen(name) + 1);
    }
    for (size_t i = 0; i < clips->n_files; i++)
        ws_buf_push_u32le(bytes, clips->word_ids[i]);
    for (size_t set = 0; set < WS_N_SETS; set++)
        for (size_t i = 0; i < index->sets[set].n; i++)
            ws_buf_push_u64le(bytes, index->sets[set].entries[i]);
    for (size_t i = 0; i < pool->n_files; i++)
        ws_buf_push_u32le(bytes, pool->files[i]);
    for (size_t i = 0; i < pool->n_words; i++)
        ws_buf_push_u64le(bytes, pool->ends[i]);
}

/** Bytes that are being read. After the first fault all that is taken is 0. */
typedef struct reading {
    const unsigned char *at;
    size_t n_left;
    ws_status status;
} reading;

static uint64_t take_number(reading *from, size_t n_bytes)
{
    uint64_t value = 0;

    if (from->n_left < n_bytes)
        from->status = WS_EFORMAT;
    if (from->status != WS_OK)
        return 0;
    for (size_t i = 0; i < n_bytes; i++)
        value |= (uint64_t)from->at[i] << (8 * i);
    from->at += n_bytes;
    from->n_left -= n_bytes;
    return value;
}

static uint64_t take_u64(reading *from)
{
    return take_number(from, sizeof(uint64_t));
}

/** A number below a bound. */
static uint64_t take_below(reading *from, size_t n_bytes, uint64_t bound)
{
    const uint64_t value = take_number(from, n_bytes);

    if (value >= bound)
        from->status = WS_EFORMAT;
    return from->status == WS_OK ? value : 0;
}

/** How many things follow, each of which takes a byte or more. */
static size_t take_count(reading *from)
{
    const uint64_t n = take_u64(from);

    if (n > from->n_left)
        from->status = WS_EFORMAT;
    return from->status == WS_OK ? (size_t)n : 0;
}

/** @return NULL after a fault */
static const char *take_text(reading *from)
{
    const char *text = (const char *)from->at;
    const unsigned char *end =
        from->status == WS_OK && from->n_left > 0 ? memchr(from->at, '\0', from->n_left) : NULL;

    if (end == NULL) {
        from->status = from->status == WS_OK ? WS_EFORMAT : from->status;
        return NULL;
    }
    from->n_left -= (size_t)(end + 1 - from->at);
    from->at = end + 1;
    return text;
}

/** How many of each kind there are. */
typedef struct counts {
    size_t n_files, n_words, n_entries[WS_N_SETS], n_pool_files, n_pool_words;
} counts;

static counts take_counts(reading *from)
{
    counts n = {.n_files = 0};

    if (take_u64(from) != FORMAT)
        from->status = WS_EFORMAT;
    n.n_files = take_count(from);
    n.n_words = take_count(from);
    for (size_t set = 0; set < WS_N_SETS; set++)
        n.n_entries[set] = take_count(from);
    n.n_pool_files = take_count(from);
    n.n_pool_words = take_count(from);
    return n;
}

static void take_words(reading *from, size_t n, ws_names *words)
{
    for (size_t i = 0; from->status == WS_OK && i < n; i++) {
        const char *word = take_text(from);
        size_t number;
        if (word == NULL)
            return;
        from->status = ws_names_push(words, word, &number, NULL);
        if (from->status == WS_OK && number != i) /* the same word twice */
            from->status = WS_EFORMAT;
    }
}

static void take_files(reading *from, const counts *n, const char *data_dir, ws_clip_list *clips)
{
    for (size_t i = 0; from->status == WS_OK && i < n->n_files; i++) {
        const char *name = take_text(from);
        char *path = name != NULL ? ws_path_join(data_dir, name) : NULL;
        if (name != NULL)
            from->status = path != NULL ? ws_clip_list_push(clips, path, 0) : WS_ENOMEM;
        free(path);
    }
    for (size_t i = 0; from->status == WS_OK && i < n->n_files; i++)
        clips->word_ids[i] = (uint32_t)take_below(from, sizeof(uint32_t), n->n_words);
}

static void take_entries(reading *from, size_t n, const ws_index *index, ws_entry_list *list)
{
    list->entries = from->status == WS_OK ? malloc((n + 1) * sizeof *list->entries) : NULL;
    if (from->status == WS_OK && list->entries == NULL)
        from->status = WS_ENOMEM;
    for (size_t i = 0; from->status == WS_OK && i < n; i++) {
        const uint64_t entry = take_u64(from);
        if ((uint32_t)entry >= index->clips.n_files || entry >> 32 >= index->labels.n_items)
            from->status = WS_EFORMAT;
        else
            list->entries[list->n++] = entry;
    }
}

static void take_pool(reading *from, const counts *n, ws_unknown_pool *pool)
{
    if (n->n_pool_words > n->n_pool_files)
        from->status = WS_EFORMAT;
    if (from->status == WS_OK)
        from->status = ws_unknown_pool_init(pool, n->n_pool_files, NULL);
    for (size_t i = 0; from->status == WS_OK && i < n->n_pool_files; i++)
        pool->files[i] = (uint32_t)take_below(from, sizeof(uint32_t), n->n_files);
    for (size_t i = 0, last = 0; from->status == WS_OK && i < n->n_pool_words; i++) {
        pool->ends[i] = (size_t)take_below(from, sizeof(uint64_t), n->n_pool_files + 1);
        if (pool->ends[i] <= last) /* every word has files */
            from->status = WS_EFORMAT;
        last = pool->ends[i];
    }
    if (from->status == WS_OK && n->n_pool_files > 0 &&
        (n->n_pool_words == 0 || pool->ends[n->n_pool_words - 1] != n->n_pool_files))
        from->status = WS_EFORMAT;
    pool->n_files = n->n_pool_files;
    pool->n_words = n->n_pool_words;
}

ws_status ws_index_read(const ws_index_options *options, const void *bytes, size_t n_bytes,
                        ws_index **index, ws_error *err)
{
    reading from = {.at = bytes, .n_left = n_bytes, .status = WS_OK};

    *index = NULL;
    ws_index *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "the index");
    ws_clip_list_init(&made->clips);
    const ws_status status = ws_labels_push(&made->labels, options->wanted_words, err);
    if (status != WS_OK) {
        ws_index_destroy(made);
        return status;
    }
    const counts n = take_counts(&from);
    take_words(&from, n.n_words, &made->clips.words);
    take_files(&from, &n, options->data_dir, &made->clips);
    for (size_t set = 0; set < WS_N_SETS; set++)
        take_entries(&from, n.n_entries[set], made, &made->sets[set]);
    take_pool(&from, &n, &made->pool);
    if (from.status == WS_OK && from.n_left > 0)
        from.status = WS_EFORMAT;
    if (from.status == WS_OK) {
        *index = made;
        return WS_OK;
    }
    ws_index_destroy(made);
    if (from.status == WS_ENOMEM)
        return ws_fail_memory(err, "the index");
    return ws_fail(err, WS_EFORMAT,
                   "the index of the clips that another process has sent cannot be read; expected "
                   "that of the same version of wordspot, with the same flags");
}
