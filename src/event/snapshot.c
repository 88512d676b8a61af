#include "event/snapshot.h"

#include <string.h>

void snapshot_init(struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena);
	s->machine.n_cpus = UINT32_MAX;
	s->machine.hostname = STR("");
}

void snapshot_reset(struct snapshot *s)
{
	arena_reset(&s->arena);
	memset(&s->machine, 0, sizeof(s->machine));
	s->machine.n_cpus = UINT32_MAX;
	s->machine.hostname = STR("");
	s->ifaces.n = 0;
	s->users.n = 0;
	s->groups.n = 0;
	s->threads.n = 0;
	s->fds.n = 0;
	s->fd_tids.n = 0;
	s->mounts.n = 0;
	s->cgroups.n = 0;
}

void snapshot_free(struct snapshot *s)
{
	arena_destroy(&s->arena);
	vec_free(&s->ifaces);
	vec_free(&s->users);
	vec_free(&s->groups);
	vec_free(&s->threads);
	vec_free(&s->fds);
	vec_free(&s->fd_tids);
	vec_free(&s->mounts);
	vec_free(&s->cgroups);
}

void snap_thread_defaults(struct snap_thread *t)
{
	memset(t, 0, sizeof(*t));
	t->sid = t->vpgid = t->pgid = t->vtid = t->vpid = -1;
	t->loginuid = UINT32_MAX;
	t->comm = t->exe = t->exepath = t->cwd = t->root = STR("");
	t->args = t->env = t->cgroups = STR("");
}
