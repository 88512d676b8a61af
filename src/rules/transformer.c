/* What the transformers do. See operand.h; rule-language.md section 4. */
#include "rules/operand.h"

#include "base/text.h"
#include "rules/constant.h"

static const struct {
	const char *name;
	uint32_t least, most;
} rows[TRANSFORMER_N] = {
#define X(name, text, least, most) { text, least, most },
	TRANSFORMER_LIST(X)
#undef X
};

static const struct field_ref text_ref = { .type = PT_CHARBUF };
static const struct field_ref count_ref = { .type = PT_UINT64, .format = PF_DEC };

int transformer_by_name(struct str name)
{
	int i;

	for (i = 0; i < TRANSFORMER_N; i++)
		if (str_eqz(name, rows[i].name))
			return i;
	return -1;
}

static const char *wrong_type(const struct operand *call, const struct operand *arg,
			      struct arena *a)
{
	return arena_printf(a, "'%s' transformer does not take %s%s values",
			    rows[call->transformer].name, value_class_name(value_class(arg->type)),
			    arg->is_list ? " list" : "");
}

static bool is_text_arg(const struct operand *op)
{
	return !op->is_list && param_type_is_text(op->type);
}

bool transformer_takes(enum transformer t, uint8_t type, bool is_list, uint8_t *ret_type)
{
	switch (t) {
	case TRANSFORMER_TOLOWER:
	case TRANSFORMER_TOUPPER:
	case TRANSFORMER_BASENAME:
		*ret_type = type;
		return param_type_is_text(type);
	case TRANSFORMER_B64:
		*ret_type = type;
		return param_type_is_text(type) || type == PT_BYTEBUF;
	case TRANSFORMER_LEN:
		*ret_type = PT_UINT64;
		return is_list || param_type_is_text(type) || type == PT_BYTEBUF;
	default:
		return false;
	}
}

const char *transformer_check(const struct operand *call, struct arena *a, uint8_t *ret_type,
			      bool *ret_is_list)
{
	const struct operand *arg = call->n_kids ? call->kids[0] : NULL;
	const char *name = rows[call->transformer].name;
	uint32_t i;

	if (call->n_kids < rows[call->transformer].least ||
	    call->n_kids > rows[call->transformer].most)
		return arena_printf(a, "'%s' transformer takes %s%u argument%s, got %u", name,
				    rows[call->transformer].least == rows[call->transformer].most
					    ? ""
					    : "at least ",
				    rows[call->transformer].least,
				    rows[call->transformer].least == 1 ? "" : "s", call->n_kids);
	if (call->has_arg && call->transformer != TRANSFORMER_GETOPT)
		return arena_printf(a, "'%s' transformer takes no argument in brackets", name);
	*ret_is_list = false;
	*ret_type = PT_CHARBUF;
	switch ((enum transformer)call->transformer) {
	case TRANSFORMER_TOLOWER:
	case TRANSFORMER_TOUPPER:
	case TRANSFORMER_BASENAME:
	case TRANSFORMER_B64:
	case TRANSFORMER_LEN:
		/* A condition transforms single values; only len looks at a list, as a whole. */
		if ((arg->is_list && call->transformer != TRANSFORMER_LEN) ||
		    !transformer_takes((enum transformer)call->transformer, arg->type, arg->is_list,
				       ret_type))
			return wrong_type(call, arg, a);
		return NULL;
	case TRANSFORMER_JOIN:
		if (!is_text_arg(arg))
			return "the first argument of 'join' is the separator, a string";
		return call->kids[1]->is_list && param_type_is_text(call->kids[1]->type)
			       ? NULL
			       : "the second argument of 'join' is a list of strings";
	case TRANSFORMER_CONCAT:
		for (i = 0; i < call->n_kids; i++)
			if (!is_text_arg(call->kids[i]))
				return wrong_type(call, call->kids[i], a);
		return NULL;
	case TRANSFORMER_GETOPT:
		if (!param_type_is_text(arg->type))
			return "the first argument of 'getopt' is a list of strings";
		if (!is_text_arg(call->kids[1]))
			return "the second argument of 'getopt' is a string of option letters";
		if (call->has_arg && call->arg.n != 1)
			return "the argument in brackets of 'getopt' is one option letter";
		*ret_is_list = !call->has_arg;
		return NULL;
	case TRANSFORMER_N:
		break;
	}
	return "unknown transformer";
}

static struct str change_case(struct str s, bool upper, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!upper && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		p[i] = c;
	}
	p[s.n] = '\0';
	return str_mem(p, s.n);
}

static bool add_like(struct values *out, const struct value *in, struct str s)
{
	const struct field_ref ref = { .type = in->type, .format = in->format };

	return values_add_str(out, &ref, s);
}

static bool decode(const struct value *v, struct values *out)
{
	struct strbuf sb = STRBUF_INIT;
	bool ok = base64_decode(&sb, v->s);

	if (ok)
		add_like(out, v, arena_str(out->arena, strbuf_str(&sb)));
	strbuf_release(&sb);
	return ok;
}

bool transformer_apply(enum transformer t, bool is_list, const struct value *v, uint32_t n,
		       struct values *out)
{
	uint32_t i;

