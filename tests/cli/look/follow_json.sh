# An object for each read and write.
t=tests/cli/look/talk.eyt
eyas follow --pid 11 --json $t
