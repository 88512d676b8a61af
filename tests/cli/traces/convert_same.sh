# A capture by eyas's own conventions comes out byte for byte.
eyas convert --level 0 traces/good/plain.scap "$TMP/a.scap" && cmp traces/good/plain.scap "$TMP/a.scap"
# Gzip'd or not, through pipes or not.
eyas convert traces/good/gzip.scap "$TMP/b.scap" && gzip -dc "$TMP/b.scap" | cmp - "$TMP/a.scap"
cat traces/good/gzip.scap | eyas convert --to scap --level 0 - - | cmp - "$TMP/a.scap"
# A second conversion changes nothing more.
for f in traces/good/every-block.scap traces/good/old-headers.scap traces/good/sections.scap; do
	eyas convert --level 0 "$f" "$TMP/1.scap" && eyas convert --level 0 "$TMP/1.scap" "$TMP/2.scap" &&
		cmp "$TMP/1.scap" "$TMP/2.scap"
	eyas info --json "$f" | sed 's/"trace".*"events"/"events"/' >"$TMP/1"
	eyas info --json "$TMP/1.scap" | sed 's/"trace".*"events"/"events"/' >"$TMP/2"
	cmp "$TMP/1" "$TMP/2"
	rm -f "$TMP/1.scap" "$TMP/2.scap"
done
ls -l "$TMP/a.scap" | cut -c1-10
