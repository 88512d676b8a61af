# Descriptors that came and went.
eyas fds --diff 2026-11-20T09:14:00.5Z 2026-11-20T09:14:18Z traces/good/web-intrusion/incident.eyt
