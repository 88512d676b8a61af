# eyas 3 Standard streams redirected to a network connection
/bin/act listening 4444 /bin/act streams 203.0.113.9 4444 /bin/true
/bin/act listening 4444 /usr/sbin/sshd streams 203.0.113.9 4444 /bin/true
