eyas replay -r rules --form xml traces/good/recorded-container-intrusion/trace.eyas
