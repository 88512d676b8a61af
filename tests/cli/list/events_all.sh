eyas list -a events execve | head -n 4
