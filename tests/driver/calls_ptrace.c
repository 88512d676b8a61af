/* ptrace: under strace, which is the tracer already, most of it is refused; alone it works. */
#include <signal.h>
#include <sys/ptrace.h>

#include "calls.h"

int main(void)
{
	static const char *self = "word";
	long word, pid = fork();

	if (!pid) {
		CALL(ptrace, PTRACE_TRACEME, 0, 0, 0);
		CALL(kill, getpid(), SIGSTOP);
		_exit(0);
	}
	CALL(wait4, pid, NULL, 2 /* WUNTRACED */, NULL);
	CALL(ptrace, PTRACE_PEEKDATA, pid, &self, &word);
	CALL(ptrace, PTRACE_PEEKUSER, pid, 0, &word);
	CALL(ptrace, PTRACE_POKEDATA, pid, &word, 77);
	CALL(ptrace, PTRACE_SETOPTIONS, pid, 0, 1);
	CALL(ptrace, PTRACE_CONT, pid, 0, 0);
	CALL(kill, pid, SIGCONT);
	CALL(wait4, pid, NULL, 0, NULL);
	CALL(ptrace, PTRACE_ATTACH, 0x7ffffff0, 0, 0);
	CALL(ptrace, PTRACE_PEEKTEXT, 0x7ffffff0, 0x1000, &word);
	CALL(ptrace, 0x999, 0x7ffffff0, 0, 0);
	return 0;
}
