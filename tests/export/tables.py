"""What eyas export --to tables writes, read by Python and by DuckDB. TAP.

DuckDB itself runs schema.sql and parquet.sql as they are: what it counts and sums is what eyas events and eyas top say,
and the Parquet files hold what the tables hold.

usage: tables.py EYAS DIRECTORY-FOR-DUCKDB
"""
import base64
import collections
import glob
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import Skip, run_tests

EYAS, DUCKDB = sys.argv[1:3]
VERSION = "1.5.6-r.1"
TRACES = ["tests/export/talk.eyt", "traces/good/web-intrusion/incident.eyt",
          "traces/good/recorded-container-intrusion/trace.eyas", "traces/good/recorded-streams-to-network/trace.eyas"]
work = tempfile.TemporaryDirectory(prefix="eyas-tables.")


def run(*args, status=0):
    r = subprocess.run([EYAS, *args], capture_output=True, check=False)
    assert r.returncode == status, (args, r.returncode, r.stderr)
    return r.stdout.decode(), r.stderr.decode()


def export(trace, *more, name="tables", status=0):
    out = os.path.join(work.name, name)
    shutil.rmtree(out, ignore_errors=True)
    options = [x for x in more if "=" not in x]
    return out, run("export", "--to", "tables", "-o", out, *options, trace, *[x for x in more if "=" in x], status=status)[1]


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def all_events(out):
    return sorted((row for path in glob.glob(out + "/events/*/*.gz") for row in rows(path)), key=lambda r: r["evt_num"])


def listed(trace, fmt, *more):
    return [line.split(" @@ ") for line in run("events", "-p", fmt, trace, *more)[0].splitlines()]


# ---- without DuckDB ----

def every_event_once():
    """tables: each event is a row of its own table, with the values that eyas events prints."""
    for trace in TRACES:
        out, _ = export(trace)
        want = listed(trace, " @@ ".join(["*%evt.num", "%evt.rawtime", "%evt.type", "%thread.tid", "%proc.name", "%fd.num"]))
        have = [[str(r["evt_num"]), str(r["evt_time_ns"]), r["evt_type"], str(r.get("thread_tid", "<NA>")),
                 r.get("proc_name", "<NA>"), str(r.get("fd_num", "<NA>"))] for r in all_events(out)]
        assert have == want, [(a, b) for a, b in zip(have, want) if a != b][:3]


def parameters():
    """tables: parameters have their columns: numbers, texts, bytes in base64, lists, and what they mean."""
    script = os.path.join(work.name, "params.eyt")
    with open(script, "w", encoding="utf-8") as f:
        f.write('''eyas-script 1
thread tid=10 comm=t exe=t
2026-11-20T09:00:00Z tid=10 openat fd=3 dirfd=-100 name="a\\\\b\\xff\\n" flags=1 mode=0
+1s tid=10 write res=4 data="\\x00\\xff\\nA" fd=3 size=4
''')
    out, _ = export(script)
    (row,) = rows(out + "/events/type=openat/part-0.jsonl.gz")
    assert row["arg_name"] == "a\\b\\xff\\n" and row["arg_flags"] == 1 and row["arg_flags_text"] == "O_RDONLY", row
    assert row["arg_dirfd"] == -100 and row["arg_dirfd_text"] == "AT_FDCWD" and row["arg_fd"] == 3, row
    (row,) = rows(out + "/events/type=write/part-0.jsonl.gz")
    assert base64.b64decode(row["arg_data"]) == b"\0\xff\nA" and row["arg_res"] == 4, row


def schema_has_all():
    """tables: every key of every row is a column of schema.sql and spark.sql, names are lower case and unique."""
    for trace in TRACES:
        out, _ = export(trace, "-r", "rules", "--field", "proc.aname[2]", "--field", "fd.ip")
        with open(out + "/schema.sql", encoding="utf-8") as f:
            views = dict(re.findall(r'CREATE OR REPLACE VIEW "([^"]+)" AS (.*?);\n', f.read(), re.S))
        with open(out + "/spark.sql", encoding="utf-8") as f:
            spark = dict(re.findall(r"CREATE OR REPLACE TEMPORARY VIEW `([^`]+)` \((.*?)\) USING", f.read(), re.S))
        assert views.keys() == spark.keys()
        files = {}
        for path in glob.glob(out + "/**/*.gz", recursive=True):
            place = os.path.relpath(path, out)
            name = re.sub(r"^events/type=(.*)/part-0", r"\1", place.replace(".jsonl.gz", ""))
            files[name] = path
        assert files.keys() | {"events"} == views.keys(), (files.keys(), views.keys())
        for name, path in files.items():
            columns = re.findall(r'^\t\t"([^"]+)": ', views[name], re.M)
            assert len(set(columns)) == len(columns) and all(re.fullmatch("[a-z][a-z0-9_]*", c) for c in columns), columns
            assert columns == re.findall(r"^\t`([^`]+)` ", spark[name], re.M)
            for row in rows(path):
                assert not row.keys() - set(columns), (name, row.keys() - set(columns))


