# In the shape of lsof; the descriptors of one connection; with directories and programs.
t=traces/good/web-intrusion/incident.eyt
eyas fds --at 2026-11-20T09:14:40Z $t
eyas fds --at 2026-11-20T09:14:18Z --port 4444 $t
eyas fds --at 2026-11-20T09:14:18Z -a --pid 2404 $t
eyas fds --at 2026-11-20T09:14:18Z --json $t fd.sport=40022
eyas fds --at 2026-11-20T09:14:18Z $t 'fd.type = ipv4 and fd.num < 2'
