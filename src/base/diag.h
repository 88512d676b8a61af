/*
 * diag: problems that a person must read.
 *
 * Layer: base. Library code adds to a list, never prints; cli/ prints. An item
 * says what (code, message), where (file, line, column, or an offset in a trace; a
 * stack of enclosing items for rules), and shows the excerpt with a caret. Texts are
 * copied into the list's own arena.
 */
#ifndef EYAS_DIAG_H
#define EYAS_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum diag_level {
	DIAG_ERROR,
	DIAG_WARNING,
	DIAG_NOTE,
};

/* One enclosing thing: "rule 'x' at f.yaml, line 3". Lines and columns count from 0. */
struct diag_where {
	const char *kind; /* "rule", "macro condition", "block"; never NULL */
	const char *name; /* may be "" */
	const char *file;
	uint32_t line, col;
	uint64_t offset;
};

struct diag_item {
	enum diag_level level;
	const char *code;         /* stable word, e.g. "LOAD_ERR_VALIDATE"; NULL if none */
	const char *message;      /* what is wrong and, where it can be said, what to do */
	const char *file;         /* NULL if none */
	bool has_pos;             /* line and col mean something */
	uint32_t line, col;       /* from 0 */
	uint64_t offset;          /* byte offset in the file; UINT64_MAX if unknown */
	const char *snippet;      /* source line and, below it, a caret; NULL if none */
	struct diag_where *where; /* outermost first */
	size_t n_where;
};

struct diag {
	struct arena arena;
	VEC(struct diag_item) items;
	size_t n_errors, n_warnings;
	size_t n_dropped; /* over DIAG_MAX_ITEMS: counted, not kept */
};

#define DIAG_MAX_ITEMS 10000

void diag_init(struct diag *d);
void diag_free(struct diag *d);
/* Adds an item; the result may be filled further and is good until the next call. */
struct diag_item *diag_add(struct diag *d, enum diag_level level, const char *code, const char *fmt,
			   ...) __attribute__((format(printf, 4, 5)));
/* Adds an item about an offset in a file. */
struct diag_item *diag_add_at(struct diag *d, enum diag_level level, const char *code,
			      const char *file, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* The text of one item: "FILE:LINE:COL: error: MESSAGE [CODE]", then snippet and context. */
void diag_item_text(const struct diag_item *it, struct strbuf *out);
/* All items to a stream (cli only). */
void diag_print(const struct diag *d, FILE *f);
/* Its errors alone. */
void diag_print_errors(const struct diag *d, FILE *f);
/* diag_print() for the items that came since *told were printed; counts them as told. */
void diag_print_new(const struct diag *d, size_t *told, FILE *f);

#endif
