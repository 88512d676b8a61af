/* The ruleset: files in, programs out. See ruleset.h. */
#include "rules/ruleset_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void ruleset_options_known(struct ruleset_options *opt)
{
	static const struct {
		const char *name, *version;
	} known[] = {
		/* container.* comes from what the trace carries. */
		{ "container", "0.7.1" },
		{ "k8saudit", "0.18.0" },
		{ "json", "0.7.3" },
	};

	if (!opt->sources)
		opt->sources = event_source_names;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		opt->plugins[opt->n_plugins].name = known[i].name;
		opt->plugins[opt->n_plugins++].version = known[i].version;
	}
}

struct ruleset *ruleset_new(const struct ruleset_options *opt)
{
	struct ruleset *rs = xcalloc(1, sizeof(*rs));
	arena_init(&rs->arena);
	arena_init(&rs->compiled);
	rs->program = program_new();
	if (!opt)
		return rs;
	rs->sources = opt->sources;
	rs->suggested_output = opt->suggested_output;
	for (size_t i = 0; i < opt->n_appends; i++)
		vec_push(&rs->appends, opt->appends[i]);
	for (size_t i = 0; i < opt->n_plugins; i++) {
		struct plugin_version pv = { str_of(opt->plugins[i].name),
					     str_of(opt->plugins[i].version) };
		vec_push(&rs->plugins, pv);
	}
	return rs;
}

void ruleset_free(struct ruleset *rs)
{
	if (!rs)
		return;
	for (size_t i = 0; i < rs->files.n; i++) {
		vec_free(&rs->files.v[i]->problems);
		vec_free(&rs->files.v[i]->schema_problems);
	}
	for (size_t i = 0; i < rs->lists.n; i++)
		vec_free(&rs->lists.v[i]->items);
	for (size_t i = 0; i < rs->rules.n; i++) {
		struct rule_info *ri = rs->rules.v[i];
		for (size_t k = 0; k < ri->exceptions.n; k++)
			exception_free(&ri->exceptions.v[k]);
		vec_free(&ri->exceptions);
		vec_free(&ri->pub.tags);
	}
	for (size_t i = 0; i < rs->requirements.n; i++)
		vec_free(&rs->requirements.v[i].alternatives);
	vec_free(&rs->requirements);
	vec_free(&rs->files);
	vec_free(&rs->lists);
	vec_free(&rs->macros);
	vec_free(&rs->rules);
	vec_free(&rs->by_id);
	vec_free(&rs->appends);
	vec_free(&rs->plugins);
	strmap_free(&rs->list_map);
	strmap_free(&rs->macro_map);
	strmap_free(&rs->rule_map);
	strmap_free(&rs->broken);
	program_free(rs->program);
	if (rs->lists_expander)
		list_expander_done(rs->lists_expander);
	arena_destroy(&rs->compiled);
	arena_destroy(&rs->arena);
	free(rs);
}

static struct str broken_key(struct arena *a, const char *kind, struct str name)
{
	return str_of(arena_printf(a, "%s %.*s", kind, STR_FMT(name)));
}

void ruleset_mark_broken(struct ruleset *rs, const char *kind, struct str name)
{
	strmap_put(&rs->broken, broken_key(&rs->arena, kind, name), rs);
}

bool ruleset_is_broken(const struct ruleset *rs, const char *kind, struct str name)
{
	struct arena a = ARENA_INIT;
	bool ret = rs->broken.n && strmap_has(&rs->broken, broken_key(&a, kind, name));
	arena_destroy(&a);
	return ret;
}

/* What a file that is no rules file is, by its first bytes; NULL when it may be YAML. */
static const char *foreign_kind(struct str t)
{
	static const struct {
		struct str magic;
		const char *what;
	} kinds[] = {
		{ { "\x1f\x8b", 2 }, "gzip data; it looks like a trace: give it as TRACE" },
		{ { "\x28\xb5\x2f\xfd", 4 }, "zstd data; it looks like a trace: give it as TRACE" },
		{ { "\x0a\x0d\x0d\x0a", 4 },
		  "a .scap capture; it looks like a trace: give it as TRACE" },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(t, kinds[i].magic))
			return kinds[i].what;
	/* zstd skippable frames, with which a native trace begins. */
	if (t.n >= 4 && ((unsigned char)t.p[0] & 0xf0) == 0x50 &&
	    memcmp(t.p + 1, "\x2a\x4d\x18", 3) == 0)
		return "a trace: give it as TRACE";
	if (str_chr(str_mem(t.p, t.n < 512 ? t.n : 512), '\0') >= 0)
		return "binary data; if it is a trace, give it as TRACE";
	return NULL;
}

