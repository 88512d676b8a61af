# The second file does not exist: trying counts, too.
# upstream 2 Directory traversal monitored file read
/usr/sbin/webapp run /bin/cat /var/www/../../etc/passwd
/usr/sbin/webapp run /bin/cat /var/www/../../etc/nothing
/usr/sbin/webapp run /bin/cat /etc/passwd
/bin/cat /var/www/../../etc/passwd
