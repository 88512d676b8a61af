/*
 * event_category: what kind of thing an event does, and where it came from.
 *
 * Layer: event. The low byte is the kind, the bits above it the source class; numbers as in
 * enums.json event_category_bits.
 */
#ifndef EYAS_EVENT_CATEGORY_H
#define EYAS_EVENT_CATEGORY_H

enum event_category {
	EC_UNKNOWN = 0,
	EC_OTHER = 1,
	EC_FILE = 2,
	EC_NET = 3,
	EC_IPC = 4,
	EC_MEMORY = 5,
	EC_PROCESS = 6,
	EC_SLEEP = 7,
	EC_SYSTEM = 8,
	EC_SIGNAL = 9,
	EC_USER = 10,
	EC_TIME = 11,
	EC_PROCESSING = 12,
	EC_IO_READ = 32, /* the three IO kinds: the descriptor says whether file, net or IPC */
	EC_IO_WRITE = 33,
	EC_IO_OTHER = 34,
	EC_WAIT = 64,
	EC_SCHEDULER = 128,
	EC_INTERNAL = 256,

	EC_SYSCALL = 512,
	EC_TRACEPOINT = 1024,
	EC_PLUGIN = 2048,
	EC_METAEVENT = 4096,
	EC_ITER = 8192,
};

#define EC_SOURCE_MASK (EC_SYSCALL | EC_TRACEPOINT | EC_PLUGIN | EC_METAEVENT | EC_ITER)

#endif
