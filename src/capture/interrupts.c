#include "capture/interrupts.h"

#include <stddef.h>

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static const int ignored[] = { SIGPIPE, SIGXFSZ };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct sigaction found_caught[N(caught)], found_ignored[N(ignored)];
static volatile sig_atomic_t count;
static volatile sig_atomic_t command; /* gets the signal too, 0 when there is none */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (count < 100)
		count++;
	/* Ctrl-C on a terminal reaches the command by itself. */
	if (command && info->si_code <= 0)
		(void)kill(command, sig);
}

void interrupts_catch(void)
{
	struct sigaction catch = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < N(caught); i++) {
		(void)sigaction(caught[i], NULL, &found_caught[i]);
		/* A shell has SIGINT ignored in what it puts in the background, where it is still
		 * the way to end a recorder. */
		if (caught[i] != SIGHUP || found_caught[i].sa_handler != SIG_IGN)
			(void)sigaction(caught[i], &catch, NULL);
	}
	for (size_t i = 0; i < N(ignored); i++)
		(void)sigaction(ignored[i], &ignore, &found_ignored[i]);
}

void interrupts_restore(void)
{
	for (size_t i = 0; i < N(caught); i++)
		(void)sigaction(caught[i], &found_caught[i], NULL);
	for (size_t i = 0; i < N(ignored); i++)
		(void)sigaction(ignored[i], &found_ignored[i], NULL);
}

void interrupts_pass_to(pid_t pid)
{
	command = pid;
}

const volatile sig_atomic_t *interrupts_count(void)
{
	return &count;
}
