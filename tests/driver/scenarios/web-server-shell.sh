# eyas 1 Shell started by a web server
# upstream 1 Run shell untrusted
/usr/sbin/nginx run /bin/sh -c "/usr/bin/id; /bin/true"
/usr/sbin/webapp run /bin/sh -c "/usr/bin/id; /bin/true"
