/*
 * input_ahead: gunzips an input ahead of who reads it, in a thread of its own.
 *
 * Layer: trace, private to input.c. The thread has the input's file and gzip state from the
 * beginning to the end of its life; what it gunzips goes through a ring of a few chunks.
 */
#ifndef EYAS_INPUT_AHEAD_H
#define EYAS_INPUT_AHEAD_H

#include "trace/input.h"

struct input_ahead;

/* As gzip_some() of input.c: bytes to `to`, and their number added to in->n. */
typedef void input_gunzip_fn(struct input *in, uint8_t *to, size_t room);

/* Begins; NULL when no thread can be had: the input is as it was. */
struct input_ahead *input_ahead_new(const struct input *in, input_gunzip_fn *gunzip);
/* Gives the next bytes, one or more unless that was all: as input_gunzip_fn. */
void input_ahead_some(struct input_ahead *a, struct input *in, uint8_t *to, size_t room);
/* Ends the thread, wherever it is. NULL is fine. */
void input_ahead_free(struct input_ahead *a);

#endif
