eyas story --file /home/alice/.bashrc tests/cli/timeline/acts.eyt; eyas story --file 127.0.0.1:80 tests/cli/timeline/acts.eyt
