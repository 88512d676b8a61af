eyas filter --batch <<'END'
{"op": "eval", "id": 1, "condition": "proc.name in (a, b)", "fields": {"proc.name": "a"}}
{"op": "eval", "id": "two", "condition": "x.y = \"\\xff\"", "fields": {"x.y": {"type": "charbuf", "value": {"hex": "ff"}}}}
{"op": "parse", "condition": "a and"}
{"op": "events", "condition": "evt.type = close"}
{"op": "names", "condition": "m and proc.name in (l)", "lists": ["l"]}
{"op": "format", "format": "*%proc.name %toupper(proc.name) %proc.pname", "fields": {"proc.name": "cat"}}
{"op": "quote", "text": "a b"}
{"op": "lint", "condition": "ka.x = <NA>"}
{"op": "transform", "transformer": "len", "type": "charbuf", "values": ["abc"]}
{"op": "frob"}
not json
END
