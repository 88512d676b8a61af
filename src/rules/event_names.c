/* Names of the event types and system calls a condition can match: see event_names.h. */
#include "rules/event_names.h"

#include "base/hashmap.h"
#include "event/event.h"

#define MAX_NAMES (EVENT_N_TYPES + SYSCALL_N)
#define SET_WORDS ((MAX_NAMES + 63) / 64)

struct name_set {
	uint64_t w[SET_WORDS];
};

struct universe {
	struct strmap index; /* name to its number plus one */
	name_vec names;
};

static void universe_add(struct universe *u, const char *name)
{
	struct str s = str_of(name);
	if (strmap_has(&u->index, s))
		return;
	vec_push(&u->names, s);
	strmap_put(&u->index, s, (void *)(uintptr_t)u->names.n);
}

/*
 * Rows of the table of system calls that are no name of their own: tracepoints, calls that share
 * the event of their first form, and places kept free.
 */
static const char *const not_names[] = {
	"_llseek",      "fcntl64",           "getegid32",       "geteuid32",
	"getgid32",     "getresgid32",       "getresuid32",     "getuid32",
	"na_1",         "page_fault_kernel", "page_fault_user", "sched_process_exit",
	"sched_switch", "sendfile64",        "setgid32",        "setresgid32",
	"setresuid32",  "setuid32",          "signal_deliver",  "ugetrlimit",
	"unknown",
};

static bool is_name(const char *name)
{
	for (size_t i = 0; i < sizeof(not_names) / sizeof(not_names[0]); i++)
		if (strcmp(name, not_names[i]) == 0)
			return false;
	return true;
}

/* Event names, and system calls that have no event of their own; without the names that stand for
 * "any call". */
static void universe_init(struct universe *u)
{
	*u = (struct universe){ 0 };
	for (unsigned i = 0; i < EVENT_N_TYPES; i++) {
		const struct event_info *e = event_info(i);
		if (e && i > EVT_GENERIC_X)
			universe_add(u, e->name);
	}
	for (unsigned i = 0; i < SYSCALL_N; i++) {
		const struct syscall_info *s = syscall_info(i);
		if (s && s->exit_type <= EVT_GENERIC_X && is_name(s->name))
			universe_add(u, s->name);
	}
}

static void fill(struct name_set *s, bool all)
{
	memset(s, all ? 0xff : 0, sizeof(*s));
}

static void include(const struct universe *u, struct name_set *s, struct str name)
{
	uintptr_t i = (uintptr_t)strmap_get(&u->index, name);
	if (i)
		s->w[(i - 1) / 64] |= UINT64_C(1) << ((i - 1) % 64);
}

/* evt.type = NAME or in (NAMES): those, or with `negate` all others. Anything else says nothing. */
static void leaf(const struct universe *u, const struct ast *n, bool negate, struct name_set *ret)
{
	bool equal = n->op == OP_EQ || n->op == OP_EQ2 || n->op == OP_IN || n->op == OP_INTERSECTS;
	fill(ret, true);
	if (n->kind != AST_BINARY || n->kids[0]->kind != AST_FIELD ||
	    !str_eqz(n->kids[0]->text, "evt.type") || (!equal && n->op != OP_NE) ||
	    n->modifier != MOD_NONE)
		return;
	if (n->kids[1]->kind != AST_VALUE && n->kids[1]->kind != AST_LIST)
		return;
	fill(ret, false);
	if (n->kids[1]->kind == AST_VALUE)
		include(u, ret, n->kids[1]->text);
	for (uint32_t i = 0; n->kids[1]->kind == AST_LIST && i < n->kids[1]->n_kids; i++)
		include(u, ret, n->kids[1]->kids[i]->text);
	if (negate != (n->op == OP_NE))
		for (size_t i = 0; i < SET_WORDS; i++)
			ret->w[i] = ~ret->w[i];
}

static void accepts(const struct universe *u, const struct ast *n, bool negate,
		    struct name_set *ret)
{
	if (n->kind == AST_NOT) {
		accepts(u, n->kids[0], !negate, ret);
	} else if (n->kind == AST_AND || n->kind == AST_OR) {
		bool both = (n->kind == AST_AND) != negate;
		struct name_set kid;
		fill(ret, both);
		for (uint32_t i = 0; i < n->n_kids; i++) {
			accepts(u, n->kids[i], negate, &kid);
			for (size_t k = 0; k < SET_WORDS; k++)
				ret->w[k] = both ? ret->w[k] & kid.w[k] : ret->w[k] | kid.w[k];
		}
	} else {
		leaf(u, n, negate, ret);
	}
}

static int cmp_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void event_names(const struct ast *n, name_vec *ret)
{
	struct universe u;
	struct name_set s;

	universe_init(&u);
	accepts(&u, n, false, &s);
	/* Notices of the recorder reach every rule. */
	include(&u, &s, STR("asyncevent"));
	for (size_t i = 0; i < u.names.n; i++)
		if (s.w[i / 64] >> (i % 64) & 1)
			vec_push(ret, u.names.v[i]);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), cmp_name);
	strmap_free(&u.index);
	vec_free(&u.names);
}
