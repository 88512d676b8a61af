/*
 * eyas containers: the containers at a moment of a trace.
 */
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/look.h"

static const struct option_row rows[] = {
	LOOK_MOMENT_ROWS,
	{ OPT_CONTAINER, "container", "NAME", "only this container: an id or a name" },
	{ 'a', "all", NULL, "also containers in which no process is" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas containers [OPTION]... TRACE",
	.about = "Lists the containers as they were at a moment of a trace.",
	.rows = rows,
	.more = "A trace - is standard input. What is not told of a container in the trace is shown as -.",
};

enum {
	C_ID,
	C_NAME,
	C_IMAGE,
	C_TYPE,
	C_IP,
	C_CREATED,
	C_PROCESSES,
	C_PRIVILEGED,
	C_FULL_ID,
	C_IMAGE_ID,
	C_DIGEST,
	C_POD,
	C_MOUNTS,
	C_LABELS,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_ID] = { "CONTAINER ID", "id", 0 },
	[C_NAME] = { "NAME", "name", 0 },
	[C_IMAGE] = { "IMAGE", "image", 0 },
	[C_TYPE] = { "TYPE", "type", 0 },
	[C_IP] = { "ADDRESS", "ip", 0 },
	[C_CREATED] = { "CREATED", "created", 0 },
	[C_PROCESSES] = { "PROCESSES", "processes", TABLE_RIGHT },
	[C_PRIVILEGED] = { "PRIVILEGED", "privileged", 0 },
	[C_FULL_ID] = { NULL, "full_id", 0 },
	[C_IMAGE_ID] = { NULL, "image_id", 0 },
	[C_DIGEST] = { NULL, "image_digest", 0 },
	[C_POD] = { NULL, "pod_sandbox_id", 0 },
	[C_MOUNTS] = { NULL, "mounts", 0 },
	[C_LABELS] = { NULL, "labels", 0 },
};

static void text_if(struct look *l, size_t column, struct str s)
{
	if (s.n)
		table_text(l->table, column, s);
}

static void add_mounts(struct look *l, const struct container *c)
{
	struct json_writer w;

	if (!c->mounts.n)
		return;
	strbuf_reset(&l->text);
	json_init(&w, &l->text);
	json_begin_array(&w);
	for (size_t i = 0; i < c->mounts.n; i++) {
		json_begin_object(&w);
		json_key(&w, "source");
		json_str(&w, c->mounts.v[i].source);
		json_key(&w, "dest");
		json_str(&w, c->mounts.v[i].dest);
		json_key(&w, "rw");
		json_bool(&w, c->mounts.v[i].rdwr);
		json_end_object(&w);
	}
	json_end_array(&w);
	table_json(l->table, C_MOUNTS, strbuf_str(&l->text));
}

static void add_labels(struct look *l, const struct container *c)
{
	struct json_writer w;

	if (!c->labels.n)
		return;
	strbuf_reset(&l->text);
	json_init(&w, &l->text);
	json_begin_object(&w);
	for (size_t i = 0; i < c->labels.n; i++) {
		json_key_str(&w, c->labels.v[i].key);
		json_str(&w, c->labels.v[i].value);
	}
	json_end_object(&w);
	table_json(l->table, C_LABELS, strbuf_str(&l->text));
}

/* Processes of the container; its own count is of threads. */
static uint64_t processes_in(struct thread *const *v, size_t n, const struct container *c)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += v[i]->container == c;
	return count;
}

static void add_container(struct look *l, const struct container *c, uint64_t processes)
{
	struct table *tab = l->table;

	table_row(tab, c->id);
	table_text(tab, C_ID, c->id);
	text_if(l, C_NAME, c->name);
	text_if(l, C_IMAGE, c->image);
	text_if(l, C_TYPE, c->type);
	text_if(l, C_IP, c->ip);
	if (c->created_time && c->created_time < UINT64_MAX / 1000000000u)
		table_time(tab, C_CREATED, c->created_time * 1000000000u);
	table_uint(tab, C_PROCESSES, processes);
	if (c->has_flags)
		table_bool(tab, C_PRIVILEGED, c->privileged);
	text_if(l, C_FULL_ID, c->full_id);
	text_if(l, C_IMAGE_ID, c->image_id);
	text_if(l, C_DIGEST, c->image_digest);
	text_if(l, C_POD, c->pod_sandbox_id);
	add_mounts(l, c);
	add_labels(l, c);
}

static bool wanted(const struct look *l, const struct container *c)
{
	struct str want;

	if (!l->container)
		return true;
	want = str_of(l->container);
	return str_eq(want, c->id) || str_eq(want, c->name) || str_eq(want, c->full_id);
}

static void fill(struct look *l)
{
	size_t n, n_processes;
	struct container **v = state_containers_sorted(l->st, &n);
	struct thread **processes = look_processes(l->st, false, &n_processes);

	for (size_t i = 0; i < n; i++) {
		uint64_t count;

		if (!wanted(l, v[i]) || (!v[i]->n_threads && !l->all))
			continue;
		count = v[i]->n_threads ? processes_in(processes, n_processes, v[i]) : 0;
		if (count || l->all)
			add_container(l, v[i], count);
	}
	free(processes);
	free(v);
}

static const struct look_view view = {
	.spec = &spec,
	.command = "eyas containers",
	.columns = columns,
	.n_columns = N_COLUMNS,
	.fill = fill,
};

int cmd_containers(int argc, char **argv)
{
	return look_main(&view, argc, argv);
}
