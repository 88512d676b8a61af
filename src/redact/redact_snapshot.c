/* The tables of a snapshot: see redactor_impl.h. */
#include "redact/redactor_impl.h"
#include "trace/eyas_snapshot.h"

#define FIRST_USER 1000
#define NOBODY     65534

static void text(struct redactor *r, struct str *s, enum text_form form, const char *place)
{
	*s = redact_text(r, *s, form, STR(""), redact_place_id(r, place));
}

static void address(struct redactor *r, struct ipaddr *a, const char *place)
{
	redact_address(r, a, redact_place_id(r, place));
}

static bool is_person(uint32_t id)
{
	return id >= FIRST_USER && id != NOBODY && id != UINT32_MAX;
}

static void redact_threads(struct redactor *r, struct snapshot *s)
{
	for (size_t i = 0; i < s->threads.n; i++) {
		struct snap_thread *t = &s->threads.v[i];

		redact_ordinary(r, t->comm);
		redact_ordinary(r, t->exepath);
		t->args = redact_text(r, t->args, TEXT_ARGUMENTS, t->exe,
				      redact_place_id(r, "snapshot thread arguments"));
		t->env = redact_environment(r, t->env,
					    redact_place_id(r, "snapshot thread environment"));
		text(r, &t->comm, TEXT_PLAIN, "snapshot thread comm");
		text(r, &t->exe, TEXT_PATH, "snapshot thread exe");
		text(r, &t->exepath, TEXT_PATH, "snapshot thread exepath");
		text(r, &t->cwd, TEXT_PATH, "snapshot thread cwd");
		text(r, &t->root, TEXT_PATH, "snapshot thread root");
		text(r, &t->cgroups, TEXT_PLAIN, "snapshot thread cgroups");
	}
}

static void redact_fds(struct redactor *r, struct snapshot *s)
{
	for (size_t i = 0; i < s->fds.n; i++) {
		struct snap_fd *f = &s->fds.v[i];

		address(r, &f->sip, "snapshot descriptor address");
		address(r, &f->dip, "snapshot descriptor address");
		text(r, &f->name, TEXT_PATH, "snapshot descriptor name");
	}
}

static void redact_accounts(struct redactor *r, struct snapshot *s)
{
	for (size_t i = 0; i < s->users.n; i++) {
		struct snap_user *u = &s->users.v[i];

		text(r, &u->name, is_person(u->uid) ? TEXT_USER : TEXT_PLAIN, "snapshot user name");
		text(r, &u->home, TEXT_PATH, "snapshot user home");
		text(r, &u->shell, TEXT_PATH, "snapshot user shell");
	}
	for (size_t i = 0; i < s->groups.n; i++) {
		struct snap_group *g = &s->groups.v[i];

		text(r, &g->name, is_person(g->gid) ? TEXT_USER : TEXT_PLAIN,
		     "snapshot group name");
	}
}

static void redact_places(struct redactor *r, struct snapshot *s)
{
	for (size_t i = 0; i < s->mounts.n; i++) {
		struct snap_mount *m = &s->mounts.v[i];

		text(r, &m->root, TEXT_PATH, "snapshot mount root");
		text(r, &m->point, TEXT_PATH, "snapshot mount point");
		text(r, &m->options, TEXT_PLAIN, "snapshot mount options");
		text(r, &m->propagation, TEXT_PLAIN, "snapshot mount propagation");
		text(r, &m->fstype, TEXT_PLAIN, "snapshot mount type");
		text(r, &m->source, TEXT_PLAIN, "snapshot mount source");
		text(r, &m->super, TEXT_PLAIN, "snapshot mount options");
	}
	for (size_t i = 0; i < s->cgroups.n; i++) {
		text(r, &s->cgroups.v[i].path, TEXT_PATH, "snapshot control group");
		text(r, &s->cgroups.v[i].controllers, TEXT_PLAIN, "snapshot control group");
	}
	for (size_t i = 0; i < s->ifaces.n; i++) {
		struct snap_iface *f = &s->ifaces.v[i];

		text(r, &f->name, TEXT_PLAIN, "snapshot interface");
		address(r, &f->addr, "snapshot interface");
		address(r, &f->bcast, "snapshot interface");
	}
}

const struct snapshot *redact_snapshot(struct redactor *r, const struct snapshot *from)
{
	struct strbuf bytes = STRBUF_INIT;
	struct snapshot *s = &r->snapshot;
	bool good;

	/* A copy to be changed: the source's own is not ours. What was just encoded can be read. */
	snapshot_reset(s);
	eyas_snapshot_encode(from, &bytes);
	good = eyas_snapshot_decode(strbuf_str(&bytes), s);
	strbuf_release(&bytes);
	if (!good)
		snapshot_reset(s);
	text(r, &s->machine.hostname, TEXT_HOST, "snapshot host name");
	redact_accounts(r, s);
	redact_threads(r, s);
	redact_fds(r, s);
	redact_places(r, s);
	return s;
}
