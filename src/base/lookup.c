#include "base/lookup.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 63 }; /* longer names are not worth a suggestion */

ws_status ws_lookup(const char *what, const char *name, ws_name_at name_at, size_t n, size_t *index,
                    ws_error *err)
{
    char list[512];
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(name_at(i), name) == 0) {
            *index = i;
            return WS_OK;
        }
    }
    list[0] = '\0';
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        const int length =
            snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", name_at(i));
        used += length > 0 ? (size_t)length : 0;
    }
    return ws_fail(err, WS_ENOTFOUND, "unknown %s \"%s\", expected one of: %s", what, name, list);
}

/** The number of insertions, deletions and substitutions from a to b (Levenshtein), one row of
 *  the table at a time; both at most MAX_NAME long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[MAX_NAME + 1];
    const size_t n_b = strlen(b);

    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            const size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n_b];
}

const char *ws_closest_name(const char *name, ws_name_at name_at, size_t n)
{
    const char *closest = NULL;
    size_t least = strlen(name) / 3 + 1; /* more edits than that is another word */

    if (strlen(name) > MAX_NAME)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *candidate = name_at(i);
        if (strlen(candidate) > MAX_NAME)
            continue;
        const size_t distance = edit_distance(name, candidate);
        if (distance <= least && (closest == NULL || distance < least)) {
            closest = candidate;
            least = distance;
        }
    }
    return closest;
}
