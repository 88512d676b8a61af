/*
 * condition: text → tokens → AST; AST → canonical text.
 *
 * Layer: rules. The grammar is rule-language.md section 3. Nodes live in the arena they were parsed
 * into. Positions are byte offset, line and column in the parsed text (line and column from 1).
 */
#ifndef EYAS_CONDITION_H
#define EYAS_CONDITION_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/json_writer.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum ast_kind {
	AST_AND,       /* kids */
	AST_OR,        /* kids */
	AST_NOT,       /* kids[0] */
	AST_MACRO,     /* text: an identifier standing alone */
	AST_UNARY,     /* op (exists), kids[0] left */
	AST_BINARY,    /* op, modifier, kids[0] left, kids[1] right */
	AST_FIELD,     /* text: name; arg */
	AST_TRANSFORM, /* text: tolower ...; kids: arguments; arg (getopt(...)[c]) */
	AST_VAL,       /* val(field): kids[0] */
	AST_VALUE,     /* text: a constant */
	AST_LIST,      /* kids: AST_VALUE; of a transformer: any */
};

/* X(name, text, takes a list, needs a blank behind it) */
#define CONDITION_OP_LIST(X)                \
	X(EXISTS, "exists", 0, 1)           \
	X(EQ, "=", 0, 0)                    \
	X(EQ2, "==", 0, 0)                  \
	X(NE, "!=", 0, 0)                   \
	X(LE, "<=", 0, 0)                   \
	X(LT, "<", 0, 0)                    \
	X(GE, ">=", 0, 0)                   \
	X(GT, ">", 0, 0)                    \
	X(CONTAINS, "contains", 0, 1)       \
	X(ICONTAINS, "icontains", 0, 1)     \
	X(BCONTAINS, "bcontains", 0, 1)     \
	X(STARTSWITH, "startswith", 0, 1)   \
	X(BSTARTSWITH, "bstartswith", 0, 1) \
	X(ENDSWITH, "endswith", 0, 1)       \
	X(GLOB, "glob", 0, 1)               \
	X(IGLOB, "iglob", 0, 1)             \
	X(REGEX, "regex", 0, 1)             \
	X(IN, "in", 1, 1)                   \
	X(INTERSECTS, "intersects", 1, 1)   \
	X(PMATCH, "pmatch", 1, 1)

enum condition_op {
#define X(name, text, list, blank) OP_##name,
	CONDITION_OP_LIST(X)
#undef X
		OP_N
};

enum condition_modifier { MOD_NONE, MOD_ONEOF, MOD_ANYOF, MOD_ALLOF };

/* X(NAME, text, fewest arguments, most) */
#define TRANSFORMER_LIST(X)           \
	X(TOLOWER, "tolower", 1, 1)   \
	X(TOUPPER, "toupper", 1, 1)   \
	X(B64, "b64", 1, 1)           \
	X(BASENAME, "basename", 1, 1) \
	X(LEN, "len", 1, 1)           \
	X(JOIN, "join", 2, 2)         \
	X(CONCAT, "concat", 2, 1024)  \
	X(GETOPT, "getopt", 2, 2)

enum transformer {
#define X(name, text, least, most) TRANSFORMER_##name,
	TRANSFORMER_LIST(X)
#undef X
		TRANSFORMER_N
};

struct text_pos {
	uint32_t idx;       /* from 0 */
	uint32_t line, col; /* from 1 */
};

struct ast {
	enum ast_kind kind;
	uint8_t op, modifier;
	bool quoted; /* AST_VALUE: was in quotes */
	bool has_arg;
	struct str text;
	struct str arg;
	struct text_pos pos;
	uint32_t shared; /* AST_LIST: trees of one ruleset with the same number have the same
			    elements; AST_AND, AST_OR, AST_NOT: the number of the macro whose tree
			    this is; 0: none */
	uint32_t n_kids;
	struct ast **kids;
};

struct condition_error {
	struct text_pos pos;
	const char *message; /* in the arena */
	const char *hint;    /* what to do about it, or NULL; in the arena */
};

struct condition_options {
	unsigned max_depth; /* 0: 100; rules use 1000 */
};

/*
 * Parses a whole text. Returns the tree, or NULL with *ret_err filled. *ret_end (may be NULL) is
 * where the parser stands afterwards. The text must outlive the tree.
 */
struct ast *condition_parse(struct str text, const struct condition_options *opt, struct arena *a,
			    struct condition_error *ret_err, struct text_pos *ret_end);
/* A field or transformer at the beginning of a text; *ret_n: how long it is. NULL with *ret_err
 * otherwise. */
struct ast *condition_parse_operand(struct str text, struct arena *a,
				    struct condition_error *ret_err, size_t *ret_n);
/*
 * Canonical text, as describe output and canonical.json have it. Like there, a constant is quoted
 * only for blanks, quotes and control characters: "(systemd)" stays bare, though it would not parse
 * again.
 */
void ast_text(const struct ast *n, struct strbuf *out);
/* The same with every constant quoted where the grammar needs it: parses to an equal tree. */
void ast_text_parsable(const struct ast *n, struct strbuf *out);
/* Same structure, operators, names and constants (positions aside). */
bool ast_equal(const struct ast *a, const struct ast *b);
struct ast *ast_copy(const struct ast *n, struct arena *a);
const char *condition_op_text(unsigned op);
const char *condition_modifier_text(unsigned modifier); /* "" for none */

/* The operator of this text, or -1. */
int condition_op_by_text(struct str text);
/* Its right side is a list (in, intersects, pmatch). */
bool condition_op_is_list(unsigned op);
/* "tolower" and the like. */
bool condition_is_transformer(struct str name);
/* The tree as JSON: {"and": [...]}, {"op": "=", "left": {"field": ...}, "right": {"value": ...}}.
 */
void ast_json(const struct ast *n, struct json_writer *w);

/* A constant as it must be written in a condition: quoted and escaped where needed. */
void condition_quote(struct str value, struct strbuf *out);
/*
 * The constant that `text` (a quoted or bare one) stands for, added to `out`. NULL, or a static
 * sentence saying what is wrong with it.
 */
const char *condition_unquote(struct str text, struct strbuf *out);

/*
 * The names a condition uses, each once, in order of first appearance. Fields come with their
 * arguments
 * ("proc.aname[2]"), operators without modifiers. Lists are those of `known_lists` (may be NULL)
 * that stand as an element or as the right side. Strings are the tree's.
 */
struct condition_names {
	VEC(struct str) fields, operators, macros, lists;
};
void condition_names(const struct ast *n, const struct strmap *known_lists, struct arena *a,
		     struct condition_names *ret);
void condition_names_free(struct condition_names *names);

#endif
