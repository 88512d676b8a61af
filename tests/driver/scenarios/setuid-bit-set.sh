# eyas 2 Setuid or setgid bit set
/bin/cp /bin/act /opt/act
/bin/chmod 4755 /opt/act
/bin/chmod 2755 /opt/act
/bin/chmod 4755 /opt/nothing
/bin/chmod 755 /opt/act
