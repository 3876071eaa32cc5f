#include "plot/font.h"

#include <stddef.h>
#include <string.h>

/** A letter: its rows from top to bottom, a # for each stroke. */
typedef struct font_glyph {
    char code; /* ASCII, capitals only */
    const char *rows[WS_FONT_HEIGHT];
} font_glyph;

static const font_glyph glyphs[] = {
    {' ', {"  ", "  ", "  ", "  ", "  "}},
    {'A', {".#.", "#.#", "###", "#.#", "#.#"}},
    {'B', {"##.", "#.#", "##.", "#.#", "##."}},
    {'C', {"###", "#..", "#..", "#..", "###"}},
    {'D', {"##.", "#.#", "#.#", "#.#", "##."}},
    {'E', {"###", "#..", "##.", "#..", "###"}},
    {'F', {"###", "#..", "##.", "#..", "#.."}},
    {'G', {"###", "#..", "#.#", "#.#", "###"}},
    {'H', {"#.#", "#.#", "###", "#.#", "#.#"}},
    {'I', {"#", "#", "#", "#", "#"}},
    {'J', {"..#", "..#", "..#", "#.#", "###"}},
    {'K', {"#.#", "#.#", "##.", "#.#", "#.#"}},
    {'L', {"#..", "#..", "#..", "#..", "###"}},
    {'M', {"#...#", "##.##", "#.#.#", "#...#", "#...#"}},
    {'N', {"#..#", "##.#", "####", "#.##", "#..#"}},
    {'O', {"###", "#.#", "#.#", "#.#", "###"}},
    {'P', {"###", "#.#", "###", "#..", "#.."}},
    {'Q', {"###", "#.#", "#.#", "###", "..#"}},
    {'R', {"###", "#.#", "##.", "#.#", "#.#"}},
    {'S', {"###", "#..", "###", "..#", "###"}},
    {'T', {"###", ".#.", ".#.", ".#.", ".#."}},
    {'U', {"#.#", "#.#", "#.#", "#.#", "###"}},
    {'V', {"#.#", "#.#", "#.#", "#.#", ".#."}},
    {'W', {"#...#", "#...#", "#.#.#", "##.##", "#...#"}},
    {'X', {"#.#", "#.#", ".#.", "#.#", "#.#"}},
    {'Y', {"#.#", "#.#", ".#.", ".#.", ".#."}},
    {'Z', {"###", "..#", ".#.", "#..", "###"}},
    {'0', {"###", "#.#", "#.#", "#.#", "###"}},
    {'1', {"##.", ".#.", ".#.", ".#.", "###"}},
    {'2', {"###", "..#", "###", "#..", "###"}},
    {'3', {"###", "..#", ".##", "..#", "###"}},
    {'4', {"#.#", "#.#", "###", "..#", "..#"}},
    {'5', {"###", "#..", "###", "..#", "###"}},
    {'6', {"###", "#..", "###", "#.#", "###"}},
    {'7', {"###", "..#", "..#", "..#", "..#"}},
    {'8', {"###", "#.#", "###", "#.#", "###"}},
    {'9', {"###", "#.#", "###", "..#", "###"}},
    {'%', {"#.#", "..#", ".#.", "#..", "#.#"}},
    {'.', {".", ".", ".", ".", "#"}},
    {',', {"..", "..", "..", ".#", "#."}},
    {':', {".", "#", ".", "#", "."}},
    {'=', {"...", "###", "...", "###", "..."}},
    {'-', {"...", "...", "###", "...", "..."}},
    {'_', {"...", "...", "...", "...", "###"}},
    {'/', {"..#", "..#", ".#.", "#..", "#.."}},
    {'(', {".#", "#.", "#.", "#.", ".#"}},
    {')', {"#.", ".#", ".#", ".#", "#."}},
    {'+', {"...", ".#.", "###", ".#.", "..."}},
    {'\'', {"#", "#", ".", ".", "."}},
    {'#', {".#.#.", "#####", ".#.#.", "#####", ".#.#."}},
};

