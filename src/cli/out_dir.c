/* An output directory that appears whole or not at all: see out_dir.h. */
#include "cli/out_dir.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"

#define MAX_TRIES 100
#define MAX_MADE  4096

struct out_dir {
	const char *given; /* its name, for messages */
	char *path, *temp; /* its name, and that of now */
	size_t base;       /* where the last part of the path begins */
	struct diag *diag;
	VEC(struct outfile *) files;
};

/*
 * What was made, in order: the directory, those in it and the files (which have names at the end
 * only). For the handler of signals, which has nothing but globals; so there is one at a time.
 */
static char *made[MAX_MADE];
static volatile sig_atomic_t n_made;

static void remove_made(void)
{
	for (int i = n_made; i-- > 0;)
		if (unlink(made[i]) < 0)
			rmdir(made[i]);
}

static void on_signal(int sig)
{
	remove_made();
	raise(sig); /* the handler is reset: it ends the program */
}

static void watch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now, sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

/* Before it is made: what is not there is not removed. */
static int remember(const char *path)
{
	if (n_made == MAX_MADE)
		return -ENFILE;
	made[n_made] = xstrdup(path);
	n_made++;
	return 0;
}

static void forget(void)
{
	int n = n_made;

	n_made = 0;
	while (n-- > 0)
		free(made[n]);
}

static int fail(struct out_dir *d, int err)
{
	diag_add(d->diag, DIAG_ERROR, "DIR_CREATE", "cannot create the directory: %s",
		 strerror(-err))
		->file = d->given;
	return err;
}

/* Nothing, or an empty directory: 0. */
static int look_at(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : errno == ENOTDIR ? -EEXIST : -errno;
	while (!r && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = -EEXIST;
	closedir(dir);
	return r;
}

static void free_all(struct out_dir *d)
{
	vec_free(&d->files);
	forget();
	free(d->path);
	free(d->temp);
	free(d);
}

static int make_temp(struct out_dir *d)
{
	struct strbuf sb = STRBUF_INIT;
	int r = -EEXIST;

	for (unsigned i = 0; i < MAX_TRIES && r == -EEXIST; i++) {
		strbuf_reset(&sb);
		strbuf_add(&sb, d->path, d->base);
		strbuf_addf(&sb, ".%.180s.%ld-%u.tmp", d->path + d->base, (long)getpid(), i);
		r = mkdir(sb.s, 0700) < 0 ? -errno : 0;
	}
	d->temp = strbuf_detach(&sb);
	if (r)
		return fail(d, r);
	watch_signals();
	return remember(d->temp);
}

int out_dir_open(const char *path, struct diag *diag, struct out_dir **ret)
{
	struct out_dir *d = xcalloc(1, sizeof(*d));
	size_t n = strlen(path);
	const char *slash;
	int r;

	d->given = path;
	d->diag = diag;
	d->path = xstrdup(path);
	while (n > 1 && d->path[n - 1] == '/')
		d->path[--n] = '\0';
	slash = strrchr(d->path, '/');
	d->base = slash ? (size_t)(slash + 1 - d->path) : 0;
	r = look_at(d->path);
	if (r == -EEXIST)
		diag_add(diag, DIAG_ERROR, "DIR_CREATE",
			 "it exists; name a directory that does not, or an empty one")
			->file = path;
	else if (r)
		fail(d, r);
	else
		r = make_temp(d);
	if (r) {
		free_all(d);
		return r;
	}
	*ret = d;
	return 0;
}

const char *out_dir_path(const struct out_dir *d)
{
	return d->path;
}

/* The directories that lie above a file in it. */
static int make_above(struct out_dir *d, const char *path)
{
	struct strbuf sb = STRBUF_INIT;
	int r = 0;

	for (const char *slash = strchr(path + strlen(d->temp) + 1, '/'); slash && !r;
	     slash = strchr(slash + 1, '/')) {
		strbuf_reset(&sb);
		strbuf_add(&sb, path, (size_t)(slash - path));
		if (access(sb.s, F_OK) == 0)
			continue;
		r = remember(sb.s);
		if (!r && mkdir(sb.s, 0700) < 0)
			r = -errno;
	}
	strbuf_release(&sb);
	return r ? fail(d, r) : 0;
}

int out_dir_file(struct out_dir *d, const char *name, struct outfile **ret)
{
	struct strbuf sb = STRBUF_INIT;
	const char *path;
	int r;

	strbuf_addf(&sb, "%s/%s", d->temp, name);
	/* Messages name it, and may be printed when the directory is gone. */
	path = arena_strdup(&d->diag->arena, sb.s);
	strbuf_release(&sb);
	r = make_above(d, path);
	if (!r)
		r = remember(path);
	if (!r)
		r = outfile_open(path, false, d->diag, ret);
	if (!r)
		vec_push(&d->files, *ret);
	return r;
}

int out_dir_finish(struct out_dir *d)
{
	int r = 0;

	for (size_t i = 0; i < d->files.n && !r; i++) {
		r = outfile_finish(d->files.v[i]);
		d->files.v[i] = NULL;
	}
	if (!r && rename(d->temp, d->path) < 0)
		r = fail(d, -errno);
	if (r)
		out_dir_abort(d);
	else
		free_all(d);
	return r;
}

void out_dir_abort(struct out_dir *d)
{
	for (size_t i = 0; i < d->files.n; i++)
		outfile_abort(d->files.v[i]);
	remove_made();
	free_all(d);
}
