/*
 * snapshot_select: which processes of /proc a snapshot holds when a few are recorded.
 *
 * Layer: capture. Who records one command has no business with the descriptors and the environment
 * of others, but rules ask for the ancestors' names.
 */
#ifndef EYAS_SNAPSHOT_SELECT_H
#define EYAS_SNAPSHOT_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum snapshot_role {
	SNAPSHOT_OTHER = 0,
	SNAPSHOT_ANCESTOR = 1,
	SNAPSHOT_SELECTED = 2,
};

struct snapshot_select;

/* Reads the parents of all processes below the directory descriptor `proc`. */
struct snapshot_select *snapshot_select_new(int proc, const uint32_t *pids, size_t n,
					    bool descendants);
void snapshot_select_free(struct snapshot_select *s);
enum snapshot_role snapshot_select_role(const struct snapshot_select *s, uint64_t pid);

#endif
