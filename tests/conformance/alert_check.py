"""Comparing alerts: what the groups replay and alerts have in common."""
import json
import re
from collections import Counter

PRIORITIES = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"]


def parse(text):
    """The alert objects of JSON output, without those of the analyzer itself; None if it is not JSON."""
    alerts = []
    for line in text.splitlines():
        try:
            alert = json.loads(line)
        except ValueError:
            return None
        if alert.get("source") != "internal":
            alerts.append(alert)
    return alerts


def difference(expected, got):
    """Text that says where two lists of alert objects first differ; "" when they are equal."""
    for i in range(max(len(expected), len(got))):
        if i >= len(got):
            return "alert %d is missing: %s" % (i, json.dumps(expected[i], sort_keys=True))
        if i >= len(expected):
            return "alert %d is one too many: %s" % (i, json.dumps(got[i], sort_keys=True))
        if expected[i] != got[i]:
            return "alert %d: %s" % (i, members(expected[i], got[i]))
    return ""


def members(expected, got):
    out = []
    for k in sorted(set(expected) | set(got)):
        e, g = expected.get(k), got.get(k)
        if e == g:
            continue
        if isinstance(e, dict) and isinstance(g, dict):
            out.append(k + "." + members(e, g))
        else:
            out.append("%s: expected %s, got %s" % (k, json.dumps(e), json.dumps(g)))
    return "; ".join(out)


def counts(alerts):
    return Counter(a["rule"] for a in alerts)


def found(pattern, text):
    return re.search(pattern, text, re.DOTALL) is not None
