/* YAML text as a small tree with positions: see rule_yaml.h. */
#include "rules/rule_yaml.h"

#include <yaml.h>

#include "base/hashmap.h"
#include "base/text.h"
#include "base/vec.h"

struct frame {
	struct ynode *node;
	VEC(struct ynode *) kids;
};

struct loader {
	struct str text;
	struct arena *a;
	struct yaml_error *error;
	VEC(uint64_t) lines;        /* byte offset of each line, as libyaml counts lines */
	size_t seen_line, seen_col; /* the last mark that was converted, and its offset */
	uint64_t seen_off;
	struct strmap anchors;
	struct frame stack[YAML_MAX_DEPTH];
	unsigned depth;
	VEC(struct ynode *) docs;
};

/* Length of the line break at p, 0 if none: the set libyaml knows (CR, LF, CRLF, NEL, LS, PS). */
static unsigned break_len(const char *p, size_t n)
{
	if (p[0] == '\n')
		return 1;
	if (p[0] == '\r')
		return n > 1 && p[1] == '\n' ? 2 : 1;
	if (n > 1 && memcmp(p, "\xc2\x85", 2) == 0)
		return 2;
	if (n > 2 && memcmp(p, "\xe2\x80", 2) == 0 && ((unsigned char)p[2] & 0xfe) == 0xa8)
		return 3;
	return 0;
}

static void index_lines(struct loader *ld)
{
	size_t i = 0;
	vec_push(&ld->lines, 0);
	if (ld->text.n >= 3 && memcmp(ld->text.p, "\xef\xbb\xbf", 3) == 0)
		ld->lines.v[0] = i = 3;
	while (i < ld->text.n) {
		unsigned n = break_len(ld->text.p + i, ld->text.n - i);
		i += n ? n : 1;
		if (n)
			vec_push(&ld->lines, i);
	}
}

/* libyaml's marks count characters; ours count bytes. */
static uint64_t mark_offset(struct loader *ld, const yaml_mark_t *m)
{
	if (m->line >= ld->lines.n)
		return ld->text.n;
	uint64_t off = ld->lines.v[m->line];
	size_t c = 0;
	/* Go on from the last mark of the same line: a list of 10,000 items may be one line. */
	if (m->line == ld->seen_line && m->column >= ld->seen_col && ld->seen_off >= off) {
		c = ld->seen_col;
		off = ld->seen_off;
	}
	for (; c < m->column && off < ld->text.n; c++) {
		unsigned n = utf8_len(ld->text.p + off, ld->text.n - off);
		off += n ? n : 1;
	}
	ld->seen_line = m->line;
	ld->seen_col = c;
	ld->seen_off = off;
	return off;
}

static bool fail(struct loader *ld, uint64_t offset, uint64_t line, const char *what)
{
	uint64_t start = line < ld->lines.n ? ld->lines.v[line] : offset;
	ld->error->problem = arena_strdup(ld->a, what);
	ld->error->line = (uint32_t)line;
	ld->error->col = (uint32_t)(offset > start ? offset - start : 0);
	ld->error->offset = offset;
	return false;
}

static bool fail_mark(struct loader *ld, const yaml_mark_t *m, const char *what)
{
	return fail(ld, mark_offset(ld, m), m->line, what);
}

static struct ynode *node_new(struct loader *ld, enum ynode_kind kind, const yaml_event_t *ev)
{
	struct ynode *n = arena_calloc(ld->a, 1, sizeof(*n));
	n->kind = kind;
	n->start = n->end = mark_offset(ld, &ev->start_mark);
	n->line = (uint32_t)ev->start_mark.line;
	if (ev->start_mark.line < ld->lines.n)
		n->col = (uint32_t)(n->start - ld->lines.v[ev->start_mark.line]);
	n->weight = 1;
	return n;
}

static bool is_null_text(struct str s)
{
	return s.n == 0 || str_eqz(s, "~") || str_eqz(s, "null") || str_eqz(s, "Null") ||
	       str_eqz(s, "NULL");
}

static struct ynode *scalar(struct loader *ld, const yaml_event_t *ev)
{
	struct ynode *n = node_new(ld, YNODE_SCALAR, ev);
	const char *tag = (const char *)ev->data.scalar.tag;
	yaml_scalar_style_t style = ev->data.scalar.style;

	n->end = mark_offset(ld, &ev->end_mark);
	n->plain = style == YAML_PLAIN_SCALAR_STYLE;
	n->block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
	n->text = arena_str(ld->a, str_mem(ev->data.scalar.value, ev->data.scalar.length));
	if (n->plain && tag && tag[0] == '!' && n->end > n->start)
		n->text = str_trim(str_mem(ld->text.p + n->start, n->end - n->start));
	else if (n->plain && !tag && is_null_text(n->text))
		n->kind = YNODE_NULL;
	return n;
}

/* Hangs a finished node where it belongs. */
static bool attach(struct loader *ld, struct ynode *n, const yaml_mark_t *m)
{
	if (ld->depth == 0) {
		vec_push(&ld->docs, n);
		return true;
	}
	struct frame *f = &ld->stack[ld->depth - 1];
	uint64_t weight = (uint64_t)f->node->weight + n->weight;
	if (weight > YAML_MAX_NODES)
		return fail_mark(ld, m, "too many nodes (aliases counted where they are used)");
	f->node->weight = (uint32_t)weight;
	vec_push(&f->kids, n);
	return true;
}

