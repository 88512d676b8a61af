# The usual line; old layouts are shown as the newest.
eyas events traces/good/plain.scap
eyas events traces/good/old-headers.scap
