/*
 * From items to programs: exceptions and lists into the text, text to trees, macros into the trees,
 * checks. Runs over everything that has been loaded; problems go to the file in hand, as load
 * results want it.
 */
#include "rules/ruleset_internal.h"

/* Fields of outputs that remember something are numbered from here, those of conditions below. */
#define OUTPUT_IDS       32768
#define EVENT_TYPES_MANY 100 /* more than these draw LOAD_NO_EVTTYPE */

struct compiler {
	struct ruleset *rs;
	struct arena *a;
	struct load_file *f;
	struct list_expander *le;
	struct strmap defs; /* macros by name */
	bool shared;        /* a macro has a shared list in it, or the rule in hand has */
	uint32_t next_output_id;
};

static void report_parse(struct compiler *c, const struct load_place *place, struct str text,
			 const struct condition_error *err)
{
	struct arena *a = &c->rs->arena;
	struct load_problem *p =
		load_problem_add(a, c->f, LOAD_ERR_COMPILE_CONDITION,
				 load_place_expr(a, place, arena_str(a, text), &err->pos), "%s",
				 err->message);
	p->hint = err->hint ? arena_strdup(a, err->hint) : NULL;
}

static void prepare_lists(struct compiler *c)
{
	struct ruleset *rs = c->rs;
	str_vec items = { 0 };

	for (size_t i = 0; i < rs->lists.n; i++)
		rs->lists.v[i]->used = false;
	for (size_t i = 0; i < rs->lists.n; i++) {
		struct list_info *l = rs->lists.v[i];
		items.n = 0;
		for (size_t k = 0; k < l->items.n; k++) {
			struct list_info *ref = list_visible(rs, l, l->items.v[k]);
			if (!ref) {
				vec_push(&items, l->items.v[k]);
				continue;
			}
			ref->used = true;
			for (size_t j = 0; j < ref->items.n; j++)
				vec_push(&items, ref->items.v[j]);
		}
		list_expander_add(c->le, l->name, items.v, items.n, &l->used);
	}
	vec_free(&items);
}

/*
 * A condition as a tree. Large lists are not written out but shared, unless `full` asks for every
 * position to be that in the written-out text. NULL after a problem; `at` is the condition's place.
 */
static const struct ast *parse(struct compiler *c, struct str text, const struct load_place *at,
			       bool full, bool report)
{
	struct condition_options opt = { .max_depth = RULES_CONDITION_DEPTH };
	struct condition_error err = { .hint = NULL };
	struct str expanded;
	struct ast *n;
	size_t marks;

	if (!full && list_expand_shared(c->le, text, &expanded, &marks, NULL)) {
		n = condition_parse(expanded, &opt, c->a, &err, NULL);
		if (n && list_fill_shared(c->le, n, marks)) {
			c->shared = true;
			return n;
		}
	}
	if (!list_expand(c->le, text, &expanded)) {
		if (report)
			load_problem_add(&c->rs->arena, c->f, LOAD_ERR_VALIDATE, at,
					 "condition with its lists is larger than %u MiB",
					 LIST_EXPAND_MAX >> 20);
		return NULL;
	}
	n = condition_parse(expanded, &opt, c->a, &err, NULL);
	if (!n && report)
		report_parse(c, at, expanded, &err);
	return n;
}

/* The whole text, for problems and for people; the unexpanded one when that is too large. */
static struct str full_text(struct list_expander *le, struct str text)
{
	struct str ret;
	return list_expand(le, text, &ret) ? ret : text;
}

#define NEAR_MACROS 3

