eyas timeline tests/cli/timeline/links.eyt
