# upstream 1 Disallowed SSH Connection Non Standard Port
/bin/act listening 443 /usr/bin/ssh connect 203.0.113.9 443
/bin/act listening 22 /usr/bin/ssh connect 203.0.113.9 22
/bin/act listening 443 /usr/bin/ssh connect 127.0.0.1 443
