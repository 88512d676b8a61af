eyas list --json syscalls creat
