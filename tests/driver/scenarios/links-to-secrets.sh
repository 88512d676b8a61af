# upstream 1 Create Symlink Over Sensitive Files
# upstream 1 Create Hardlink Over Sensitive Files
/bin/ln -s /etc/shadow /tmp/soft
/bin/ln /etc/shadow /tmp/hard
/bin/ln -s /etc/hosts /tmp/hosts
