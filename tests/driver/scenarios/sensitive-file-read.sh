# eyas 2 Sensitive file read by an untrusted program
# upstream 2 Read sensitive file untrusted
/bin/cat /etc/shadow
/bin/cp /etc/shadow /tmp/copy
/bin/cat /etc/passwd
/usr/bin/passwd read /etc/shadow
