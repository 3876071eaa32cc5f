#include "nn/dropout.h"

#include <assert.h>

#include "nn/dropout_lanes.h"

enum {
    LANES = WS_DROPOUT_LANES,
    WORDS_PER_BLOCK = WS_DROPOUT_GRAIN / 32, /* of one Philox block */
};

ws_dropout ws_dropout_of(const ws_dropout *step, const ws_dropout_args *args)
{
    ws_dropout dropout = *step;

    if (step->rate > 0.0 && args->rate > 0.0)
        dropout.rate = args->rate;
    return dropout;
}

size_t ws_dropout_n_words(size_t n)
{
    return (n + WS_DROPOUT_GRAIN - 1) / WS_DROPOUT_GRAIN * WORDS_PER_BLOCK;
}

static ws_dropout_draw_lanes *lanes_of(ws_cpu_level level)
{
    static ws_dropout_draw_lanes *const table[] = {
#define TABLE(level, NAME) ws_dropout_lanes_##level,
        WS_CPU_KERNEL_MAP(TABLE)
#undef TABLE
    };
    return table[level];
}

/** A stream and what draws from it. */
typedef struct source {
    ws_random stream;
    ws_dropout_draw_lanes *draw_lanes;
} source;

/** Blocks first .. first + n_blocks - 1 of a stream. */
static void draw_blocks(const source *from, size_t first, size_t n_blocks, uint32_t *out)
{
    const ws_random *stream = &from->stream;
    size_t i = 0;
    for (; i + LANES <= n_blocks; i += LANES)
        from->draw_lanes(stream, (uint32_t)(first + i), out + WORDS_PER_BLOCK * i);
    for (; i < n_blocks; i++) {
        uint32_t counter[4] = {(uint32_t)(first + i), stream->counter[1], stream->counter[2],
                               stream->counter[3]};
        ws_random_philox(stream->key, counter, out + WORDS_PER_BLOCK * i);
    }
}

/** The mask for any rate: one word of the stream an element. As many blocks are drawn at a time as
 *  go side by side. */
static void draw_compared(const source *from, double rate, size_t first, size_t n_words,
                          uint32_t *keep)
{
    const uint32_t threshold = (uint32_t)(rate * 0x1p32);
    uint32_t words[LANES * WORDS_PER_BLOCK];

    for (size_t i = 0; i < n_words; i++) {
        const size_t place = 32 * i % (LANES * WORDS_PER_BLOCK);
        uint32_t bits = 0;
        if (place == 0)
            draw_blocks(from, (first + 32 * i) / WORDS_PER_BLOCK, LANES, words);
        for (unsigned j = 0; j < 32; j++)
            bits |= (uint32_t)(words[place + j] >= threshold) << j;
        keep[i] = bits;
    }
}

void ws_dropout_draw(const ws_dropout *dropout, ws_dropout_address address, size_t first, size_t n,
                     uint32_t *keep)
{
    const size_t n_words = ws_dropout_n_words(n), row = dropout->first_row + address.row;
    source from = {.draw_lanes = lanes_of(dropout->level)};

    assert(dropout->rate >= 0.0 && dropout->rate < 1.0);
    assert(row < (1u << 24) && address.node <= UINT32_MAX);
    assert(first % WS_DROPOUT_GRAIN == 0);
    ws_random_init(&from.stream, dropout->seed, WS_RANDOM_DROPOUT, dropout->step,
                   (uint32_t)(row << 8 | (address.node & 255)));
    /* the purpose needs eight bits of its word; those of the node that do not fit go above it */
    from.stream.counter[3] |= (uint32_t)(address.node >> 8 << 8);
    if (dropout->rate == 0.5)
        draw_blocks(&from, first / WS_DROPOUT_GRAIN, n_words / WORDS_PER_BLOCK, keep);
    else
        draw_compared(&from, dropout->rate, first, n_words, keep);
}
