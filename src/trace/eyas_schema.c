#include "trace/eyas_schema.h"

#include "base/json_writer.h"
#include "event/event.h"

static void put_number(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, key);
	json_u64(w, v);
}

static void put_text(struct json_writer *w, const char *key, const char *v)
{
	json_key(w, key);
	json_strz(w, v);
}

static void put_flag_table(const struct flag_table *t, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	put_text(&w, "flags", t->name);
	json_key(&w, "values");
	json_begin_array(&w);
	for (size_t i = 0; i < t->n; i++) {
		json_begin_array(&w);
		json_strz(&w, t->rows[i].name);
		json_u64(&w, t->rows[i].value);
		json_end_array(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

static void put_param(struct json_writer *w, const struct param_info *p)
{
	json_begin_object(w);
	put_text(w, "name", p->name);
	put_text(w, "type", param_type_name(p->type));
	put_number(w, "size", param_type_size(p->type));
	put_text(w, "format", param_format_name(p->format));
	if (p->dirfd_param >= 0)
		put_number(w, "dirfd_param", (uint64_t)p->dirfd_param);
	if (p->flags)
		put_text(w, "flags", p->flags->name);
	if (p->dyn) {
		json_key(w, "variants");
		json_begin_array(w);
		for (size_t i = 0; i < p->dyn->n; i++)
			json_strz(w, param_type_name(p->dyn->types[i]));
		json_end_array(w);
	}
	json_end_object(w);
}

static void put_event(const struct event_info *info, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	put_number(&w, "event", info->type);
	put_text(&w, "code", info->code);
	put_text(&w, "name", info->name);
	put_text(&w, "direction", info->exit ? "exit" : "enter");
	put_number(&w, "category", info->category);
	put_number(&w, "flags", info->flags);
	if (info->fd_param >= 0)
		put_number(&w, "fd_param", (uint64_t)info->fd_param);
	json_key(&w, "params");
	json_begin_array(&w);
	for (size_t i = 0; i < info->n_params; i++)
		put_param(&w, &info->params[i]);
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

void eyas_schema_add(struct eyas_schema *s, unsigned type, struct strbuf *out)
{
	const struct event_info *info = event_info(type);

	if (s->types[type])
		return;
	s->types[type] = true;
	if (!info)
		return;
	for (size_t i = 0; i < info->n_params; i++) {
		const struct flag_table *t = info->params[i].flags;

		if (t && !strmap_has(&s->flag_tables, str_of(t->name))) {
			strmap_put(&s->flag_tables, str_of(t->name), NULL);
			put_flag_table(t, out);
		}
	}
	put_event(info, out);
}

void eyas_schema_reset(struct eyas_schema *s)
{
	strmap_free(&s->flag_tables);
	memset(s->types, 0, sizeof(s->types));
}