static void yaml_failed(struct ruleset *rs, struct load_file *f, const struct yaml_error *e)
{
	struct arena *a = &rs->arena;
	struct ynode at = { .line = e->line, .col = e->col, .start = e->offset, .end = e->offset };
	const char *what = e->problem;
	struct load_problem *p;

	/* The wording and the form of position that consumers of load results know. */
	if (str_eqz(str_of(what), "mapping values are not allowed in this context"))
		what = "illegal map value";
	p = load_problem_add(a, f, LOAD_ERR_YAML_PARSE,
			     load_place_node(a, load_place_file(a, f), "value for", STR(""), &at),
			     "yaml-cpp: error at line %u, column %u: %s", e->line + 1, e->col + 1,
			     what);
	p->plain = e->problem;
	f->not_yaml = true;
}

static struct load_file *new_file(struct ruleset *rs, const char *name)
{
	struct load_file *f = arena_calloc(&rs->arena, 1, sizeof(*f));
	f->name = arena_strdup(&rs->arena, name);
	f->text = STR("");
	vec_push(&rs->files, f);
	return f;
}

/* Reports what was found in `f`; -EINVAL when that holds errors. */
static int finish(struct ruleset *rs, struct load_file *f, struct diag *diag)
{
	if (f->n_errors)
		rs->failed = true;
	load_report(f, diag);
	return f->n_errors ? -EINVAL : 0;
}

/* `text` is in the ruleset's arena. */
static int add_text(struct ruleset *rs, struct load_file *f, struct str text, struct diag *diag)
{
	struct arena *a = &rs->arena;
	const char *foreign = foreign_kind(text);
	struct ydocs docs = { 0 };
	struct yaml_error err;

	f->text = text;
	if (foreign) {
		load_problem_add(a, f, LOAD_ERR_YAML_PARSE, load_place_file(a, f),
				 "this is not a rules file but %s", foreign);
		f->not_yaml = true;
		f->text = STR("");
		return finish(rs, f, diag);
	}
	if (!rule_yaml_parse(text, a, &docs, &err)) {
		yaml_failed(rs, f, &err);
		return finish(rs, f, diag);
	}
	rule_items_read(rs, f, &docs);
	if (!f->no_items)
		rule_schema_check(a, f, &docs);
	else
		load_problem_add(a, f, LOAD_CODE_NONE, load_place_file(a, f),
				 "there are no rules in this file");
	return finish(rs, f, diag);
}

int ruleset_add_text(struct ruleset *rs, const char *name, struct str text, struct diag *diag)
{
	struct load_file *f = new_file(rs, name);
	if (text.n > RULES_FILE_MAX) {
		load_problem_add(&rs->arena, f, LOAD_ERR_FILE_READ, load_place_file(&rs->arena, f),
				 "larger than %u MiB, which rules files must not be",
				 RULES_FILE_MAX >> 20);
		return finish(rs, f, diag);
	}
	return add_text(rs, f, arena_str(&rs->arena, text), diag);
}

static int unreadable(struct ruleset *rs, struct load_file *f, struct diag *diag, int err,
		      const char *what)
{
	f->unreadable = true;
	load_problem_add(&rs->arena, f, LOAD_ERR_FILE_READ, load_place_file(&rs->arena, f), "%s",
			 what);
	finish(rs, f, diag);
	return err;
}

/* Reads at most RULES_FILE_MAX bytes, and one more to see whether that was all. */
static int read_all(int fd, struct strbuf *out)
{
	for (;;) {
		ssize_t n = read(fd, strbuf_reserve(out, 65536), 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		out->n += (size_t)n;
		out->s[out->n] = 0;
		if (out->n > RULES_FILE_MAX)
			return -EFBIG;
	}
}

int ruleset_add_file(struct ruleset *rs, const char *path, struct diag *diag)
{
	struct load_file *f = new_file(rs, path);
	struct strbuf sb = STRBUF_INIT;
	struct stat st;
	int fd, r;

	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		return unreadable(rs, f, diag, r,
				  r == -ENOENT ? "there is no such file" : strerror(-r));
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return unreadable(rs, f, diag, -EISDIR, "this is a directory");
	}
	r = read_all(fd, &sb);
	close(fd);
	if (r < 0) {
		strbuf_release(&sb);
		return unreadable(rs, f, diag, r,
				  r == -EFBIG ? "larger than 64 MiB, which rules files must not be"
					      : strerror(-r));
	}
	struct str text = arena_str(&rs->arena, strbuf_str(&sb));
	strbuf_release(&sb);
	return add_text(rs, f, text, diag);
}

