/* An audit log: read to its end, and every field of every audit event in it looked at. */
#include <stddef.h>
#include <stdint.h>

#include "fields/field.h"
#include "trace/input.h"
#include "trace/k8s_audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const arguments[] = { "0", "1", "/objectRef/name", "container", "/etc*" };
#define N_ARGUMENTS (sizeof(arguments) / sizeof(arguments[0]))

static void look(const struct field_def *def, const char *arg, struct field_env *env,
		 struct strbuf *text)
{
	struct str a = { arg, arg ? strlen(arg) : 0 };
	struct values vals = { .arena = env->arena };
	struct field_ref ref;

	if (field_resolve(str_of(def->name), arg != NULL, a, env->arena, &ref))
		return;
	if (!field_extract(&ref, env, &vals))
		return;
	strbuf_reset(text);
	values_text(&ref, &vals, text);
}

static void look_at_all(struct field_env *env, struct strbuf *text)
{
	for (size_t i = 0; i < field_count(); i++) {
		const struct field_def *def = field_at(i);

		if (!field_of_source(def, SOURCE_K8S_AUDIT))
			continue;
		look(def, NULL, env, text);
		for (size_t k = 0; k < N_ARGUMENTS; k++)
			look(def, arguments[k], env, text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state *st = state_new(NULL);
	struct strbuf text = STRBUF_INIT;
	struct arena arena = ARENA_INIT;
	struct field_env env = { .arena = &arena, .memory = field_state_new() };
	struct source *src;
	struct record rec;
	struct diag diag;

	diag_init(&diag);
	if (k8s_audit_open(input_from_memory("fuzz", data, size), &diag, &src) == 0) {
		while (source_next(src, &rec) > 0) {
			struct event_ctx ctx;

			if (rec.kind != RECORD_EVENT)
				continue;
			state_begin(st, &rec.event, &ctx);
			env.ctx = &ctx;
			look_at_all(&env, &text);
			state_end(st, &ctx);
			arena_reset(&arena);
		}
		source_close(src);
	}
	diag_free(&diag);
	field_state_free(env.memory);
	state_free(st);
	strbuf_release(&text);
	arena_destroy(&arena);
	return 0;
}
