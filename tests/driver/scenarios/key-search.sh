# eyas 1 SSH private key read
# upstream 2 Search Private Keys or Passwords
/usr/bin/find /home -name id_rsa
/bin/grep -rl "BEGIN RSA PRIVATE" /home/ann/.ssh
/usr/bin/find /home -name notes
