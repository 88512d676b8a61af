/* Any text as an output format: compiling, rendering with and without values. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/output_format.h"
#include "rules/stand_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event ev = { .tid = EVENT_NO_TID, .type = EVENT_N_TYPES };
	struct event_ctx ctx = { .ev = &ev, .fd_num = -1 };
	struct arena a = ARENA_INIT, event_arena = ARENA_INIT;
	struct field_env env = { .ctx = &ctx, .arena = &event_arena };
	struct output_format_options opt = { .with_transformed = true };
	struct condition_error err = { .message = NULL };
	struct strbuf sb = STRBUF_INIT;
	struct output_format *f;
	struct stand_ins given;
	struct stand_in *in;
	struct json_writer w;
	const char *wrong = NULL;

	stand_ins_init(&given);
	given.others_missing = true;
	opt.stand_ins = &given;
	in = stand_in_add(&given, STR("proc.name"), PT_NONE, 0, &wrong);
	if (in)
		stand_in_value(&given, in, STR("a\xff\x01z"));
	env.memory = field_state_new();
	f = output_format_new_with(str_mem(data, size), &opt, &a, &err);
	if (f) {
		output_format_text(f, &env, &sb);
		strbuf_reset(&sb);
		json_init(&w, &sb);
		json_begin_object(&w);
		output_format_fields(f, &env, &w);
		json_end_object(&w);
	} else {
		assert(err.message && err.pos.idx <= size);
	}
	field_state_free(env.memory);
	stand_ins_free(&given);
	strbuf_release(&sb);
	arena_destroy(&a);
	arena_destroy(&event_arena);
	return 0;
}
