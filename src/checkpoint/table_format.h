/** The fixed numbers of the table format, shared by its writer and its reader. */
#ifndef WS_CHECKPOINT_TABLE_FORMAT_H
#define WS_CHECKPOINT_TABLE_FORMAT_H

#include <stdint.h>

#define WS_TABLE_MAGIC          UINT64_C(0xdb4775248b80fb57)
#define WS_TABLE_FOOTER_BYTES   48 /* two handles, zeros up to 40, the magic number */
#define WS_TABLE_HANDLES_BYTES  40
#define WS_TABLE_TRAILER_BYTES  5 /* after each block: type, masked CRC-32C */
#define WS_TABLE_TYPE_PLAIN     0
#define WS_TABLE_TYPE_SNAPPY    1
#define WS_TABLE_BLOCK_BYTES    262144 /* a data block that has grown to this is closed */
#define WS_TABLE_HUGE_BYTES     (2 * WS_TABLE_BLOCK_BYTES) /* such an entry starts a block */
#define WS_TABLE_DATA_INTERVAL  16 /* entries from one whole key to the next */
#define WS_TABLE_INDEX_INTERVAL 1

#endif
