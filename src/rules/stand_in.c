/* Field values given by hand. See stand_in.h. */
#include "rules/stand_in.h"

#include "rules/constant.h"

void stand_ins_init(struct stand_ins *s)
{
	memset(s, 0, sizeof(*s));
}

void stand_ins_free(struct stand_ins *s)
{
	size_t i;

	for (i = 0; i < s->by_text.n; i++) {
		struct stand_in *in = s->by_text.entries[i].value;
		vec_free(&in->values);
	}
	strmap_free(&s->by_text);
	arena_destroy(&s->arena);
}

static bool extract(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	/* The row is the first member of its stand-in. */
	const struct stand_in *in = (const struct stand_in *)(const void *)ref->def;
	size_t i;

	(void)env;
	for (i = 0; i < in->values.n; i++) {
		struct value *v = values_add(out, ref);
		*v = in->values.v[i];
	}
	return in->has_value;
}

static struct str full_text(struct str name, bool has_arg, struct str arg, struct arena *a)
{
	if (!has_arg)
		return name;
	return str_of(arena_printf(a, "%.*s[%.*s]", STR_FMT(name), STR_FMT(arg)));
}

/* "name[arg]" in its two parts. */
static bool split_text(struct str text, struct str *ret_name, struct str *ret_arg)
{
	ptrdiff_t at = str_chr(text, '[');

	*ret_name = text;
	*ret_arg = STR("");
	if (at < 0 || text.p[text.n - 1] != ']')
		return false;
	ret_name->n = (size_t)at;
	*ret_arg = str_from(text, (size_t)at + 1);
	ret_arg->n--;
	return true;
}

struct stand_in *stand_in_add(struct stand_ins *s, struct str text, uint8_t type, uint16_t flags,
			      const char **ret_error)
{
	struct stand_in *in = strmap_get(&s->by_text, text);
	struct field_ref ref;
	struct str name, arg;
	bool has_arg;

	if (in)
		return in;
	in = arena_calloc(&s->arena, 1, sizeof(*in));
	if (type == PT_NONE) {
		has_arg = split_text(text, &name, &arg);
		*ret_error = field_resolve(name, has_arg, arg, &s->arena, &ref);
		if (*ret_error)
			return NULL;
		in->def = *ref.def;
		in->def.type = ref.type;
		in->def.format = ref.format;
		if (has_arg)
			in->def.flags &= (uint16_t)~FIELD_ANY_ANCESTOR;
	} else {
		in->def.type = type;
		in->def.format = param_type_is_int(type) ? PF_DEC : PF_NA;
		in->def.flags = flags;
	}
	in->text = arena_str(&s->arena, text);
	in->def.name = arena_strdup(&s->arena, in->text.p);
	in->def.scope = SCOPE_EVENT;
	in->def.extract = extract;
	strmap_put(&s->by_text, in->text, in);
	return in;
}

void stand_in_present(struct stand_in *in)
{
	in->has_value = true;
}

const char *stand_in_value(struct stand_ins *s, struct stand_in *in, struct str value)
{
	enum value_class cls = value_class(in->def.type);
	struct constant c;
	struct value v = { .type = in->def.type, .format = in->def.format };
	const char *wrong;

	if (cls == VC_TEXT || cls == VC_BYTES) {
		v.s = arena_str(&s->arena, value);
	} else if (cls == VC_IP || cls == VC_NET) {
		struct ipaddr ip;

		if (!ipaddr_parse(value, &ip))
			return "not an IP address";
		v.s = str_mem(arena_memdup(&s->arena, ip.b, ip.n), ip.n);
	} else {
		wrong = constant_parse(value, in->def.type, false, &s->arena, &c);
		if (wrong)
			return wrong;
		if (cls == VC_INT)
			v.i = c.i;
		else if (cls == VC_DOUBLE)
			v.d = c.d;
		else
			v.u = c.u;
	}
	vec_push(&in->values, v);
	in->has_value = true;
	return NULL;
}

static void refer(const struct stand_in *in, struct str text, bool has_arg, struct str arg,
		  struct arena *a, struct field_ref *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->def = &in->def;
	ret->text = arena_str(a, text);
	ret->has_arg = has_arg;
	ret->arg = arena_str(a, arg);
	ret->type = in->def.type;
	ret->format = in->def.format;
	ret->scope = SCOPE_EVENT;
}

const char *stand_in_resolve(const struct stand_ins *s, struct str name, bool has_arg,
			     struct str arg, struct arena *a, struct field_ref *ret)
{
	struct str text = full_text(name, has_arg, arg, a);
	const struct stand_in *in = s ? strmap_get(&s->by_text, text) : NULL;
	struct stand_in *missing;
	const char *wrong;

	if (in) {
		refer(in, text, has_arg, arg, a, ret);
		return NULL;
	}
	wrong = field_resolve(name, has_arg, arg, a, ret);
	if (wrong || !s || !s->others_missing)
		return wrong;
	missing = arena_calloc(a, 1, sizeof(*missing));
	missing->def = *ret->def;
	missing->def.type = ret->type;
	missing->def.format = ret->format;
	missing->def.extract = extract;
	refer(missing, text, has_arg, arg, a, ret);
	return NULL;
}
