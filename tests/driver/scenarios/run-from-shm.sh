# eyas 1 Program run from a temporary directory
# upstream 1 Execution from /dev/shm
/bin/cp /bin/act /dev/shm/payload
/dev/shm/payload true
