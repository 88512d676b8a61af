# eyas 1 Camera opened by an unexpected program
/bin/cat /dev/video0
/usr/bin/cheese read /dev/video0
