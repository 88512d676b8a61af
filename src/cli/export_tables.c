/* A trace as typed tables: see export_tables.h. */
#include "cli/export_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "event/event_text.h"
#include "replay/history.h"

/* Fields that every event has a column for; they name the columns, '.' becoming '_'. */
static const char *const common[] = {
	"evt.num",  "evt.type",  "evt.category", "evt.cpu",        "thread.tid",
	"proc.pid", "proc.ppid", "proc.name",    "proc.exepath",   "proc.cmdline",
	"user.uid", "user.name", "container.id", "container.name", "fd.num",
	"fd.type",  "fd.name",   "fd.l4proto",   "fd.cip",         "fd.cport",
	"fd.sip",   "fd.sport",  "evt.failed",   "evt.res",
};

struct field_column {
	struct field_ref ref;
	enum column_type type;
};

struct tables {
	struct out_dir *dir;
	struct diag *diag;
	struct arena arena;
	VEC(struct field_column) fields;
	struct table_file *events[EVENT_N_TYPES]; /* NULL: there was none of the type */
	struct table_file *alerts;                /* or NULL */
	struct table_file *threads, *descriptors, *processes, *losses;
	struct history history;
	uint64_t sections;
	struct strbuf text, more;
	int error;
};

/* ---- columns */

static enum column_type type_of_param(unsigned type)
{
	if (type == PT_BOOL)
		return COLUMN_BOOL;
	if (param_type_is_int(type))
		return param_type_size(type) == 8 && !param_type_is_signed(type) ? COLUMN_U64
										 : COLUMN_I64;
	switch (type) {
	case PT_DOUBLE:
		return COLUMN_F64;
	case PT_BYTEBUF:
		return COLUMN_BYTES;
	case PT_CHARBUFARRAY:
	case PT_CHARBUF_PAIR_ARRAY:
		return COLUMN_TEXTS;
	default:
		return COLUMN_TEXT;
	}
}

/* These are lists of NUL-terminated texts, whatever their type says. */
static bool is_list(const struct param_info *p)
{
	return p->type == PT_CHARBUFARRAY || p->type == PT_CHARBUF_PAIR_ARRAY ||
	       (p->type == PT_BYTEBUF &&
		(strcmp(p->name, "args") == 0 || strcmp(p->name, "env") == 0 ||
		 strcmp(p->name, "cgroups") == 0));
}

static enum column_type column_of_param(const struct param_info *p)
{
	return is_list(p) ? COLUMN_TEXTS : type_of_param(p->type);
}

static enum column_type column_of_field(const struct field_ref *ref)
{
	/* fd.ip and proc.aname have several values. */
	if (ref->def->flags & (FIELD_LIST | FIELD_ANY_END) ||
	    (ref->def->flags & FIELD_ANY_ANCESTOR && !ref->has_arg))
		return COLUMN_TEXTS;
	if (ref->type == PT_RELTIME || ref->type == PT_ABSTIME)
		return COLUMN_U64;
	/* Printed as text: it may be of any form. */
	return ref->type == PT_BYTEBUF ? COLUMN_BYTES : type_of_param(ref->type);
}

/* The parameter has a second column, with what its number or path means. */
static bool has_text(const struct event_info *info, unsigned i)
{
	switch (info->params[i].type) {
	case PT_FD:
		return i != (unsigned)info->fd_param; /* that one is in fd_name */
	case PT_ERRNO:
	case PT_PID:
	case PT_UID:
	case PT_GID:
	case PT_SYSCALLID:
	case PT_SIGTYPE:
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
	case PT_MODE:
	case PT_FSPATH:
	case PT_FSRELPATH:
		return true;
	default:
		return false;
	}
}

/* "proc.aname[2]" is proc_aname_2. */
static void column_name(struct str text, struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			strbuf_addc(out, c);
		else if (c != ']')
			strbuf_addc(out, '_');
	}
}

static bool field_add(struct tables *t, const char *name)
{
	struct str text = str_of(name), arg = STR("");
	const char *open = strchr(name, '['), *error;
	struct field_column fc;

	if (open && name[text.n - 1] == ']') {
		arg = str_mem(open + 1, text.n - (size_t)(open - name) - 2);
		text.n = (size_t)(open - name);
	}
	error = field_resolve(text, open != NULL, arg, &t->arena, &fc.ref);
	if (error) {
		diag_add(t->diag, DIAG_ERROR, "FIELD", "--field %s: %s", name, error);
		return false;
	}
	fc.type = column_of_field(&fc.ref);
	vec_push(&t->fields, fc);
	return true;
}

