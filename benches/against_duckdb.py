#!/usr/bin/env python3
"""Measures `piperoll report` against DuckDB grouping the same Vault audit log once, or, with --query,
`piperoll query` over a store of the log against DuckDB over the Parquet of that store.

    python3 benches/against_duckdb.py PIPEROLL LOG [--query] [--runs 5] [-- ARGUMENT...]

PIPEROLL is the program, LOG one uncompressed Vault audit log; what follows `--` goes to
`piperoll report` (`-c piperoll.toml`, more inputs) or to `piperoll query`. The two run in turn, and each figure is the
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

# The same of what a store keeps: joined operations for piperoll, records for DuckDB.
ASKED = """
SELECT display_name, entity_id, mount, operation, COUNT(*) AS asked, MIN("at") AS begins, MAX("at") AS ends
FROM {rows} GROUP BY display_name, entity_id, mount, operation ORDER BY 1, 2, 3, 4
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


def question(store, out):
    """The same question to the Parquet of a store, in a process of its own."""
    import duckdb

    rows = os.path.join(store, "record", "**", "*.parquet").replace("'", "''")
    asked = ASKED.format(rows=f"read_parquet('{rows}')").strip()
    out = out.replace("'", "''")
    duckdb.connect().execute(f"COPY ({asked}) TO '{out}' (HEADER false)")


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
    queries = "--query" in words
    words = [word for word in words if word != "--query"]
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
    return words[0], words[1], runs, queries, more


def reports(program, log, more, folder):
    """The commands of a pair, and what the first of them leaves that the next run would not have."""
    pack, out = os.path.join(folder, "pack"), os.path.join(folder, "groups.csv")
    report = [program, "report", log, *more, "-o", pack, "--quiet"]
    return report, [sys.executable, os.path.abspath(__file__), "--group", log, out], pack


def questions(program, log, more, folder):
    """The same of a question; the store is made here, and the first pair, which is not counted,
    joins its tables."""
    store, out = os.path.join(folder, "store"), os.path.join(folder, "answer.csv")
    theirs = os.path.join(folder, "groups.csv")
    measured([program, "ingest", log, "--store", store])
    asked = ASKED.format(rows="event").strip()
    query = [program, "query", asked, "--store", store, *more, "--format", "csv", "-o", out]
    return query, [sys.executable, os.path.abspath(__file__), "--ask", store, theirs], out


def main(words):
    if words[:1] == ["--group"] and len(words) == 3:
        return group(words[1], words[2])
    if words[:1] == ["--ask"] and len(words) == 3:
        return question(words[1], words[2])
    program, log, runs, queries, more = arguments(words)
    if not os.path.isfile(log):
        stop(f"`{log}` is no file")
    with tempfile.TemporaryDirectory(prefix="piperoll-bench-") as folder:
        made = (questions if queries else reports)(program, log, more, folder)
        ours, yardstick, leaves = made
        pairs = []
        for run in range(runs + 1):
            shutil.rmtree(leaves, ignore_errors=True)
            if os.path.isfile(leaves):
                os.remove(leaves)
            pair = measured(ours), measured(yardstick)
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
