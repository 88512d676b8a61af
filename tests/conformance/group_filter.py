"""Conditions and output formats: the files of cases/filter, through `eyas filter --batch`.

Each case becomes one or more requests; all of a file's requests go through one run of eyas. Values
that cases give for fields are handed over as such, so these cases test the language, not the state engine.
"""
import json

from harness import check, failed, passed

TEXT_TYPES = ["PT_CHARBUF", "PT_FSPATH", "PT_FSRELPATH"]
ALL_TYPES = ["PT_INT8", "PT_INT16", "PT_INT32", "PT_INT64", "PT_UINT8", "PT_UINT16", "PT_UINT32", "PT_UINT64",
             "PT_CHARBUF", "PT_BYTEBUF", "PT_ERRNO", "PT_SOCKADDR", "PT_SOCKTUPLE", "PT_FD", "PT_PID", "PT_FDLIST",
             "PT_FSPATH", "PT_SYSCALLID", "PT_SIGTYPE", "PT_RELTIME", "PT_ABSTIME", "PT_PORT", "PT_L4PROTO",
             "PT_SOCKFAMILY", "PT_BOOL", "PT_IPV4ADDR", "PT_DYN", "PT_FLAGS8", "PT_FLAGS16", "PT_FLAGS32", "PT_UID",
             "PT_GID", "PT_DOUBLE", "PT_SIGSET", "PT_IPV6ADDR", "PT_IPADDR", "PT_MODE", "PT_FSRELPATH",
             "PT_ENUMFLAGS8", "PT_ENUMFLAGS16", "PT_ENUMFLAGS32"]


class Batch:
    """Collects requests, asks them all at once, keeps the answers."""

    def __init__(self, ctx):
        self.ctx, self.requests, self.answers = ctx, [], None

    def ask(self, **request):
        self.requests.append(request)
        return len(self.requests) - 1

    def run(self):
        text = "".join(json.dumps(r) + "\n" for r in self.requests)
        r = self.ctx.run("filter", "--batch", stdin=text)
        lines = r.out.splitlines()
        if r.status != 0 or len(lines) != len(self.requests):
            raise RuntimeError("exit %d, %d answers to %d requests: %s" %
                               (r.status, len(lines), len(self.requests), r.err))
        self.answers = [json.loads(line) for line in lines]
        for request, answer in zip(self.requests, self.answers):
            if "request_error" in answer:
                raise RuntimeError("%s: %s" % (json.dumps(request), answer["request_error"]))

    def __getitem__(self, i):
        return self.answers[i]


def raw(text):
    """A string for a request; one that holds bytes that are not UTF-8 goes as hexadecimal."""
    b = text.encode("utf-8", "surrogateescape")
    try:
        return b.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": b.hex()}


def cooked(value):
    """The same back."""
    return bytes.fromhex(value["hex"]).decode("utf-8", "surrogateescape") if isinstance(value, dict) else value


def errors(answer):
    return "; ".join(e["message"] for e in answer.get("errors", [])) or "no error"


def field(type_, value):
    """A declared field, from the type names of eval.json, ops.json and stub_ops.json."""
    any_ = {"ipaddr_any_end": "end", "ipaddr_any_end_net": "end", "charbuf_ancestors": "ancestor"}.get(type_)
    base = {"bytebuf_hex": "bytebuf", "ipaddr_any_end": "ipaddr", "ipaddr_any_end_net": "ipnet",
            "charbuf_ancestors": "charbuf"}.get(type_, type_)
    if type_ == "bytebuf_hex":
        value = {"hex": value}
    elif isinstance(value, list):
        value = [raw(v) if isinstance(v, str) else v for v in value]
    elif isinstance(value, str):
        value = raw(value)
    spec = {"type": base.removesuffix("_list"), "value": value}
    if base.endswith("_list"):
        spec["list"] = True
    if any_:
        spec["any"] = any_
    return spec


def variants(case):
    text = case["filter"] if "filter" in case else case["filter_repeat"][0] * case["filter_repeat"][1]
    out = [text]
    if case.get("whitespace_variants"):
        padded = " " + text + " "
        out += [padded, padded.replace(" ", "\n"), padded.replace(" ", "\t")]
    return out


