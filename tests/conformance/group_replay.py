"""Cases that replay a capture through rules files (cases/replay).

Each case runs once with its own options, to check what `expect` states, and once more with JSON
output and ISO times, to compare with `oracle`. How the words of Falco's command line and
configuration map to those of eyas stands in arguments() and exit_status().

Where `expect` and `oracle` differ about which alerts there are, the oracle is right: old suites counted an
open twice, once at its enter event. Cases of the 0.31 suite select rules in ways that the
program of the oracle no longer had (no `rule_selection` is recorded with them): it ran them without, so
its alerts say nothing about them and `expect` holds.
"""
import os
import shutil
import tempfile

import alert_check
from harness import failed, passed

# What an audit log that is none is answered with differs between the eras; the current one holds.
SUPERSEDED = {
    "Data not recognized as a k8s audit event, stopping": "data not recognized as a k8s audit event",
}


def run(ctx):
    cases = {name: ctx.json("cases", "replay", name, "case.json")
             for name in ctx.names("cases", "replay")}
    by_name = {c["name"]: c for c in cases.values() if c["era"] == "current"}
    for name, case in cases.items():
        if not ctx.wanted(name):
            continue
        if "oracle" not in case:
            sibling(case, cases, by_name)
        wrong = check_case(ctx, name, case)
        yield failed(name, "\n".join(wrong)) if wrong else passed(name)


def sibling(case, cases, by_name):
    """The same test of the other era may have an oracle; its counts decide which are right."""
    for other in cases.values():
        if other.get("variant_of") == case["name"] or case.get("variant_of") == other["name"]:
            if "oracle" in other and other["trace"] == case["trace"]:
                case["oracle_of_variant"] = other["oracle"]


def selection(opt):
    """Words that select rules. The current program gets ordered steps, 0.31 had -t, -T and -D."""
    words = []
    if "rule_selection" in opt:
        for step in opt["rule_selection"]:
            (verb, what), = step.items()
            (kind, value), = what.items()
            words += [{("enable", "rule"): "--enable", ("disable", "rule"): "--disable",
                       ("enable", "tag"): "--tag", ("disable", "tag"): "--not-tag"}[verb, kind], value]
        return words
    for tag in opt.get("enabled_tags", []):
        words += ["-t", tag]
    for tag in opt.get("disabled_tags", []):
        words += ["-T", tag]
    for rule in opt.get("disabled_rules", []):
        words += ["-D" if rule["match"] == "substring" else "--disable", rule["value"]]
    return words


def loss(config):
    """syscall_event_drops: what to do about lost events."""
    drops = config.get("syscall_event_drops", {})
    words = []
    if drops.get("actions"):
        words += ["--on-loss", ",".join(drops["actions"])]
    for key, option in (("threshold", "--loss-threshold"), ("rate", "--loss-rate"),
                        ("max_burst", "--loss-burst")):
        if key in drops:
            words += [option, repr(drops[key])]
    if drops.get("simulate_drops"):
        words.append("--simulate-loss")
    return words


# Settings of a configuration that say what eyas does anyway, or what it has no part in (no syslog, no
# program is fed with alerts).
SILENT = {
    "json_output": (False,), "log_stderr": (False, True), "log_syslog": (False,),
    "syslog_output": None, "program_output": None, "stdout_output": None, "file_output": None,
    "syscall_event_drops": None,
}


def arguments(opt, tmp):
    words = selection(opt) + loss(opt.get("config", {}))
    for key, value in opt.get("config", {}).items():
        if key not in SILENT or (SILENT[key] is not None and value not in SILENT[key]):
            raise ValueError("no option of eyas stands for %s: %r" % (key, value))
    if opt.get("json_output"):
        words.append("--json")
        if opt.get("json_include_output_property") is False:
            words.append("--no-output")
        if opt.get("json_include_tags_property") is False:
            words.append("--no-tags")
    if opt.get("time_format_iso_8601"):
        words += ["--iso-time", "--log-time"]
    if "min_priority" in opt:
        words += ["--priority", opt["min_priority"]]
    if "rule_matching" in opt:
        words += ["--rule-matching", opt["rule_matching"]]
    if "FALCO_HOSTNAME" in opt.get("env", {}):
        words += ["--hostname", opt["env"]["FALCO_HOSTNAME"]]
    for key, value in opt.get("set", {}).items():
        if key != "file_output.filename":
            raise ValueError("no option of eyas stands for " + key)
        words += ["--output", value.replace("{tmp}", tmp)]
    return words


def exit_status(falco):
    """Falco exits with 1 for everything that goes wrong; here wrong options and rules are 2."""
    return (2,) if falco else (0,)


def check_case(ctx, name, case):
    opt, expect = case["options"], case["expect"]
    tmp = tempfile.mkdtemp(prefix="eyas-conformance.")
    try:
        return check_run(ctx, name, case, opt, expect, tmp)
    finally:
        shutil.rmtree(tmp)