	if (t == TRANSFORMER_LEN && is_list)
		return values_add_u(out, &count_ref, n);
	for (i = 0; i < n; i++) {
		switch (t) {
		case TRANSFORMER_TOLOWER:
		case TRANSFORMER_TOUPPER:
			add_like(out, &v[i],
				 change_case(v[i].s, t == TRANSFORMER_TOUPPER, out->arena));
			break;
		case TRANSFORMER_BASENAME:
			add_like(out, &v[i], str_from(v[i].s, (size_t)(str_rchr(v[i].s, '/') + 1)));
			break;
		case TRANSFORMER_B64:
			if (!decode(&v[i], out))
				return false;
			break;
		case TRANSFORMER_LEN:
			values_add_u(out, &count_ref, v[i].s.n);
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool join(struct str sep, const struct value *v, uint32_t n, struct values *out)
{
	size_t len = n ? sep.n * (n - 1) : 0, at = 0;
	uint32_t i;
	char *p;

	for (i = 0; i < n; i++)
		len += v[i].s.n;
	p = arena_alloc(out->arena, len + 1);
	for (i = 0; i < n; i++) {
		if (i) {
			memcpy(p + at, sep.p, sep.n);
			at += sep.n;
		}
		memcpy(p + at, v[i].s.p, v[i].s.n);
		at += v[i].s.n;
	}
	p[at] = '\0';
	return values_add_str(out, &text_ref, str_mem(p, at));
}

/*
 * Short options as getopt(3) has them without permutation: "ab:" knows -a and -b VALUE. What a call
 * with [c] wants of it is the last value of -c; the whole list holds letters and values in order.
 */
struct option_walk {
	const struct operand *call;
	struct str known;
	struct str last; /* value of the wanted letter */
	bool found;
	struct values *out;
};

static void note_option(struct option_walk *w, struct str letter, bool has_value, struct str value)
{
	if (!w->call->has_arg) {
		values_add_str(w->out, &text_ref, letter);
		if (has_value)
			values_add_str(w->out, &text_ref, value);
	} else if (str_eq(letter, w->call->arg)) {
		w->found = true;
		w->last = has_value ? value : letter;
	}
}

/* One "-abVALUE"; true when its last option takes the next word as its value. */
static bool walk_word(struct option_walk *w, struct str word, struct str *ret_letter)
{
	size_t i;

	for (i = 1; i < word.n; i++) {
		struct str letter = { word.p + i, 1 };
		ptrdiff_t at = word.p[i] == ':' ? -1 : str_chr(w->known, word.p[i]);

		if (at < 0) {
			note_option(w, STR("?"), false, STR(""));
			continue;
		}
		if ((size_t)at + 1 >= w->known.n || w->known.p[at + 1] != ':') {
			note_option(w, letter, false, STR(""));
			continue;
		}
		if (i + 1 < word.n) {
			note_option(w, letter, true, str_from(word, i + 1));
			return false;
		}
		*ret_letter = letter;
		return true;
	}
	return false;
}

static bool next_word(const struct operand_values *args, bool is_list, uint32_t *at,
		      struct str *rest, struct str *ret)
{
	if (is_list) {
		if (*at >= args->n)
			return false;
		*ret = args->v[(*at)++].s;
		return true;
	}
	while (str_split(rest, ' ', ret))
		if (ret->n)
			return true;
	return false;
}

static bool getopt_words(const struct operand *call, const struct operand_values *args,
			 struct values *out)
{
	struct option_walk w = { .call = call, .known = args[1].v[0].s, .out = out };
	bool is_list = call->kids[0]->is_list;
	struct str rest = is_list || !args[0].n ? STR("") : args[0].v[0].s;
	struct str word, letter;
	uint32_t at = 0;

	while (next_word(&args[0], is_list, &at, &rest, &word)) {
		if (word.n < 2 || word.p[0] != '-' || str_eq(word, STR("--")))
			break;
		if (word.p[1] == '-')
			continue;
		if (!walk_word(&w, word, &letter))
			continue;
		if (next_word(&args[0], is_list, &at, &rest, &word))
			note_option(&w, letter, true, word);
		else
			note_option(&w, STR("?"), false, STR(""));
	}
	if (!call->has_arg)
		return true;
	return w.found && values_add_str(out, &text_ref, w.last);
}

bool transformer_call(const struct operand *call, const struct operand_values *args,
		      struct values *out)
{
	struct value few[8], *v = few;
	uint32_t i;

	switch ((enum transformer)call->transformer) {
	case TRANSFORMER_JOIN:
		return args[0].n && join(args[0].v[0].s, args[1].v, args[1].n, out);
	case TRANSFORMER_CONCAT:
		if (call->n_kids > 8)
			v = arena_alloc(out->arena, call->n_kids * sizeof(*v));
		for (i = 0; i < call->n_kids; i++) {
			if (!args[i].n)
				return false;
			v[i] = args[i].v[0];
		}
		return join(STR(""), v, call->n_kids, out);
	case TRANSFORMER_GETOPT:
		return args[1].n && getopt_words(call, args, out);
	default:
		return transformer_apply((enum transformer)call->transformer,
					 call->kids[0]->is_list, args[0].v, args[0].n, out);
	}
}
