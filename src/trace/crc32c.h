/*
 * crc32c: the Castagnoli CRC of iSCSI (RFC 3720), for the headers of .eyas blocks.
 *
 * Layer: trace. Headers are small; the data behind them has zstd's own checksum.
 */
#ifndef EYAS_CRC32C_H
#define EYAS_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC of n bytes; that of "123456789" is 0xe3069283. */
uint32_t crc32c(const void *p, size_t n);

#endif
