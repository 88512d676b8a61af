# What is appended to all rules is left out where a source does not have the fields.
eyas replay -q -r rules --append-output 'by %proc.pname' --append-field evt.source --append-field fd.name --json \
	--no-tags traces/good/k8s-secrets-listed/incident.json | cut -c 1-420