/* Two columns of one name would be one. */
static bool field_known(const struct tables *t, const char *name)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	bool known = false;

	column_name(str_of(name), &a);
	for (size_t i = 0; i < t->fields.n && !known; i++) {
		column_name(t->fields.v[i].ref.text, &b);
		known = str_eq(strbuf_str(&a), strbuf_str(&b));
	}
	strbuf_release(&a);
	strbuf_release(&b);
	return known;
}

static struct table_file *fixed(const char *name, const struct file_column *columns, size_t n)
{
	char file[64];
	struct table_file *f;

	snprintf(file, sizeof(file), "%s.jsonl.gz", name);
	f = table_file_new(name, file);
	for (size_t i = 0; i < n; i++)
		table_file_column(f, columns[i].name, columns[i].type);
	return f;
}

#define C(name, type)                \
	{                            \
		name, COLUMN_##type, \
		{                    \
			NULL, 0      \
		}                    \
	}
#define FIXED(name, ...)                                         \
	fixed(name, (const struct file_column[]){ __VA_ARGS__ }, \
	      sizeof((const struct file_column[]){ __VA_ARGS__ }) / sizeof(struct file_column))

static void make_fixed(struct tables *t, bool alerts)
{
	if (alerts)
		t->alerts =
			FIXED("alerts", C("evt_num", U64), C("evt_time_ns", TIME), C("rule", TEXT),
			      C("priority", TEXT), C("source", TEXT), C("first", BOOL),
			      C("tags", TEXTS), C("output", TEXT), C("output_fields", MAP));
	t->threads =
		FIXED("threads", C("section", U64), C("tid", I64), C("pid", I64), C("ptid", I64),
		      C("name", TEXT), C("exe", TEXT), C("exepath", TEXT), C("cmdline", TEXT),
		      C("cwd", TEXT), C("uid", I64), C("gid", I64), C("loginuid", I64),
		      C("sid", I64), C("tty", I64), C("container_id", TEXT));
	t->descriptors = FIXED("descriptors", C("section", U64), C("pid", I64), C("fd", I64),
			       C("type", TEXT), C("name", TEXT), C("l4proto", I64), C("sip", TEXT),
			       C("sport", I64), C("dip", TEXT), C("dport", I64), C("ino", U64),
			       C("dev", I64), C("open_flags", I64));
	t->processes = FIXED("processes", C("process", U64), C("pid", I64), C("ppid", I64),
			     C("parent", U64), C("started_ns", TIME), C("ended_ns", TIME),
			     C("first_num", U64), C("last_num", U64), C("events", U64),
			     C("status", I64), C("signal", I64), C("uid", I64), C("gid", I64),
			     C("loginuid", I64), C("user", TEXT), C("container", TEXT),
			     C("container_id", TEXT), C("name", TEXT), C("exepath", TEXT),
			     C("cmdline", TEXT), C("programs", TEXTS));
	t->losses = FIXED("losses", C("count", U64), C("cause", TEXT), C("cpu", I64),
			  C("begin_ns", TIME), C("end_ns", TIME));
}

struct tables *tables_begin(struct out_dir *dir, const char *const *fields, size_t n_fields,
			    bool alerts, struct diag *diag)
{
	struct tables *t = xcalloc(1, sizeof(*t));

	t->dir = dir;
	t->diag = diag;
	arena_init(&t->arena);
	strbuf_init(&t->text);
	strbuf_init(&t->more);
	history_init(&t->history);
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		field_add(t, common[i]);
	for (size_t i = 0; i < n_fields; i++) {
		if (!field_known(t, fields[i]) && !field_add(t, fields[i])) {
			tables_free(t);
			return NULL;
		}
	}
	make_fixed(t, alerts);
	if (alerts)
		t->error = table_file_open(t->alerts, dir);
	if (!t->error)
		t->error = table_file_open(t->threads, dir);
	if (!t->error)
		t->error = table_file_open(t->descriptors, dir);
	if (!t->error)
		t->error = table_file_open(t->processes, dir);
	if (!t->error)
		t->error = table_file_open(t->losses, dir);
	return t;
}

static int keep(struct tables *t, const struct table_file *f)
{
	if (!t->error)
		t->error = f->error;
	return t->error;
}

/* ---- events */

