eyas list syscalls 'open*'