def check_run(ctx, name, case, opt, expect, tmp):
    files = [w for r in case["rules"] for w in ("-r", ctx.path("cases", "replay", name, r))]
    # Refused before any capture is opened: any will do.
    trace = ctx.path("captures", case["trace"] or "empty.scap")
    r = ctx.run("replay", *arguments(opt, tmp), *files, trace)
    alerts_text = r.out
    if os.path.exists(os.path.join(tmp, "file_output.txt")):
        with open(os.path.join(tmp, "file_output.txt"), encoding="utf-8") as f:
            alerts_text = f.read()

    plain = ctx.run("replay", "--json", "--iso-time", "--quiet", *selection(opt),
                    *(["--priority", opt["min_priority"]] if "min_priority" in opt else []),
                    *files, trace)
    alerts = alert_check.parse(plain.out)
    if alerts is None:
        return ["output is not JSON: " + plain.out[:300]]
    oracle = case.get("oracle")
    if oracle and selection(opt) and "rule_selection" not in opt:
        oracle = None
    return check_expect(expect, oracle, case.get("oracle_of_variant"), alerts, alerts_text, r) + \
        check_oracle(oracle, alerts)


def check_oracle(oracle, alerts):
    if not oracle:
        return []
    wrong = []
    if dict(alert_check.counts(alerts)) != oracle["counts"]:
        wrong.append("counts: oracle %s, got %s" % (oracle["counts"], dict(alert_check.counts(alerts))))
    text = alert_check.difference(oracle["alerts"], alerts)
    if text:
        wrong.append("oracle: " + text)
    return wrong


def check_expect(expect, oracle, variant, alerts, text, r):
    wrong = []
    counts = alert_check.counts(alerts)
    known = set(expect) - {"exit_status", "load_ok", "run_ok", "config_ok", "detect", "total", "counts",
                           "priorities", "stdout_contains", "stdout_not_contains", "stderr_contains",
                           "stderr_not_contains", "output_lines", "json_lines", "warned_rules"}
    wrong += ["key of expect not understood: " + k for k in sorted(known)]
    if "exit_status" in expect and r.status not in exit_status(expect["exit_status"]):
        wrong.append("exit status %d, expected one of %s\n%s" %
                     (r.status, exit_status(expect["exit_status"]), r.err))
    for key in ("load_ok", "run_ok", "config_ok"):
        if key in expect and expect[key] != (r.status == 0):
            wrong.append("%s: expected %s, exit status %d\n%s" % (key, expect[key], r.status, r.err))
    if "detect" in expect and expect["detect"] != bool(alerts):
        wrong.append("detect: expected %s, got %d alerts" % (expect["detect"], len(alerts)))
    if "total" in expect and not oracle and expect["total"] != len(alerts):
        wrong.append("total: expected %d, got %d" % (expect["total"], len(alerts)))
    right = (oracle or variant or {}).get("counts", {})
    for rule, n in expect.get("counts", {}).items():
        n = right.get(rule, 0) if oracle or variant else n
        if counts[rule] != n:
            wrong.append("%s: expected %d alerts, got %d" % (rule, n, counts[rule]))
    for word, bounds in expect.get("priorities", {}).items():
        n = sum(word.lower() in a["priority"].lower() for a in alerts)
        if n < bounds.get("min", n) or n > bounds.get("max", n):
            wrong.append("priority %s: %d alerts, expected %s" % (word, n, bounds))
    for stream, content in (("stdout", r.out), ("stderr", r.err)):
        for pattern in expect.get(stream + "_contains", []):
            pattern = next((new for old, new in SUPERSEDED.items() if old in pattern), pattern)
            if not alert_check.found(pattern, content):
                wrong.append("%s does not contain %r:\n%s" % (stream, pattern, content[:1500]))
        for pattern in expect.get(stream + "_not_contains", []):
            if alert_check.found(pattern, content):
                wrong.append("%s contains %r:\n%s" % (stream, pattern, content[:1500]))
    wrong += check_lines(expect, oracle, text)
    for rule in expect.get("warned_rules", []):
        if rule not in r.err:
            wrong.append("no warning names the rule %s:\n%s" % (rule, r.err))
    # Later versions warn of more (deprecations); what 0.31 warned of was a rule without event types.
    if expect.get("warned_rules") == [] and "LOAD_NO_EVTTYPE" in r.err:
        wrong.append("warned of a rule without event types:\n" + r.err)
    return wrong


def check_lines(expect, oracle, text):
    """Lines in order; of those stated, the ones at enter events are not in the oracle."""
    wrong = []
    lines = iter(text.splitlines())
    real = None if not oracle else {a["output"] for a in oracle["alerts"]}
    for line in expect.get("output_lines", []):
        if real is not None and line not in real:
            continue
        if line not in lines:
            wrong.append("missing, or not in this order: " + line)
    if "json_lines" in expect:
        stated = [a for a in expect["json_lines"] if real is None or a["output"] in real]
        difference = alert_check.difference(stated, alert_check.parse(text) or [])
        if difference:
            wrong.append("json_lines: " + difference)
    return wrong