static int cmp_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ruleset_add_path(struct ruleset *rs, const char *path, struct diag *diag)
{
	DIR *dir = strcmp(path, "-") == 0 ? NULL : opendir(path);
	VEC(char *) names = { 0 };
	struct dirent *de;
	int ret = 0;

	if (!dir)
		return ruleset_add_file(rs, path, diag);
	while ((de = readdir(dir)) != NULL) {
		struct str s = str_of(de->d_name);
		if (s.p[0] != '.' && (str_ends(s, STR(".yaml")) || str_ends(s, STR(".yml"))))
			vec_push(&names, arena_printf(&rs->arena, "%s/%s", path, de->d_name));
	}
	closedir(dir);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), cmp_name);
	for (size_t i = 0; i < names.n; i++) {
		int r = ruleset_add_file(rs, names.v[i], diag);
		if (r < 0 && ret == 0)
			ret = r;
	}
	if (!names.n)
		ret = unreadable(rs, new_file(rs, path), diag, -ENOENT,
				 "there are no .yaml or .yml files in this directory");
	vec_free(&names);
	return ret;
}

int ruleset_compile(struct ruleset *rs, struct diag *diag)
{
	if (!rs->files.n)
		return 0;
	struct load_file *last = rs->files.v[rs->files.n - 1];
	if (!rule_compile(rs, last))
		rs->failed = true;
	load_report(last, diag);
	return rs->failed ? -EINVAL : 0;
}

size_t ruleset_count(const struct ruleset *rs)
{
	return rs->rules.n;
}

struct rule *ruleset_rule(const struct ruleset *rs, size_t i)
{
	return &rs->rules.v[i]->pub;
}

void ruleset_build(struct ruleset *rs, const char *source)
{
	uint8_t *enabled = xcalloc(rs->by_id.n + 1, sizeof(*enabled));
	for (size_t i = 0; i < rs->by_id.n; i++) {
		const struct rule_info *ri = rs->by_id.v[i];
		enum event_source of = ri ? event_source_by_name(ri->pub.source) : SOURCE_OTHER;
		if (of != SOURCE_OTHER && ri->pub.selected &&
		    (!source || str_eqz(ri->pub.source, source)))
			enabled[i] = (uint8_t)(1u << of);
	}
	program_build(rs->program, enabled);
	free(enabled);
}

static bool prints_memory(const struct rule *r)
{
	if (r->output && output_format_is_of_memory(r->output))
		return true;
	for (size_t i = 0; i < r->n_extra; i++)
		if (output_format_is_of_memory(r->extra[i].format))
			return true;
	return false;
}

static bool prints_payload(const struct rule *r)
{
	if (r->output && output_format_is_of_payload(r->output))
		return true;
	for (size_t i = 0; i < r->n_extra; i++)
		if (output_format_is_of_payload(r->extra[i].format))
			return true;
	return false;
}

void ruleset_wants(const struct ruleset *rs, struct event_wants *ret)
{
	bool *payload = xcalloc(rs->by_id.n + 1, sizeof(*payload));

	for (size_t i = 0; i < rs->by_id.n; i++)
		payload[i] = rs->by_id.v[i] && prints_payload(&rs->by_id.v[i]->pub);
	program_wants(rs->program, payload, ret);
	free(payload);
	for (size_t i = 0; i < rs->by_id.n; i++)
		if (rs->by_id.v[i])
			ret->memory |= prints_memory(&rs->by_id.v[i]->pub);
}

static bool remembers(const struct program *p, const struct rule *rule)
{
	if (program_remembers(p, rule->id) ||
	    (rule->output && output_format_remembers(rule->output)))
		return true;
	for (size_t i = 0; i < rule->n_extra; i++)
		if (output_format_remembers(rule->extra[i].format))
			return true;
	return false;
}

bool ruleset_remembers(const struct ruleset *rs)
{
	for (size_t i = 0; i < rs->by_id.n; i++)
		if (rs->by_id.v[i] && rs->by_id.v[i]->pub.selected &&
		    remembers(rs->program, &rs->by_id.v[i]->pub))
			return true;
	return false;
}

struct program *ruleset_program(const struct ruleset *rs)
{
	return rs->program;
}

struct rule *ruleset_rule_by_id(const struct ruleset *rs, int id)
{
	if (id < 0 || (size_t)id >= rs->by_id.n || !rs->by_id.v[id])
		return NULL;
	return &rs->by_id.v[id]->pub;
}

struct str ruleset_expanded_text(const struct ruleset *rs, const struct rule *r)
{
	const struct rule_info *ri = strmap_get(&rs->rule_map, r->name);
	struct str ret;
	if (!ri || !rs->lists_expander || !list_expand(rs->lists_expander, ri->text, &ret))
		return STR("");
	return ret;
}
