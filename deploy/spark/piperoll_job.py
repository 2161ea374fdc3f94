"""Asks what piperoll's rules ask in SQL, on Spark, and writes what `piperoll pack` takes.

    spark-submit piperoll_job.py --tables TABLES --answers ANSWERS [--compare TABLES/answers]

TABLES is what `piperoll tables --store STORE -o TABLES` wrote: a folder of Parquet files for each
table, `tables.json` and `questions.ndjson`. Each question is asked as it is written there; its rows
go to a folder of ANSWERS of its id, and `answers.json` is written last. Both may lie wherever Spark
reads and writes (file, hdfs, gs, s3a).

The job ends with 1 where a table lacks rows, a question is refused, or, with --compare, an answer is
not, row by row, what the embedded engine answered (`piperoll tables --answered`).
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

# What the subset of SQL needs: quoted names are names, backslashes are text, times are in UTC.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
}


class Files:
    """Small files on whatever file system Spark knows."""

    def __init__(self, spark):
        self.jvm = spark.sparkContext._jvm
        self.configuration = spark.sparkContext._jsc.hadoopConfiguration()

    def of(self, path):
        path = self.jvm.org.apache.hadoop.fs.Path(path)
        return path.getFileSystem(self.configuration), path

    def read(self, path):
        system, path = self.of(path)
        stream = system.open(path)
        try:
            return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream)).decode("utf-8")
        finally:
            stream.close()

    def write(self, path, text):
        system, path = self.of(path)
        stream = system.create(path, False)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()


def plain(field):
    """A column as answers have it: whole numbers, reals, texts, times in microseconds."""
    column = F.col(f"`{field.name}`")
    if isinstance(field.dataType, (T.TimestampType, T.TimestampNTZType)):
        return F.unix_micros(column.cast("timestamp")).alias(field.name)
    if isinstance(field.dataType, T.DecimalType):
        kind = "bigint" if field.dataType.scale == 0 else "double"
        return column.cast(kind).alias(field.name)
    # A column that is NULL and nothing else has no type of its own.
    if isinstance(field.dataType, (T.NullType, T.BooleanType, T.ByteType, T.ShortType, T.IntegerType)):
        return column.cast("bigint").alias(field.name)
    if isinstance(field.dataType, T.FloatType):
        return column.cast("double").alias(field.name)
    return column


def ask(spark, question, answers):
    """Asks one question, writes its rows, and says how many there are."""
    began = time.monotonic()
    frame = spark.sql(question["sql"])
    lines = frame.select([plain(field) for field in frame.schema.fields])
    folder = f"{answers}/{question['id']}"
    lines.select(F.to_json(F.struct("*")).alias("value")).write.text(folder)
    answer = {
        "id": question["id"],
        "sql_sha256": hashlib.sha256(question["sql"].encode("utf-8")).hexdigest(),
        "columns": frame.columns,
        "rows": spark.read.text(folder).count(),
    }
    return answer, time.monotonic() - began


def rows_of(spark, folder):
    """The rows of an answer, each as one text, and how often it is there."""
    rows = (json.loads(line.value) for line in spark.read.text(folder).toLocalIterator())
    return collections.Counter(json.dumps(row, sort_keys=True) for row in rows)


def lacking(spark, tables, contents):
    """Tables that do not hold as many rows as were written."""
    for name, table in sorted(contents["tables"].items()):
        frame = spark.read.parquet(f"{tables}/{name}")
        frame.createOrReplaceTempView(name)
        found = frame.count()
        if found != table["rows"]:
            yield f"{name}: {found} rows, and {table['rows']} were written"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tables", required=True)
    arguments.add_argument("--answers", required=True)
    arguments.add_argument("--compare")
    arguments.add_argument("--at-once", type=int, default=4, help="questions asked at once")
    asked = arguments.parse_args()
    tables, answers = asked.tables.rstrip("/"), asked.answers.rstrip("/")

    builder = SparkSession.builder.appName("piperoll")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    files = Files(spark)
    contents = json.loads(files.read(f"{tables}/tables.json"))
    questions = files.read(f"{tables}/questions.ndjson").split("\n")
    questions = [json.loads(line) for line in questions if line]
    faults = list(lacking(spark, tables, contents))

    def one(question):
        try:
            return (*ask(spark, question, answers), None)
        except Exception as error:  # a question that is refused is named, and the others are asked
            return None, 0.0, " ".join(str(error).split())[:300] or type(error).__name__

    answered = []
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(asked.at_once) as pool:
        for question, (answer, took, fault) in zip(questions, pool.map(one, questions)):
            if fault is not None:
                faults.append(f"{question['id']}: refused: {fault}")
                continue
            answered.append(answer)
            same = ""
            if asked.compare:
                found = rows_of(spark, f"{answers}/{answer['id']}")
                wanted = rows_of(spark, f"{asked.compare}/{answer['id']}")
                same = "same" if found == wanted else "DIFFERS"
                if found != wanted:
                    more, less = list(found - wanted), list(wanted - found)
                    faults.append(f"{answer['id']}: Spark only {more[:1]}, embedded only {less[:1]}")
            print(f"{answer['id']}\t{answer['rows']}\t{took:.2f} s\t{same}", flush=True)
    if not questions:
        faults.append("there are no questions")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if not faults:
        engine = f"Spark {spark.version}"
        text = {
            "schema": "piperoll/answers/1",
            "made_of_sha256": contents["made_of_sha256"],
            "engine": engine,
            "questions": answered,
        }
        files.write(f"{answers}/answers.json", json.dumps(text) + "\n")
    rows = sum(answer["rows"] for answer in answered)
    took = time.monotonic() - began
    print(f"{len(answered)} of {len(questions)} questions, {rows} rows, {took:.0f} s, {len(faults)} fault(s)")
    spark.stop()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
