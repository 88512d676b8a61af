# eyas 1 File below /etc opened for writing
echo "203.0.113.9 updates" >>/etc/hosts
/usr/sbin/useradd write /etc/passwd
/bin/cat /etc/hosts
