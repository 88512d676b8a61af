eyas timeline --form csv tests/cli/timeline/acts.eyt
