# eyas 1 Log file emptied
# upstream 1 Clear Log Activities
: >/var/log/auth.log
echo "a line more" >>/var/log/auth.log
