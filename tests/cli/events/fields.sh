# A tab between fields, <NA> for what is missing; lists in parentheses.
eyas events -F evt.num,proc.name -F 'fd.name, proc.aname[1],fd.types' traces/good/plain.scap