/* Macros whose name is like `name`; NULL when there are none. */
static const char *near_macros(const struct ruleset *rs, struct str name, struct arena *a)
{
	unsigned max = name.n < 5 ? 1 : 2, n = 0;
	struct strbuf sb = STRBUF_INIT;
	const char *ret = NULL;

	for (size_t i = 0; i < rs->macros.n && n < NEAR_MACROS; i++) {
		if (str_distance(rs->macros.v[i]->name, name, max) > max)
			continue;
		strbuf_adds(&sb, n++ ? ", " : "macros with a similar name: ");
		strbuf_addstr(&sb, rs->macros.v[i]->name);
	}
	if (n)
		ret = arena_memdup(a, sb.s, sb.n);
	strbuf_release(&sb);
	return ret;
}

/* `place` is the item, `value` its condition. */
static void report_macro_error(struct compiler *c, const struct macro_error *e,
			       const struct load_place *place, const struct load_place *value,
			       struct str text)
{
	struct arena *a = &c->rs->arena;
	struct load_place *at = load_place_expr(a, place, arena_str(a, text), &e->pos);
	const char *hint = NULL;

	at->value = value;
	switch (e->problem) {
	case MACRO_OK:
	case MACRO_BROKEN:
		break;
	case MACRO_UNDEFINED:
		if (ruleset_is_broken(c->rs, "macro", e->name))
			break;
		if (strmap_get(&c->rs->macro_map, e->name))
			hint = "it is defined behind the macro that uses it; define it before";
		else if (strmap_get(&c->rs->list_map, e->name))
			hint = "there is a list of that name";
		else
			hint = near_macros(c->rs, e->name, a);
		load_problem_add(a, c->f, LOAD_ERR_VALIDATE, at,
				 "Undefined macro '%.*s' used in filter.", STR_FMT(e->name))
			->hint = hint;
		break;
	case MACRO_LOOP:
		load_problem_add(a, c->f, LOAD_ERR_VALIDATE, at, "reference loop in macro '%.*s'",
				 STR_FMT(e->name))
			->hint = arena_strdup(a, e->chain);
		break;
	case MACRO_TOO_LARGE:
		load_problem_add(
			a, c->f, LOAD_ERR_VALIDATE, at,
			"condition is too large or nested too deeply with its macros in place");
		break;
	}
}

static void compile_macros(struct compiler *c)
{
	struct ruleset *rs = c->rs;
	struct macro_error err;

	for (size_t i = 0; i < rs->macros.n; i++) {
		struct macro_info *m = rs->macros.v[i];
		memset(&m->def, 0, sizeof(m->def));
		m->def.name = m->name;
		m->def.index = m->index;
		m->def.visibility = m->visibility;
		m->def.raw = parse(c, m->cond, m->cond_place, false, true);
		strmap_put(&c->defs, m->name, &m->def);
	}
	for (size_t i = 0; i < rs->macros.n; i++) {
		struct macro_info *m = rs->macros.v[i];
		if (!macro_expand_def(&m->def, &c->defs, c->a, &err))
			report_macro_error(c, &err, m->place, m->cond_place,
					   full_text(c->le, m->cond));
	}
}

/* --- warnings about a condition ------------------------------------------------------------ */

static bool is_deprecated(struct str name)
{
	const struct field_def *def;
	ptrdiff_t open = str_chr(name, '[');
	if (open >= 0)
		name.n = (size_t)open;
	def = field_find(name);
	return def && (def->flags & FIELD_DEPRECATED);
}

/* Collects deprecated fields (each once) and comparisons with "<NA>" of fields that never were
 * "<NA>". */
static void collect(const struct ast *n, struct strmap *deprecated, bool *na)
{
	if (n->kind == AST_FIELD && is_deprecated(n->text))
		strmap_put(deprecated, n->text, (void *)n);
	if (condition_unsafe_na(n))
		*na = true;
	if (n->kind == AST_LIST && n->n_kids && n->kids[0]->kind == AST_VALUE)
		return;
	for (uint32_t i = 0; i < n->n_kids; i++)
		collect(n->kids[i], deprecated, na);
}

