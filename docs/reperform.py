#!/usr/bin/env python3
"""Re-performs an evidence pack of piperoll without piperoll: every piece of evidence, every count.

    python3 reperform.py PACK INPUT...     INPUT as it was given to `piperoll report`

Python 3.9 or later and its standard library; for .zst inputs also the program `zstd`, where
Python is older than 3.14. Writes one line per kind of row, and one per row that does not hold.
Exit: 0 everything holds, 1 something does not, 2 the pack or an input cannot be read.
"""

import argparse
import bisect
import collections
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import zlib

csv.field_size_limit(1 << 30)
SHOWN = 20


def stop(message):
    print("error: " + message, file=sys.stderr)
    sys.exit(2)


class Tally:
    """What held and what did not, by kind of row."""

    def __init__(self):
        self.held = collections.Counter()
        self.failed = collections.defaultdict(list)

    def row(self, kind, holds, said):
        if holds:
            self.held[kind] += 1
        else:
            self.failed[kind].append(said)

    def close(self):
        kinds = sorted(set(self.held) | set(self.failed))
        for kind in kinds:
            failed = self.failed.get(kind, [])
            print(f"{kind}: {self.held[kind]} of {self.held[kind] + len(failed)}")
            for said in failed[:SHOWN]:
                print(f"  does not hold: {said}")
            if len(failed) > SHOWN:
                print(f"  and {len(failed) - SHOWN} more")
        return 1 if any(self.failed.values()) else 0