static void anchor(struct loader *ld, const yaml_char_t *name, struct ynode *n)
{
	if (name)
		strmap_put(&ld->anchors, str_of(arena_strdup(ld->a, (const char *)name)), n);
}

static bool open_collection(struct loader *ld, struct ynode *n, const yaml_char_t *name,
			    const yaml_mark_t *m)
{
	if (ld->depth == YAML_MAX_DEPTH)
		return fail_mark(ld, m, "nested too deeply");
	anchor(ld, name, n);
	ld->stack[ld->depth].node = n;
	ld->stack[ld->depth].kids.n = 0;
	ld->depth++;
	return true;
}

static bool close_collection(struct loader *ld, const yaml_mark_t *m)
{
	struct frame *f = &ld->stack[--ld->depth];
	struct ynode *n = f->node;
	n->kids = (struct ynode **)arena_memdup(ld->a, f->kids.n ? f->kids.v : (void *)&n,
						f->kids.n * sizeof(*f->kids.v));
	n->n = (uint32_t)(n->kind == YNODE_MAP ? f->kids.n / 2 : f->kids.n);
	return attach(ld, n, m);
}

static bool alias(struct loader *ld, const yaml_event_t *ev)
{
	struct ynode *n = strmap_get(&ld->anchors, str_of((const char *)ev->data.alias.anchor));
	if (!n)
		return fail_mark(ld, &ev->start_mark, "alias of an unknown anchor");
	for (unsigned i = 0; i < ld->depth; i++)
		if (ld->stack[i].node == n)
			return fail_mark(ld, &ev->start_mark, "alias inside the node it names");
	return attach(ld, n, &ev->start_mark);
}

static bool take_event(struct loader *ld, const yaml_event_t *ev)
{
	struct ynode *n;
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		strmap_free(&ld->anchors);
		return true;
	case YAML_SCALAR_EVENT:
		n = scalar(ld, ev);
		anchor(ld, ev->data.scalar.anchor, n);
		return attach(ld, n, &ev->start_mark);
	case YAML_ALIAS_EVENT:
		return alias(ld, ev);
	case YAML_SEQUENCE_START_EVENT:
		n = node_new(ld, YNODE_SEQ, ev);
		return open_collection(ld, n, ev->data.sequence_start.anchor, &ev->start_mark);
	case YAML_MAPPING_START_EVENT:
		n = node_new(ld, YNODE_MAP, ev);
		return open_collection(ld, n, ev->data.mapping_start.anchor, &ev->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(ld, &ev->start_mark);
	default:
		return true;
	}
}

static bool parser_failed(struct loader *ld, const yaml_parser_t *p)
{
	const char *what = p->problem ? p->problem : "not YAML";
	if (p->error == YAML_READER_ERROR) {
		uint64_t off = p->problem_offset < ld->text.n ? p->problem_offset : ld->text.n;
		size_t line = 0;
		while (line + 1 < ld->lines.n && ld->lines.v[line + 1] <= off)
			line++;
		return fail(ld, off, line, what);
	}
	if (p->context)
		what = arena_printf(ld->a, "%s %s that begins at line %zu", what, p->context,
				    p->context_mark.line + 1);
	return fail_mark(ld, &p->problem_mark, what);
}

bool rule_yaml_parse(struct str text, struct arena *a, struct ydocs *ret,
		     struct yaml_error *ret_error)
{
	struct loader ld = { .text = text, .a = a, .error = ret_error };
	yaml_parser_t p;
	yaml_event_t ev;
	bool ok = true, end = false;

	index_lines(&ld);
	if (!yaml_parser_initialize(&p))
		abort();
	/* UTF-16 is not accepted: positions are bytes of the file as it is. */
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	/* A byte order mark would count as a column. */
	text = str_from(text, ld.lines.v[0]);
	yaml_parser_set_input_string(&p, (const unsigned char *)text.p, text.n);
	while (ok && !end) {
		if (!yaml_parser_parse(&p, &ev)) {
			ok = parser_failed(&ld, &p);
			break;
		}
		end = ev.type == YAML_STREAM_END_EVENT;
		ok = take_event(&ld, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&p);
	ret->n = ld.docs.n;
	ret->v = (struct ynode **)arena_memdup(a, ld.docs.n ? (void *)ld.docs.v : (void *)&ld,
					       ld.docs.n * sizeof(*ld.docs.v));
	vec_free(&ld.docs);
	vec_free(&ld.lines);
	strmap_free(&ld.anchors);
	for (unsigned i = 0; i < YAML_MAX_DEPTH; i++)
		vec_free(&ld.stack[i].kids);
	return ok;
}

const struct ynode *ynode_get(const struct ynode *map, const char *key,
			      const struct ynode **ret_key)
{
	for (uint32_t i = 0; i < map->n; i++) {
		const struct ynode *k = map->kids[2 * i];
		if (k->kind == YNODE_SCALAR && str_eqz(k->text, key)) {
			if (ret_key)
				*ret_key = k;
			return map->kids[2 * i + 1];
		}
	}
	return NULL;
}
