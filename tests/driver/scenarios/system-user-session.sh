# upstream 1 System user interactive
/usr/sbin/sshd as 33 /usr/bin/id
/usr/sbin/sshd as 1000 /usr/bin/id
/usr/sbin/webapp as 33 /usr/bin/id
