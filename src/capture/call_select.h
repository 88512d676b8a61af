/*
 * call_select: --syscalls @file,@network,!futex.
 *
 * Layer: capture. Classes are the categories of the event table, so that nothing is listed twice.
 */
#ifndef EYAS_CALL_SELECT_H
#define EYAS_CALL_SELECT_H

#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "eyas_abi.h"

/*
 * Reads a list of names, @classes and either with ! in front, applied in order; one that begins
 * with ! starts from all calls. Fills a flag per native number (and, EYAS_MAX_NR higher, per 32-bit
 * number). Calls by which the state of processes and descriptors is kept are always recorded unless
 * named with !. False and a message when a name is unknown.
 */
bool call_select(struct str list, uint8_t ret[2 * EYAS_MAX_NR], struct strbuf *error);

/* The names of the classes with what is in them, for the help. */
void call_select_classes(struct strbuf *out);

#endif
