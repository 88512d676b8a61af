# eyas 1 Program file changed
/bin/cp /bin/act /usr/bin/id2
/usr/bin/dpkg write /usr/bin/id2
