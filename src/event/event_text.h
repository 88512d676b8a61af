/*
 * event_text: parameters as text, as types.json says (`evt.args`, `evt.arg.X`).
 *
 * Layer: event. Some texts need to know more than the event (the name of a
 * descriptor, the comm of a pid, a user's name, the cwd): the caller passes a resolver;
 * without one, those stay numbers.
 */
#ifndef EYAS_EVENT_TEXT_H
#define EYAS_EVENT_TEXT_H

#include "base/strbuf.h"
#include "event/event.h"

struct event_resolver {
	void *arg;
	/* "<f>/etc/passwd" for a known descriptor of the event's thread; false if unknown. */
	bool (*fd)(void *arg, int64_t fd, struct strbuf *out);
	/* The type character of a descriptor ('f', '4', ...), or '?' . */
	char (*fd_typechar)(void *arg, int64_t fd);
	/* comm of a thread. */
	bool (*pid)(void *arg, int64_t pid, struct strbuf *out);
	bool (*user)(void *arg, uint32_t uid, struct strbuf *out);
	bool (*group)(void *arg, uint32_t gid, struct strbuf *out);
	/* Directory a relative path starts from, with a trailing '/': dirfd is EVENT_AT_FDCWD for
	 * the cwd. */
	bool (*dir)(void *arg, int64_t dirfd, struct strbuf *out);
};

/* How PT_BYTEBUF is shown. */
enum buffer_format { BUFFER_DOTS, BUFFER_HEX, BUFFER_HEXASCII, BUFFER_ASCII, BUFFER_BASE64 };

struct event_text_options {
	enum buffer_format buffer;
	size_t max_buffer; /* cut a buffer's text to this many bytes with "..." at the end; 0: whole
			    */
};

/*
 * Parameter i in two parts: the raw text ("3"), and the resolved one ("<f>/etc/passwd",
 * "ENOENT", "O_RDONLY"; empty when there is none).
 */
void event_param_text(const struct event *ev, unsigned i, const struct event_resolver *res,
		      const struct event_text_options *opt, struct strbuf *raw,
		      struct strbuf *resolved);
/* All parameters, "name=RAW(RESOLVED) ..." (the text of evt.args). */
void event_args_text(const struct event *ev, const struct event_resolver *res,
		     const struct event_text_options *opt, struct strbuf *out);
/* The system call of a GENERIC event (an unknown one is looked up again by its native number), or
 * NULL. */
const struct syscall_info *event_generic_syscall(const struct event *ev);
/* evt.type: the row's name; for a GENERIC exit the system call's; for an ASYNCEVENT its name
 * parameter. Borrowed from the event or static. */
struct str event_type_text(const struct event *ev);

/* "sip:sport->dip:dport", "%x->%x path"; "NULL" when empty (types.json PT_SOCKTUPLE). */
void sock_tuple_text(struct str tuple, struct strbuf *out);
/* types.json PT_SOCKADDR. */
void sock_addr_text(struct str addr, struct strbuf *out);
/* Walks of types.json: PT_FLAGS*, PT_ENUMFLAGS*, PT_MODE. */
void flags_text(const struct flag_table *t, uint32_t value, struct strbuf *out);
void enum_flags_text(const struct flag_table *t, uint32_t value, struct strbuf *out);
void mode_text(const struct flag_table *t, uint32_t value, struct strbuf *out);
/* A buffer in a format. */
void buffer_text(struct str bytes, const struct event_text_options *opt, struct strbuf *out);

/*
 * base + path with ".", ".." and "//" resolved, as types.json path_normalisation: base (ending
 * in '/') is copied as it is and ignored when path is absolute or empty.
 */
void path_join(struct str base, struct str path, struct strbuf *out);

#endif
