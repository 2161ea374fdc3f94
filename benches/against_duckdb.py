#!/usr/bin/env python3
"""Measures `piperoll report` against DuckDB grouping the same Vault audit log once.

    python3 benches/against_duckdb.py PIPEROLL LOG [--runs 5] [-- ARGUMENT...]

PIPEROLL is the program, LOG one uncompressed Vault audit log; what follows `--` goes to
`piperoll report` (`-c piperoll.toml`, more inputs). The two run in turn, and each figure is the
median of the ratios of the pairs: a machine's speed drifts, and drifts for both. Needs the package
`duckdb`; measures with what the system keeps of children that have ended.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# Requests by who, where and what: how many, of how many tokens, how many denied, from when to when.
GROUPED = """
COPY (
  SELECT auth.display_name, auth.entity_id, request.mount_point,
         array_to_string(string_split(request.path, '/')[1:3], '/') AS place, request.operation,
         count(*), count(DISTINCT auth.accessor),
         count(*) FILTER (WHERE contains(error, 'permission denied')), min(time), max(time)
  FROM read_json($log, format = 'newline_delimited', columns = {
    time: 'TIMESTAMP', type: 'VARCHAR', error: 'VARCHAR',
    auth: 'STRUCT(display_name VARCHAR, entity_id VARCHAR, accessor VARCHAR)',
    request: 'STRUCT(id VARCHAR, operation VARCHAR, mount_point VARCHAR, path VARCHAR)'})
  GROUP BY ALL
) TO $out (HEADER false)
"""


def stop(what):
    sys.exit(f"against_duckdb: {what}")


def group(log, out):
    """The whole work of the yardstick, in a process of its own."""
    import duckdb

    quoted = {"$log": log, "$out": out}
    query = GROUPED
    for name, value in quoted.items():
        query = query.replace(name, "'" + value.replace("'", "''") + "'")
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(query)


def measured(command):
    """Processor seconds, wall seconds and MiB of one run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        stop(f"{command[0]} ended with {code}:\n{told}")
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024


def arguments(words):
    more = []
    if "--" in words:
        at = words.index("--")
        words, more = words[:at], words[at + 1 :]
    runs = 5
    if "--runs" in words:
        at = words.index("--runs")
        try:
            runs = int(words[at + 1])
        except (IndexError, ValueError):
            stop("--runs needs a number")
        del words[at : at + 2]
    if len(words) != 2 or runs < 1:
        stop(__doc__.strip())
    return words[0], words[1], runs, more


def main(words):
    if words[:1] == ["--group"] and len(words) == 3:
        return group(words[1], words[2])
    program, log, runs, more = arguments(words)
    if not os.path.isfile(log):
        stop(f"`{log}` is no file")
    with tempfile.TemporaryDirectory(prefix="piperoll-bench-") as folder:
        pack, out = os.path.join(folder, "pack"), os.path.join(folder, "groups.csv")
        report = [program, "report", log, *more, "-o", pack, "--quiet"]
        yardstick = [sys.executable, os.path.abspath(__file__), "--group", log, out]
        pairs = []
        for run in range(runs + 1):
            shutil.rmtree(pack, ignore_errors=True)
            pair = measured(report), measured(yardstick)
            # The first pair fills the caches and does not count.
            if run:
                pairs.append(pair)
    print("| measure | piperoll | DuckDB | ratio |")
    print("|---|---:|---:|---:|")
    for at, name in enumerate(["CPU s", "wall s", "peak MiB"]):
        ours, theirs = (statistics.median(pair[who][at] for pair in pairs) for who in (0, 1))
        ratio = statistics.median(pair[0][at] / pair[1][at] for pair in pairs)
        print(f"| {name} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} |")
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
