/*
 * From a tree to the graph: fields are looked up, operators compared with types, constants read.
 * All problems of a condition are found, not the first only.
 */
#include "rules/program_internal.h"

#define MAX_DEPTH 5000

struct checker {
	struct program *p;
	struct problems problems;
	unsigned depth;
};

static void error_at(struct checker *ck, struct text_pos pos, const char *message)
{
	problem_error(&ck->problems, pos, message);
}

static void warn_constant(struct checker *ck, const struct ast *n)
{
	bool is_call;

	if (!looks_like_field(&ck->p->maker, n->text, ck->problems.a, &is_call))
		return;
	problem_add(&ck->problems, false, n->pos,
		    arena_printf(ck->problems.a,
				 "'%.*s' may be a valid field %smisused as a const string value",
				 STR_FMT(n->text), is_call ? "transformer " : ""),
		    is_call ? "write it without quotes to compare with its result"
			    : "write val(FIELD) to compare with the field's value");
}

/* As event_name_known(), quick for long lists. */
static bool known_event(struct program *p, struct str name)
{
	unsigned i;

	for (i = 0; p->event_names.n == 0 && i < EVENT_N_TYPES; i++)
		if (event_info(i) && !(event_info(i)->flags & EF_UNUSED))
			strmap_put(&p->event_names, str_of(event_info(i)->name), NULL);
	if (strmap_has(&p->event_names, name))
		return true;
	if (!event_name_known(name))
		return false;
	strmap_put(&p->event_names, arena_str(&p->arena, name), NULL);
	return true;
}

/* Names of events and system calls that a misspelt one is near to, or NULL. */
static const char *near_events(struct checker *ck, struct str name)
{
	struct strbuf sb = STRBUF_INIT;
	const char *hint = NULL, *last = NULL;
	unsigned i, n = 0;

	for (i = 0; i < EVENT_N_TYPES + SYSCALL_N && n < 5; i++) {
		const struct event_info *info = i < EVENT_N_TYPES ? event_info(i) : NULL;
		const struct syscall_info *call =
			i < EVENT_N_TYPES ? NULL : syscall_info(i - EVENT_N_TYPES);
		const char *known = info ? info->name : call ? call->name : NULL;

		/* Versions of an event stand side by side; what has an event was seen among those.
		 */
		if (!known || (last && strcmp(known, last) == 0) ||
		    (call && call->exit_type != EVT_GENERIC_X) ||
		    str_distance(name, str_of(known), 2) > (name.n > 3 ? 2u : 1u) ||
		    (n && strstr(sb.s, known)))
			continue;
		last = known;
		strbuf_addf(&sb, "%s%s", n++ ? ", " : "known events with a similar name: ", known);
	}
	if (n)
		hint = arena_strdup(ck->problems.a, sb.s);
	strbuf_release(&sb);
	return hint;
}

static bool add_constant(struct checker *ck, struct predicate *pred, const struct ast *check,
			 const struct ast *n, struct constant *ret)
{
	bool hex = pred->op == OP_BCONTAINS || pred->op == OP_BSTARTSWITH;
	const struct operand *left = pred->left;
	const char *wrong;

	wrong = constant_parse(n->text, left->type, hex, &ck->p->arena, ret);
	if (wrong) {
		error_at(ck, check->pos, arena_printf(ck->problems.a, "%s", wrong));
		return false;
	}
	/* The tree may go, and its text with it. */
	if (ret->text.p == n->text.p)
		ret->text = arena_str(&ck->p->arena, n->text);
	if (pred->op == OP_REGEX && regex_is_trivial(n->text))
		problem_add(&ck->problems, false, n->pos,
			    arena_printf(ck->problems.a,
					 "regular expression '%.*s' can be replaced by a simpler "
					 "operator",
					 STR_FMT(n->text)),
			    "use =, contains, startswith, endswith or glob: they are faster");
	warn_constant(ck, n);
	if (left->kind == OPERAND_FIELD && strcmp(left->ref.def->name, "evt.type") == 0 &&
	    (pred->op == OP_EQ || pred->op == OP_NE || pred->op == OP_IN ||
	     pred->op == OP_INTERSECTS) &&
	    !known_event(ck->p, n->text)) {
		problem_add(&ck->problems, true, check->pos,
			    arena_printf(ck->problems.a, "unknown event type %.*s",
					 STR_FMT(n->text)),
			    ck->problems.n_errors < PROBLEMS_WITH_NAMES ? near_events(ck, n->text)
									: NULL);
		return false;
	}
	return true;
}

