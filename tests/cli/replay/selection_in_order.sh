eyas replay -r rules --disable '*' --enable 'Shell*' --disable '*history*' --summary none traces/good/web-intrusion/incident.eyt
