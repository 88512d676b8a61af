/*
 * confine: gives up what a command that only reads does not need.
 *
 * Layer: cli. Traces and rules come from strangers. Before the first of their bytes is looked at, a
 * command confines itself: Landlock leaves it only the files it was told to read (what is open
 * already stays open), a seccomp filter takes away starting programs, the network and everything by
 * which a process reaches others. Where the kernel has no such thing the command goes on without;
 * nothing here is needed to work, it is there for the day another defence fails. Builds with
 * sanitizers or coverage do not confine themselves (their runtimes write files and trace at exit).
 */
#ifndef EYAS_CONFINE_H
#define EYAS_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

enum confined {
	CONFINED_FILES = 1 << 0, /* Landlock is in force */
	CONFINED_CALLS = 1 << 1, /* the seccomp filter is in force */
};

struct confine_rules {
	const char *const *read; /* files and directories that may still be opened for reading */
	size_t n_read;
};

/* Confines the process for good; returns enum confined bits. May be called more than once, each
 * time with less. */
unsigned confine(const struct confine_rules *rules);
/* As confine(), but this file may be made, written and replaced ("-" or NULL: none). */
unsigned confine_to_create(const struct confine_rules *rules, const char *file);
/* The same for a directory that is made, filled and renamed. */
unsigned confine_to_fill(const struct confine_rules *rules, const char *dir);

#endif
