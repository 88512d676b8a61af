/*
 * field: the one registry of what rules can look at, and values.
 *
 * Layer: fields. A row (field_list.def) holds everything about a field: name, class, type,
 * list-ness, argument, scope, doc, extractor. The compiler resolves "proc.aname[2]" into a
 * struct field_ref once; field_extract() is then one call per event.
 */
#ifndef EYAS_FIELD_H
#define EYAS_FIELD_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "event/plugin.h"
#include "state/state.h"

/* When a value can change: what the compiler may remember it with (DESIGN section 6). */
enum field_scope {
	SCOPE_TYPE,   /* follows from the event's type alone */
	SCOPE_SELF,   /* from the thread's own values, user, container: thread_own_stamp() */
	SCOPE_THREAD, /* from those, and its ancestors and other threads: thread_stamp() */
	SCOPE_FD,     /* from the descriptor alone */
	SCOPE_EVENT,  /* anything else */
};

enum field_flag {
	/* any number of values */
	FIELD_LIST = 1 << 0,
	FIELD_ARG_REQUIRED = 1 << 1,
	FIELD_ARG_OPTIONAL = 1 << 2,
	/* kinds of argument: [N], [key], .name (evt.arg.NAME) */
	FIELD_ARG_INDEX = 1 << 3,
	FIELD_ARG_KEY = 1 << 4,
	FIELD_ARG_DOT = 1 << 5,
	FIELD_FILTER_ONLY = 1 << 6,
	FIELD_PRINT_ONLY = 1 << 7,
	FIELD_NO_RHS = 1 << 8,
	FIELD_NO_TRANSFORMER = 1 << 9,
	/* added to outputs by suggested_output */
	FIELD_SUGGESTED = 1 << 10,
	/* known, so that rules load with a warning; most have no value */
	FIELD_DEPRECATED = 1 << 11,
	/* not in listings */
	FIELD_HIDDEN = 1 << 12,
	/* without [N]: a comparison is true if any value satisfies it, != too */
	FIELD_ANY_ANCESTOR = 1 << 13,
	/* fd.ip and the like: true if either value satisfies it; != if neither is equal */
	FIELD_ANY_END = 1 << 14,
	/* evt.around: "=" (the only operator) is true when the value is <= the constant */
	FIELD_WITHIN = 1 << 15,
	/* rules of every source can use it */
	FIELD_ANY_SOURCE = 1 << 16,
};

/* A value as rules compare it and outputs print it. */
struct value {
	uint8_t type;   /* enum param_type: tells which member of the union holds it */
	uint8_t format; /* enum param_format, for printing */
	union {
		int64_t i;    /* signed integer types */
		uint64_t u;   /* unsigned integer types, times, bool (0 or 1) */
		double d;     /* PT_DOUBLE */
		struct str s; /* text, bytes, addresses in network order (4 or 16 bytes) */
	};
	const struct istr *istr; /* the same text interned, when it is; else NULL */
	uint64_t time;           /* a text that is a time: what JSON prints instead, ns; else 0 */
};

/* Where an extractor puts its values. Memory is the event arena's. */
struct values {
	struct value *v;
	uint32_t n, cap;
	struct arena *arena; /* reset after each event */
};

/* What an extractor may look at. */
struct field_env {
	struct event_ctx *ctx;
	struct arena *arena;        /* the event arena */
	struct field_state *memory; /* what evt.deltatime ... remember between events; never NULL */
	bool for_output;            /* printing, not comparing: proc.apid and the like differ */
	bool for_json;              /* the values go to values_json() and nowhere else */
	uint8_t buffer_format;      /* enum buffer_format of printed buffers */
};

struct field_ref;
struct field_def;

/* Appends values (one, none, or many); returns whether there is a value (an empty list is one). */
typedef bool (*field_extract_fn)(const struct field_ref *ref, const struct field_env *env,
				 struct values *out);

struct field_def {
	const char *name, *cls; /* "proc.name", "process" */
	uint8_t type;           /* enum param_type */
	uint8_t format;         /* enum param_format */
	uint8_t scope;          /* enum field_scope */
	uint32_t flags;         /* enum field_flag */
	const char *doc;
	field_extract_fn extract;
	int aux; /* what a shared extractor tells its fields apart by */
};

/* A field with its argument, as a rule names it. */
struct field_ref {
	const struct field_def *def;
	struct str text; /* as written: "proc.aname[2]" */
	bool has_arg;
	struct str arg; /* "2", "/dev", "name" */
	bool arg_is_index;
	int64_t index;
	uint8_t type; /* def->type, or the parameter's for evt.rawarg */
	uint8_t format;
	uint8_t scope;
	uint32_t id; /* small number, unique in a ruleset: slot of per-instance memory */
	int aux;     /* extractor's own: def->aux, or resolved from the argument */
	const int8_t
		*param_of; /* evt.arg.NAME: parameter number by event type, -1 none; else NULL */
};

/* All rows, in listing order. */
size_t field_count(void);
const struct field_def *field_at(size_t i);
/* The row of exactly this name, or NULL. */
const struct field_def *field_find(struct str name);
/*
 * Rules of this source can use the field: ka.* those of k8s_audit, json.* and jevt.* those of any
 * plugin, the others those of system calls, but for the few that say something about every event.
 */
bool field_of_source(const struct field_def *def, enum event_source source);
/* Name of the source whose rules can use the field, "any" when all can, "plugins". */
const char *field_source_text(const struct field_def *def);
/* How a class is called and described in listings. */
const char *field_class_doc(const char *cls);

