#include <stdlib.h>

#include "tbevents/writer.h"

/** Refuses a body that is not text. @param n_bytes  set to its length; "" is fine */
static tbe_status check_body(tbe_writer *writer, const char *tag, const char *text, size_t *n_bytes)
{
    const char *complaint = "is NULL";
    tbe_status status = TBE_EINVAL;

    *n_bytes = 0;
    if (text != NULL && text[0] == '\0')
        return TBE_OK;
    if (text != NULL)
        status = tbe_text_check(text, TBE_TEXT_LINES, TBE_MAX_BODY_BYTES, n_bytes, &complaint);
    if (status == TBE_OK)
        return TBE_OK;
    return tbe_refuse(writer, status, "a text of " TBE_QUOTE " %s", tag, complaint);
}

tbe_status tbe_add_text(tbe_writer *writer, int64_t step, const char *tag, const char *markdown)
{
    tbe_bytes text = {markdown, 0};
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "text",
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_STRING,
        .n_strings = 1,
        .strings = &text,
    };
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_tag(writer, tag, NULL);
    if (status == TBE_OK)
        status = check_body(writer, tag, markdown, &text.size);
    if (status == TBE_OK && text.size == 0)
        status = tbe_refuse(writer, TBE_EINVAL, "a text of " TBE_QUOTE " is empty", tag);
    return status == TBE_OK ? tbe_add_tensor(writer, step, &value) : status;
}

static tbe_status check_cells(tbe_writer *writer, const char *tag, size_t n_cells,
                              const char *const *cells, tbe_bytes *strings)
{
    size_t total = 0;
    for (size_t i = 0; i < n_cells; i++) {
        strings[i].data = cells[i];
        const tbe_status status = check_body(writer, tag, cells[i], &strings[i].size);
        if (status != TBE_OK)
            return status;
        total += strings[i].size;
        if (total > TBE_MAX_BODY_BYTES)
            return tbe_refuse(writer, TBE_ELIMIT, "the table " TBE_QUOTE " is above %d bytes", tag,
                              TBE_MAX_BODY_BYTES);
    }
    return TBE_OK;
}

static tbe_status check_table(tbe_writer *writer, const char *tag, size_t n_rows, size_t n_columns,
                              const char *const *cells)
{
    if (n_rows == 0 || n_columns == 0 || cells == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "the table " TBE_QUOTE " is empty", tag);
    if (n_rows > TBE_MAX_CELLS || n_columns > TBE_MAX_CELLS / n_rows)
        return tbe_refuse(writer, TBE_ELIMIT, "the table " TBE_QUOTE " is above %d cells", tag,
                          TBE_MAX_CELLS);
    return TBE_OK;
}

tbe_status tbe_add_text_table(tbe_writer *writer, int64_t step, const char *tag, size_t n_rows,
                              size_t n_columns, const char *const *cells)
{
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_tag(writer, tag, NULL);
    if (status == TBE_OK)
        status = check_table(writer, tag, n_rows, n_columns, cells);
    if (status != TBE_OK)
        return status;
    tbe_bytes *strings = malloc(n_rows * n_columns * sizeof *strings);
    if (strings == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the table " TBE_QUOTE, tag);
    status = check_cells(writer, tag, n_rows * n_columns, cells, strings);
    tbe_tensor_value value = {
        .tag = tag,
        .plugin = "text",
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_STRING,
        .n_dims = 2,
        .dims = {n_rows, n_columns},
        .n_strings = n_rows * n_columns,
        .strings = strings,
    };
    if (status == TBE_OK)
        status = tbe_add_tensor(writer, step, &value);
    free(strings);
    return status;
}
