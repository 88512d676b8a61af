# By way of .eyas, and of a text script, a capture stays what it was, byte for byte.
for f in traces/good/every-block.scap traces/good/old-headers.scap traces/good/sections.scap traces/good/plain.scap; do
	eyas convert --level 0 "$f" "$TMP/1.scap" && eyas convert "$f" "$TMP/1.eyas" &&
		eyas convert --level 0 "$TMP/1.eyas" "$TMP/2.scap" && cmp "$TMP/1.scap" "$TMP/2.scap" &&
		eyas convert "$TMP/1.eyas" "$TMP/1.eyt" && eyas convert --level 0 "$TMP/1.eyt" "$TMP/3.scap" &&
		cmp "$TMP/1.scap" "$TMP/3.scap" && echo "$f"
	rm -f "$TMP"/*
done
# What was lost stays in .eyas and is left out of .scap, saying so.
eyas convert traces/bad/event-length/event-length.scap "$TMP/lost.eyas"
eyas info --scan "$TMP/lost.eyas" | grep lost
eyas convert "$TMP/lost.eyas" "$TMP/lost.scap"
