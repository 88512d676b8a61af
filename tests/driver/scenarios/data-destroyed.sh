# upstream 1 Remove Bulk Data from Disk
/usr/bin/shred -n 1 /tmp/victim
/bin/rm /tmp/victim
