/*
 * follow_typed: the lines that were typed at terminals, with time.
 *
 * Layer: cli. For `eyas follow --typed`: what programs read from terminals, a line at a time, each
 * terminal for itself. Where a line holds keys such as completion or history, what the program
 * showed on its last line when it ended stands beside it. What programs read from the other side of
 * a terminal (its master) is not taken: every key is there, too.
 */
#ifndef EYAS_FOLLOW_TYPED_H
#define EYAS_FOLLOW_TYPED_H

#include "cli/follow_print.h"

struct follow_typed;

struct follow_typed *follow_typed_new(bool json);
/* NULL does nothing. */
void follow_typed_free(struct follow_typed *t);
/* A read or write; what is of no terminal is passed over. */
void follow_typed_add(struct follow_typed *t, const struct event_ctx *ctx,
		      const struct follow_chunk *c);
/* Lines that were not ended. */
void follow_typed_end(struct follow_typed *t);
/* What is to be written; whoever writes it resets it. */
struct strbuf *follow_typed_out(struct follow_typed *t);

#endif