/* The newest layout of a call has its name, older ones and enters add what tells them apart. */
static const char *table_name(struct tables *t, const struct event_info *info)
{
	struct strbuf sb = STRBUF_INIT;
	const struct event_info *twin = event_info_twin(info);
	const char *name;

	strbuf_adds(&sb, info->name);
	if (!info->exit && twin && !(twin->flags & EF_UNUSED))
		strbuf_adds(&sb, "_enter");
	if (event_info_by_name(str_of(info->name), info->exit) != info)
		strbuf_addf(&sb, "_%u", info->type);
	name = arena_strdup(&t->arena, sb.s);
	strbuf_release(&sb);
	return name;
}

static void add_columns(struct tables *t, struct table_file *f, const struct event_info *info)
{
	table_file_column(f, "evt_time_ns", COLUMN_TIME);
	for (size_t i = 0; i < t->fields.n; i++) {
		column_name(t->fields.v[i].ref.text, &t->text);
		table_file_column(f, t->text.s, t->fields.v[i].type);
	}
	for (unsigned i = 0; i < info->n_params; i++) {
		column_name(str_of(info->params[i].name), &t->text);
		strbuf_reset(&t->more);
		strbuf_addf(&t->more, "arg_%s", t->text.s);
		table_file_column(f, t->more.s, column_of_param(&info->params[i]));
		strbuf_adds(&t->more, "_text");
		if (has_text(info, i))
			table_file_column(f, t->more.s, COLUMN_TEXT);
	}
}

static struct table_file *events_of(struct tables *t, const struct event_info *info)
{
	struct table_file *f = t->events[info->type];
	const char *name;
	char path[128];

	if (f)
		return f;
	name = table_name(t, info);
	snprintf(path, sizeof(path), "events/type=%s/part-0.jsonl.gz", name);
	f = t->events[info->type] = table_file_new(name, path);
	add_columns(t, f, info);
	table_file_open(f, t->dir);
	return f;
}

static void put_values(struct tables *t, struct table_file *f, const struct field_column *fc,
		       const struct values *vals)
{
	const struct value *v = vals->v;

	if (fc->type == COLUMN_TEXTS) {
		row_open(f);
		for (uint32_t i = 0; i < vals->n; i++) {
			strbuf_reset(&t->text);
			value_text(&vals->v[i], &t->text);
			row_item(f, strbuf_str(&t->text));
		}
		row_close(f);
		return;
	}
	switch (vals->n ? fc->type : COLUMN_N) {
	case COLUMN_BOOL:
		row_bool(f, v->u != 0);
		break;
	case COLUMN_I64:
		row_i64(f, param_type_is_signed(v->type) ? v->i : (int64_t)v->u);
		break;
	case COLUMN_U64:
		row_u64(f, v->u);
		break;
	case COLUMN_F64:
		row_f64(f, v->d);
		break;
	case COLUMN_BYTES:
		row_bytes(f, v->s);
		break;
	case COLUMN_TEXT:
		strbuf_reset(&t->text);
		values_text(&fc->ref, vals, &t->text);
		row_text(f, strbuf_str(&t->text));
		break;
	default:
		row_null(f);
	}
}

static void put_list(struct table_file *f, struct str list)
{
	struct str item;

	row_open(f);
	if (list.n && list.p[list.n - 1] == '\0')
		list.n--;
	while (str_split(&list, '\0', &item))
		row_item(f, item);
	row_close(f);
}

static double double_of(struct str bytes)
{
	struct cursor c = cursor_of((const uint8_t *)bytes.p, bytes.n);
	uint64_t bits = cursor_u64(&c);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return c.bad ? NAN : d;
}

static void put_param(struct tables *t, struct table_file *f, const struct event *ev, unsigned i,
		      const struct event_resolver *res)
{
	const struct param_info *p = &ev->info->params[i];
	enum column_type type = column_of_param(p);
	struct str bytes = event_param_bytes(ev, i);
	bool texts = has_text(ev->info, i), has = bytes.n;
	int64_t v = 0;

	if (texts || type == COLUMN_TEXT) {
		strbuf_reset(&t->text);
		strbuf_reset(&t->more);
		event_param_text(ev, i, res, NULL, &t->text, &t->more);
	}
	if (has && param_type_is_int(p->type))
		has = event_param_int(ev, i, &v);
	else if (has && param_type_is_text(p->type))
		has = event_param_str(ev, i, &bytes);
	if (!has)
		row_null(f);
	else if (type == COLUMN_BOOL)
		row_bool(f, v != 0);
	else if (type == COLUMN_I64)
		row_i64(f, v);
	else if (type == COLUMN_U64)
		row_u64(f, (uint64_t)v);
	else if (type == COLUMN_F64)
		row_f64(f, double_of(bytes));
	else if (type == COLUMN_BYTES)
		row_bytes(f, bytes);
	else if (type == COLUMN_TEXTS)
		put_list(f, bytes);
	else
		row_text(f, param_type_is_text(p->type) ? bytes : strbuf_str(&t->text));
	if (texts && t->more.n)
		row_text(f, strbuf_str(&t->more));
	else if (texts)
		row_null(f);
}

