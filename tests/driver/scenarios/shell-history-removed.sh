# eyas 2 Shell history deleted or renamed
/bin/mv /root/.ash_history /root/.old_history
/bin/rm /root/.old_history
/bin/rm -f /root/.ash_history
