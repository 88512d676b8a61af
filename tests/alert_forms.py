"""Alerts as ECS and OCSF documents: over all recorded incidents, each document obeys its schema.

What is checked is written from the field reference of ECS 8.11 and the OCSF 1.6.0 schema (class Detection Finding):
names, types, required members, enumerations, and "at least one of" constraints.
"""
import glob
import json
import re
import subprocess
import sys

EYAS = sys.argv[1]
TRACES = sorted(t for t in glob.glob("traces/good/*/*") if t.endswith((".eyas", ".eyt", ".scap", ".json", ".jsonl"))
                and not t.endswith(("alerts.jsonl", "expected.jsonl")))

STR, INT, STRS = "string", "integer", "list of strings"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"

# Leaves of an ECS document: type, or a pattern, or the allowed values. {} is any object.
ECS = {
    "@timestamp": re.compile(TIME), "ecs.version": {"8.11.0"}, "event.kind": {"alert"},
    "event.category": {"intrusion_detection", "file", "network", "process", "iam", "host"}, "event.type": {"info"},
    "event.action": STR, "event.module": {"eyas"}, "event.dataset": {"eyas.alerts"}, "event.provider": STR,
    "event.severity": INT, "event.sequence": INT, "event.outcome": {"success", "failure"}, "log.level": STR,
    "log.file.path": STR, "message": STR, "tags": STRS, "rule.name": STR, "rule.description": STR,
    "threat.framework": {"MITRE ATT&CK"}, "threat.tactic.id": re.compile(r"^TA\d{4}$"), "threat.tactic.name": STRS,
    "threat.technique.id": re.compile(r"^T\d{4}(\.\d{3})?$"), "host.hostname": STR, "process.pid": INT,
    "process.name": STR, "process.executable": STR, "process.command_line": STR, "process.working_directory": STR,
    "process.start": re.compile(TIME), "process.thread.id": INT, "process.parent.pid": INT, "process.parent.name": STR,
    "process.parent.executable": STR, "process.parent.command_line": STR, "user.id": STR, "user.name": STR,
    "group.id": STR, "group.name": STR, "container.id": STR, "container.name": STR, "container.image.name": STR,
    "container.image.tag": STRS, "file.path": STR, "network.transport": {"tcp", "udp", "icmp", "icmp6", "raw"},
    "source.ip": STR, "source.port": INT, "destination.ip": STR, "destination.port": INT,
    "orchestrator.type": {"kubernetes"}, "orchestrator.namespace": STR, "orchestrator.resource.type": STR,
    "orchestrator.resource.name": STR, "eyas.output_fields": {},
}
ECS_REQUIRED = ["@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.severity", "message",
                "rule.name"]

PROCESS = {
    "pid": INT, "tid": INT, "name": STR, "cmd_line": STR, "working_directory": STR, "created_time": INT,
    "file.type_id": {1, 2}, "file.name": STR, "file.path": STR, "user.uid": STR, "user.name": STR, "container.uid": STR,
    "container.name": STR, "container.image.uid": STR, "container.image.name": STR, "container.image.tag": STR,
}
OCSF = {
    "class_uid": {2004}, "class_name": {"Detection Finding"}, "category_uid": {2}, "category_name": {"Findings"},
    "activity_id": {1}, "activity_name": {"Create"}, "type_uid": {200401}, "type_name": {"Detection Finding: Create"},
    "time": INT, "severity_id": {1, 2, 3, 4, 5, 6},
    "severity": {"Informational", "Low", "Medium", "High", "Critical", "Fatal"}, "status_id": {1}, "status": {"New"},
    "is_alert": {True}, "message": STR, "metadata.version": {"1.6.0"}, "metadata.product.name": STR,
    "metadata.product.vendor_name": STR, "metadata.product.version": STR, "metadata.profiles": {"container", "host"},
    "metadata.log_name": STR, "metadata.sequence": INT, "metadata.labels": STRS, "metadata.uid": STR,
    "device.type_id": {0}, "device.hostname": STR, "finding_info.uid": STR, "finding_info.title": STR,
    "finding_info.desc": STR, "finding_info.created_time": INT, "finding_info.first_seen_time": INT,
    "finding_info.last_seen_time": INT, "finding_info.data_sources": STRS, "finding_info.analytic.type_id": {1},
    "finding_info.analytic.type": {"Rule"}, "finding_info.analytic.name": STR, "finding_info.analytic.desc": STR,
    "finding_info.attacks.tactic.uid": re.compile(r"^TA\d{4}$"), "finding_info.attacks.tactic.name": STR,
    "finding_info.attacks.technique.uid": re.compile(r"^T\d{4}$"),
    "finding_info.attacks.sub_technique.uid": re.compile(r"^T\d{4}\.\d{3}$"), "finding_info.attacks.version": STR,
    "evidences.actor.user.name": STR, "evidences.api.operation": STR, "evidences.file.type_id": {1, 2},
    "evidences.file.name": STR, "evidences.file.path": STR, "evidences.src_endpoint.ip": STR,
    "evidences.src_endpoint.port": INT, "evidences.dst_endpoint.ip": STR, "evidences.dst_endpoint.port": INT,
    "resources.type": {"container"}, "resources.uid": STR, "resources.name": STR, "unmapped.output_fields": {},
}
for key, kind in PROCESS.items():
    OCSF["evidences.actor.process." + key] = kind
    if key.split(".")[0] in ("pid", "name", "cmd_line", "file"):
        OCSF["evidences.actor.process.parent_process." + key] = kind
