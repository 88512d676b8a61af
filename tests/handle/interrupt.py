"""Ctrl-C in the middle of a long work: no half-written output is left, under the final name or another. TAP.

usage: interrupt.py EYAS SOURCE-TREE
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

eyas, src = sys.argv[1:3]
trace = os.path.join(src, "traces", "good", "tiny.eyas")
commands = {
    "slice": ["slice", "--events", "1-", "-o", "OUT", "IN"],
    "merge": ["merge", "-o", "OUT", "IN", trace],
    "convert": ["convert", "IN", "OUT"],
    "recover": ["recover", "-o", "OUT", "IN"],
    "export, perfetto": ["export", "--to", "perfetto", "-o", "OUT", "IN"],
    "export, tables": ["export", "--to", "tables", "-o", "OUT", "IN"],
    "report": ["report", "--json", "-o", "OUT", "IN"],
}
print(f"1..{len(commands)}")
for n, (name, args) in enumerate(commands.items(), 1):
    with tempfile.TemporaryDirectory() as tmp, tempfile.TemporaryDirectory() as other:
        fifo, out = os.path.join(other, "fifo"), os.path.join(tmp, "out.eyas")
        os.mkfifo(fifo)
        # Interrupts may be ignored here (make in the background), and would be there, too.
        p = subprocess.Popen([eyas] + [{"IN": fifo, "OUT": out}.get(a, a) for a in args], stderr=subprocess.DEVNULL,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        with open(fifo, "wb") as f:
            # All but the end: it waits for more.
            with open(trace, "rb") as whole:
                f.write(whole.read()[:-300])
            f.flush()
            time.sleep(0.3)
            running = p.poll() is None
            p.send_signal(signal.SIGINT)
            status = p.wait(30)
        left = os.listdir(tmp)
        good = running and status == -signal.SIGINT and not left
        if not good:
            print(f"# running {running}, status {status}, left {left}")
        print("ok" if good else "not ok", n, f"- eyas {name}, interrupted, leaves nothing")
