/* The digest that packing is checked by: the same for the same records, another for any other. */
#include "unit.h"

#include "records.h"
#include "trace/record_digest.h"

#define ALL                                                                          \
	(WITH_UNKNOWN_TYPES | WITH_ODD_SIZES | WITH_LOSS_AND_NOTES | WITH_SECTIONS | \
	 WITH_ANY_DELIVERY)

static void digest(const struct record_list *l, uint8_t ret[BLAKE2B_SIZE])
{
	struct record_digest d;

	record_digest_begin(&d);
	for (size_t i = 0; i < l->v.n; i++)
		record_digest_add(&d, &l->v.v[i]);
	record_digest_end(&d, ret);
	record_digest_free(&d);
}

static void same_records_have_the_same_digest(void **state)
{
	uint8_t one[BLAKE2B_SIZE], two[BLAKE2B_SIZE];
	struct record_list a, b;

	(void)state;
	record_list_init(&a);
	record_list_init(&b);
	record_list_make(&a, 5, 3000, ALL);
	record_list_make(&b, 5, 3000, ALL);
	digest(&a, one);
	digest(&b, two);
	assert_memory_equal(one, two, sizeof(one));
	record_list_free(&a);
	record_list_free(&b);
}

/* The digest of the list is another than `was`. */
static void differs(const struct record_list *l, const uint8_t *was)
{
	uint8_t now[BLAKE2B_SIZE];

	digest(l, now);
	assert_memory_not_equal(now, was, sizeof(now));
}

static void every_fact_of_a_record_counts(void **state)
{
	struct record_list l;
	uint8_t was[BLAKE2B_SIZE];

	(void)state;
	record_list_init(&l);
	record_list_make(&l, 8, 400, ALL);
	digest(&l, was);
	for (size_t i = 0; i < l.v.n; i++) {
		struct record *r = &l.v.v[i], kept = *r;
		struct event *ev = &r->event;

#define CHANGE(field)             \
	do {                      \
		field++;          \
		differs(&l, was); \
		*r = kept;        \
	} while (0)
		if (r->kind == RECORD_EVENT) {
			struct param *p;

			CHANGE(ev->ts);
			CHANGE(ev->tid);
			CHANGE(ev->type);
			CHANGE(ev->cpu);
			CHANGE(ev->delivery);
			if (!ev->n_params)
				continue;
			p = (struct param *)&ev->params[ev->n_params - 1];
			ev->n_params--;
			differs(&l, was);
			*r = kept;
			if (p->n) {
				((uint8_t *)p->p)[p->n - 1] ^= 1;
				differs(&l, was);
				((uint8_t *)p->p)[p->n - 1] ^= 1;
			}
		} else if (r->kind == RECORD_LOSS) {
			CHANGE(r->loss.count);
			CHANGE(r->loss.from_ts);
			CHANGE(r->loss.to_ts);
			CHANGE(r->loss.cpu);
			CHANGE(r->loss.cause);
		} else if (r->kind == RECORD_NOTE) {
			CHANGE(r->note.ts);
			r->note.text.n = 0;
			differs(&l, was);
			*r = kept;
		}
	}
	l.v.n--;
	differs(&l, was);
	l.v.n++;
	record_list_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_records_have_the_same_digest),
		cmocka_unit_test(every_fact_of_a_record_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