int tables_event(struct tables *t, const struct field_env *env, bool row)
{
	const struct event *ev = env->ctx->ev;
	struct event_resolver res;
	struct table_file *f;

	history_event(&t->history, env->ctx);
	if (!row || t->error)
		return t->error;
	f = events_of(t, ev->info);
	row_begin(f);
	row_u64(f, ev->ts);
	for (size_t i = 0; i < t->fields.n; i++) {
		const struct field_column *fc = &t->fields.v[i];
		struct values vals = { .arena = env->arena };

		if (field_extract(&fc->ref, env, &vals))
			put_values(t, f, fc, &vals);
		else
			row_null(f);
	}
	field_resolver(env, &res);
	for (unsigned i = 0; i < ev->info->n_params; i++)
		put_param(t, f, ev, i, &res);
	row_end(f);
	return keep(t, f);
}

/* ---- alerts */

int tables_alert(struct tables *t, const struct field_env *env, const struct rule *rule, bool first)
{
	struct table_file *f = t->alerts;

	row_begin(f);
	row_u64(f, env->ctx->ev->num);
	row_u64(f, env->ctx->ev->ts);
	row_text(f, rule->name);
	row_text(f, str_of(priority_name(rule->priority)));
	row_text(f, rule->source);
	row_bool(f, first);
	row_open(f);
	for (size_t i = 0; i < rule->tags.n; i++)
		row_item(f, rule->tags.v[i]);
	row_close(f);
	strbuf_reset(&t->text);
	output_format_text(rule->output, env, &t->text);
	row_text(f, strbuf_str(&t->text));
	row_open(f);
	for (size_t i = 0; i < output_format_count(rule->output); i++) {
		strbuf_reset(&t->text);
		if (output_format_field_text(rule->output, env, i, &t->text))
			row_member(f, output_format_name(rule->output, i), strbuf_str(&t->text));
	}
	row_close(f);
	row_end(f);
	return keep(t, f);
}

/* ---- what there was when a section began */

static void put_thread(struct tables *t, const struct state *st, const struct thread *th)
{
	struct table_file *f = t->threads;

	row_begin(f);
	row_u64(f, t->sections);
	row_i64(f, th->tid);
	row_i64(f, th->pid);
	row_i64(f, th->ptid);
	row_text(f, istr_str(th->comm));
	row_text(f, istr_str(th->exe));
	row_text(f, istr_str(th->exepath));
	strbuf_reset(&t->text);
	process_command(th, &t->text);
	row_text(f, strbuf_str(&t->text));
	row_text(f, thread_cwd(st, th));
	row_i64(f, th->uid);
	row_i64(f, th->gid);
	row_i64(f, th->loginuid);
	row_i64(f, th->sid);
	row_i64(f, th->tty);
	if (th->container)
		row_text(f, th->container->id);
	else
		row_null(f);
	row_end(f);
	keep(t, f);
}

static void put_address(struct tables *t, const struct ipaddr *a)
{
	if (!a->n) {
		row_null(t->descriptors);
		return;
	}
	strbuf_reset(&t->text);
	ipaddr_text(a, &t->text);
	row_text(t->descriptors, strbuf_str(&t->text));
}

static void put_descriptor(struct tables *t, int64_t pid, const struct fd_entry *e)
{
	struct table_file *f = t->descriptors;

	row_begin(f);
	row_u64(f, t->sections);
	row_i64(f, pid);
	row_i64(f, e->num);
	row_text(f, str_of(field_fd_type_text(e->type)));
	row_text(f, istr_str(fd_name(e)));
	row_i64(f, e->l4proto);
	put_address(t, &e->sip);
	row_i64(f, e->sport);
	put_address(t, &e->dip);
	row_i64(f, e->dport);
	row_u64(f, e->ino);
	row_i64(f, e->dev);
	row_i64(f, e->openflags);
	row_end(f);
	keep(t, f);
}

void tables_section(struct tables *t, struct state *st)
{
	struct thread **threads;
	const struct fd_entry *e;
	size_t n, at;

	history_snapshot(&t->history, st);
	t->sections++;
	threads = state_threads_sorted(st, &n);
	for (size_t i = 0; i < n; i++) {
		put_thread(t, st, threads[i]);
		at = 0;
		while (threads[i]->fds && (e = fd_table_next(threads[i]->fds, &at)))
			put_descriptor(t, threads[i]->pid, e);
	}
	free(threads);
}

