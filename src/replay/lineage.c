#include "replay/lineage.h"

#include "base/ipaddr.h"
#include "state/fd_table.h"

/* Of an open's flags: set in O_WRONLY and O_RDWR, and in O_RDONLY and O_RDWR (file_flags). */

void lineage_init(struct lineage *l)
{
	*l = (struct lineage){ .key = STRBUF_INIT, .text = STRBUF_INIT };
	arena_init(&l->arena);
	history_init(&l->history);
	l->path = field_named("fs.path.name", &l->arena);
	l->source = field_named("evt.arg.oldpath", &l->arena);
	l->target = field_named("evt.arg.newpath", &l->arena);
}

void lineage_free(struct lineage *l)
{
	history_free(&l->history);
	vec_free(&l->objects);
	vec_free(&l->links);
	vec_free(&l->of_process);
	vec_free(&l->children);
	vec_free(&l->siblings);
	strmap_free(&l->object_numbers);
	u64map_free(&l->link_numbers);
	strbuf_release(&l->key);
	strbuf_release(&l->text);
	arena_destroy(&l->arena);
}

void lineage_snapshot(struct lineage *l, struct state *st)
{
	history_snapshot(&l->history, st);
}

/* The number of a file in the thread's container, or of a peer, which belongs to none. */
static uint32_t object(struct lineage *l, const struct thread *t, struct str name, bool is_peer)
{
	struct str container = STR("");
	struct lineage_object *o;
	uintptr_t at;

	if (!is_peer && t->container)
		container = t->container->id;
	strbuf_reset(&l->key);
	strbuf_addstr(&l->key, container);
	strbuf_addc(&l->key, is_peer ? '>' : ':');
	strbuf_addstr(&l->key, name);
	at = (uintptr_t)strmap_get(&l->object_numbers, strbuf_str(&l->key));
	if (at)
		return (uint32_t)(at - 1);
	if (l->objects.n >= LINEAGE_MAX_LINKS)
		return LINEAGE_NONE;
	o = vec_add(&l->objects);
	*o = (struct lineage_object){
		.name = arena_str(&l->arena, name),
		.container = arena_str(&l->arena, container),
		.is_peer = is_peer,
		.renamed_from = LINEAGE_NONE,
		.renamed_to = LINEAGE_NONE,
		.links = LINEAGE_NONE,
	};
	strmap_put(&l->object_numbers, arena_str(&l->arena, strbuf_str(&l->key)),
		   (void *)(uintptr_t)l->objects.n);
	return (uint32_t)l->objects.n - 1;
}

static void add_link(struct lineage *l, uint32_t process, uint32_t obj, enum link_kind kind,
		     const struct event *ev, uint64_t bytes)
{
	/* fewer than 2^29 objects: a number of its own for each link */
	uint64_t key = (uint64_t)process << 32 | (uint64_t)obj << 3 | kind;
	uintptr_t at;
	struct lineage_link *k;

	if (obj == LINEAGE_NONE) {
		l->left_out++;
		return;
	}
	at = (uintptr_t)u64map_get(&l->link_numbers, key);
	if (!at) {
		if (l->links.n >= LINEAGE_MAX_LINKS) {
			l->left_out++;
			return;
		}
		while (l->of_process.n <= process)
			vec_push(&l->of_process, LINEAGE_NONE);
		k = vec_add(&l->links);
		*k = (struct lineage_link){
			.process = process,
			.object = obj,
			.kind = (uint8_t)kind,
			.first_ts = ev->ts,
			.first_num = ev->num,
			.next_of_process = l->of_process.v[process],
			.next_of_object = l->objects.v[obj].links,
		};
		at = l->links.n;
		l->of_process.v[process] = l->objects.v[obj].links = (uint32_t)at - 1;
		u64map_put(&l->link_numbers, key, (void *)at);
	}
	k = &l->links.v[at - 1];
	k->last_ts = ev->ts;
	k->count++;
	k->bytes += bytes;
}

/* Absolute paths of real files: what is below /dev and /proc tells nothing of where data went. */
static bool is_file_path(struct str path)
{
	return path.n > 1 && path.p[0] == '/' && !str_starts(path, STR("/dev/")) &&
	       !str_starts(path, STR("/proc/")) && !str_starts(path, STR("/sys/"));
}

static void file_act(struct lineage *l, uint32_t process, const struct event_ctx *ctx,
		     struct str path, enum link_kind kind, uint64_t bytes)
{
	if (is_file_path(path))
		add_link(l, process, object(l, ctx->thread, path, false), kind, ctx->ev, bytes);
}

