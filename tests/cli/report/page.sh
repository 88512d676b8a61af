# The page holds what --json prints, and nothing of the trace outside of that; the same bytes again.
t=traces/good/web-intrusion/incident.eyt
command -v python3 >/dev/null || { echo "no python3" >&2; exit 77; }
eyas report -r rules -o $TMP/a.html $t 2>$TMP/err || { grep -q 'built without the page' $TMP/err && { echo "no page" >&2; exit 77; }; cat $TMP/err; }
eyas report -r rules -o - $t >$TMP/b.html
cmp $TMP/a.html $TMP/b.html && echo "the same again"
eyas report --json -r rules $t >$TMP/r.json
python3 - $TMP/a.html $TMP/r.json <<'P'
import base64, gzip, json, re, sys
page, data = open(sys.argv[1], encoding="utf-8").read(), open(sys.argv[2], encoding="utf-8").read()
head, block, tail = re.fullmatch(r'(.*<script type="application/octet-stream" id="report">)([A-Za-z0-9+/=]*)(</script>.*)', page, re.S).groups()
print("the same as --json:", gzip.decompress(base64.b64decode(block, validate=True)).decode() + "\n" == data)
print("names outside:", [n for n in ("web-1", "www-data", "/etc/shadow", "php-fpm") if n in head + tail])
print("references:", re.findall(r'(?:src|href)="[^"]*"|url\([^)]*\)|@import', head + tail))
json.loads(data)
P
