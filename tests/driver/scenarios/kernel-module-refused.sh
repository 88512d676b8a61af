# A module that the kernel did not take is not loaded.
/bin/act module
