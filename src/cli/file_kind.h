/*
 * file_kind: a guess at what a file is, for the message when the wrong one was given.
 *
 * Layer: cli. Looks at the first bytes only. Never used to decide how a file is read.
 */
#ifndef EYAS_FILE_KIND_H
#define EYAS_FILE_KIND_H

enum file_kind {
	FILE_OTHER, /* also: cannot be read, a directory, not a regular file */
	FILE_TRACE, /* .scap, .eyas, or something compressed */
	FILE_RULES, /* YAML with an item of a rules file */
};

enum file_kind file_kind(const char *path);

#endif
