/* eyas: the analyzer. One binary, one subcommand a file; see command.h. */
#include "base/debug.h"
#include "base/standard_fds.h"
#include "cli/command.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	(void)standard_fds_fill();
	debug_setup(getenv("EYAS_DEBUG"));
	return command_main(argc, argv);
}
