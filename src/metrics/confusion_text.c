/* NumPy's layout of a matrix of whole numbers (its array2string with the default options). */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "metrics/confusion.h"

enum {
    LINE_WIDTH = 75,    /* columns, both brackets included */
    THRESHOLD = 1000,   /* elements; more are summarised */
    EDGE_ITEMS = 3,     /* shown at each end of a summarised row or column */
    MAX_NUMBER = 21,    /* bytes of the longest count and its terminator */
    INDENT = 2,         /* columns before a row that continues in another line */
    MAX_BYTES = 1 << 20 /* far above 1000 elements of 20 digits, or 7 rows of 7 */
};

/** Which indices of an axis are printed: all n, or a few at each end. */
typedef struct axis_items {
    size_t n;       /* indices there are */
    size_t n_shown; /* items printed, the dots being one */
    bool with_dots; /* item EDGE_ITEMS stands for all that are left out */
} axis_items;

static axis_items make_axis(size_t n)
{
    const bool with_dots = n * n > THRESHOLD;
    return (axis_items){
        .n = n, .n_shown = with_dots ? 2 * EDGE_ITEMS + 1 : n, .with_dots = with_dots};
}

static bool is_dots(const axis_items *axis, size_t item)
{
    return axis->with_dots && item == EDGE_ITEMS;
}

/** The index that an item stands for; not for the dots. */
static size_t index_of(const axis_items *axis, size_t item)
{
    return axis->with_dots && item > EDGE_ITEMS ? axis->n - (axis->n_shown - item) : item;
}

/** The width of the widest element that is printed: NumPy does not look at those left out. */
static int find_width(const ws_confusion *confusion, const axis_items *axis)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < axis->n_shown; i++) {
        for (size_t j = 0; j < axis->n_shown; j++) {
            if (is_dots(axis, i) || is_dots(axis, j))
                continue;
            const size_t at = index_of(axis, i) * axis->n + index_of(axis, j);
            if (confusion->counts[at] > largest)
                largest = confusion->counts[at];
        }
    }
    return snprintf(NULL, 0, "%" PRIu64, largest);
}

/** One row without its brackets; goes to a further line where the next element has no room. */
static void push_row(ws_buf *text, const uint64_t *row, const axis_items *axis, int width)
{
    size_t column = INDENT;
    for (size_t item = 0; item < axis->n_shown; item++) {
        char word[MAX_NUMBER];
        if (is_dots(axis, item))
            (void)snprintf(word, sizeof word, "...");
        else
            (void)snprintf(word, sizeof word, "%*" PRIu64, width, row[index_of(axis, item)]);
        /* two columns stay free for the brackets after the last row */
        const bool at_start = column == INDENT;
        const size_t wanted = column + !at_start + strlen(word);
        if (!at_start && wanted > LINE_WIDTH - 2) {
            ws_buf_push_format(text, "\n%*s%s", INDENT, "", word);
            column = INDENT + strlen(word);
        } else {
            ws_buf_push_format(text, "%s%s", at_start ? "" : " ", word);
            column = wanted;
        }
    }
}

char *ws_confusion_text(const ws_confusion *confusion)
{
    ws_buf text;

    ws_buf_init(&text, MAX_BYTES);
    if (ws_confusion_total(confusion) == 0) {
        /* the original has no matrix yet when a set is empty */
        ws_buf_push_string(&text, " None");
    } else {
        const axis_items axis = make_axis(confusion->n_labels);
        const int width = find_width(confusion, &axis);
        for (size_t item = 0; item < axis.n_shown; item++) {
            ws_buf_push_string(&text, item == 0 ? " [" : "\n ");
            if (is_dots(&axis, item)) {
                ws_buf_push_string(&text, "...");
                continue;
            }
            ws_buf_push_string(&text, "[");
            push_row(&text, confusion->counts + index_of(&axis, item) * axis.n, &axis, width);
            ws_buf_push_string(&text, "]");
        }
        ws_buf_push_string(&text, "]");
    }
    char *string = ws_buf_take_string(&text);
    ws_buf_deinit(&text);
    return string;
}
