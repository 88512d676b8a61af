head -c 6000 traces/good/recorded-way-to-come-back/trace.eyas > "$TMP/cut.eyas"
eyas timeline "$TMP/cut.eyas"
