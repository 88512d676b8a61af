/*
 * state_save: a whole state as bytes, and back.
 *
 * Layer: state. A state that was saved, and restored into a new one, goes on as the first would
 * have: every later event finds the same, and saving it again gives the same bytes. The bytes are
 * those of this version of the engine only.
 */
#ifndef EYAS_STATE_SAVE_H
#define EYAS_STATE_SAVE_H

#include "base/cursor.h"
#include "base/strbuf.h"
#include "state/state.h"

/*
 * To be raised when the bytes change, and when an event changes the state in another way than
 * before: what an older engine has saved is then not used any more.
 */
#define STATE_VERSION 3

/* Appends the state, between two events: same state, same bytes. */
void state_save(const struct state *st, struct strbuf *out);
/*
 * The same without what each event leaves with its thread (its last type and descriptor, the sizes
 * of its memory) and without counters: what a walk that passes over events without other effect has
 * at the same place, too. What the last event left for the next one to do is done.
 */
void state_save_lasting(struct state *st, struct strbuf *out);
/*
 * Restores into a new state what state_save() gave, and moves the cursor behind it. The bytes may
 * be anybody's. 0; -ENOTSUP when another version saved it, or under other options (the cursor and
 * the state are then untouched); -EBADMSG when it is damaged: the state can then only be freed.
 */
int state_restore(struct state *st, struct cursor *from);

#endif
