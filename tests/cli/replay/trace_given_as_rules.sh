eyas replay -r traces/good/plain.scap traces/good/plain.scap