class Stream:
    """A file: its bytes as stored, and decompressed, with the beginnings of its lines."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.stored = file.read()
        self.text = decompressed(self.stored, path)
        self.wide = self.text[:2] in (b"\xff\xfe", b"\xfe\xff")
        feed = {b"\xff\xfe": b"\n\0", b"\xfe\xff": b"\0\n"}.get(self.text[:2], b"\n")
        self.starts = [2 if self.wide else 0]
        for found in re.finditer(re.escape(feed), self.text):
            if not self.wide or found.start() % 2 == 0:
                self.starts.append(found.end())

    def line_of(self, byte):
        """The line that a byte lies on."""
        return max(1, bisect.bisect_right(self.starts, byte))

    def line(self, number):
        """First byte, and the byte after the last, of a line without its terminator."""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        for ending in (b"\n\0", b"\r\0") if self.wide else (b"\n", b"\r"):
            if self.wide and self.text[:2] == b"\xfe\xff":
                ending = ending[::-1]
            if self.text[start:end].endswith(ending):
                end -= len(ending)
        return start, end


def decompressed(stored, path):
    if stored[:2] == b"\x1f\x8b":
        out, rest = [], stored
        while rest[:2] == b"\x1f\x8b":
            inflate = zlib.decompressobj(31)
            try:
                out.append(inflate.decompress(rest))
            except zlib.error:
                break
            rest = inflate.unused_data
        return b"".join(out)
    if stored[:4] == b"\x28\xb5\x2f\xfd":
        try:
            from compression import zstd

            return zstd.decompress(stored)
        except ImportError:
            pass
        try:
            done = subprocess.run(["zstd", "-dc"], input=stored, capture_output=True)
        except FileNotFoundError:
            stop(f"{path} is compressed with zstd: install the program `zstd`, or use Python 3.14")
        return done.stdout
    return stored


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def plain(name):
    """The bytes of a name as piperoll writes it: `\\xNN` for what is no text."""
    def byte(found):
        return b"\\" if found.group(0) == b"\\\\" else bytes([int(found.group(1), 16)])

    return re.sub(rb"\\x([0-9a-f]{2})|\\\\", byte, name.encode())


class Inputs:
    """The input files by the names they have in the pack."""

    def __init__(self, pack, inputs, configuration):
        bases = []
        for name in inputs:
            whole = os.path.abspath(name)
            if not os.path.exists(whole):
                stop(f"input `{name}` does not exist")
            bases.append(whole if os.path.isdir(whole) else os.path.dirname(whole))
        self.root = os.path.commonpath(bases)
        self.pack, self.configuration = pack, configuration
        self.name, self.stream = None, None

    def open(self, name):
        """The file, or `None`. One is kept: rows come in the order of the files."""
        if name != self.name:
            self.name, self.stream = name, None
            for path in (os.path.join(os.fsencode(self.root), plain(name)),):
                if os.path.isfile(path):
                    self.stream = Stream(path)
                elif name == self.configuration:
                    self.stream = Stream(os.path.join(self.pack, "configuration.toml"))
        return self.stream


def rows(pack, name):
    path = os.path.join(pack, "data", name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def count_of(pack, path):
    """Rows of a table, or records of a file with one on each line."""
    if path.endswith(".csv"):
        return len(rows(pack, os.path.basename(path)))
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def unguarded(cell):
    """A cell without the quote that keeps a spreadsheet from running it."""
    return cell[1:] if re.match(r"'\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]", cell) else cell


def evidence(tally, kind, inputs, name, line, byte, end, what, digest):
    """One piece: exactly these bytes, on that line, of that kind, with that digest."""
    said = f"{name}:{line} bytes {byte} to {end} ({what})"
    stream = inputs.open(name)
    if stream is None:
        return tally.row(kind, False, said + ": the file is not among the inputs")
    if what == "file":
        holds = (byte, end) == (0, len(stream.stored)) and sha256(stream.stored) == digest
        return tally.row(kind, holds, said)
    holds = 0 <= byte <= end <= len(stream.text) and sha256(stream.text[byte:end]) == digest
    holds = holds and stream.line_of(byte) == line
    if what == "line":
        holds = holds and stream.line(line) == (byte, end)
    return tally.row(kind, holds and what in ("line", "record"), said)


def place(tally, kind, inputs, name, line, byte):
    """A place without digest: something begins at this byte of this line."""
    stream = inputs.open(name)
    holds = stream is not None and (byte < len(stream.text) or byte == 0)
    holds = holds and stream.line_of(byte) == line
    if holds and byte > 0 and not stream.wide:
        holds = stream.starts[line - 1] == byte or stream.text[byte : byte + 1] in b"{["
    tally.row(kind, holds, f"{name}:{line} byte {byte}")


def pointer(cell):
    name, _, line = cell.rpartition(":")
    return unguarded(name), int(line)


def integrity(tally, pack, manifest):
    with open(os.path.join(pack, "SHA256SUMS"), encoding="utf-8") as file:
        for line in file:
            digest, name = line.rstrip("\n").split("  ", 1)
            with open(os.path.join(pack, name), "rb") as output:
                tally.row("SHA256SUMS", sha256(output.read()) == digest, name)
    for output in manifest["outputs"]:
        path = os.path.join(pack, output["path"])
        tally.row("manifest outputs", os.path.getsize(path) == output["bytes"], output["path"])
        with open(path, "rb") as file:
            marks = file.read().count(b"****[sha256:")
        tally.row("redactions", marks == output.get("redactions", 0), f"{output['path']}: {marks}")
        if "rows" in output:
            count = count_of(pack, path)
            tally.row("manifest rows", count == output["rows"], f"{output['path']}: {count} rows")


def accounting(tally, inputs, files):
    for row in files:
        name = unguarded(row["file"])
        stream = inputs.open(name)
        holds = stream is not None and len(stream.stored) == int(row["bytes"])
        holds = holds and sha256(stream.stored) == row["sha256"]
        tally.row("input files", holds, name)
        parts = sum(int(row[part]) for part in ("parsed", "skipped", "rejected"))
        tally.row("units of input files", parts == int(row["lines"]), name)


def findings(tally, pack, manifest, inputs):
    found = rows(pack, "findings.csv")
    pieces = rows(pack, "finding_evidence.csv")
    first = {}
    for row in pieces:
        first.setdefault(row["finding_id"], row)
    for row in sorted(pieces, key=lambda row: row["file"]):
        evidence(tally, "evidence of findings", inputs, unguarded(row["file"]), int(row["line"]),
                 int(row["byte"]), int(row["end"]), row["kind"], row["sha256"])
    names = ("file", "line", "byte", "end", "kind", "sha256")
    for row in found:
        piece = first.get(row["finding_id"], {})
        same = all(row["evidence_" + name] == piece.get(name) for name in names)
        tally.row("first evidence of findings", same, row["finding_id"])
    ids = [row["finding_id"] for row in found]
    tally.row("findings in the manifest", len(ids) == manifest["totals"]["findings"], str(len(ids)))
    tally.row("findings are named once", len(ids) == len(set(ids)), "finding_id")
    by_rule = collections.Counter(row["rule_id"] for row in found)
    for row in rows(pack, "rules.csv"):
        count = by_rule[row["rule_id"]]
        tally.row("findings of rules", count == int(row["findings"]), f"{row['rule_id']}: {count}")
    by_control = collections.Counter()
    for row in found:
        for column, framework in (("soc2", "soc2-2017"), ("iso27001", "iso27001-2022")):
            for control in filter(None, row[column].split(";")):
                by_control[(framework, control)] += 1
    # The ids of other frameworks follow from these: by the rules that the map names.
    for row in rows(pack, "control_map.csv"):
        if row["framework"] not in ("soc2-2017", "iso27001-2022"):
            by_control[(row["framework"], row["control"])] += by_rule[row["rule_id"]]
    for row in rows(pack, "control_matrix.csv"):
        count = by_control[(row["framework"], row["control"])]
        said = f"{row['framework']} {row['control']}: {count}"
        tally.row("findings of controls", count == int(row["findings"]), said)


def places(tally, pack, inputs, files):
    wanted = []
    for row in rows(pack, "identity_edges.csv"):
        for side in ("left", "right"):
            if row[side + "_evidence"]:
                name, line = pointer(row[side + "_evidence"])
                wanted.append((name, line, int(row[side + "_byte"]), "ends of identity edges"))
    for row in rows(pack, "identity_chains.csv"):
        name, line = unguarded(row["evidence_file"]), int(row["evidence_line"])
        wanted.append((name, line, int(row["evidence_byte"]), "rows of identity chains"))
    for row in rows(pack, "exceptions.csv"):
        if row["ended_at"]:
            name, line = unguarded(row["ended_file"]), int(row["ended_line"])
            wanted.append((name, line, int(row["ended_byte"]), "ends of exceptions"))
    for name, line, byte, kind in sorted(wanted):
        place(tally, kind, inputs, name, line, byte)
    rejected = collections.Counter()
    for row in sorted(rows(pack, "rejected_lines.csv"), key=lambda row: row["file"]):
        name = unguarded(row["file"])
        rejected[name] += 1
        stream = inputs.open(name)
        holds = stream is not None and stream.line_of(int(row["byte"])) == int(row["line"])
        tally.row("rejected lines", holds, f"{name}:{row['line']}")
    for row in files:
        name = unguarded(row["file"])
        # A record that is rejected may have taken several lines.
        tally.row("rejected units are listed", rejected[name] <= int(row["rejected"])
                  and (rejected[name] > 0) == (int(row["rejected"]) > 0), name)


def bridges(tally, pack, files):
    """Records to events: each bridge adds up, and together they are what the files hold."""
    counted = rows(pack, "reconciliation.csv")
    merged = ("repeated", "pairs_merged", "operations_merged", "pieces_merged", "things")
    for row in counted:
        parts = sum(int(row[name]) for name in merged)
        holds = int(row["records"]) == parts and int(row["unexplained"]) == 0
        tally.row("records to things", holds, row["source"])
        parts = sum(int(row[name]) for name in ("outside_period", "undated", "in_period"))
        tally.row("things by period", int(row["things"]) == parts, row["source"])
    # A trace is one record that spans many times; what states no time is in no bridge.
    dated = sum(int(row["in_period"]) + int(row["outside_period"])
                for row in files if row["source"] != "gitlab-trace")
    records = sum(int(row["records"]) - int(row["undated"]) for row in counted)
    said = f"files {dated}, bridges {records}"
    tally.row("records of files and of bridges", dated == records, said)
    repeated = sum(int(row["duplicates"]) for row in files)
    said = sum(int(row["repeated"]) for row in counted if row["source"] != "gitlab-jobs")
    tally.row("repeated records of files and of bridges", repeated == said, f"{repeated}, {said}")
    events = sum(int(row["in_period"]) for row in counted if row["source"] != "gitlab-jobs")
    chains = len(rows(pack, "identity_chains.csv"))
    tally.row("events in the period are chains", events == chains, f"{events}, {chains}")


def populations(tally, pack, inputs):
    """Every row of a population: its evidence, its id, and how many there are said to be."""
    for said in rows(pack, "population_counts.csv"):
        name = said["population_id"]
        found = rows(pack, name + ".csv")
        tally.row("rows of populations", len(found) == int(said["rows"]), f"{name}: {len(found)}")
        ids = {row["row_id"] for row in found}
        tally.row("rows of populations are named once", len(ids) == len(found), name)
        for row in sorted(found, key=lambda row: row["evidence_file"]):
            evidence(tally, "evidence of populations", inputs, unguarded(row["evidence_file"]),
                     int(row["evidence_line"]), int(row["evidence_byte"]), int(row["evidence_end"]),
                     row["evidence_kind"], row["evidence_sha256"])


def systems(tally, pack):
    """The counts of systems, second sources and audit devices tie with the others."""
    named = rows(pack, "source_systems.csv")
    events = sum(int(row["records_in_period"]) for row in named if row["log"] != "jobs")
    chains = len(rows(pack, "identity_chains.csv"))
    if named:
        tally.row("events of the systems named", events == chains, f"{events}, {chains}")
    held = rows(pack, "second_source.csv")
    logins = sum(int(row["records_in_period"]) for row in held
                 if row["records"].startswith("logins to Vault"))
    said = sum(int(row["value"]) for row in rows(pack, "metrics.csv") if row["metric"] == "logins")
    tally.row("logins held against a second source", logins == said, f"{logins}, {said}")
    known = set()
    for row in rows(pack, "audit_devices.csv"):
        has = int(row["requests"])
        parts = sum(int(row[name]) for name in ("both_records", "request_only", "response_only"))
        holds = parts == has and int(row["on_no_other_device"]) <= has
        known.add(has + int(row["on_other_devices_only"]))
        tally.row("requests of audit devices", holds and len(known) == 1, row["device"])


def handles(tally, pack, inputs):
    """A cited record of Vault has the accessor that the finding names, or one that another audit
    device writes for it."""
    written = collections.defaultdict(set)
    for row in rows(pack, "credential_names.csv"):
        written[row["credential_id"]].add(row["also_written_as"])
    prefix = "vault:accessor/"
    for row in sorted(rows(pack, "identity_chains.csv"), key=lambda row: row["evidence_file"]):
        credential = row["credential_id"]
        stream = inputs.open(unguarded(row["evidence_file"]))
        if stream is None or not credential.startswith(prefix + "hmac-"):
            continue
        at = int(row["evidence_byte"])
        text = stream.text[at : stream.text.find(b"\n", at) + 1 or None]
        said = set(re.findall(rb'"accessor":"(hmac-sha256:[0-9a-f]+)"', text))
        fit = {handle.encode() for handle in written[credential] | {credential[len(prefix):]}}
        # The request of a login has no token yet.
        tally.row("accessors of records in chains", not said or bool(said & fit),
                  f"{row['evidence_file']}:{row['evidence_line']} {credential}")
    named = {row["finding_id"]: row["subject"] for row in rows(pack, "findings.csv")
             if row["subject"].startswith(prefix + "hmac-")}
    pieces = [row for row in rows(pack, "finding_evidence.csv") if row["finding_id"] in named]
    for row in sorted(pieces, key=lambda row: row["file"]):
        stream = inputs.open(unguarded(row["file"]))
        if stream is None or row["kind"] == "file":
            continue
        text = stream.text[int(row["byte"]) : int(row["end"])]
        credential = named[row["finding_id"]]
        fit = written[credential] | {credential[len(prefix):]}
        holds = b"hmac-sha256:" not in text or any(handle.encode() in text for handle in fit)
        tally.row("accessors of cited records", holds, f"{row['file']}:{row['line']} {credential}")


def metrics(tally, pack):
    """Every count of the pack, counted again from the table that it is of."""
    counted = {}

    def add(metric, of, value=1):
        counted[metric, of] = counted.get((metric, of), 0) + value

    add("events", "in the period", len(rows(pack, "identity_chains.csv")))
    add("edges", "all", len(rows(pack, "identity_edges.csv")))
    for row in rows(pack, "coverage.csv"):
        add("files", row["source"])
        for of in ("parsed", "skipped", "rejected"):
            add("units", of, int(row[of]))
    for row in rows(pack, "findings.csv"):
        add("findings", row["severity"] + " " + row["status"])
    for row in rows(pack, "rules.csv"):
        add("rules", row["outcome"])
    for row in rows(pack, "control_matrix.csv"):
        add("controls", row["framework"] + " " + row["state"])
    for row in rows(pack, "population_counts.csv"):
        add("population", row["population_id"], int(row["rows"]))
    for row in rows(pack, "metrics.csv"):
        key = row["metric"], unguarded(row["of"])
        # How sure a login is stands in no table of its own.
        if key[0] != "logins":
            tally.row("counts of metrics.csv", counted.pop(key, 0) == int(row["value"]), " ".join(key))
    for key, value in counted.items():
        tally.row("counts of metrics.csv", value == 0, " ".join(key) + " is not counted there")


def percent(part, whole):
    """Hundredths of a percent, cut."""
    share = part * 10000 // whole
    return f"{share // 100}.{share % 100:02}"


def rates(tally, pack):
    """Rate, concentration and spread of each rule, from the findings themselves."""
    examined = {row["rule_id"]: int(row["population"]) for row in rows(pack, "rules.csv")}
    exceptions = rows(pack, "exceptions.csv")
    ended = {row["exception_id"] for row in exceptions if row["ended_at"]}
    days = {row["exception_id"]: set(filter(None, row["days"].split(";"))) for row in exceptions}
    cited = collections.Counter(row["finding_id"] for row in rows(pack, "finding_evidence.csv"))
    for row in exceptions:
        # A day is that of a record: the first and the last are among them, no other is outside. What
        # lasts is one occurrence, and a record at each end of it.
        seen = [row[name][:10] for name in ("first_seen", "last_seen") if row[name]]
        own = days[row["exception_id"]]
        holds = set(seen) <= own and len(own) <= max(int(row["count"]), cited[row["exception_id"]])
        holds = holds and (not own or (min(own), max(own)) == (min(seen), max(seen)))
        tally.row("days of exceptions", holds, f"{row['exception_id']}: {row['days']}")
    of = collections.defaultdict(list)
    for row in rows(pack, "findings.csv"):
        of[row["rule_id"]].append(row)
    for row in rows(pack, "exception_rates.csv"):
        found = of.pop(row["rule_id"], [])
        subjects = collections.Counter()
        for one in found:
            subjects[unguarded(one["subject"])] += int(one["count"])
        occurrences, population = sum(subjects.values()), examined[row["rule_id"]]
        most = max(subjects.values(), default=0)
        largest = min((name for name in subjects if subjects[name] == most), default="",
                      key=lambda name: name.encode())
        dated = [one[name] for one in found for name in ("first_seen", "last_seen") if one[name]]
        wanted = {
            "findings": str(len(found)),
            "occurrences": str(occurrences),
            "population": str(population),
            "rate_percent": percent(occurrences, population) if 0 < occurrences <= population else "",
            "subjects": str(len(subjects)),
            "largest_subject": largest,
            "largest_occurrences": str(most),
            "concentration_percent": percent(most, occurrences) if occurrences else "",
            "objects": str(len({one["object"] for one in found})),
            "days": str(len(set().union(*(days[one["finding_id"]] for one in found)))),
            "first_seen": min(dated, default=""),
            "last_seen": max(dated, default=""),
            "ended": str(sum(one["finding_id"] in ended for one in found)),
        }
        row["largest_subject"] = unguarded(row["largest_subject"])
        for name, value in wanted.items():
            tally.row("rates of exceptions", row[name] == value, f"{row['rule_id']} {name}: {value}")
    for rule in of:
        tally.row("rates of exceptions", False, rule + " is not there")


def logic(tally, pack, manifest):
    """The text of every rule has the digest that the manifest names."""
    stated = {rule["id"]: rule["sha256"] for rule in manifest["ruleset"]["rules"]}
    path = os.path.join(pack, "data", "rule_texts.ndjson")
    with open(path, encoding="utf-8") as file:
        for line in file:
            rule = json.loads(line)
            digest = sha256(rule["text"].encode())
            tally.row("texts of rules", stated.get(rule["rule_id"]) == digest, rule["rule_id"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", metavar="PACK")
    parser.add_argument("inputs", metavar="INPUT", nargs="+")
    args = parser.parse_args()
    try:
        with open(os.path.join(args.pack, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
    except OSError as error:
        stop(f"{args.pack} is no pack: {error}")
    if manifest.get("schema") != "piperoll/manifest/1":
        stop("the manifest is of another version")
    configuration = manifest["configuration"].get("file")
    inputs = Inputs(args.pack, args.inputs, configuration)
    files = rows(args.pack, "coverage.csv")
    tally = Tally()
    integrity(tally, args.pack, manifest)
    accounting(tally, inputs, files)
    bridges(tally, args.pack, files)
    findings(tally, args.pack, manifest, inputs)
    places(tally, args.pack, inputs, files)
    handles(tally, args.pack, inputs)
    populations(tally, args.pack, inputs)
    systems(tally, args.pack)
    metrics(tally, args.pack)
    rates(tally, args.pack)
    logic(tally, args.pack, manifest)
    sys.exit(tally.close())


if __name__ == "__main__":
    main()
