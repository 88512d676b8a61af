"""JUnit XML as the widely used XSD (Apache Ant's, as Jenkins and others read it) has it, in its essentials."""
import sys
import xml.etree.ElementTree as ET

ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors", "time", "disabled"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package", "file"},
    "testcase": {"name", "classname", "time", "file", "line", "assertions", "status"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}
REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname"},
    "failure": {"type"},
    "error": {"type"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out", "system-err"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
}


def walk(e):
    assert e.tag in ALLOWED, f"unknown element {e.tag}"
    extra = set(e.attrib) - ALLOWED[e.tag]
    assert not extra, f"{e.tag} has {extra}"
    missing = REQUIRED.get(e.tag, set()) - set(e.attrib)
    assert not missing, f"{e.tag} lacks {missing}"
    for k in e:
        assert k.tag in CHILDREN.get(e.tag, set()), f"{k.tag} in {e.tag}"
        walk(k)


def count(cases, tag):
    return sum(1 for c in cases if c.find(tag) is not None)


root = ET.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites"
walk(root)
names = [s.get("name") for s in root]
assert len(set(names)) == len(names), "a suite stands twice"
total = {"tests": 0, "failures": 0, "errors": 0}
for s in root:
    cases = s.findall("testcase")
    got = {
        "tests": len(cases),
        "failures": count(cases, "failure"),
        "errors": count(cases, "error"),
        "skipped": count(cases, "skipped"),
    }
    for k, v in got.items():
        assert int(s.get(k)) == v, f"{s.get('name')}: {k} is {s.get(k)}, there are {v}"
        if k in total:
            total[k] += v
    ids = [(c.get("classname"), c.get("name"), c.get("file")) for c in cases]
    assert len(set(ids)) == len(ids), "a case stands twice"
    for c in cases:
        assert len(c) <= 1, "a case has one result"
for k, v in total.items():
    assert int(root.get(k)) == v, k
print(f"{len(root)} suites, {total}")