def group_parse(cases, b):
    plan = [(c, [b.ask(op="parse", condition=raw(v), max_depth=c.get("max_depth", 0)) for v in variants(c)])
            for c in cases]
    b.run()
    for c, asked in plan:
        want = c["expect"] == "accept"
        bad = [i for i in asked if b[i]["ok"] != want]
        yield c, passed("") if not bad else failed("", "%r: %s, expected %s" % (
            b.requests[bad[0]]["condition"], errors(b[bad[0]]) if want else "accepted", c["expect"]))


def shape(n):
    """An answer's tree in the notation of ast.json."""
    if "and" in n or "or" in n:
        key = "and" if "and" in n else "or"
        return {key: [shape(k) for k in n[key]]}
    if "not" in n:
        return {"not": shape(n["not"])}
    if "macro" in n:
        return {"macro": n["macro"]}
    if "op" in n:
        out = {"op": n["op"] + (" " + n["modifier"] if "modifier" in n else ""), "left": shape(n["left"])}
        if "right" in n:
            out["right"] = shape(n["right"])
        return out
    if "transformer" in n:
        of = [shape(k) for k in n["of"]]
        return {"transformer": n["transformer"], "of": of[0] if len(of) == 1 else of}
    if "list" in n:
        return {"list": [k["value"] for k in n["list"]]}
    return {k: v for k, v in n.items() if k in ("field", "arg", "value")}


def group_ast(cases, b):
    plan = [(c, b.ask(op="parse", condition=raw(c["filter"]))) for c in cases]
    b.run()
    for c, i in plan:
        yield c, check("", c["ast"], shape(b[i]["ast"])) if b[i]["ok"] else failed("", errors(b[i]))


def group_canonical(cases, b):
    plan = [(c, b.ask(op="parse", condition=raw(c["filter"]))) for c in cases]
    b.run()
    for c, i in plan:
        yield c, check("", c["canonical"], b[i]["canonical"]) if b[i]["ok"] else failed("", errors(b[i]))


def group_equal(cases, b):
    first = Batch(b.ctx)
    texts = [first.ask(op="parse", condition=raw(c["a"])) for c in cases]
    first.run()
    plan = [(c, b.ask(op="equal", a=raw(c["a"]),
                      b=first[i]["canonical"] if c["b"] == "@canonical(a)" else raw(c["b"])))
            for c, i in zip(cases, texts)]
    b.run()
    for c, i in plan:
        yield c, check("", c["equal"], b[i]["equal"]) if b[i]["ok"] else failed("", errors(b[i]))


def nodes_of(n):
    if "op" in n:
        yield ["binary" if "right" in n else "unary"] + n["pos"]
        for side in ("left", "right"):
            if side in n:
                yield from nodes_of(n[side])
        return
    for kind in ("and", "or", "not", "macro", "transformer", "list", "field", "value"):
        if kind in n:
            yield [kind] + n["pos"]
            kids = n[kind] if kind in ("and", "or") else [n["not"]] if kind == "not" else n.get("of", [])
            for k in kids:
                yield from nodes_of(k)
            return


def group_position(cases, b):
    plan = [(c, b.ask(op="parse", condition=raw(c["filter"]))) for c in cases]
    b.run()
    for c, i in plan:
        if not b[i]["ok"]:
            yield c, failed("", errors(b[i]))
        elif "end" in c:
            yield c, check("", c["end"], dict(zip(("idx", "line", "col"), b[i]["end"])))
        else:
            yield c, check("", c["nodes"], list(nodes_of(b[i]["ast"])))


def group_escaping(cases, b):
    plan = []
    for c in cases:
        op = {"escape": "quote", "unescape": "unquote", "roundtrip": "quote"}[c["op"]]
        plan.append((c, b.ask(op=op, text=raw(c["input"]))))
    b.run()
    back = Batch(b.ctx)
    second = {i: back.ask(op="unquote", text=raw(cooked(b[i]["text"])))
              for c, i in plan if c["op"] == "roundtrip" and b[i]["ok"]}
    if second:
        back.run()
    for c, i in plan:
        answer = back[second[i]] if i in second else b[i]
        want = c["input"] if c["op"] == "roundtrip" else c["output"]
        yield c, check("", want, cooked(answer["text"])) if answer["ok"] else failed("", errors(answer))


