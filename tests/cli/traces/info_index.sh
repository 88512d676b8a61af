# From the index of an .eyas trace, and read through: the same, but for what an index does not hold.
eyas convert traces/good/sections.scap "$TMP/t.eyas"
eyas info "$TMP/t.eyas" | grep -v format
eyas info --scan "$TMP/t.eyas" | grep -v format
eyas info --json "$TMP/t.eyas" | sed 's/"bytes": [0-9]*, //'
