#include "page/cell.h"

#include <stdlib.h>

#include "inspect/show.h"

void ws_cell_push_start(ws_buf *buf, const char *shown, size_t n)
{
    size_t n_taken;
    const size_t n_bytes = ws_show_start(shown, n, &n_taken);

    ws_buf_push(buf, shown, n_bytes);
    ws_cell_push_blanks(buf, n - n_taken);
}

void ws_cell_push_blanks(ws_buf *buf, size_t n)
{
    for (; n > 0; n--)
        ws_buf_push_byte(buf, ' ');
}

char *ws_cell_make_shown(ws_buf *buf, const char *text)
{
    char *shown = ws_show_text(text);
    if (shown == NULL)
        buf->status = WS_ENOMEM;
    return shown;
}

void ws_cell_push(ws_buf *buf, const char *text, size_t width)
{
    char *shown = ws_cell_make_shown(buf, text);
    const size_t n = shown != NULL ? ws_show_width(shown) : 0;

    if (shown != NULL)
        ws_cell_push_start(buf, shown, n > width ? width - 3 : n);
    ws_buf_push_string(buf, n > width ? "..." : "");
    ws_cell_push_blanks(buf, n < width ? width - n : 0);
    free(shown);
}

void ws_cell_push_short(ws_buf *buf, const char *text, size_t n_most)
{
    char *shown = ws_cell_make_shown(buf, text);
    const size_t n = shown != NULL ? ws_show_width(shown) : 0;

    ws_cell_push(buf, text, n < n_most ? n : n_most);
    free(shown);
}