MOCK = {"c.true": {"type": "charbuf", "value": "1"}, "c.false": {"type": "charbuf", "value": "0"},
        "c.singlequote": {"type": "charbuf", "value": "hello 'quoted'"},
        "c.doublequote": {"type": "charbuf", "value": "hello \"quoted\""},
        "c.buffer": {"type": "bytebuf", "value": "hello"}}


def group_boolean(cases, b):
    plan = [(c, b.ask(op="eval", condition=raw(c["filter"]), fields=MOCK)) for c in cases]
    b.run()
    for c, i in plan:
        yield c, check("", c["expect"], b[i]["result"]) if b[i]["ok"] else failed("", errors(b[i]))


def group_compile(cases, b):
    plan = [(c, b.ask(op="check", condition=raw(c["filter"]), fields=MOCK if c["fields"] == "mock" else {}))
            for c in cases]
    b.run()
    for c, i in plan:
        answer = b[i]
        if answer["ok"] != (c["expect"] == "ok"):
            yield c, failed("", "%s: expected %s: %s" % (c["filter"], c["expect"], errors(answer)))
        elif answer["ok"] and len(answer["warnings"]) != c["warnings"]:
            yield c, failed("", "%s: expected %d warnings, got %s" % (c["filter"], c["warnings"],
                                                                      answer["warnings"]))
        else:
            yield c, passed("")


def group_condition_warnings(cases, b):
    plan = [(c, b.ask(op="lint", condition=raw(c["condition"]))) for c in cases]
    b.run()
    for c, i in plan:
        yield c, check("", c["warns"], bool(b[i]["warnings"])) if b[i]["ok"] else failed("", errors(b[i]))


def group_details(cases, b):
    plan = [(c, b.ask(op="names", condition=c["condition"], lists=c["known_lists"])) for c in cases]
    b.run()
    for c, i in plan:
        keys = ("fields", "macros", "operators", "lists")
        yield c, check("", {k: sorted(c[k]) for k in keys}, {k: sorted(b[i][k]) for k in keys})


# What contexts do not spell out: texts of the event's other parameters.
GETCWD = {"evt.args": field("charbuf", "res=-1(EPERM) path=/test/dir"), "evt.arg.res": field("charbuf", "EPERM")}
# Parameters present but empty, as the context says in words: numbers are missing, texts are <NA>.
EMPTY = {"evt.rawarg.flags": {"type": "flags32"}, "evt.rawarg.cap_inheritable": {"type": "uint64"},
         "evt.rawarg.exe_ino_ctime": {"type": "abstime"}, "evt.rawarg.uid": {"type": "uid"},
         "evt.rawarg.pgid": {"type": "pid"}, "evt.rawarg.gid": {"type": "gid"},
         "evt.rawarg.trusted_exepath": field("fspath", "<NA>")}
EMPTY.update({"evt.arg." + n: field("charbuf", "<NA>")
              for n in ("flags", "cap_inheritable", "exe_ino_ctime", "uid", "trusted_exepath", "pgid", "gid")})


def context_fields(name, context):
    out = {n: field(f["type"], f["value"]) for n, f in context["fields"].items()}
    if context["event"]["type"] == "getcwd":
        out.update(GETCWD)
    if "execve_empty_params" in name:
        out.update(EMPTY)
    return out


def yes_or_error(answer):
    return "error" if not answer["ok"] else "true" if answer["result"] else "false"