void tables_loss(struct tables *t, const struct loss *loss)
{
	struct table_file *f = t->losses;

	row_begin(f);
	if (loss->count == UINT64_MAX)
		row_null(f);
	else
		row_u64(f, loss->count);
	row_text(f, str_of(loss_cause_name(loss->cause)));
	if (loss->cpu == UINT16_MAX)
		row_null(f);
	else
		row_i64(f, loss->cpu);
	for (int i = 0; i < 2; i++) {
		uint64_t ts = i ? loss->to_ts : loss->from_ts;

		if (ts)
			row_u64(f, ts);
		else
			row_null(f);
	}
	row_end(f);
	keep(t, f);
}

/* ---- the end */

static void nonzero(struct table_file *f, uint64_t ts)
{
	if (ts)
		row_u64(f, ts);
	else
		row_null(f);
}

static void put_process(struct tables *t, size_t number, const struct process_record *p)
{
	struct table_file *f = t->processes;

	row_begin(f);
	row_u64(f, number);
	row_i64(f, p->pid);
	row_i64(f, p->ppid);
	if (p->parent == HISTORY_NONE)
		row_null(f);
	else
		row_u64(f, p->parent);
	nonzero(f, p->started);
	nonzero(f, p->ended);
	nonzero(f, p->first_num);
	nonzero(f, p->last_num);
	row_u64(f, p->events);
	if (p->has_status && !p->signal)
		row_i64(f, p->status);
	else
		row_null(f);
	if (p->has_status && p->signal)
		row_i64(f, p->signal);
	else
		row_null(f);
	row_i64(f, p->uid);
	row_i64(f, p->gid);
	row_i64(f, p->loginuid);
	row_text(f, p->user);
	row_text(f, p->container);
	row_text(f, p->container_id);
	row_text(f, p->comm);
	row_text(f, p->exepath);
	row_text(f, p->command);
	row_open(f);
	for (size_t i = 0; i < p->images.n; i++)
		row_item(f, p->images.v[i].command);
	row_close(f);
	row_end(f);
	keep(t, f);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct table_file *const *)a)->name,
		      (*(struct table_file *const *)b)->name);
}

static void put_sql(struct tables *t, const char *name, const struct strbuf *sql)
{
	struct outfile *out;

	if (!t->error)
		t->error = out_dir_file(t->dir, name, &out);
	if (!t->error)
		t->error = outfile_write(out, sql->s, sql->n);
}

static void put_schema(struct tables *t)
{
	struct table_file *fixed_ones[] = { t->alerts, t->threads, t->descriptors, t->processes,
					    t->losses };
	VEC(struct table_file *) all = { 0 };
	struct strbuf sql = STRBUF_INIT;

	for (size_t i = 0; i < EVENT_N_TYPES; i++)
		if (t->events[i])
			vec_push(&all, t->events[i]);
	for (size_t i = 0; i < sizeof(fixed_ones) / sizeof(fixed_ones[0]); i++)
		if (fixed_ones[i])
			vec_push(&all, fixed_ones[i]);
	qsort(all.v, all.n, sizeof(all.v[0]), by_name);
	schema_duckdb(all.v, all.n, 1 + t->fields.n, &sql);
	put_sql(t, "schema.sql", &sql);
	strbuf_reset(&sql);
	schema_parquet(all.v, all.n, &sql);
	put_sql(t, "parquet.sql", &sql);
	strbuf_reset(&sql);
	schema_spark(all.v, all.n, 1 + t->fields.n, &sql);
	put_sql(t, "spark.sql", &sql);
	strbuf_release(&sql);
	vec_free(&all);
}

int tables_end(struct tables *t)
{
	for (size_t i = 0; i < t->history.records.n && !t->error; i++)
		put_process(t, i, &t->history.records.v[i]);
	if (!t->error)
		put_schema(t);
	return t->error;
}

void tables_free(struct tables *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < EVENT_N_TYPES; i++)
		table_file_free(t->events[i]);
	table_file_free(t->alerts);
	table_file_free(t->threads);
	table_file_free(t->descriptors);
	table_file_free(t->processes);
	table_file_free(t->losses);
	vec_free(&t->fields);
	history_free(&t->history);
	strbuf_release(&t->text);
	strbuf_release(&t->more);
	arena_destroy(&t->arena);
	free(t);
}
