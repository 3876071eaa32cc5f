#include "page/markdown_table.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CODE = 0x10ffff, MAX_BYTES = 4 };

/** A character as UTF-8. @return its bytes */
static size_t write_utf8(unsigned long code, char text[MAX_BYTES])
{
    static const unsigned long limits[MAX_BYTES] = {0x80, 0x800, 0x10000, MAX_CODE + 1};
    static const unsigned char heads[MAX_BYTES] = {0, 0xc0, 0xe0, 0xf0};
    size_t n = 1;

    while (code >= limits[n - 1])
        n++;
    for (size_t i = n; i-- > 0; code >>= 6)
        text[i] = (char)(i > 0 ? (0x80 | (code & 0x3f)) : (heads[n - 1] | code));
    return n;
}

/** The character of a reference such as "&#124;", at its "&". @return its length, or 0 */
static size_t read_reference(const char *at, char text[MAX_BYTES + 1])
{
    char *end = NULL;

    if (strncmp(at, "&#", 2) != 0 || at[2] < '0' || at[2] > '9')
        return 0;
    const unsigned long code = strtoul(at + 2, &end, 10);
    if (*end != ';' || code == 0 || code > MAX_CODE)
        return 0;
    text[write_utf8(code, text)] = '\0';
    return (size_t)(end + 1 - at);
}

/** Turns a cell into plain text, in place: it only becomes shorter. */
static void make_plain(char *cell)
{
    static const char *const marks[] = {"**", "`", "<code>", "</code>"};
    char *to = cell;

    for (const char *at = cell; *at != '\0';) {
        char text[MAX_BYTES + 1];
        size_t n = 0;
        for (size_t i = 0; n == 0 && i < sizeof marks / sizeof *marks; i++)
            if (strncmp(at, marks[i], strlen(marks[i])) == 0)
                n = strlen(marks[i]);
        if (n == 0) {
            n = read_reference(at, text);
            const size_t n_text = n > 0 ? strlen(text) : 1;
            memmove(to, n > 0 ? text : at, n_text);
            to += n_text;
            n = n > 0 ? n : 1;
        }
        at += n;
    }
    *to = '\0';
    ws_text_drop_blanks(cell, "");
}

/** Appends the cells of a row "| a | b |". */
static ws_status push_cells(ws_text_list *cells, const char *line, size_t n_line, size_t *n_cells)
{
    const char *end = line + n_line;
    ws_status status = WS_OK;

    *n_cells = 0;
    for (const char *at = line + 1; status == WS_OK && at < end;) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        if (bar == NULL)
            break;
        char *cell = ws_text_format("%.*s", (int)(bar - at), at);
        if (cell == NULL)
            return WS_ENOMEM;
        make_plain(cell);
        status = ws_text_list_push(cells, cell);
        free(cell);
        ++*n_cells;
        at = bar + 1;
    }
    return status;
}

static bool is_rule(const char *line, size_t n_line)
{
    return strspn(line, "|-: ") >= n_line;
}

ws_status ws_markdown_table_read(ws_markdown_table *table, const char *text)
{
    ws_status status = WS_OK;

    *table = (ws_markdown_table){.n_rows = 0};
    for (const char *line = text; status == WS_OK && *line != '\0';) {
        const size_t n_line = strcspn(line, "\n");
        size_t n_cells = 0;
        if (line[0] != '|' && table->n_rows > 0)
            break;
        if (line[0] == '|' && !is_rule(line, n_line)) {
            const size_t n_before = table->cells.n_items;
            status = push_cells(&table->cells, line, n_line, &n_cells);
            if (table->n_rows == 0)
                table->n_columns = n_cells;
            if (n_cells == table->n_columns && n_cells > 0)
                table->n_rows++;
            else
                while (table->cells.n_items > n_before)
                    free(table->cells.items[--table->cells.n_items]);
        }
        line += n_line + (line[n_line] == '\n');
    }
    return status;
}

void ws_markdown_table_deinit(ws_markdown_table *table)
{
    ws_text_list_deinit(&table->cells);
    *table = (ws_markdown_table){.n_rows = 0};
}

const char *ws_markdown_table_get(const ws_markdown_table *table, size_t row, size_t column)
{
    return table->cells.items[row * table->n_columns + column];
}