def alerts_and_processes():
    """tables: alerts are those of eyas replay, processes those of eyas tree."""
    for trace in TRACES:
        out, _ = export(trace, "-r", "rules")
        have = rows(out + "/alerts.jsonl.gz")
        for matching, mine in (("first", [r for r in have if r["first"]]), ("all", have)):
            text, _ = run("replay", "-q", "--json", "--rule-matching", matching, "-r", "rules", trace)
            want = [json.loads(line) for line in text.splitlines()]
            assert [(r["rule"], r["priority"], r["tags"]) for r in mine] == \
                [(a["rule"], a["priority"], a["tags"]) for a in want], (trace, matching)
        text, _ = run("tree", "--json", trace)
        want = collections.Counter(json.loads(line)["pid"] for line in text.splitlines())
        assert collections.Counter(r["pid"] for r in rows(out + "/processes.jsonl.gz")) == want


def filters_and_bytes():
    """tables: a filter leaves out events; the same trace gives the same bytes; damage is told and what was read is there."""
    trace = TRACES[1]
    out, _ = export(trace, "evt.type=openat")
    assert {r["evt_type"] for r in all_events(out)} == {"openat"}
    one, _ = export(trace, "-r", "rules", name="one")
    two, _ = export(trace, "-r", "rules", name="two")
    names = sorted(glob.glob("**", root_dir=one, recursive=True))
    assert names == sorted(glob.glob("**", root_dir=two, recursive=True)) and len(names) > 10
    for name in names:
        if os.path.isfile(os.path.join(one, name)):
            with open(os.path.join(one, name), "rb") as a, open(os.path.join(two, name), "rb") as b:
                assert a.read() == b.read(), name
    cut = os.path.join(work.name, "cut.eyas")
    with open(TRACES[2], "rb") as f, open(cut, "wb") as g:
        g.write(f.read()[:-2000])
    out, err = export(cut, status=3)
    assert "what could be read" in err and os.path.exists(out + "/schema.sql")


def whole_or_nothing():
    """tables: what is there is not replaced, what fails or is interrupted leaves nothing."""
    place = os.path.join(work.name, "place")
    os.mkdir(place)
    out = os.path.join(place, "out")
    os.mkdir(out)
    with open(out + "/mine", "w", encoding="utf-8") as f:
        f.write("mine")
    _, err = run("export", "--to", "tables", "-o", out, TRACES[0], status=2)
    assert "it exists" in err and os.listdir(out) == ["mine"]
    os.unlink(out + "/mine")
    run("export", "--to", "tables", "-o", out + "/", TRACES[0])
    assert os.path.exists(out + "/schema.sql") and os.listdir(place) == ["out"]
    shutil.rmtree(out)
    for wrong in (["--field", "no.such"], ["--force"], ["-o", "-"]):
        run("export", "--to", "tables", "-o", out, *wrong, TRACES[0], status=2)
        assert not os.listdir(place), wrong
    run("export", "--to", "tables", "-o", out, "no-such-trace", status=4)
    assert not os.listdir(place)
    fifo = os.path.join(work.name, "fifo")
    os.mkfifo(fifo)
    p = subprocess.Popen([EYAS, "export", "--to", "tables", "-o", out, fifo], stderr=subprocess.DEVNULL,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    with open(fifo, "wb") as f:
        with open("traces/good/tiny.eyas", "rb") as whole:
            f.write(whole.read()[:-300])
        f.flush()
        time.sleep(0.3)
        assert p.poll() is None
        p.send_signal(signal.SIGINT)
        assert p.wait(30) == -signal.SIGINT
    assert not os.listdir(place), os.listdir(place)


# ---- with DuckDB ----

def duckdb(*batches):
    """Each batch of statements in a database of its own; the rows of its last statement."""
    text = "".join(json.dumps(b) + "\n" for b in batches)
    r = subprocess.run(["node", "tests/export/duckdb.mjs", DUCKDB], input=text, capture_output=True, text=True, check=False)
    assert r.returncode == 0, r.stderr
    answers = [json.loads(line) for line in r.stdout.splitlines()]
    for answer in answers:
        assert not isinstance(answer, dict), answer
    return answers


def need_duckdb():
    if not shutil.which("node") or not shutil.which("npm"):
        raise Skip("node and npm are not there")
    stamp = os.path.join(DUCKDB, f"is-{VERSION}")
    if os.path.exists(stamp):
        return
    os.makedirs(DUCKDB, exist_ok=True)
    with open(os.path.join(DUCKDB, "package.json"), "w", encoding="utf-8") as f:
        json.dump({"private": True, "dependencies": {"@duckdb/node-api": VERSION}}, f)
    try:
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=DUCKDB, capture_output=True,
                       text=True, check=True, timeout=300)
    except subprocess.SubprocessError as why:
        said = (getattr(why, "stderr", "") or str(why)).strip().splitlines()
        raise Skip("DuckDB cannot be had from npm: " + " ".join(said[-1:])[:100]) from why
    with open(stamp, "w", encoding="utf-8"):
        pass