static void warn_condition(struct compiler *c, const struct rule_info *ri)
{
	struct arena *a = &c->rs->arena;
	struct strmap deprecated = { 0 };
	bool na = false;

	collect(ri->pub.ast, &deprecated, &na);
	if (na)
		load_problem_add(a, c->f, LOAD_UNSAFE_NA_CHECK, ri->place,
				 "comparing a field with <NA> is always false: use 'exists'");
	for (size_t i = 0; i < deprecated.n; i++) {
		struct str name = deprecated.entries[i].key;
		const struct load_place *at = load_place_expr(
			a, ri->cond_place, arena_str(a, full_text(c->le, ri->text)), NULL);
		struct load_problem *p;
		if (str_eqz(name, "evt.dir"))
			p = load_problem_add(
				a, c->f, LOAD_DEPRECATED_ITEM, at,
				"due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir "
				"= >' always evaluates to false. The rule expression can be simplified by removing the "
				"condition on 'evt.dir'");
		else
			p = load_problem_add(
				a, c->f, LOAD_DEPRECATED_ITEM, at,
				"usage of deprecated field '%.*s' has been detected in the rule condition",
				STR_FMT(name));
		p->deprecated_field = arena_str(a, name);
	}
	strmap_free(&deprecated);
}

/* --- outputs ------------------------------------------------------------------------------- */

static bool is_default_source(const struct rule *r)
{
	return str_eqz(r->source, RULES_DEFAULT_SOURCE);
}

static bool append_applies(const struct output_append *ap, const struct rule *r)
{
	if (ap->source.n && !str_eq(ap->source, r->source))
		return false;
	if (ap->rule.n && !str_eq(ap->rule, r->name))
		return false;
	for (size_t i = 0; i < ap->tags.n; i++) {
		struct rule_selection tag = { .match = RULE_MATCH_TAG, .pattern = ap->tags.v[i] };
		if (!rule_matches(r, &tag))
			return false;
	}
	return true;
}

static void add_suggested(struct strbuf *out)
{
	for (size_t i = 0; i < field_count(); i++) {
		const struct field_def *def = field_at(i);
		if (!(def->flags & FIELD_SUGGESTED))
			continue;
		strbuf_addc(out, ' ');
		for (const char *p = def->name; *p; p++)
			strbuf_addc(out, *p == '.' ? '_' : *p);
		strbuf_adds(out, "=%");
		strbuf_adds(out, def->name);
	}
}

/* The rule's text without %container.info, which stands for nothing any more. */
static void add_base_output(struct compiler *c, const struct rule_info *ri, struct strbuf *out)
{
	struct str rest = ri->pub.output_text;
	ptrdiff_t at;
	bool any = false;

	while ((at = str_find(rest, STR("%container.info"))) >= 0) {
		strbuf_add(out, rest.p, (size_t)at);
		rest = str_from(rest, (size_t)at + strlen("%container.info"));
		any = true;
	}
	strbuf_addstr(out, rest);
	if (any)
		load_problem_add(
			&c->rs->arena, c->f, LOAD_DEPRECATED_ITEM, ri->place,
			"%%container.info is deprecated and no more useful, and will be dropped by Falco "
			"1.0.0. The container plugin will automatically add required fields to the output "
			"message.");
}

static bool is_unknown_name(const char *message)
{
	return strstr(message, "nonexistent field") ||
	       strstr(message, "invalid formatting token") ||
	       strstr(message, "unknown event type") || strstr(message, "unknown filter:");
}

static struct output_format *make_format(struct compiler *c, const struct rule_info *ri,
					 struct str text, struct condition_error *ret_error)
{
	struct output_format_options opt = {
		.of_source = (uint8_t)(event_source_by_name(ri->pub.source) + 1),
		.next_id = &c->next_output_id,
	};
	return output_format_new_with(text, &opt, c->a, ret_error);
}

