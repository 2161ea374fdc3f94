#!/usr/bin/env bash
# Reading and the rules on Spark: the store of shards that executors have read, one of which is
# killed meanwhile, says what one run over the files says; every question of a rule answers row by row
# what the embedded engine answers, and the pack of those answers is, file by file but for run.json,
# the one that `report` writes.
#
#   deploy/spark/test.sh [MASTER...]     default: local-cluster[2,1,1024]; `standalone` starts a master
#                                        and two workers on 127.0.0.1 and ends them
#
# PIPEROLL, PYTHON, INPUT and CONFIG say which binary, which Python with pyspark, and over which
# inputs. Without Java or pyspark, and where no executor starts, it is skipped, and says so; exit 77.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
piperoll=${PIPEROLL:-$root/target/debug/piperoll}
python=${PYTHON:-python3}
input=${INPUT:-$root/fixtures/estate}
config=${CONFIG:-$input/piperoll.toml}

skip() {
  echo "SKIPPED: deploy/spark/test.sh: $1" >&2
  exit 77
}
command -v java >/dev/null || skip "there is no java (Java 17 or later)"
home=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))' 2>/dev/null) \
  || skip "there is no pyspark (pip install pyspark==4.3.0)"

export SPARK_HOME=$home SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$python
work=$(mktemp -d)
limit=
started=()
finish() {
  local pid
  for pid in "${started[@]+"${started[@]}"}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

on() {
  local master=$1
  shift
  ${limit:+timeout "$limit"} "$home/bin/spark-submit" --master "$master" \
    --conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 \
    --conf spark.ui.enabled=false --conf spark.executor.memory=1g \
    --conf spark.sql.shuffle.partitions=4 \
    "$@" 2>"$work/spark.log"
}

submit() {
  local master=$1 job=$2
  shift 2
  on "$master" "$here/$job" "$@" || {
    grep '^error: ' "$work/spark.log" >&2 || tail -n 40 "$work/spark.log" >&2
    return 1
  }
}

# Whether executors start and answer on this machine at all.
starts() {
  cat >"$work/probe.py" <<'PROBE'
from pyspark.sql import SparkSession

assert SparkSession.builder.getOrCreate().range(8).count() == 8
PROBE
  # Without room for an executor Spark waits for one.
  limit=180 on "$1" "$work/probe.py"
}

# A master and two workers, which end with this script.
standalone() {
  local class=org.apache.spark.deploy port=17077 number
  "$home/bin/spark-class" $class.master.Master --host 127.0.0.1 --port $port --webui-port 0 \
    >"$work/master.log" 2>&1 &
  started+=($!)
  for number in 1 2; do
    "$home/bin/spark-class" $class.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g \
      --webui-port 0 --work-dir "$work/worker-$number" spark://127.0.0.1:$port \
      >"$work/worker-$number.log" 2>&1 &
    started+=($!)
  done
  for _ in $(seq 60); do
    [ "$(grep -c 'Registering worker' "$work/master.log")" = 2 ] && return 0
    sleep 1
  done
  echo "error: two workers did not register at spark://127.0.0.1:$port" >&2
  return 1
}

"$piperoll" ingest "$input" -c "$config" --store "$work/store" --quiet
"$piperoll" report --store "$work/store" -c "$config" -o "$work/wanted" --quiet
"$piperoll" tables --store "$work/store" -c "$config" -o "$work/tables" --answered

# Stands for piperoll on the executors: the first to read the second shard kills its executor.
cat >"$work/piperoll" <<PROGRAM
#!/usr/bin/env bash
case " \$* " in *" 2/4 "*)
  if mkdir "$work/killed" 2>/dev/null; then
    pid=\$\$
    while [ "\$pid" -gt 1 ] && ! grep -qa CoarseGrainedExecutorBackend "/proc/\$pid/cmdline"; do
      pid=\$(ps -o ppid= -p "\$pid" | tr -d ' ')
    done
    [ "\$pid" -gt 1 ] && kill -9 "\$pid"
    exit 1
  fi ;;
esac
exec "$(realpath "$piperoll")" "\$@"
PROGRAM
chmod +x "$work/piperoll"

[ $# -gt 0 ] || set -- 'local-cluster[2,1,1024]'
for master in "$@"; do
  answers=$work/answers pack=$work/pack
  rm -rf "$answers" "$pack"
  echo "==> $master"
  if [ "$master" = standalone ]; then
    standalone
    master=spark://127.0.0.1:17077
  fi
  starts "$master" || skip "Spark does not start here: $(tail -n 1 "$work/spark.log")"
  rm -rf "$work/shards" "$work/store" "$work/killed"
  mkdir "$work/shards"
  submit "$master" piperoll_ingest.py --shards 4 --into "$work/shards" \
    --piperoll "$work/piperoll" --config "$config" -- "$input"
  [ -d "$work/killed" ] || { echo "error: no executor was killed" >&2; exit 1; }
  "$piperoll" ingest --from-shards "$work"/shards/shard-* --store "$work/store"
  "$piperoll" report --store "$work/store" -c "$config" -o "$work/sharded" --quiet
  diff -r --exclude run.json "$work/wanted" "$work/sharded"
  rm -rf "$work/sharded"
  submit "$master" piperoll_job.py --tables "$work/tables" --answers "$answers" --compare "$work/tables/answers"
  "$piperoll" pack --store "$work/store" -c "$config" --answers "$answers" -o "$pack" --quiet
  diff -r --exclude run.json "$work/wanted" "$pack"
  "$piperoll" verify "$pack"
done
