# A script of some events is a trace again.
eyas events --script --events 2- traces/good/plain.scap evt.type=read >"$TMP/read.eyt"
tail -1 "$TMP/read.eyt"
eyas events "$TMP/read.eyt"
# of all events: the same lines
eyas events --script traces/good/plain.scap >"$TMP/all.eyt"
eyas events traces/good/plain.scap >"$TMP/1"
eyas events "$TMP/all.eyt" | diff "$TMP/1" - && echo same
