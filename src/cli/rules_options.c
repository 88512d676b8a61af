#include "cli/rules_options.h"

#include <errno.h>

#include "cli/command.h"
#include "cli/confine.h"

void rules_options_init(struct rules_options *o)
{
	memset(o, 0, sizeof(*o));
	vec_push(&o->sources, "syscall");
}

void rules_options_free(struct rules_options *o)
{
	for (size_t i = 0; i < o->appends.n; i++)
		vec_free(&o->appends.v[i].extra_fields);
	vec_free(&o->appends);
	vec_free(&o->files);
	vec_free(&o->sources);
}

bool rules_option(struct rules_options *o, const struct option_state *st, int key)
{
	struct output_append ap = { .source = STR("") };

	switch (key) {
	case 'r':
		vec_push(&o->files, st->arg);
		return true;
	case OPT_SOURCE:
		vec_push(&o->sources, st->arg);
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
