eyas replay -r rules --since 2026-11-20T09:14:00Z --until 2026-11-20T09:15:00Z traces/good/web-intrusion/incident.eyt
