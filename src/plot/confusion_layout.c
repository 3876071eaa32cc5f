#include "plot/confusion_layout.h"

#include <string.h>

#include "plot/font.h"

enum {
    STEP = 350, /* sides are multiples of what the Images page shows */
    MIN_SIZE = 2 * STEP,
    CROWD_SIZE = 4 * STEP, /* the largest at which a stroke survives scaling to 350 */
    MAX_SIZE = 10 * STEP,
    FEW = 8, /* labels, which may be longer, with more room around them */
    AXIS_SPACE = 6,
    FEW_AXIS_SPACE = 12,
    WANTED_PITCH = 40, /* room for "100" */
    CROWD_PITCH = 32,  /* room for two digits */
    LABEL_PITCH = 24,  /* labels on every line need at least this */
    TEXT = WS_FONT_HEIGHT * WS_LAYOUT_STROKE,
    MIN_LABEL = 84,   /* a label may always be as long as this */
    UPWARD_FOOT = 36, /* room for a narrow "100" */
    TITLE_SPACE = 8,
    BETWEEN_TITLES = 24,
    CELL_STROKES = 13 /* three digits and a little air */
};

static int even(int value)
{
    return value / 2 * 2;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/** Copies the label without a pair of underscores around it. @return whether there was one */
static bool strip_underscores(const char *label, char *bare)
{
    const size_t length = strlen(label);
    const bool marked = length > 2 && label[0] == '_' && label[length - 1] == '_';
    size_t n = marked ? length - 2 : length;
    if (n > WS_FONT_MAX_BYTES - 1)
        n = WS_FONT_MAX_BYTES - 1;
    memcpy(bare, label + (marked ? 1 : 0), n);
    bare[n] = '\0';
    return marked;
}

void ws_confusion_layout_label(const char *label, int max_length, char *shown)
{
    const ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, 0);
    char bare[WS_FONT_MAX_BYTES];

    const bool marked = strip_underscores(label, bare);
    if (marked && strlen(bare) > 3 && ws_font_width(&pen, bare) > max_length &&
        ((unsigned char)bare[3] & 0xc0) != 0x80) /* not in the midst of a character */
        bare[3] = '\0';
    ws_font_fit(&pen, bare, max_length, shown);
}

/** The room that the longest label takes if none may take more than max_length; or "PREC %". */
static int find_label_length(const ws_confusion_plot_args *args, const ws_confusion_layout *layout,
                             int max_length)
{
    const ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, 0);
    int longest = ws_font_width(&pen, "PREC %") - TEXT - layout->axis_space;
    for (size_t i = 0; i < args->n_labels; i++) {
        char shown[WS_FONT_MAX_BYTES];
        ws_confusion_layout_label(args->labels[i], max_length, shown);
        const int length = ws_font_width(&pen, shown);
        longest = length > longest ? length : longest;
    }
    return longest;
}

int ws_confusion_layout_line(const ws_confusion_layout *layout)
{
    return WS_FONT_HEIGHT * layout->title_stroke + TITLE_SPACE;
}

/** Pixels above the column labels. */
static int head_height(const ws_confusion_layout *layout)
{
    const int n_lines = layout->two_lines ? 2 : 1;
    return WS_LAYOUT_MARGIN + n_lines * ws_confusion_layout_line(layout) + TEXT +
           layout->axis_space;
}

/** Pixels that are neither cells nor labels: from left to right, from top to bottom. */
static int fixed_width(const ws_confusion_layout *layout)
{
    return WS_LAYOUT_MARGIN + TEXT + layout->axis_space + 2 * WS_LAYOUT_SPACE + WS_LAYOUT_EDGE +
           WS_LAYOUT_MARGIN;
}

static int fixed_height(const ws_confusion_layout *layout)
{
    return head_height(layout) + 2 * WS_LAYOUT_SPACE + layout->foot_height + WS_LAYOUT_MARGIN -
           WS_LAYOUT_GAP;
}

/** Pixels for cells and labels together. */
static int find_room(const ws_confusion_layout *layout)
{
    const int taken_across = fixed_width(layout);
    const int taken_down = fixed_height(layout);
    return layout->size - (taken_across > taken_down ? taken_across : taken_down);
}

/** Fills in everything that follows from the size. */
static void lay_out(const ws_confusion_plot_args *args, ws_confusion_layout *layout)
{
    const int n = layout->n_labels;
    layout->title_stroke = even(layout->size * WS_LAYOUT_STROKE / MIN_SIZE);
    layout->foot_upward = layout->size >= CROWD_SIZE;
    layout->foot_height = layout->foot_upward ? UPWARD_FOOT : TEXT;
    const ws_pen pen = ws_pen_make(layout->title_stroke, 0);
    const int titles = ws_font_width(&pen, args->title) + ws_font_width(&pen, args->summary);
    layout->two_lines =
        args->summary[0] != '\0' && titles + BETWEEN_TITLES > layout->size - 2 * WS_LAYOUT_MARGIN;

    const int room = find_room(layout);
    const int spare = room - n * CROWD_PITCH;
    int max_length = n <= FEW ? layout->size / 5 : layout->size * MIN_LABEL / MIN_SIZE;
    if (max_length > spare)
        max_length = spare > MIN_LABEL ? spare : MIN_LABEL;
    layout->label_length = find_label_length(args, layout, max_length);
    layout->pitch = even((room - layout->label_length) / n);
    if (layout->pitch < LABEL_PITCH) {
        layout->label_length = 0;
        layout->pitch = even(room / n);
    }
}

/** Puts the matrix in its place; what is left over by whole pitches goes to both sides. */
static void place(ws_confusion_layout *layout)
{
    const int used = layout->label_length + layout->n_labels * layout->pitch;
    const int spare_across = layout->size - fixed_width(layout) - used;
    const int spare_down = layout->size - fixed_height(layout) - used;
    layout->left = WS_LAYOUT_MARGIN + TEXT + layout->axis_space + layout->label_length +
                   WS_LAYOUT_SPACE + even(spare_across / 2);
    layout->top =
        head_height(layout) + layout->label_length + WS_LAYOUT_SPACE + even(spare_down / 2);
}

void ws_confusion_layout_find(const ws_confusion_plot_args *args, ws_confusion_layout *layout)
{
    *layout = (ws_confusion_layout){.n_labels = (int)args->n_labels};
    layout->axis_space = layout->n_labels <= FEW ? FEW_AXIS_SPACE : AXIS_SPACE;
    for (int size = MIN_SIZE; size <= MAX_SIZE; size += STEP) {
        layout->size = size;
        lay_out(args, layout);
        const int wanted = size < CROWD_SIZE ? WANTED_PITCH : CROWD_PITCH;
        if (layout->pitch >= wanted)
            break;
    }
    const int stroke = even(layout->pitch / CELL_STROKES);
    layout->cell_stroke = stroke < WS_LAYOUT_STROKE ? WS_LAYOUT_STROKE : min_int(stroke, 12);
    place(layout);
}

ws_rect ws_confusion_layout_cell(const ws_confusion_layout *layout, size_t row, size_t column)
{
    const int side = layout->pitch - WS_LAYOUT_GAP;
    return (ws_rect){layout->left + (int)column * layout->pitch,
                     layout->top + (int)row * layout->pitch, side, side};
}
