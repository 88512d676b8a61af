/* The table of fields, and resolving of names and arguments; see field.h. */
#include "fields/field.h"

#include <assert.h>

#include "event/event_text.h"
#include "fields/field_extract.h"

static const struct field_def fields[] = {
#define TYPE   SCOPE_TYPE
#define SELF   SCOPE_SELF
#define THREAD SCOPE_THREAD
#define FD     SCOPE_FD
#define EVENT  SCOPE_EVENT
#define FIELD(name, cls, type, format, scope, flags, extract, aux, doc)                              \
	{                                                                                            \
		name, cls, PT_##type, PF_##format, scope, (uint32_t)(flags), doc, field_x_##extract, \
		aux                                                                                  \
	},
#include "fields/field_list.def"
#undef FIELD
#undef TYPE
#undef SELF
#undef THREAD
#undef FD
#undef EVENT
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Lengths of their names: most fields are told apart by these. */
static const uint8_t name_lengths[N_FIELDS] = {
#define FIELD(name, cls, type, format, scope, flags, extract, aux, doc) sizeof(name) - 1,
#include "fields/field_list.def"
#undef FIELD
};

size_t field_count(void)
{
	return N_FIELDS;
}

const struct field_def *field_at(size_t i)
{
	return i < N_FIELDS ? &fields[i] : NULL;
}

const struct field_def *field_find(struct str name)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (name.n == name_lengths[i] && !memcmp(name.p, fields[i].name, name.n))
			return &fields[i];
	return NULL;
}

static bool is_class(const struct field_def *def, const char *cls)
{
	return strcmp(def->cls, cls) == 0;
}

bool field_of_source(const struct field_def *def, enum event_source source)
{
	if (def->flags & FIELD_ANY_SOURCE)
		return true;
	if (is_class(def, "ka"))
		return source == SOURCE_K8S_AUDIT;
	if (is_class(def, "json"))
		return source != SOURCE_SYSCALL;
	return source == SOURCE_SYSCALL;
}

const char *field_source_text(const struct field_def *def)
{
	if (def->flags & FIELD_ANY_SOURCE)
		return "any";
	if (is_class(def, "json"))
		return "plugins";
	return event_source_name(is_class(def, "ka") ? SOURCE_K8S_AUDIT : SOURCE_SYSCALL);
}

const char *field_class_doc(const char *cls)
{
	static const struct {
		const char *cls, *doc;
	} docs[] = {
		{ "evt", "the event itself: what, when, with which parameters and outcome" },
		{ "process", "the process and thread the event happened in, and their ancestors" },
		{ "user", "the user the process ran as" },
		{ "group", "the group the process ran as" },
		{ "fd", "the descriptor the event is about: file, socket, pipe" },
		{ "fs.path", "the paths of a successful file system call" },
		{ "util", "helpers for tests" },
		{ "fdlist", "the descriptors of a poll" },
		{ "container", "the container and pod the process ran in" },
		{ "ka", "Kubernetes audit events (rules with source k8s_audit)" },
		{ "json", "the payload of an event that does not come from a system call" },
	};
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++)
		if (strcmp(docs[i].cls, cls) == 0)
			return docs[i].doc;
	return "";
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n != 0;
}

/* Number of the parameter by event type. NULL when no type has one of that name. */
static const int8_t *params_named(struct str name, struct arena *a, struct field_ref *ref, bool raw)
{
	int8_t *of = NULL;

	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);
		int i = info ? event_param_index(info, name) : -1;
		if (i >= 0 && !of) {
			of = arena_alloc(a, EVENT_N_TYPES);
			memset(of, -1, EVENT_N_TYPES);
			if (raw) {
				ref->type = info->params[i].type;
				ref->format = info->params[i].format;
			}
		}
		if (i >= 0)
			of[t] = (int8_t)i;
	}
	return of;
}

/* "open", or a number: the number of the exit type. -1 when there is no such event. */
static int event_type_named(struct str arg)
{
	unsigned long long n;

	if (str_to_u64(arg, &n))
		return n < EVENT_N_TYPES && event_info((unsigned)n) ? (int)n : -1;
	const struct event_info *info = event_info_by_name(arg, true);
	if (!info)
		info = event_info_by_name(arg, false);
	return info ? info->type : -1;
}

static const char *resolve_dotted(struct field_ref *ref, struct arena *a)
{
	const char *name = ref->def->name;

	if (strcmp(name, "evt.arg") == 0 || strcmp(name, "evt.rawarg") == 0) {
		ref->param_of = params_named(ref->arg, a, ref, name[4] == 'r');
		return ref->param_of ? NULL : "no event has a parameter of this name";
	}
	if (strcmp(name, "evt.type.is") == 0) {
		ref->aux = event_type_named(ref->arg);
		return ref->aux >= 0 ? NULL : "there is no event of this name";
	}
	if (strcmp(name, "evt.abspath") == 0) {
		if (!str_eqz(ref->arg, "src") && !str_eqz(ref->arg, "dst"))
			return "the argument can be src or dst";
		ref->aux = str_eqz(ref->arg, "dst");
	}
	return NULL;
}