/* A problem in an output, whose text begins `skip` bytes before the rule's own. */
static void report_output(struct compiler *c, const struct rule_info *ri, enum load_code code,
			  const struct condition_error *err, uint32_t skip)
{
	struct arena *a = &c->rs->arena;
	struct text_pos at = { err->pos.idx >= skip ? err->pos.idx - skip : 0, 1, 1 };
	struct load_problem *p =
		load_problem_add(a, c->f, code, ri->output_place, "%s", err->message);

	if (strstr(err->message, "unknown filter:"))
		p->plain = "unknown field in the output";
	p->hint = err->hint ? arena_strdup(a, err->hint) : NULL;
	p->shown = load_place_expr(a, ri->output_place, arena_str(a, ri->pub.output_full), &at);
}

static void warn_output(struct compiler *c, const struct rule_info *ri)
{
	struct output_format *o = ri->pub.output;
	for (size_t i = 0; i < output_format_count(o); i++) {
		struct str name = output_format_name(o, i);
		if (!is_deprecated(name))
			continue;
		load_problem_add(
			&c->rs->arena, c->f, LOAD_DEPRECATED_ITEM, ri->output_place,
			"usage of deprecated field '%.*s' has been detected in the rule output",
			STR_FMT(name))
			->deprecated_field = arena_str(&c->rs->arena, name);
	}
}

/*
 * What is appended to every rule is meant for those whose source has the fields: rules of other
 * sources than the default one do without what they cannot have.
 */
static bool append_fits(struct compiler *c, const struct output_append *ap,
			const struct rule_info *ri, struct str format)
{
	struct condition_error err;

	return ap->source.n || ap->rule.n || is_default_source(&ri->pub) ||
	       make_format(c, ri, format, &err);
}

/* "key=FORMAT": FORMAT; a raw "field": "%field". */
static struct str extra_format(struct compiler *c, struct str spec)
{
	ptrdiff_t eq = str_chr(spec, '=');

	return eq < 0 ? str_of(arena_printf(c->a, "%%%.*s", STR_FMT(spec)))
		      : str_from(spec, (size_t)eq + 1);
}

/* One "key=FORMAT" or raw "field" of the extra fields. */
static bool add_extra(struct compiler *c, struct str spec, const struct rule_info *ri,
		      struct rule_extra *ret)
{
	ptrdiff_t eq = str_chr(spec, '=');
	struct condition_error err;

	ret->raw = eq < 0;
	ret->key = eq < 0 ? spec : str_mem(spec.p, (size_t)eq);
	ret->text = extra_format(c, spec);
	ret->format = make_format(c, ri, ret->text, &err);
	if (ret->format)
		return true;
	load_problem_add(&c->rs->arena, c->f, LOAD_ERR_COMPILE_OUTPUT, ri->output_place, "%s",
			 err.message);
	return false;
}

static bool compile_output(struct compiler *c, struct rule_info *ri)
{
	struct strbuf sb = STRBUF_INIT;
	struct rule *r = &ri->pub;
	VEC(struct rule_extra) extra = { 0 };
	struct condition_error err;
	bool ok = true, suggested = c->rs->suggested_output;

	add_base_output(c, ri, &sb);
	for (size_t i = 0; i < c->rs->appends.n; i++) {
		const struct output_append *ap = &c->rs->appends.v[i];
		if (!append_applies(ap, r))
			continue;
		if (ap->extra_output.n && append_fits(c, ap, ri, ap->extra_output)) {
			strbuf_addc(&sb, ' ');
			strbuf_addstr(&sb, ap->extra_output);
		}
		for (size_t k = 0; k < ap->extra_fields.n; k++)
			if (append_fits(c, ap, ri, extra_format(c, ap->extra_fields.v[k])))
				ok &= add_extra(c, ap->extra_fields.v[k], ri, vec_add(&extra));
		suggested |= ap->suggested;
	}
	if (suggested && is_default_source(r))
		add_suggested(&sb);
	r->output_full = arena_str(c->a, strbuf_str(&sb));
	r->n_extra = extra.n;
	r->extra = (const struct rule_extra *)arena_memdup(
		c->a, extra.n ? (void *)extra.v : (void *)&extra, extra.n * sizeof(*extra.v));
	vec_free(&extra);
	/* Alerts always print <NA> for missing values, which a leading star asks for. */
	strbuf_reset(&sb);
	strbuf_addc(&sb, '*');
	strbuf_addstr(&sb, r->output_full);
	r->output = make_format(c, ri, arena_str(c->a, strbuf_str(&sb)), &err);
	strbuf_release(&sb);
	if (r->output) {
		warn_output(c, ri);
		return ok;
	}
	bool skip = is_unknown_name(err.message) && ri->skip_if_unknown_filter;
	report_output(c, ri, skip ? LOAD_UNKNOWN_FILTER : LOAD_ERR_COMPILE_OUTPUT, &err, 1);
	return false;
}

