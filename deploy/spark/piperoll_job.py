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
import urllib.parse

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


def ask(spark, question, answers, mode):
    """Asks one question and writes its rows."""
    frame = spark.sql(question["sql"])
    lines = frame.select([plain(field) for field in frame.schema.fields])
    written = lines.select(F.to_json(F.struct("*")).alias("value")).write.mode(mode)
    written.text(f"{answers}/{question['id']}")
    return {
        "id": question["id"],
        "sql_sha256": hashlib.sha256(question["sql"].encode("utf-8")).hexdigest(),
        "columns": frame.columns,
    }


def reason(error):
    """Why a question was refused: what Spark's exceptions end with, not what wraps it."""
    text = str(error).strip() or type(error).__name__
    causes = [line.strip() for line in text.splitlines() if line.strip().startswith("Caused by: ")]
    return " ".join((causes[-1] if causes else text).split())[:300]


def lines_of(spark, answers):
    """Every row of every answer below a folder, and the question that it answers."""
    files = spark.read.option("recursiveFileLookup", "true").option("pathGlobFilter", "part-*")
    question = F.element_at(F.split(F.input_file_name(), "/"), -2)
    return files.text(answers).select(question.alias("question"), F.col("value"))


def counted(spark, answers):
    """How many rows each answer has."""
    counts = lines_of(spark, answers).groupBy("question").count().collect()
    return collections.Counter({urllib.parse.unquote(row["question"]): row["count"] for row in counts})


def rows_of(spark, answers):
    """The rows of each answer, each as one text, and how often it is there."""
    rows = collections.defaultdict(collections.Counter)
    for line in lines_of(spark, answers).collect():
        text = json.dumps(json.loads(line["value"]), sort_keys=True)
        rows[urllib.parse.unquote(line["question"])][text] += 1
    return rows


def compared(spark, answers, embedded, answered):
    """Holds every answer against the embedded engine's, prints both counts, and says what differs."""
    ours, theirs = rows_of(spark, answers), rows_of(spark, embedded)
    for answer in answered:
        name = answer["id"]
        found, wanted = ours[name], theirs[name]
        same = "same" if found == wanted else "DIFFERS"
        print(f"{name}\t{sum(found.values())} rows\t{sum(wanted.values())} rows embedded\t{same}", flush=True)
        if found != wanted:
            more, less = list(found - wanted), list(wanted - found)
            yield f"{name}: Spark only {more[:1]}, embedded only {less[:1]}"


def lacking(spark, tables, table, wanted):
    """Makes a table known by its name; says so where it does not hold as many rows as were written."""
    frame = spark.read.parquet(f"{tables}/{table}")
    found = frame.count()
    # Of a table that is known to be empty Spark plans no reading, and often no question either.
    (frame if found else frame.limit(0)).createOrReplaceTempView(table)
    return [] if found == wanted else [f"{table}: {found} rows, and {wanted} were written"]


def fit(spark, contents):
    """Fits Spark to the tables, where whoever submits does not say otherwise.

    A shuffle goes into as many parts as there are 100,000 rows in the largest table: Spark's own 200
    take longer than the questions where tables are small, and are too few where they are large; its
    adaptive execution joins parts that turn out small. What is sent whole to every executor is a tenth
    of what Spark allows: it goes by the size of Parquet, of which the rows take a multiple, and several
    questions that each send a dozen tables met a driver of the default memory.
    """
    largest = max((table["rows"] for table in contents["tables"].values()), default=0)
    said = spark.sparkContext.getConf()
    for name, value in [
        ("spark.sql.shuffle.partitions", max(4, largest // 100_000)),
        ("spark.sql.autoBroadcastJoinThreshold", 1 << 20),
    ]:
        if not said.contains(name):
            spark.conf.set(name, value)


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
    fit(spark, contents)
    began = time.monotonic()
    answered, faults = [], []
    with concurrent.futures.ThreadPoolExecutor(asked.at_once) as pool:
        held = sorted(contents["tables"].items())
        read = [pool.submit(lacking, spark, tables, name, table["rows"]) for name, table in held]
        faults += [fault for table in read for fault in table.result()]
        print(f"{len(held)} tables, {time.monotonic() - began:.2f} s", flush=True)

        def one(question, mode="error"):
            began = time.monotonic()
            try:
                return ask(spark, question, answers, mode), time.monotonic() - began, None
            except Exception as error:  # a question that is refused is named, and the others are asked
                return None, 0.0, reason(error)

        refused = []
        for question, (answer, took, fault) in zip(questions, pool.map(one, questions)):
            if fault is not None:
                refused.append(question)
                print(f"{question['id']}: refused beside others: {fault}", flush=True)
                continue
            answered.append(answer)
            print(f"{answer['id']}\t{took:.2f} s", flush=True)
    # What several questions at once have no room for, one alone may.
    for question in refused:
        answer, took, fault = one(question, "overwrite")
        if fault is not None:
            faults.append(f"{question['id']}: refused: {fault}")
            continue
        answered.append(answer)
        print(f"{answer['id']}\t{took:.2f} s", flush=True)
    rows = counted(spark, answers) if answered else {}
    for answer in answered:
        answer["rows"] = rows[answer["id"]]
    took = time.monotonic() - began
    if asked.compare:
        faults += compared(spark, answers, asked.compare, answered)
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
    total = sum(answer["rows"] for answer in answered)
    print(f"{len(answered)} of {len(questions)} questions, {total} rows, {took:.0f} s, {len(faults)} fault(s)")
    spark.stop()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
