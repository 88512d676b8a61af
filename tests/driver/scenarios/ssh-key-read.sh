# eyas 1 SSH private key read
/bin/cat /home/ann/.ssh/id_rsa
/bin/cat /home/ann/.ssh/id_rsa.pub
/usr/bin/ssh read /home/ann/.ssh/id_rsa
