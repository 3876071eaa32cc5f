/**
 * CRC-32C (Castagnoli), the checksum of TensorFlow's record and table formats. Compiled into the
 * tbevents library too, which otherwise knows nothing of Wordspot.
 */
#ifndef WS_BASE_CRC32C_H
#define WS_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** The CRC-32C of a text so far, continued over n_bytes more; start with 0.
 *  crc("123456789") = 0xe3069283. */
uint32_t ws_crc32c(uint32_t crc, const void *data, size_t n_bytes);

/** The form in which it is stored: rotated right by 15 and 0xa282ead8 added. */
uint32_t ws_crc32c_mask(uint32_t crc);
uint32_t ws_crc32c_unmask(uint32_t masked);

#endif