static const font_glyph missing = {'\0', {"###", "###", "###", "###", "###"}};

static const font_glyph *find_glyph(char code)
{
    if (code >= 'a' && code <= 'z')
        code = (char)(code - 'a' + 'A');
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++) {
        if (glyphs[i].code == code)
            return &glyphs[i];
    }
    return &missing;
}

static int glyph_width(const font_glyph *glyph, int stroke)
{
    return (int)strlen(glyph->rows[0]) * stroke;
}

/** How many bytes the character at text takes: 1 for a byte that starts no whole one. */
static size_t character_length(const char *text)
{
    const unsigned char first = (unsigned char)*text;
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) /* a terminator is not one, either */
            return 1;
    }
    return length;
}

bool ws_font_has(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (find_glyph(*at) == &missing)
            return false;
    }
    return true;
}

ws_pen ws_pen_make(int stroke, unsigned char colour)
{
    return (ws_pen){.stroke = stroke, .gap = stroke, .colour = colour};
}

int ws_font_width(const ws_pen *pen, const char *text)
{
    int width = 0;
    for (const char *at = text; *at != '\0'; at += character_length(at)) {
        width += (at == text ? 0 : pen->gap) + glyph_width(find_glyph(*at), pen->stroke);
    }
    return width;
}

/** Draws a letter whose box begins at offset along a text of that width in all. */
static void draw_glyph(ws_canvas *canvas, const ws_pen *pen, const font_glyph *glyph, ws_rect box,
                       int offset)
{
    const int stroke = pen->stroke;
    for (int row = 0; row < WS_FONT_HEIGHT; row++) {
        for (int column = 0; glyph->rows[row][column] != '\0'; column++) {
            if (glyph->rows[row][column] != '#')
                continue;
            const int along = offset + column * stroke;
            const int across = row * stroke;
            ws_rect dot = {box.x + along, box.y + across, stroke, stroke};
            if (pen->upward) {
                dot.x = box.x + across;
                dot.y = box.y + box.height - along - stroke;
            }
            ws_canvas_fill(canvas, dot, pen->colour);
        }
    }
}

void ws_font_draw(ws_canvas *canvas, const ws_pen *pen, const char *text, int x, int y)
{
    const int length = ws_font_width(pen, text);
    const int height = WS_FONT_HEIGHT * pen->stroke;
    const ws_rect box = {x, y, pen->upward ? height : length, pen->upward ? length : height};
    int offset = 0;
    for (const char *at = text; *at != '\0'; at += character_length(at)) {
        const font_glyph *glyph = find_glyph(*at);
        draw_glyph(canvas, pen, glyph, box, offset);
        offset += glyph_width(glyph, pen->stroke) + pen->gap;
    }
}

void ws_font_fit(const ws_pen *pen, const char *text, int max_width, char *fitted)
{
    const int stop_width = pen->gap + glyph_width(find_glyph('.'), pen->stroke);
    size_t n = 0;     /* bytes looked at, all of which fit */
    size_t n_cut = 0; /* bytes of the longest beginning that fits with a full stop */
    int width = 0;    /* of the bytes looked at */

    while (text[n] != '\0') {
        const size_t length = character_length(text + n);
        width += (n == 0 ? 0 : pen->gap) + glyph_width(find_glyph(text[n]), pen->stroke);
        if (width > max_width || n + length > WS_FONT_MAX_BYTES - 2)
            break;
        n += length;
        if (width + stop_width <= max_width)
            n_cut = n;
    }
    if (text[n] == '\0')
        n_cut = n;
    memcpy(fitted, text, n_cut);
    if (n_cut > 0 && text[n_cut] != '\0')
        fitted[n_cut++] = '.';
    fitted[n_cut] = '\0';
}
