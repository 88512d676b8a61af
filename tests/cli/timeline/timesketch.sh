eyas timeline --form timesketch tests/cli/timeline/acts.eyt