/* --- rules --------------------------------------------------------------------------------- */

static bool expand_rule(struct compiler *c, struct rule_info *ri)
{
	struct strbuf sb = STRBUF_INIT;
	struct macro_error err;
	const struct ast *raw;

	ri->text = ri->pub.condition_text;
	if (ri->exceptions.n) {
		bool ok = exceptions_apply(ri->exceptions.v, ri->exceptions.n, ri->text,
					   &c->rs->arena, c->f, &sb);
		ri->text = arena_str(c->a, strbuf_str(&sb));
		strbuf_release(&sb);
		if (!ok)
			return false;
	}
	raw = parse(c, ri->text, ri->cond_place, false, true);
	if (!raw)
		return false;
	ri->pub.ast = macro_expand(raw, &c->defs, UINT32_MAX, c->a, &err);
	if (ri->pub.ast)
		return true;
	if (err.problem == MACRO_UNDEFINED || err.problem == MACRO_LOOP) {
		/* Once more for the place in the whole text. */
		raw = parse(c, ri->text, ri->cond_place, true, false);
		if (raw)
			(void)macro_expand(raw, &c->defs, UINT32_MAX, c->a, &err);
	}
	report_macro_error(c, &err, ri->place, ri->cond_place, full_text(c->le, ri->text));
	return false;
}

static void check_event_types(struct compiler *c, const struct rule_info *ri)
{
	struct event_set types;
	unsigned n = 0;

	if (!ri->warn_evttypes || !str_eqz(ri->pub.source, RULES_DEFAULT_SOURCE))
		return;
	program_event_set(c->rs->program, ri->pub.id, &types);
	for (size_t i = 0; i < sizeof(types.w) / sizeof(types.w[0]); i++)
		n += (unsigned)__builtin_popcountll(types.w[i]);
	if (n > EVENT_TYPES_MANY)
		load_problem_add(
			&c->rs->arena, c->f, LOAD_NO_EVTTYPE, ri->place,
			"Rule matches too many evt.type values. This has a significant performance penalty.");
}

static void report_check(struct compiler *c, const struct rule_info *ri,
			 const struct check_problem *pr, struct str text)
{
	struct arena *a = &c->rs->arena;
	enum load_code code = LOAD_COMPILE_CONDITION;
	struct load_problem *p;

	if (pr->is_error)
		code = is_unknown_name(pr->message) && ri->skip_if_unknown_filter
			       ? LOAD_UNKNOWN_FILTER
			       : LOAD_ERR_COMPILE_CONDITION;
	p = load_problem_add(a, c->f, code, load_place_expr(a, ri->cond_place, text, &pr->pos),
			     "%s", pr->message);
	p->hint = pr->hint ? arena_strdup(a, pr->hint) : NULL;
	const char *name = strstr(pr->message, "nonexistent field ");
	if (name)
		p->plain =
			arena_printf(a, "unknown field '%s'", name + strlen("nonexistent field "));
}

/*
 * Checks the condition once more as a tree whose places are those in the written-out text: the
 * first had shared lists.
 */