/* The server's end is a name with its port; a client's port says nothing. */
static void peer_act(struct lineage *l, uint32_t process, const struct event_ctx *ctx,
		     uint64_t bytes)
{
	const struct fd_entry *f = ctx->fd;
	bool server = f->role == FD_ROLE_SERVER;

	if ((f->type != FD_IPV4_SOCK && f->type != FD_IPV6_SOCK) || !f->dport)
		return;
	strbuf_reset(&l->text);
	if (server) {
		ipaddr_text(&f->sip, &l->text);
	} else {
		if (f->dip.n == 16)
			strbuf_addc(&l->text, '[');
		ipaddr_text(&f->dip, &l->text);
		strbuf_addf(&l->text, "%s:%u", f->dip.n == 16 ? "]" : "", f->dport);
	}
	add_link(l, process, object(l, ctx->thread, strbuf_str(&l->text), true),
		 server ? LINK_ACCEPTED : LINK_CONNECTED, ctx->ev, bytes);
}

static bool text_of(const struct field_ref *ref, const struct field_env *env, struct strbuf *out)
{
	struct values vals = { .arena = env->arena };

	strbuf_reset(out);
	if (!field_extract(ref, env, &vals) || !vals.n)
		return false;
	value_text(&vals.v[0], out);
	return out->n > 0;
}

static void rename_act(struct lineage *l, uint32_t process, const struct field_env *env)
{
	const struct event_ctx *ctx = env->ctx;
	struct lineage_object *to;
	uint32_t from, at;

	if (!text_of(&l->source, env, &l->text) || !is_file_path(strbuf_str(&l->text)))
		return;
	from = object(l, ctx->thread, strbuf_str(&l->text), false);
	if (!text_of(&l->target, env, &l->text) || !is_file_path(strbuf_str(&l->text)))
		return;
	at = object(l, ctx->thread, strbuf_str(&l->text), false);
	add_link(l, process, at, LINK_WROTE, ctx->ev, 0);
	if (at == LINEAGE_NONE || from == LINEAGE_NONE || from == at)
		return;
	l->objects.v[from].renamed_to = at;
	to = &l->objects.v[at];
	to->renamed_from = from;
	to->renamed_ts = ctx->ev->ts;
}

uint32_t lineage_event(struct lineage *l, const struct field_env *env)
{
	const struct event_ctx *ctx = env->ctx;
	uint32_t process = history_event(&l->history, ctx);
	const struct event_info *info = ctx->ev->info;
	struct str name = str_of(info->name);
	const struct fd_entry *f = ctx->fd;
	uint64_t bytes = 0;

	if (process == HISTORY_NONE || !ctx->thread || (ctx->has_res && ctx->res < 0))
		return process;
	if (info->flags & (EF_READS_FROM_FD | EF_WRITES_TO_FD)) {
		bool write = info->flags & EF_WRITES_TO_FD;

		bytes = ctx->has_res ? (uint64_t)ctx->res : 0;
		if (f && fd_is_file(f))
			file_act(l, process, ctx, istr_str(fd_name(f)),
				 write ? LINK_WROTE : LINK_READ, bytes);
		else if (f)
			peer_act(l, process, ctx, bytes);
	} else if (str_starts(name, STR("open")) || str_eqz(name, "creat")) {
		if (f && fd_is_file(f) && fd_is_writable(f))
			file_act(l, process, ctx, istr_str(fd_name(f)), LINK_WROTE, 0);
		else if (f && fd_is_file(f))
			file_act(l, process, ctx, istr_str(fd_name(f)), LINK_READ, 0);
	} else if (str_starts(name, STR("execve"))) {
		file_act(l, process, ctx, istr_str(ctx->thread->exepath), LINK_RAN, 0);
	} else if (str_starts(name, STR("rename")) || str_eqz(name, "link") ||
		   str_eqz(name, "linkat")) {
		rename_act(l, process, env);
	} else if (str_starts(name, STR("unlink"))) {
		if (text_of(&l->path, env, &l->text))
			file_act(l, process, ctx, strbuf_str(&l->text), LINK_REMOVED, 0);
	} else if (f && (str_eqz(name, "connect") || str_starts(name, STR("accept")))) {
		peer_act(l, process, ctx, 0);
	}
	return process;
}

void lineage_end(struct lineage *l)
{
	size_t n = l->history.records.n;

	while (l->of_process.n < n)
		vec_push(&l->of_process, LINEAGE_NONE);
	for (size_t i = 0; i < n; i++) {
		vec_push(&l->children, (uint32_t)0);
		vec_push(&l->siblings, (uint32_t)0);
	}
	/* from the last, so that chains are in order */
	for (size_t i = n; i-- > 0;) {
		uint32_t parent = l->history.records.v[i].parent;

		if (parent == HISTORY_NONE)
			continue;
		l->siblings.v[i] = l->children.v[parent];
		l->children.v[parent] = (uint32_t)i + 1;
	}
}

uint32_t lineage_find(const struct lineage *l, struct str name)
{
	for (size_t i = 0; i < l->objects.n; i++)
		if (str_eq(l->objects.v[i].name, name))
			return (uint32_t)i;
	return LINEAGE_NONE;
}
