# An existing file is not replaced unasked; a link is not written through; nothing unfinished stays.
in=traces/good/plain.scap
cd "$TMP" || exit
in=$OLDPWD/$in
echo precious >kept
eyas convert "$in" kept.scap && eyas convert "$in" kept.scap
echo "exit $?"
eyas convert -f "$in" kept.scap
echo "exit $?"
ln -s kept link.scap
eyas convert "$in" link.scap
echo "exit $?"
eyas convert -f "$in" link.scap
echo "exit $?"
ln -s /dev/full device.scap
eyas convert -f "$in" device.scap
echo "exit $?"
cat kept
eyas convert --to scap "$in" /dev/stdout | cmp - kept.scap
eyas convert --to scap -f "$in" /dev/fd/7 7>seven.scap
cmp seven.scap kept.scap
eyas convert --to scap "$in" /dev/fd/77
echo "exit $?"
eyas convert --to scap "$in" /dev/full
echo "exit $?"
eyas convert --to scap "$in" no/such/dir.scap
echo "exit $?"
eyas convert --to scap -f "$in" .
echo "exit $?"
eyas convert nosuch.scap new.scap
echo "exit $?"
ls -A
