eyas replay -r rules --form ecs --summary none traces/good/recorded-container-intrusion/trace.eyas
