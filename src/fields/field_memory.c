/*
 * What a field remembers from event to event, per instance (struct field_ref id): the times
 * evt.deltatime compares, the sums of thread.exectime. One per replay.
 */
#include "base/hashmap.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "fields/field_json.h"

/* Thread ids come again; sums of more than these many are all begun anew. */
#define MAX_THREADS 65536
#define MAX_SLOTS   65536 /* ids are small by contract; a larger one shares the last slot */

struct field_state {
	VEC(struct field_slot *) slots;
	struct strbuf scratch, part;
	struct field_json json;
};

struct field_state *field_state_new(void)
{
	struct field_state *fs = xcalloc(1, sizeof(*fs));

	strbuf_init(&fs->scratch);
	strbuf_init(&fs->part);
	return fs;
}

static void forget_threads(struct field_slot *s)
{
	size_t pos = 0;
	uint64_t key;
	void *value;

	while (u64map_next(s->by_tid, &pos, &key, &value))
		free(value);
	u64map_clear(s->by_tid);
}

static void slot_free(struct field_slot *s)
{
	if (!s)
		return;
	if (s->by_tid) {
		forget_threads(s);
		u64map_free(s->by_tid);
		free(s->by_tid);
	}
	free(s->by_cpu);
	free(s);
}

void field_state_free(struct field_state *fs)
{
	if (!fs)
		return;
	for (size_t i = 0; i < fs->slots.n; i++)
		slot_free(fs->slots.v[i]);
	vec_free(&fs->slots);
	strbuf_release(&fs->scratch);
	strbuf_release(&fs->part);
	json_tree_free(&fs->json.tree);
	free(fs);
}

struct field_slot *field_slot(const struct field_env *env, const struct field_ref *ref)
{
	struct field_state *fs = env->memory;
	size_t id = ref->id < MAX_SLOTS ? ref->id : MAX_SLOTS - 1;

	if (!fs)
		return NULL;
	while (fs->slots.n <= id)
		vec_push(&fs->slots, NULL);
	if (!fs->slots.v[id])
		fs->slots.v[id] = xcalloc(1, sizeof(*fs->slots.v[id]));
	return fs->slots.v[id];
}

struct field_thread_sum *field_slot_thread(struct field_slot *slot, int64_t tid)
{
	if (!slot->by_tid)
		slot->by_tid = xcalloc(1, sizeof(*slot->by_tid));
	struct field_thread_sum *sum = u64map_get(slot->by_tid, (uint64_t)tid);
	if (!sum) {
		if (slot->by_tid->n >= MAX_THREADS)
			forget_threads(slot);
		sum = xcalloc(1, sizeof(*sum));
		u64map_put(slot->by_tid, (uint64_t)tid, sum);
	}
	return sum;
}

struct strbuf *field_scratch(const struct field_env *env)
{
	struct strbuf *sb = &env->memory->scratch;

	strbuf_reset(sb);
	return sb;
}

struct strbuf *field_scratch_part(const struct field_env *env)
{
	strbuf_reset(&env->memory->part);
	return &env->memory->part;
}

bool values_add_scratch(struct values *out, const struct field_ref *ref, const struct strbuf *sb)
{
	return values_add_str(out, ref, arena_str(out->arena, strbuf_str(sb)));
}

struct field_json *field_json_memory(const struct field_env *env)
{
	return &env->memory->json;
}
