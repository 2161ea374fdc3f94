#!/usr/bin/env bash
# The rules in other engines: every question of a rule answers in DuckDB and in DataFusion, row by row,
# what the embedded engine answers over the same Parquet.
#
#   deploy/engines/test.sh [FOLDER...]     inputs, each with its piperoll.toml; default: the estates of
#                                          fixtures/
#
# PIPEROLL and PYTHON say which binary and which Python. Without the packages `duckdb` and `datafusion`
# it is skipped, and says so; exit 77.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
piperoll=${PIPEROLL:-$root/target/debug/piperoll}
python=${PYTHON:-python3}

"$python" -c 'import datafusion, duckdb, pyarrow' 2>/dev/null || {
  echo "SKIPPED: deploy/engines/test.sh: a package is missing (pip install duckdb datafusion pyarrow)" >&2
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- "$root/fixtures/estate" "$root/fixtures/estate-beyond" "$root/fixtures/estate-changes"
all=()
for folder in "$@"; do
  name=$(basename "$folder")
  "$piperoll" ingest "$folder" -c "$folder/piperoll.toml" --store "$work/store/$name" --quiet
  "$piperoll" tables --store "$work/store/$name" -c "$folder/piperoll.toml" -o "$work/$name" --answered >/dev/null
  all+=("$work/$name")
done
"$python" "$here/compare.py" "${all[@]}"
