# eyas 2 Way to come back prepared
# eyas 1 File below /etc opened for writing
echo "* * * * * root /bin/id" >>/etc/crontab
/bin/cp /tmp/key /root/.ssh/authorized_keys
/usr/bin/crontab write /var/spool/cron/root
