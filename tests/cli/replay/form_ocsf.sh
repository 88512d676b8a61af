eyas replay -r rules --form ocsf --summary none traces/good/recorded-container-intrusion/trace.eyas
