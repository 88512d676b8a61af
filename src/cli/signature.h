/*
 * signature: asks ssh-keygen whether a text is what was signed.
 *
 * Layer: cli. `eyas` starts no program once it has looked at a trace (confine.h), so the process
 * that runs ssh-keygen is started before, and is given only texts that eyas made. It reads nothing
 * of the trace.
 */
#ifndef EYAS_SIGNATURE_H
#define EYAS_SIGNATURE_H

#include "base/strbuf.h"

/* What is signed is signed for this and nothing else: ssh-keygen -Y sign -n. */
#define SIGNATURE_NAMESPACE "eyas-trace"

struct signature;

/* Before confine(). `identity` may be NULL: whoever of `allowed` has signed. NULL when no process
 * can be started (errno). The paths are borrowed. */
struct signature *signature_start(const char *file, const char *allowed, const char *identity);
/*
 * 1: this text was signed, *ret_text is by whom; 0: it was not, and why; -errno: that could not be
 * found out, and why.
 */
int signature_ask(struct signature *s, struct str text, struct strbuf *ret_text);
void signature_end(struct signature *s);

#endif
