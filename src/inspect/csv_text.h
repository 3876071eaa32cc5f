/** A text as a cell of comma-separated values. Private to csv*.c. */
#ifndef WS_INSPECT_CSV_TEXT_H
#define WS_INSPECT_CSV_TEXT_H

#include "base/buf.h"

void ws_csv_push_text(ws_buf *out, const char *text);

#endif
