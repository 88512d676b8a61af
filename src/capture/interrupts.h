/*
 * interrupts: signals that end a recording.
 *
 * Layer: capture. State of the process, since signals are. SIGINT and SIGTERM are counted and
 * passed on to the command, and so is SIGHUP, unless whoever started the recorder has it ignored
 * (nohup(1)). SIGPIPE and SIGXFSZ are ignored: the write that they are about fails, and says why.
 */
#ifndef EYAS_INTERRUPTS_H
#define EYAS_INTERRUPTS_H

#include <signal.h>
#include <sys/types.h>

void interrupts_catch(void);
/* In the process that becomes the command: as the recorder found them. */
void interrupts_restore(void);
/* Who is passed signals on; 0: nobody. */
void interrupts_pass_to(pid_t pid);
/* How many have come. */
const volatile sig_atomic_t *interrupts_count(void);

#endif
