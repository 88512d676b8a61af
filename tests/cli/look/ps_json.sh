# All that is known, a line each.
eyas ps --json --at 2026-11-20T09:14:18Z traces/good/web-intrusion/incident.eyt proc.name=sh
