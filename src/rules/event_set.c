/*
 * Which event types a condition can match, reasoning on evt.type and evt.num only.
 *
 * A condition is looked at as two sets: the types for which it can be true, and those for which it
 * can be false. What says nothing about the type can be both for all types. Types whose name is
 * known per event only (ASYNCEVENT) count as named by every positive comparison.
 */
#include "rules/program_internal.h"

#include "base/glob.h"

struct both {
	struct event_set yes, no;
	const char *error;
};

#define WORDS (sizeof(((struct event_set *)0)->w) / sizeof(uint64_t))

static void fill(struct event_set *s, bool on)
{
	memset(s, on ? 0xff : 0, sizeof(*s));
	if (on && EVENT_N_TYPES % 64)
		s->w[WORDS - 1] = (UINT64_C(1) << (EVENT_N_TYPES % 64)) - 1;
}

static void put(struct event_set *s, unsigned type)
{
	s->w[type / 64] |= UINT64_C(1) << (type % 64);
}

bool event_name_known(struct str name)
{
	return event_info_by_name(name, true) || event_info_by_name(name, false) ||
	       syscall_by_name(name);
}

static bool compare_name(const struct ast *check, struct str name, struct str constant)
{
	switch (check->op) {
	case OP_CONTAINS:
		return str_find(name, constant) >= 0;
	case OP_ICONTAINS:
		return str_find_nocase(name, constant) >= 0;
	case OP_STARTSWITH:
		return str_starts(name, constant);
	case OP_ENDSWITH:
		return str_ends(name, constant);
	case OP_GLOB:
		return glob_match(constant, name, false);
	case OP_IGLOB:
		return glob_match(constant, name, true);
	case OP_NE:
		return !str_eq(name, constant);
	default:
		return str_eq(name, constant);
	}
}

static bool asks_equality(const struct ast *check)
{
	return check->op == OP_EQ || check->op == OP_EQ2 || check->op == OP_IN ||
	       check->op == OP_INTERSECTS;
}

/* The first letters of what is compared with: there are hundreds of names, and few begin so. */
struct letters {
	uint64_t w[4];
};

static void note_letter(struct letters *l, struct str s)
{
	uint8_t c = s.n ? (uint8_t)s.p[0] : 0;

	l->w[c / 64] |= UINT64_C(1) << (c % 64);
}

static struct letters letters_of(const struct ast *check)
{
	const struct ast *right = check->kids[1];
	struct letters l = { { 0 } };

	if (right->kind != AST_LIST)
		note_letter(&l, right->text);
	for (uint32_t i = 0; right->kind == AST_LIST && i < right->n_kids; i++)
		note_letter(&l, right->kids[i]->text);
	return l;
}

static bool has_letter(const struct letters *l, const char *name)
{
	uint8_t c = (uint8_t)name[0];

	return l->w[c / 64] >> (c % 64) & 1;
}

static bool name_matches(const struct ast *check, const struct letters *letters, const char *name)
{
	const struct ast *right = check->kids[1];
	uint32_t i, hits = 0, n = right->kind == AST_LIST ? right->n_kids : 1;
	bool equality = asks_equality(check);

	if (equality && !has_letter(letters, name))
		n = 0;
	for (i = 0; i < n; i++) {
		struct str c = right->kind == AST_LIST ? right->kids[i]->text : right->text;

		hits += equality ? str_eqz(c, name) : compare_name(check, str_of(name), c);
	}
	switch (check->modifier) {
	case MOD_ALLOF:
		return n > 0 && hits == n;
	case MOD_ONEOF:
		return hits == 1;
	default:
		return hits > 0;
	}
}

/* The names a system call without an event of its own has. */
static bool any_generic_matches(const struct ast *check, const struct letters *letters)
{
	for (unsigned sc = 0; sc < SYSCALL_N; sc++) {
		const struct syscall_info *info = syscall_info(sc);

		if (info && info->exit_type == EVT_GENERIC_X &&
		    name_matches(check, letters, info->name))
			return true;
	}
	return false;
}