def schema_of(out):
    with open(out + "/schema.sql", encoding="utf-8") as f:
        schema = f.read()
    with open(out + "/parquet.sql", encoding="utf-8") as f:
        parquet = f.read()
    return [f"SET file_search_path = '{out}'", schema], parquet


def counts_and_sums():
    """DuckDB: schema.sql runs as it is; what is counted and summed equals eyas events and eyas top."""
    need_duckdb()
    for trace in TRACES:
        out, _ = export(trace, "-r", "rules")
        schema, _ = schema_of(out)
        want = listed(trace, "*%evt.type @@ %proc.name")
        types = collections.Counter(t for t, _ in want)
        procs = collections.Counter(p for _, p in want)
        top = [json.loads(line) for line in run("top", "--by", "evt.type", "-n", "0", "--json", trace)[0].splitlines()]
        top = {r["key"]["evt.type"]: r for r in top if "evt.type" in r.get("key", {})}
        answers = duckdb(
            [*schema, "SELECT evt_type, count(*), count(*) FILTER (evt_failed) FROM events GROUP BY 1"],
            [*schema, "SELECT coalesce(proc_name, '<NA>'), count(*) FROM events GROUP BY 1"],
            [*schema, "SELECT count(*), min(evt_time), max(evt_time), sum(evt_num) FROM events"],
            [*schema, "SELECT rule, count(*) FROM alerts GROUP BY 1"],
            [*schema, "SELECT table_name FROM information_schema.tables WHERE table_type = 'VIEW' AND table_schema = 'main'"])
        assert {t: int(n) for t, n, _ in answers[0]} == types
        assert {t: (int(n), int(bad)) for t, n, bad in answers[0]} == {t: (r["count"], r["errors"]) for t, r in top.items()}
        assert {p: int(n) for p, n in answers[1]} == procs
        nums = [int(x[0]) for x in listed(trace, "%evt.num")]
        times = [x[0] for x in listed(trace, "%evt.time.iso8601")]
        ((count, first, last, total),) = answers[2]
        assert int(count) == len(nums) and int(total) == sum(nums)
        for have, want in ((first, min(times)), (last, max(times))):
            assert (have if "." in have else have + ".0").ljust(29, "0") == want.replace("T", " ")[:29], (have, want)
        assert sum(int(n) for _, n in answers[3]) == len(rows(out + "/alerts.jsonl.gz"))
        views = [name for (name,) in answers[4]]
        # Every view can be read whole, with its types.
        read = duckdb(*([*schema, f'SELECT count(*) FROM (SELECT * FROM "{name}")'] for name in views))
        assert sum(int(r[0][0]) for name, r in zip(views, read) if os.path.isdir(f"{out}/events/type={name}")) == len(nums)
        # Bytes that went through descriptors.
        moved = {t: r["bytes"] for t, r in top.items() if r["bytes"] and t in views}
        sums = duckdb(*([*schema, f'SELECT sum(arg_res) FROM "{t}" WHERE arg_res > 0'] for t in moved))
        assert moved and [int(r[0][0]) for r in sums] == list(moved.values()), (moved, sums)


def payload():
    """DuckDB: bytes are bytes: what was written is summed and searched in the database."""
    need_duckdb()
    out, _ = export(TRACES[0])
    schema, _ = schema_of(out)
    have = [base64.b64decode(r["arg_data"]) for r in rows(out + "/events/type=write/part-0.jsonl.gz") if "arg_data" in r]
    (answer,) = duckdb([*schema, 'SELECT typeof(any_value(arg_data)), sum(octet_length(arg_data)) FROM "write"'])
    assert answer == [["BLOB", str(sum(map(len, have)))]], answer


def parquet_copies():
    """DuckDB: parquet.sql runs as it is; each Parquet file holds what its table holds."""
    need_duckdb()
    for trace in TRACES[1:3]:
        out, _ = export(trace, "-r", "rules")
        schema, parquet = schema_of(out)
        # COPY TO does not use the search path: the statements are for the directory itself.
        names = re.findall(r"TO '([^']+)'", parquet)
        here = parquet.replace("TO '", f"TO '{out}/")
        duckdb([*schema, here, "SELECT 1"])
        assert names
        checks = []
        for name in names:
            view, file = name.removesuffix(".parquet"), os.path.join(out, name)
            assert os.path.getsize(file)
            for a, b in ((f'"{view}"', f"'{file}'"), (f"'{file}'", f'"{view}"')):
                checks.append([*schema, f"SELECT count(*) FROM (SELECT * FROM {a} EXCEPT ALL SELECT * FROM {b})"])
            checks.append([*schema, f"SELECT (SELECT list(column_type) FROM (DESCRIBE \"{view}\")) = "
                           f"(SELECT list(column_type) FROM (DESCRIBE SELECT * FROM '{file}'))"])
        for check, answer in zip(checks, duckdb(*checks)):
            assert answer in ([["0"]], [[True]]), (check[-1], answer)


TESTS = [every_event_once, parameters, schema_has_all, alerts_and_processes, filters_and_bytes, whole_or_nothing,
         counts_and_sums, payload, parquet_copies]
run_tests(TESTS)
work.cleanup()
