# Wrong usage, and what is no .eyas trace.
eyas verify
eyas verify --signature x traces/good/tiny.eyas
eyas verify --identity bob traces/good/tiny.eyas
eyas verify --fingerprint traces/good/tiny.eyas traces/good/tiny.eyas
eyas verify --fingerprint traces/good/plain.scap
eyas verify NEWS
