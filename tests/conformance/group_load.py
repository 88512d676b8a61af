"""Cases that load rules files (cases/load): validated, described, selected; nothing is replayed.

`expect` states what must hold. `oracle.results` is the JSON of `falco -V`, and eyas gives the same: codes, messages,
places and snippets. Two things differ on purpose: eyas goes on after the first error of a file (what it finds
then is in more_errors and more_warnings, which are not compared), and its container fields need no
plugin, so where the oracle refused a file that `expect` says loads, `expect` is right.
"""
import json
import os
import re

from harness import failed, passed

# In the unit tests that the cases are taken from no other source exists.
ONLY_SYSCALL = ("--sources", "syscall")


def run(ctx):
    for name in ctx.names("cases", "load"):
        if not ctx.wanted(name):
            continue
        case = ctx.json("cases", "load", name, "case.json")
        wrong = Case(ctx, name, case).check()
        yield failed(name, "\n".join(wrong)) if wrong else passed(name)


def base_names(value):
    """Places name files as the tool was given them: only the last part can be compared."""
    if isinstance(value, dict):
        return {k: os.path.basename(v) if k == "name" and isinstance(v, str) and not v.startswith('"')
                else base_names(v) for k, v in value.items()}
    if isinstance(value, list):
        return [base_names(v) for v in value]
    return value


def at_path(value, path):
    """The value at "rules[0].info.name"."""
    for part in re.findall(r"\w+|\[\d+\]", path):
        value = value[int(part[1:-1])] if part.startswith("[") else value[part]
    return value


