# A limit of file sizes is an error with a message, and nothing unfinished stays.
t=$PWD/traces/good/web-intrusion/incident.eyt
cd "$TMP" || exit
ulimit -f 4
eyas convert --to script "$t" out.eyt
echo "exit $?"
eyas events "$t" >list
echo "exit $?"
rm -f list
ls -A
