"""Reads logs and exports on Spark's executors, each a share of the files, for one store of them all.

    spark-submit piperoll_ingest.py --shards COUNT --into FOLDER [--piperoll PROGRAM] [--config FILE]
        -- INPUT...

FOLDER lies where every executor and the driver read and write (NFS, Filestore, FSx, a mounted
bucket), and so do the inputs. Each task runs `piperoll ingest INPUT... --shard NUMBER/COUNT --store
FOLDER/shard-NUMBER`; which file belongs to which shard follows from its name. Afterwards

    piperoll ingest --from-shards FOLDER/shard-* --store STORE

makes the store that one run over all inputs would have made. PROGRAM is the path of `piperoll` on
the executors; what `--files` has shipped is found by its name.

A task whose executor is lost is run again by Spark; its store goes on where it was. A file that can
be read in part only (a truncated gzip) is named, and one that cannot be read at all is an error; the
job goes on with the others. It ends with 3 where there is such an error, with 1 where a shard could
not be made.
"""

import argparse
import json
import os
import subprocess
import sys

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def ingested(number, arguments):
    """One shard: what was said of its files, or an error for Spark to try again."""
    shipped = SparkFiles.get(os.path.basename(arguments.piperoll))
    program = shipped if os.path.exists(shipped) else arguments.piperoll
    store = os.path.join(arguments.into, f"shard-{number}")
    words = [program, "ingest", *arguments.inputs, "--shard", f"{number}/{arguments.shards}"]
    if arguments.config:
        words += ["--config", arguments.config]
    ran = subprocess.run(
        [*words, "--store", store, "--format", "json"], capture_output=True, check=False
    )
    # 3 also says that a file could not be read to its end: then what was read is told.
    if ran.returncode not in (0, 3) or not ran.stdout:
        raise RuntimeError(f"shard {number}: {ran.stderr.decode('utf-8', 'replace')}")
    return number, json.loads(ran.stdout)["files"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shards", type=int, required=True, help="how many tasks share the files")
    parser.add_argument("--into", required=True, help="where the shards come to lie")
    parser.add_argument("--piperoll", default="piperoll", help="the program on the executors")
    parser.add_argument("--config", help="piperoll.toml, which is no input where it lies among them")
    parser.add_argument("inputs", nargs="+", metavar="INPUT")
    arguments = parser.parse_args()
    context = SparkSession.builder.appName("piperoll ingest").getOrCreate().sparkContext
    numbers = context.parallelize(range(1, arguments.shards + 1), arguments.shards)
    done = numbers.map(lambda number: ingested(number, arguments)).collect()
    unreadable = 0
    for number, files in sorted(done):
        records = sum(file["records"] for file in files)
        print(f"shard {number}/{arguments.shards}: {len(files)} file(s), {records} records")
        for file in files:
            if file["torn"]:
                print(f"warning: {json.dumps(file['file'])}: {file['torn']}", file=sys.stderr)
            if file["unreadable"]:
                unreadable += 1
                print(f"error: {json.dumps(file['file'])}: {file['unreadable']}", file=sys.stderr)
    return 3 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
