# The end of a trace is the default.
eyas ps traces/good/web-intrusion/incident.eyt