def group_eval(cases, b, data):
    fields = {n: context_fields(n, c) for n, c in data["contexts"].items()}
    plan = [(c, b.ask(op="eval", condition=raw(c["filter"]), fields=fields[c["context"]])) for c in cases]
    b.run()
    for c, i in plan:
        got = yes_or_error(b[i])
        if c["expect"] == "no_error":
            yield c, failed("", "%s: %s" % (c["filter"], errors(b[i]))) if got == "error" else passed("")
        else:
            yield c, passed("") if got == c["expect"] else failed("", "%s: expected %s, got %s (%s)" % (
                c["filter"], c["expect"], got, errors(b[i])))


def quoted(text):
    """A constant in quotes whatever it holds; as \\xHH where it is not plain."""
    out = ""
    for byte in text.encode("utf-8", "surrogateescape"):
        out += chr(byte) if 32 <= byte < 127 and chr(byte) not in "\"\\" else "\\x%02x" % byte
    return '"%s"' % out


def right_side(case, is_list):
    if is_list:
        return "(%s)" % ", ".join(quoted(v) for v in case["rhs"])
    return case["rhs"][0] if case["op"] in ("<", "<=", ">", ">=") else quoted(case["rhs"][0])


def group_ops(cases, b):
    plan = []
    for c in cases:
        op = c["op"] + (" " + c["modifier"] if c["modifier"] else "")
        cond = "x.lhs %s" % op
        if c["op"] != "exists":
            cond += " " + right_side(c, c["rhs_is_list"])
        plan.append((c, b.ask(op="eval", condition=cond, fields={"x.lhs": field(c["type"], c["lhs"])})))
    b.run()
    for c, i in plan:
        yield c, passed("") if yes_or_error(b[i]) == c["expect"] else failed("", "%s: expected %s, got %s (%s)" % (
            b.requests[i]["condition"], c["expect"], yes_or_error(b[i]), errors(b[i])))


def applied(transformers, name):
    for t in transformers:
        name = "%s(%s)" % (t, name)
    return name


def group_stub_ops(cases, b):
    plan = []
    for c in cases:
        fields = {"x.lhs": field(c["type"], c["lhs"])}
        left = applied(c["transformers"], "x.lhs")
        if c["what"] == "render":
            plan.append((c, b.ask(op="format", format="%" + left, fields=fields)))
            continue
        if "rhs_field" in c and c["what"] != "add value":
            fields["x.rhs"] = field(c["rhs_field"]["type"], c["rhs_field"]["value"])
            transformers = c["rhs_field"].get("transformers", [])
            right = applied(transformers, "x.rhs") if transformers else "val(x.rhs)"
        elif "rhs_field" in c:
            # A constant beside a field on the right: the grammar has no way to write both.
            fields["x.rhs"] = field(c["rhs_field"]["type"], c["rhs_field"]["value"])
            right = "val(x.rhs) aaa"
        elif not c["rhs"]:
            right = '""'
        else:
            right = right_side(c, c["op"] in ("in", "intersects", "pmatch"))
        plan.append((c, b.ask(op="eval", condition="%s %s %s" % (left, c["op"], right), fields=fields)))
    b.run()
    for c, i in plan:
        if c["what"] == "render":
            yield c, check("", c["expect"], b[i]["text"]) if b[i]["ok"] else failed("", errors(b[i]))
            continue
        got = yes_or_error(b[i])
        want = c["expect"]
        ok = got != "error" if want == "ok" else got == want
        yield c, passed("") if ok else failed("", "%s: expected %s, got %s (%s)" % (
            b.requests[i]["condition"], want, got, errors(b[i])))


def group_transformers(cases, b):
    plan = []
    for c in cases:
        if "supported_types" in c:
            asked = [[b.ask(op="transform", transformer=c["transformer"], type=t, list=is_list, values=[])
                      for t in ALL_TYPES] for is_list in (False, True)]
        else:
            asked = b.ask(op="transform", transformer=c["transformer"], type=c["input_type"], list=c["is_list"],
                          values=[raw(v) if isinstance(v, str) else v for v in c["input"]])
        plan.append((c, asked))
    b.run()
    for c, asked in plan:
        if "supported_types" in c:
            got = [sorted(t for t, i in zip(ALL_TYPES, row) if b[i]["ok"]) for row in asked]
            want = [sorted(c["supported_types"]),
                    sorted(ALL_TYPES if c["supported_list_types"] == "every type" else c["supported_list_types"])]
            yield c, check("", want, got)
        else:
            yield c, check("", [c["output_type"], c["output"]], [b[asked].get("type"), b[asked].get("values")])


