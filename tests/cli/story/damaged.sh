head -c 6700 traces/good/recorded-way-to-come-back/trace.eyas > "$TMP/cut.eyas"
eyas story --pid 156 "$TMP/cut.eyas"
