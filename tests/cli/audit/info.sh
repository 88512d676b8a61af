eyas info traces/bad/audit-not-json/audit.json 2>&1