static bool add_constants(struct checker *ck, struct predicate *pred, const struct ast *check)
{
	const struct ast *right = check->kids[1];
	struct constant *c;
	bool ok = true;
	uint32_t i;

	pred->n = right->kind == AST_LIST ? right->n_kids : 1;
	c = arena_alloc(&ck->p->arena, (pred->n + 1) * sizeof(*c));
	for (i = 0; i < pred->n; i++)
		ok &= add_constant(ck, pred, check,
				   right->kind == AST_LIST ? right->kids[i] : right, &c[i]);
	pred->c = c;
	return ok;
}

static bool add_right_field(struct checker *ck, struct predicate *pred, const struct ast *check)
{
	const struct operand *l = pred->left;
	const char *wrong = NULL;
	struct operand *r;

	r = operand_make(&ck->p->maker, check->kids[1], check->pos, false);
	if (!r)
		return false;
	pred->right = r;
	if (pred->op == OP_PMATCH || pred->op == OP_REGEX)
		wrong = arena_printf(ck->problems.a,
				     "'%s' operator does not support a field on the right",
				     condition_op_text(pred->op));
	else if ((l->kind == OPERAND_FIELD && (l->ref.def->flags & FIELD_NO_RHS)) ||
		 pred->cls == VC_NET)
		wrong = "this field cannot be compared with another field";
	else if (r->kind == OPERAND_FIELD && (r->ref.def->flags & FIELD_NO_RHS))
		wrong = arena_printf(ck->problems.a, "field %.*s cannot stand on the right",
				     STR_FMT(r->ref.text));
	else if (value_class(r->type) != (enum value_class)pred->cls || r->is_list != l->is_list)
		wrong = arena_printf(
			ck->problems.a, "a %s%s value cannot be compared with a %s%s value",
			value_class_name((enum value_class)pred->cls), l->is_list ? " list" : "",
			value_class_name(value_class(r->type)), r->is_list ? " list" : "");
	if (!wrong)
		return true;
	error_at(ck, check->pos, wrong);
	return false;
}

static enum compare_how compare_how(const struct predicate *pred)
{
	const struct operand *l = pred->left;

	if (l->is_list)
		return COMPARE_LIST;
	if (l->kind != OPERAND_FIELD)
		return COMPARE_ONE;
	if ((l->ref.def->flags & FIELD_ANY_ANCESTOR) && !l->ref.has_arg)
		return COMPARE_ANY;
	return l->ref.def->flags & FIELD_ANY_END ? COMPARE_ENDS : COMPARE_ONE;
}

/*
 * Lists of audit events were text when rules for them were first written, and are still asked
 * whether they contain something: true when an element does.
 */
static bool list_contains(const struct operand *left, unsigned op)
{
	return op == OP_CONTAINS && left->is_list && left->kind == OPERAND_FIELD &&
	       strcmp(left->ref.def->cls, "ka") == 0;
}

static uint32_t check_predicate(struct checker *ck, const struct ast *n)
{
	struct program *p = ck->p;
	struct predicate *pred = arena_calloc(&p->arena, 1, sizeof(*pred));
	struct strbuf key = STRBUF_INIT;
	struct ast normal = *n;
	const char *wrong;
	bool stateful, ok = true;
	uint32_t id = ID_ERROR;

	normal.op = pred->op = n->op == OP_EQ2 ? OP_EQ : n->op;
	pred->modifier = n->modifier;
	pred->left = operand_make(&ck->p->maker, n->kids[0], n->pos, false);
	if (!pred->left)
		return ID_ERROR;
	pred->cls = (uint8_t)value_class(pred->left->type);
	pred->how = (uint8_t)compare_how(pred);
	wrong = compare_check(n->op, (enum value_class)pred->cls,
			      pred->left->is_list && !list_contains(pred->left, n->op),
			      ck->problems.a);
	if (pred->left->kind == OPERAND_FIELD && (pred->left->ref.def->flags & FIELD_WITHIN)) {
		pred->within = true;
		if (pred->op != OP_EQ)
			wrong = arena_printf(ck->problems.a,
					     "'%s' operator not supported for %s: only '='",
					     condition_op_text(n->op), pred->left->ref.def->name);
	}
	if (wrong) {
		error_at(ck, n->pos, wrong);
		return ID_ERROR;
	}
	if (n->kind == AST_BINARY) {
		const struct ast *right = n->kids[1];

		if (right->kind == AST_VALUE || right->kind == AST_LIST)
			ok = add_constants(ck, pred, n);
		else
			ok = add_right_field(ck, pred, n);
	}
	if (ok && !pred->right && !predicate_prepare(p, pred, ck->problems.a, &wrong)) {
		error_at(ck, n->pos, wrong);
		ok = false;
	}
	if (ok) {
		stateful = pred->left->stateful || (pred->right && pred->right->stateful);
		ast_text_parsable(&normal, &key);
		pred->text = arena_str(&p->arena, strbuf_str(&key));
		id = graph_predicate(p, pred, pred->text, stateful,
				     pred->right && pred->right->scope > pred->left->scope
					     ? pred->right->scope
					     : pred->left->scope);
		strbuf_release(&key);
	}
	return id;
}