/*
 * Resolves a name and optional argument ("proc.aname", "2"; or the dotted forms "evt.arg.name",
 * "thread.cgroup.cpu", "evt.type.is.open" with the argument still in the name). `has_arg` tells an
 * empty argument from none. Returns NULL, or a static sentence saying what is wrong:
 * unknown field, argument missing, unexpected or of the wrong kind. Strings are copied into `a`.
 */
const char *field_resolve(struct str name, bool has_arg, struct str arg, struct arena *a,
			  struct field_ref *ret);
/* A field without argument that is known to exist: a name in the program's own text. */
struct field_ref field_named(const char *name, struct arena *a);
/* Nearest known names to a misspelt one, joined by ", "; "" if none is near. */
void field_nearest(struct str name, struct strbuf *out);

/*
 * When the value can change for events of one type: evt.type and the like follow from the type but
 * for the few types (GENERIC, ASYNCEVENT) that stand for many names. Other fields: ref->scope.
 */
enum field_scope field_scope_in(const struct field_ref *ref, const struct event_info *info);

/* Looking at the field changes what it gives next time (evt.deltatime, thread.exectime ...): its
 * uses must be evaluated in the order they were written, each for itself. */
bool field_is_stateful(const struct field_def *def);

/*
 * Given an event_ctx.fd of an event that fd.* fields apply to, it depends on that descriptor's name
 * alone, and on whether it is a file, a directory or something else.
 */
bool field_is_of_path(const struct field_def *def);
/* The same, or of the name it was opened by (fd.nameraw). */
bool field_is_of_name(const struct field_def *def);
/* fd.* fields can have values for the event. */
bool field_fd_applies(const struct field_env *env);
/* The descriptor an fd.* field looks at: of the event, or the thread's last one; may be NULL. */
const struct fd_entry *field_fd(const struct field_env *env);
/* fd.name, which may lie in the event's arena; *ret_istr: interned, or NULL. False when missing. */
bool field_fd_name_text(const struct field_env *env, struct str *ret, const struct istr **ret_istr);
/*
 * The value, if there is one, can follow from one interned string alone; field_basis() gives that
 * string, or NULL where it does not for the event in hand. It is the whole of what the value
 * depends on: of events with the same basis, the field has a value for all or for none, and the
 * same one.
 */
bool field_has_basis(const struct field_ref *ref);
const struct istr *field_basis(const struct field_ref *ref, const struct field_env *env);
/*
 * The same of what a descriptor is, whatever it is called and whichever number, address or file it
 * has: false when there is no descriptor.
 */
bool field_has_basis_kind(const struct field_ref *ref);
static inline uint32_t field_kind_of(const struct fd_entry *f)
{
	return (uint32_t)f->type << 24 | (uint32_t)f->l4proto << 16 | (uint32_t)f->role << 8 |
	       f->flags;
}
static inline bool field_basis_kind(const struct field_env *env, uint32_t *ret)
{
	if (!env->ctx->fd || !field_fd_applies(env))
		return false;
	*ret = field_kind_of(env->ctx->fd);
	return true;
}
/*
 * The same of one number: a parameter that is flags or one of a list of names. *ret_of: what such
 * numbers mean; two of the same meaning give the same value. False where the value is not such.
 */
bool field_has_basis_number(const struct field_ref *ref);
bool field_basis_number(const struct field_ref *ref, const struct field_env *env, uint32_t *ret,
			const void **ret_of);
/* It is known, and has no value, whatever the event. */
bool field_has_no_value(const struct field_def *def);
/* It is one of a thread's memory sizes or counts of page faults. */
bool field_is_of_memory(const struct field_def *def);
/* It may look at what was read or written: event_payload_param(). */
bool field_is_of_payload(const struct field_ref *ref);

/* Evaluates a field; out->n is 0 on entry. */
static inline bool field_extract(const struct field_ref *ref, const struct field_env *env,
				 struct values *out)
{
	return ref->def->extract(ref, env, out);
}

/* The resolver that texts of parameters (event_text.h) take names from. */
struct event_resolver;
void field_resolver(const struct field_env *env, struct event_resolver *ret);

/* Per-instance memory of a replay: what evt.deltatime, thread.exectime, util.cnt ... last saw. */
struct field_state *field_state_new(void);
void field_state_free(struct field_state *fs);

/* Appends one cleared value of the type and format of `ref`. */
struct value *values_add(struct values *out, const struct field_ref *ref);
/* Shorthands: append one value, return true. */
bool values_add_i(struct values *out, const struct field_ref *ref, int64_t v);
bool values_add_u(struct values *out, const struct field_ref *ref, uint64_t v);
bool values_add_str(struct values *out, const struct field_ref *ref, struct str s); /* borrowed */
bool values_add_istr(struct values *out, const struct field_ref *ref, const struct istr *s);

/* What fd.type is for a kind of descriptor (enum fd_type): "file", "ipv4", ... "unknown". */
const char *field_fd_type_text(unsigned type);

/* The value as text (types.json field_value_formats), unescaped bytes. */
void value_text(const struct value *v, struct strbuf *out);
/* All values: one as value_text(); a list field as "(a,b,c)". */
void values_text(const struct field_ref *ref, const struct values *vals, struct strbuf *out);
/* The same as text_escape() would have it; what `scratch` held is gone. */
void values_text_escaped(const struct field_ref *ref, const struct values *vals, struct strbuf *out,
			 struct strbuf *scratch);
/* The same as JSON (types.json field_json). */
struct json_writer;
void values_json(const struct field_ref *ref, const struct values *vals, struct json_writer *w);

#endif
