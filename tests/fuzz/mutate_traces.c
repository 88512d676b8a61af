/*
 * mutate_traces: small traces with random damage, and cut at every byte, read in process.
 *
 *     mutate_traces [-n MUTATIONS] [-s SEED] [-k ONE] FILE...
 *
 * Reading must end with 0 or with an error that says damage: no crash, no hang, and with sanitizers
 * nothing out of bounds and no leak. The same seed gives the same mutations everywhere; what fails
 * is told by its number, to be repeated alone with -k. TAP on standard output.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "walk_trace.h"

#define SECONDS_EACH                                                                \
	20 /* one reading of a few KB; far more than any needs, also under valgrind \
	    */

static char doing[256]; /* for the message when a signal ends it */

static void on_signal(int sig)
{
	static const char text[] = "# died at ";
	ssize_t n;

	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	n = write(STDERR_FILENO, doing, strlen(doing));
	n = write(STDERR_FILENO, "\n", 1);
	(void)n;
	signal(sig, SIG_DFL);
	raise(sig);
}

static uint64_t next_random(uint64_t *s)
{
	uint64_t z = (*s += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(uint64_t *s, size_t n)
{
	return n ? (size_t)(next_random(s) % n) : 0;
}

/* One piece of damage: bits, bytes, numbers that are lengths, bytes taken out or put in, an end. */
static void damage(struct strbuf *b, uint64_t *s)
{
	static const uint32_t numbers[] = { 0,          1,          3,          4,         7,
					    11,         0x7f,       0xff,       0xffff,    0x10000,
					    0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	size_t at = below(s, b->n), n;
	uint32_t v;

	if (!b->n)
		return;
	switch (below(s, 8)) {
	case 0:
	case 1:
		b->s[at] ^= (char)(1 << below(s, 8));
		break;
	case 2:
		b->s[at] = (char)next_random(s);
		break;
	case 3:
	case 4:
		v = numbers[below(s, sizeof(numbers) / sizeof(numbers[0]))];
		n = (size_t)1 << below(s, 3);
		for (size_t i = 0; i < n && at + i < b->n; i++)
			b->s[at + i] = (char)(v >> (8 * i));
		break;
	case 5:
		n = 1 + below(s, b->n - at < 64 ? b->n - at : 64);
		memmove(b->s + at, b->s + at + n, b->n - at - n);
		strbuf_truncate(b, b->n - n);
		break;
	case 6:
		n = 1 + below(s, b->n - at < 64 ? b->n - at : 64);
		strbuf_reserve(b, n);
		memmove(b->s + at + n, b->s + at, b->n - at);
		b->n += n;
		break;
	case 7:
		if (below(s, 4) == 0)
			strbuf_truncate(b, at);
		else
			b->s[at] = 0;
		break;
	}
}

/* Walks an exact copy, so that one byte behind it is out of bounds. */
static int walk(const char *file, const char *what, size_t k, const void *p, size_t n)
{
	uint8_t *copy = xmemdup(p, n);
	int r;

	snprintf(doing, sizeof(doing), "%s: %s %zu", file, what, k);
	alarm(SECONDS_EACH);
	r = walk_trace(copy, n);
	free(copy);
	/* Of a few bytes, damage can make something that looks like another kind of file. */
	if (r == 0 || r == -EBADMSG || (r == -EINVAL && n < 16))
		return 0;
	printf("# %s: %s\n", doing, strerror(-r));
	return 1;
}

static bool load(const char *file, struct strbuf *out)
{
	FILE *f = fopen(file, "rb");
	char buf[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		strbuf_add(out, buf, n);
	fclose(f);
	return true;
}

int main(int argc, char **argv)
{
	size_t mutations = 1000, only = SIZE_MAX;
	uint64_t seed = 1;
	int c, failed = 0;

	while ((c = getopt(argc, argv, "n:s:k:")) != -1) {
		if (c == 'n')
			mutations = strtoull(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'k')
			only = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	signal(SIGSEGV, on_signal);
	printf("1..%d\n", argc - optind);
	for (int i = optind; i < argc; i++) {
		struct strbuf whole = STRBUF_INIT, part = STRBUF_INIT;
		int bad = 0;

		if (!load(argv[i], &whole)) {
			printf("# %s: %s\n", argv[i], strerror(errno));
			bad++;
		}
		for (size_t k = 0; k < mutations; k++) {
			uint64_t s = seed * 1000003 + k;

			strbuf_reset(&part);
			strbuf_add(&part, whole.s, whole.n);
			for (size_t n = 1 + below(&s, 6); n; n--)
				damage(&part, &s);
			if (only == SIZE_MAX || only == k)
				bad += walk(argv[i], "mutation", k, part.s, part.n);
		}
		for (size_t n = 0; n <= whole.n && only == SIZE_MAX; n++)
			bad += walk(argv[i], "cut at", n, whole.s, n);
		printf("%s %d - %s, %zu mutations and %zu truncations\n", bad ? "not ok" : "ok",
		       i - optind + 1, argv[i], mutations, whole.n + 1);
		fflush(stdout);
		failed += bad;
		strbuf_release(&whole);
		strbuf_release(&part);
	}
	return failed ? 1 : 0;
}
