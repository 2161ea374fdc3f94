#!/usr/bin/env bash
# Reading and the rules on Spark: the store of shards that executors have read says what one run over
# the files says; every question of a rule answers row by row what the embedded engine answers, and the
# pack of those answers is, file by file but for run.json, the one that `report` writes. An executor is
# killed while shards are read and another while questions are asked, and one log is a gzip that was cut
# off.
#
#   deploy/spark/test.sh [MASTER...] [FOLDER...]
#
# MASTER: default local-cluster[2,1,1024]; `standalone` starts a master and two workers on 127.0.0.1 and
# ends them; in local[N] there is no executor to kill. FOLDER: inputs with their piperoll.toml; default:
# fixtures/estate.
#
# PIPEROLL and PYTHON say which binary and which Python with pyspark. Without Java or pyspark, and where
# no executor starts, it is skipped, and says so; exit 77.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
piperoll=${PIPEROLL:-$root/target/debug/piperoll}
python=${PYTHON:-python3}
masters=()
folders=()
for word in "$@"; do
  if [ -d "$word" ]; then folders+=("$word"); else masters+=("$word"); fi
done
[ "${#masters[@]}" -gt 0 ] || masters=('local-cluster[2,1,1024]')
[ "${#folders[@]}" -gt 0 ] || folders=("$root/fixtures/estate")

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
# Programs that live for minutes are not worth the compiler's best; where only its first stage compiles,
# Java keeps less room for code than 200 questions need, and then interprets on a stack that overflows.
short='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m'
started=()
finish() {
  local pid
  for pid in "${started[@]+"${started[@]}"}"; do
    pkill -P "$pid" 2>/dev/null || true
    kill "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

on() {
  local master=$1
  shift
  ${limit:+timeout "$limit"} "$home/bin/spark-submit" --master "$master" \
    --conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 \
    --conf spark.ui.enabled=false --conf spark.executor.memory=1g \
    --driver-java-options "$short" --conf "spark.executor.extraJavaOptions=$short" \
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
  for _ in $(seq 300); do
    [ "$(grep -c 'Registering worker' "$work/master.log")" = 2 ] && return 0
    sleep 1
  done
  echo "error: two workers did not register at spark://127.0.0.1:$port" >&2
  return 1
}

# Whether a process was started by this script, however far down.
is_ours() {
  local pid=$1
  while [ "${pid:-0}" -gt 1 ]; do
    [ "$pid" != $$ ] || return 0
    pid=$(ps -o ppid= -p "$pid" | tr -d ' ')
  done
  return 1
}

fail() {
  echo "error: $1" >&2
  exit 1
}

# The questions that are answered so far.
answered() { grep -c $'\t.* s$' "$work/asked" || true; }

# An executor that this script started.
executor() {
  local pid
  for pid in $(pgrep -f CoarseGrainedExecutorBackend); do
    if is_ours "$pid"; then
      echo "$pid"
      return 0
    fi
  done
  return 1
}

# Asks the questions, and kills an executor when some are answered.
ask() {
  local job pid before
  submit "$@" >"$work/asked" &
  job=$!
  started+=("$job")
  until [ "$(answered)" -gt 20 ]; do
    kill -0 "$job" 2>/dev/null || { wait "$job" || true; fail "the questions ended before an executor was killed"; }
    sleep 0.2
  done
  # One that was lost by itself is started again.
  for _ in $(seq 120); do
    pid=$(executor) && break
    kill -0 "$job" 2>/dev/null || break
    sleep 0.5
  done
  [ -n "${pid:-}" ] || {
    grep -E 'ERROR|WARN|exited with' "$work/spark.log" | tail -n 20 >&2
    ps -eo pid,ppid,args | grep -E '[C]oarseGrained|[W]orker ' | cut -c 1-200 >&2
    fail "there is no executor to kill"
  }
  before=$(answered)
  kill -9 "$pid"
  wait "$job" || { cat "$work/asked"; return 1; }
  cat "$work/asked"
  grep -q 'exited with code 137' "$work/spark.log" || fail "Spark lost no executor"
  [ "$(answered)" -gt "$before" ] || fail "no question was asked of the other executors"
  echo "an executor was killed after $before answers of $(answered)"
}

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

# The inputs of a folder, beside them the head of the largest log as a gzip of which the second half
# never came, and what one machine makes of them.
prepare() {
  local folder=$1 log
  rm -rf "$work"/{input,store,wanted,tables}
  config=$work/input/piperoll.toml
  cp -rl "$folder" "$work/input" 2>/dev/null || { rm -rf "$work/input" && cp -r "$folder" "$work/input"; }
  log=$(find "$work/input" -name '*.log' -exec du -k {} + | sort -rn | awk 'NR == 1 { sub(/^[0-9]+\t/, ""); print }')
  head -n 2000 "$log" | gzip >"$work/whole.gz"
  torn=$(basename "$log" .log)-torn.log.gz
  head -c $(($(wc -c <"$work/whole.gz") / 2)) "$work/whole.gz" >"$(dirname "$log")/$torn"
  "$piperoll" ingest "$work/input" -c "$config" --store "$work/store" --quiet
  "$piperoll" report --store "$work/store" -c "$config" -o "$work/wanted" --quiet
  grep -q "$torn,.*unreadable stream" "$work/wanted/data/rejected_lines.csv" \
    || fail "the pack does not say that $torn was cut off"
  "$piperoll" tables --store "$work/store" -c "$config" -o "$work/tables" --answered
}

# The shards that executors read make the store, and the pack, of one run over the files.
reading() {
  local master=$1 program=$work/piperoll
  rm -rf "$work/shards" "$work/store" "$work/killed" "$work/sharded"
  mkdir "$work/shards"
  case $master in local | local\[*) program=$piperoll ;; esac
  submit "$master" piperoll_ingest.py --shards 4 --into "$work/shards" \
    --piperoll "$program" --config "$config" -- "$work/input" | tee "$work/read"
  [ "$program" = "$piperoll" ] || [ -d "$work/killed" ] || fail "no executor was killed"
  grep -q "warning: .*$torn" "$work/read" || fail "the job does not name $torn"
  "$piperoll" ingest --from-shards "$work"/shards/shard-* --store "$work/store"
  "$piperoll" report --store "$work/store" -c "$config" -o "$work/sharded" --quiet
  diff -r --exclude run.json "$work/wanted" "$work/sharded"
}

# The answers are those of the embedded engine, and so is the pack.
asking() {
  local master=$1 how=ask
  rm -rf "$work/answers" "$work/pack"
  case $master in local | local\[*) how=submit ;; esac
  "$how" "$master" piperoll_job.py --tables "$work/tables" --answers "$work/answers" \
    --compare "$work/tables/answers"
  "$piperoll" pack --store "$work/store" -c "$config" --answers "$work/answers" -o "$work/pack" --quiet
  diff -r --exclude run.json "$work/wanted" "$work/pack"
  "$piperoll" verify "$work/pack"
}

for master in "${masters[@]}"; do
  echo "==> $master"
  if [ "$master" = standalone ]; then
    standalone
    master=spark://127.0.0.1:17077
  fi
  starts "$master" || skip "Spark does not start here: $(tail -n 1 "$work/spark.log")"
  for folder in "${folders[@]}"; do
    echo "==> $master over $folder"
    prepare "$folder"
    reading "$master"
    asking "$master"
  done
done