OCSF_REQUIRED = ["class_uid", "category_uid", "activity_id", "type_uid", "time", "severity_id", "metadata.version",
                 "metadata.product.name", "metadata.product.vendor_name", "finding_info.uid", "device.type_id"]
LISTS = {
    "event.category", "event.type", "tags", "threat.tactic.id", "threat.tactic.name", "threat.technique.id",
    "container.image.tag", "metadata.profiles", "metadata.labels", "finding_info.data_sources",
    "finding_info.attacks", "evidences", "resources",
}


def no_duplicates(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), ("a member twice", keys)
    return dict(pairs)


def leaves(value, path, schema):
    """(path, value) of each leaf; the items of a list are leaves of the list's path."""
    if schema.get(path) == {}:
        assert isinstance(value, dict), path
        yield path, value
    elif isinstance(value, dict):
        assert value, ("empty object", path)
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key, schema)
    elif isinstance(value, list):
        assert value and path in LISTS, ("a list at", path)
        for inner in value:
            yield from leaves(inner, path, schema)
    else:
        yield path, value


def fits(value, kind):
    if kind == {}:
        return True
    if isinstance(kind, set):
        return value in kind
    if isinstance(kind, re.Pattern):
        return isinstance(value, str) and kind.match(value)
    if kind == INT:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and value != "" and not re.search(r"[\x00-\x1f\x7f]", value)


def check(doc, schema, required):
    seen = set()
    for path, value in leaves(doc, "", schema):
        assert path in schema, ("not in the schema", path)
        assert fits(value, schema[path]), (path, value)
        seen.add(path)
    for path in required:
        assert path in seen, ("missing", path)
    for path in LISTS:
        if any(p == path or p.startswith(path + ".") for p in seen):
            inner = doc
            for name in path.split("."):
                inner = inner[name]
            assert isinstance(inner, list), ("not a list", path)
    return seen


def alerts(form, *more):
    out = []
    for trace in TRACES:
        r = subprocess.run([EYAS, "replay", "-r", "rules", "--summary", "none", "--form", form, *more, trace],
                           capture_output=True, text=True, check=False)
        assert r.returncode == 0, (trace, r.returncode, r.stderr)
        out += [json.loads(x, object_pairs_hook=no_duplicates) for x in r.stdout.splitlines()]
    return out


def ecs():
    """Every alert of every incident is a document of ECS, and most of the schema's rows are seen."""
    docs = alerts("ecs", "--with-trace")
    seen = set().union(*(check(d, ECS, ECS_REQUIRED) for d in docs))
    assert len(docs) > 20 and len(seen) > 45, (len(docs), sorted(set(ECS) - seen))


def ocsf():
    """Every alert of every incident is a Detection Finding of OCSF, with a uid of its own."""
    docs = alerts("ocsf", "--with-trace")
    seen = set().union(*(check(d, OCSF, OCSF_REQUIRED) for d in docs))
    for d in docs:
        assert d["type_uid"] == d["class_uid"] * 100 + d["activity_id"]
        for evidence in d.get("evidences", []):
            assert set(evidence) & {"actor", "api", "file", "src_endpoint", "dst_endpoint"}, evidence
        for attack in d["finding_info"].get("attacks", []):
            assert set(attack) & {"tactic", "technique", "sub_technique"}, attack
        for process in [e["actor"]["process"] for e in d.get("evidences", []) if "process" in e.get("actor", {})]:
            assert "pid" in process, process
            assert "file" not in process or {"name", "type_id"} <= set(process["file"]), process
    assert len(docs) > 20 and len(seen) > 55, (len(docs), sorted(set(OCSF) - seen))
    uids = [(d["metadata"]["log_name"], d["finding_info"]["uid"]) for d in docs]
    assert len(uids) == len(set(uids)), sorted(u for u in uids if uids.count(u) > 1)


def same_alerts():
    """The same alerts in every form, in the same order, with the same message."""
    plain, docs, findings = alerts("json", "--message"), alerts("ecs"), alerts("ocsf")
    assert [x["rule"] for x in plain] == [x["rule"]["name"] for x in docs] == [
        x["finding_info"]["title"] for x in findings]
    assert [x["output_fields"].get("proc.name") for x in plain if "proc.name" in x["output_fields"]] == [
        x["eyas"]["output_fields"]["proc.name"] for x in docs if "proc.name" in x["eyas"]["output_fields"]]
    assert [x["message"] for x in docs] == [x["message"] for x in findings]


def internal():
    """What the analyzer itself has to say about losses is a document, too."""
    for form, schema, required in (("ecs", ECS, ECS_REQUIRED), ("ocsf", OCSF, OCSF_REQUIRED)):
        command = [EYAS, "replay", "-r", "rules", "--summary", "none", "--form", form, "--simulate-loss", "--on-loss",
                   "alert", "traces/good/web-intrusion/incident.eyt"]
        r = subprocess.run(command, capture_output=True, text=True, check=False)
        own = [json.loads(x) for x in r.stdout.splitlines() if "internal" in x]
        assert own, (r.stdout, r.stderr)
        for doc in own:
            check(doc, schema, required)


TESTS = [ecs, ocsf, same_alerts, internal]
print(f"1..{len(TESTS)}")
for number, test in enumerate(TESTS, 1):
    try:
        test()
        print(f"ok {number} - {test.__doc__.splitlines()[0]}")
    except AssertionError as problem:
        print(f"not ok {number} - {test.__doc__.splitlines()[0]}")
        print("# " + repr(problem.args)[:2000])
