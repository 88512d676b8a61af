eyas events --buffer octal traces/good/plain.scap
