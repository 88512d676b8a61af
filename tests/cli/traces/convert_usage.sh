eyas convert traces/good/plain.scap
eyas convert --to pdf traces/good/plain.scap x
eyas convert --to scap --level 12 traces/good/plain.scap x
eyas convert --to scap --level much traces/good/plain.scap x
eyas info
