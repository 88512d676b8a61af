# A server may read its secrets when it starts, not later.
# eyas 2 Sensitive file read by an untrusted program
# upstream 2 Read sensitive file untrusted
# upstream 1 Read sensitive file trusted after startup
/usr/sbin/nginx read /etc/shadow
/usr/sbin/nginx read-later 6 /etc/shadow
