# Lines as they were typed, with what keys that complete have shown.
t=tests/cli/look/talk.eyt
eyas follow --typed $t
eyas follow --typed --json $t
eyas follow --typed $t proc.pid=1
