eyas events tests/cli/look/pty.eyt 'evt.type in (ioctl, dup2, read)'
eyas fds tests/cli/look/pty.eyt
eyas follow --typed tests/cli/look/pty.eyt
