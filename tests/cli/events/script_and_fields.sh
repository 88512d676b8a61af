eyas events --script -F proc.name traces/good/plain.scap
