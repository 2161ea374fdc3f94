"""Asks what piperoll's rules ask in SQL, in DuckDB and in DataFusion, and compares the rows.

    python3 compare.py TABLES...

Each TABLES is what `piperoll tables -o TABLES --answered` wrote: a folder of Parquet files for each
table, `tables.json`, `questions.ndjson`, and under `answers` what the embedded engine answered. Each
question is asked in both engines, and its rows, sorted, must be those of the embedded engine.

It ends with 1 where a table lacks rows, a question is refused, or an answer differs. The two engines
are asked the text as it stands, but for what `DuckDb` says of itself.
"""

import argparse
import datetime
import json
import pathlib
import re
import sys
import time

import datafusion
import duckdb

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class DuckDb:
    """DuckDB takes `at` for a word of its own, and names `regexp_like` otherwise."""

    name = "DuckDB"
    version = duckdb.__version__

    def __init__(self):
        self.connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("CREATE MACRO regexp_like(t, p) AS regexp_matches(t, p)")

    def register(self, table, folder):
        text = str(folder).replace("'", "''")
        self.connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{text}/*.parquet')")

    def ask(self, sql):
        # Every other part is a text in quotes.
        parts = re.split(r"('(?:[^']|'')*')", sql)
        parts[::2] = [re.sub(r"\bat\b", '"at"', part) for part in parts[::2]]
        return self.connection.sql("".join(parts)).to_arrow_table()


class DataFusion:
    """DataFusion is asked the text as it stands."""

    name = "DataFusion"
    version = datafusion.__version__

    def __init__(self):
        self.context = datafusion.SessionContext()

    def register(self, table, folder):
        self.context.register_parquet(table, f"{folder}/")

    def ask(self, sql):
        return self.context.sql(sql).to_arrow_table()


def plain(value):
    """A cell as answers have it: whole numbers, reals, texts, times in microseconds."""
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (aware - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, bool):
        return int(value)
    if hasattr(value, "as_tuple"):
        return int(value) if value.as_tuple().exponent >= 0 else float(value)
    return value


def text_of(row):
    """A row as one text; a cell without a value is not in it."""
    cells = {name: plain(value) for name, value in row.items() if value is not None}
    return json.dumps(cells, sort_keys=True)


def embedded(folder):
    """The sorted rows that the embedded engine answered."""
    lines = (line for part in sorted(folder.glob("part-*")) for line in part.read_text("utf-8").split("\n"))
    return sorted(text_of(json.loads(line)) for line in lines if line)


def differs(found, wanted):
    """The first rows in which two sorted answers differ; none where they are the same."""
    if found == wanted:
        return None
    more = next((row for row in found if found.count(row) > wanted.count(row)), "")
    less = next((row for row in wanted if wanted.count(row) > found.count(row)), "")
    return f"only here {more[:300] or 'nothing'}; only embedded {less[:300] or 'nothing'}"


def compare(kind, tables):
    """The faults of an engine over one folder of tables, and how many of the questions had rows."""
    began, engine, faults = time.monotonic(), kind(), []
    contents = json.loads((tables / "tables.json").read_text("utf-8"))
    for table, said in sorted(contents["tables"].items()):
        engine.register(table, tables / table)
        found = engine.ask(f"SELECT count(*) AS n FROM {table}").column("n")[0].as_py()
        if found != said["rows"]:
            faults.append(f"{table}: {found} rows, and {said['rows']} were written")
    questions = (tables / "questions.ndjson").read_text("utf-8").split("\n")
    questions = [json.loads(line) for line in questions if line]
    held = set()
    for question in questions:
        try:
            answer = engine.ask(question["sql"])
        except Exception as error:  # a question that is refused is named, and the others are asked
            faults.append(f"{question['id']}: refused: {' '.join(str(error).split())[:300]}")
            continue
        found = sorted(text_of(row) for row in answer.to_pylist())
        wanted = embedded(tables / "answers" / question["id"])
        if wanted and not question["id"].endswith(".population"):
            held.add(question["id"])
        fault = differs(found, wanted)
        if fault:
            faults.append(f"{question['id']}: {fault}")
    took = time.monotonic() - began
    print(
        f"{kind.name} {kind.version}: {len(questions)} questions over {tables.name}, {len(held)} rules "
        f"with rows, {len(faults)} faults, {took:.1f} s"
    )
    for fault in faults:
        print(f"  {kind.name}: {fault}", file=sys.stderr)
    return len(faults), held


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("tables", nargs="+", type=pathlib.Path)
    faults, held = 0, set()
    for tables in arguments.parse_args().tables:
        for kind in (DuckDb, DataFusion):
            found, rules = compare(kind, tables)
            faults, held = faults + found, held | rules
    print(f"{len(held)} rules in SQL answered with rows somewhere")
    # Answers without a row are equal whatever an engine does.
    if not held:
        print("error: no rule answered with a row: nothing was compared", file=sys.stderr)
    sys.exit(1 if faults or not held else 0)


if __name__ == "__main__":
    main()
