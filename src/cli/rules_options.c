#include "cli/rules_options.h"

#include <errno.h>

#include "cli/command.h"
#include "cli/confine.h"

void rules_options_init(struct rules_options *o)
{
	memset(o, 0, sizeof(*o));
	falco_config_init(&o->config);
	for (size_t i = 0; event_source_names[i]; i++)
		vec_push(&o->sources, event_source_names[i]);
}

void rules_options_free(struct rules_options *o)
{
	for (size_t i = 0; i < o->appends.n; i++) {
		vec_free(&o->appends.v[i].extra_fields);
		vec_free(&o->appends.v[i].tags);
	}
	vec_free(&o->appends);
	vec_free(&o->files);
	vec_free(&o->sources);
	vec_free(&o->sets);
	falco_config_free(&o->config);
	arena_destroy(&o->arena);
}

bool rules_option(struct rules_options *o, const struct option_state *st, int key)
{
	struct output_append ap = { .source = STR("") };
	struct str rest, name;

	switch (key) {
	case 'r':
		vec_push(&o->files, st->arg);
		return true;
	case 'c':
		o->config_path = st->arg;
		return true;
	case OPT_SET:
		vec_push(&o->sets, st->arg);
		return true;
	case OPT_SOURCE:
		vec_push(&o->sources, st->arg);
		return true;
	case OPT_SOURCES:
		o->sources.n = 0;
		rest = str_of(st->arg);
		while (str_split(&rest, ',', &name))
			vec_push(&o->sources, arena_str(&o->arena, name).p);
		return true;
	case OPT_APPEND_OUTPUT:
		ap.extra_output = str_of(st->arg);
		vec_push(&o->appends, ap);
		return true;
	case OPT_APPEND_FIELD:
		vec_push(&ap.extra_fields, str_of(st->arg));
		vec_push(&o->appends, ap);
		return true;
	case OPT_SUGGESTED_OUTPUT:
		o->suggested_output = true;
		return true;
	default:
		return false;
	}
}

int rules_options_config(struct rules_options *o, bool quiet)
{
	struct falco_config *c = &o->config;
	bool given = o->files.n > 0;
	struct diag diag;
	int e;

	if (!o->config_path && !o->sets.n)
		return EXIT_DONE;
	diag_init(&diag);
	e = falco_config_load(c, o->config_path, o->sets.v, o->sets.n, &diag);
	if (e || !quiet)
		diag_print(&diag, stderr);
	diag_free(&diag);
	/* What the command line appends comes behind. */
	for (size_t i = 0; i < o->appends.n; i++)
		vec_push(&c->appends, o->appends.v[i]);
	vec_free(&o->appends);
	o->appends.v = c->appends.v;
	o->appends.n = c->appends.n;
	o->appends.cap = c->appends.cap;
	memset(&c->appends, 0, sizeof(c->appends));
	for (size_t i = 0; i < c->rules_files.n && !given; i++)
		vec_push(&o->files, c->rules_files.v[i]);
	return !e ? EXIT_DONE : e == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

struct ruleset *rules_new(struct rules_options *o)
{
	struct ruleset_options ro = {
		.suggested_output = o->suggested_output,
		.appends = o->appends.v,
		.n_appends = o->appends.n,
	};

	vec_push(&o->sources, NULL);
	ro.sources = o->sources.v;
	return ruleset_new(&ro);
}

int rules_add_all(struct rules_options *o, struct ruleset *rs, bool compile_each, struct diag *diag)
{
	struct confine_rules paths = { o->files.v, o->files.n };
	int status = EXIT_DONE;

	confine(&paths);
	for (size_t i = 0; i < o->files.n; i++) {
		int r = ruleset_add_path(rs, o->files.v[i], diag);
		if (r && r != -EINVAL)
			status = EXIT_FAILED;
		else if (r && !status)
			status = EXIT_USAGE;
		/* A file that is wrong in itself is not compiled on top. */
		if (compile_each && !r && ruleset_compile(rs, diag) && !status)
			status = EXIT_USAGE;
	}
	if (!compile_each && ruleset_compile(rs, diag) && !status)
		status = EXIT_USAGE;
	return status;
}

int rules_load(struct rules_options *o, struct diag *diag, struct ruleset **ret)
{
	*ret = rules_new(o);
	return rules_add_all(o, *ret, false, diag);
}
