eyas list events 'rename*' SYSCALL_EXECVE_8_X
