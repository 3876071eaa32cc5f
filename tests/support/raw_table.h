/** Tables around blocks of any bytes, with right checksums: what a reader must survive. */
#ifndef WS_TESTS_SUPPORT_RAW_TABLE_H
#define WS_TESTS_SUPPORT_RAW_TABLE_H

#include <stddef.h>

#include "base/buf.h"

/**
 * Appends a whole table file to file (empty before): one data block of exactly these bytes, an
 * empty metaindex block and an index block that names the data block with a key above all others.
 *
 * @param type  of the data block; 0 says that it is not compressed
 */
void ws_test_table_wrap(ws_buf *file, const unsigned char *block, size_t size, unsigned char type);

#endif
