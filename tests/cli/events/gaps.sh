# What was lost, assumed or left out is told at the end.
eyas convert traces/bad/event-length/event-length.scap "$TMP/lost.eyas" 2>/dev/null
eyas events -F evt.num "$TMP/lost.eyas"
eyas events -F evt.num traces/good/old-headers.scap
