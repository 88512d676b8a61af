eyas story --pid 71 tests/cli/story/link.eyt
