# eyas 2 Program run from a temporary directory
/bin/cp /bin/act /tmp/payload
/tmp/payload true
cd /tmp
./payload true
/bin/act true