class Case:
    def __init__(self, ctx, name, case):
        self.ctx, self.case = ctx, case
        self.expect, self.options = case["expect"], case.get("options", {})
        self.files = [os.path.normpath(ctx.path("cases", "load", name, f)) for f in case["rules"]]
        self.wrong = []

    def must(self, what, expected, got):
        if expected != got:
            self.wrong.append("%s: expected %s, got %s" % (what, json.dumps(expected, sort_keys=True),
                                                          json.dumps(got, sort_keys=True)))

    def arguments(self):
        words = []
        for entry in self.options.get("append_output", []):
            if entry.get("match"):
                self.wrong.append("append_output with a match is not an option of rules check")
            if "extra_output" in entry:
                words += ["--append-output", entry["extra_output"]]
            for field in entry.get("extra_fields", []):
                if isinstance(field, dict):
                    words += [w for k, v in field.items() for w in ("--append-field", "%s=%s" % (k, v))]
                else:
                    words += ["--append-field", field]
        for plugin in self.options.get("loaded_plugins", []):
            words += ["--plugin", "%s:%s" % (plugin["name"], plugin["version"])]
        if self.options.get("loaded_plugins") == []:
            words += ["--plugin", "none"]
        if "loaded_plugins" in self.options:
            words.append("--check-plugins")
        return words

    def check(self):
        out = self.ctx.run("rules", "check", *ONLY_SYSCALL, "--json", "--describe", *self.arguments(), *self.files)
        if out.status not in (0, 2):
            return ["exit %d: %s" % (out.status, out.err)]
        try:
            self.answer = json.loads(out.out)
        except ValueError as e:
            return ["no JSON (%s): %s" % (e, out.out[:500])]
        self.results = self.answer["falco_load_results"]
        self.status(out.status)
        self.oracle()
        self.problems("errors")
        self.problems("warnings")
        self.described()
        self.selected()
        self.texts()
        return self.wrong

    def status(self, status):
        e = self.expect
        if "requirements_met" in e:
            self.must("requirements met", e["requirements_met"], status == 0)
        elif "ok" in e:
            self.must("exit", 0 if e["ok"] else 2, status)
        for i, ok in e.get("files_ok", {}).items():
            self.must("file %s ok" % i, ok, self.results[int(i)]["successful"])
        if "schema_validation" in e:
            self.must("schema", e["schema_validation"] == "ok",
                      all(r.get("schema_valid", True) for r in self.results))

    def oracle(self):
        theirs = self.case.get("oracle", {}).get("results")
        if theirs is None:
            return
        if self.expect.get("ok") and not all(t["successful"] for t in theirs):
            return
        ours = base_names([{k: v for k, v in r.items() if not k.startswith("more_")} for r in self.results])
        theirs = base_names(theirs)
        # Where a newer version must be silent about what the oracle's warned of, the newer one holds.
        for r in theirs:
            r["warnings"] = [w for w in r["warnings"] if not any(
                bad["message_contains"] in w["message"] for bad in self.expect.get("warnings_absent", []))]
        self.must("number of files", len(theirs), len(ours))
        for a, b in zip(theirs, ours):
            for key in sorted(set(a) | set(b)):
                if key in ("errors", "warnings"):
                    for i in range(max(len(a[key]), len(b[key]))):
                        self.must("oracle's %s %d" % (key, i), a[key][i] if i < len(a[key]) else None,
                                  b[key][i] if i < len(b[key]) else None)
                else:
                    self.must("oracle's " + key, a.get(key), b.get(key))

    def problems(self, kind):
        e = self.expect
        items = [p for r in self.results for p in r[kind]]

        def matches(want, item):
            where = item["context"]["locations"]
            return (want.get("code", item["code"]) == item["code"] and
                    ("item_type" not in want or any(
                        want["item_type"] == w["item_type"] and
                        want.get("item_name", w["item_name"]) == w["item_name"] for w in where)) and
                    ("message" not in want or self.same_message(want["message"], item["message"])) and
                    want.get("message_contains", "") in item["message"])

        for want in e.get(kind, []):
            if not any(matches(want, item) for item in items):
                self.wrong.append("none of the %s is %s: %s" % (kind, json.dumps(want),
                                                               [i["message"] for i in items]))
        for bad in e.get(kind + "_absent", []):
            for item in items:
                if matches(bad, item):
                    self.wrong.append("unexpected: %s" % item["message"])
        if kind + "_count" in e:
            self.must(kind + " count", e[kind + "_count"], len(items))
        if kind == "warnings" and "has_warnings" in e:
            self.must("has warnings", e["has_warnings"], bool(items))
        for text in e.get("errors_snippet_contains", []) if kind == "errors" else []:
            if not any(text in i["context"]["snippet"] for i in items):
                self.wrong.append("no snippet contains %r" % text)
        snippet = e.get("warning_snippet") if kind == "warnings" else None
        if snippet and not any(snippet["contains"] in i["context"]["snippet"] and
                               snippet["not_contains"] not in i["context"]["snippet"] for i in items):
            self.wrong.append("no warning's snippet is as stated: %s" % [i["context"]["snippet"] for i in items])

    def same_message(self, want, got):
        """The oracle gives the wording of its version, which `expect` may be older or newer than."""
        if want == got:
            return True
        for r in self.case.get("oracle", {}).get("results", []):
            for p in r["errors"] + r["warnings"]:
                if p["message"] == got:
                    return True
        return False

    def described(self):
        e, d = self.expect, self.answer.get("falco_describe_results", {})
        rules = {r["info"]["name"]: r for r in d.get("rules", [])}
        for key, member in (("rules", "rules"), ("macros", "macros"), ("lists", "lists")):
            if key in e:
                self.must(key, e[key], [x["info"]["name"] for x in d.get(member, [])])
        for name, want in e.get("compiled", {}).items():
            if name not in rules:
                self.wrong.append("rule %s is not described" % name)
                continue
            details = rules[name]["details"]
            if "condition" in want:
                self.must("compiled condition", want["condition"], details["condition_compiled"])
            if "output" in want:
                self.must("compiled output", want["output"], details["output_compiled"])
            if "extra_fields" in want:
                self.must("extra fields", want["extra_fields"], details.get("extra_output_formatted_fields"))
            if "output_not_contains" in want and want["output_not_contains"] in details["output_compiled"]:
                self.wrong.append("output contains %s" % want["output_not_contains"])
        for want in e.get("describe", []):
            try:
                got = at_path(d, want["path"])
            except (KeyError, IndexError):
                self.wrong.append("no %s in the description" % want["path"])
                continue
            ok = {"eq": lambda: got == want["value"], "len": lambda: len(got) == want["value"],
                  "contains": lambda: want["value"] in got, "empty": lambda: not got,
                  "not_empty": lambda: bool(got)}[want["op"]]()
            if not ok:
                self.wrong.append("%s: %s, not %s" % (want["path"], json.dumps(got), json.dumps(want)))

    def count_selected(self, *words):
        out = self.ctx.run("rules", "list", *ONLY_SYSCALL, "--json", "--selected", *words, *self.files)
        return len(out.out.splitlines()) if out.status == 0 else "exit %d: %s" % (out.status, out.err)

    def selected(self):
        e = self.expect
        priority = self.options.get("min_priority")
        if "enabled_count" in e:
            words = ["--priority", priority] if priority else []
            self.must("enabled", e["enabled_count"], self.count_selected(*words))
        # A ruleset other than the default one starts with all rules off.
        steps = {}
        for name, n in e.get("enabled_initial", {}).items():
            steps[name] = [] if name == "default_ruleset" else ["--disable", "*"]
            self.must("enabled in " + name, n, self.count_selected(*steps[name]))
        for step in self.options.get("selection_steps", []):
            words = steps.setdefault(step["ruleset"], ["--disable", "*"])
            values = step["value"] if isinstance(step["value"], list) else [step["value"]]
            for value in values:
                if step["match"] == "tag":
                    words += ["--tag" if step["op"] == "enable" else "--not-tag", value]
                else:
                    pattern = "*%s*" % value if step["match"] == "substring" or not value else value
                    words += ["--" + step["op"], pattern]
            for name, n in step["expect_enabled"].items():
                self.must("enabled in %s after a step" % name, n, self.count_selected(*steps[name]))

    def texts(self):
        """Descriptions as text: -L of falco is list --description, -l NAME the same of one rule."""
        cli, e = self.options.get("cli", []), self.expect
        if not cli:
            return
        words = ["--rule", cli[1]] if cli[0] == "-l" else []
        out = self.ctx.run("rules", "list", *ONLY_SYSCALL, "--description", *words, *self.files)
        if "run_ok" in e:
            self.must("run ok", e["run_ok"], out.status == 0)
        for regex in e.get("stdout_contains", []):
            if not re.search(regex, out.out, re.S):
                self.wrong.append("no %r in %r" % (regex, out.out))