static void check_in_full(struct compiler *c, const struct rule_info *ri, check_problems *ret)
{
	const struct ast *raw = parse(c, ri->text, ri->cond_place, true, false);
	struct macro_error err;
	const struct ast *full = raw ? macro_expand(raw, &c->defs, UINT32_MAX, c->a, &err) : NULL;
	struct program *scratch;

	if (!full)
		return;
	scratch = program_new();
	program_source(scratch, event_source_by_name(ri->pub.source));
	(void)program_add(scratch, full, c->a, ret);
	program_free(scratch);
}

static void report_checks(struct compiler *c, const struct rule_info *ri,
			  const check_problems *found)
{
	struct str text = arena_str(&c->rs->arena, full_text(c->le, ri->text));
	check_problems again = { 0 };

	if (c->shared)
		check_in_full(c, ri, &again);
	if (again.n == found->n)
		found = &again;
	for (size_t i = 0; i < found->n; i++)
		report_check(c, ri, &found->v[i], text);
	vec_free(&again);
}

static void check_condition(struct compiler *c, struct rule_info *ri)
{
	check_problems problems = { 0 };
	int id;

	program_source(c->rs->program, event_source_by_name(ri->pub.source));
	id = program_add(c->rs->program, ri->pub.ast, c->a, &problems);

	if (problems.n)
		report_checks(c, ri, &problems);
	vec_free(&problems);
	if (id < 0)
		return;
	ri->pub.id = id;
	while (c->rs->by_id.n <= (size_t)id)
		vec_push(&c->rs->by_id, NULL);
	c->rs->by_id.v[id] = ri;
	check_event_types(c, ri);
}

static void compile_rule(struct compiler *c, struct rule_info *ri)
{
	struct rule *r = &ri->pub;
	r->ast = NULL;
	r->output = NULL;
	r->id = -1;
	r->extra = NULL;
	r->n_extra = 0;
	r->output_full = STR("");
	r->selected = r->enabled && !ri->unknown_source;
	ri->text = STR("");
	if (ri->unknown_source || ri->broken)
		return;
	if (!expand_rule(c, ri)) {
		r->selected = false;
		return;
	}
	warn_condition(c, ri);
	if (compile_output(c, ri))
		check_condition(c, ri);
	if (r->id < 0)
		r->selected = false;
}

static void warn_unused(struct compiler *c)
{
	struct ruleset *rs = c->rs;
	for (size_t i = 0; i < rs->macros.n; i++)
		if (!rs->macros.v[i]->def.used)
			load_problem_add(&rs->arena, c->f, LOAD_UNUSED_MACRO,
					 rs->macros.v[i]->place,
					 "Macro not referred to by any other rule/macro");
	for (size_t i = 0; i < rs->lists.n; i++)
		if (!rs->lists.v[i]->used)
			load_problem_add(&rs->arena, c->f, LOAD_UNUSED_LIST, rs->lists.v[i]->place,
					 "List not referred to by any other rule/macro");
}

bool rule_compile(struct ruleset *rs, struct load_file *f)
{
	struct compiler c = { .rs = rs, .a = &rs->compiled, .f = f, .next_output_id = OUTPUT_IDS };
	size_t errors = f->n_errors;

	if (rs->lists_expander)
		list_expander_done(rs->lists_expander);
	arena_reset(&rs->compiled);
	program_free(rs->program);
	rs->program = program_new();
	rs->by_id.n = 0;
	c.le = rs->lists_expander = list_expander_new(c.a);
	prepare_lists(&c);
	compile_macros(&c);
	bool shared_by_macro = c.shared;
	for (size_t i = 0; i < rs->rules.n; i++) {
		c.shared = shared_by_macro;
		compile_rule(&c, rs->rules.v[i]);
	}
	list_expander_mark_used(c.le);
	strmap_free(&c.defs);
	/* What is left over because something failed says nothing. */
	if (!f->n_errors)
		warn_unused(&c);
	return f->n_errors == errors;
}
