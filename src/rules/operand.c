/* Evaluation of operands. See operand.h. */
#include "rules/operand.h"

#define MAX_ARGS_ON_STACK 8

/* Fields in it, and there are some, are all of this kind. */
static bool has_only(const struct operand *op, bool (*is)(const struct field_def *def))
{
	bool only = op->kind == OPERAND_FIELD && is(op->ref.def);

	for (uint32_t i = 0; i < op->n_kids; i++) {
		if (op->kids[i]->kind == OPERAND_CONSTANT)
			continue;
		only = has_only(op->kids[i], is);
		if (!only)
			return false;
	}
	return only;
}

bool operand_is_of_path(const struct operand *op)
{
	return has_only(op, field_is_of_path);
}

bool operand_is_of_name(const struct operand *op)
{
	return has_only(op, field_is_of_name);
}

bool operand_is_of_memory(const struct operand *op)
{
	if (op->kind == OPERAND_FIELD && field_is_of_memory(op->ref.def))
		return true;
	for (uint32_t i = 0; i < op->n_kids; i++)
		if (operand_is_of_memory(op->kids[i]))
			return true;
	return false;
}

bool operand_is_of_payload(const struct operand *op)
{
	if (op->kind == OPERAND_FIELD && field_is_of_payload(&op->ref))
		return true;
	for (uint32_t i = 0; i < op->n_kids; i++)
		if (operand_is_of_payload(op->kids[i]))
			return true;
	return false;
}

static struct operand_values eval_list(const struct operand *op, struct operand_run *run,
				       const struct field_env *env, struct values *out)
{
	struct operand_values none = { false, 0, NULL };
	struct field_ref text = { .type = PT_CHARBUF };
	struct strbuf sb = STRBUF_INIT;
	bool present = true;
	uint32_t i, j;

	for (i = 0; i < op->n_kids && present; i++) {
		struct operand_values kid = operand_eval(op->kids[i], run, env);

		present = kid.present;
		for (j = 0; j < kid.n; j++) {
			if (param_type_is_text(kid.v[j].type)) {
				*values_add(out, &text) = kid.v[j];
				continue;
			}
			strbuf_reset(&sb);
			value_text(&kid.v[j], &sb);
			values_add_str(out, &text, arena_str(env->arena, strbuf_str(&sb)));
		}
	}
	strbuf_release(&sb);
	return present ? (struct operand_values){ true, out->n, out->v } : none;
}

static struct operand_values eval_call(const struct operand *op, struct operand_run *run,
				       const struct field_env *env, struct values *out)
{
	struct operand_values few[MAX_ARGS_ON_STACK], *args = few;
	struct operand_values none = { false, 0, NULL };
	uint32_t i;

	if (op->n_kids > MAX_ARGS_ON_STACK)
		args = arena_alloc(env->arena, op->n_kids * sizeof(*args));
	for (i = 0; i < op->n_kids; i++) {
		args[i] = operand_eval(op->kids[i], run, env);
		if (!args[i].present)
			return none;
	}
	if (!transformer_call(op, args, out))
		return none;
	return (struct operand_values){ true, out->n, out->v };
}

struct operand_values operand_eval(const struct operand *op, struct operand_run *run,
				   const struct field_env *env)
{
	struct values out = { .arena = env->arena };
	struct operand_values r = { false, 0, NULL };
	struct operand_memo *memo = NULL;

	if (op->kind == OPERAND_CONSTANT)
		return (struct operand_values){ true, 1, &op->constant };
	if (run && op->slot < run->n && !op->stateful) {
		memo = &run->memo[op->slot];
		if (memo->generation == run->generation)
			return memo->values;
	}
	switch (op->kind) {
	case OPERAND_FIELD:
		r.present = field_extract(&op->ref, env, &out);
		r.n = r.present ? out.n : 0;
		r.v = out.v;
		break;
	case OPERAND_LIST:
		r = eval_list(op, run, env, &out);
		break;
	default:
		r = eval_call(op, run, env, &out);
	}
	if (memo) {
		memo->generation = run->generation;
		memo->values = r;
	}
	return r;
}
