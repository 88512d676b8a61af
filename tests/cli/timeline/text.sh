eyas timeline --form text tests/cli/timeline/acts.eyt