/*
 * A comparison with a list that many conditions share: looked at once for each left side and
 * operator, unless there is something to say about it, which is said each time.
 */
static uint32_t check_shared(struct checker *ck, const struct ast *n)
{
	size_t said = ck->problems.list->n;
	struct strbuf key = STRBUF_INIT;
	uint32_t id;

	strbuf_addf(&key, "%u %u %u %u ", n->kids[1]->shared, n->op, n->modifier,
		    ck->p->maker.of_source);
	ast_text_parsable(n->kids[0], &key);
	uintptr_t known = (uintptr_t)strmap_get(&ck->p->by_list, strbuf_str(&key));
	if (known) {
		id = (uint32_t)(known - 1);
	} else {
		id = check_predicate(ck, n);
		if (id != ID_ERROR && ck->problems.list->n == said)
			strmap_put(&ck->p->by_list, arena_str(&ck->p->arena, strbuf_str(&key)),
				   (void *)((uintptr_t)id + 1));
	}
	strbuf_release(&key);
	return id;
}

static uint32_t check_node(struct checker *ck, const struct ast *n);

/* AND, OR, NOT. */
static uint32_t check_combination(struct checker *ck, const struct ast *n)
{
	uint32_t id = ID_ERROR, *kids, i;
	bool failed = false;

	if (n->kind == AST_NOT) {
		id = check_node(ck, n->kids[0]);
		return id == ID_ERROR ? id : graph_not(ck->p, id);
	}
	kids = xreallocarray(NULL, n->n_kids + 1, sizeof(*kids));
	for (i = 0; i < n->n_kids; i++) {
		kids[i] = check_node(ck, n->kids[i]);
		failed |= kids[i] == ID_ERROR;
	}
	if (!failed)
		id = graph_join(ck->p, n->kind == AST_AND ? NODE_AND : NODE_OR, kids, n->n_kids);
	free(kids);
	return id;
}

/*
 * The tree of a macro, which many conditions have: looked at once, unless there is something to
 * say about it, or it remembers something and each use is one of its own. Trees of macros live
 * as long as the program's ruleset does.
 */
static uint32_t check_macro(struct checker *ck, const struct ast *n)
{
	size_t said = ck->problems.list->n;
	uintptr_t known = (uintptr_t)u64map_get(&ck->p->by_macro, (uintptr_t)n);
	uint32_t id;

	if (known)
		return (uint32_t)(known - 1);
	id = check_combination(ck, n);
	if (id != ID_ERROR && ck->problems.list->n == said && !ck->p->nodes.v[id].stateful)
		u64map_put(&ck->p->by_macro, (uintptr_t)n, (void *)((uintptr_t)id + 1));
	return id;
}

static uint32_t check_node(struct checker *ck, const struct ast *n)
{
	uint32_t id = ID_ERROR;

	if (ck->depth++ > MAX_DEPTH) {
		error_at(ck, n->pos,
			 "the condition is nested too deeply once its macros are expanded");
		ck->depth--;
		return ID_ERROR;
	}
	switch (n->kind) {
	case AST_AND:
	case AST_OR:
	case AST_NOT:
		id = n->shared ? check_macro(ck, n) : check_combination(ck, n);
		break;
	case AST_UNARY:
	case AST_BINARY:
		if (n->kind == AST_BINARY && n->kids[1]->kind == AST_LIST && n->kids[1]->shared)
			id = check_shared(ck, n);
		else
			id = check_predicate(ck, n);
		break;
	case AST_MACRO:
		error_at(ck, n->pos,
			 arena_printf(ck->problems.a, "Undefined macro '%.*s' used in filter.",
				      STR_FMT(n->text)));
		break;
	default:
		error_at(ck, n->pos, "a comparison is expected here");
	}
	ck->depth--;
	return id;
}

int program_add(struct program *p, const struct ast *cond, struct arena *a,
		check_problems *problems)
{
	struct checker ck = { .p = p, .problems = { a, problems, 0 } };
	struct event_set set;
	const char *wrong;
	uint32_t root;

	p->maker.arena = &p->arena;
	p->maker.problems = &ck.problems;
	root = check_node(&ck, cond);
	p->maker.problems = NULL;
	if (root == ID_ERROR || ck.problems.n_errors)
		return -1;
	wrong = condition_event_set(cond, &set);
	if (wrong) {
		error_at(&ck, cond->pos, wrong);
		return -1;
	}
	vec_push(&p->roots, root);
	vec_push(&p->sets, set);
	return (int)p->roots.n - 1;
}
