#include "trace/input_ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define CHUNKS      4
#define CHUNK_BYTES ((size_t)256 * 1024)

struct chunk {
	size_t n, at; /* `at`: of them, given out */
	/* The input behind these bytes. */
	uint64_t position;
	bool ended;
	int error;
	const char *what;
	uint8_t bytes[CHUNK_BYTES];
};

struct input_ahead {
	struct input in; /* the thread's */
	input_gunzip_fn *gunzip;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows; a chunk belongs to one side at a time */
	pthread_cond_t changed;
	size_t made, used; /* chunks */
	bool stop;
	struct chunk chunks[CHUNKS];
};

static void make(struct input_ahead *a, struct chunk *c)
{
	struct input *in = &a->in;

	in->n = 0;
	while (!in->n && !in->ended)
		a->gunzip(in, c->bytes, CHUNK_BYTES);
	c->n = in->n;
	c->at = 0;
	c->position = in->position;
	c->ended = in->ended;
	c->error = in->error;
	c->what = in->what;
}

static void *work(void *arg)
{
	struct input_ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->stop && !a->in.ended) {
		if (a->made - a->used == CHUNKS) {
			pthread_cond_wait(&a->changed, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		make(a, &a->chunks[a->made % CHUNKS]);
		pthread_mutex_lock(&a->lock);
		a->made++;
		pthread_cond_signal(&a->changed);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct input_ahead *input_ahead_new(const struct input *in, input_gunzip_fn *gunzip)
{
	struct input_ahead *a = xcalloc(1, sizeof(*a));

	a->in = *in;
	a->gunzip = gunzip;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (pthread_create(&a->thread, NULL, work, a) == 0)
		return a;
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

void input_ahead_some(struct input_ahead *a, struct input *in, uint8_t *to, size_t room)
{
	struct chunk *c = &a->chunks[a->used % CHUNKS];
	size_t n;

	pthread_mutex_lock(&a->lock);
	while (a->made == a->used)
		pthread_cond_wait(&a->changed, &a->lock);
	pthread_mutex_unlock(&a->lock);
	n = c->n - c->at < room ? c->n - c->at : room;
	memcpy(to, c->bytes + c->at, n);
	c->at += n;
	in->n += n;
	in->position = c->position;
	if (c->at < c->n)
		return;
	if (c->ended) {
		in->error = c->error;
		in->what = c->what;
		in->ended = true;
		return;
	}
	pthread_mutex_lock(&a->lock);
	a->used++;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

void input_ahead_free(struct input_ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