static const char *resolve_bracket(struct field_ref *ref)
{
	unsigned flags = ref->def->flags;
	long long n;

	if (!(flags & (FIELD_ARG_INDEX | FIELD_ARG_KEY)))
		return "the field takes no argument in brackets";
	if (ref->arg.n == 0)
		return "the argument is empty";
	if (all_digits(ref->arg) && str_to_i64(ref->arg, &n)) {
		ref->arg_is_index = true;
		ref->index = n;
	} else if (!(flags & FIELD_ARG_KEY)) {
		return "the argument must be a number";
	}
	return NULL;
}

/* The row whose name and a dot begin `name`, taking dotted arguments; the longest wins. */
static const struct field_def *find_dotted(struct str name)
{
	const struct field_def *best = NULL;
	size_t best_n = 0;

	for (size_t i = 0; i < N_FIELDS; i++) {
		size_t n = strlen(fields[i].name);
		if ((fields[i].flags & FIELD_ARG_DOT) && n > best_n && name.n > n + 1 &&
		    name.p[n] == '.' && memcmp(name.p, fields[i].name, n) == 0) {
			best = &fields[i];
			best_n = n;
		}
	}
	return best;
}

const char *field_resolve(struct str name, bool has_arg, struct str arg, struct arena *a,
			  struct field_ref *ret)
{
	struct field_ref ref = { .has_arg = has_arg };
	const char *wrong = NULL;

	ref.def = field_find(name);
	if (!ref.def) {
		ref.def = find_dotted(name);
		if (!ref.def)
			return "unknown field";
		if (has_arg)
			return "the field takes no second argument";
		ref.has_arg = true;
		ref.arg = arena_str(a, str_from(name, strlen(ref.def->name) + 1));
	} else if (has_arg) {
		ref.arg = arena_str(a, arg);
	}
	ref.type = ref.def->type;
	ref.format = ref.def->format;
	ref.scope = ref.def->scope;
	ref.aux = ref.def->aux;
	if (has_arg)
		ref.text = str_of(arena_printf(a, "%.*s[%.*s]", STR_FMT(name), STR_FMT(arg)));
	else
		ref.text = arena_str(a, name);

	if (has_arg)
		wrong = resolve_bracket(&ref);
	else if (ref.has_arg)
		wrong = resolve_dotted(&ref, a);
	else if (ref.def->flags & FIELD_ARG_REQUIRED)
		wrong = "the field needs an argument";
	if (wrong)
		return wrong;
	*ret = ref;
	return NULL;
}

enum field_scope field_scope_in(const struct field_ref *ref, const struct event_info *info)
{
	if (!info)
		return (enum field_scope)ref->scope;
	/* Which plugin's it is, is said in the event. */
	if (info->type == EVT_PLUGINEVENT_E && ref->def->extract == field_x_evt_source)
		return SCOPE_EVENT;
	if (ref->def->extract != field_x_evt_type)
		return (enum field_scope)ref->scope;
	switch (info->type) {
	case EVT_GENERIC_E:
	case EVT_GENERIC_X:
	case EVT_ASYNCEVENT_E:
		return SCOPE_EVENT;
	default:
		return SCOPE_TYPE;
	}
}

bool field_is_stateful(const struct field_def *def)
{
	return def->extract == field_x_evt_deltatime || def->extract == field_x_util_cnt ||
	       def->extract == field_x_thread_exectime || def->extract == field_x_thread_cpu;
}

bool field_is_of_path(const struct field_def *def)
{
	return def->extract == field_x_fd_name || def->extract == field_x_fd_directory ||
	       def->extract == field_x_fd_filename;
}

bool field_is_of_name(const struct field_def *def)
{
	return field_is_of_path(def) || def->extract == field_x_fd_nameraw;
}

bool field_has_no_value(const struct field_def *def)
{
	return def->extract == field_x_fd_none || def->extract == field_x_container_none;
}

bool field_is_of_memory(const struct field_def *def)
{
	return def->extract == field_x_thread_mem;
}

bool field_is_of_payload(const struct field_ref *ref)
{
	field_extract_fn x = ref->def->extract;

	if (x == field_x_evt_args || x == field_x_evt_buffer || x == field_x_evt_buflen)
		return true;
	if (x != field_x_evt_arg && x != field_x_evt_rawarg)
		return false;
	for (unsigned t = 0; ref->param_of && t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		if (info && ref->param_of[t] >= 0 && ref->param_of[t] == event_payload_param(info))
			return true;
	}
	return !ref->param_of;
}

void field_nearest(struct str name, struct strbuf *out)
{
	unsigned best = name.n / 3 > 2 ? 4 : 3; /* farther ones help nobody */
	unsigned n = 0;

	for (size_t i = 0; i < N_FIELDS; i++) {
		unsigned d = str_distance(name, str_of(fields[i].name), best);
		if (d < best)
			best = d;
	}
	for (size_t i = 0; i < N_FIELDS && n < 5; i++) {
		if (fields[i].flags & (FIELD_HIDDEN | FIELD_DEPRECATED))
			continue;
		if (str_distance(name, str_of(fields[i].name), best) > best ||
		    best > (name.n / 3 > 2 ? 3U : 2U))
			continue;
		if (n++)
			strbuf_adds(out, ", ");
		strbuf_adds(out, fields[i].name);
	}
}

struct field_ref field_named(const char *name, struct arena *a)
{
	struct field_ref ref;
	const char *wrong = field_resolve(str_of(name), false, STR(""), a, &ref);

	assert(!wrong);
	(void)wrong;
	return ref;
}