def group_wildcard(cases, b):
    """`*` of rule selection: the same matching as glob where a pattern has no other special character."""
    plan = [(c, b.ask(op="eval", condition="x.s glob " + quoted(c["pattern"]),
                      fields={"x.s": field("charbuf", c["text"])})) for c in cases]
    b.run()
    for c, i in plan:
        yield c, check("", c["match"], b[i]["result"]) if b[i]["ok"] else failed("", errors(b[i]))


def event_names(answer):
    # Types named per event only may have any name: they are in every positive set.
    return set(answer["names"]) - {"asyncevent"}


def group_event_sets(cases, b):
    everything = b.ask(op="events", condition="evt.type exists")
    plan = [(c, b.ask(op="events", condition=raw(c["filter"])),
             b.ask(op="events", condition=raw(c["same_set_as"])) if "same_set_as" in c else None) for c in cases]
    b.run()
    all_names = event_names(b[everything])
    for c, i, j in plan:
        answer = b[i]
        if j is not None:
            yield c, check("", b[j].get("codes"), answer.get("codes"))
        elif c["set"] in ("error", "no_error"):
            yield c, check("", c["set"] == "no_error", answer["ok"])
        elif not answer["ok"]:
            yield c, failed("", errors(answer))
        else:
            want = {"only": set(c["types"]), "none": set(), "all": all_names,
                    "all_except": all_names - set(c["types"])}[c["set"]]
            got = event_names(answer)
            yield c, passed("") if want == got else failed("", "%s: too many %s, missing %s" % (
                c["filter"], sorted(got - want)[:10], sorted(want - got)[:10]))


INIT = {"proc.name": "init", "thread.tid": 1, "proc.pid": 1, "evt.num": 1, "proc.aname[0]": "init",
        "proc.apid[0]": {"type": "int64", "value": 1}, "evt.type": "getcwd", "evt.arg[1]": "/test/dir",
        "evt.arg.path": "/test/dir"}


def group_format(cases, b):
    plan = [(c, b.ask(op="format", format=raw(c["format"]), with_transformed=c.get("include_transformed", False),
                      fields=INIT)) for c in cases]
    b.run()
    for c, i in plan:
        answer = b[i]
        if "error" in c:
            yield c, check("", c["error"], not answer["ok"], errors(answer))
            continue
        if not answer["ok"]:
            yield c, failed("", errors(answer))
            continue
        want, got = {}, {}
        if "names" in c:
            want["names"], got["names"] = c["names"], answer["names"]
        if "complete" in c:
            want["complete"], got["complete"] = c["complete"], answer["complete"]
        if "fields" in c:
            texts = {k: "<NA>" if v is None else v for k, v in answer["texts"].items()}
            if not c["complete"]:
                texts = {k: v for k, v in texts.items() if k in c["fields"]}
            want["fields"], got["fields"] = c["fields"], texts
        if "output" in c and c["output_format"] == "json":
            want["output"], got["output"] = json.loads(c["output"]), answer["fields"]
        elif "output" in c:
            want["output"], got["output"] = c["output"], answer["text"]
        yield c, check("", want, got)


def run(ctx):
    for file in ctx.names("cases", "filter"):
        if not file.endswith(".json"):
            continue
        name = file.removesuffix(".json")
        data = ctx.json("cases", "filter", file)
        cases = [c for c in data["cases"] if ctx.wanted(c["id"])]
        group = globals().get("group_" + name)
        if not cases:
            continue
        if not group:
            yield failed(name, "no test for this file")
            continue
        batch = Batch(ctx)
        try:
            results = list(group(cases, batch, data) if name == "eval" else group(cases, batch))
        except (RuntimeError, KeyError, ValueError) as e:
            yield failed(name, "%s: %s" % (type(e).__name__, e))
            continue
        for case, result in results:
            result.name = case["id"]
            yield result
