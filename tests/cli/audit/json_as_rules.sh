eyas replay -r traces/good/k8s-secrets-listed/incident.json traces/good/k8s-secrets-listed/incident.json
