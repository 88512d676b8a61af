/*
 * scap_format: the numbers of the .scap capture file format.
 *
 * Layer: trace. Shared by the reader and the writer; the numbers are those found in files
 * (libs schema 4.5.1, savefile). A capture is a sequence of pcapng-shaped blocks,
 * little-endian, possibly gzip'd as a whole; see eyas-convert(1) for what is kept.
 */
#ifndef EYAS_SCAP_FORMAT_H
#define EYAS_SCAP_FORMAT_H

#define SCAP_SHB           0x0A0D0D0Au /* section header; reads the same in both byte orders */
#define SCAP_MAGIC         0x1A2B3C4Du /* first word of its body */
#define SCAP_MAGIC_SWAPPED 0x4D3C2B1Au
#define SCAP_MAJOR         1
#define SCAP_MINOR         2
#define PCAPNG_IDB         1u /* what follows the section header in a network capture */

#define SCAP_BLOCK_HEAD   8  /* type, total length */
#define SCAP_BLOCK_MIN    12 /* and the trailing total length */
#define SCAP_SHB_LEN      28
#define SCAP_MI_LEN       192
#define SCAP_HOSTNAME_LEN 128
#define SCAP_EV_HEAD_V1   22 /* ts, tid, len, type */
#define SCAP_EV_HEAD_V2   26 /* and nparams */

/* What other readers accept in one block that is not LARGE (libscap: READER_BUF_SIZE). */
#define SCAP_FOREIGN_MAX_EVENT 65536u

/* Stored flags of an EVF block beyond enum event_delivery. */
#define SCAP_EVF_LARGE (1u << 2) /* never in files: selects the LARGE block numbers */

/* Historic: these two types were recorded with a len 3 bytes too long in v1 blocks. */
#define SCAP_NOTIFICATION_E         280
#define SCAP_INFRASTRUCTURE_EVENT_E 286

/* Process list v9: with at most this many bytes behind `root`, an entry was written before
 * pidns_init_start_ts and tty were put in the middle. */
#define SCAP_V9_OLD_TAIL 29

/* Meaning of a block type. */
enum scap_kind {
	SCAP_KIND_UNKNOWN,
	SCAP_KIND_SHB,
	SCAP_KIND_MI,
	SCAP_KIND_IL,
	SCAP_KIND_UL,
	SCAP_KIND_PL,
	SCAP_KIND_FDL,
	SCAP_KIND_EV,
};

/* BLOCK(number, kind, version, has flags, large): the pre-release numbers are only read. */
#define SCAP_BLOCKS(BLOCK)              \
	BLOCK(0x0A0D0D0A, SHB, 1, 0, 0) \
	BLOCK(0x201, MI, 1, 0, 0)       \
	BLOCK(0x8002ABCD, MI, 1, 0, 0)  \
	BLOCK(0x205, IL, 1, 0, 0)       \
	BLOCK(0x8011ABCD, IL, 1, 0, 0)  \
	BLOCK(0x219, IL, 2, 0, 0)       \
	BLOCK(0x206, UL, 1, 0, 0)       \
	BLOCK(0x8012ABCD, UL, 1, 0, 0)  \
	BLOCK(0x220, UL, 2, 0, 0)       \
	BLOCK(0x202, PL, 1, 0, 0)       \
	BLOCK(0x8000ABCD, PL, 1, 0, 0)  \
	BLOCK(0x207, PL, 2, 0, 0)       \
	BLOCK(0x8013ABCD, PL, 2, 0, 0)  \
	BLOCK(0x209, PL, 3, 0, 0)       \
	BLOCK(0x8014ABCD, PL, 3, 0, 0)  \
	BLOCK(0x210, PL, 4, 0, 0)       \
	BLOCK(0x211, PL, 5, 0, 0)       \
	BLOCK(0x212, PL, 6, 0, 0)       \
	BLOCK(0x213, PL, 7, 0, 0)       \
	BLOCK(0x214, PL, 8, 0, 0)       \
	BLOCK(0x215, PL, 9, 0, 0)       \
	BLOCK(0x203, FDL, 1, 0, 0)      \
	BLOCK(0x8001ABCD, FDL, 1, 0, 0) \
	BLOCK(0x218, FDL, 2, 0, 0)      \
	BLOCK(0x204, EV, 1, 0, 0)       \
	BLOCK(0x8010ABCD, EV, 1, 0, 0)  \
	BLOCK(0x208, EV, 1, 1, 0)       \
	BLOCK(0x216, EV, 2, 0, 0)       \
	BLOCK(0x217, EV, 2, 1, 0)       \
	BLOCK(0x221, EV, 2, 0, 1)       \
	BLOCK(0x222, EV, 2, 1, 1)

/* Numbers the writer uses. */
#define SCAP_MI           0x201u
#define SCAP_IL_V2        0x219u
#define SCAP_UL_V2        0x220u
#define SCAP_FDL_V2       0x218u
#define SCAP_EV_V2        0x216u
#define SCAP_EVF_V2       0x217u
#define SCAP_EV_V2_LARGE  0x221u
#define SCAP_EVF_V2_LARGE 0x222u

#endif
