# What eyas 0.1.0 wrote is read, and means what the script says; the same script gives the same bytes.
eyas convert traces/good/tiny.eyas "$TMP/1.eyt"
eyas convert traces/good/tiny.eyt "$TMP/2.eyt"
cmp "$TMP/1.eyt" "$TMP/2.eyt" && cat "$TMP/1.eyt"
eyas assemble traces/good/tiny.eyt -o "$TMP/a.eyas"
eyas assemble traces/good/tiny.eyt -o - | cmp - "$TMP/a.eyas"
cat "$TMP/a.eyas" "$TMP/a.eyas" | eyas convert --to script - - | grep -c openat
eyas info traces/good/tiny.eyas
