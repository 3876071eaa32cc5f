#include "metrics/confusion_focus.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** A confusion that is not in the picture yet. */
typedef struct candidate {
    size_t row, column;
    uint64_t count; /* 0: there is none */
} candidate;

/** The largest confusion with one or two labels that were not chosen, at most n_free. */
static candidate find_next(const ws_confusion *confusion, const bool *is_chosen, size_t n_free)
{
    const size_t n = confusion->n_labels;
    candidate best = {0, 0, 0};

    for (size_t row = 0; row < n; row++) {
        for (size_t column = 0; column < n; column++) {
            const uint64_t count = confusion->counts[row * n + column];
            const size_t n_new = (size_t)!is_chosen[row] + (size_t)!is_chosen[column];
            if (row != column && count > best.count && n_new > 0 && n_new <= n_free)
                best = (candidate){row, column, count};
        }
    }
    return best;
}

size_t ws_confusion_focus_find(const ws_confusion *confusion, size_t n_wanted, size_t *labels)
{
    const size_t n = confusion->n_labels;
    bool *is_chosen = calloc(n, sizeof *is_chosen);
    size_t n_chosen = 0, n_found = 0;

    if (is_chosen == NULL)
        return 0;
    while (n_chosen < n_wanted) {
        const candidate next = find_next(confusion, is_chosen, n_wanted - n_chosen);
        if (next.count == 0)
            break;
        n_chosen += (size_t)!is_chosen[next.row] + (size_t)!is_chosen[next.column];
        is_chosen[next.row] = is_chosen[next.column] = true;
    }
    if (n_chosen == 0)
        memset(is_chosen, true, (n < n_wanted ? n : n_wanted) * sizeof *is_chosen);
    for (size_t i = 0; i < n; i++) {
        if (is_chosen[i])
            labels[n_found++] = i;
    }
    free(is_chosen);
    return n_found;
}

void ws_confusion_focus_get(const ws_confusion *confusion, const size_t *labels, size_t n,
                            uint64_t *counts)
{
    const size_t n_all = confusion->n_labels;
    size_t row_place = 0; /* of the first chosen label that is not below the row */

    memset(counts, 0, (n + 1) * (n + 1) * sizeof *counts);
    for (size_t row = 0; row < n_all; row++) {
        const bool is_row = row_place < n && labels[row_place] == row;
        uint64_t *sums = counts + (is_row ? row_place : n) * (n + 1);
        size_t place = 0;
        for (size_t column = 0; column < n_all; column++) {
            const bool is_column = place < n && labels[place] == column;
            if (row != column)
                sums[is_column ? place : n] += confusion->counts[row * n_all + column];
            place += is_column;
        }
        row_place += is_row;
    }
}
