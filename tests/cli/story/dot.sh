eyas story --pid 70 --dot tests/cli/timeline/acts.eyt
