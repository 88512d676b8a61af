# Times differ from run to run; counts and, by them, the order do not.
eyas profile -r rules/eyas_rules.yaml --disable '*' --enable 'Shell*' --sort checks --json traces/good/web-intrusion/incident.eyt |
	sed 's/"\(max_\|avg_\)\{0,1\}ns\([a-z_]*\)": [0-9]*/"\1ns\2": 0/g'
eyas profile -r rules/eyas_rules.yaml --sort matches --top 4 traces/good/web-intrusion/incident.eyt |
	sed 's/^ *[0-9]*  *[0-9.]*  *\([0-9]* *[0-9]*\)  *[0-9]*  *[0-9]*  *[0-9]*  *[0-9]*  /\1  /'
