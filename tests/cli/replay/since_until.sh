eyas replay -r rules --since 2026-11-20T09:14:30Z --until 2026-11-20T09:14:46Z traces/good/web-intrusion/incident.eyt
