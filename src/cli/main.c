/* eyas: the analyzer. One binary, one subcommand a file; see command.h. */
#include "base/debug.h"
#include "base/standard_fds.h"
#include "cli/command.h"

#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	(void)standard_fds_fill();
	/* The write that is too much fails, and that is said. */
	(void)signal(SIGXFSZ, SIG_IGN);
	debug_setup(getenv("EYAS_DEBUG"));
	return command_main(argc, argv);
}