static void type_check(const struct ast *check, struct both *ret)
{
	const struct ast *right = check->n_kids > 1 ? check->kids[1] : NULL;
	bool generic, positive = check->op != OP_NE;
	struct letters letters;

	fill(&ret->yes, true);
	fill(&ret->no, true);
	if (check->op == OP_EXISTS) {
		fill(&ret->no, false);
		return;
	}
	if (right->kind != AST_VALUE && right->kind != AST_LIST) {
		ret->error = "evt.type cannot be compared with another field";
		return;
	}
	if (check->op == OP_REGEX || (check->op >= OP_LE && check->op <= OP_GT) ||
	    check->op == OP_PMATCH)
		return;
	fill(&ret->yes, false);
	fill(&ret->no, false);
	letters = letters_of(check);
	generic = any_generic_matches(check, &letters);
	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);
		bool match;

		if (!info)
			continue;
		if (t == EVT_GENERIC_E || t == EVT_GENERIC_X)
			match = generic;
		else if (t == EVT_ASYNCEVENT_E)
			match = positive && !(right->kind == AST_LIST && right->n_kids == 0);
		else
			match = name_matches(check, &letters, info->name);
		put(match ? &ret->yes : &ret->no, t);
	}
}

/* evt.num is at least 1. */
static void number_check(const struct ast *check, struct both *ret)
{
	const struct ast *right = check->n_kids > 1 ? check->kids[1] : NULL;
	bool never = false, always = false;
	unsigned long long v;
	uint32_t i;

	fill(&ret->yes, true);
	fill(&ret->no, true);
	if (!right || check->modifier != MOD_NONE)
		return;
	if (right->kind == AST_LIST && (check->op == OP_IN || check->op == OP_INTERSECTS)) {
		never = true;
		for (i = 0; i < right->n_kids; i++)
			never &= str_to_u64(right->kids[i]->text, &v) && v == 0;
	} else if (right->kind == AST_VALUE && str_to_u64(right->text, &v)) {
		switch (check->op) {
		case OP_EQ:
		case OP_EQ2:
		case OP_LE:
		case OP_IN:
		case OP_INTERSECTS:
			never = v == 0;
			break;
		case OP_LT:
			never = v <= 1;
			break;
		case OP_NE:
		case OP_GT:
			always = v == 0;
			break;
		case OP_GE:
			always = v <= 1;
			break;
		default:
			break;
		}
	}
	if (never)
		fill(&ret->yes, false);
	if (always)
		fill(&ret->no, false);
}

static bool names_field(const struct ast *n, struct str field)
{
	uint32_t i;

	if (n->kind == AST_FIELD)
		return str_eq(n->text, field);
	for (i = 0; i < n->n_kids; i++)
		if (names_field(n->kids[i], field))
			return true;
	return false;
}

static void check_sets(const struct ast *n, struct both *ret)
{
	const struct ast *left = n->kids[0];

	if (left->kind == AST_FIELD && str_eq(left->text, STR("evt.type"))) {
		type_check(n, ret);
		return;
	}
	if (left->kind == AST_FIELD && str_eq(left->text, STR("evt.num"))) {
		number_check(n, ret);
		return;
	}
	if (names_field(left, STR("evt.type")))
		ret->error = "evt.type cannot stand under a transformer";
	fill(&ret->yes, true);
	fill(&ret->no, true);
}

static void walk(const struct ast *n, struct both *ret)
{
	struct both kid;
	uint32_t i;
	size_t w;

	switch (n->kind) {
	case AST_AND:
	case AST_OR:
		fill(&ret->yes, n->kind == AST_AND);
		fill(&ret->no, n->kind == AST_OR);
		for (i = 0; i < n->n_kids; i++) {
			kid.error = NULL;
			walk(n->kids[i], &kid);
			if (kid.error)
				ret->error = kid.error;
			for (w = 0; w < WORDS; w++) {
				if (n->kind == AST_AND) {
					ret->yes.w[w] &= kid.yes.w[w];
					ret->no.w[w] |= kid.no.w[w];
				} else {
					ret->yes.w[w] |= kid.yes.w[w];
					ret->no.w[w] &= kid.no.w[w];
				}
			}
		}
		break;
	case AST_NOT:
		kid.error = NULL;
		walk(n->kids[0], &kid);
		ret->error = kid.error;
		ret->yes = kid.no;
		ret->no = kid.yes;
		break;
	case AST_UNARY:
	case AST_BINARY:
		check_sets(n, ret);
		break;
	default:
		fill(&ret->yes, true);
		fill(&ret->no, true);
	}
}

const char *condition_event_set(const struct ast *cond, struct event_set *ret)
{
	struct both b = { .error = NULL };

	walk(cond, &b);
	if (b.error)
		return b.error;
	*ret = b.yes;
	return NULL;
}

void program_event_set(const struct program *p, int id, struct event_set *ret)
{
	*ret = p->sets.v[id];
}
